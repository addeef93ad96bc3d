"""Option names of word2vec.c, fastText, gensim and others, and the ones that replace them."""

import re

# Option here, or several that may be meant: names elsewhere, without dashes and underscores, in
# lower case.
ELSEWHERE = {
    "vector_size": (
        "size dim dims dimension dimensions d vecsize vectordim embeddingsize embeddingdim embsize"
        " embdim layer1size"
    ),
    "window": "ws win w windowsize contextsize context",
    "negative": "neg negatives negativesamples numnegatives nnegative numsampled k",
    "epochs": "epoch iter iters iterations niter nepochs numepochs e",
    "threads": (
        "thread workers numworkers nworkers numthreads nthreads cores jobs njobs processes j t"
    ),
    "min_count": "mincount minfreq minfrequency mincnt mincounts m",
    "max_vocab": "maxvocabsize maxfinalvocab vocabsize maxvocabulary",
    "alpha": "lr learningrate rate eta startalpha initialalpha startlr",
    "min_alpha": "endalpha minlr endlr minlearningrate",
    "sample": "subsample subsampling t threshold downsample",
    "ns_exponent": "nsexp exponent power",
    "shrink_window": "shrinkwindows dynamicwindow",
    "cbow_gradient": "cbowmean",
    "buckets": "bucket numbuckets",
    "seed": "randomseed randomstate s",
    "lowercase": "lower dolowercase",
    "encoding_errors": "unicodeerrors errors",
    "tokenize": "tokenizer tokenise tokeniser tokenization",
    "column": "textcolumn textcol field textfield jsonkey",
    "group_by": "groupby sessioncolumn sessionkey",
    "order_by": "orderby sortby timecolumn",
    "time_budget": "time maxtime timeout budget",
    "patience": "earlystopping earlystop",
    "deterministic": "reproducible",
    "freeze": "frozen freezevectors freezeinit lockf vectorslockf fixed",
    "init": "pretrained pretrainedvectors initvectors",
    "vocab": "readvocab vocabulary vocabfile",
    "stop_words": "stopwords stopwordsfile",
    "save_output_vectors": "saveoutput outputvectors contextvectors",
    "run_dir": "checkpointdir checkpoints rundirectory",
    "checkpoint_every": "saveevery checkpointfreq",
    "evaluate": "validation test dev questions",
    "output": "out outfile outputfile save saveto o",
    "number": "topn top topk k count num n limit neighbors neighbours",
    "source": "file input inputfile stdin",
    "format": "type outputformat",
    "as_json": "jsonl",
    "restrict": "restrictvocab",
    "connector_words": "commonterms connectors",
    "analogies": "analogy questions",
    "pairs": "similarity wordsim",
}

# Name elsewhere: what to do here, in Python's words, and names of options among these (as in
# Fastw2vError).
_MODEL = ("model='cbow' trains CBOW; the default is skip-gram", ("model",))
_NGRAMS = ("n-grams of 3 to 6 characters are minn=3, maxn=6", ("minn", "maxn"))
_NOTHING = ("fastw2v has nothing like it", ())
ADVICE = {
    **dict.fromkeys(("sg", "cbow", "skipgram", "architecture", "algorithm"), _MODEL),
    "hs": ("hierarchical softmax is loss='hs'", ("loss",)),
    "ns": ("negative sampling is loss='ns', the default", ("loss",)),
    **dict.fromkeys(("subwords", "subword", "ngrams", "charngrams"), _NGRAMS),
    **dict.fromkeys(
        ("classes", "lrupdaterate", "wordngrams", "label", "nullword", "hashfxn", "batchwords"),
        _NOTHING,
    ),
    **dict.fromkeys(("sortedvocab", "maxmemory", "batchsize", "device", "gpu"), _NOTHING),
}
# arguments that have no name on the command line, and options that they are elsewhere
ARGUMENTS = {
    "corpus": (
        "train input sentences corpus corpusfile corpusiterable text data documents file infile i f"
    ),
    "vectors": "model vectors modelfile modelpath embeddings input file i f",
    "source": "input infile i f from model vectors",
    "words": "word words query positive q",
    "run": "rundir run dir",
}
_EVENTS = "debug verbose verbosity callbacks computeloss quiet progress".split()
_SAVE = "train returns the vectors; save them: vectors.save('vectors.bin')"
ADVICE_PYTHON = {
    **dict.fromkeys(
        ARGUMENTS["corpus"].split(), "the corpus comes first, without a name: train(corpus, ...)"
    ),
    **dict.fromkeys(_EVENTS, "on_event=function is called with progress and loss"),
    **dict.fromkeys(["output", "binary", *ELSEWHERE["output"].split()], _SAVE),
    "trimrule": "keep=function takes a word and its count",
    "resume": "fastw2v.resume(run_dir) continues a run",
}
ADVICE_SHELL = {
    **dict.fromkeys(("debug", "verbose", "verbosity"), "progress is shown unless --quiet is given"),
    "binary": "the suffix of the output says the format: .bin or .txt",
    "savevocab": "vectors.npz keeps the vocabulary with its counts",
    "trimrule": "only Python has such functions: fastw2v.train(..., keep=function)",
}


def plain(name: str) -> str:
    """Return a name without dashes and underscores, in lower case: minCount, min-count and
    --min_count are one.
    """
    return re.sub("[-_]", "", name).lower()


def counterparts(name: str, own: list[str] | tuple[str, ...]) -> list[str]:
    """Return which of the options ``own`` have the part that an option of this name has elsewhere:
    often one, or none.
    """
    key = plain(name)
    same = [option for option in own if plain(option) == key]
    return same or [option for option in own if key in ELSEWHERE.get(option, "").split()]
