from fastw2v.equations.schedule import learning_rate


def test_the_rate_falls_linearly_over_the_whole_run():
    rates = [learning_rate(position, 1000, 0.025, 0.0001) for position in (0, 500, 1000)]
    assert rates[0] == 0.025
    assert abs(rates[1] - (0.025 + 0.0001) / 2) < 1e-12
    assert rates[2] == 0.0001


def test_the_rate_never_falls_below_its_end():
    assert learning_rate(2000, 1000, 0.025, 0.0001) == 0.0001
