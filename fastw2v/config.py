"""The settings of a run: a frozen value that checks itself.

Range and help stand in the field, and feed the command line, the documentation and the errors.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Literal, get_args

from fastw2v.cores import available_cores
from fastw2v.errors import ConfigError, quoted

# words of a window that share their negatives at most: more moved at once, from the same old rows,
# may diverge
SHARED = 16
DEFAULT_MINN = 3  # characters, as in fastText
MAX_NGRAM_CHARS = 999
MAX_COUNT = 2**48 - 1  # of a word: sums of counts then stay in range
# help of options that both configurations have
TOKENIZE_HELP = (
    "split running text into words: letters and digits, with inner apostrophes and hyphens;"
    " leave out punctuation"
)
COLUMN_HELP = "column of texts or lists, if CORPUS is tables (Parquet, Arrow, JSON lines, CSV)"
GROUP_BY_HELP = "column of sessions: rows with equal values form a line, one token per row"
ORDER_BY_HELP = "column by which the rows of a line are sorted; needs --group-by"
NEEDED = {
    "column": "the column that holds the tokens",
    "group_by": "the column whose equal values make a line",
}

NegativesPer = Literal["window", "pair"]
Model = Literal["skipgram", "cbow", "dbow", "dm"]
Tags = Literal["line", "first"]
CbowGradient = Literal["mean", "word2vec"]
Loss = Literal["ns", "hs", "softmax"]
EncodingErrors = Literal["strict", "replace", "ignore"]
Scoring = Literal["word2phrase", "npmi"]
Tokenize = Literal["words"]


def option(
    default: Any,
    help: str,
    *,
    kind: type | None = None,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    choices: tuple[str, ...] | None = None,
    names: tuple[str, ...] = (),
    metavar: str | None = None,
) -> Any:
    """A field with its range: low <= value <= high, or value > above, or one of ``choices``."""
    metadata = {
        "help": help,
        "kind": kind or type(default),
        "low": low,
        "high": high,
        "above": above,
        "choices": choices,
        "names": names,
        "metavar": metavar,
    }
    return field(default=default, metadata=metadata)


def duration(text: str) -> float | None:
    """Return the seconds that a text such as 90s, 10m, 1h30m or 2.5 says, or None if it says no
    time between 0 and 1e9.
    """
    parts = re.fullmatch(
        r"(?:(\d+(?:\.\d*)?)h)?(?:(\d+(?:\.\d*)?)m)?(?:(\d+(?:\.\d*)?)s?)?", text.replace(" ", "")
    )
    if not parts:
        return None
    seconds = sum(
        float(part or 0) * unit for part, unit in zip(parts.groups(), (3600, 60, 1), strict=True)
    )
    return seconds if 0 < seconds < 1e9 else None


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """The settings of a training run. They check themselves and cannot be changed.

    Parameters
    ----------
    vector_size : int, default 100
        Dimensions of the vectors.
    window : int, default 5
        Maximum distance, in words, between a context word and the centre word.
    negative : int, default 5
        Number of negative samples per window or pair (``loss="ns"``).
    negatives_per : {"window", "pair"}, default "window"
        Draw negative samples once per window (up to 16 words), or for each pair.
    model : {"skipgram", "cbow", "dbow", "dm"}, default "skipgram"
        Skip-gram (each word of the window predicts the centre word), CBOW (their mean does), or
        document vectors: DBOW (the document, a line, predicts each of its words) or DM (the mean of
        document and window predicts the centre word).
    cbow_gradient : {"mean", "word2vec"}, optional
        Divide the gradient of CBOW and DM by the number of inputs ("mean"), or not ("word2vec").
        The default is "mean" for CBOW and "word2vec" for DM.
    tags : {"line", "first"}, default "line"
        Names of documents: line numbers from 0, or the first token of each line, which is then not
        trained as a word. Lines with the same tag are one document.
    train_words : bool, default False
        Train words too, as skip-gram does; needs ``model="dbow"``.
    loss : {"ns", "hs", "softmax"}, default "ns"
        Negative sampling, hierarchical softmax, or naive softmax over all words.
    minn : int, default 0
        Minimum length of n-grams. With ``maxn`` alone it is 3, as in fastText, or ``maxn`` if that
        is smaller.
    maxn : int, default 0
        Maximum length of the character n-grams of words. 0 disables n-grams.
    buckets : int, default 2,000,000
        Number of hash buckets for n-grams.
    shrink_window : bool, default True
        Draw each window's size from 1 to ``window``, or always use the full window.
    epochs : int, default 5
        Number of passes over the corpus.
    time_budget : str or float, optional
        Train for this long instead of ``epochs``, reading included: "90s", "10m", "1h30m", or a
        number of seconds.
    eval_every : int, default 1
        Evaluate every N epochs.
    patience : int, optional
        Stop after N evaluations without improvement, and keep the best vectors.
    min_count : int, default 5
        Exclude words that occur fewer times.
    max_vocab : int, optional
        Keep only the N most frequent words.
    sample : float, default 1e-3
        Subsampling threshold for frequent words; 0 keeps all tokens.
    alpha : float, optional
        Initial learning rate; by default 0.025, 0.05 for DBOW and DM, or 0.075 for CBOW and DM with
        ``cbow_gradient="mean"``.
    min_alpha : float, default 1e-4
        Final learning rate.
    ns_exponent : float, default 0.75
        Exponent of the counts in the noise distribution of negative samples.
    lowercase : bool, default False
        Convert the text to lower case.
    tokenize : {"words"}, optional
        Split running text into words, and leave out punctuation. By default, words are separated by
        white space.
    column : str, optional
        Column of texts or of lists of tokens, if the corpus is a table.
    group_by : str, optional
        Column of sessions: rows with equal values form a line, one token per row.
    order_by : str, optional
        Column by which the rows of a line are sorted; needs ``group_by``.
    encoding_errors : {"strict", "replace", "ignore"}, default "strict"
        Treatment of bytes that are not UTF-8.
    threads : int, optional
        Number of threads; by default one per available core.
    deterministic : bool, default False
        Same vectors, byte for byte, with any number of threads; slower.
    distributed : {"mpi"}, optional
        Train on all ranks started by mpiexec or srun, each on a share of the corpus.
    sync_every : int, default 10,000
        Words that each rank trains between synchronisations; needs ``distributed``.
    freeze : bool, default False
        Do not train the words that have a vector in ``init`` or ``update``, nor their n-grams.
        Other words, documents and all output vectors are trained.
    seed : int, default 1
        Seed of all random draws.

    Raises
    ------
    ConfigError
        A value is out of range; the message names the option and the range.
    """

    vector_size: int = option(100, "dimension of the vectors", low=1, high=65536, names=("--dim",))
    window: int = option(
        5, "maximum distance between a context word and the centre word", low=1, high=100_000
    )
    negative: int = option(5, "number of negative samples per window or pair", low=1, high=1000)
    negatives_per: NegativesPer = option(
        "window",
        "draw negative samples once per window (up to 16 words) or per pair",
        choices=get_args(NegativesPer),
    )
    model: Model = option(
        "skipgram",
        "skip-gram, CBOW (the mean of the window predicts the centre word), or document vectors:"
        " DBOW (a line predicts its words) or DM (the mean of line and window predicts the centre)",
        choices=get_args(Model),
    )
    cbow_gradient: CbowGradient | None = option(
        None,
        "gradient of CBOW and DM: divided by the number of inputs (mean), or not (word2vec);"
        " by default mean for CBOW, word2vec for DM",
        kind=str,
        choices=get_args(CbowGradient),
    )
    tags: Tags = option(
        "line",
        "names of documents: line numbers from 0, or the first token of each line",
        choices=get_args(Tags),
    )
    train_words: bool = option(False, "train words too, as skip-gram does; needs --model dbow")
    loss: Loss = option(
        "ns",
        "negative sampling, hierarchical softmax, or naive softmax over all words",
        choices=get_args(Loss),
    )
    minn: int = option(
        0,
        "minimum length of n-grams; with --maxn alone 3, or --maxn if that is smaller",
        low=0,
        high=MAX_NGRAM_CHARS,
    )
    maxn: int = option(
        0,
        "maximum length of the character n-grams of words; 0 disables n-grams",
        low=0,
        high=MAX_NGRAM_CHARS,
    )
    buckets: int = option(2_000_000, "number of hash buckets for n-grams", low=1, high=2**31 - 1)
    shrink_window: bool = option(
        True, "draw each window's size from 1 to --window, or always use the full window"
    )
    epochs: int = option(5, "number of passes over the corpus", low=1, high=1_000_000)
    time_budget: str | float | None = option(
        None,
        "train for this long instead of --epochs, reading included: 90s, 10m, 1h30m",
        kind=str,
        metavar="TIME",
    )
    eval_every: int = option(1, "evaluate every N epochs; needs --eval", low=1)
    patience: int | None = option(
        None,
        "stop after N evaluations without improvement, and keep the best vectors",
        kind=int,
        low=1,
        metavar="N",
    )
    min_count: int = option(5, "exclude words that occur fewer than N times", low=1)
    max_vocab: int | None = option(
        None, "keep only the N most frequent words", kind=int, low=1, metavar="N"
    )
    sample: float = option(
        1e-3, "subsampling threshold for frequent words; 0 keeps all tokens", low=0.0
    )
    alpha: float | None = option(
        None,
        "initial learning rate; by default 0.025, 0.05 for DBOW and DM, or 0.075 for CBOW and DM"
        " with --cbow-gradient mean",
        kind=float,
        above=0.0,
    )
    min_alpha: float = option(1e-4, "final learning rate", low=0.0)
    ns_exponent: float = option(
        0.75, "exponent of the counts in the noise distribution", low=-100.0, high=100.0
    )
    lowercase: bool = option(False, "convert the text to lower case")
    tokenize: Tokenize | None = option(None, TOKENIZE_HELP, kind=str, choices=get_args(Tokenize))
    column: str | None = option(None, COLUMN_HELP, kind=str, metavar="NAME")
    group_by: str | None = option(None, GROUP_BY_HELP, kind=str, metavar="NAME")
    order_by: str | None = option(None, ORDER_BY_HELP, kind=str, metavar="NAME")
    encoding_errors: EncodingErrors = option(
        "strict",
        "treatment of bytes that are not UTF-8",
        choices=get_args(EncodingErrors),
    )
    threads: int | None = option(
        None,
        "number of threads; by default one per available core",
        kind=int,
        low=1,
        high=1024,
        metavar="N",
    )
    deterministic: bool = option(
        False, "same bytes with any number of threads; costs 20 to 45 % of the speed"
    )
    distributed: Literal["mpi"] | None = option(
        None,
        "train on all ranks started by mpiexec or srun, each on a share of the corpus",
        kind=str,
        choices=("mpi",),
    )
    sync_every: int = option(
        10_000,
        "words that each rank trains between synchronisations; needs --distributed",
        low=1,
        metavar="WORDS",
    )
    freeze: bool = option(
        False, "do not train the words that have initial vectors; needs --init or --update"
    )
    seed: int = option(1, "seed of all random draws", low=0, high=2**64 - 1)

    def __post_init__(self) -> None:
        if isinstance(self.time_budget, (int, float)) and not isinstance(self.time_budget, bool):
            object.__setattr__(self, "time_budget", f"{self.time_budget}s")
        check_all(self)
        self._fill_defaults()
        _refuse_if(
            self.minn > self.maxn,
            f"minn must not exceed maxn ({self.maxn}), got {self.minn}",
            "minn",
            "maxn",
        )
        check_columns(self)
        self._check_documents()
        self._check_time_budget()
        start, end = self.rates
        _refuse_if(
            end > start,
            f"min_alpha must not exceed alpha ({start:g}), got {end:g}",
            "min_alpha",
            "alpha",
        )

    def _fill_defaults(self) -> None:
        """Set the options whose defaults depend on others."""
        if self.cbow_gradient is None:
            object.__setattr__(self, "cbow_gradient", "word2vec" if self.model == "dm" else "mean")
        if self.alpha is None:
            divided = self.model in ("cbow", "dm") and self.cbow_gradient == "mean"
            rate = 0.075 if divided else 0.05 if self.has_documents else 0.025
            object.__setattr__(self, "alpha", rate)
        if self.maxn and not self.minn:
            object.__setattr__(self, "minn", min(DEFAULT_MINN, self.maxn))

    def _check_documents(self) -> None:
        _refuse_if(
            self.train_words and self.model != "dbow",
            f"train_words is for model dbow; {self.model} trains words anyway: leave it out",
            "train_words",
            "model",
        )
        _refuse_if(
            self.tokenize and self.has_documents,
            f"with model {self.model} lines are documents as they are: leave out tokenize, and"
            " give text that is tokenised",
            "tokenize",
            "model",
        )
        _refuse_if(
            self.maxn and self.model == "dbow" and not self.train_words,
            "maxn makes words of n-grams, and model dbow trains no words: give train_words, or"
            " leave maxn out",
            "maxn",
            "model",
            "train_words",
        )

    def _check_time_budget(self) -> None:
        _ = self.seconds  # raises ConfigError
        _refuse_if(
            self.deterministic and self.time_budget,
            "with time_budget the rate follows the clock, which is never the same: leave out"
            " deterministic",
            "time_budget",
            "deterministic",
        )
        _refuse_if(
            self.distributed and self.time_budget,
            "with time_budget every rank would follow its own clock: leave out distributed, or"
            " give epochs",
            "time_budget",
            "distributed",
            "epochs",
        )

    @property
    def thread_count(self) -> int:
        """Threads to use: as asked, or one for each core that this process may use."""
        return self.threads or available_cores()

    @property
    def ngrams(self) -> tuple[int, int] | None:
        """minn and maxn if words are made of their n-grams, else None."""
        return (self.minn, self.maxn) if self.maxn else None

    @property
    def rates(self) -> tuple[float, float]:
        """The learning rate at the start and at the end (Eq. 19)."""
        assert self.alpha is not None  # __post_init__ has set it
        return self.alpha, self.min_alpha

    @property
    def seconds(self) -> float | None:
        """The time budget in seconds, or None."""
        if self.time_budget is None:
            return None
        seconds = duration(str(self.time_budget))
        if seconds is None:
            raise ConfigError(
                "time_budget must be a time such as 90s, 10m or 1h30m, got"
                f" {quoted(self.time_budget)}",
                options=("time_budget",),
            )
        return seconds

    @property
    def has_documents(self) -> bool:
        """Whether documents have vectors."""
        return self.model in ("dbow", "dm")

    @property
    def trains_words(self) -> bool:
        """Whether words have vectors of their own: not with DBOW alone."""
        return self.model != "dbow" or self.train_words

    @property
    def inputs_per_centre(self) -> int:
        """How many inputs a centre has at most: the words of its window, and its document."""
        if not self.trains_words:
            return 1
        return 2 * self.window + self.has_documents

    @property
    def inputs_per_block(self) -> int:
        """How many inputs of a centre share their negatives and their update: 1, or all of them up
        to 16; for CBOW and DM all.
        """
        if self.model in ("cbow", "dm"):
            return self.inputs_per_centre
        return 1 if self.negatives_per == "pair" else min(self.inputs_per_centre, SHARED)


@dataclass(frozen=True, kw_only=True)
class PhraseConfig:
    """What counts as a phrase. Raises ConfigError."""

    scoring: Scoring = option(
        "word2phrase",
        "score of word pairs: word2vec's, or normalised pointwise mutual information",
        choices=get_args(Scoring),
    )
    threshold: float | None = option(
        None, "minimum score of a phrase; by default 100, or 0.5 for npmi", kind=float
    )
    min_count: int = option(
        5, "exclude words and pairs that occur fewer than N times from phrases", low=1
    )
    passes: int = option(
        1, "number of passes; each can join phrases of the previous one", low=1, high=100
    )
    delimiter: str = option("_", "text between the words of a phrase", kind=str)
    lowercase: bool = option(False, "convert the text to lower case")
    tokenize: Tokenize | None = option(None, TOKENIZE_HELP, kind=str, choices=get_args(Tokenize))
    column: str | None = option(None, COLUMN_HELP, kind=str, metavar="NAME")
    group_by: str | None = option(None, GROUP_BY_HELP, kind=str, metavar="NAME")
    order_by: str | None = option(None, ORDER_BY_HELP, kind=str, metavar="NAME")
    encoding_errors: EncodingErrors = option(
        "strict",
        "treatment of bytes that are not UTF-8",
        choices=get_args(EncodingErrors),
    )
    threads: int | None = option(
        None,
        "number of threads; by default one per available core",
        kind=int,
        low=1,
        high=1024,
        metavar="N",
    )

    def __post_init__(self) -> None:
        check_all(self)
        check_columns(self)
        _refuse_if(
            self.delimiter.split() != [self.delimiter],
            f"delimiter must be letters without white space, got {quoted(self.delimiter)}",
            "delimiter",
        )

    @property
    def limit(self) -> float:
        """The threshold as given, or that of the scoring."""
        if self.threshold is not None:
            return self.threshold
        return {"word2phrase": 100.0, "npmi": 0.5}[self.scoring]

    @property
    def thread_count(self) -> int:
        """Threads to use: as asked, or one for each core that this process may use."""
        return self.threads or available_cores()


def _refuse_if(wrong: object, message: str, *options: str) -> None:
    if wrong:
        raise ConfigError(message, options=options)


def check_all(config: "TrainConfig | PhraseConfig") -> None:
    """Check every field of a configuration, and make its numbers Python's own, of the field's type:
    kernels are compiled for each type. Raises ConfigError.
    """
    for spec in fields(config):
        value = getattr(config, spec.name)
        if hasattr(value, "item") and not getattr(value, "shape", None):
            object.__setattr__(config, spec.name, value := value.item())  # a NumPy number
        check(spec.name, value, spec)
        kind = spec.metadata["kind"]
        if kind in (int, float) and value is not None and type(value) is not kind:
            object.__setattr__(config, spec.name, kind(value))


def check_columns(config: "TrainConfig | PhraseConfig") -> None:
    """Raise ConfigError for options about columns that need another one, or exclude one another."""
    for name, needed in (("group_by", "column"), ("order_by", "group_by")):
        _refuse_if(
            getattr(config, name) is not None and getattr(config, needed) is None,
            f"{name} needs {needed}: {NEEDED[needed]}",
            name,
            needed,
        )
    _refuse_if(
        config.group_by is not None and config.tokenize is not None,
        "with group_by every row has one token already: leave out tokenize",
        "group_by",
        "tokenize",
    )


def check(name: str, value: Any, spec: Field[Any]) -> None:
    """Raise ConfigError, naming the option and its range, unless the value fits the field."""
    meta = spec.metadata
    if value is None and spec.default is None:
        return
    if meta["choices"]:
        right = isinstance(value, str) and value in meta["choices"]
        expected = " or ".join(meta["choices"])
    elif meta["kind"] is str:
        right, expected = _is_text(value), "a string that UTF-8 can hold"
    elif meta["kind"] is bool:
        right, expected = isinstance(value, bool), "True or False"
    else:
        right, expected = _fits(value, meta), _range(meta)
    if not right:
        raise ConfigError(f"{name} must be {expected}, got {quoted(value)}", options=(name,))


def _is_text(value: object) -> bool:
    """Whether a value is a string without half a character (a surrogate)."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _fits(value: Any, meta: Mapping[str, Any]) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**64
    if not (whole or (meta["kind"] is float and isinstance(value, float) and math.isfinite(value))):
        return False
    low, high, above = meta["low"], meta["high"], meta["above"]
    return (
        (low is None or value >= low)
        and (high is None or value <= high)
        and (above is None or value > above)
    )


def _range(meta: Mapping[str, Any]) -> str:
    text = "a whole number" if meta["kind"] is int else "a number"
    if meta["above"] is not None:
        text += f" above {meta['above']:g}"
    if meta["low"] is not None and meta["high"] is not None:
        text += f" from {meta['low']} to {meta['high']}"
    elif meta["low"] is not None:
        text += f" of at least {meta['low']:g}"
    return text
