"""Skip-gram, CBOW and document vectors for a whole run, by negative sampling,
hierarchical or naive softmax, one block after the other.

Positions count the tokens of the corpus with one more for every line end, as in the encoded corpus.
Position p owns the K words of the noise from the (p K)-th on: the negatives of its first block.
Further blocks take K in succession from a random place among the next words of the noise, of which
there are the power of two from 50 K on. With documents, if centres have one block, 8 positions in
succession own the same words of the noise.
"""

from typing import NamedTuple

import numpy as np

from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.equations.negative_sampling import log_sigmoid, sigmoid
from fastw2v.equations.schedule import learning_rate
from fastw2v.equations.softmax import softmax
from fastw2v.equations.subwords import word_vector
from fastw2v.reference.draws import Alias, draw, epoch_key, is_kept, noise_key, radius
from fastw2v.reference.huffman import paths

MEANS = ("cbow", "dm")  # models whose blocks have the mean of their inputs as the input


def train(
    sentences,
    counts,
    W_in,
    W_out,
    config,
    bags=None,
    group=None,
    documents=None,
    only_documents=False,
):
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
    keep, single = (
        keep_probability(counts, config.sample),
        config.inputs_per_centre <= config.inputs_per_block,
    )
    alias = Alias(noise_distribution(counts, config.ns_exponent))
    tree = paths(counts) if config.loss == "hs" else None
    bags = bags or [[row] for row in range(len(W_in))]
    least = 1 if config.shrink_window else config.window
    per_epoch = sum(len(sentence) + 1 for sentence in sentences)
    losses = []
    for epoch in range(config.epochs):
        key, start, loss, pairs = epoch_key(config.seed, epoch), 0, 0.0, 0
        stream, waiting, waiting_for = noise_key(config.seed, epoch), [], 0
        for number_of_sentence, sentence in enumerate(sentences):
            kept = [
                (start + i, word)
                for i, word in enumerate(sentence)
                if is_kept(draw(key, start + i), keep[word])
            ]
            for i, (position, target) in enumerate(kept):
                token_draw = draw(key, position)
                reach = radius(token_draw, least, config.window)
                inputs = [
                    word for _, word in kept[max(0, i - reach) : i] + kept[i + 1 : i + 1 + reach]
                ]
                if documents:  # Eq. 23 and 24
                    words = [] if config.model == "dbow" and not config.train_words else inputs
                    inputs = [*words, documents[number_of_sentence]]
                passed = epoch * per_epoch + position
                rate = learning_rate(
                    passed, per_epoch * config.epochs, config.alpha, config.min_alpha
                )
                for number, first in enumerate(range(0, len(inputs), config.inputs_per_block)):
                    block = inputs[first : first + config.inputs_per_block]
                    if config.loss == "ns":
                        shared = position // 8 if config.has_documents and single else position
                        begin = first_negative(shared, number, token_draw, config.negative)
                        negatives = [
                            alias.word(draw(stream, begin + k)) for k in range(config.negative)
                        ]
                        targets = among(target, negatives)
                    elif config.loss == "hs":
                        targets = along_path(*tree[target])
                    else:
                        targets = over_all(target, len(counts))
                    if waiting and (group is None or position // group != waiting_for):
                        loss += train_together(waiting, W_in, W_out, config, only_documents)
                        waiting = []
                    waiting, waiting_for = (
                        [
                            *waiting,
                            ([bags[word] for word in block], targets, rate),
                        ],
                        position // (group or 1),
                    )
                    pairs += 1 if config.model in MEANS else len(block)
            start += len(sentence) + 1
        if waiting:
            loss += train_together(waiting, W_in, W_out, config, only_documents)
        losses.append(loss / max(pairs, 1))
    return losses


def first_negative(position, block, token_draw, K):
    """Where in the noise the negatives of a centre's block begin."""
    pool = 1
    while pool < 50 * K:
        pool *= 2
    return position * K + (draw(token_draw, block) % pool if block else 0)


def train_together(blocks, W_in, W_out, config, only_documents=False):
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


def inputs_of(bags, W_in, config):
    """The inputs [m, D] of a block, given by the bags (Eq. 20) of its words: each, or their mean
    (Eq. 15).
    """
    X = np.stack([word_vector(bag, W_in) for bag in bags])
    return X.mean(axis=0, keepdims=True) if config.model in MEANS else X


class Targets(NamedTuple):
    """rows : of W_out [T];  labels : [T], or None if the row of ``target`` is the right one among
    all words;  target : it.
    """

    rows: list
    labels: list | None
    target: int = 0


def among(target, negatives):
    """Eq. 8 for a target; negatives that equal it are skipped, any that was drawn twice counts
    twice.
    """
    others = [word for word in negatives if word != target]
    return Targets([target, *others], [1.0] + [0.0] * len(others))


def along_path(nodes, codes):
    """Eq. 16 for the path of a target."""
    return Targets(list(nodes), [1.0 - code for code in codes])


def over_all(target, V):
    """Eq. 3 for a target among all words."""
    return Targets(list(range(V)), None, target)


def errors_of(X, targets, rate, W_out):
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
