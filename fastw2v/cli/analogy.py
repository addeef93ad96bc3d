"""``fastw2v analogy``: a is to b as c is to what?"""

import click

from fastw2v.cli.asking import ask, asking_options
from fastw2v.cli.options import vectors_argument


@click.command()
@vectors_argument
@click.argument("words", nargs=-1, metavar="[A B C]...")
@click.option("-n", "--number", default=5, show_default=True, type=click.IntRange(1), help="How many answers.")
@click.option(
    "--method",
    default="3cosadd",
    show_default=True,
    type=click.Choice(("3cosadd", "3cosmul")),
    help="How answers are scored.",
)
@asking_options
def analogy(vectors, words, number, method, source, as_json):
    """A is to B as C is to what? Answers from the vectors in the file VECTORS: man king woman gives queen.

    Without words they are read from standard input, three a line: at a prompt where the Tab key completes them, from a pipe,
    or from a file (--from).
    """
    if len(words) % 3:
        raise click.UsageError(f"an analogy takes three words, A B C; got {len(words)}")
    if words and source is not None:
        raise click.UsageError("words are given here or come from --from FILE, not both")
    from fastw2v.api import load

    loaded = load(vectors)

    def answer(a, b, c):
        found = loaded.analogy(a, b, c, number, method)
        return {"words": [a, b, c], "answers": [[w, round(score, 6)] for w, score in found]}

    def show(found):
        a, b, c = found["words"]
        return "\n".join([f"{a} : {b} = {c} : ?", *(f"  {score:7.4f}  {w}" for w, score in found["answers"])])

    ask(loaded, "A B C", answer, show, given=zip(*[iter(words)] * 3, strict=True), source=source, as_json=as_json)
