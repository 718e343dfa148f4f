"""Compiled recursions behind the package: sample means and covariances without the samples.

Every matrix is lower triangular or symmetric with only its lower triangle kept. Matrices that depend on the
weight carry it as last axis (a lane), so that the inner loops run over weights in contiguous memory.

p dimensions, r columns of a Bartlett factor, W lanes, B replicates in a block.
"""

from typing import TypeAlias

import numpy as np
from numba import njit

from nocollapse.numerics.arrays import FloatArray, IntArray

Driving: TypeAlias = tuple[FloatArray, FloatArray]

# A pivot smaller than this fraction of its diagonal entry is rounding noise: the matrix is singular there.
PIVOT_FLOOR = 1e-13


@njit(cache=True, error_model="numpy", nogil=True)
def batch_factor(normal: FloatArray, gamma: FloatArray, factor: FloatArray) -> None:
    """Writes the p x r Bartlett factor T, T T' Wishart(v, I), r = min(p, v), into factor[:p, :r].

    normal holds p numbers for the mean and then the entries under the diagonal, column by column;
    2 gamma[j] is chi-square with v - j degrees of freedom. For v < p the Wishart is singular.
    """
    p, rank = factor.shape
    q = p
    for j in range(rank):
        factor[j, j] = np.sqrt(2 * gamma[j])
        for i in range(j + 1, p):
            factor[i, j] = normal[q]
            q += 1


@njit(cache=True, error_model="numpy", nogil=True)
def cholesky(matrix: FloatArray, root: FloatArray, inverse: FloatArray) -> None:
    """Factors each lane of a positive semidefinite matrix: root root' = matrix, inverse = 1/diagonal.

    A pivot within rounding of zero gives a zero column (and a zero inverse), so that singular matrices factor
    too and no division by noise takes place.
    """
    p, _, lanes = matrix.shape
    for j in range(p):
        for i in range(j, p):
            for lane in range(lanes):
                root[i, j, lane] = matrix[i, j, lane]
            for k in range(j):
                for lane in range(lanes):
                    root[i, j, lane] -= root[i, k, lane] * root[j, k, lane]
        for lane in range(lanes):
            pivot = root[j, j, lane]
            sound = pivot > PIVOT_FLOOR * matrix[j, j, lane]
            diagonal = np.sqrt(pivot if sound else 0.0)
            root[j, j, lane] = diagonal
            inverse[j, lane] = 1.0 / diagonal if sound else 0.0
        for i in range(j + 1, p):
            for lane in range(lanes):
                root[i, j, lane] *= inverse[j, lane]


@njit(cache=True, error_model="numpy", nogil=True)
def cholesky_slope(root: FloatArray, inverse: FloatArray, slope: FloatArray, root_slope: FloatArray) -> None:
    """Differentiates `cholesky` forward: slope of the matrix to slope of the root (zero in a zero column)."""
    p, _, lanes = root.shape
    for j in range(p):
        for i in range(j, p):
            for lane in range(lanes):
                root_slope[i, j, lane] = slope[i, j, lane]
            for k in range(j):
                for lane in range(lanes):
                    root_slope[i, j, lane] -= (
                        root_slope[i, k, lane] * root[j, k, lane] + root[i, k, lane] * root_slope[j, k, lane]
                    )
        for lane in range(lanes):
            root_slope[j, j, lane] *= 0.5 * inverse[j, lane]
        for i in range(j + 1, p):
            for lane in range(lanes):
                root_slope[i, j, lane] = inverse[j, lane] * (
                    root_slope[i, j, lane] - root[i, j, lane] * root_slope[j, j, lane]
                )


@njit(cache=True, error_model="numpy", nogil=True)
def multiply(root: FloatArray, factor: FloatArray, product: FloatArray) -> None:
    """Writes root @ factor, lane by lane; the factor is shared by the lanes."""
    p, rank, lanes = product.shape
    for i in range(p):
        for j in range(min(i + 1, rank)):
            for lane in range(lanes):
                product[i, j, lane] = root[i, j, lane] * factor[j, j]
            for k in range(j + 1, i + 1):
                for lane in range(lanes):
                    product[i, j, lane] += root[i, k, lane] * factor[k, j]


@njit(cache=True, error_model="numpy", nogil=True)
def displace(root: FloatArray, normal: FloatArray, size: float, point: FloatArray) -> None:
    """Adds to each lane's point the error of the mean of `size` draws from N(0, root root')."""
    p, _, lanes = root.shape
    for i in range(p):
        for j in range(i + 1):
            z = normal[j] / np.sqrt(size)
            for lane in range(lanes):
                point[i, lane] += root[i, j, lane] * z


