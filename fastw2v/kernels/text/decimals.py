"""Numbers in text: float32 rows read from decimals, and written in the fewest digits that say which
float32 it is.

Both work in float64 with a margin for its rounding, and leave to the caller what falls within the
margin or is written in an unusual way: a row in a million. So what they do is exactly what
``float`` reads and ``str`` of a NumPy float32 writes.
"""

import math

import numpy as np

from fastw2v.kernels.annotations import Array
from fastw2v.kernels.jit import kernel, leaf

MOST = 60  # of a power of ten
POWERS = np.array([float(f"1e{power}") for power in range(-MOST, MOST + 1)])
TEN_POWERS = np.array([10**n for n in range(19)], np.int64)
FULL = 10**17  # digits beyond it change no float32
# that are written here: larger ones have an exponent in some versions of NumPy
SMALLEST, LARGEST = (
    1e-37,
    1e6,
)
FIXED = 1e-4  # from here on without an exponent, as NumPy writes numbers
MARGIN = 1e-6  # of numbers of nine digits: ten times what float64 may be off
WIDEST = 18  # bytes of a number and the space before it
SPACE, NEWLINE, RETURN, PLUS, MINUS, POINT, ZERO, NINE, SMALL_E = (
    32,
    10,
    13,
    43,
    45,
    46,
    48,
    57,
    101,
)


@leaf
def read_exponent(data: Array, at: int, stop: int) -> tuple[int, int]:
    """The exponent at data[at] ("e" and up to three digits), or 0 if there is none, and the place
    after it.
    """
    begin, negative, exponent, digits = at, False, 0, 0
    if at < stop and data[at] | 32 == SMALL_E:
        at += 1
        if at < stop and (data[at] == MINUS or data[at] == PLUS):
            negative = data[at] == MINUS
            at += 1
        while at < stop and data[at] >= ZERO and data[at] <= NINE and digits < 3:
            exponent = 10 * exponent + np.int64(data[at]) - ZERO
            at += 1
            digits += 1
    if digits == 0:
        return 0, begin
    return (-exponent if negative else exponent), at


@leaf
def read_decimal(data: Array, at: int, stop: int) -> tuple[np.float32, int, bool]:
    """The number at data[at] as float32, the place after it, and whether it surely is the nearest
    one.
    """
    negative = at < stop and data[at] == MINUS
    if at < stop and (data[at] == MINUS or data[at] == PLUS):
        at += 1
    number, power, digits, point = np.int64(0), np.int64(0), 0, False
    while at < stop:
        digit = np.int64(data[at]) - ZERO
        if digit >= 0 and digit <= 9:
            digits += 1
            if number < FULL:
                number = 10 * number + digit
                power -= point
            else:
                power += not point
        elif digit == POINT - ZERO and not point:
            point = True
        else:
            break
        at += 1
    exponent, at = read_exponent(data, at, stop)
    power += exponent
    sure = digits > 0 and -MOST <= power <= MOST
    near = number * POWERS[min(max(power, -MOST), MOST) + MOST]
    found = np.float32(near)
    sure = (
        sure
        and np.float32(near * (1 - 2.0**-49)) == found
        and np.float32(near * (1 + 2.0**-49)) == found
    )
    return (-found if negative else found), at, sure


@kernel
def read_rows(
    data: Array, at: int, stop: int, table: Array, row: int, last: int, letters: Array, n: int
) -> tuple[int, int, int]:
    """Read lines "word v1 ... vD" of data[at:stop] (uint8) as rows ``row`` ... last - 1 of table
    (float32 [V, D]), and their words, a newline after each, to letters from n on.

    Returns the next row, where its line begins and the new n: a row less than ``last`` if its line
    is none of these, or holds a number that is not sure.
    """
    D = table.shape[1]
    while row < last:
        place, end = at, n
        while place < stop and data[place] != SPACE and data[place] != NEWLINE:
            letters[end] = data[place]
            place += 1
            end += 1
        sure, d = end > n, 0
        while sure and d < D:
            sure = place < stop and data[place] == SPACE
            table[row, d], place, right = read_decimal(data, place + 1, stop)
            sure = sure and right
            d += 1
        while place < stop and (data[place] == SPACE or data[place] == RETURN):
            place += 1
        if not sure or (place < stop and data[place] != NEWLINE):
            break
        letters[end] = NEWLINE
        row, at, n = row + 1, min(place + 1, stop), end + 1
    return row, at, n


