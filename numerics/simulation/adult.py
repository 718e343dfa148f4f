"""The Adult data of Section 5.2: the columns that the paper's real-data experiments use, all 48,842 rows.

The table is CSV text packed with bzip2. Source, licence and checksums are in `numerics/simulation/data/README.md`;
`numerics/simulation/data/build_adult.py` rebuilds it from the two original files.
"""

import bz2
import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import BoolArray, FloatArray, IntArray

Scalar = TypeVar("Scalar", bound=np.generic)

TABLE: Final = Path(__file__).parent / "data" / "adult.csv.bz2"
# of the CSV text, not of the packed file: another bzip2 may pack the same text into other bytes
TABLE_SHA256: Final = "1feecc3a1189825357e71c263701298372860cd0c7611e2323e6ae0f316c700f"

CATEGORICAL: Final = ("workclass", "education", "marital_status")
COLUMNS: Final = (
    *CATEGORICAL,
    *("age", "education_num", "capital_gain", "capital_loss", "hours_per_week"),
    *("income_above_50k", "complete"),
)
MISSING: Final = "?"
ROWS: Final = ("all", "complete")
FEATURES: Final = ("age", "education_num", "capital_gain", "capital_loss", "hours_per_week")


@dataclass(frozen=True)
class Categories:
    """A categorical column: row i holds `names[codes[i]]`.

    `names` are sorted, each occurs at least once, and a missing value is the name `MISSING`; `codes` (rows,)
    are integers.
    """

    names: tuple[str, ...]
    codes: IntArray


@dataclass(frozen=True)
class Adult:
    """The table, one read-only array (rows,) a column: 32,561 rows of adult.data, then 16,281 of adult.test.

    `age` is in years, `education_num` the rank 1..16 of the education level, `capital_gain` and
    `capital_loss` are in dollars, `hours_per_week` in hours, `income_above_50k` is the label ">50K".
    `complete` marks the rows with no missing value in any of the 14 features of the original, also those that
    are not in this table. Source: Becker & Kohavi (1996).
    """

    workclass: Categories
    education: Categories
    marital_status: Categories
    age: IntArray
    education_num: IntArray
    capital_gain: IntArray
    capital_loss: IntArray
    hours_per_week: IntArray
    income_above_50k: BoolArray
    complete: BoolArray


@cache
def load() -> Adult:
    """The packaged table, read and checked once.

    Raises ValueError if the file is not the one this version was made with.
    """
    return read(TABLE)


def read(path: Path) -> Adult:
    """The table in the file, once its text is known to be the published one.

    Raises ValueError naming the file and the checksum found if the text differs in a single byte.
    """
    packed = path.read_bytes()
    try:
        text = bz2.decompress(packed)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is not a whole bzip2 file: {error}") from error
    digest = hashlib.sha256(text).hexdigest()
    if digest != TABLE_SHA256:
        raise ValueError(f"{path} holds a table with SHA-256 {digest}, not {TABLE_SHA256}")
    return parse(text.decode("ascii"))


def parse(text: str) -> Adult:
    """The table in CSV text with the header `COLUMNS`: names, integers, and 0 or 1 for the flags."""
    header, *rows = csv.reader(text.splitlines())
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    return Adult(
        workclass=_categories(columns["workclass"]),
        education=_categories(columns["education"]),
        marital_status=_categories(columns["marital_status"]),
        age=_integers(columns["age"]),
        education_num=_integers(columns["education_num"]),
        capital_gain=_integers(columns["capital_gain"]),
        capital_loss=_integers(columns["capital_loss"]),
        hours_per_week=_integers(columns["hours_per_week"]),
        income_above_50k=_frozen(_integers(columns["income_above_50k"]) == 1),
        complete=_frozen(_integers(columns["complete"]) == 1),
    )


