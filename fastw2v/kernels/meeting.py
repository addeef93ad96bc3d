"""Where workers wait for one another: within compiled code, a few hundred thousand times a second."""

import sys

from llvmlite import ir
from numba.core import cgutils, types

from fastw2v.kernels.jit import leaf, native
from fastw2v.kernels.tiles import I32, array_data

PATIENCE = 20_000  # looks at the counter, some 100 microseconds, until another thread may have the core


def _lower_arrive(typing, counter):
    def generate(context, builder, signature, args):
        data = array_data(context, builder, signature.args[0], args[0]).data
        builder.atomic_rmw("add", data, data.type.pointee(1), "acq_rel")
        return context.get_dummy_value()

    return types.void(counter), generate


@native(_lower_arrive)
def arrive(counter):
    """Count one more in counter (int64 [1]): all that was written before is seen by who sees the number."""
    counter[0] += 1


def _lower_arrived(typing, counter):
    def generate(context, builder, signature, args):
        data = array_data(context, builder, signature.args[0], args[0]).data
        return builder.load_atomic(data, "acquire", 8)

    return counter.dtype(counter), generate


@native(_lower_arrived)
def arrived(counter):
    """How many have arrived."""
    return counter[0]


def _lower_give_way(typing):
    def generate(context, builder, signature, args):
        if sys.platform != "win32":
            function = ir.FunctionType(I32, [])
            builder.call(cgutils.get_or_insert_function(builder.module, function, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), generate


@native(_lower_give_way)
def give_way():
    """Let another thread have the core, if one waits for it."""


@leaf
def meet(counter, goal):
    """Arrive, and wait until ``goal`` have."""
    arrive(counter)
    looks = 0
    while arrived(counter) < goal:
        looks += 1
        if looks > PATIENCE:
            give_way()
