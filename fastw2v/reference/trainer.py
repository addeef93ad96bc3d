"""Skip-gram and CBOW with negative sampling for a whole run, one block after the other.

Positions count the tokens of the corpus with one more for every line end, as in the encoded corpus. Position p owns
the K words of the noise from the (p K)-th on: the negatives of its first block. Further blocks take K in succession
from a random place among the next words of the noise, of which there are the power of two from 50 K on.
"""

import numpy as np

from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.equations.negative_sampling import log_sigmoid, sigmoid
from fastw2v.equations.schedule import learning_rate
from fastw2v.reference.draws import Alias, draw, epoch_key, is_kept, noise_key, radius


def train(sentences, counts, W_in, W_out, config):
    """Train W_in, W_out [V, D] in place over config.epochs passes; returns the mean loss per pair (Eq. 8) of each.

    sentences : lists of words (ids below V), none empty;  counts : how often each word occurs [V].
    """
    keep = keep_probability(counts, config.sample)
    alias = Alias(noise_distribution(counts, config.ns_exponent))
    per_epoch = sum(len(sentence) + 1 for sentence in sentences)
    losses = []
    for epoch in range(config.epochs):
        key, start, loss, pairs = epoch_key(config.seed, epoch), 0, 0.0, 0
        stream = noise_key(config.seed, epoch)
        for sentence in sentences:
            kept = [(start + i, word) for i, word in enumerate(sentence) if is_kept(draw(key, start + i), keep[word])]
            for i, (position, target) in enumerate(kept):
                token_draw = draw(key, position)
                reach = radius(token_draw, config.window)
                inputs = [word for _, word in kept[max(0, i - reach) : i] + kept[i + 1 : i + 1 + reach]]
                passed = epoch * per_epoch + position
                rate = learning_rate(passed, per_epoch * config.epochs, config.alpha, config.min_alpha)
                for number, first in enumerate(range(0, len(inputs), config.inputs_per_block)):
                    block = inputs[first : first + config.inputs_per_block]
                    begin = first_negative(position, number, token_draw, config.negative)
                    negatives = [alias.word(draw(stream, begin + k)) for k in range(config.negative)]
                    if config.model == "cbow":
                        loss += train_mean(block, target, negatives, W_in, W_out, rate, config.cbow_gradient)
                        pairs += 1
                    else:
                        loss += train_block(block, target, negatives, W_in, W_out, rate)
                        pairs += len(block)
            start += len(sentence) + 1
        losses.append(loss / max(pairs, 1))
    return losses


def first_negative(position, block, token_draw, K):
    """Where in the noise the negatives of a centre's block begin."""
    pool = 1
    while pool < 50 * K:
        pool *= 2
    return position * K + (draw(token_draw, block) % pool if block else 0)


def train_block(inputs, target, negatives, W_in, W_out, rate):
    """Move the inputs and the targets of a block by Eq. 9 to 11, all from the old rows; returns its loss (Eq. 8).

    Negatives that equal the target are skipped; any that was drawn twice counts twice.
    """
    loss, grad_X = train_outputs(W_in[inputs], target, negatives, W_out, rate)
    np.add.at(W_in, inputs, grad_X)
    return loss


def train_mean(inputs, target, negatives, W_in, W_out, rate, gradient):
    """Move the words of a window by Eq. 15, or by the same without the division (gradient "word2vec"); returns the loss."""
    loss, grad_x = train_outputs(W_in[inputs].mean(axis=0, keepdims=True), target, negatives, W_out, rate)
    np.add.at(W_in, inputs, grad_x / (len(inputs) if gradient == "mean" else 1))
    return loss


def train_outputs(X, target, negatives, W_out, rate):
    """Move the targets of a block with inputs X [m, D]; returns its loss and by how much the inputs are to move."""
    targets = [target] + [word for word in negatives if word != target]
    labels = np.array([1.0] + [0.0] * (len(targets) - 1))
    Y = W_out[targets]
    scores = X @ Y.T
    errors = (rate * (labels - sigmoid(scores))).astype(W_out.dtype)
    np.add.at(W_out, targets, errors.T @ X)
    return -float(log_sigmoid(np.where(labels == 1, scores, -scores)).sum()), errors @ Y