@njit(cache=True, error_model="numpy", nogil=True)
def square(product: FloatArray, divisor: float, out: FloatArray) -> None:
    """Writes product product' / divisor, the sample covariance, lane by lane."""
    p, rank, lanes = product.shape
    for i in range(p):
        for j in range(i + 1):
            for lane in range(lanes):
                out[i, j, lane] = product[i, 0, lane] * product[j, 0, lane] / divisor
            for k in range(1, min(j + 1, rank)):
                for lane in range(lanes):
                    out[i, j, lane] += product[i, k, lane] * product[j, k, lane] / divisor


@njit(cache=True, error_model="numpy", nogil=True)
def square_slope(product: FloatArray, product_slope: FloatArray, divisor: float, out: FloatArray) -> None:
    """Writes the derivative of what `square` writes."""
    p, rank, lanes = product.shape
    for i in range(p):
        for j in range(i + 1):
            for lane in range(lanes):
                out[i, j, lane] = 0.0
            for k in range(min(j + 1, rank)):
                for lane in range(lanes):
                    out[i, j, lane] += (
                        product_slope[i, k, lane] * product[j, k, lane]
                        + product[i, k, lane] * product_slope[j, k, lane]
                    ) / divisor


@njit(cache=True, error_model="numpy", nogil=True)
def blend(weights: FloatArray, real: FloatArray, state: FloatArray) -> None:
    """Turns a statistic of the synthetic batch, (q, W), into w real + (1-w) synthetic; real is (q, 1)."""
    for i in range(state.shape[0]):
        for lane in range(weights.size):
            state[i, lane] = weights[lane] * real[i, 0] + (1 - weights[lane]) * state[i, lane]


@njit(cache=True, error_model="numpy", nogil=True)
def blend_slope(weights: FloatArray, real: FloatArray, state: FloatArray, slope: FloatArray) -> None:
    """Turns the slope of a synthetic statistic into that of the blend; `state` is not blended yet."""
    for i in range(state.shape[0]):
        for lane in range(weights.size):
            slope[i, lane] = real[i, 0] - state[i, lane] + (1 - weights[lane]) * slope[i, lane]


@njit(cache=True, error_model="numpy", nogil=True)
def draw_batch(
    normal: FloatArray, gamma: FloatArray, root: FloatArray, size: float, divisor: float, factor: FloatArray,
    product: FloatArray, mean: FloatArray, covariance: FloatArray,
) -> None:  # fmt: skip
    """Moves mean by the error of `size` points from N(., root root'), and overwrites covariance by theirs."""
    batch_factor(normal, gamma, factor)
    displace(root, normal, size, mean)
    multiply(root, factor, product)
    square(product, divisor, covariance)


@njit(cache=True, error_model="numpy", nogil=True)
def record(sigma: FloatArray, mean: FloatArray, covariance: FloatArray, out: FloatArray) -> None:
    """Writes the squared errors of mean and covariance and the error of the trace into out[:3], (., W)."""
    p, lanes = mean.shape
    for lane in range(lanes):
        mean_error = 0.0
        covariance_error = 0.0
        trace_error = 0.0
        for i in range(p):
            mean_error += mean[i, lane] ** 2
            trace_error += covariance[i, i, lane] - sigma[i, i]
            covariance_error += (covariance[i, i, lane] - sigma[i, i]) ** 2
            for j in range(i):
                covariance_error += 2 * (covariance[i, j, lane] - sigma[i, j]) ** 2
        out[0, lane] = mean_error
        out[1, lane] = covariance_error
        out[2, lane] = trace_error


