"""``fastw2v nearest``: the neighbours of words."""

import json

import click

from fastw2v.cli.options import as_json, ask, vectors_argument


@click.command()
@vectors_argument
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("-n", "--number", default=10, show_default=True, type=click.IntRange(1), help="How many neighbours.")
@as_json
def nearest(vectors, words, number, as_json):
    """Show the words whose vectors in the file VECTORS are nearest to each WORD, with their cosine.

    Without words, asks for them until the input ends.
    """
    from fastw2v.api import load

    loaded = load(vectors)

    def answer(word):
        found = loaded.nearest(word, number)
        if as_json:
            return json.dumps({"word": word, "nearest": [[w, round(score, 6)] for w, score in found]}, ensure_ascii=False)
        return "\n".join([word, *(f"  {score:7.4f}  {w}" for w, score in found)])

    if words:
        for answered in [answer(word) for word in words]:
            click.echo(answered)
    else:
        ask("word", 1, answer)
