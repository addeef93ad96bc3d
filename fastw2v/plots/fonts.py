"""Fonts for any script: which of the machine's fonts has signs that matplotlib's own lacks, and what none of them has."""

import warnings
from contextlib import contextmanager
from functools import cache

OWN = "DejaVu Sans"  # comes with matplotlib
FAKE = ("Last Resort High-Efficiency",)  # of matplotlib, too: it has a box for every sign
BOX = "\u25a1"  # stands for a sign that no font has
INVISIBLE = {0x200B, 0x200C, 0x200D, 0x2060, 0xFE0E, 0xFE0F}  # joiners and variants, which need no sign of their own


def fonts_for(words):
    """Names of fonts that together have the signs of all words, matplotlib's own first; and the signs that none has, sorted."""
    lacking = {sign for word in words for sign in word if ord(sign) not in INVISIBLE} - _signs_of(_own_file())
    names, others = [OWN], _other_fonts() if lacking else []
    while lacking:
        name, file = max(others, key=lambda font: len(lacking & _signs_of(font[1])), default=(None, None))
        if file is None or not lacking & _signs_of(file):
            break
        names.append(name)
        lacking -= _signs_of(file)
    return names, sorted(lacking)


def drawable(word, lacking):
    """A word with a box for each sign that no font has, and without what is invisible."""
    return "".join(BOX if sign in lacking else sign for sign in word if ord(sign) not in INVISIBLE)


@contextmanager
def without_warnings():
    """matplotlib says nothing about signs and fonts: whoever draws has asked ``fonts_for`` and says it once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _own_file():
    from matplotlib.font_manager import findfont

    return findfont(OWN)


def _other_fonts():
    """Name and file of every other upright font of the machine that has outlines, in the order of their names."""
    from matplotlib.font_manager import fontManager

    upright = [font for font in fontManager.ttflist if font.style == "normal" and font.weight in (400, "normal", "regular")]
    return sorted({font.name: font.fname for font in upright if font.name not in (OWN, *FAKE)}.items())


@cache
def _signs_of(file):
    """The signs that a font file has; none if it cannot be drawn from (pictures of emoji, for instance)."""
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(file)
        return frozenset(map(chr, font.get_charmap())) if font.scalable else frozenset()
    except (OSError, RuntimeError, ValueError):
        return frozenset()
