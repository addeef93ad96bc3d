"""A Parquet table: columns ``word``, ``count`` where there are counts, and ``vector``, a list of D
float32 numbers.

It is written, not read, through pyarrow.
"""

import numpy as np

from fastw2v.files import atomic_write
from fastw2v.formats.word2vec import check_writable_table
from fastw2v.paths import AnyPath
from fastw2v.vectors.word_vectors import WordVectors

GROUP_NUMBERS = 1 << 24  # of the vectors of a row group


def save(path: AnyPath, vectors: WordVectors, format: str, dtype: str = "float32") -> None:
    """Write the table whole or not at all. Raises VectorsError, OutputError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_writable_table(path, vectors.table)
    V, D = vectors.table.shape
    fields = [("word", pa.string()), ("vector", pa.list_(pa.float32(), D))]
    if vectors.counts is not None:
        fields.insert(1, ("count", pa.int64()))
    schema, step = pa.schema(fields), max(1, GROUP_NUMBERS // D)
    with atomic_write(path) as out, pq.ParquetWriter(out, schema) as writer:
        for first in range(0, V, step):
            rows = slice(first, first + step)
            numbers = np.ascontiguousarray(vectors.table[rows], np.float32).reshape(-1)
            columns = [
                pa.array(vectors.words[rows], pa.string()),
                pa.FixedSizeListArray.from_arrays(pa.array(numbers), D),
            ]
            if vectors.counts is not None:
                columns.insert(1, pa.array(np.asarray(vectors.counts[rows], np.int64)))
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=step)