@leaf
def shortest_digits(a: float) -> tuple[int, int]:
    """The fewest digits that are nearest to a number (0 < a, a float32) and to no other, and their
    power of ten; 0 if unsure.
    """
    k = 8 - math.floor(math.log10(a))
    k += 1 if a * POWERS[k + MOST] < 1e8 else 0
    k -= 1 if a * POWERS[k + MOST] >= 1e9 else 0
    scaled = a * POWERS[k + MOST]
    fraction, exponent = math.frexp(a)
    # half way to the next float32, and to the one before
    above = math.ldexp(1.0, exponent - 25) * POWERS[k + MOST]
    below = above / 2 if fraction == 0.5 else above
    unit, found, power = 1.0, np.rint(scaled), -k
    tie = abs(abs(found - scaled) - 0.5) < MARGIN
    for t in range(1, 9):
        unit *= 10
        whole = np.rint(scaled / unit)
        off = abs(whole * unit - scaled)
        if off > above + MARGIN:
            break
        if off > below - MARGIN:
            tie = True
            break
        found, power, tie = whole, t - k, abs(off - unit / 2) < MARGIN
    digits = np.int64(0) if tie else np.int64(found)
    while digits > 0 and digits % 10 == 0:
        digits //= 10
        power += 1
    return digits, power


@leaf
def put_digits(digits: int, n: int, out: Array, at: int) -> None:
    """Write the last n decimal digits of a number to out[at : at + n]."""
    for i in range(n):
        out[at + n - 1 - i] = ZERO + digits % 10
        digits //= 10


@leaf
def put_pointed(digits: int, n: int, whole: int, out: Array, at: int) -> int:
    """Write n digits, the first ``whole`` of them before the point, without a point if there are no
    more; returns the end.
    """
    if whole < n:
        put_digits(digits // TEN_POWERS[n - whole], whole, out, at)
        out[at + whole] = POINT
        put_digits(digits, n - whole, out, at + whole + 1)
        return at + n + 1
    put_digits(digits, n, out, at)
    put_digits(np.int64(0), whole - n, out, at + n)
    return at + whole


@leaf
def write_decimal(x: np.float32, out: Array, at: int) -> int:
    """Write a float32 in its shortest form to out[at:]; returns where it ends, or -1 if that is not
    sure.
    """
    a = abs(np.float64(x))
    if math.copysign(1.0, x) < 0:
        out[at] = MINUS
        at += 1
    if a == 0:
        out[at] = ZERO
        return at + 1
    if not (SMALLEST <= a < LARGEST):
        return -1
    digits, power = shortest_digits(a)
    if digits == 0:
        return -1
    n = 1
    while n < 10 and digits >= TEN_POWERS[n]:
        n += 1
    exponent = n - 1 + power
    if a < FIXED:
        at = put_pointed(digits, n, 1, out, at)
        out[at], out[at + 1] = SMALL_E, MINUS
        put_digits(np.int64(-exponent), 2, out, at + 2)
        return at + 4
    if exponent < 0:
        out[at], out[at + 1] = ZERO, POINT
        put_digits(digits, n - 1 - exponent, out, at + 2)
        return at + 1 + n - exponent
    return put_pointed(digits, n, exponent + 1, out, at)


@kernel
def write_rows(
    letters: Array, starts: Array, table: Array, row: int, out: Array
) -> tuple[int, int]:
    """Write lines "word v1 ... vD" of rows ``row`` ... of table (float32 [n, D]) to out (uint8,
    with room for them).

    letters : uint8, the words of the rows, letters[starts[i] : starts[i + 1]]. Returns the next row
    and how many bytes were written: less rows than there are if a number's shortest form is not
    sure.
    """
    n = 0
    while row < len(table):
        at = n
        for i in range(starts[row], starts[row + 1]):
            out[at] = letters[i]
            at += 1
        for d in range(table.shape[1]):
            out[at] = SPACE
            at = write_decimal(table[row, d], out, at + 1)
            if at < 0:
                break
        if at < 0:
            break
        out[at] = NEWLINE
        row, n = row + 1, at + 1
    return row, n
