"""Text: words counted and numbered, n-grams, phrases, numbers read and written."""
