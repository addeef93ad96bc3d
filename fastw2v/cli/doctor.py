"""``fastw2v doctor``: check the results and the speed of this machine."""

import sys
from dataclasses import asdict

import click

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.options import as_json, config_options, make_config
from fastw2v.cli.progress import ProgressLine
from fastw2v.cli.terminal import echo_answer, echo_json
from fastw2v.events import Notice


@click.command()
@config_options("threads")
@as_json
def doctor(as_json, **options):
    """Check the results and the speed of this machine.

    Prints the processor, how code is compiled for it, whether training equals the slow reference,
    words/s, and the share of the arithmetic bound of the cores. The command takes some seconds,
    and longer the first time.

    The exit code is 1 if any result differs from the reference.
    """
    config = make_config(options)
    begin_compiling(config.thread_count)
    from fastw2v import doctor
    from fastw2v.training.threading_layer import threading_layer_named

    with ProgressLine(False) as show, threading_layer_named():
        show(
            Notice(
                "comparing with the reference and measuring speed; other running programs make the"
                " speeds too low"
            )
        )
        found = doctor.machine() | {"differences": doctor.differences(), "allowed": doctor.CLOSE}
        found["speeds"] = [asdict(speed) for speed in doctor.speeds(config.thread_count)]
    right = max(found["differences"].values()) <= doctor.CLOSE
    if as_json:
        echo_json(found)
    else:
        echo_answer("\n".join(_lines(found, right)))
    sys.exit(not right)


def _lines(found, right):
    from fastw2v.kernels.processor import machine_name

    yield f"machine    {machine_name(found['cores'])}"
    yield f"code       {found['simd']}, registers of {found['register_bits']} bits"
    yield (
        "cached in "
        f" {found['cache'] or 'no folder: each start compiles; set NUMBA_CACHE_DIR to a folder'}"
    )
    yield (
        "versions  "
        f" {', '.join(f'{name} {version}' for name, version in found['versions'].items())}"
    )
    for name, difference in found["differences"].items():
        verdict = "right      " if difference <= found["allowed"] else "WRONG      "
        yield f"{verdict}{name}: differs from the reference by at most {difference:.0e}"
    for speed in found["speeds"]:
        name = f"{speed['threads']} thread{'s' * (speed['threads'] > 1)}"
        yield (
            f"speed      {name}: {speed['words_per_s'] / 1e6:.2f} M words/s, {speed['share']:.0%}"
            " of the arithmetic bound"
        )
        if speed["threads"] > 1:
            yield (
                f"arithmetic {name}: {speed['arithmetic']:.2f} times that of 1 thread, the most"
                " that training can gain"
            )
    if not right:
        yield "Training on this machine gives wrong results; please report this output."
