"""Skip-gram, CBOW and document vectors for a whole run, by negative sampling,
hierarchical or naive softmax, one block after the other.

Positions count the tokens of the corpus with one more for every line end, as in the encoded corpus.
Position p owns the K words of the noise from the (p K)-th on: the negatives of its first block.
Further blocks take K in succession from a random place among the next words of the noise, of which
there are the power of two from 50 K on. With documents, if centres have one block, 8 positions in
succession own the same words of the noise.

With subwords (Eq. 20) a kept token is composed when the first centre comes that may see it, and
trained as a row of its own. What this row has changed is added to the rows that it is the mean of
before the first centre that no longer may see it. A centre may see the ``window`` kept tokens on
each side, whatever its own reach is. All tokens are composed anew after every ``span`` positions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.equations.negative_sampling import log_sigmoid, sigmoid
from fastw2v.equations.schedule import learning_rate
from fastw2v.equations.softmax import softmax
from fastw2v.reference.composed import Bag, Composed, Sight
from fastw2v.reference.draws import Alias, draw, epoch_key, is_kept, noise_key, radius
from fastw2v.reference.huffman import paths

if TYPE_CHECKING:
    from fastw2v.config import TrainConfig

Input = int | Composed

MEANS = ("cbow", "dm")  # models whose blocks have the mean of their inputs as the input


class Centre(NamedTuple):
    """A kept token that is trained.

    Attributes
    ----------
    blocks
        Pairs of a list of inputs and Targets. An input is a row of W_in or a Composed.
    seen
        The Composed that the centre may see.
    rate
        The learning rate.
    """

    position: int
    blocks: list[tuple[list[Input], Targets]]
    seen: list[Composed]
    rate: float


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
    span: int | None = None,
    factors: np.ndarray | None = None,
) -> list[float]:
    """Train W_in, W_out [rows, D] in place over config.epochs passes; returns the mean loss per
    pair of each.

    Parameters
    ----------
    sentences
        Lists of words (ids below V), none empty.
    counts
        Count of each word [V].
    bags
        The rows of W_in that each word is the mean of; by default the one with its number.
    group
        Positions whose blocks all get their errors from the tables as they were before the
        first of them; by default each block does.
    documents
        With DBOW and DM the row of W_in of the document of each sentence.
    only_documents
        Whether all other rows of both tables stay as they are, as in inference.
    span
        Positions after which words are composed anew, where there are bags.
    factors
        Factor of the gradient of each row of W_in, by default 1. A composed row
        moves by all of its gradient, and what it has changed is multiplied when it is added.
    """
    losses, corpus = [], Corpus(sentences, counts, config, bags, documents, span)
    for epoch in range(config.epochs):
        loss, pairs, sight = 0.0, 0, Sight(W_in, only_documents, factors)
        centres = itertools.groupby(
            corpus.centres(epoch), lambda centre: centre.position // (group or 1)
        )
        for _, of_group in centres:
            together = list(of_group)
            sight.move(list(dict.fromkeys(token for centre in together for token in centre.seen)))
            blocks = [(*block, centre.rate) for centre in together for block in centre.blocks]
            for some in [blocks] if group else [[block] for block in blocks]:
                loss += train_together(some, W_in, W_out, config, only_documents, factors)
            pairs += sum(1 if config.model in MEANS else len(inputs) for inputs, _, _ in blocks)
        sight.move([])
        losses.append(loss / max(pairs, 1))
    return losses


class Corpus:
    """What a run trains: see ``train`` for the arguments."""

    def __init__(
        self,
        sentences: Sequence[Sequence[int]],
        counts: Sequence[int] | np.ndarray,
        config: TrainConfig,
        bags: Sequence[Bag] | None,
        documents: Sequence[int] | None,
        span: int | None,
    ) -> None:
        self.sentences, self.config, self.bags = sentences, config, bags
        self.documents, self.span, self.V = documents, span, len(counts)
        self.keep = keep_probability(counts, config.sample)
        self.alias = Alias(noise_distribution(counts, config.ns_exponent))
        self.tree = paths(counts) if config.loss == "hs" else []
        self.positions = sum(len(sentence) + 1 for sentence in sentences)

    def centres(self, epoch: int) -> Iterator[Centre]:
        """Yield the Centres of an epoch that have inputs."""
        config, start = self.config, 0
        key, stream = epoch_key(config.seed, epoch), noise_key(config.seed, epoch)
        for number, sentence in enumerate(self.sentences):
            kept = [
                (start + i, word)
                for i, word in enumerate(sentence)
                if is_kept(draw(key, start + i), self.keep[word])
            ]
            composed: dict[
                tuple[int, int], Composed
            ] = {}  # by span and place, as a span's tokens are composed for it alone
            for i, (position, target) in enumerate(kept):
                token_draw = draw(key, position)
                reach = radius(
                    token_draw, 1 if config.shrink_window else config.window, config.window
                )
                first = max(0, i - config.window)
                seen = [
                    self._input(word, (position // (self.span or 1), first + j), composed)
                    for j, (_, word) in enumerate(kept[first : i + config.window + 1])
                ]
                inputs = seen[max(i - reach, 0) - first : i - first]
                inputs += seen[i - first + 1 : i - first + 1 + reach]
                if self.documents:  # Eq. 23 and 24
                    if config.model == "dbow" and not config.train_words:
                        seen, inputs = [], []
                    inputs = [*inputs, self.documents[number]]
                passed, all_positions = epoch * self.positions, self.positions * config.epochs
                rate = learning_rate(passed + position, all_positions, *config.rates)
                blocks = self._blocks(inputs, position, target, token_draw, stream)
                if blocks:
                    tokens = [one for one in seen if isinstance(one, Composed)]
                    yield Centre(position, blocks, tokens, rate)
            start += len(sentence) + 1

    def _input(
        self, word: int, place: tuple[int, int], composed: dict[tuple[int, int], Composed]
    ) -> Input:
        """The input that a word is: its row, or a Composed, the one of its place in its span."""
        if not self.bags:
            return word
        return composed.setdefault(place, Composed(self.bags[word]))

    def _blocks(
        self, inputs: list[Input], position: int, target: int, token_draw: int, stream: int
    ) -> list[tuple[list[Input], Targets]]:
        """The blocks of a centre: inputs, at most as many as share negatives, and Targets."""
        config, size = self.config, self.config.inputs_per_block
        parts = [inputs[first : first + size] for first in range(0, len(inputs), size)]
        if config.loss == "hs":
            return [(part, path_targets(*self.tree[target])) for part in parts]
        if config.loss == "softmax":
            return [(part, softmax_targets(target, self.V)) for part in parts]
        if config.has_documents and config.inputs_per_centre <= size:
            position //= 8
        blocks = []
        for number, part in enumerate(parts):
            begin = first_negative(position, number, token_draw, config.negative)
            draws = [draw(stream, begin + k) for k in range(config.negative)]
            blocks.append(
                (part, negative_targets(target, [self.alias.word(each) for each in draws]))
            )
        return blocks


def first_negative(position: int, block: int, token_draw: int, K: int) -> int:
    """Where in the noise the negatives of a centre's block begin."""
    pool = 1
    while pool < 50 * K:
        pool *= 2
    return position * K + (draw(token_draw, block) % pool if block else 0)


