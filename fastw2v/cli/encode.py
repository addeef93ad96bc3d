"""``fastw2v encode``: tokenise once, train many times."""

import click

from fastw2v.cli.compiling import begin_compiling
from fastw2v.cli.options import (
    check_no_vectors,
    check_outputs,
    config_options,
    corpus_argument,
    make_config,
)
from fastw2v.cli.progress import ProgressLine


@click.command()
@corpus_argument
@click.option(
    "-o", "--output", required=True, help="Where the encoded corpus goes, for instance corpus.fw2v."
)
@config_options(
    "min_count", "max_vocab", "lowercase", "encoding_errors", "threads", defaults={"min_count": 1}
)
@click.option("--stop-words", metavar="FILE", help="Leave out the words of a file.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def encode(corpus, output, stop_words, quiet, **options):
    """Turn CORPUS into ids that fastw2v train reads as it reads text, without parsing it again.

    All words are kept by default, so that train can choose its own --min-count.
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
