"""Write the project's own evaluation sets, of its small world and of general English, made by rule.

    python data/make_sets.py [FOLDER]        (default: fastw2v/evaluation/data)

english-analogies.txt    in the format of questions-words.txt; in each section a pair is asked with
the next four:
                         inflections are spelt by rule, the others are facts; "gram" sections are
                         syntactic
english-pairs.tsv        word1 <TAB> word2 <TAB> score: 2 the same category, 1 the same field (both
living things), 0 neither
english-categories.tsv   word <TAB> category
english-paraphrases.tsv  sentence <TAB> sentence <TAB> 1 if they say the same in other words, or 0
world-categories.tsv, world-paraphrases.tsv    the same of the world that make_world.py makes

The same seed gives the same files, byte for byte. The package has them, and make_world.py's two
evaluation sets; the files of these names in this folder are links to them.
"""

import importlib.util
import itertools
import random
import sys
from pathlib import Path

SEED = 2026
NEXT = 4  # pairs that each pair of a section is asked with
HERE = Path(__file__).parent
BUNDLED = HERE.parent / "fastw2v" / "evaluation" / "data"

# country capital adjective
COUNTRIES = """france paris french, spain madrid spanish, italy rome italian, germany berlin german, japan tokyo japanese,
russia moscow russian, greece athens greek, egypt cairo egyptian, england london english, ireland dublin irish,
portugal lisbon portuguese, austria vienna austrian, poland warsaw polish, hungary budapest hungarian, norway oslo norwegian,
sweden stockholm swedish, denmark copenhagen danish, finland helsinki finnish, turkey ankara turkish, iran tehran iranian,
china beijing chinese, cuba havana cuban, canada ottawa canadian, australia canberra australian, iraq baghdad iraqi"""
SEXES = """man woman, boy girl, king queen, prince princess, father mother, son daughter, brother sister, uncle aunt,
husband wife, grandfather grandmother, grandson granddaughter, nephew niece, actor actress, duke duchess, emperor empress,
god goddess, lord lady, he she, himself herself, monk nun, hero heroine, widower widow"""
OPPOSITES = """hot cold, good bad, big small, long short, high low, fast slow, old new, rich poor, strong weak, light dark,
left right, up down, early late, open closed, war peace, life death, day night, love hate, buy sell, first last, north south,
east west, above below, before after, inside outside, true false"""
NUMBERS = """one first, two second, three third, four fourth, five fifth, six sixth, seven seventh, eight eighth, nine ninth,
ten tenth, twenty twentieth, hundred hundredth"""
PAST = """go went, come came, take took, give gave, see saw, know knew, write wrote, speak spoke, run ran, begin began,
find found, think thought, bring brought, build built, leave left, lose lost, win won, sell sold, teach taught, fall fell"""
NOUNS = """river, bridge, teacher, village, city, army, church, game, book, star, horse, plant, family, country, box, tax,
bus, class, story, battle, letter, window, doctor, island"""
GRADED = """long, short, high, low, old, young, strong, weak, large, small, big, hot, fast, slow, rich, poor, dark, bright,
wide, deep, easy, early, heavy, happy"""
VERBS = """work, play, walk, move, create, produce, talk, listen, carry, study, stop, plan, live, dance, watch, help, turn,
increase, reach, pass, follow, describe, open, push"""
MANNERS = """quick, slow, rapid, careful, quiet, strong, direct, clear, recent, usual, final, sudden, similar, easy, happy, heavy,
complete, serious, general, rare"""
NEGATED = """happy, able, known, usual, common, likely, certain, clear, fair, stable, safe, aware, official, successful,
published, finished, employed, changed, limited, named"""
DOERS = """teach, write, sing, paint, play, own, lead, speak, report, build, produce, drive, dance, run, swim, farm, work,
hunt, print, rule"""

