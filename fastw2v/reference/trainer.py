"""Skip-gram and CBOW for a whole run, by negative sampling, hierarchical or naive softmax, one block after the other.

Positions count the tokens of the corpus with one more for every line end, as in the encoded corpus. Position p owns
the K words of the noise from the (p K)-th on: the negatives of its first block. Further blocks take K in succession
from a random place among the next words of the noise, of which there are the power of two from 50 K on.
"""

import numpy as np

from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.equations.negative_sampling import log_sigmoid, sigmoid
from fastw2v.equations.schedule import learning_rate
from fastw2v.equations.softmax import softmax
from fastw2v.equations.subwords import word_vector
from fastw2v.reference.draws import Alias, draw, epoch_key, is_kept, noise_key, radius
from fastw2v.reference.huffman import paths


def train(sentences, counts, W_in, W_out, config, bags=None):
    """Train W_in, W_out [rows, D] in place over config.epochs passes; returns the mean loss per pair of each.

    sentences : lists of words (ids below V), none empty;  counts : how often each word occurs [V];
    bags : the rows of W_in that each word is the mean of; by default the one with its number.
    """
    keep = keep_probability(counts, config.sample)
    alias = Alias(noise_distribution(counts, config.ns_exponent))
    tree = paths(counts) if config.loss == "hs" else None
    bags = bags or [[word] for word in range(len(counts))]
    least = 1 if config.shrink_window else config.window
    per_epoch = sum(len(sentence) + 1 for sentence in sentences)
    losses = []
    for epoch in range(config.epochs):
        key, start, loss, pairs = epoch_key(config.seed, epoch), 0, 0.0, 0
        stream = noise_key(config.seed, epoch)
        for sentence in sentences:
            kept = [(start + i, word) for i, word in enumerate(sentence) if is_kept(draw(key, start + i), keep[word])]
            for i, (position, target) in enumerate(kept):
                token_draw = draw(key, position)
                reach = radius(token_draw, least, config.window)
                inputs = [word for _, word in kept[max(0, i - reach) : i] + kept[i + 1 : i + 1 + reach]]
                passed = epoch * per_epoch + position
                rate = learning_rate(passed, per_epoch * config.epochs, config.alpha, config.min_alpha)
                for number, first in enumerate(range(0, len(inputs), config.inputs_per_block)):
                    block = inputs[first : first + config.inputs_per_block]
                    if config.loss == "ns":
                        begin = first_negative(position, number, token_draw, config.negative)
                        negatives = [alias.word(draw(stream, begin + k)) for k in range(config.negative)]
                        update = sampled(target, negatives, W_out, rate)
                    elif config.loss == "hs":
                        update = along_path(*tree[target], W_out, rate)
                    else:
                        update = over_all(target, W_out, rate)
                    loss += train_block([bags[word] for word in block], W_in, update, config)
                    pairs += len(block) if config.model == "skipgram" else 1
            start += len(sentence) + 1
        losses.append(loss / max(pairs, 1))
    return losses


def first_negative(position, block, token_draw, K):
    """Where in the noise the negatives of a centre's block begin."""
    pool = 1
    while pool < 50 * K:
        pool *= 2
    return position * K + (draw(token_draw, block) % pool if block else 0)


def train_block(bags, W_in, update, config):
    """Train the words of a block, given by their bags (Eq. 20): each an input, or their mean (Eq. 15). Returns its loss.

    update : a function that moves the outputs for inputs X [m, D] and returns their loss and by how much they are to move.
    """
    X = np.stack([word_vector(bag, W_in) for bag in bags])
    if config.model == "skipgram":
        loss, change = update(X)
    else:
        loss, change = update(X.mean(axis=0, keepdims=True))
        change = np.repeat(change, len(bags), axis=0) / (len(bags) if config.cbow_gradient == "mean" else 1)
    for bag, move in zip(bags, change, strict=True):
        np.add.at(W_in, bag, move)
    return loss


def sampled(target, negatives, W_out, rate):
    """Eq. 8 to 11 for a target; negatives that equal it are skipped, any that was drawn twice counts twice."""
    targets = [target] + [word for word in negatives if word != target]
    return lambda X: train_outputs(X, targets, [1.0] + [0.0] * (len(targets) - 1), W_out, rate)


def along_path(nodes, codes, W_out, rate):
    """Eq. 16 for the path of a target."""
    return lambda X: train_outputs(X, nodes, [1.0 - code for code in codes], W_out, rate)


def train_outputs(X, targets, labels, W_out, rate):
    """Move targets, rows of W_out, by inputs X [m, D] and labels, all from the old rows; returns the loss, and by how much
    the inputs are to move."""
    labels, Y = np.array(labels), W_out[targets]
    scores = X @ Y.T
    errors = (rate * (labels - sigmoid(scores))).astype(W_out.dtype)
    np.add.at(W_out, targets, errors.T @ X)
    return -float(log_sigmoid(np.where(labels == 1, scores, -scores)).sum()), errors @ Y


def over_all(target, W_out, rate):
    """Eq. 3 to 5 for a target among all words."""

    def update(X):
        Y, yhat = W_out.copy(), softmax(X @ W_out.T)
        errors = (rate * (np.eye(len(Y))[target] - yhat)).astype(Y.dtype)
        W_out[:] += errors.T @ X
        return -float(np.log(yhat[:, target]).sum()), errors @ Y

    return update
