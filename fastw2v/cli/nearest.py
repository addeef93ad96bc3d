"""``fastw2v nearest``: the neighbours of words."""

import click

from fastw2v.cli.asking import ask, asking_options
from fastw2v.cli.options import vectors_argument


@click.command()
@vectors_argument
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("-n", "--number", default=10, show_default=True, type=click.IntRange(1), help="How many neighbours.")
@click.option("--index", metavar="FILE", help="Search approximately, with an index that is made and kept in FILE (fastw2v[ann]).")
@asking_options
def nearest(vectors, words, number, index, source, as_json):
    """Show the words whose vectors in the file VECTORS are nearest to each WORD, with their cosine.

    Without words they are read from standard input, one a line: at a prompt where the Tab key completes them, from a pipe, or
    from a file (--from).
    """
    if words and source is not None:
        raise click.UsageError("words are given here or come from --from FILE, not both")
    from fastw2v.api import load

    loaded = load(vectors)
    search = loaded
    if index is not None:
        from fastw2v.vectors.approximate import open_index

        search = open_index(index, loaded)

    def answer(word):
        return {"word": word, "nearest": [[w, round(score, 6)] for w, score in search.nearest(word, number)]}

    def show(found):
        return "\n".join([found["word"], *(f"  {score:7.4f}  {w}" for w, score in found["nearest"])])

    ask(loaded, "word", answer, show, given=[(word,) for word in words], source=source, as_json=as_json)
