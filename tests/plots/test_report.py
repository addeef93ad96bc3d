import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from fastw2v.errors import PlotError, UnknownWordError
from fastw2v.plots.curves import _end_at_one
from fastw2v.plots.report import MIN_RANK, default_words, format_duration, write_report
from fastw2v.vectors.word_vectors import WordVectors
from tests.helpers.browser import chromium, complaints, prefer, requested, resize
from tests.helpers.runs import BEGAN, begin, make_run, progress

EVIL = "</svg></script><b>x</b>"


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(3)
    words = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(120)]
    words[0], words[60] = "the", EVIL
    return WordVectors(
        words, rng.normal(size=(120, 8)).astype(np.float32), counts=3000 // np.arange(1, 121)
    )


@pytest.fixture
def run(tmp_path, vectors):
    """A run that was resumed, with losses that are not known, scores, and a last line cut short."""
    scores = [
        {
            "kind": "evaluated",
            "time": BEGAN + 9,
            "epoch": n,
            "scores": {"pairs<": 0.4 + n / 10},
            "best": True,
        }
        for n in (1, 2)
    ]
    lines = [begin(), *(progress(100 * i, i, loss=None if i == 2 else 3 / i) for i in range(1, 6))]
    lines += [
        begin(BEGAN + 100),
        {"kind": "resume", "time": BEGAN + 100, "tokens": 300, "file": "checkpoint-1.npz"},
    ]
    lines += [
        progress(100 * i, i, time=BEGAN + 100 + i, loss=float("nan") if i == 7 else 3 / i)
        for i in range(4, 11)
    ]
    lines += [*scores, {"kind": "end", "time": BEGAN + 111, "seconds": 16}]
    vectors.save(tmp_path / "vectors.npz")
    text = [["$\\frac$", "<i>", "$\\frac$", "rare", "$\\frac$"]] * 20
    return make_run(tmp_path / "run", lines, end='{"kind": "pro', corpus=text, alpha=0.05)


