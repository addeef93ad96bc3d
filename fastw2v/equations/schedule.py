"""The learning rate over a run (Eq. 19)."""


def learning_rate(position: float, total: float, alpha: float, min_alpha: float) -> float:
    """alpha - (alpha - min_alpha) * position / total, for the tokens passed so far of those of all
    epochs (Eq. 19).
    """
    return max(alpha - (alpha - min_alpha) / total * position, min_alpha)
