"""Lines of a text: which have words, and what their first tokens are."""

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel

# places in ``state``: the number of the line, what was found on it, and whether it has any byte
LINE, FOUND, BEGUN, STATE = range(4)
NOTHING, TAG, WORD = range(3)  # what was found on a line
NEWLINE, SPACE, TAB, RETURN = 10, 32, 9, 13


@kernel
def scan_lines(
    data: Array, stop: int, first_is_tag: bool, state: Array, lines: Array, tags: Array
) -> tuple[int, int]:
    """Find the lines of data[:stop] that have words, and their tags, which become white space.

    No token is cut at the end of data. state : int64 [STATE], kept between the blocks of a text;
    lines : int64 [n], gets the numbers of the lines whose first word is in data;
    tags : int64 [n, 3], gets line, begin and stop of each tag. Returns how many lines and tags.
    """
    n = m = 0
    line, found, begun = state[LINE], state[FOUND], state[BEGUN]
    i = 0
    while i < stop:
        byte = data[i]
        if byte == NEWLINE:
            line, found, begun = line + 1, NOTHING, 0
        else:
            begun = 1
            if byte != SPACE and (byte < TAB or byte > RETURN) and found != WORD:
                if first_is_tag and found == NOTHING:
                    found, begin = TAG, i
                    while i < stop and data[i] != SPACE and (data[i] < TAB or data[i] > RETURN):
                        data[i] = SPACE
                        i += 1
                    tags[m, 0], tags[m, 1], tags[m, 2] = line, begin, i
                    m += 1
                    continue
                found = WORD
                lines[n] = line
                n += 1
        i += 1
    state[LINE], state[FOUND], state[BEGUN] = line, found, begun
    return n, m


@kernel
def lines_with_words(ids: Array, ranks: Array, state: Array, out: Array) -> int:
    """Whether each line of provisional ids that has words has one that is kept, to out (bool);
    returns how many lines.

    ranks : negative where an id is left out;  state : int64 [2], whether the open line has words,
    and whether it has one that is kept; kept between calls.
    """
    n = 0
    for i in range(len(ids)):
        if ids[i] >= 0:
            state[0] = 1
            if ranks[ids[i]] >= 0:
                state[1] = 1
        elif state[0]:
            out[n] = state[1] != 0
            n += 1
            state[0] = state[1] = 0
    return n
