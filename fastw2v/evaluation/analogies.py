"""Analogies: a is to b as c is to d, by 3CosAdd (Mikolov et al. 2013) or 3CosMul (Levy and
Goldberg 2014).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastw2v.errors import EvaluationError
from fastw2v.evaluation.lines import Line, fields, malformed
from fastw2v.evaluation.scores import EvaluationOptions, Score, share
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.paths import AnyPath, shown

MAX_SCORES = 1 << 23  # that are in memory at a time, 32 MiB
# answers that are looked through for one that is no other spelling of a word of the question, as in
# gensim
CANDIDATES = 5
UNKNOWN, WRONG, RIGHT = -1, 0, 1

Question = tuple[str, str, str, str]
Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Section:
    """name : what follows ":" in the file;  questions : list of (a, b, c, d)."""

    name: str
    questions: list[Question]

    @property
    def kind(self) -> str:
        """What Google's file says by a name: "gram..." is "syntactic", any other "semantic"."""
        return "syntactic" if self.name.startswith("gram") else "semantic"


def read_analogies(path: AnyPath, lines: Iterable[Line]) -> list[Section]:
    """Sections of numbered lines: ": name", or four words.

    Questions before the first name are a section without one.
    """
    sections: list[Section] = []
    for number, line in lines:
        if line.startswith(":"):
            sections.append(Section(line.lstrip(": "), []))
            continue
        words = fields(line, 4)
        if len(words) != 4 or not all(words):
            raise malformed(path, number, line, "four words")
        if not sections:
            sections.append(Section("", []))
        a, b, c, d = words
        sections[-1].questions.append((a, b, c, d))
    if not any(section.questions for section in sections):
        raise EvaluationError(
            f"{shown(path)}: holds no questions; a line is four words: a is to b as c is to d"
        )
    return sections


def score_analogies(
    name: str, sections: list[Section], vocabulary: EvaluationVocabulary
) -> list[Score]:
    """A Score for each section, for all semantic and all syntactic ones if there are both, and for
    all, the "total".
    """
    verdicts = judge(
        vocabulary, [question for section in sections for question in section.questions]
    )
    ends = np.cumsum([len(section.questions) for section in sections])
    of_sections = np.split(verdicts, ends[:-1])
    named = [(section.name, part) for section, part in zip(sections, of_sections, strict=True)]
    kinds = sorted({section.kind for section in sections})
    for kind in kinds if len(kinds) > 1 else ():
        parts = [
            part
            for section, part in zip(sections, of_sections, strict=True)
            if section.kind == kind
        ]
        named.append((kind, np.concatenate(parts)))
    return [
        _score(name, section, part, vocabulary.options)
        for section, part in [*named, ("total", verdicts)]
    ]


def _score(
    name: str, section: str, verdicts: NDArray[np.int8], options: EvaluationOptions
) -> Score:
    right, oov = int((verdicts == RIGHT).sum()), int((verdicts == UNKNOWN).sum())
    total = len(verdicts) - (0 if options.dummy4unknown else oov)
    return Score(name, section, "analogies", share(right, total), right, total, oov)


def judge(vocabulary: EvaluationVocabulary, questions: Sequence[Sequence[str]]) -> NDArray[np.int8]:
    """RIGHT, WRONG or UNKNOWN for each question, int8 [n], exactly as gensim's
    ``evaluate_word_analogies`` has it.

    An answer is the word with the best score that is none of a, b, c, in no spelling; any spelling
    of d is right.
    """
    rows = vocabulary.rows([word for question in questions for word in question]).reshape(-1, 4)
    verdicts = np.full(len(rows), UNKNOWN, np.int8)
    known = np.flatnonzero((rows >= 0).all(axis=1))
    score, step = (
        SCORERS[vocabulary.options.method],
        max(1, MAX_SCORES // max(1, len(vocabulary.unit))),
    )
    for first in range(0, len(known), step):
        block = known[first : first + step]
        given_words = rows[block, :3]
        scores = score(vocabulary.unit, *given_words.T, vocabulary.options.epsilon)
        answers = _answers(scores, given_words, vocabulary.spelling)
        verdicts[block] = np.where(answers == rows[block, 3], RIGHT, WRONG)
    return verdicts


def _answers(scores: Floats, given_words: Rows, spelling: Rows) -> Rows:
    """The answer to each of n questions as the row of its first spelling [n], -1 if there is no
    word left.

    scores [n, V], changed;  given_words : rows of a, b, c [n, 3]. Where all CANDIDATES are
    spellings of these, the last of them is the answer: that is gensim's rule too.
    """
    questions = np.arange(len(scores))
    scores[questions[:, None], given_words] = -np.inf
    best = scores.argmax(axis=1)
    answers = np.where(np.isneginf(scores[questions, best]), -1, spelling[best])
    for _ in range(CANDIDATES - 1):
        again = np.flatnonzero((answers[:, None] == given_words).any(axis=1))
        if not len(again):
            break
        scores[again, best[again]] = -np.inf
        best[again] = scores[again].argmax(axis=1)
        left = again[~np.isneginf(scores[again, best[again]])]
        answers[left] = spelling[best[left]]
    return answers


def _add(unit: Floats, a: Rows, b: Rows, c: Rows, epsilon: float) -> Floats:
    """cos(w, b + c - a) but for the length of b + c - a [n, V]."""
    return (unit[b] + unit[c] - unit[a]) @ unit.T


def _multiply(unit: Floats, a: Rows, b: Rows, c: Rows, epsilon: float) -> Floats:
    """cos(w, b) cos(w, c) / (cos(w, a) + epsilon), cosines shifted to 0 ... 1 [n, V]."""
    # neighbouring questions share words
    words, where = np.unique(np.stack([a, b, c]), return_inverse=True)
    cosines = unit[words] @ unit.T
    cosines += 1
    cosines /= 2
    a, b, c = where.reshape(3, -1)
    scores = cosines[b]
    scores *= cosines[c]
    cosines += epsilon
    scores /= cosines[a]
    return scores


SCORERS: dict[str, Callable[..., Floats]] = {"3cosadd": _add, "3cosmul": _multiply}
