"""Fonts for any script: the installed fonts with characters that matplotlib's own font lacks."""

import unicodedata
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

MATPLOTLIB_FONT = "DejaVu Sans"  # comes with matplotlib
PLACEHOLDER_FONTS = ("Last Resort High-Efficiency",)  # of matplotlib: a box for every character
BOX = "\u25a1"  # stands for a character that no font has
# joiners and variants, which need no character of their own
INVISIBLE = {
    0x200B,
    0x200C,
    0x200D,
    0x2060,
    0xFE0E,
    0xFE0F,
}


def fonts_for(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the fonts to draw words with, matplotlib's own first, and the characters that no
    installed font has, sorted.
    """
    missing = {
        character for word in words for character in word if ord(character) not in INVISIBLE
    } - _characters_of(_matplotlib_font_file())
    names = [MATPLOTLIB_FONT]
    for fonts in (_other_fonts, _newer_fonts):
        others = fonts() if missing else []
        while others:
            name, file = max(others, key=lambda font: len(missing & _characters_of(font[1])))
            if not missing & _characters_of(file):
                break
            names.append(name)
            missing -= _characters_of(file)
    return names, sorted(missing)


def package_for(characters: Iterable[str]) -> str:
    """The package of Debian and Ubuntu whose fonts have most of some characters."""
    return Counter(map(_package_of, characters)).most_common(1)[0][0]


def _package_of(character: str) -> str:
    name = unicodedata.name(character, "")
    if name.startswith(
        ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "KANGXI")
    ):
        return "fonts-noto-cjk"
    return "fonts-symbola" if unicodedata.category(character) in ("So", "Sk") else "fonts-noto-core"


def drawable(word: str, missing_characters: Collection[str]) -> str:
    """A word with a box for each character that no font has, and without what is invisible."""
    return "".join(
        BOX if character in missing_characters else character
        for character in word
        if ord(character) not in INVISIBLE
    )


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence matplotlib's warnings about missing characters, which ``fonts_for`` found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _matplotlib_font_file() -> str:
    from matplotlib.font_manager import findfont

    return findfont(MATPLOTLIB_FONT)


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
        {
            font.name: font.fname
            for font in upright
            if font.name not in (MATPLOTLIB_FONT, *PLACEHOLDER_FONTS)
        }.items()
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
def _characters_of(file: str) -> frozenset[str]:
    """The characters that a font file has; none if it cannot be drawn from (pictures of emoji, for
    instance).
    """
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(file)
        return frozenset(map(chr, font.get_charmap())) if font.scalable else frozenset()
    except (OSError, RuntimeError, ValueError):
        return frozenset()
