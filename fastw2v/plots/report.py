"""The report of a run: one HTML page, to read and to print."""

from __future__ import annotations

import glob
import math
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from fastw2v.config import TrainConfig
from fastw2v.corpus.vocabulary import Vocabulary, read_vocabulary
from fastw2v.errors import CorpusError, PlotError, VectorsError
from fastw2v.files import atomic_write, check_distinct, check_writable, reason
from fastw2v.paths import open_regular, run_files, shown
from fastw2v.plots.curves import draw_plane, draw_scores, draw_training, draw_zipf, svg_of
from fastw2v.plots.projection import project
from fastw2v.plots.run_log import MAX_LOG_BYTES, read_run
from fastw2v.plots.web_map import page, page_file
from fastw2v.vectors.tables import unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeVar

    from fastw2v.paths import AnyPath
    from fastw2v.plots.run_log import Run
    from fastw2v.vectors.word_vectors import WordVectors

    Found = TypeVar("Found")

SHOWN_WORDS = 8  # words whose neighbours are shown
NEIGHBORS = 5  # of each
NAMES_OF_VALUES = {"None": "–", "True": "yes", "False": "no"}
MIN_RANK = 20  # no shown word is among the 20 nearest of another one
FREQUENT_SHARE = 0.5  # share of the text that the most frequent words make up; these are not shown


@dataclass(frozen=True)
class ReportResult:
    """The bytes of a page that was written, and notes about what it leaves out."""

    size: int
    notes: list[str]


def write_report(
    run_folder: AnyPath,
    path: AnyPath,
    *,
    words: str | Sequence[str] | None = None,
    vectors: WordVectors | None = None,
    title: str | None = None,
) -> ReportResult:
    """Write the report of a run folder as an HTML page.

    A run that has not ended is reported as far as it has come. If vectors or corpus are missing,
    the report leaves them out.

    Parameters
    ----------
    run_folder : str or path
        Folder of ``train --run-dir``.
    path : str or path
        Output path of the page.
    words : list of str, optional
        Words whose neighbours are shown; by default some frequent ones.
    vectors : WordVectors, optional
        Vectors of the run; by default read from its output file.
    title : str, optional
        Title of the page; by default the name of the run folder.

    Returns
    -------
    ReportResult
        The size of the page in bytes, and notes about what it leaves out.

    Raises
    ------
    PlotError
        The folder is not a run folder, or has no vectors for ``words``.
    UnknownWordError
        A word is not in the vocabulary.
    OutputError
        The page cannot be written.
    """
    check_writable(path)
    run = read_run(run_folder)
    if os.path.lexists(path):
        check_replaces_none(path, [run])
    notes, words = log_notes(run), [words] if isinstance(words, str) else words
    vectors = vectors if vectors is not None else _read_or_note(notes, lambda: _load(run))
    vocabulary = _read_or_note(notes, lambda: _vocabulary(run))
    if words is not None and vectors is None:
        raise PlotError(
            f"{run.folder}: the run has no vectors yet, whose neighbours could be shown; leave out"
            " --words"
        )
    sections = [
        _training(run),
        _scores(run) if run.scores else "",
        _neighbors(vectors, words, vocabulary) if vectors is not None and len(vectors) > 2 else "",
        _corpus(run, vocabulary),
        _settings(run),
    ]
    return write_page(
        path,
        notes,
        kind="Report of a run",
        title=escape(shown(title or run.folder.resolve().name)),
        when="<br>".join(map(escape, filter(None, (_model(run), _when(run))))),
        figures=_figures(run),
        sections="".join(sections),
        version=escape(run.version),
        folder=escape(shown(run.folder)),
    )


def write_page(path: AnyPath, notes: list[str], **parts: str) -> ReportResult:
    """Write a report from the parts of its page, as HTML."""
    text = page(
        "report.html",
        style=page_file("report.css"),
        notes="".join(f'<p class="note">{escape(note)}</p>' for note in notes),
        **parts,
    )
    with atomic_write(path) as out:
        out.write(text)
    return ReportResult(len(text), notes)


# ---- files that the run folder names


