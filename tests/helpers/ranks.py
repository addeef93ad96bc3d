"""Ranks of one process: threads that add up and broadcast as those of MPI do."""

import threading

import numpy as np

from fastw2v.training.communicator import added


class Meeting:
    """What the ranks have in common: whoever is at the barrier, and what each brings."""

    def __init__(self, size):
        self.barrier, self.brought = threading.Barrier(size, timeout=600), [None] * size


class ThreadCommunicator:
    """One of ``size`` ranks that are threads of this process."""

    def __init__(self, rank, meeting):
        self.rank, self.size, self.ranks_on_node = rank, len(meeting.brought), 1
        self.meeting, self.sent, self.seconds = meeting, 0, 0.0

    def _exchange(self, value):
        self.meeting.brought[self.rank] = value
        self.meeting.barrier.wait()
        brought = list(self.meeting.brought)
        self.meeting.barrier.wait()
        return brought

    def all_reduce(self, array, combine=added):
        first, last = (len(array) * rank // self.size for rank in (self.rank, self.rank + 1))
        part = combine(np.stack([each[first:last] for each in self._exchange(array.copy())]))
        array[:] = np.concatenate(self._exchange(part))
        self.sent += 2 * array.nbytes * (self.size - 1) // self.size

    def broadcast(self, value):
        return self._exchange(value)[0]

    def broadcast_into(self, array):
        array[...] = np.array(self._exchange(array.copy())[0])

    def barrier(self):
        self.meeting.barrier.wait()


def on_ranks(size, work):
    """Return what work(communicator) returns on each rank; raise the first error."""
    meeting, found, errors = Meeting(size), [None] * size, []

    def begin(rank):
        try:
            found[rank] = work(ThreadCommunicator(rank, meeting))
        except BaseException as error:
            errors.append(error)
            meeting.barrier.abort()

    threads = [threading.Thread(target=begin, args=(rank,), daemon=True) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return found
