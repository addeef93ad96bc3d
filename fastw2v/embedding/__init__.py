"""Vectors of texts, from the vectors of their words."""

from fastw2v.embedding.embedder import TextEmbedder
from fastw2v.embedding.sources import TextFiles

__all__ = ["TextEmbedder", "TextFiles"]