def check_replaces_none(path: AnyPath, runs: Sequence[Run]) -> None:
    """Raise OutputError if a page would replace a file that runs read or write.

    Patterns are compared, not searched for: those of untrusted runs may name a whole disk.
    """
    from fastw2v.corpus.reader import find_files

    files: list[AnyPath] = []
    for run in runs:
        files += [*run_files(run.folder), *run.inputs]
        for name in run.corpora:
            corpus = os.path.abspath(run.folder / name)
            if glob.has_magic(name) and not os.path.lexists(corpus):
                names = (os.path.abspath(path), os.path.realpath(path))
                files += [path] if any(fnmatch(each, corpus) for each in names) else []
                continue
            with suppress(CorpusError):
                files += find_files(corpus if name != "-" else name)
    check_distinct([path], files)


def _load(run: Run) -> WordVectors:
    output = run.output
    try:
        if output is None or not output.exists():
            raise VectorsError(
                f"{shown(output or 'the vectors')}: does not exist (yet), so no words are shown"
            )
    except OSError as error:
        raise VectorsError(f"{shown(output or 'the vectors')}: {reason(error)}") from error
    from fastw2v.api import load

    return load(output)


def _vocabulary(run: Run) -> Vocabulary:
    path = run.folder / "vocabulary.txt"
    try:
        open_regular(path).close()
    except FileNotFoundError:
        raise CorpusError(
            f"{shown(path)}: does not exist (yet), so the Zipf curve is left out"
        ) from None
    except OSError as error:
        raise CorpusError(f"{shown(path)}: cannot be read: {reason(error)}") from error
    found = read_vocabulary(path)
    return Vocabulary(list(found), np.array(list(found.values()), np.int64))


def _read_or_note(notes: list[str], read: Callable[[], Found]) -> Found | None:
    """Return what ``read`` returns; on an error, add it to the notes and return None."""
    try:
        return read()
    except (VectorsError, CorpusError) as error:
        notes.append(f"{error}.")
        return None


def log_notes(run: Run) -> list[str]:
    """Say what of a run's log is left out."""
    notes, log = [], shown(run.folder / "log.jsonl")
    if run.unread:
        lines = "1 line" if run.unread == 1 else f"{run.unread} lines"
        notes.append(
            f"{lines} of {log} could not be read and {'is' if run.unread == 1 else 'are'} left out."
        )
    if run.cut:
        notes.append(f"{log}: only its first {MAX_LOG_BYTES >> 20} MiB were read.")
    return notes


# ---- sections, as HTML


def section(title: str, about: str, body: str) -> str:
    return f'<section><h2>{escape(title)}</h2><p class="about">{escape(about)}</p>{body}</section>'


