"""README's tables, made from bench/results/peers.json and objectives.json, and nothing else."""

import json
import re
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parent.parent / "README.md"
MARKS = "<!-- table -->", "<!-- end of table -->"
OBJECTIVES = "<!-- objectives -->", "<!-- end of objectives -->"


def table(result):
    """The table and the sentence under it, as Markdown."""
    head = [
        "| | whole process s | M words/s in training | peak MB | analogies | WordSim-353 | SimLex-999 |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {row['name']} | {row['whole_process_s']:.0f} | {row['words_per_s'] / 1e6:.2f} | {row['peak_mb']:.0f}"
        f" | {row['analogies']:.3f} | {row['wordsim353']:.3f} | {row['simlex999']:.3f} |"
        for row in result["rows"]
    ]
    machine = result["machine"]
    rounds = ", ".join(f"{row['name']} {row['rounds']}" for row in result["rows"] if row["rounds"] > 1)
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if version)
    said = (
        f"{result['what']}, {result['epochs']} epochs, {result['threads']} threads; {result['corpus']['words']:,} words of"
        f" English Wikipedia ({result['corpus']['name']}); {machine['cpu']} ({machine['llvm_cpu']}, {machine['simd']}),"
        f" {machine['cores']} cores; Python {machine['python']}, {versions}. Medians of runs that took turns"
        f"{' (' + rounds + '; the others one)' if rounds else ''}."
        " Words are those of the raw text, seconds those of the wall clock."
        " Analogies: Google's, over the 30,000 most frequent words, 3CosAdd; the others Spearman's rho."
        " `python -m bench.peers CORPUS --eval FOLDER` measures it again."
    )
    return "\n".join([*head, *rows, "", said])


def objectives_table(result):
    """The table of objectives and the sentence under it, as Markdown."""
    head = [
        "| | | whole process s | M words/s in training | analogies | WordSim-353 | MEN | rare words |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {row['objective']} | {row['name']} | {row['whole_process_s']:.0f} | {row['words_per_s'] / 1e6:.2f}"
        f" | {row['analogies']:.3f} | {row['wordsim353']:.3f} | {row['men3k-natural']:.3f} | {row['rw']:.3f} |"
        for row in result["rows"]
    ]
    said = (
        f"The same text, machine, settings and words/s as above, {result['epochs']} epochs, {result['threads']} threads, one run"
        " each in turn; every trainer with its own default learning rate, gensim with its `corpus_file`. MEN and rare words"
        " (Stanford's RW): Spearman's rho of all pairs that have vectors; with subwords all of them have."
        " `python -m bench.objectives CORPUS --eval FOLDER` measures it again."
    )
    return "\n".join([*head, *rows, "", said])


def update_readme():
    """Put each table between its marks in README."""
    text = README.read_text(encoding="utf8")
    for name, (marks, make) in TABLES.items():
        if Path(RESULTS, name).exists():
            made = make(json.loads(Path(RESULTS, name).read_text(encoding="utf8")))
            between = f"{marks[0]}\n{made}\n{marks[1]}"
            text = re.sub(f"{marks[0]}.*{marks[1]}", lambda _, between=between: between, text, flags=re.S)
    README.write_text(text, encoding="utf8")


TABLES = {"peers.json": (MARKS, table), "objectives.json": (OBJECTIVES, objectives_table)}

if __name__ == "__main__":
    update_readme()
