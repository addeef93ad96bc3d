"""Tables of README and docs, each made from a file in bench/results and nothing else."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"
README = ROOT / "README.md"
RELIABILITY, DISTRIBUTED, FORMATS, DOCUMENTS, TEXTS = (
    ROOT / "docs" / f"{name}.md"
    for name in ("RELIABILITY", "distributed", "formats", "documents", "texts")
)
HEADLINE = "<!-- headline -->", "<!-- end of headline -->"
MARKS = "<!-- table -->", "<!-- end of table -->"
OBJECTIVES = "<!-- objectives -->", "<!-- end of objectives -->"
DETERMINISTIC = "<!-- deterministic -->", "<!-- end of deterministic -->"
FUZZ = "<!-- fuzz -->", "<!-- end of fuzz -->"
TORTURE = "<!-- torture -->", "<!-- end of torture -->"
QUANTISED = "<!-- quantised -->", "<!-- end of quantised -->"
RANKS = "<!-- ranks -->", "<!-- end of ranks -->"
OF_DOCUMENTS = "<!-- documents -->", "<!-- end of documents -->"
OF_TEXTS = "<!-- texts -->", "<!-- end of texts -->"


PEERS = ("gensim (corpus_file)", "fastText (no subwords)", "word2vec", "pWord2Vec", "pSGNScc")


def headline(*results):
    """How many times as fast as each other trainer fastw2v is, at least: the lowest ratio of all
    CPUs. Rows that are marked as unfair do not count.
    """
    lowest = {}
    for result in results:
        speeds = {row["name"]: row["words_per_s"] for row in result["rows"] if "unfair" not in row}
        for name in PEERS:
            if name in speeds:
                ratio = speeds["fastw2v"] / speeds[name]
                lowest[name] = min(ratio, lowest.get(name, ratio))
    ratios = [f"{ratio:.1f} times as fast as {name}" for name, ratio in lowest.items()]
    cpus = " and ".join(
        f"{each['machine']['cpu']} ({each['machine']['llvm_cpu']})" for each in results
    )
    return (
        "In training skip-gram with negative sampling, fastw2v is at least"
        f" {', '.join(ratios[:-1])} and {ratios[-1]}: the lowest ratio of words/s among"
        f" {len(results)} CPU{'s' * (len(results) > 1)}, {cpus}."
    )


def table(*results):
    """For each CPU the table of trainers and the sentence under it, as Markdown."""
    return "\n\n".join(_table(result) for result in results)


def _table(result):
    head = [
        (
            "| | whole process s | M words/s in training | peak MB | analogies | WordSim-353 |"
            " SimLex-999 |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {row['name']}{' (unfair, see below)' if 'unfair' in row else ''} |"
        f" {row['whole_process_s']:.0f} | {row['words_per_s'] / 1e6:.2f} |"
        f" {row['peak_mb']:.0f} | {row['analogies']:.3f} | {row['wordsim353']:.3f} |"
        f" {row['simlex999']:.3f} |"
        for row in result["rows"]
    ]
    caption = (
        f"{result['what']}, {_epochs(result)}, {result['threads']} threads;"
        f" {result['corpus']['words']:,} words of English Wikipedia ({result['corpus']['name']});"
        f" {_machine(result)}. {_rounds(result)} Words/s are words"
        " of the raw text per second of wall-clock time. Analogies: Google's, over the 30,000 most"
        f" frequent words, 3CosAdd. WordSim-353 and SimLex-999: Spearman's rho."
        f"{_smallest_peak(result)}{_built(result)}"
        " `python -m bench.peers CORPUS --eval FOLDER` repeats the measurement."
    )
    return "\n".join([*head, *rows, "", caption])


def _epochs(result):
    return f"{result['epochs']} epoch{'s' * (result['epochs'] > 1)}"


def _machine(result):
    machine = result["machine"]
    versions = ", ".join(
        f"{name} {version}" for name, version in machine["versions"].items() if version
    )
    return (
        f"{machine['cpu']} ({machine['llvm_cpu']}, {machine['simd']}), {machine['cores']} cores;"
        f" Python {machine['python']}, {versions}"
    )


def _rounds(result):
    """How often each program ran."""
    rounds = {row["rounds"] for row in result["rows"]}
    if len(rounds) == 1:
        n = rounds.pop()
        return f"Medians of {n} rounds, taking turns." if n > 1 else "One run of each."
    often = ", ".join(
        f"{row['name']} {row['rounds']}" for row in result["rows"] if row["rounds"] > 1
    )
    return f"Medians of alternating runs ({often}; the others 1)."


def _smallest_peak(result):
    """What peaks of older results cannot show: they count the benchmark's own memory too."""
    if "smallest_peak_mb" not in result:
        return ""
    return (
        f" Peak memory was measured from {result['smallest_peak_mb']} MB up: programs with this"
        " figure may need less."
    )


