"""The next item of a session, guessed from those before it: leave-last-out."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fastw2v.cores import available_cores
from fastw2v.embedding.encoder import EncodedTexts, TextEncoder
from fastw2v.embedding.means import text_starts, weighted_means
from fastw2v.embedding.sources import TextFiles, TextOptions, text_blocks
from fastw2v.errors import EvaluationError
from fastw2v.events import Notify, ignore
from fastw2v.kernels.ranks import count_above, leave_out_context, put_target_scores
from fastw2v.kernels.text.means import START
from fastw2v.vectors.tables import unit
from fastw2v.vectors.word_vectors import WordVectors

QUERIES, ITEMS = 1024, 2048  # of a block of the product, which a core's cache holds
SESSIONS = 1 << 14  # whose queries are made together

Ids = NDArray[np.int32]
Ranks = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class NextItemScore:
    """Scores of vectors on sessions whose last item is left out.

    Attributes
    ----------
    recall
        Share of sessions whose last item is among the first k.
    mrr
        Mean of 1 / rank.
    ndcg
        Mean of 1 / log2(1 + rank), 0 beyond rank k.
    sessions
        Number of scored sessions.
    short
        Number of sessions with fewer than two items, which are left out.
    unknown
        Number of sessions whose last item, or all others, are unknown; left out too.
    """

    k: int
    recall: float
    mrr: float
    ndcg: float
    sessions: int
    short: int
    unknown: int


def read_sessions(files: TextFiles, vectors: WordVectors, notify: Notify = ignore) -> Ids:
    """The sessions of files by the rows of their items, START before each, UNKNOWN for others.

    Raises CorpusError.
    """
    # without n-grams: an item is known or not
    encoder = TextEncoder(WordVectors(vectors.words, vectors.table), keep_unknown=True)
    blocks: Iterable[EncodedTexts] = (
        part for part, _ in encoder.encode(text_blocks(files, TextOptions(), notify))
    )
    return np.concatenate([np.zeros(0, np.int32), *(part.ids for part in blocks)])


def score_next_items(vectors: WordVectors, ids: Ids, k: int = 10) -> NextItemScore:
    """Score vectors on sessions, as ``read_sessions`` has them.

    The query is the mean of the vectors, of length 1, of all items but the last; all items of the
    vocabulary are candidates but those of the query. Raises EvaluationError if k is more than the
    items, or no session can be scored.
    """
    if k > len(vectors):
        raise EvaluationError(f"k is {k:,}, and the vectors have {len(vectors):,} items; lower -k")
    starts = text_starts(ids)
    lengths = np.diff(starts) - 1
    targets = ids[np.maximum(starts[1:] - 1, 0)]
    items = np.concatenate([np.zeros(1, np.int64), np.cumsum(ids >= 0)])
    known = (targets >= 0) & (items[starts[1:]] - items[starts[:-1]] > 1)
    scored = np.flatnonzero((lengths > 1) & known)
    short = int((lengths < 2).sum())
    if not len(scored):
        raise EvaluationError(
            f"none of {len(lengths):,} sessions has a known last item, and another known one; check"
            " that the items are spelt as in the vectors"
        )
    ranks = next_item_ranks(vectors.unit_vectors, ids, starts, scored)
    among = ranks <= k
    return NextItemScore(
        k,
        float(among.mean()),
        float((1 / ranks).mean()),
        float(np.where(among, 1 / np.log2(1 + ranks), 0).mean()),
        len(scored),
        short,
        len(lengths) - short - len(scored),
    )


def next_item_ranks(items: Floats, ids: Ids, starts: Ranks, scored: Ranks) -> Ranks:
    """The rank, from 1, of the last item of each session that is scored.

    items : float32 [V, D], of length 1 or 0;  scored : numbers of sessions, which have a known last
    item and another known one. The bound is that of the matrix product, 2 V D operations a session.
    """
    ranks = np.empty(len(scored), np.int64)
    for first in range(0, len(scored), SESSIONS):
        some = scored[first : first + SESSIONS]
        ranks[first : first + SESSIONS] = 1 + _counts(items, *_cut_out(ids, starts, some))
    return ranks


def _cut_out(ids: Ids, starts: Ranks, some: Ranks) -> tuple[Ids, Ranks, Ranks]:
    """Contexts of some sessions, START in place of the last item; where each begins; and the last
    items.
    """
    lengths = (starts[1:] - starts[:-1])[some]
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    places = np.arange(begins[-1]) + np.repeat(starts[some] - begins[:-1], lengths)
    contexts = ids[places]
    targets = contexts[begins[1:] - 1].astype(np.int64)
    contexts[begins[1:] - 1] = START
    return contexts, begins, targets


def _counts(items: Floats, contexts: Ids, begins: Ranks, targets: Ranks) -> Ranks:
    """How many items are above the target of each context."""
    V, D = items.shape
    weights = np.ones(V, np.float32)
    queries = unit(weighted_means(items, items[:0], contexts, begins, weights, 1))
    counts, scores = np.zeros(len(targets), np.int64), np.empty(len(targets))
    put_target_scores(queries, items, targets, scores)
    margin = (D + 8) * 2.0**-23  # of a sum of D products of numbers whose squares add to 1
    products = np.empty((QUERIES, ITEMS), np.float32)
    threads = available_cores()

    def count(part: slice) -> None:
        own = slice(first + part.start, first + part.stop)
        count_above(
            out[part], item, margin, some[part], items, targets[own], scores[own], counts[own]
        )

    with ThreadPoolExecutor(threads) as pool:  # the product has threads of its own
        for first in range(0, len(targets), QUERIES):
            some = queries[first : first + QUERIES]
            cuts = [len(some) * part // threads for part in range(threads + 1)]
            parts = [slice(*cut) for cut in pairwise(cuts)]
            for item in range(0, V, ITEMS):
                block = items[item : item + ITEMS]
                out = products[: len(some), : len(block)]
                np.matmul(some, block.T, out=out)
                list(pool.map(count, parts))
    seen = np.full(V, -1, np.int64)
    leave_out_context(contexts, begins, queries, items, targets, scores, seen, counts)
    return counts
