"""Trained vectors: looking things up in them, and the files that hold them."""
