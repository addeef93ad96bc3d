"""README's table, made from bench/results/peers.json and nothing else."""

import json
import re
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parent.parent / "README.md"
MARKS = "<!-- table -->", "<!-- end of table -->"


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


def update_readme():
    """Put the table between README's marks."""
    result = json.loads(Path(RESULTS, "peers.json").read_text(encoding="utf8"))
    text = README.read_text(encoding="utf8")
    between = f"{MARKS[0]}\n{table(result)}\n{MARKS[1]}"
    README.write_text(re.sub(f"{MARKS[0]}.*{MARKS[1]}", lambda _: between, text, flags=re.S), encoding="utf8")


if __name__ == "__main__":
    update_readme()
