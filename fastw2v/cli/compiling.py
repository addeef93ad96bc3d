"""What a command does before anything is compiled: its process is its own."""

from fastw2v.config import available_cores


def begin_compiling(threads=1):
    """Have a pool of so many threads, and code that is compiled sooner."""
    from fastw2v.kernels import reserve_threads

    reserve_threads(threads, available_cores())
    from fastw2v.kernels.jit import leave_loops_rolled

    leave_loops_rolled()
