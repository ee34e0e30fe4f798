"""Turn text, number and category columns into the matrices that classifiers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl
    from scipy.sparse import csr_matrix

    Dense = npt.NDArray[np.float64]

# Past this, a text adds time but hardly any evidence about its class.
MAX_CHARACTERS = 5_000
# Kept by document frequency; more words change no probability in the second digit.
MAX_TERMS = 30_000
MAX_NUMBERS = 256
MAX_LEVELS = 64
# A level seen less often than this cannot be learnt from; such levels share one bucket.
MIN_LEVEL = 3
BINS = 8
# Words of scripts without spaces run on; past this mean length, pairs of characters are read.
LONG_WORD = 12.0


class Features(msgspec.Struct, frozen=True):
    """The columns that may predict a label; every column has the same number of rows.

    `texts` and `categories` are String, `numbers` Float64; null is missing.
    """

    texts: tuple[pl.Series, ...] = ()
    numbers: tuple[pl.Series, ...] = ()
    categories: tuple[pl.Series, ...] = ()

    def filter(self, mask: npt.NDArray[np.bool_]) -> Features:
        """Return the rows that `mask`, shape (rows,), marks."""
        import polars as pl

        keep = pl.Series(mask)
        return Features(
            tuple(column.filter(keep) for column in self.texts),
            tuple(column.filter(keep) for column in self.numbers),
            tuple(column.filter(keep) for column in self.categories),
        )

    def gather(self, order: npt.NDArray[np.int64]) -> Features:
        """Return the rows in `order`, positions of shape (any,)."""
        import polars as pl

        rows = pl.Series(order)
        return Features(
            tuple(column.gather(rows) for column in self.texts),
            tuple(column.gather(rows) for column in self.numbers),
            tuple(column.gather(rows) for column in self.categories),
        )


class Encoded(msgspec.Struct, frozen=True, eq=False):
    """One row of features, three ways; a matrix without columns means that there is no such data.

    `weighted`: TF-IDF of words, scaled numbers, binned numbers and categories, for a linear model.
    `counts`: zeros and ones of the same words, bins and categories, for naive Bayes.
    `dense`: scaled numbers and categories alone, for trees and neighbours.
    """

    weighted: csr_matrix
    counts: csr_matrix
    dense: Dense


def encode(features: Features, rows: int) -> Encoded:
    """Encode `rows` rows without a look at the labels, so that folds may share the result."""
    import numpy as np
    from scipy import sparse

    words = [text_counts(column) for column in features.texts]
    matrix = number_matrix(features.numbers, rows)
    scaled, bins = scale(matrix), bin_numbers(matrix)
    levels = sparse.hstack(
        [sparse.csr_matrix((rows, 0)), *(level_flags(c) for c in features.categories)],
        format="csr",
    )
    width = max(1, scaled.shape[1] + len(features.categories))
    weighted = [*(tf_idf(counts) for counts in words)]
    # One text weighs as much as one table row: both have a length of about one.
    weighted += [sparse.csr_matrix(scaled), bins, levels]
    weighted[-3:] = [part * (2.0 / np.sqrt(width)) for part in weighted[-3:]]
    flags = [(counts > 0).astype(np.float64) for counts in words]
    return Encoded(
        sparse.csr_matrix(sparse.hstack(weighted, format="csr")),
        sparse.csr_matrix(sparse.hstack([*flags, bins, levels], format="csr")),
        np.hstack([scaled, levels[:, :MAX_NUMBERS].toarray()]),
    )


def text_counts(column: pl.Series) -> csr_matrix:
    """Count words and pairs of neighbouring words that two or more rows hold: (rows, terms).

    Terms are in alphabetical order, so the columns do not depend on the order of the rows. A term
    in a single row tells nothing about any other row and is left out.
    """
    import numpy as np
    import polars as pl
    from scipy import sparse

    lower = column.fill_null("").str.slice(0, MAX_CHARACTERS).str.to_lowercase()
    words = lower.str.extract_all(r"[\p{L}\p{M}\p{N}]+")
    mean = words.explode(empty_as_null=False).str.len_chars().mean()
    if isinstance(mean, float) and mean > LONG_WORD:
        words = lower.str.extract_all(r"[\p{L}\p{M}\p{N}]")
    tokens = pl.DataFrame({"term": words}).with_row_index("row")
    tokens = tokens.explode("term").drop_nulls()
    pairs = tokens.select(
        "row",
        pl.when(pl.col("row") == pl.col("row").shift(-1))
        .then(pl.concat_str("term", pl.col("term").shift(-1), separator=" "))
        .alias("term"),
    )
    counts = pl.concat([tokens, pairs.drop_nulls()]).group_by("row", "term").len("count")
    terms = (
        counts.group_by("term")
        .len("rows")
        .filter(pl.col("rows") > 1)
        .sort("rows", "term", descending=[True, False])
        .head(MAX_TERMS)
        .sort("term")
        .with_row_index("column")
    )
    found = counts.join(terms, on="term").select("row", "column", "count")
    row, place, count = (found[name].to_numpy() for name in ("row", "column", "count"))
    shape = (len(column), terms.height)
    matrix = sparse.csr_matrix((count.astype(np.float64), (row, place)), shape=shape)
    matrix.sort_indices()
    return matrix


def tf_idf(counts: csr_matrix) -> csr_matrix:
    """Weight counts by (1 + log tf) · idf and scale each row to length one: (rows, terms)."""
    from sklearn.feature_extraction.text import TfidfTransformer

    if not counts.shape[1]:
        return counts
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts)


def number_matrix(columns: tuple[pl.Series, ...], rows: int) -> Dense:
    """Stack the number columns that vary, the fullest `MAX_NUMBERS`: (rows, columns), NaN missing.

    Infinities count as missing, and magnitudes are cut at 1e30, so that no square overflows.
    """
    import numpy as np

    arrays = [column.to_numpy().astype(np.float64) for column in columns]
    if not arrays:
        return np.empty((rows, 0))
    matrix = np.stack(arrays, axis=1)
    matrix = np.clip(np.where(np.isfinite(matrix), matrix, np.nan), -1e30, 1e30)
    known = ~np.isnan(matrix)
    low = np.where(known, matrix, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, matrix, -np.inf).max(axis=0, initial=-np.inf)
    varies = np.flatnonzero((high > low) | ((high == low) & ~known.all(axis=0)))
    fullest = varies[np.argsort(-known[:, varies].sum(axis=0), kind="stable")[:MAX_NUMBERS]]
    return np.asarray(matrix[:, np.sort(fullest)])


def scale(matrix: Dense) -> Dense:
    """Centre each column on its median and divide by its spread; missing is 0 and has a flag.

    The spread is the standard deviation of the values cut at the 1st and 99th percentile, so that
    one wild value does not flatten all others; results are cut at ±5. Shape (rows, columns +
    columns with missing values).
    """
    import numpy as np

    if not matrix.size:
        return np.empty((matrix.shape[0], 0))
    low, middle, high = np.nanpercentile(matrix, [1, 50, 99], axis=0)
    spread = np.nanstd(np.clip(matrix, low, high), axis=0)
    whole = np.nanstd(matrix, axis=0)
    spread = np.where(spread > 0, spread, np.where(whole > 0, whole, 1.0))
    scaled = np.clip((matrix - middle) / spread, -5, 5)
    missing = np.isnan(matrix)
    flags = missing[:, missing.any(axis=0)].astype(np.float64)
    return np.hstack([np.nan_to_num(scaled, nan=0.0), flags])


def bin_numbers(matrix: Dense) -> csr_matrix:
    """Flag the quantile bin of each number (a bin of its own for missing): (rows, bins)."""
    import numpy as np
    from scipy import sparse

    blocks = [sparse.csr_matrix((matrix.shape[0], 0))]
    for values in matrix.T:
        edges = np.unique(np.nanquantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        place = np.searchsorted(edges, values, side="right")
        place[np.isnan(values)] = len(edges) + 1
        blocks.append(one_hot(place))
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))


def level_flags(column: pl.Series) -> csr_matrix:
    """Flag each frequent level, missing, and all rare levels together: (rows, levels)."""
    import numpy as np
    import polars as pl

    counts = pl.DataFrame({"level": column}).drop_nulls().group_by("level").len("rows")
    kept = (
        counts.filter(pl.col("rows") >= MIN_LEVEL)
        .sort("rows", "level", descending=[True, False])
        .head(MAX_LEVELS)
        .sort("level")["level"]
    )
    names = {level: place for place, level in enumerate(kept.to_list())}
    places = [
        len(names) if value is None else names.get(value, len(names) + 1)
        for value in column.to_list()
    ]
    return one_hot(np.asarray(places, dtype=np.int64))


def one_hot(places: npt.NDArray[np.int64]) -> csr_matrix:
    """Return a matrix (rows, distinct places) with a one in each row."""
    import numpy as np
    from scipy import sparse

    unique, column = np.unique(places, return_inverse=True)
    ones = np.ones(len(places))
    shape = (len(places), len(unique))
    return sparse.csr_matrix((ones, (np.arange(len(places)), column)), shape=shape)
