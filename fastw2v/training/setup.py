"""What both trainers start from: tables, draws and the kernels' configuration, computed once for a
run.
"""

from dataclasses import dataclass

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.equations.counts import keep_probability, noise_distribution
from fastw2v.kernels.splitmix import NOISE, TOKENS, epoch_key, keep_limits
from fastw2v.kernels.train.alias import AliasTable, alias_table
from fastw2v.kernels.train.block import tile_tags
from fastw2v.kernels.train.state import Draws, KernelConfig, Tables
from fastw2v.training.objectives import Targets, inputs_of, targets_of

DOCUMENT_NOISE_SHIFT = 3  # 8 positions of a document share their negatives
SAMPLED_CENTRES = 20_000  # centres per epoch whose loss is summed, at least, if there are as many


@dataclass(frozen=True)
class Statistics:
    """What a chunk of training did: pairs trained, and the summed loss (Eq. 3, 8 or 16) of
    ``loss_pairs`` of them.
    """

    pairs: float
    loss: float
    loss_pairs: float


@dataclass(frozen=True)
class TrainerSetup:
    """The corpus, the configuration and the tables of a run, and what kernels compute from these.

    tall, wide : tags of the kernels' tiles;  keep_limits : uint32 [V] (Eq. 18).
    """

    encoded: EncodedCorpus
    config: TrainConfig
    tables: Tables
    targets: Targets
    kernel_config: KernelConfig
    tall: tuple[int, ...]
    wide: tuple[int, ...]
    keep_limits: np.ndarray
    noise: AliasTable

    @classmethod
    def of(cls, encoded: EncodedCorpus, config: TrainConfig, tables: Tables) -> "TrainerSetup":
        """Return the setup for tables that ``state.run_tables`` made."""
        targets, counts = targets_of(config), encoded.vocabulary.counts
        kernel_config, tall, wide = kernel_config_of(config, tables)
        mask = np.uint64(loss_interval(encoded.tokens) - 1)
        kernel_config = kernel_config._replace(loss_mask=mask)
        limits = keep_limits(keep_probability(counts, config.sample))
        noise = alias_table(noise_distribution(counts, config.ns_exponent))
        return cls(encoded, config, tables, targets, kernel_config, tall, wide, limits, noise)

    def draws(self, epoch: int) -> Draws:
        """Return the Draws of an epoch, counted from 0."""
        keys = (epoch_key(self.config.seed, stream, epoch) for stream in (TOKENS, NOISE))
        return Draws(self.keep_limits, *self.noise, *keys)


def kernel_config_of(
    config: TrainConfig, tables: Tables
) -> tuple[KernelConfig, tuple[int, ...], tuple[int, ...]]:
    """Return the KernelConfig of a run, which sums every loss, and the tags of its tiles."""
    inputs, targets = inputs_of(config), targets_of(config)
    tall, wide = tile_tags(targets.tile())
    blocks = -(-config.inputs_per_centre // config.inputs_per_block)
    kernel_config = KernelConfig(
        window=config.window,
        min_radius=1 if config.shrink_window else config.window,
        negative=targets.negative,
        inputs_per_block=config.inputs_per_block,
        pool=targets.pool(blocks),
        target_count=-(-targets.count(tables) // len(wide)) * len(wide),
        input_kind=inputs.input_kind,
        target_kind=targets.target_kind,
        document_kind=inputs.document_kind,
        noise_shift=DOCUMENT_NOISE_SHIFT if config.has_documents and blocks == 1 else 0,
        ring=inputs.ring,
        composed_begin=len(tables.W_in),
    )
    return kernel_config, tall, wide


def loss_interval(tokens: int) -> int:
    """Return n if the loss of one centre in n is summed: a power of two up to 256, less for small
    corpora.
    """
    return 1 << int(np.clip(np.log2(max(tokens / SAMPLED_CENTRES, 1)), 0, 8))
