"""Counters and locks that threads share: the next number, a spin barrier that is passed a few
hundred thousand times a second, and spin locks that are held for less than a microsecond.
"""

import sys

from llvmlite import ir
from numba.core import cgutils, types

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import leaf, native
from fastw2v.kernels.simd.lowering import Context, Lowered, NumbaType, Signature, Values
from fastw2v.kernels.simd.tiles import I32, array_data

SPINS = 20_000  # reads of the counter, some 100 microseconds, before the core is yielded


def _lower_next_number(typing: Context, counter: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        data = array_data(context, builder, signature.args[0], args[0]).data
        return builder.atomic_rmw("add", data, data.type.pointee(1), "monotonic")

    return counter.dtype(counter), generate


@native(_lower_next_number)
def next_number(counter: Array) -> int:
    """The next number of a counter (int64 [1]) that all threads share: 0, 1, 2, ..."""
    counter[0] += 1
    return counter[0] - 1


def _lower_arrive(typing: Context, counter: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        data = array_data(context, builder, signature.args[0], args[0]).data
        builder.atomic_rmw("add", data, data.type.pointee(1), "acq_rel")
        return context.get_dummy_value()

    return types.void(counter), generate


@native(_lower_arrive)
def arrive(counter: Array) -> None:
    """Count up a counter (int64 [1]): a thread that reads the new number sees all that was written
    before.
    """
    counter[0] += 1


def _lower_read(typing: Context, counter: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        data = array_data(context, builder, signature.args[0], args[0]).data
        return builder.load_atomic(data, "acquire", 8)

    return counter.dtype(counter), generate


@native(_lower_read)
def read_counter(counter: Array) -> int:
    """The counter, with all that was written before it was last counted up."""
    return counter[0]


def _lower_yield_core(typing: Context) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        if sys.platform != "win32":
            function = ir.FunctionType(I32, [])
            builder.call(
                cgutils.get_or_insert_function(builder.module, function, "sched_yield"), []
            )
        return context.get_dummy_value()

    return types.void(), generate


@native(_lower_yield_core)
def yield_core() -> None:
    """Let another thread have the core, if one waits for it."""


def _lower_try_lock(typing: Context, locks: NumbaType, i: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        data = array_data(context, builder, signature.args[0], args[0]).data
        place = builder.gep(data, [args[1]])
        return builder.atomic_rmw("xchg", place, data.type.pointee(1), "acquire")

    return locks.dtype(locks, types.int64), generate


@native(_lower_try_lock)
def try_lock(locks: Array, i: int) -> int:
    """Take a lock of an array int64, if nobody has it: returns 0 then, and 1 otherwise."""
    before = locks[i]
    locks[i] = 1
    return before


def _lower_unlock(typing: Context, locks: NumbaType, i: NumbaType) -> Lowered:
    def generate(
        context: Context, builder: ir.IRBuilder, signature: Signature, args: Values
    ) -> ir.Value:
        data = array_data(context, builder, signature.args[0], args[0]).data
        place = builder.gep(data, [args[1]])
        builder.store_atomic(data.type.pointee(0), place, "release", 8)
        return context.get_dummy_value()

    return types.void(locks, types.int64), generate


@native(_lower_unlock)
def unlock(locks: Array, i: int) -> None:
    """Give back a lock: the next thread that takes it sees all that was written before."""
    locks[i] = 0


@leaf
def lock(locks: Array, i: int) -> None:
    """Wait for a lock, and take it."""
    spins = 0
    while try_lock(locks, i) != 0:
        spins += 1
        if spins > SPINS:
            yield_core()


@leaf
def wait(counter: Array, goal: int) -> None:
    """Count up, and wait until the counter has reached ``goal``."""
    arrive(counter)
    spins = 0
    while read_counter(counter) < goal:
        spins += 1
        if spins > SPINS:
            yield_core()
