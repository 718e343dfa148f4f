"""Compiled recursion behind the package for least squares: from X'X and X'e, without the points.

p coefficients, W weights (the last axis, contiguous), B replicates in a block.
"""

from typing import TypeAlias

import numpy as np
from numba import njit

from nocollapse.numerics.arrays import FloatArray, IntArray

Driving: TypeAlias = tuple[FloatArray, FloatArray]


@njit(cache=True, error_model="numpy", nogil=True)
def draw_products(
    normal: FloatArray, gamma: FloatArray, root: FloatArray, factor: FloatArray, gram: FloatArray, noise: FloatArray
) -> None:  # fmt: skip
    """Writes X'X = F F' and X'e = F u of a batch, F = root T.

    T is the Bartlett factor of `wishart`, whose p normals of a mean serve as u.
    """
    p = factor.shape[0]
    q = p
    for j in range(p):
        for i in range(p):
            factor[i, j] = root[i, j] * np.sqrt(2 * gamma[j])
        for k in range(j + 1, p):
            for i in range(k, p):
                factor[i, j] += root[i, k] * normal[q]
            q += 1
    for i in range(p):
        noise[i] = 0.0
        for j in range(i + 1):
            noise[i] += factor[i, j] * normal[j]
            gram[i, j] = 0.0
            for k in range(j + 1):
                gram[i, j] += factor[i, k] * factor[j, k]


@njit(cache=True, error_model="numpy", nogil=True)
def solve(left: FloatArray, right: FloatArray) -> None:
    """Solves left x = right in each lane, x in place of right; left (p, p, W), its lower triangle, is overwritten.

    Elimination without pivoting, stable for a positive definite matrix.
    """
    p, lanes = right.shape
    for j in range(p):
        for i in range(j + 1, p):
            for lane in range(lanes):
                ratio = left[i, j, lane] / left[j, j, lane]
                right[i, lane] -= ratio * right[j, lane]
                for k in range(j + 1, i + 1):
                    left[i, k, lane] -= ratio * left[k, j, lane]
    for i in range(p - 1, -1, -1):
        for j in range(i + 1, p):
            for lane in range(lanes):
                right[i, lane] -= left[j, i, lane] * right[j, lane]
        for lane in range(lanes):
            right[i, lane] /= left[i, i, lane]


@njit(cache=True, error_model="numpy", nogil=True)
def assemble(
    grams: FloatArray, noises: FloatArray, shares: FloatArray, gap: FloatArray, left: FloatArray, right: FloatArray
) -> None:  # fmt: skip
    """Writes the normal equations of every weight, given the gap of the model that the synthetic points follow."""
    p, lanes = gap.shape
    for i in range(p):
        for lane in range(lanes):
            right[i, lane] = noises[1, i]
        for j in range(p):
            entry = grams[1, max(i, j), min(i, j)]
            for lane in range(lanes):
                right[i, lane] += entry * gap[j, lane]
        for lane in range(lanes):
            right[i, lane] = shares[0, lane] * noises[0, i] + shares[1, lane] * right[i, lane]
        for j in range(i + 1):
            for lane in range(lanes):
                left[i, j, lane] = shares[0, lane] * grams[0, i, j] + shares[1, lane] * grams[1, i, j]


@njit(cache=True, error_model="numpy", nogil=True)
def run_linear(
    real: Driving, synthetic: Driving, root: FloatArray, n: int, shares: FloatArray, penalty: float,
    truth: FloatArray, steps: IntArray, out: FloatArray,
) -> None:  # fmt: skip
    """Runs the weighted least-squares fits; out (B, S, W, p) gets theta_t - truth.

    real and synthetic: normals (B, rows, .) and gammas (B, p, rows), a row a step, synthetic ones from step 1 on.
    shares (2, W) = (w/n, (1-w)/m); the fits minimise half of the weighted mean square plus penalty/2 |theta|^2.
    """
    real_normal, real_gamma = real
    normal, gamma = synthetic
    p = truth.size
    lanes = shares.shape[1]
    factor = np.zeros((p, p))
    grams = np.zeros((2, p, p))
    noises = np.zeros((2, p))
    left = np.empty((p, p, lanes))
    right = np.empty((p, lanes))
    gap = np.zeros((p, lanes))
    first = shares.copy()
    for lane in range(lanes):
        first[0, lane] = 1.0 / n
        first[1, lane] = 0.0
    for b in range(out.shape[0]):
        saved = 0
        for t in range(steps[-1] + 1):
            draw_products(real_normal[b, t], real_gamma[b, :, t], root, factor, grams[0], noises[0])
            if t > 0:
                draw_products(normal[b, t - 1], gamma[b, :, t - 1], root, factor, grams[1], noises[1])
            assemble(grams, noises, shares if t > 0 else first, gap, left, right)
            for i in range(p):
                for lane in range(lanes):
                    left[i, i, lane] += penalty
                    right[i, lane] -= penalty * truth[i]
            solve(left, right)
            for i in range(p):
                for lane in range(lanes):
                    gap[i, lane] = right[i, lane]
                    if t == steps[saved]:
                        out[b, saved, lane, i] = right[i, lane]
            if t == steps[saved]:
                saved += 1