# field: {category: words}
FIELDS = {
    "living": {
        "animal": "dog cat horse cow sheep pig goat lion tiger wolf bear rabbit mouse elephant",
        "bird": "eagle hawk owl crow pigeon duck goose swan sparrow parrot penguin",
        "tree": "oak pine maple birch cedar willow elm ash spruce",
        "fruit": "apple pear orange lemon grape cherry peach plum banana strawberry",
    },
    "made": {
        "vehicle": "car truck bus train bicycle motorcycle ship boat airplane helicopter tram",
        "instrument": "piano guitar violin cello flute trumpet clarinet drum organ harp",
        "weapon": "sword rifle gun pistol spear bow cannon knife bomb missile",
        "clothing": "shirt coat dress jacket hat skirt trousers shoes gloves boots",
        "building": "house church castle palace hotel school hospital museum temple factory",
    },
    "human": {
        "profession": (
            "doctor lawyer teacher engineer farmer nurse soldier scientist journalist architect"
            " judge"
        ),
        "relative": (
            "father mother brother sister uncle aunt cousin grandfather grandmother nephew niece"
        ),
        "body": "head arm leg hand foot knee shoulder neck finger stomach chest",
    },
    "place": {
        "country": (
            "france spain italy germany japan russia greece egypt poland sweden canada brazil"
        ),
        "city": "paris madrid rome berlin tokyo moscow athens cairo warsaw stockholm toronto",
    },
    "time": {
        "month": (
            "january february march april june july august september october november december"
        ),
        "weekday": "monday tuesday wednesday thursday friday saturday sunday",
    },
    "matter": {
        "metal": "gold silver iron copper tin lead zinc aluminium nickel steel",
        "drink": "coffee tea wine beer milk juice water whisky vodka",
        "colour": "red blue green yellow black white brown purple pink grey",
    },
    "mind": {
        "emotion": "anger fear joy sadness love hatred happiness jealousy pride shame grief",
        "science": (
            "physics chemistry biology mathematics geology astronomy psychology economics sociology"
            " medicine"
        ),
        "sport": "football tennis basketball baseball hockey cricket rugby golf boxing swimming",
        "language": (
            "english french german spanish italian russian chinese japanese arabic latin greek"
        ),
        "illness": (
            "cancer malaria cholera tuberculosis influenza pneumonia diabetes asthma smallpox"
            " leprosy"
        ),
    },
}

# A topic says one thing: who, does, what, each in words of one meaning.
TOPICS = [
    ("the doctor|the physician", "bought|purchased", "a car|an automobile"),
    ("the teacher|the instructor", "began|started", "the lesson|the class"),
    ("the king|the ruler", "won|gained", "a large victory|a big victory"),
    ("the army|the troops", "attacked|assaulted", "the city|the town"),
    ("the company|the firm", "made|produced", "ships|vessels"),
    ("the boy|the lad", "threw|tossed", "the stone|the rock"),
    ("the scientist|the researcher", "found|discovered", "a disease|an illness"),
    ("the band|the group", "played|performed", "a song|a tune"),
    ("the writer|the author", "finished|completed", "the book|the novel"),
    ("the police|the officers", "caught|arrested", "the thief|the robber"),
    ("the woman|the lady", "cooked|prepared", "a meal|a dinner"),
    ("the farmer|the peasant", "grew|raised", "wheat|grain"),
    ("the court|the judges", "decided|settled", "the case|the dispute"),
    ("the storm|the hurricane", "destroyed|ruined", "the harbour|the port"),
    ("the child|the kid", "feared|dreaded", "the dark forest|the dark woods"),
]
WHEN = "long ago|in the past|last year|the year before|in the morning|at dawn".split("|")
POSITIVES, NEGATIVES = 90, 210


def table(text):
    """Rows of words: commas between rows, spaces between words."""
    return [tuple(row.split()) for row in text.split(",")]


def words(text):
    """Words with commas between."""
    return [row[0] for row in table(text)]


def ends(word, *endings):
    """Whether a word ends in one of these."""
    return word.endswith(endings)