def test_a_report_tells_of_the_run(run, tmp_path):
    reported = write_report(run, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf8")
    assert reported.notes == [] and reported.size == (tmp_path / "report.html").stat().st_size
    assert re.findall("<h2>(.*?)</h2>", text) == [
        "Training",
        "Evaluation",
        "Neighbours",
        "Projection",
        "Corpus",
        "Configuration",
    ]
    for part in (
        "<h1>run</h1>",
        "Skip-gram, negative sampling, 100 dimensions; vectors in vectors.npz.<br>",
        "a &lt;machine&gt;.",
        "1,000<small>tokens of 1,000",
        "0.3000<small>mean per pair, final",
        "on 2 threads, in 2 parts",
        "resumed at 300 tokens",
        "0.600",
        "some &amp; text.txt: 100 words",
    ):
        assert part in text, part
    assert (
        '<div class="changed"><dt>alpha</dt><dd>0.05</dd>' in text
        and "<div><dt>window</dt><dd>5</dd>" in text
    )
    assert text.count("<svg") == 4 and "http:" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", text)
    assert "mathdefault" not in text


def test_markup_in_words_names_and_folders_stays_text(run, tmp_path):
    write_report(run, tmp_path / "report.html", words=[EVIL, "wordbc"])
    text = (tmp_path / "report.html").read_text(encoding="utf8")
    assert EVIL not in text and "<b>" not in text and "<i>" not in text and "pairs<" not in text
    assert (
        "&lt;/svg&gt;&lt;/script&gt;&lt;b&gt;x&lt;/b&gt;" in text
        and "pairs&lt;" in text
        and "$\\frac$" in text
    )


def test_the_same_run_gives_the_same_page(run, tmp_path):
    for name in ("a.html", "b.html"):
        write_report(run, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_run_that_goes_on_is_told_of_as_far_as_it_is_known(tmp_path):
    run = make_run(
        tmp_path / "run", [begin(), progress(250, 2), {"kind": "junk"}, progress(500, 4)]
    )
    reported = write_report(run, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf8")
    assert "50%" in text
    said = [note.replace(str(tmp_path), "") for note in reported.notes]
    assert said[0].startswith("1 line of /run/log.jsonl ")
    assert said[1].startswith("/vectors.npz: ") and said[2].startswith("/run/vocabulary.txt: ")
    assert all(note in text for note in reported.notes)


def test_a_run_on_many_ranks_says_what_it_cost(tmp_path):
    costs = [
        {"ranks": 4, "bytes_sent": n * 10**6, "seconds": 1, "of_seconds": 8, "drift": 0.096}
        for n in (90, 20)
    ]
    lines = [{"kind": "synchronised", "time": BEGAN + 3, "epoch": 1} | cost for cost in costs]
    write_report(
        make_run(tmp_path / "run", [begin(), progress(250, 2), *lines]), tmp_path / "r.html"
    )
    page = (tmp_path / "r.html").read_text(encoding="utf8")
    assert re.search("<dt>Ranks</dt><dd>4<small>20 MB .* 12% .* 9.6%</small>", page)


def test_a_run_without_any_progress_has_a_page_too(tmp_path):
    run = make_run(tmp_path / "run", [])
    write_report(run, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf8")
    assert text.count("<section") == text.count("</section") and "<svg" not in text


def test_one_line_of_progress_is_a_report(tmp_path, vectors):
    run = make_run(tmp_path / "run", [begin(), progress(1000, 0.5, loss=None)])
    write_report(run, tmp_path / "report.html", vectors=vectors)
    text = (tmp_path / "report.html").read_text(encoding="utf8")
    assert "2,000<small>" in text and "?<small>" in text and "Projection" in text


def test_damaged_vectors_and_a_damaged_corpus_are_noted(run, tmp_path):
    (tmp_path / "vectors.npz").write_bytes(b"PK\x03\x04junk")
    (run / "vocabulary.txt").write_bytes(b"three words here")
    notes = write_report(run, tmp_path / "report.html").notes
    assert len(notes) == 2 and "vectors.npz: " in notes[0] and "vocabulary.txt:1: " in notes[1]


def test_words_that_cannot_be_shown_are_an_error(run, tmp_path):
    with pytest.raises(UnknownWordError, match="'kong'"):
        write_report(run, tmp_path / "report.html", words=["kong"])
    (tmp_path / "vectors.npz").unlink()
    with pytest.raises(PlotError, match="run"):
        write_report(run, tmp_path / "report.html", words=["wordab"])
    assert not (tmp_path / "report.html").exists()


def test_telling_words_are_of_the_rarer_half_and_apart(vectors):
    words = default_words(vectors)
    share = np.cumsum(vectors.counts) / vectors.counts.sum()
    assert (
        len(words) > 1
        and all(share[vectors.id(word)] >= 0.5 for word in words)
        and EVIL not in words
    )
    for i, word in enumerate(words):
        assert not set(words[i + 1 :]) & {other for other, _ in vectors.nearest(word, MIN_RANK)}
    assert default_words(WordVectors(vectors.words, vectors.vectors))[0] == vectors.words[6]
    assert default_words(WordVectors(list("abc"), np.eye(3, dtype=np.float32))) == ["a"]


def test_times_are_said_as_people_do():
    assert [format_duration(s) for s in (0.25, 59.9, 60, 3599.6, 3723)] == [
        "0.2 s",
        "59.9 s",
        "1 min 00 s",
        "1 h 00 min",
        "1 h 02 min",
    ]


def test_the_page_is_legible_light_and_dark_and_asks_nothing_of_the_network(run, tmp_path):
    """Letters stand out from their ground by the 4.5 to 1 that accessibility guidelines ask for."""
    write_report(run, tmp_path / "report.html")
    contrast = """
      const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      const parts = (c) => c.match(/[\\d.]+/g).slice(0, 3).map((v) => linear(v / 255));
      const lum = (c) => parts(c).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const ground = lum(getComputedStyle(document.documentElement).backgroundColor);
      const ratio = (c) => (Math.max(lum(c), ground) + 0.05) / (Math.min(lum(c), ground) + 0.05);
      const html = [...document.querySelectorAll("h1, p, dt, dd, th, td, small")]
          .map((e) => ratio(getComputedStyle(e).color));
      return Math.min(...html, ...[...document.querySelectorAll("svg text")]
          .map((e) => ratio(getComputedStyle(e).fill)));
    """
    (tmp_path / "profile").mkdir()
    with chromium(tmp_path / "profile") as browser:
        requested(browser)
        for scheme in ("light", "dark"):
            prefer(browser, scheme)
            browser.get((tmp_path / "report.html").as_uri())
            assert browser.execute_script(contrast) >= 4.5, scheme
        resize(browser, 360, 740)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
        assert complaints(browser) == [] and requested(browser) == []


@pytest.mark.parametrize(
    "scores, top", [([0.5, 1.0], 1), ([1.0], 1), ([0.2, 0.3], 0.305), ([7], 7.4)]
)
def test_end_at_one_ends_the_axis_of_scores_at_one_at_most(scores, top):
    axes = Figure().add_subplot()
    axes.plot(range(len(scores)), scores)
    _end_at_one(axes)
    low, high = axes.get_ylim()
    assert high == pytest.approx(top, rel=0.01) and low < min(scores)