@njit(cache=True, error_model="numpy", nogil=True)
def record_slopes(
    sigma: FloatArray, mean: FloatArray, covariance: FloatArray, mean_slope: FloatArray,
    covariance_slope: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Writes the derivatives in w of the two squared errors into out[3:5]."""
    p, lanes = mean.shape
    for lane in range(lanes):
        mean_error_slope = 0.0
        covariance_error_slope = 0.0
        for i in range(p):
            mean_error_slope += 2 * mean[i, lane] * mean_slope[i, lane]
            covariance_error_slope += 2 * (covariance[i, i, lane] - sigma[i, i]) * covariance_slope[i, i, lane]
            for j in range(i):
                covariance_error_slope += 4 * (covariance[i, j, lane] - sigma[i, j]) * covariance_slope[i, j, lane]
        out[3, lane] = mean_error_slope
        out[4, lane] = covariance_error_slope


@njit(cache=True, error_model="numpy", nogil=True)
def run_weighted(
    real_driving: Driving, driving: Driving, sizes: FloatArray, ddof: int, sigma: FloatArray,
    sigma_root: FloatArray, known: bool, slopes: bool,
    weights: FloatArray, steps: IntArray, out: FloatArray,
) -> None:  # fmt: skip
    """Runs mu_t = w xbar_t + (1-w) ybar_t, Sigma_t = w S_t + (1-w) R_t; out is (B, 3, S, W), (B, 5, S, W) with slopes.

    Driving numbers are (normals (B, rows, .), gammas (B, r, rows)); one row of real ones, instead of a row a
    step, means that the first real batch is kept for ever. sizes = (n, m); sigma_root is (p, p, 1).
    """
    real_normal, real_gamma = real_driving
    normal, gamma = driving
    n, m = sizes
    p = sigma.shape[0]
    lanes = weights.size
    real_factor = np.zeros((p, real_gamma.shape[1]))
    real_product = np.zeros((*real_factor.shape, 1))
    real_mean = np.empty((p, 1))
    real_covariance = np.zeros((p, p, 1))
    factor = np.zeros((p, gamma.shape[1]))
    product = np.zeros((*factor.shape, lanes))
    product_slope = np.zeros((*factor.shape, lanes))
    mean = np.empty((p, lanes))
    mean_slope = np.empty((p, lanes))
    covariance = np.zeros((p, p, lanes))
    covariance_slope = np.empty((p, p, lanes))
    root = np.empty((p, p, lanes))
    root_slope = np.zeros((p, p, lanes))
    inverse = np.zeros((p, lanes))
    flat_real = real_covariance.reshape(-1, 1)
    flat = covariance.reshape(-1, lanes)
    flat_slope = covariance_slope.reshape(-1, lanes)
    root[:] = sigma_root
    for b in range(out.shape[0]):
        saved = 0
        for t in range(steps[-1] + 1):
            if t < real_normal.shape[1]:
                real_mean[:] = 0.0
                draw_batch(real_normal[b, t], real_gamma[b, :, t], sigma_root, n, n - ddof,
                           real_factor, real_product, real_mean, real_covariance)  # fmt: skip
            if t == 0:
                mean[:] = real_mean
                covariance[:] = real_covariance
                mean_slope[:] = 0.0
                covariance_slope[:] = 0.0
            else:
                if not known:
                    cholesky(covariance, root, inverse)
                    if slopes:
                        cholesky_slope(root, inverse, covariance_slope, root_slope)
                draw_batch(normal[b, t - 1], gamma[b, :, t - 1], root, m, m - ddof,
                           factor, product, mean, covariance)  # fmt: skip
                if slopes:
                    displace(root_slope, normal[b, t - 1], m, mean_slope)
                    multiply(root_slope, factor, product_slope)
                    square_slope(product, product_slope, m - ddof, covariance_slope)
                    blend_slope(weights, real_mean, mean, mean_slope)
                    blend_slope(weights, flat_real, flat, flat_slope)
                blend(weights, real_mean, mean)
                blend(weights, flat_real, flat)
            if t == steps[saved]:
                record(sigma, mean, covariance, out[b, :, saved])
                if slopes:
                    record_slopes(sigma, mean, covariance, mean_slope, covariance_slope, out[b, :, saved])
                saved += 1


@njit(cache=True, error_model="numpy", nogil=True)
def run_accumulation(
    real_driving: Driving, driving: Driving, sizes: FloatArray, ddof: int, sigma: FloatArray,
    sigma_root: FloatArray, known: bool,
    steps: IntArray, out: FloatArray,
) -> None:  # fmt: skip
    """Runs the pooled mean and scatter of all points so far; arguments as in run_weighted, one lane."""
    real_normal, real_gamma = real_driving
    normal, gamma = driving
    n, m = sizes
    p = sigma.shape[0]
    real_factor = np.zeros((p, real_gamma.shape[1]))
    real_product = np.zeros((*real_factor.shape, 1))
    factor = np.zeros((p, gamma.shape[1]))
    product = np.zeros((*factor.shape, 1))
    mean = np.empty((p, 1))
    gap = np.empty((p, 1))
    scatter = np.zeros((p, p, 1))
    batch = np.zeros((p, p, 1))
    covariance = np.zeros((p, p, 1))
    root = sigma_root.copy()
    inverse = np.zeros((p, 1))
    for b in range(out.shape[0]):
        saved = 0
        total = n
        mean[:] = 0.0
        draw_batch(real_normal[b, 0], real_gamma[b, :, 0], sigma_root, n, 1.0,
                   real_factor, real_product, mean, scatter)  # fmt: skip
        for t in range(steps[-1] + 1):
            if t > 0:
                if not known:
                    cholesky(covariance, root, inverse)
                gap[:] = 0.0
                draw_batch(normal[b, t - 1], gamma[b, :, t - 1], root, m, 1.0, factor, product, gap, batch)
                share = m / (total + m)
                for i in range(p):
                    mean[i, 0] += share * gap[i, 0]
                    for j in range(i + 1):
                        scatter[i, j, 0] += batch[i, j, 0] + total * share * gap[i, 0] * gap[j, 0]
                total += m
            covariance[:] = scatter / (total - ddof)
            if t == steps[saved]:
                record(sigma, mean, covariance, out[b, :, saved])
                saved += 1
