"""``fastw2v analogy``: a is to b as c is to what?"""

import json

import click

from fastw2v.cli.options import as_json, ask, vectors_argument


@click.command()
@vectors_argument
@click.argument("words", nargs=-1, metavar="[A B C]")
@click.option("-n", "--number", default=5, show_default=True, type=click.IntRange(1), help="How many answers.")
@click.option(
    "--method",
    default="3cosadd",
    show_default=True,
    type=click.Choice(("3cosadd", "3cosmul")),
    help="How answers are scored.",
)
@as_json
def analogy(vectors, words, number, method, as_json):
    """A is to B as C is to what? Answers from the vectors in the file VECTORS: man king woman gives queen.

    Without words, asks for them until the input ends.
    """
    if len(words) not in (0, 3):
        raise click.UsageError(f"an analogy takes three words, A B C; got {len(words)}")
    from fastw2v.api import load

    loaded = load(vectors)

    def answer(a, b, c):
        found = loaded.analogy(a, b, c, number, method)
        if as_json:
            return json.dumps({"words": [a, b, c], "answers": [[w, round(s, 6)] for w, s in found]}, ensure_ascii=False)
        return "\n".join([f"{a} : {b} = {c} : ?", *(f"  {score:7.4f}  {w}" for w, score in found)])

    if words:
        click.echo(answer(*words))
    else:
        ask("A B C", 3, answer)
