"""The slow twin of the tokenizer."""


def encode(text, min_count=1):
    """Words, counts and ids with -1 at line ends of a text of bytes, by ``bytes.split()``."""
    lines = [line.split() for line in text.split(b"\n")]
    first, counts = {}, {}
    for line in lines:
        for word in line:
            first.setdefault(word, len(first))
            counts[word] = counts.get(word, 0) + 1
    words = sorted(
        (w for w in counts if counts[w] >= min_count), key=lambda w: (-counts[w], first[w])
    )
    number, ids = {word: i for i, word in enumerate(words)}, []
    for line in lines:
        kept = [number[word] for word in line if word in number]
        ids += [*kept, -1] if kept else []
    return words, [counts[word] for word in words], ids