def table(corner: str, heads: Iterable[str], rows: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Return an HTML table whose rows are a name, as HTML, and numbers."""
    head = "".join(f'<th class="number">{escape(name)}</th>' for name in heads)
    body = "".join(
        f"<tr><th>{name}</th>"
        + "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    return (
        f'<div class="wide"><table><thead><tr><th>{corner}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _figures(run: Run) -> str:
    last = run.progress[-1] if run.progress else None
    losses = [line["loss"] for line in run.progress if math.isfinite(line["loss"])]
    shown = [
        ("Speed", format_speed(run.words_per_s), "words per second"),
        (
            "Loss",
            f"{losses[-1]:.4f}" if losses else "?",
            "mean per pair, final" if run.ended else "mean per pair, so far",
        ),
        ("Training time", format_duration(run.seconds), _threads_and_sessions(run)),
        (
            "Trained",
            format_count(last["tokens"]) if last else "0",
            f"tokens of {format_count(last['total'])}" if last else "tokens",
        ),
        ("Vocabulary", format_count(run.corpus.get("words")), "words"),
    ]
    if run.synchronisation:
        shown.append(
            (
                "Ranks",
                f"{run.synchronisation['ranks']:.0f}",
                _synchronisation_cost(run.synchronisation),
            )
        )
    rows = (
        f"<div><dt>{name}</dt><dd>{value}<small>{escape(unit)}</small></dd></div>"
        for name, value, unit in shown
    )
    return "\n".join(rows)


def _synchronisation_cost(cost: Mapping[str, float]) -> str:
    share = cost["seconds"] / max(cost["of_seconds"], 1e-9)
    return (
        f"{cost['bytes_sent'] / 1e6:,.0f} MB sent by each rank per epoch, {share:.0%} of its time;"
        f" drift {cost['drift']:.1%}"
    )


def _threads_and_sessions(run: Run) -> str:
    threads = (
        f"on {run.threads} thread{'s' if run.threads != 1 else ''}"
        if isinstance(run.threads, int)
        else ""
    )
    return (
        f"{threads}, in {len(run.sessions)} parts".strip(", ") if len(run.sessions) > 1 else threads
    )


def _model(run: Run) -> str:
    """Say what was trained: model, loss, dimensions, and the file of the vectors."""
    config = run.config
    model = {"skipgram": "Skip-gram", "cbow": "CBOW", "dbow": "DBOW", "dm": "DM"}
    loss = {"ns": "negative sampling", "hs": "hierarchical softmax", "softmax": "naive softmax"}
    parts = [model.get(str(config.get("model"))), loss.get(str(config.get("loss")))]
    if isinstance(size := config.get("vector_size"), int):
        parts.append(f"{size} dimensions")
    output = f"; vectors in {shown(run.output.name)}" if run.output else ""
    return f"{', '.join(filter(None, parts))}{output}." if any(parts) else ""


def _when(run: Run) -> str:
    if not run.sessions:
        return "The log has no start of the run yet."
    begin, last = run.sessions[0][0], run.sessions[-1][1]
    machine = f" {run.machine}." if run.machine else ""
    if run.ended:
        return f"Started {_date(begin)}, ended {_date(last)}.{machine}"
    share = (
        f" at {run.progress[-1]['tokens'] / run.progress[-1]['total']:.0%}" if run.progress else ""
    )
    return f"Started {_date(begin)}, not ended; last log entry{share}, {_date(last)}.{machine}"


def _training(run: Run) -> str:
    if not run.progress:
        return section("Training", "No progress was logged yet.", "")
    about = (
        "Mean loss per pair between two log entries. For a large corpus, it is measured on a sample"
        " of the centre words."
    )
    if run.resumed:
        places = ", ".join(format_count(tokens) for tokens in run.resumed)
        about += f" Vertical lines: the run was interrupted, and resumed at {places} tokens."
    svg = svg_of(
        "training",
        5.4,
        draw_training(run),
        "Loss, words per second and learning rate over the trained tokens",
    )
    return section("Training", about, f"<figure>{svg}</figure>")


def _scores(run: Run) -> str:
    epochs = sorted(run.scores)
    names = list(dict.fromkeys(name for epoch in epochs for name in run.scores[epoch]))
    rows = [
        (
            f"{epoch} <small>best so far</small>" if epoch in run.best else f"{epoch}",
            [format_score(run.scores[epoch].get(name, math.nan)) for name in names],
        )
        for epoch in epochs
    ]
    svg = svg_of("scores", 2.8, draw_scores(run), "Scores after each epoch")
    about = (
        "Accuracy of analogies, or Spearman's rho of word similarity, after each evaluated epoch."
    )
    body = f"<figure>{svg}</figure>{table('epoch', names, rows)}"
    return section("Evaluation", about, body)


def _neighbors(
    vectors: WordVectors, words: Sequence[str] | None, vocabulary: Vocabulary | None
) -> str:
    """Return sections with the neighbours of some words, and with a projection of all of them."""
    chosen = "Nearest neighbours by cosine."
    if words is None:
        words = default_words(vectors, vocabulary)
        chosen += " By default, the words are frequent ones of the rarer half of the text."
    words = list(dict.fromkeys(words))
    nearest = {word: vectors.nearest(word, NEIGHBORS) for word in words}
    rows = "".join(
        f'<tr><th dir="auto">{escape(word)}</th>'
        + "".join(
            f"<td><bdi>{escape(other)}</bdi><small>{cosine:.2f}</small></td>"
            for other, cosine in found
        )
        + "</tr>"
        for word, found in nearest.items()
    )
    neighbours = f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'
    groups: dict[str, int] = {}
    for number, (word, found) in enumerate(nearest.items()):
        for each in (word, *(other for other, _ in found[: NEIGHBORS - 1])):
            groups.setdefault(each, number)
    if len(groups) < 3:
        return section("Neighbours", chosen, neighbours)
    projection = project(unit(np.asarray(vectors[list(groups)], np.float32)))
    draw = draw_plane(projection, list(groups), list(groups.values()))
    svg = svg_of("plane", 6.2, draw, "These words in two dimensions")
    about = (
        f"PCA of these words and their neighbours, vectors scaled to length 1; {projection.note}."
    )
    return section("Neighbours", chosen, neighbours) + section(
        "Projection", about, f"<figure>{svg}</figure>"
    )


def default_words(vectors: WordVectors, vocabulary: Vocabulary | None = None) -> list[str]:
    """Return frequent words of the rarer half of the text, no two of which are neighbours.

    Counts are those of the vectors or of the vocabulary; without either, the first twentieth of the
    words is skipped.
    """
    counts = vectors.counts
    if counts is None and vocabulary is not None and vocabulary.words == list(vectors.words):
        counts = vocabulary.counts
    first = min(200, len(vectors) // 20)
    if counts is not None:
        first = int(np.searchsorted(np.cumsum(counts), FREQUENT_SHARE * counts.sum()))
    long = [
        word
        for word in vectors.words[first:]
        if word.isalpha() and (len(word) > 3 or not word.isascii())
    ]
    chosen: list[str] = []
    excluded: set[str] = set()
    for word in long or vectors.words:
        if word not in excluded:
            chosen.append(word)
            excluded |= {word, *(other for other, _ in vectors.nearest(word, MIN_RANK))}
        if len(chosen) == SHOWN_WORDS:
            break
    return chosen


def _corpus(run: Run, vocabulary: Vocabulary | None) -> str:
    corpus = run.corpus
    files = corpus.get("files")
    names = files if isinstance(files, list) else []
    shown = ", ".join(map(str, names[:5])) + (
        f" and {len(names) - 5} more" if len(names) > 5 else ""
    )
    read, kept = corpus.get("tokens_read"), corpus.get("tokens")
    lines, distinct, words = (
        format_count(corpus.get(name)) for name in ("lines", "words_seen", "words")
    )
    share = (
        f" ({kept / read:.1%})"
        if isinstance(read, int) and isinstance(kept, int) and read > 0
        else ""
    )
    about = (
        f"{shown or 'Text'}: {format_count(read)} words in {lines} lines, {distinct} distinct."
        f" The vocabulary of {words} covers {format_count(kept)} of them{share}."
    )
    if vocabulary is None or len(vocabulary) < 2:
        return section("Corpus", about, "")
    draw = draw_zipf(vocabulary.words, vocabulary.counts)
    return section(
        "Corpus",
        about,
        f"<figure>{svg_of('zipf', 3.4, draw, 'Counts of words over their rank')}</figure>",
    )


def _settings(run: Run) -> str:
    defaults = asdict(TrainConfig())
    rows = ""
    for name, value in run.config.items():
        changed = ' class="changed"' if name in defaults and value != defaults[name] else ""
        shown = NAMES_OF_VALUES.get(str(value), str(value))
        rows += f"<div{changed}><dt>{escape(name)}</dt><dd>{escape(shown)}</dd></div>"
    about = "All options of the run; values that differ from the defaults are highlighted."
    return section("Configuration", about, f'<dl class="settings">{rows}</dl>')


def format_count(number: object) -> str:
    return f"{number:,}" if isinstance(number, int) and not isinstance(number, bool) else "?"


def format_score(score: float) -> str:
    return f"{score:.3f}" if math.isfinite(score) else "–"


def format_speed(words_per_s: float) -> str:
    if not math.isfinite(words_per_s):
        return "?"
    return f"{words_per_s / 1e6:.2f} M" if words_per_s >= 1e5 else f"{words_per_s:,.0f}"


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def format_duration(seconds: float) -> str:
    """Return a time as 1 h 02 min, 2 min 03 s, or 3.1 s."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60:02} min"
        if minutes >= 60
        else f"{minutes} min {seconds:02} s"
    )
