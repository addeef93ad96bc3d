"""Vectors of documents, and what vectors of new ones are inferred with."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.vectors.tables import Table, read_only
from fastw2v.vectors.word_vectors import WordVectors

# options of TrainConfig that inference follows
SETTINGS = (
    "model",
    "loss",
    "negative",
    "ns_exponent",
    "window",
    "shrink_window",
    "cbow_gradient",
    "sample",
    "alpha",
    "min_alpha",
    "epochs",
    "lowercase",
)


class DocumentVectors(WordVectors):
    """N documents with their vectors, in the order of the corpus: all queries of WordVectors, with
    tags in place of words.

    A document without known words has a vector of zeros.

    Parameters
    ----------
    tags : sequence of str, length N
        The tags; numbers as tags are their digits, and ``documents[17]`` is ``documents["17"]``.
    vectors : array or table of shape (N, D), float32
    settings : mapping
        How the model was trained: the values of SETTINGS.
    nodes : array or table of shape (V - 1, D), optional
        The output table of a model by hierarchical softmax.
    lengths : array of float64, shape (N,), optional
        The lengths of the vectors, if they are known.

    Raises
    ------
    VectorsError
        The numbers of tags and vectors differ, or the vectors are no table.
    """

    def __init__(
        self,
        tags: Sequence[str],
        vectors: Any,
        settings: Mapping[str, Any],
        nodes: Any = None,
        lengths: NDArray[np.float64] | None = None,
    ) -> None:
        super().__init__(tags, vectors, lengths=lengths)  # type: ignore[arg-type]
        self.settings = dict(settings)
        self.nodes: Table | None = read_only(nodes)
        self.engine: Any = None  # made when a vector is first inferred

    @property
    def tags(self) -> list[str]:
        """The tags, in the order of the rows."""
        return self.words

    @property
    def numbered(self) -> bool:
        """Whether the tags are the numbers of the rows."""
        return all(tag == str(row) for row, tag in enumerate(self.words))

    def __repr__(self) -> str:
        return f"<DocumentVectors: {len(self):,} documents, {self.table.shape[1]} dimensions>"

    def _unknown(self, word: str) -> str:
        shown = super()._unknown(word)
        return shown.replace(
            f"is not in the vocabulary of {len(self):,} words",
            f"is the tag of none of the {len(self):,} documents",
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "engine": None}