def frequencies(column: str, rows: str = "all") -> tuple[tuple[str, ...], FloatArray]:
    """The names that occur in a categorical column and their shares, positive and summing to one.

    `rows="all"`, the authors' cleaning, keeps the 48,842 rows, and a missing workclass counts as a category
    of its own, `MISSING`: it is what a random row shows. `rows="complete"`, the paper's text, keeps the
    45,222 complete rows. A category that occurs in no kept row ("Never-worked" in the complete ones) is left
    out.

    Raises ValueError unless column is one of `CATEGORICAL` and rows one of `ROWS`.

    >>> names, shares = frequencies("workclass", rows="complete")
    >>> names[0], round(float(shares[0]), 4)
    ('Federal-gov', 0.0311)
    """
    if column not in CATEGORICAL:
        raise ValueError(f"column = {column!r} is not one of {', '.join(CATEGORICAL)}")
    if rows not in ROWS:
        raise ValueError(f"rows = {rows!r} is not one of {', '.join(ROWS)}")
    table = load()
    values: Categories = getattr(table, column)
    codes = values.codes if rows == "all" else values.codes[table.complete]
    counts = np.bincount(codes, minlength=len(values.names))
    names = tuple(name for name, count in zip(values.names, counts, strict=True) if count)
    return names, counts[counts > 0] / codes.size


@dataclass(frozen=True)
class Regression:
    """Logistic regression of the label on the five features, with an intercept first.

    `features` (rows, 6) are standardised (mean 0, variance 1 over the rows) and `labels` (rows,) are 0 or 1. `theta`
    (6,) maximises the likelihood of the whole table: the pseudo-true parameter, for the labels are not drawn from any
    logistic model. `raw` (6, 6) takes coefficients on standardised features to those on the features as they are.
    """

    features: FloatArray
    labels: FloatArray
    theta: FloatArray
    raw: FloatArray


@cache
def regression(rows: str = "all") -> Regression:
    """The regression of Section 5.2 on all rows (the authors' cleaning) or on the complete ones (the paper's text).

    Raises ValueError unless rows is one of `ROWS`.

    >>> regression().theta.round(3).tolist()
    [-1.353, 0.579, 0.829, 2.388, 0.274, 0.497]
    """
    if rows not in ROWS:
        raise ValueError(f"rows = {rows!r} is not one of {', '.join(ROWS)}")
    table = load()
    chosen = np.ones(table.complete.size, np.bool_) if rows == "all" else table.complete
    columns = np.column_stack([getattr(table, name)[chosen] for name in FEATURES]).astype(np.float64)
    centre = columns.mean(axis=0)
    scale = columns.std(axis=0)
    features = np.column_stack([np.ones(len(columns)), (columns - centre) / scale])
    labels = table.income_above_50k[chosen].astype(np.float64)
    raw = np.diag([1.0, *(1 / scale)])
    raw[0, 1:] = -centre / scale
    return Regression(_frozen(features), _frozen(labels), _frozen(maximiser(features, labels)), _frozen(raw))


def maximiser(x: FloatArray, y: FloatArray) -> FloatArray:
    """The maximum-likelihood coefficients of a logistic regression, by Newton's method from zero."""
    theta = np.zeros(x.shape[1])
    for _ in range(50):
        mean = 1 / (1 + np.exp(-x @ theta))
        step = np.linalg.solve((x * (mean * (1 - mean))[:, None]).T @ x, x.T @ (y - mean))
        theta += step
        if np.abs(step).max() < 1e-12:
            return theta
    raise ArithmeticError("Newton's method did not converge on a table whose maximum exists")


def _categories(values: Sequence[str]) -> Categories:
    names = tuple(sorted(set(values)))
    code = {name: index for index, name in enumerate(names)}
    return Categories(names, _frozen(np.array([code[value] for value in values], dtype=np.int64)))


def _integers(values: Sequence[str]) -> IntArray:
    return _frozen(np.array([int(value) for value in values], dtype=np.int64))


def _frozen(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    array.flags.writeable = False
    return array
