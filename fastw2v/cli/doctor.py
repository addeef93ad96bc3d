"""``fastw2v doctor``: what this machine is to the trainer, whether it computes what it should, and
how fast.
"""

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
    """Look at this machine: its processor and how code for it is compiled, whether training does
    exactly what the slow reference does, words/s, and the share of the arithmetic that the cores
    can do at most. Takes some seconds, and more the first time.

    Exit code 1 if anything differs from the reference.
    """
    config = make_config(options)
    begin_compiling(config.thread_count)
    from fastw2v import doctor
    from fastw2v.training.threading_layer import threading_layer_named

    with ProgressLine(False) as show, threading_layer_named():
        show(
            Notice(
                "comparing with the reference and measuring; wait until nothing else runs for"
                " figures to be true"
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
    yield (
        f"machine    {found['cpu']} ({found['llvm_cpu']}), {found['cores']} cores,"
        f" {found['system']}"
    )
    yield f"code       {found['simd']}, registers of {found['register_bits']} bits"
    yield (
        "kept in   "
        f" {found['cache'] or 'nothing: each start compiles; NUMBA_CACHE_DIR=DIR names a folder'}"
    )
    yield (
        "versions  "
        f" {', '.join(f'{name} {version}' for name, version in found['versions'].items())}"
    )
    for name, difference in found["differences"].items():
        verdict = "right      " if difference <= found["allowed"] else "WRONG      "
        yield f"{verdict}{name}: at most {difference:.0e} from the reference, of numbers up to 1"
    for speed in found["speeds"]:
        name = f"{speed['threads']} thread{'s' * (speed['threads'] > 1)}"
        yield (
            f"speed      {name}: {speed['words_per_s'] / 1e6:.2f} M words/s, {speed['share']:.0%}"
            " of the arithmetic bound"
        )
    if not right:
        yield "What is trained here cannot be trusted; please report what stands above."
