"""Vectors of items from sessions: items that people buy together get similar vectors.

    python examples/sessions.py

Reads events, one per row (session, time, item), groups them into sessions, trains with the
settings that suit items, and prints the nearest items of two items. Replace ``make_events`` by your
own data: any iterable of lists of item names.
"""

import random
from collections import defaultdict

import fastw2v

AISLES = {
    "bakery": ["bread", "rolls", "croissant", "cake"],
    "dairy": ["milk", "butter", "cheese", "yoghurt"],
    "tools": ["hammer", "nails", "saw", "screws"],
    "garden": ["spade", "seeds", "gloves", "hose"],
}


def make_events(sessions: int, seed: int = 1) -> list[tuple[int, int, str]]:
    """Return (session, time, item): most sessions stay in one pair of aisles."""
    draw = random.Random(seed)
    pairs = [("bakery", "dairy"), ("tools", "garden")]
    events = []
    for session in range(sessions):
        shelf = [item for aisle in draw.choice(pairs) for item in AISLES[aisle]]
        for time in range(draw.randint(3, 8)):
            events.append((session, time, draw.choice(shelf)))
    draw.shuffle(events)
    return events


def group(events: list[tuple[int, int, str]]) -> list[list[str]]:
    """Return the items of each session in the order of their time."""
    sessions: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for session, time, item in events:
        sessions[session].append((time, item))
    return [[item for _, item in sorted(items)] for items in sessions.values()]


def main() -> None:
    """Train, and print the items that are bought with bread and with a hammer."""
    vectors = fastw2v.train(
        group(make_events(3000)),
        vector_size=16,
        window=10,  # items of a session have no order: the window covers all of them
        shrink_window=False,
        sample=0,  # keep all tokens of frequent items
        epochs=10,
    )
    for item in ("bread", "hammer"):
        print(item, "->", ", ".join(word for word, _ in vectors.nearest(item, 3)))


if __name__ == "__main__":
    main()
