"""The learning rate over a run (Eq. 19)."""


def learning_rate(position, total, alpha, min_alpha):
    """alpha - (alpha - min_alpha) * position / total, for the tokens passed so far of those of all
    epochs (Eq. 19).
    """
    return max(alpha - (alpha - min_alpha) / total * position, min_alpha)
