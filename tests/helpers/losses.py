"""Losses of a pair with their gradients."""

from fastw2v.equations import negative_sampling, softmax

NEGATIVES = [1, 3, 3]


LOSSES = {
    "softmax": (softmax.naive_softmax_loss, softmax.naive_softmax_gradients),
    "negative sampling": (
        lambda v, o, U: negative_sampling.negative_sampling_loss(v, o, NEGATIVES, U),
        lambda v, o, U: negative_sampling.negative_sampling_gradients(v, o, NEGATIVES, U),
    ),
}
