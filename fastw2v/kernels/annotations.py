"""What compiled functions take, in short names: for readers and type checkers, Numba ignores them.

A whole number of any type is ``int``, a number of any type ``float``.
"""

import numpy as np

Array = np.ndarray  # also a tile, as the NumPy twins have it: [rows, lanes]
Lanes = tuple[int, int]  # lane groups of a row: (first, stop)
Rows = tuple[int, ...]  # of a tile
Tag = tuple[int, ...]  # whose length is that of a side of a tile
