import enum
import math

import numpy as np
import pytest

from fastw2v.config import PhraseConfig, TrainConfig
from fastw2v.errors import ConfigError

BAD = [
    ("vector_size", 0),
    ("vector_size", 2.5),
    ("vector_size", True),
    ("vector_size", "100"),
    ("window", 0),
    ("negative", 0),
    ("epochs", 0),
    ("epochs", -1),
    ("min_count", 0),
    ("max_vocab", 0),
    ("sample", -1e-3),
    ("sample", math.nan),
    ("alpha", 0),
    ("alpha", math.inf),
    ("min_alpha", -1.0),
    ("min_alpha", 0.03),
    ("ns_exponent", math.nan),
    ("threads", 0),
    ("threads", -1),
    ("ns_exponent", 1e308),
    ("seed", -1),
    ("seed", 2**64),
    ("negatives_per", "batch"),
    ("encoding_errors", "surrogateescape"),
    ("lowercase", 1),
    ("minn", -1),
    ("minn", 3),
    ("maxn", 1000),
    ("maxn", "3-6"),
]


@pytest.mark.parametrize("name, value", BAD)
def test_values_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=rf"^{name} must .* got "):
        TrainConfig(**{name: value})


def test_the_defaults_are_those_of_the_field():
    config = TrainConfig()
    assert (
        config.vector_size,
        config.window,
        config.negative,
        config.epochs,
        config.min_count,
    ) == (100, 5, 5, 5, 5)
    assert (config.sample, config.alpha, config.min_alpha, config.ns_exponent) == (
        1e-3,
        0.025,
        1e-4,
        0.75,
    )


def test_the_learning_rate_of_a_divided_gradient_is_higher():
    assert [TrainConfig(model="cbow", cbow_gradient=g).alpha for g in ("mean", "word2vec")] == [
        0.075,
        0.025,
    ]
    assert TrainConfig(model="cbow", alpha=0.01).alpha == 0.01


@pytest.mark.parametrize(
    "options, ngrams",
    [
        ({}, None),
        ({"maxn": 0}, None),
        ({"maxn": 6}, (3, 6)),
        ({"maxn": 2}, (2, 2)),
        ({"minn": 1, "maxn": 4}, (1, 4)),
    ],
)
def test_ngrams_of_maxn_without_minn_begin_at_3_as_in_fasttext(options, ngrams):
    assert TrainConfig(**options).ngrams == ngrams


def test_whole_numbers_are_numbers():
    assert TrainConfig(sample=0, alpha=1, ns_exponent=-1).alpha == 1


@pytest.mark.parametrize(
    "options, inputs",
    [({}, 10), ({"window": 2}, 4), ({"window": 50}, 16), ({"negatives_per": "pair"}, 1)],
)
def test_negatives_are_shared_by_up_to_sixteen_words(options, inputs):
    assert TrainConfig(**options).inputs_per_block == inputs


def test_numpys_numbers_are_numbers():
    config = TrainConfig(vector_size=np.int64(50), alpha=np.float32(0.5))
    assert type(config.vector_size) is int and type(config.alpha) is float


def test_an_unknown_option_is_an_error():
    with pytest.raises(TypeError, match="vectorsize"):
        TrainConfig(vectorsize=100)


@pytest.mark.parametrize(("kind", "name"), [(PhraseConfig, "delimiter"), (TrainConfig, "column")])
def test_text_of_a_configuration_can_be_written(kind, name):
    with pytest.raises(ConfigError, match=name) as raised:
        kind(**{name: "\udcff"})
    str(raised.value).encode()


def test_numbers_of_a_configuration_have_the_types_of_their_fields():
    class Sizes(enum.IntEnum):
        SMALL = 4

    config = TrainConfig(min_alpha=0, alpha=1, sample=np.float32(0), vector_size=Sizes.SMALL)
    assert type(config.min_alpha) is type(config.alpha) is type(config.sample) is float
    assert type(config.vector_size) is int
