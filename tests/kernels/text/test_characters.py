import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fastw2v.corpus.characters import JOINERS, character_kinds
from fastw2v.kernels.jit import JIT
from fastw2v.kernels.text.characters import JOINER, WORD, blank_punctuation, character

EXAMPLES = 300 if JIT else 30


def blanked(data):
    """The bytes of a text as the kernel leaves them."""
    padded = np.frombuffer(bytearray(data + b" " * 128), np.uint8)
    blank_punctuation(padded, len(data), character_kinds())
    assert padded[len(data) :].tobytes() == b" " * 128
    return padded[: len(data)].tobytes()


def naive(text):
    """The same, character by character."""
    is_word = [unicodedata.category(sign)[0] in "LMN" and sign not in JOINERS for sign in text]
    kept = []
    for i, sign in enumerate(text):
        inner = 0 < i < len(text) - 1 and is_word[i - 1] and is_word[i + 1] and sign in JOINERS
        kept.append(sign if is_word[i] or inner or sign == "\n" else " " * len(sign.encode()))
    return "".join(kept)


signs = st.sampled_from("abZ09'-_ \n\t.,\"(é’‐“字\u3000\u0301\u200c\xad😀\x00½") | st.characters(
    exclude_categories=["Cs"]
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(signs, max_size=300))
@example("a" * 63 + "'" + "b")
@example("a" * 62 + "’b")
@example("a" * 64 + "’" * 2 + "b")
@example("x" * 63 + "😀" * 30 + "-a")
def test_any_text_is_blanked_as_character_by_character(text):
    assert blanked(text.encode()).decode() == naive(text)


@pytest.mark.parametrize("before", range(60, 68))
@pytest.mark.parametrize("joiner", ["'", "’", "-"])
def test_joiners_are_kept_between_words_wherever_a_group_of_bytes_ends(before, joiner):
    for left, right in (
        ("a", "b"),
        ("é", "字"),
        ("", "b"),
        ("a", ""),
        ("a.", "b"),
        ("a" + joiner, "b"),
    ):
        text = "x " * (before // 2) + "y" * (before % 2) + left + joiner + right
        assert blanked(text.encode()).decode() == naive(text)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=40).map(lambda text: text.encode()[1:]))
def test_bytes_that_are_not_utf8_stay(data):
    try:
        data.decode()
    except UnicodeDecodeError as error:
        assert blanked(data)[error.start] == data[error.start]
    else:
        assert blanked(data).decode() == naive(data.decode())


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(min_size=4, max_size=4))
def test_a_character_is_decoded_as_by_python(data):
    if data[0] < 128:
        return
    code, n = character(np.frombuffer(data, np.uint8), 0)
    found = next((k for k in range(1, 5) if _decodes(data[:k])), None)
    assert (code, n) == ((ord(data[:found].decode()), found) if found else (-1, 1))


def _decodes(data):
    try:
        return len(data.decode()) == 1
    except UnicodeDecodeError:
        return False


def test_kinds_of_all_characters_are_those_of_unicode():
    kinds = character_kinds()
    for code in range(0x110000):
        sign = chr(code)
        expected = JOINER if sign in JOINERS else WORD * (unicodedata.category(sign)[0] in "LMN")
        assert kinds[code] == expected, hex(code)
