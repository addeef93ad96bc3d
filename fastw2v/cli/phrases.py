"""``fastw2v phrases``: join the words of phrases."""

import time
from dataclasses import asdict

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
from fastw2v.config import PhraseConfig, TrainConfig
from fastw2v.files import atomic_write

GROUPS = {
    "Phrases": "scoring threshold min_count passes connector_words delimiter",
    "Output": "output encoded listing quiet",
    "Corpus": CORPUS_GROUP,
}


@click.command(cls=GroupedCommand, groups=GROUPS)
@corpus_argument
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PATH",
    default="phrased.txt",
    show_default=True,
    help="Output path of the text; .fw2v for an encoded corpus.",
)
@click.option(
    "--encoded", type=FILE, metavar="PATH", help="Also write the encoded corpus, for fastw2v train."
)
@click.option(
    "--list",
    "listing",
    type=FILE,
    metavar="PATH",
    help="Also write all phrases with count and score, one per line.",
)
@click.option(
    "--connector-words",
    metavar="WORDS",
    help="Words allowed within a phrase, comma-separated, or english for a built-in list.",
)
@config_options(
    "scoring",
    "threshold",
    "min_count",
    "passes",
    "delimiter",
    *READING,
    config=PhraseConfig,
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
def phrases(corpus, output, encoded, listing, connector_words, quiet, **options):
    """Join words of CORPUS that occur together more often than chance predicts.

    For example, new york becomes new_york. All other words stay, however rare. The score is that
    of word2phrase, or normalised pointwise mutual information.
    """
    config = make_config(options, PhraseConfig)
    outputs = [path for path in (output, encoded, listing) if path]
    for path in outputs:
        check_no_vectors(path, ".fw2v" if path == encoded else ".txt")
    begin_compiling()
    from fastw2v.corpus.encoded import open_corpus, save_encoded
    from fastw2v.corpus.phrases import ENGLISH, join_phrases, write_text
    from fastw2v.corpus.reader import find_files

    files = find_files(list(corpus))
    check_outputs(outputs, files)
    words = (connector_words or "").replace(",", " ").split()
    connectors = ENGLISH if words == ["english"] else frozenset(words)
    reading = {name: value for name, value in asdict(config).items() if name in READING}
    found = []
    with ProgressLine(quiet) as show:
        ids = open_corpus(files, TrainConfig(min_count=1, **reading), notify=show)
        for number in range(1, config.passes + 1):
            began = time.perf_counter()
            ids, new = join_phrases(ids, config, connectors)
            found += new
            best = ", ".join(config.delimiter.join(phrase.words) for phrase in new[:4])
            best = f": {best}" if best else "; a lower --threshold or --min-count would find more"
            show.say(
                f"pass {number}   {len(new):,} phrases ({time.perf_counter() - began:.1f} s){best}"
            )
        for path in filter(None, (output, encoded)):
            (save_encoded if path == encoded or path.endswith(".fw2v") else write_text)(ids, path)
            show.say(f"saved    {path}: {ids.tokens:,} words, {len(ids.vocabulary):,} distinct")
        if listing:
            with atomic_write(listing) as out:
                out.writelines(
                    (
                        f"{config.delimiter.join(phrase.words)}\t{phrase.count}"
                        f"\t{phrase.score:.6g}\n"
                    ).encode()
                    for phrase in found
                )
