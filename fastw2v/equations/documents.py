"""Document vectors: a document is one more row of the input table (Eq. 23 and 24)."""

from collections.abc import Sequence

import numpy as np

from fastw2v.equations.windows import Gradients, Loss, LossAndGradients, cbow, skipgram


def dbow(
    document: int,
    words: Sequence[int],
    V_in: np.ndarray,
    U: np.ndarray,
    loss: Loss,
    gradients: Gradients,
) -> LossAndGradients:
    """Loss and gradients of PV-DBOW: the document predicts each of its words (Eq. 23).

    J = sum_w loss(v_d, w, U) over the words w of document d, with repetitions: Eq. 12 with the
    document's row as the centre and all words of the document outside. document : row of V_in;
    words : rows of U;  V_in : [rows, D], words and documents. Returns J, dJ/dV_in and dJ/dU.
    Source: Le and Mikolov 2014, "Distributed representations of sentences and documents".
    """
    return skipgram(document, words, V_in, U, loss, gradients)


def dm(
    document: int,
    centre: int,
    outside: Sequence[int],
    V_in: np.ndarray,
    U: np.ndarray,
    loss: Loss,
    gradients: Gradients,
) -> LossAndGradients:
    """Loss and gradients of PV-DM with a mean: document and window predict the centre (Eq. 24).

    x = 1/(n + 1) (v_d + sum_o v_o) over the n words outside;  J = loss(x, centre, U): Eq. 15 with
    the document's row as one more word outside; there may be no other. Arguments and results as for
    ``dbow``.
    """
    return cbow(centre, [*outside, document], V_in, U, loss, gradients)
