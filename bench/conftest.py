"""What the benchmarks of parts share: each prints its figure and its share of the bound; all go to
results/parts.json.
"""

import numpy as np
import pytest

from bench.compiled import keep_compiled_apart

keep_compiled_apart("fastw2v/kernels", "bench")

from bench.bounds import describe_bounds  # noqa: E402
from bench.machine import describe  # noqa: E402
from bench.table import write_result  # noqa: E402

ROWS, LEFT_OUT = [], []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Without workers, keep pytest-benchmark from disabling itself on account of ``--dist``."""
    if not getattr(config.option, "numprocesses", None):
        config.option.dist = "no"


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)


@pytest.fixture
def measure(benchmark):
    """measure(name, unit, call, work, bound): time ``call``, which does so much ``work``, after it
    has been validated.

    unit : of the figure, work per second times ``scale``, or, unless ``per_second``, seconds
        for each times ``scale``;
    bound : how much work the machine could do in a second at most.
    """

    def run(name, unit, call, work, bound, *, per_second=True, scale=1.0):
        benchmark.pedantic(call, rounds=7, warmup_rounds=1)
        if benchmark.stats is None:  # --benchmark-disable: validated, not timed
            return
        per_s = work / benchmark.stats.stats.median
        figure = per_s * scale if per_second else scale / per_s
        ROWS.append({"name": name, "unit": unit, "value": figure, "share_of_bound": per_s / bound})
        benchmark.extra_info |= ROWS[-1]

    return run


def pytest_terminal_summary(terminalreporter):
    """Print every figure with its share of the bound."""
    for row in ROWS:
        terminalreporter.write_line(
            f"{row['name']:<46} {row['value']:>12,.4g} {row['unit']:<26}"
            f" {row['share_of_bound']:6.0%} of the bound"
        )


def pytest_deselected(items):
    """Remember that not all benchmarks were run."""
    LEFT_OUT.extend(items)


def pytest_sessionfinish(session, exitstatus):
    """Write the figures of a whole, successful run."""
    whole = not LEFT_OUT and not any("::" in argument for argument in session.config.args)
    if ROWS and exitstatus == 0 and whole:
        machine = describe("pytest-benchmark")
        write_result("parts", {"machine": machine, "bounds": describe_bounds(), "rows": ROWS})
