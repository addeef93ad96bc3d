"""``fastw2v nearest``: the neighbours of words."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from fastw2v.cli.metadata import metadata_option, opened
from fastw2v.cli.options import FILE, number_option, vectors_argument
from fastw2v.cli.progress import show_notice, working
from fastw2v.cli.queries import QueryCommand, ask, check_order, check_source, query_options
from fastw2v.errors import UnknownWordError, VectorsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from fastw2v.cli.queries import Answer
    from fastw2v.formats.metadata import Metadata
    from fastw2v.vectors.approximate import ApproximateIndex
    from fastw2v.vectors.word_vectors import WordVectors

Terms = list[tuple[str, str]]  # of a sum: (sign, word)
Neighbours = list[tuple[str, float]]  # (word, cosine)

MAX_SUM_WORDS = 10  # words of a sum that is answered together with others
SIGNS = {"+": 1, "-": -1, "\u2212": -1}  # the last is the minus sign of typeset text


@click.command()
@vectors_argument
@click.argument("words", nargs=-1, metavar="[WORD]...")
@number_option(10, "Number of neighbours.")
@click.option(
    "--index",
    type=FILE,
    metavar="FILE",
    help="Search approximately with the index in FILE, which is built if missing (fastw2v[ann]).",
)
@metadata_option
@click.option("--documents", is_flag=True, help="Search documents: each WORD is a tag.")
@query_options
def nearest(
    vectors: str,
    words: tuple[str, ...],
    number: int,
    index: str | None,
    metadata: str | None,
    documents: bool,
    source: str | None,
    as_json: bool,
) -> None:
    """Show the nearest neighbours of each WORD in the file VECTORS, with their cosines.

    Words with + or - between them are one query, the sum of their vectors: king - man + woman.

    Without words, the command reads a query per line from standard input: at a prompt, where the
    Tab key completes words, or from a pipe. --from reads them from a file.
    """
    check_source(words, source)
    check_order("nearest", vectors, words)
    from fastw2v.api import load

    loaded = load(vectors)
    if documents:
        if loaded.documents is None:
            raise VectorsError(
                f"{vectors}: holds no documents; fastw2v train --model dbow or dm trains them"
            )
        loaded = loaded.documents
    about = opened(metadata, loaded)
    search: WordVectors | ApproximateIndex = loaded
    if index is not None:
        from fastw2v.formats.index import open_index

        with working(lambda: f"building the index {index}"):
            search = open_index(index, loaded, show_notice)

    def answer(terms: Terms) -> Answer:
        if len(terms) > 1:
            found = nearest_to_sum(loaded, search, terms, number)
        else:
            with _explain_spaces(loaded, terms):
                found = search.nearest(terms[0][1], number)
        return _as_answer(found, about)

    from fastw2v.vectors.word_vectors import BATCH_NEIGHBOURS

    hint = "type words, or a sum such as king - man + woman"
    many = (
        None
        if index or number > BATCH_NEIGHBOURS
        else lambda queries: _answer_many(loaded, queries, number, about)
    )
    command = QueryCommand("word", hint, sums, _about, answer, partial(_show, about), many)
    ask(command, loaded, words, source, as_json)


def _answer_many(
    vectors: WordVectors, queries: Iterable[Terms], number: int, metadata: Metadata | None = None
) -> list[Answer | UnknownWordError]:
    """Return the answer of each query, a sum, or its UnknownWordError; all of them at once."""
    answers: list[Answer | UnknownWordError | None] = []  # None if it is found with others
    totals: list[NDArray[np.float32]] = []
    own_words: list[list[str]] = []
    for terms in queries:
        try:
            if len(terms) > MAX_SUM_WORDS:
                found = nearest_to_sum(vectors, vectors, terms, number)
                answers.append(_as_answer(found, metadata))
                continue
            with _explain_spaces(vectors, terms):
                total = _sum_of(vectors, terms)
        except UnknownWordError as error:
            answers.append(error)
            continue
        answers.append(None)
        own_words.append([word for _, word in terms])
        totals.append(total)
    longest = max(map(len, own_words), default=0)
    nearest = zip(vectors.nearest_many(totals, number + longest), own_words, strict=True)
    found_answers = (
        _as_answer(_exclude(found, words, number), metadata) for found, words in nearest
    )
    return [next(found_answers) if answer is None else answer for answer in answers]


def _as_answer(found: Neighbours, metadata: Metadata | None = None) -> Answer:
    """The JSON of neighbours; with Metadata, what it says of each."""
    answer = {"nearest": [[w, round(score, 6)] for w, score in found]}
    return answer if metadata is None else answer | {"metadata": [metadata.of(w) for w, _ in found]}


def sums(words: Sequence[str]) -> list[Terms]:
    """Return words as sums: lists of (sign, word).

    A sign between two words, with white space around it, joins them.
    """
    found, i = [], 0
    while i < len(words):
        terms, i = [("+", words[i])], i + 1
        while i + 1 < len(words) and words[i] in SIGNS:
            terms.append((words[i], words[i + 1]))
            i += 2
        found.append(terms)
    return found


def nearest_to_sum(
    vectors: WordVectors, search: WordVectors | ApproximateIndex, terms: Terms, number: int
) -> Neighbours:
    """Return the words nearest to a sum of unit vectors, without its own words: (word, cosine)."""
    words = [word for _, word in terms]
    return _exclude(search.nearest(_sum_of(vectors, terms), number + len(words)), words, number)


def _sum_of(vectors: WordVectors, terms: Terms) -> NDArray[np.float32]:
    """Return the sum of the unit vectors of terms. Raises UnknownWordError."""
    from fastw2v.vectors.tables import unit

    rows = unit(vectors[[word for _, word in terms]])
    return sum(SIGNS[sign] * row for (sign, _), row in zip(terms, rows, strict=True))


def _exclude(found: Neighbours, words: Collection[str], number: int) -> Neighbours:
    return [(w, score) for w, score in found if w not in words][:number]


@contextmanager
def _explain_spaces(vectors: WordVectors, terms: Terms) -> Iterator[None]:
    """Explain in the UnknownWordError of one word how a sum without spaces (king-man+woman) is
    written.
    """
    try:
        yield
    except UnknownWordError as error:
        parts = re.split("[-+]", terms[0][1])
        if len(terms) > 1 or len(parts) == 1 or not all(part in vectors for part in parts):
            raise
        raise UnknownWordError(f"{error}; for a sum, write spaces around + and -") from error


def _about(terms: Terms) -> Answer:
    text = _text(terms)
    return {"word": text} if len(terms) == 1 else {"sum": text}


def _text(terms: Terms) -> str:
    return " ".join(part for term in terms for part in term)[2:]


def _show(metadata: Metadata | None, found: Answer) -> str:
    query = found["word"] if "word" in found else found["sum"]
    if metadata is None:
        return "\n".join([query, *(f"  {score:7.4f}  {w}" for w, score in found["nearest"])])
    lines = [_described(metadata, query)]
    lines += [f"  {score:7.4f}  {_described(metadata, w)}" for w, score in found["nearest"]]
    return "\n".join(lines)


def _described(metadata: Metadata, word: str) -> str:
    """A word's title, the word itself if that is another, and its other columns."""
    from fastw2v.formats.metadata import TITLE

    title = metadata.title(word)
    others = [value for column, value in metadata.of(word).items() if column != TITLE]
    return "  ".join([title, *([f"[{word}]"] if title != word else []), *others])
