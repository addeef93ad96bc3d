"""``fastw2v encode``: tokenise once, train many times."""

import click

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.options import (
    CORPUS_GROUP,
    FILE,
    READING,
    GroupedCommand,
    check_no_vectors,
    check_outputs,
    config_options,
    corpus_argument,
    make_config,
)
from fastw2v.cli.progress import ProgressLine

GROUPS = {
    "Common options": "output min_count max_vocab stop_words threads quiet",
    "Corpus": CORPUS_GROUP,
}


@click.command(cls=GroupedCommand, groups=GROUPS)
@corpus_argument
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PATH",
    required=True,
    help="Output path of the encoded corpus, for example corpus.fw2v.",
)
@config_options(
    "min_count",
    "max_vocab",
    *READING,
    defaults={"min_count": 1},
)
@click.option(
    "--stop-words",
    type=FILE,
    metavar="FILE",
    help="File of words to leave out, separated by white space.",
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
def encode(corpus, output, stop_words, quiet, **options):
    """Encode CORPUS as token ids, so that fastw2v train need not parse it again.

    By default all words are kept, so that train can apply its own --min-count.
    """
    config = make_config(options)
    check_no_vectors(output, ".fw2v")
    begin_compiling()
    from fastw2v.corpus.encoded import write_encoded
    from fastw2v.corpus.reader import find_files
    from fastw2v.corpus.vocabulary import read_words

    files = find_files(list(corpus))
    check_outputs([output], [*files, *filter(None, [stop_words])])
    with ProgressLine(quiet) as show:
        encoded = write_encoded(
            files,
            output,
            config,
            read_words(stop_words) if stop_words else frozenset(),
            notify=show,
        )
        show.say(
            f"saved    {output}: {encoded.tokens:,} words, {len(encoded.vocabulary):,} distinct"
        )
