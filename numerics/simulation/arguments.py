"""Checks of simulator arguments: each returns the clean value or raises a ValueError naming the bad one."""

import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray, IntArray

FRAMEWORKS = ("fresh", "fully-synthetic", "accumulation", "augmentation")


def integer(name: str, value: object, least: int) -> int:
    """The value as an int >= least; booleans and floats, even whole ones, are refused."""
    try:
        number = operator.index(value) if isinstance(value, SupportsIndex) else None
    except TypeError:
        number = None
    if number is None or number < least or isinstance(value, bool | np.bool):
        raise ValueError(f"{name} = {value!r} is not an integer >= {least}")
    return number


def real_vector(name: str, values: npt.ArrayLike) -> FloatArray:
    """The values as a non-empty vector of finite floats."""
    try:
        vector = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.ndim != 1 or vector.size == 0 or not np.all(np.isfinite(vector)):
        raise ValueError(f"{name} = {values!r} is not a non-empty vector of finite numbers")
    return vector


def recorded_steps(steps: Sequence[int]) -> IntArray:
    """The recorded steps, (S,): strictly increasing integers >= 0, at least one."""
    numbers = [integer("step", step, 0) for step in steps]
    if not numbers or any(a >= b for a, b in pairwise(numbers)):
        raise ValueError(f"steps = {tuple(steps)!r} is not a strictly increasing, non-empty sequence")
    return np.array(numbers, dtype=np.int64)


def framework_weights(framework: str, weights: npt.ArrayLike) -> FloatArray:
    """The weights on real data, (W,), in [0, 1].

    The fully synthetic framework has weight 0 alone, accumulation the placeholder 1 alone.
    """
    if framework not in FRAMEWORKS:
        raise ValueError(f"framework = {framework!r} is not one of {', '.join(FRAMEWORKS)}")
    vector = real_vector("weights", weights)
    if np.any((vector < 0) | (vector > 1)):
        raise ValueError(f"weights = {weights!r} leave the interval [0, 1]")
    only = {"fully-synthetic": 0.0, "accumulation": 1.0}.get(framework)
    if only is not None and vector.tolist() != [only]:
        raise ValueError(f"weights = {weights!r} is not ({only},), the only choice when {framework}")
    return vector


def divisor_offset(ddof: int) -> int:
    """The ddof of a sample covariance, whose divisor is size - ddof: 0 or 1."""
    if integer("ddof", ddof, 0) > 1:
        raise ValueError(f"ddof = {ddof!r} is not 0 or 1")
    return ddof


def covariance_matrix(name: str, matrix: npt.ArrayLike) -> FloatArray:
    """The matrix, (p, p), symmetric positive definite."""
    try:
        array = np.array(matrix, dtype=np.float64)
        square = array.ndim == 2 and array.shape[0] == array.shape[1] > 0
        proper = square and bool(np.all(np.isfinite(array))) and np.array_equal(array, array.T)
        if proper:  # rounding lets some singular matrices pass Cholesky's test alone
            np.linalg.cholesky(array)
            rounding = len(array) * np.finfo(np.float64).eps * np.linalg.norm(array, 2)
            proper = bool(np.linalg.eigvalsh(array)[0] > rounding)
    except (TypeError, ValueError, np.linalg.LinAlgError):
        proper = False
    if not proper:
        raise ValueError(f"{name} = {matrix!r} is not a symmetric positive definite matrix")
    return array


def probability_vector(probabilities: npt.ArrayLike) -> FloatArray:
    """The probabilities, (K,), K >= 2: non-negative, summing to 1 within 1e-9, then rescaled to sum to 1."""
    vector = real_vector("probabilities", probabilities)
    if vector.size < 2 or np.any(vector < 0) or abs(vector.sum() - 1) > 1e-9:
        raise ValueError(f"probabilities = {probabilities!r} are not two or more values >= 0 that sum to 1")
    return np.asarray(vector / vector.sum())
