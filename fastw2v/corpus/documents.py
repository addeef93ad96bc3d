"""Documents of a corpus: which line belongs to which, and what they are called."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fastw2v.config import Tags
from fastw2v.corpus.reader import Block, not_utf8
from fastw2v.errors import CorpusError
from fastw2v.kernels.text.lines import (
    BEGUN,
    FOUND,
    LINE,
    STATE,
    lines_with_words,
    scan_lines,
)

LINES = 1 << 22  # ids whose line ends are looked for at a time


@dataclass(frozen=True, eq=False)
class Documents:
    """The documents of an encoded corpus.

    Attributes
    ----------
    line_ends
        Positions of the line ends among the ids, int64 [lines].
    of_line
        Number of the document of each line, int32 [lines].
    count
        Number of documents; some may have no line.
    names
        Tags of the documents, or None where numbers are their names.
    """

    line_ends: np.ndarray
    of_line: np.ndarray
    count: int
    names: Sequence[str] | None = None

    @cached_property
    def tags(self) -> Sequence[str]:
        """The tag of each document."""
        return list(map(str, range(self.count))) if self.names is None else self.names

    @cached_property
    def lengths(self) -> np.ndarray:
        """Tokens of each document that are words, float64 [count]."""
        tokens = np.diff(self.line_ends, prepend=-1) - 1
        return np.bincount(self.of_line, tokens, minlength=self.count)


def documents_of(
    ids: np.ndarray,
    of_line: np.ndarray | None = None,
    count: int | None = None,
    names: Sequence[str] | None = None,
) -> Documents:
    """Return the Documents of ids with -1 at line ends; by default each line is one."""
    parts = [
        first + np.flatnonzero(ids[first : first + LINES] < 0)
        for first in range(0, len(ids), LINES)
    ]
    line_ends = np.concatenate(parts) if parts else np.empty(0, np.int64)
    if of_line is None:
        of_line = np.arange(len(line_ends))
    count = len(line_ends) if count is None else count
    return Documents(line_ends, of_line.astype(np.int32), count, names)


class DocumentLines:
    """Finds the documents of a text while it is encoded: each line is one, or those with one tag.

    tags : "line" or "first", as for ``TrainConfig``. Call ``scan`` with each block of the text, in
    order, then ``mark_kept`` with all provisional ids, then ``documents``. An encoded corpus is
    not scanned: its lines are the documents.
    """

    def __init__(self, tags: Tags) -> None:
        self.first_is_tag = tags == "first"
        self.names: dict[str, int] | None = {} if self.first_is_tag else None
        self.count = 0  # documents, where they are called by their numbers
        self.scanned = False
        self._state = np.zeros(STATE, np.int64)
        self._open = np.zeros(2, np.int64)
        self._numbers: list[np.ndarray] = []  # the documents of lines with words
        self._kept: list[np.ndarray] = []  # whether these lines have words of the vocabulary
        self._last_tag = 0  # of the open line

    def scan(self, block: Block) -> None:
        """Find the lines of a block, and take the tags out of its text. Raises CorpusError."""
        self.scanned = True
        if not block.data.flags.writeable:
            block.data = block.data.copy()
        data, size = block.data[: block.size], block.size
        first = int(self._state[LINE])
        max_lines = int(np.count_nonzero(data == ord("\n"))) + 1
        lines, tags = np.empty(max_lines, np.int64), np.empty((max_lines, 3), np.int64)
        before = data.copy() if self.first_is_tag else data
        n, m = scan_lines(data, size, self.first_is_tag, self._state, lines, tags)
        if self.first_is_tag:
            self._numbers.append(self._tag_numbers(block, before, lines[:n], tags[:m]))
        else:
            self._numbers.append(lines[:n].astype(np.int32))
        if block.ends and block.origin is not None:  # the last list may be empty
            self._state[LINE] = first + sum(1 for _ in block.origin.rows)
        elif block.ends:
            self._state[LINE] += self._state[BEGUN]
        if block.ends:
            self._state[[FOUND, BEGUN]] = 0
        self.count = int(self._state[LINE] + self._state[BEGUN])

    def _tag_numbers(
        self, block: Block, before: np.ndarray, lines: np.ndarray, tags: np.ndarray
    ) -> np.ndarray:
        """The documents of the lines of a block whose words begin in it."""
        assert self.names is not None
        numbers = np.empty(len(tags) + 1, np.int32)
        numbers[0] = self._last_tag  # of a line whose tag was in the block before
        for i, (_, begin, stop) in enumerate(tags.tolist()):
            try:
                tag = before[begin:stop].tobytes().decode()
            except UnicodeDecodeError as error:
                block.data = before
                raise not_utf8(block, begin + error.start) from error
            numbers[i + 1] = self.names.setdefault(tag, len(self.names))
        self._last_tag = int(numbers[-1])
        if block.origin is not None and len(tags):
            origin, letters = block.origin, int((tags[:, 2] - tags[:, 1]).sum())
            block.origin = replace(
                origin, tokens=origin.tokens - len(tags), spaces=origin.spaces + letters
            )
        return numbers[np.searchsorted(tags[:, 0], lines, side="right")]

    def mark_kept(self, ids: np.ndarray, ranks: np.ndarray) -> None:
        """Note which lines of provisional ids have words of the vocabulary.

        ranks : of each id, negative where the word is dropped.
        """
        kept = np.empty(int(np.count_nonzero(ids < 0)), np.bool_)
        n = lines_with_words(ids, ranks, self._open, kept)
        self._kept.append(kept[:n])

    def documents(self, ids: np.ndarray) -> Documents:
        """The Documents of the final ids."""
        kept = np.concatenate(self._kept)
        if self._open[0]:  # the text has no line end after its last word
            kept = np.append(kept, self._open[1] != 0)
        if not self.scanned:
            return documents_of(ids, np.flatnonzero(kept), len(kept))
        names = None if self.names is None else list(self.names)
        numbers = np.concatenate(self._numbers)
        if len(numbers) != len(kept):
            raise CorpusError(
                "the lines of this corpus cannot be told apart as documents; give a text with a"
                " document on each line, or token lists"
            )
        numbers = numbers[kept]
        return documents_of(ids, numbers, self.count if names is None else len(names), names)
