"""Skip-gram, CBOW and document vectors for a whole run, by negative sampling,
hierarchical or naive softmax, one block after the other.

Positions count the tokens of the corpus with one more for every line end, as in the encoded corpus.
Position p owns the K words of the noise from the (p K)-th on: the negatives of its first block.
Further blocks take K in succession from a random place among the next words of the noise, of which
there are the power of two from 50 K on. With documents, if centres have one block, 8 positions in
succession own the same words of the noise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.equations.negative_sampling import log_sigmoid, sigmoid
from fastw2v.equations.schedule import learning_rate
from fastw2v.equations.softmax import softmax
from fastw2v.equations.subwords import word_vector
from fastw2v.reference.draws import Alias, draw, epoch_key, is_kept, noise_key, radius
from fastw2v.reference.huffman import paths

if TYPE_CHECKING:
    from fastw2v.config import TrainConfig

Bag = Sequence[int] | np.ndarray

MEANS = ("cbow", "dm")  # models whose blocks have the mean of their inputs as the input


def train(
    sentences: Sequence[Sequence[int]],
    counts: Sequence[int] | np.ndarray,
    W_in: np.ndarray,
    W_out: np.ndarray,
    config: TrainConfig,
    bags: Sequence[Bag] | None = None,
    group: int | None = None,
    documents: Sequence[int] | None = None,
    only_documents: bool = False,
) -> list[float]:
    """Train W_in, W_out [rows, D] in place over config.epochs passes; returns the mean loss per
    pair of each.

    sentences : lists of words (ids below V), none empty;  counts : how often each word occurs [V];
    bags : the rows of W_in that each word is the mean of; by default the one with its number;
    group : positions whose blocks all get their errors from the tables as they were before the
    first of them; by default each block does.
    documents : with DBOW and DM the input that the document of each sentence is: its row of W_in,
    or its place in ``bags``;  only_documents : whether all other rows of both tables stay as they
    are, as in inference.
    """
    bags = bags or [[row] for row in range(len(W_in))]
    losses = []
    for epoch in range(config.epochs):
        loss, pairs = 0.0, 0
        for blocks in together(blocks_of(epoch, sentences, counts, config, documents), group):
            bagged = [([bags[row] for row in block.inputs], *block[2:]) for block in blocks]
            loss += train_together(bagged, W_in, W_out, config, only_documents)
            pairs += sum(1 if config.model in MEANS else len(block.inputs) for block in blocks)
        losses.append(loss / max(pairs, 1))
    return losses


class Block(NamedTuple):
    """position : of its centre;  inputs : words, and a document at the end;  targets;  rate."""

    position: int
    inputs: list[int]
    targets: Targets
    rate: float


def together(blocks: Iterable[Block], group: int | None) -> Iterator[list[Block]]:
    """Lists of blocks whose errors come from the same tables: those of ``group`` positions, or
    each alone.
    """
    if group is None:
        return ([block] for block in blocks)
    return (list(some) for _, some in itertools.groupby(blocks, lambda b: b.position // group))


def blocks_of(
    epoch: int,
    sentences: Sequence[Sequence[int]],
    counts: Sequence[int] | np.ndarray,
    config: TrainConfig,
    documents: Sequence[int] | None,
) -> Iterator[Block]:
    """The blocks of an epoch, in their order."""
    keep = keep_probability(counts, config.sample)
    find_targets = targets_of(counts, config, noise_key(config.seed, epoch))
    per_epoch = sum(len(sentence) + 1 for sentence in sentences)
    least = 1 if config.shrink_window else config.window
    key, start, size = epoch_key(config.seed, epoch), 0, config.inputs_per_block
    for number, sentence in enumerate(sentences):
        draws = [draw(key, start + i) for i in range(len(sentence))]
        kept = [i for i, word in enumerate(sentence) if is_kept(draws[i], keep[word])]
        for place, i in enumerate(kept):
            position, reach = start + i, radius(draws[i], least, config.window)
            around = kept[max(0, place - reach) : place] + kept[place + 1 : place + 1 + reach]
            inputs = [sentence[j] for j in around]
            if documents:  # Eq. 23 and 24
                words = [] if config.model == "dbow" and not config.train_words else inputs
                inputs = [*words, documents[number]]
            passed, total = epoch * per_epoch + position, per_epoch * config.epochs
            rate = learning_rate(passed, total, *config.rates)
            for block, first in enumerate(range(0, len(inputs), size)):
                targets = find_targets(sentence[i], position, block, draws[i])
                yield Block(position, inputs[first : first + size], targets, rate)
        start += len(sentence) + 1


def targets_of(
    counts: Sequence[int] | np.ndarray, config: TrainConfig, stream: int
) -> Callable[[int, int, int, int], Targets]:
    """A function from a centre, its position, the number of one of its blocks and its draw to the
    block's targets.
    """
    alias = Alias(noise_distribution(counts, config.ns_exponent))
    tree = paths(counts) if config.loss == "hs" else []
    single = config.inputs_per_centre <= config.inputs_per_block

    def negatives(position: int, block: int, token_draw: int) -> list[int]:
        shared = position // 8 if config.has_documents and single else position
        begin = first_negative(shared, block, token_draw, config.negative)
        return [alias.word(draw(stream, begin + k)) for k in range(config.negative)]

    def targets(centre: int, position: int, block: int, token_draw: int) -> Targets:
        if config.loss == "ns":
            return among(centre, negatives(position, block, token_draw))
        return along_path(*tree[centre]) if tree else over_all(centre, len(counts))

    return targets


def first_negative(position: int, block: int, token_draw: int, K: int) -> int:
    """Where in the noise the negatives of a centre's block begin."""
    pool = 1
    while pool < 50 * K:
        pool *= 2
    return position * K + (draw(token_draw, block) % pool if block else 0)


