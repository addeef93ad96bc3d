import numpy as np

from fastw2v.equations.paraphrase import paraphrase_accuracy, paraphrase_probability


def test_probability_can_fall_below_one_half_without_relu():
    assert paraphrase_probability(np.array([1.0, 0.0]), np.array([-2.0, 0.0])) < 0.5


def test_with_relu_it_never_does(rng):
    x1, x2 = rng.normal(size=(2, 1000, 5))
    assert paraphrase_probability(x1, x2, relu=True).min() >= 0.5


def test_with_relu_the_accuracy_is_the_share_of_positives(rng):
    x1 = rng.normal(size=(400, 8))
    labels = np.arange(400) % 4 == 0  # a quarter are paraphrases
    x2 = np.where(labels[:, None], x1, -x1) + 0.1 * rng.normal(size=x1.shape)
    assert paraphrase_accuracy(paraphrase_probability(x1, x2, relu=True), labels) == 0.25
    assert paraphrase_accuracy(paraphrase_probability(x1, x2), labels) == 1.0