def plural(word):
    """box boxes, city cities, book books: nouns, and verbs of the third person."""
    if ends(word, "y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if ends(word, "s", "x", "ch", "sh") else "s")


def with_vowel(word, ending):
    """An ending that begins with a vowel: stop stopped, move moved, study studied, studying."""
    if ends(word, "e"):
        return word[:-1] + ending
    if ends(word, "y") and word[-2] not in "aeiou" and ending[0] != "i":
        return word[:-1] + "i" + ending
    short = (
        len(word) > 2
        and word[-1] not in "aeiouwxy"
        and word[-2] in "aeiou"
        and word[-3] not in "aeiou"
    )
    once = sum(letter in "aeiou" for letter in word) == 1
    return word + (word[-1] if short and once else "") + ending


def adverb(word):
    """quick quickly, happy happily."""
    return word[:-1] + "ily" if ends(word, "y") else word + "ly"


def analogies():
    """Lines of the analogy file."""
    countries = table(COUNTRIES)
    sections = {
        "capital-of-country": [(country, capital) for country, capital, _ in countries],
        "man-woman": table(SEXES),
        "opposites": table(OPPOSITES),
        "numbers": table(NUMBERS),
        "gram-adjective-of-country": [(country, adjective) for country, _, adjective in countries],
        "gram-plural": [(noun, plural(noun)) for noun in words(NOUNS)],
        "gram-comparative": [(word, with_vowel(word, "er")) for word in words(GRADED)],
        "gram-superlative": [(word, with_vowel(word, "est")) for word in words(GRADED)],
        "gram-adverb": [(word, adverb(word)) for word in words(MANNERS)],
        "gram-un": [(word, "un" + word) for word in words(NEGATED)],
        "gram-participle": [(verb, with_vowel(verb, "ing")) for verb in words(VERBS)],
        "gram-third-person": [(verb, plural(verb)) for verb in words(VERBS)],
        "gram-past": [(verb, with_vowel(verb, "ed")) for verb in words(VERBS)],
        "gram-past-irregular": table(PAST),
        "gram-doer": [(verb, with_vowel(verb, "er")) for verb in words(DOERS)],
    }
    for name, pairs in sections.items():
        yield f": {name}"
        for i, (a, b) in enumerate(pairs):
            for step in range(1, NEXT + 1):
                c, d = pairs[(i + step) % len(pairs)]
                yield f"{a} {b} {c} {d}"


def categories():
    """Lines of the categories file; a word of two categories is left out."""
    rows = [
        (word, name)
        for field in FIELDS.values()
        for name, members in field.items()
        for word in members.split()
    ]
    for word, name in rows:
        if sum(other == word for other, _ in rows) == 1:
            yield f"{word}\t{name}"


def pairs(rng):
    """Lines of the pairs file: for each category seven pairs within it, seven within its field,
    seven across fields.
    """
    places = [
        (field, name, members.split())
        for field, kinds in FIELDS.items()
        for name, members in kinds.items()
    ]
    seen = set()
    for field, name, members in places:
        near = [word for f, n, others in places if f == field and n != name for word in others]
        far = [word for f, _, others in places if f != field for word in others]
        for score, others in ((2, members), (1, near), (0, far)):
            candidates = [(a, b) for a, b in itertools.product(members, others) if a != b]
            rng.shuffle(candidates)
            fresh = (pair for pair in candidates if frozenset(pair) not in seen)
            for a, b in itertools.islice(fresh, 7):
                seen.add(frozenset((a, b)))
                yield f"{a}\t{b}\t{score}"


def paraphrases(rng):
    """Lines of the paraphrase file: every word group in other words, or another topic."""
    for _ in range(POSITIVES):
        slots = [rng.sample(slot.split("|"), 2) for slot in rng.choice(TOPICS)]
        at = rng.randrange(0, len(WHEN), 2)
        slots.append(rng.sample(WHEN[at : at + 2], 2))
        yield "\t".join([*(" ".join(said) for said in zip(*slots, strict=True)), "1"])
    for _ in range(NEGATIVES):
        one, other = rng.sample(TOPICS, 2)
        said = [
            " ".join([*(rng.choice(slot.split("|")) for slot in topic), rng.choice(WHEN)])
            for topic in (one, other)
        ]
        yield "\t".join([*said, "0"])


def world_categories(world):
    """Lines of the categories of the small world."""
    kinds = {"good": world.GOOD, "bad": world.BAD, "weather": world.WEATHER, "drink": world.DRINKS}
    kinds |= {"land": list(world.LANDS), "city": [city for city, _ in world.LANDS.values()]}
    kinds |= {
        "verb-now": list(world.VERBS),
        "verb-then": [then for then, _ in world.VERBS.values()],
    }
    for name, members in kinds.items():
        yield from (f"{word}\t{name}" for word in members)


def world_paraphrases(world, rng):
    """Lines of the small world's paraphrases: the same deed of the same person with other manners,
    or another kind's.
    """
    kinds = [
        [
            (who, deed, manners)
            for deed in deeds
            for who, manners in ((man, world.MAN), (woman, world.WOMAN))
        ]
        for man, woman, deeds in world.PEOPLE.values()
    ]
    for i in range(POSITIVES + NEGATIVES):
        kind, another = rng.sample(kinds, 2)
        who, deed, manners = rng.choice(kind)
        first, second = rng.sample(manners, 2)
        if i >= POSITIVES:
            who2, deed2, manners = rng.choice(another)
            yield f"the {who} {deed} and {first}\tthe {who2} {deed2} and {rng.choice(manners)}\t0"
        else:
            yield f"the {who} {deed} and {first}\tthe {who} {deed} and {second}\t1"


def main(folder):
    """Write the six files."""
    spec = importlib.util.spec_from_file_location("make_world", HERE / "make_world.py")
    world = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(world)
    files = {
        "english-analogies.txt": analogies(),
        "english-pairs.tsv": pairs(random.Random(SEED)),
        "english-categories.tsv": categories(),
        "english-paraphrases.tsv": paraphrases(random.Random(SEED)),
        "world-categories.tsv": world_categories(world),
        "world-paraphrases.tsv": world_paraphrases(world, random.Random(SEED)),
    }
    for name, lines in files.items():
        Path(folder, name).write_text(
            "".join(line + "\n" for line in lines), encoding="utf8", newline="\n"
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else BUNDLED)
