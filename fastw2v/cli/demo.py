"""``fastw2v demo``: write the small bundled corpus, to try the program."""

import lzma
import sys
from pathlib import Path

import click

from fastw2v.cli.options import FILE
from fastw2v.cli.terminal import echo_answer

SETS = ("analogies.txt", "pairs.tsv", "categories.tsv", "paraphrases.tsv")


@click.command()
@click.argument("corpus", type=FILE, default="world.txt", metavar="[CORPUS]")
def demo(corpus: str) -> None:
    """Write a small corpus to the file CORPUS (world.txt by default) and its evaluation sets next
    to it, and print commands to try.

    The corpus has 36,000 sentences about people, countries, food and weather (1.8 MB). A program
    generated it, so the relations of its words are known. With - as CORPUS, only the corpus is
    written, to standard output.
    """
    from fastw2v.errors import OutputError
    from fastw2v.evaluation.scores import BUNDLED
    from fastw2v.files import atomic_write, check_writable

    text = lzma.decompress((BUNDLED / "world.txt.xz").read_bytes())
    if corpus == "-":
        sys.stdout.buffer.write(text)
        return
    check_writable(corpus)
    beside = {str(Path(corpus).with_suffix("")) + f"-{name}": f"world-{name}" for name in SETS}
    files = {corpus: text} | {path: (BUNDLED / name).read_bytes() for path, name in beside.items()}
    for path, content in files.items():
        if Path(path).is_file() and Path(path).read_bytes() != content:
            raise OutputError(f"{path}: exists with different content; give another name")
    for path, content in files.items():
        with atomic_write(path) as file:
            file.write(content)
    analogies, pairs, *_ = beside
    sentences, words = len(text.splitlines()), len(text.split())
    echo_answer(
        f"{corpus}: {sentences:,} sentences, {words:,} words\n"
        f"{', '.join(beside)}: evaluation sets\n"
        "\n"
        "Try:\n"
        f"  fastw2v train {corpus}\n"
        "  fastw2v nearest vectors.bin king rain coffee\n"
        "  fastw2v analogy vectors.bin france paris japan\n"
        f"  fastw2v evaluate vectors.bin --analogies {analogies} --pairs {pairs}\n"
        "  fastw2v map vectors.bin"
    )
