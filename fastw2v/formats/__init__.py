"""Files and folders of word vectors: ``load`` and ``save`` of every format."""

from fastw2v.formats.registry import FORMATS, load, save

__all__ = ["FORMATS", "load", "save"]
