"""How good vectors are: analogies and pairs of words that people have judged."""
