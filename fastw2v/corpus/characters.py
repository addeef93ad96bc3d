"""Which characters words are made of (``tokenize="words"``), and words that are not split from
their punctuation.

A word is a run of letters, marks and digits. A joiner (an apostrophe, a hyphen, an underscore, and
characters that have no width) belongs to a word if a letter, mark or digit is directly before it
and another one directly after it.
"""

import unicodedata
from functools import cache

import numpy as np

from fastw2v.events import Notice
from fastw2v.kernels.text.characters import JOINER, WORD

# apostrophes, hyphens (as typed, soft, non-breaking), underscore, zero-width joiner and non-joiner
JOINERS = "'’＇-‐‑\xad_\u200c\u200d"
# planes with letters; the others are unassigned or for private use
RANGES = (range(0x40000), range(0xE0000, 0xE1000))
EDGES = ".,;:!?\"()[]{}“”„«»‘’'…、。，！？；：（）「」"
LOOKED_AT = 20_000  # words, at most
FEW = 100  # words are too few to judge by
OFTEN = 0.05  # share of words


@cache
def character_kinds() -> np.ndarray:
    """WORD, JOINER or 0 for each code point (uint8 [1,114,112]), by Python's Unicode data."""
    kinds = np.zeros(0x110000, np.uint8)
    for codes in RANGES:
        categories = map(unicodedata.category, map(chr, codes))
        kinds[codes] = [WORD * (category[0] in "LMN") for category in categories]
    kinds[[ord(sign) for sign in JOINERS]] = JOINER
    kinds.flags.writeable = False
    return kinds


def punctuation_notice(words: list[str]) -> Notice | None:
    """A Notice if many of the words begin or end with punctuation, and hold more than that."""
    if len(words) < FEW:
        return None
    sample = words[:: max(len(words) // LOOKED_AT, 1)]
    found = [
        word for word in sample if (word[0] in EDGES or word[-1] in EDGES) and word.strip(EDGES)
    ]
    if len(found) <= OFTEN * len(sample):
        return None
    examples = " and ".join(word[:20] for word in found[:2])
    return Notice(
        f"{len(found) / len(sample):.0%} of the distinct words begin or end with punctuation, such"
        f" as {examples}; --tokenize words splits it off"
    )
