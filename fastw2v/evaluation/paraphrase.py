"""Paraphrases: does Eq. 14 tell which pairs of sentences say the same?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastw2v.equations.paraphrase import paraphrase_accuracy, paraphrase_probability
from fastw2v.errors import EvaluationError
from fastw2v.evaluation.lines import malformed, read_lines
from fastw2v.evaluation.scores import BUNDLED, share
from fastw2v.evaluation.vocabulary import EvaluationVocabulary
from fastw2v.paths import AnyPath, shown

SentencePairs = list[tuple[list[str], list[str], int]]


@dataclass(frozen=True)
class ParaphraseScore:
    """One form of Eq. 14 on a set of sentence pairs.

    Attributes
    ----------
    relu
        Whether ReLU comes before the product.
    centred
        Whether the mean sentence vector was subtracted first.
    accuracy
        Accuracy at threshold 1/2.
    called
        Share of pairs called a paraphrase.
    lowest
        The lowest probability.
    """

    relu: bool
    centred: bool
    accuracy: float
    called: float
    lowest: float


@dataclass(frozen=True)
class ParaphraseReport:
    """The result of an evaluation of sentence pairs.

    Attributes
    ----------
    pairs
        Number of scored pairs.
    left_out
        Number of pairs with a sentence without a known word.
    positives
        Share of paraphrases among the scored pairs.
    words, unknown
        Number of words in all sentences, and of those without a vector.
    scores
        A ParaphraseScore for each form.
    """

    pairs: int
    left_out: int
    positives: float
    words: int
    unknown: int
    scores: list[ParaphraseScore]


def read_sentence_pairs(path: AnyPath) -> SentencePairs:
    """Triples (words, words, label) of lines: sentence, tab, sentence, tab, 0 or 1; the first may
    be a header.

    Raises EvaluationError, with the line.
    """
    pairs: SentencePairs = []
    for index, (number, line) in enumerate(read_lines(path)):
        parts = line.split("\t")
        if len(parts) == 3 and parts[2].strip() in ("0", "1"):
            pairs.append((parts[0].split(), parts[1].split(), int(parts[2])))
        elif index > 0 or len(parts) != 3 or parts[2].strip().lstrip("-").isdigit():
            raise malformed(path, number, line, "a sentence, a tab, a sentence, a tab, and 0 or 1")
    if not pairs:
        raise EvaluationError(
            f"{shown(path)}: holds no pairs; a line is two sentences and 0 or 1, with tabs between"
        )
    return pairs


def bundled_sentence_pairs() -> dict[str, SentencePairs]:
    """The bundled pairs of sentences, by path: of the small world, and of general English."""
    paths = sorted(BUNDLED.glob("*-paraphrases.tsv"))
    return {str(path): read_sentence_pairs(path) for path in paths}


def score_paraphrases(
    path: AnyPath, pairs: SentencePairs, vocabulary: EvaluationVocabulary
) -> ParaphraseReport:
    """A ParaphraseReport of sentence pairs. Raises EvaluationError if none of them can be judged.

    The vector of a sentence is the mean of the vectors of its words, running words without one left
    out (Eq. 14 says nothing of them); a pair is left out if one of its sentences has no known word.
    Word2vec's vectors have a direction in common, which alone keeps every product of means above 0;
    so each form is judged a second time on centred sentences.
    """
    means = [(_mean(a, vocabulary), _mean(b, vocabulary), label) for a, b, label in pairs]
    judged = [(x, y, label) for (x, _), (y, _), label in means if x is not None and y is not None]
    unknown, words = (
        sum(x[1] + y[1] for x, y, _ in means),
        sum(len(a) + len(b) for a, b, _ in pairs),
    )
    if not judged:
        raise EvaluationError(
            f"{shown(path)}: not one of its {len(pairs):,} pairs has a known word in both sentences"
        )
    sentences, labels = (
        np.array([[x, y] for x, y, _ in judged]),
        np.array([label for *_, label in judged]),
    )
    scores = []
    for centred in (False, True):
        x, y = (sentences - sentences.mean(axis=(0, 1)) * centred).transpose(1, 0, 2)
        for relu in (False, True):
            p = paraphrase_probability(x, y, relu)
            scores.append(
                ParaphraseScore(
                    relu,
                    centred,
                    paraphrase_accuracy(p, labels),
                    float((p >= 0.5).mean()),
                    float(p.min()),
                )
            )
    positives = share(int(labels.sum()), len(labels))
    return ParaphraseReport(
        len(judged), len(pairs) - len(judged), positives, words, unknown, scores
    )


def _mean(
    words: list[str], vocabulary: EvaluationVocabulary
) -> tuple[NDArray[np.float64] | None, int]:
    """Return the mean vector of a sentence, float64 [D] or None, and its unknown-word count."""
    known = [vector for vector in map(vocabulary.vector, words) if vector is not None]
    return (np.mean(np.array(known, np.float64), axis=0) if known else None), len(words) - len(
        known
    )
