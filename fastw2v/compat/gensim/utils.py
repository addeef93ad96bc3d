"""What scripts that train word vectors use of gensim's ``utils``."""

import re
import unicodedata

from fastw2v.compat.installed import attributes_of

RULE_DEFAULT, RULE_DISCARD, RULE_KEEP = 0, 1, 2  # what a trim_rule returns
WORDS = re.compile(r"(((?![\d])\w)+)", re.UNICODE)


def deaccent(text: str) -> str:
    """Text without accents."""
    letters = (
        letter
        for letter in unicodedata.normalize("NFD", text)
        if unicodedata.category(letter) != "Mn"
    )
    return unicodedata.normalize("NFC", "".join(letters))


def simple_preprocess(
    doc: str | bytes, deacc: bool = False, min_len: int = 2, max_len: int = 15
) -> list[str]:
    """The words of a text, in lower case, of min_len to max_len letters."""
    text = (doc.decode("utf8", "ignore") if isinstance(doc, bytes) else doc).lower()
    words = (found.group() for found in WORDS.finditer(deaccent(text) if deacc else text))
    return [word for word in words if min_len <= len(word) <= max_len and not word.startswith("_")]


__getattr__ = attributes_of("gensim.utils")
