"""Whether a likelihood has a maximum, decided in exact rational arithmetic: every float is a rational."""

from __future__ import annotations

from typing import NamedTuple

from flint import fmpq, fmpq_mat

from nocollapse.numerics.arrays import FloatArray

# Exchanges by the largest violation before Bland's rule, which alone surely ends, takes over.
GREEDY = 100


class Certificate(NamedTuple):
    """A decision and the exact vector that proves it.

    `exists`: a maximum does, since sum_i vector_i x_i = 0 with vector_i > 0 where a label is 1, < 0 where a label or
    a count is 0 (any sign at a positive count). The residuals of a fit are such a vector.
    `separated`: none does, since s_i x_i'vector >= 0 for all i and > 0 for some, s_i = 1 for labels of 1 and -1 for
    labels and counts of 0, while x_i'vector = 0 at positive counts: the likelihood grows along the vector for ever.
    `singular`: no maximum is unique, since x_i'vector = 0 for all i and a vector other than 0.
    """

    kind: str
    vector: tuple[fmpq, ...]


def certify(model: str, x: FloatArray, y: FloatArray) -> Certificate:
    """Decides whether logistic or Poisson regression of y (N,) on x (N, p) has a maximum-likelihood estimate.

    One of the two certificates that exclude each other (Stiemke's lemma) is found by the dual simplex method, exactly.
    Source: Albert and Anderson (1984) for labels, Haberman (1974) for counts.
    """
    points = [[fmpq(*float(value).as_integer_ratio()) for value in row] for row in x]
    reduced, rank = fmpq_mat(points).rref()
    p = reduced.ncols()
    if rank < p:
        return Certificate("singular", _null_vector(reduced, rank))
    signs = [(i, s) for i, value in enumerate(y) for s in _signs(model, float(value))]
    cone = fmpq_mat([[s * value for value in points[i]] for i, s in signs])
    kind, vector = _decide(cone)
    if kind == "separated":
        return Certificate(kind, tuple(vector))
    residuals = [fmpq(0)] * len(points)
    for (i, s), multiplier in zip(signs, vector, strict=True):
        residuals[i] += s * multiplier
    return Certificate(kind, tuple(residuals))


def _signs(model: str, value: float) -> tuple[int, ...]:
    """The signs s for which s x'd must be >= 0, if the likelihood of one response grows along d for ever."""
    if value == 0:
        return (-1,)
    return (1, -1) if model == "poisson" else (1,)


def _decide(cone: fmpq_mat) -> tuple[str, list[fmpq]]:
    """Positive multipliers of the rows that sum to 0 ("exists"), or a vector whose products with them are >= 0.

    The multipliers are 1 + u, u >= 0 solving sum_i u_i row_i = -sum_i row_i, where u is 0 off a basis of rows. A row of
    it with u_k < 0 leaves; along the vector z orthogonal to the others and 1 on it, the sum of all products is
    -u_k > 0, so that either z separates or a row with a negative product enters.
    """
    table = cone.table()
    p = cone.ncols()
    total = fmpq_mat([[sum((row[j] for row in table), fmpq(0)) for j in range(p)]])
    basis = _pivots(cone.transpose().rref()[0], p)
    exchange = 0
    while True:
        greedy = exchange < GREEDY
        inverse = fmpq_mat([table[i] for i in basis]).inv()
        extra = [-value for value in (total * inverse).entries()]
        leaving = [(value if greedy else basis[k], k) for k, value in enumerate(extra) if value < 0]
        if not leaving:
            multipliers = [fmpq(1)] * len(table)
            for i, value in zip(basis, extra, strict=True):
                multipliers[i] += value
            return "exists", multipliers
        _, k = min(leaving)
        direction = fmpq_mat([[inverse[j, k]] for j in range(p)])
        products = (cone * direction).entries()
        entering = [(value if greedy else i, i) for i, value in enumerate(products) if value < 0]
        if not entering:
            return "separated", direction.entries()
        _, basis[k] = min(entering)
        exchange += 1


def _pivots(reduced: fmpq_mat, rank: int) -> list[int]:
    """The pivot columns of a matrix in reduced echelon form."""
    return [next(j for j in range(reduced.ncols()) if reduced[i, j] != 0) for i in range(rank)]


def _null_vector(reduced: fmpq_mat, rank: int) -> tuple[fmpq, ...]:
    """A vector other than 0 that a matrix in reduced echelon form maps to 0."""
    pivots = _pivots(reduced, rank)
    vector = [fmpq(0)] * reduced.ncols()
    free = next(j for j in range(reduced.ncols()) if j not in pivots)
    vector[free] = fmpq(1)
    for i, j in enumerate(pivots):
        vector[j] = -reduced[i, free]
    return tuple(vector)
