"""Fonts for any script: which of the machine's fonts has signs that matplotlib's own lacks, and
what none of them has.
"""

import unicodedata
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

OWN = "DejaVu Sans"  # comes with matplotlib
FAKE = ("Last Resort High-Efficiency",)  # of matplotlib, too: it has a box for every sign
BOX = "\u25a1"  # stands for a sign that no font has
# joiners and variants, which need no sign of their own
INVISIBLE = {
    0x200B,
    0x200C,
    0x200D,
    0x2060,
    0xFE0E,
    0xFE0F,
}


def fonts_for(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names of fonts that together have the signs of all words, matplotlib's own first; and the
    signs that none has, sorted.
    """
    lacking = {sign for word in words for sign in word if ord(sign) not in INVISIBLE} - _signs_of(
        _own_file()
    )
    names = [OWN]
    for fonts in (_other_fonts, _newer_fonts):
        others = fonts() if lacking else []
        while others:
            name, file = max(others, key=lambda font: len(lacking & _signs_of(font[1])))
            if not lacking & _signs_of(file):
                break
            names.append(name)
            lacking -= _signs_of(file)
    return names, sorted(lacking)


def package_for(signs: Iterable[str]) -> str:
    """The package of Debian and Ubuntu whose fonts have most of some signs."""
    return Counter(map(_package_of, signs)).most_common(1)[0][0]


def _package_of(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if name.startswith(
        ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "KANGXI")
    ):
        return "fonts-noto-cjk"
    return "fonts-symbola" if unicodedata.category(sign) in ("So", "Sk") else "fonts-noto-core"


def drawable(word: str, lacking: Collection[str]) -> str:
    """A word with a box for each sign that no font has, and without what is invisible."""
    return "".join(BOX if sign in lacking else sign for sign in word if ord(sign) not in INVISIBLE)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence matplotlib's warnings about missing signs, which callers of ``fonts_for`` have given
    already.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _own_file() -> str:
    from matplotlib.font_manager import findfont

    return findfont(OWN)


def _other_fonts() -> list[tuple[str, str]]:
    """Name and file of every other upright font that matplotlib knows and that has outlines, in the
    order of their names.
    """
    from matplotlib.font_manager import fontManager

    upright = [
        font
        for font in fontManager.ttflist
        if font.style == "normal" and font.weight in (400, "normal", "regular")
    ]
    return sorted(
        {font.name: font.fname for font in upright if font.name not in (OWN, *FAKE)}.items()
    )


def _newer_fonts() -> list[tuple[str, str]]:
    """The same of fonts that were installed after matplotlib had made its list, which it keeps."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    before, known = _other_fonts(), {font.fname for font in fontManager.ttflist}
    for file in set(findSystemFonts()) - known:
        with suppress(Exception):  # of damaged fonts; matplotlib leaves them out in the same way
            fontManager.addfont(file)
    return sorted(set(_other_fonts()) - set(before))


@cache
def _signs_of(file: str) -> frozenset[str]:
    """The signs that a font file has; none if it cannot be drawn from (pictures of emoji, for
    instance).
    """
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(file)
        return frozenset(map(chr, font.get_charmap())) if font.scalable else frozenset()
    except (OSError, RuntimeError, ValueError):
        return frozenset()