def train_together(
    blocks: Sequence[tuple[Sequence[Input], Targets, float]],
    W_in: np.ndarray,
    W_out: np.ndarray,
    config: TrainConfig,
    only_documents: bool = False,
    factors: np.ndarray | None = None,
) -> float:
    """Train blocks (inputs, targets, rate): the errors of all from the tables as they are, then the
    moves of one after the other. Returns their loss.
    """
    made = [
        errors_of(inputs_of(inputs, W_in, config), targets, rate, W_out)
        for inputs, targets, rate in blocks
    ]
    for (inputs, targets, _), (errors, _) in zip(blocks, made, strict=True):
        X, Y = inputs_of(inputs, W_in, config), W_out[targets.rows]
        if not only_documents:
            np.add.at(W_out, targets.rows, errors.T @ X)
        change = errors @ Y
        if config.model in MEANS:
            change = np.repeat(change, len(inputs), axis=0) / (
                len(inputs) if config.cbow_gradient == "mean" else 1
            )
        # the document is the last input
        for one, move in list(zip(inputs, change, strict=True))[-1 if only_documents else 0 :]:
            factor = 1 if factors is None or isinstance(one, Composed) else factors[one]
            row_of(one, W_in)[:] += factor * move
    return sum(loss for _, loss in made)


def row_of(one: Input, W_in: np.ndarray) -> np.ndarray:
    """The row [D] of an input."""
    return one.row if isinstance(one, Composed) else W_in[one]


def inputs_of(inputs: Sequence[Input], W_in: np.ndarray, config: TrainConfig) -> np.ndarray:
    """The inputs [m, D] of a block: each, or their mean (Eq. 15)."""
    X = np.stack([row_of(one, W_in) for one in inputs])
    return X.mean(axis=0, keepdims=True) if config.model in MEANS else X


class Targets(NamedTuple):
    """The targets of a block.

    Attributes
    ----------
    rows
        Rows of W_out [T].
    labels
        Labels [T]; None for a softmax over all words.
    target
        Word that the softmax is trained for.
    """

    rows: list[int]
    labels: list[float] | None
    target: int = 0


def negative_targets(target: int, negatives: Sequence[int]) -> Targets:
    """Eq. 8 for a target; negatives that equal it are skipped, any that was drawn twice counts
    twice.
    """
    others = [word for word in negatives if word != target]
    return Targets([target, *others], [1.0] + [0.0] * len(others))


def path_targets(nodes: Sequence[int], codes: Sequence[int]) -> Targets:
    """Eq. 16 for the path of a target."""
    return Targets(list(nodes), [1.0 - code for code in codes])


def softmax_targets(target: int, V: int) -> Targets:
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
