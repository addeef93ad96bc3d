"""``fastw2v analogy``: a is to b as c is to what?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fastw2v.cli.options import number_option, vectors_argument
from fastw2v.cli.queries import QueryCommand, ask, check_order, check_source, query_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastw2v.cli.queries import Answer


@click.command()
@vectors_argument
@click.argument("words", nargs=-1, metavar="[A B C]...")
@number_option(5, "Number of answers.")
@click.option(
    "--method",
    default="3cosadd",
    show_default=True,
    type=click.Choice(("3cosadd", "3cosmul")),
    help="Scoring method.",
)
@query_options
def analogy(
    vectors: str,
    words: tuple[str, ...],
    number: int,
    method: str,
    source: str | None,
    as_json: bool,
) -> None:
    """Answer analogies, A is to B as C is to what?, with the vectors in the file VECTORS.

    For example, man king woman gives queen.

    Without words, the command reads three words per line from standard input: at a prompt, where
    the Tab key completes words, or from a pipe. --from reads them from a file.
    """
    check_source(words, source)
    check_order("analogy", vectors, words)
    if len(words) % 3:
        raise click.UsageError(f"an analogy needs three words, A B C; got {len(words)}")
    from fastw2v.api import load

    loaded = load(vectors)

    def answer(question: Sequence[str]) -> Answer:
        a, b, c = question
        return {
            "answers": [
                [w, round(score, 6)] for w, score in loaded.analogy(a, b, c, number, method)
            ]
        }

    def show(found: Answer) -> str:
        a, b, c = found["words"]
        return "\n".join(
            [f"{a} : {b} = {c} : ?", *(f"  {score:7.4f}  {w}" for w, score in found["answers"])]
        )

    command = QueryCommand(
        "A B C", "type three words: A is to B as C is to what?", _triples, _about, answer, show
    )
    ask(command, loaded, words, source, as_json)


def _triples(words: Sequence[str]) -> list[Sequence[str]] | None:
    return None if len(words) % 3 else [words[i : i + 3] for i in range(0, len(words), 3)]


def _about(question: Sequence[str]) -> Answer:
    return {"words": list(question)}
