"""Making the trainer that a configuration asks for, and compiling it before any time is taken."""

from typing import Protocol

from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import EncodedCorpus
from fastw2v.kernels.train.state import Rate, Tables
from fastw2v.training.hogwild import HogwildTrainer
from fastw2v.training.lockstep import LockstepTrainer
from fastw2v.training.setup import Statistics, TrainerSetup


class Trainer(Protocol):
    """What the loop needs of a trainer.

    step : positions that chunks, but for the last of an epoch, are a multiple of;  threads :
        how many are used.
    """

    setup: TrainerSetup
    step: int
    threads: int

    def train(self, epoch: int, start: int, stop: int, rate: Rate) -> Statistics:
        """Train positions start ... stop - 1 of an epoch, counted from 0."""


def make_trainer(
    encoded: EncodedCorpus, config: TrainConfig, tables: Tables
) -> HogwildTrainer | LockstepTrainer:
    """Return the trainer of a configuration."""
    setup = TrainerSetup.of(encoded, config, tables)
    return LockstepTrainer(setup) if config.deterministic else HogwildTrainer(setup)


def warm_up(trainer: Trainer) -> None:
    """Compile what a trainer needs."""
    trainer.train(0, 0, 0, Rate(0.0, 0.0, 0.0))
