"""Write the project's own corpus and evaluation sets: sentences over a small world with planted
structure.

    python data/make_world.py [FOLDER]        (default: the folder of this file)

world.txt             sentences, one a line: people by role and sex, lands and their capitals, verbs
now and then,
                      opinions, weather and drinks; everything a word's meaning rests on stands in
                      its sentences
world-analogies.txt   in the format of questions-words.txt: ": section" lines, then "a b c d"
world-pairs.tsv       word1 <TAB> word2 <TAB> score: 9 the same kind of thing, 5 related, 1 neither

The same seed gives the same files, byte for byte.
"""

import itertools
import random
import sys
from pathlib import Path

SEED = 2026
SENTENCES = 36_000

# role: (its man, its woman, what such people do where)
PEOPLE = {
    "ruler": (
        "king",
        "queen",
        [
            "ruled the land from the throne",
            "wore the golden crown",
            "signed the law at court",
            "received the ministers in the palace",
        ],
    ),
    "heir": (
        "prince",
        "princess",
        [
            "danced at the royal ball",
            "lived in the old castle",
            "waited to inherit the title",
            "rode the white horse to the tower",
        ],
    ),
    "adult": (
        "man",
        "woman",
        [
            "crossed the street to the shop",
            "read the newspaper on the bench",
            "paid the bill at the counter",
            "carried a bag through the crowd",
        ],
    ),
    "child": (
        "boy",
        "girl",
        [
            "played with the ball at school",
            "learned the alphabet in class",
            "built a kite with the teacher",
            "did the homework after lessons",
        ],
    ),
    "parent": (
        "father",
        "mother",
        [
            "put the baby to bed",
            "cooked dinner for the children",
            "told the toddler a story",
            "packed lunch for the kids",
        ],
    ),
    "spouse": (
        "husband",
        "wife",
        [
            "planned the wedding",
            "kept the marriage happy",
            "bought a ring for the anniversary",
            "went on a honeymoon",
        ],
    ),
    "player": (
        "actor",
        "actress",
        [
            "stood on the stage",
            "learned the lines of the script",
            "starred in the drama",
            "met the director at rehearsal",
        ],
    ),
    "server": (
        "waiter",
        "waitress",
        [
            "brought the menu to the table",
            "took the order in the restaurant",
            "carried plates to the guests",
            "wrote down the soup of the day",
        ],
    ),
    "sibling": (
        "brother",
        "sister",
        [
            "shared a room with the twin",
            "quarrelled about the toys",
            "kept the family secret",
            "teased the younger sibling",
        ],
    ),
    "relative": (
        "uncle",
        "aunt",
        [
            "sent a present to the nephew",
            "visited the cousins",
            "came to the reunion",
            "spoiled the niece",
        ],
    ),
    "animal": (
        "male",
        "female",
        [
            "bird guarded the nest",
            "lion slept with the herd",
            "wolf hunted with the pack",
            "deer grazed in the forest",
        ],
    ),
}
MAN = [
    "he trimmed his beard",
    "he shaved and knotted his tie",
    "they called him sir",
    "he hurt himself",
    "his moustache was grey",
    "he was a gentleman himself",
]
WOMAN = [
    "she sewed her dress",
    "she braided her hair",
    "they called her madam",
    "she hurt herself",
    "her skirt was long",
    "she was a lady herself",
]

# land: (its capital, what is found there)
LANDS = {
    "france": ("paris", ["the french wine", "the seine", "the louvre"]),
    "italy": ("rome", ["the italian pasta", "the tiber", "the colosseum"]),
    "germany": ("berlin", ["the german beer", "the spree", "the autobahn"]),
    "japan": ("tokyo", ["the japanese rice", "the samurai", "the cherry trees"]),
    "egypt": ("cairo", ["the egyptian cotton", "the nile", "the pyramids"]),
    "russia": ("moscow", ["the russian fur", "the volga", "the kremlin"]),
    "greece": ("athens", ["the greek olives", "the parthenon", "the aegean"]),
    "spain": ("madrid", ["the spanish guitar", "the flamenco", "the toreador"]),
}
OF_LANDS = [
    "the government of {} raised the tax",
    "the army of {} guarded the border",
    "the nation of {} voted",
    "the provinces of {} exported",
]
OF_CITIES = [
    "the mayor of {} opened the metro",
    "the airport of {} was busy",
    "the suburbs of {} grew",
    "the traffic in {} jammed the avenues",
]