def train_together(
    blocks: Sequence[tuple[list[Bag], Targets, float]],
    W_in: np.ndarray,
    W_out: np.ndarray,
    config: TrainConfig,
    only_documents: bool = False,
) -> float:
    """Train blocks (bags, targets, rate): the errors of all from the tables as they are, then the
    moves of one after the other. Returns their loss.
    """
    made = [
        errors_of(inputs_of(bags, W_in, config), targets, rate, W_out)
        for bags, targets, rate in blocks
    ]
    for (bags, targets, _), (errors, _) in zip(blocks, made, strict=True):
        X, Y = inputs_of(bags, W_in, config), W_out[targets.rows]
        if not only_documents:
            np.add.at(W_out, targets.rows, errors.T @ X)
        change = errors @ Y
        if config.model in MEANS:
            change = np.repeat(change, len(bags), axis=0) / (
                len(bags) if config.cbow_gradient == "mean" else 1
            )
        # the document is the last input
        for bag, move in list(zip(bags, change, strict=True))[-1 if only_documents else 0 :]:
            np.add.at(W_in, bag, move)
    return sum(loss for _, loss in made)


def inputs_of(bags: Sequence[Bag], W_in: np.ndarray, config: TrainConfig) -> np.ndarray:
    """The inputs [m, D] of a block, given by the bags (Eq. 20) of its words: each, or their mean
    (Eq. 15).
    """
    X = np.stack([word_vector(bag, W_in) for bag in bags])
    return X.mean(axis=0, keepdims=True) if config.model in MEANS else X


class Targets(NamedTuple):
    """rows : of W_out [T];  labels : [T], or None if the row of ``target`` is the right one among
    all words;  target : it.
    """

    rows: list[int]
    labels: list[float] | None
    target: int = 0


def among(target: int, negatives: Sequence[int]) -> Targets:
    """Eq. 8 for a target; negatives that equal it are skipped, any that was drawn twice counts
    twice.
    """
    others = [word for word in negatives if word != target]
    return Targets([target, *others], [1.0] + [0.0] * len(others))


def along_path(nodes: Sequence[int], codes: Sequence[int]) -> Targets:
    """Eq. 16 for the path of a target."""
    return Targets(list(nodes), [1.0 - code for code in codes])


def over_all(target: int, V: int) -> Targets:
    """Eq. 3 for a target among all words."""
    return Targets(list(range(V)), None, target)


def errors_of(
    X: np.ndarray, targets: Targets, rate: float, W_out: np.ndarray
) -> tuple[np.ndarray, float]:
    """Errors [m, T] of inputs X [m, D] against their targets, and their loss."""
    scores = X @ W_out[targets.rows].T
    if targets.labels is None:
        yhat = softmax(scores)
        errors, loss = (
            np.eye(len(W_out))[targets.target] - yhat,
            -np.log(yhat[:, targets.target]).sum(),
        )
    else:
        labels = np.array(targets.labels)
        errors, loss = (
            labels - sigmoid(scores),
            -log_sigmoid(np.where(labels == 1, scores, -scores)).sum(),
        )
    return (rate * errors).astype(W_out.dtype), float(loss)