def _built(result):
    """How the programs were built that are no Python packages, and what was unfair to one."""
    caption = [f"{name}: {how}" for name, how in result.get("built", {}).items()]
    caption += [f"{row['name']}: {row['unfair']}" for row in result["rows"] if "unfair" in row]
    return "".join(f" {each}." for each in caption)


def objectives_table(*results):
    """For each CPU the table of objectives and the sentence under it, as Markdown."""
    return "\n\n".join(_objectives_table(result) for result in results)


def _objectives_table(result):
    head = [
        (
            "| | | whole process s | M words/s in training | ratio | analogies |"
            " WordSim-353 | MEN | rare words |"
        ),
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    ours = {
        row["objective"]: row["words_per_s"] for row in result["rows"] if row["name"] == "fastw2v"
    }
    rows = [
        f"| {row['objective']} | {row['name']} | {row['whole_process_s']:.0f} |"
        f" {row['words_per_s'] / 1e6:.2f} | {ours[row['objective']] / row['words_per_s']:.1f} |"
        f" {row['analogies']:.3f} | {row['wordsim353']:.3f} |"
        f" {row['men3k-natural']:.3f} | {row['rw']:.3f} |"
        for row in result["rows"]
    ]
    caption = (
        f"The same text, settings and words/s as above, {_epochs(result)},"
        f" {result['threads']} threads; {_machine(result)}. {_rounds(result)} Each program uses its"
        " own default learning rate, and gensim its `corpus_file`. Ratio: words/s of fastw2v"
        " divided by those of the row. MEN and rare words (Stanford's"
        " RW): Spearman's rho of all pairs that have vectors; with subwords, all pairs have"
        f" them.{_built(result)} `python -m bench.objectives CORPUS --eval FOLDER` repeats the"
        " measurement."
    )
    return "\n".join([*head, *rows, "", caption])


def deterministic_table(result):
    """The table of repeatable runs and the sentence under it, as Markdown."""
    head = [
        (
            "| | threads | M words/s in training | peak MB | analogies | WordSim-353 | SimLex-999 |"
            " different files |"
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {row['name']} | {row['threads']} | {row['words_per_s'] / 1e6:.2f} |"
        f" {row['peak_mb']:.0f} | {row['analogies']:.3f} | {row['wordsim353']:.3f} |"
        f" {row['simlex999']:.3f} | {row['files']} of {row['rounds']} |"
        for row in result["rows"]
    ]
    caption = (
        f"{result['corpus']['words']:,} words of English Wikipedia ({result['corpus']['name']}), D"
        f" 100, {result['epochs']} epochs; {result['machine']['cpu']}"
        f" ({result['machine']['llvm_cpu']}), {result['machine']['cores']} cores; medians of"
        " alternating runs. All runs with --deterministic gave"
        f" {_files(result['deterministic_files'])}. `python -m bench.deterministic CORPUS --eval"
        " FOLDER` repeats the measurement."
    )
    return "\n".join([*head, *rows, "", caption])


def _files(number):
    return "the same file, byte for byte" if number == 1 else f"{number} different files"


def torture_table(result):
    """The results of killed and resumed runs, as a sentence."""
    moments = sorted(result["moments"].items(), key=lambda item: -item[1])
    return (
        f"{result['kills']} interruptions in {result['runs']} runs"
        f" ({', '.join(f'{n} {name}' for name, n in moments)}; {result['damaged']} checkpoints"
        f" damaged): {result['different']} different results."
    )


def fuzz_table(result):
    """The table of randomly modified files, as Markdown."""
    head = [
        "| modified files | read correctly | refused | wrong | slowest s | peak memory MB |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {row['reader']} | {row['read']:,} | {row['refused']:,} | {row['wrong']:,} |"
        f" {row['slowest_s']:.2f} | {row['most_mb']:.0f} |"
        for row in result["rows"]
    ]
    return "\n".join([*head, *rows])


def quantised_table(result):
    """The table of smaller numbers, and the sentence under it, as Markdown."""
    names = list(result["rows"][0]["scores"])
    heads = ["", "MB", *names, "largest error of a cosine", "same among the nearest ten"]
    rows = [
        f"| {row['dtype']} | {row['mb']:.1f} |"
        + "".join(f" {row['scores'][name]:.4f} |" for name in names)
        + f" {row['cosine_error']:.1e} | {row['same_nearest']:.3f} |"
        for row in result["rows"]
    ]
    caption = (
        f"{result['words']:,} words, {result['dimensions']} dimensions; the nearest ten of"
        f" {result['queries']} words among the 30,000 most frequent; {result['machine']['cpu']}."
        " `python -m bench.quantised VECTORS --analogies FILE --pairs FILE` measures it again."
    )
    head = [f"| {' | '.join(heads)} |", "|---|" + "--:|" * (len(heads) - 1)]
    return "\n".join([*head, *rows, "", caption])


def documents_table(*results):
    """For each CPU the table of document vectors and the sentence under it, as Markdown."""
    return "\n\n".join(_documents_table(result) for result in results)


def _documents_table(result):
    head = [
        "| model | program | M words/s in training | accuracy |",
        "|---|---|--:|--:|",
    ]
    rows = [
        f"| {row['model']} | {row['name']} | {row['words_per_s'] / 1e6:.2f} |"
        f" {row['accuracy']:.3f} |"
        for row in result["rows"]
    ]
    caption = (
        f"{result['texts']:,} film reviews (Maas et al. 2011) of {result['words']:,} words, D 100,"
        f" window 5, K 5, sample 1e-4, {result['epochs']} epochs, {result['threads']} threads;"
        f" {_machine(result)}."
        f" {_rounds(result)} Accuracy: logistic regression on the vectors, trained on half of the"
        " reviews, on the other half. `python -m bench.documents REVIEWS` repeats the measurement."
    )
    return "\n".join([*head, *rows, "", caption])


def texts_table(result):
    """The table of ways to make vectors of texts, and the sentence under it, as Markdown."""
    rows = [f"| {row['name']} | {row['accuracy']:.3f} |" for row in result["rows"]]
    deviation = max(row["deviation"] for row in result["rows"])
    caption = (
        "Accuracy of logistic regression on film reviews (Maas et al. 2011;"
        f" {result['texts']['train']:,} for training, {result['texts']['test']:,} for testing),"
        " with vectors scaled to length 1. Word vectors: skip-gram, 100 dimensions,"
        f" {result['epochs']} epochs on the words of all reviews, without labels; means of"
        f" {result['seeds']} seeds, with standard deviations of at most {deviation:.3f}. `python -m"
        " bench.texts REVIEWS` repeats the measurement."
    )
    return "\n".join(["| texts as | accuracy |", "|---|--:|", *rows, "", caption])


def ranks_table(result):
    """Tables of runs on many ranks: their quality, time at a slow link beside the model, the
    model's answers.
    """
    machine = result["machine"]
    caption = (
        f"Measured on {machine['cpu']}, {machine['cores']} cores, Open MPI"
        f" {machine['versions']['openmpi']}; `python -m bench.distributed` repeats the measurement."
    )
    parts = [
        _quality_of_ranks(result["quality"]),
        _links(result["link"]),
        _speedups(result["model"]),
        [caption],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def _quality_of_ranks(result):
    yield (
        "| ranks | `--sync-every` | analogies | WordSim-353 | bytes sent per word | by the model |"
        " rounds | drift |"
    )
    yield "|--:|--:|--:|--:|--:|--:|--:|--:|"
    for row in result["rows"]:
        apart = f"{row['drift'][0]:.1%} to {row['drift'][-1]:.1%}" if row["drift"] else ""
        yield (
            f"| {row['ranks']} | {row['sync_every']:,} | {row['analogies']:.3f} |"
            f" {row['wordsim353']:.3f} | {row['bytes_per_word']:,.0f} |"
            f" {row['model_bytes_per_word']:,.0f} | {row['rounds']:,} | {apart} |"
        )
    yield (
        f"\n{result['words']:,} words of English Wikipedia ({result['corpus']}), 5 epochs, one"
        " thread per rank, default options otherwise. Each word is trained by one rank, so each of"
        " 8 ranks trained one eighth. Analogies: Google's, over the 30,000 most frequent words."
        " The model's bytes assume rounds of full length. Drift: distance between the ranks' rows"
        " relative to the row norm, in the first and the last epoch."
    )


def _links(result):
    yield "| link | sent each way | communicating, measured | by the model |"
    yield "|--:|--:|--:|--:|"
    unlimited, *limited = result["rows"]
    for row in limited:
        yield (
            f"| {row['mbits']} Mbit/s | {row['bytes_sent'] / 1e6:,.0f} MB | {row['seconds']:.1f} s"
            f" | {row['model_s']:.1f} s |"
        )
    yield (
        "\nTwo ranks in two network namespaces with a limited link between them"
        f" ({result['corpus']}, one epoch). The model adds the time over an unlimited link"
        f" ({unlimited['seconds']:.1f} s, waiting included) and the transfer time of the bytes,"
        " with 64 KB in flight at the end of each exchange."
    )


def _speedups(result):
    yield (
        f"| vocabulary | words/s per machine | link |{''.join(f' {n} |' for n in result['nodes'])}"
    )
    yield f"|--:|--:|--:|{'--:|' * len(result['nodes'])}"
    for row in result["rows"]:
        times = "".join(f" {each:.1f} |" for each in row["speedup"])
        yield (
            f"| {row['vocabulary']:,} | {row['words_per_s'] / 1e6:.0f} M | {row['gbit']} Gbit/s"
            f" |{times}"
        )
    yield (
        f"\nSpeed-up over one machine, for 1 to {result['nodes'][-1]} machines, by the model:"
        f" {result['words'] / 1e9:.0f} billion words trained, 100 dimensions, `--sync-every"
        f" {result['sync_every']}`."
    )


def results_of(name):
    """The results in the files of bench/results whose names match a pattern."""
    paths = sorted(RESULTS.glob(name))
    return [json.loads(path.read_text(encoding="utf8")) for path in paths]


def write_result(name, result):
    """Write a result as ``bench/results/NAME.json``, and update the tables of the documentation.

    The result of a benchmark whose name ends in ``-`` is of one kind of CPU, whose name follows.
    """
    cpu = result["machine"]["llvm_cpu"] if name.endswith("-") else ""
    RESULTS.mkdir(exist_ok=True)
    write_json(RESULTS / f"{name}{cpu}.json", result)
    update_tables()


def write_json(path, result):
    """Write a result as JSON, one value a line."""
    Path(path).write_text(json.dumps(result, indent=1) + "\n", encoding="utf8")


def update_tables():
    """Put each table between its marks in its page."""
    for name, page, marks, make in TABLES:
        if results := results_of(name):
            text, made = page.read_text(encoding="utf8"), make(*results)
            between = f"{marks[0]}\n{made}\n{marks[1]}"
            page.write_text(
                re.sub(f"{marks[0]}.*{marks[1]}", lambda _, new=between: new, text, flags=re.S),
                encoding="utf8",
            )


# the files that a table is made of, its page, its marks there, and what makes it
TABLES = [
    ("peers-*.json", README, HEADLINE, headline),
    ("peers-*.json", README, MARKS, table),
    ("objectives-*.json", README, OBJECTIVES, objectives_table),
    ("deterministic.json", RELIABILITY, DETERMINISTIC, deterministic_table),
    ("fuzz.json", RELIABILITY, FUZZ, fuzz_table),
    ("torture.json", RELIABILITY, TORTURE, torture_table),
    ("quantised.json", FORMATS, QUANTISED, quantised_table),
    ("distributed.json", DISTRIBUTED, RANKS, ranks_table),
    ("documents-*.json", DOCUMENTS, OF_DOCUMENTS, documents_table),
    ("texts.json", TEXTS, OF_TEXTS, texts_table),
]

if __name__ == "__main__":
    update_tables()