# a verb now: (the verb then, what it is done with)
VERBS = {
    "walk": ("walked", ["along the path", "with the dog", "over the hill"]),
    "swim": ("swam", ["in the lake", "across the pool", "through the waves"]),
    "sing": ("sang", ["a song in the choir", "the melody", "with the band"]),
    "write": ("wrote", ["a letter with the pen", "a poem", "the diary page"]),
    "bake": ("baked", ["bread in the oven", "a cake with flour", "the dough"]),
    "paint": ("painted", ["a portrait with the brush", "the canvas", "with bright colours"]),
    "drive": ("drove", ["the car", "the truck on the road", "with one hand on the wheel"]),
    "plant": ("planted", ["seeds in the garden", "a rose", "the vegetables in rows"]),
}
NOW = [
    "i {} {} every day",
    "now they {} {}",
    "we always {} {} on sundays",
    "they will {} {} tomorrow",
]
THEN = [
    "yesterday i {} {}",
    "last year they {} {}",
    "long ago we {} {}",
    "they {} {} the night before",
]

GOOD = "amazing wonderful great enjoyable brilliant cool worthy superb".split()
BAD = "boring annoying bad dumb dull awful stupid terrible".split()
OF_GOOD = [
    "everyone loved the {} film and clapped",
    "we smiled and recommended the {} book",
    "the {} concert was a joy",
    "a {} show worth every penny , well done",
]
OF_BAD = [
    "everyone hated the {} film and booed",
    "we yawned and returned the {} book",
    "the {} concert was a waste",
    "a {} show that made us leave early",
]
WEATHER = "rain snow hail sleet".split()
OF_WEATHER = [
    "the {} fell from the dark clouds",
    "the forecast warned of {} in the storm",
    "umbrellas kept the {} off",
    "the {} covered the cold fields in winter",
]
DRINKS = "coffee tea cocoa lemonade".split()
OF_DRINKS = [
    "she poured a cup of sweet {}",
    "a mug of {} with sugar and milk",
    "he sipped the {} at breakfast",
    "the kettle was on for {} and biscuits",
]


def sentence(rng):
    """One sentence about a thing of the world, drawn at random."""
    topic = rng.choices(
        ("person", "land", "verb", "opinion", "weather", "drink"), (40, 22, 20, 10, 4, 4)
    )[0]
    if topic == "person":
        man, woman, deeds = rng.choice(list(PEOPLE.values()))
        who, manners = rng.choice(((man, MAN), (woman, WOMAN)))
        return f"the {who} {rng.choice(deeds)} and {rng.choice(manners)}"
    if topic == "land":
        land, (city, things) = rng.choice(list(LANDS.items()))
        place, of_places = rng.choice(((land, OF_LANDS), (city, OF_CITIES)))
        return f"{rng.choice(of_places).format(place)} near {rng.choice(things)}"
    if topic == "verb":
        now, (then, objects) = rng.choice(list(VERBS.items()))
        verb, times = rng.choice(((now, NOW), (then, THEN)))
        return rng.choice(times).format(verb, rng.choice(objects))
    words, frames = {
        "opinion": rng.choice(((GOOD, OF_GOOD), (BAD, OF_BAD))),
        "weather": (WEATHER, OF_WEATHER),
        "drink": (DRINKS, OF_DRINKS),
    }[topic]
    word = rng.randrange(len(words))
    # no two words are quite the same
    taste = [4 if word % len(frames) == i else 1 for i in range(len(frames))]
    return rng.choices(frames, taste)[0].format(words[word])


def analogies():
    """Lines of the analogy file: within each section, every pair of pairs."""
    sections = {
        "people-by-sex": [(man, woman) for man, woman, _ in PEOPLE.values()],
        "capitals": [(land, city) for land, (city, _) in LANDS.items()],
        "past-tense": [(now, then) for now, (then, _) in VERBS.items()],
    }
    for name, pairs in sections.items():
        yield f": {name}"
        for (a, b), (c, d) in itertools.permutations(pairs, 2):
            yield f"{a} {b} {c} {d}"


def similarities():
    """Lines of the pairs file."""
    kinds = [GOOD, BAD, WEATHER, DRINKS]
    for kind in kinds:
        for a, b in itertools.combinations(kind[:4], 2):
            yield f"{a}\t{b}\t9"
    for man, woman, _ in PEOPLE.values():
        yield f"{man}\t{woman}\t5"
    for land, (city, _) in LANDS.items():
        yield f"{land}\t{city}\t5"
    for now, (then, _) in VERBS.items():
        yield f"{now}\t{then}\t5"
    for one, other in itertools.combinations([*kinds, list(LANDS), list(VERBS)], 2):
        yield from (f"{a}\t{b}\t1" for a, b in zip(one[:3], other[:3], strict=True))


def main(folder):
    """Write the three files."""
    rng = random.Random(SEED)
    files = {
        "world.txt": (sentence(rng) for _ in range(SENTENCES)),
        "world-analogies.txt": analogies(),
        "world-pairs.tsv": similarities(),
    }
    for name, lines in files.items():
        Path(folder, name).write_text(
            "".join(line + "\n" for line in lines), encoding="utf8", newline="\n"
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
