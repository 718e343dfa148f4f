"""Compiled recursions behind the package: empirical measures on an interval and on categories.

B replicates in a block, S recorded steps, W weights, n real and m synthetic points a step.
"""

from typing import TypeAlias

import numpy as np
from numba import njit

from nocollapse.numerics.arrays import FloatArray, IntArray

# The synthetic atoms of all weights, as step functions of the weight: slot j holds atoms[j, i] from the lane
# starts[j, i] up to the lane starts[j, i + 1]; the number of lanes ends the list. Shapes (m, W + 1), (m, W).
Pieces: TypeAlias = tuple[IntArray, FloatArray]

# Re-sorting m synthetic atoms costs about as much as replacing this many of them one by one.
REPLACEMENTS = 64


@njit(cache=True, error_model="numpy", nogil=True)
def trace(
    real: FloatArray, uniform: FloatArray, weights: FloatArray, base: int, step: int,
    before: Pieces, after: Pieces,
) -> None:  # fmt: skip
    """Writes the synthetic atoms of `step` given those of an earlier recorded step `base`.

    A slot's line of ancestors does not depend on the weight: it leaves the synthetic data at the first
    ancestor whose coin falls below w, so that one walk, weights in decreasing order, serves all of them.
    One uniform u carries everything: given either index floor(n u) or floor(m u), the coin, which is the
    fractional part of n m u, is uniform. Step 0 has real points only. A single real row is kept for ever.
    """
    n = real.shape[1]
    m = uniform.shape[1]
    lanes = weights.size
    old_starts, old_atoms = before
    starts, atoms = after
    for slot in range(m):
        lane = 0
        piece = 0
        ancestor = slot
        t = step
        while lane < lanes:
            u = uniform[t - 1, ancestor]
            t -= 1
            ancestor = int(u * m)
            coin = u * n * m
            coin -= np.floor(coin)
            end = 0
            for other in range(lanes):
                end += coin < weights[other] or t == 0
            if end > lane:
                starts[slot, piece] = lane
                batch = t if real.shape[0] > 1 else 0
                atoms[slot, piece] = real[batch, int(u * n)]
                piece += 1
                lane = end
            if t == base and lane < lanes:
                old = 0
                while old_starts[ancestor, old] < lanes:
                    if old_starts[ancestor, old + 1] > lane:
                        starts[slot, piece] = max(lane, old_starts[ancestor, old])
                        atoms[slot, piece] = old_atoms[ancestor, old]
                        piece += 1
                    old += 1
                lane = lanes
        starts[slot, piece] = lanes


@njit(cache=True, error_model="numpy", nogil=True)
def sum_of_maxima(ordered: FloatArray) -> float:
    """The sum of max(x_i, x_j) over all ordered pairs of a sorted sample."""
    total = 0.0
    for i in range(ordered.size):
        total += (2 * i + 1) * ordered[i]
    return total


@njit(cache=True, error_model="numpy", nogil=True)
def rank(ordered: FloatArray, level: float, start: int) -> int:
    """How many of a sorted sample lie below level, searched for outwards from a good guess."""
    while start < ordered.size and ordered[start] < level:
        start += 1
    while start > 0 and ordered[start - 1] >= level:
        start -= 1
    return start


@njit(cache=True, error_model="numpy", nogil=True)
def maxima_against(ordered: FloatArray, above: FloatArray, y: float) -> float:
    """The sum of max(x_i, y) over a sorted uniform sample; above[r] is the sum of x from the r-th on."""
    r = rank(ordered, y, int(y * ordered.size))
    return float(r * y + above[r])


@njit(cache=True, error_model="numpy", nogil=True, fastmath={"reassoc", "nsz"})
def replacement_gain(atoms: FloatArray, old: float, new: float) -> float:
    """How much `sum_of_maxima` grows when one atom, already overwritten by new, was old before."""
    total = 0.0
    for j in range(atoms.size):
        y = atoms[j]
        total += (y if y > new else new) - (y if y > old else old)
    return float(2 * total + abs(new - old))


@njit(cache=True, error_model="numpy", nogil=True)
def schedule(starts: IntArray, order: IntArray, counts: IntArray) -> None:
    """Lists, for each weight, the slots whose atom changes there: order[lane, :counts[lane]]."""
    lanes = counts.size
    counts[:] = 0
    for slot in range(starts.shape[0]):
        piece = 0
        while starts[slot, piece] < lanes:
            lane = starts[slot, piece]
            order[lane, counts[lane]] = slot
            counts[lane] += 1
            piece += 1


@njit(cache=True, error_model="numpy", nogil=True)
def record_cdf(real: FloatArray, synthetic: Pieces, order: IntArray, weights: FloatArray, out: FloatArray) -> None:
    """Writes the integral of (F_t - F)^2 dF for every weight, (W,), F uniform on (0, 1), real sorted.

    For masses a_i at x_i it is 1/3 + sum a_i x_i^2 - sum_ij a_i a_j max(x_i, x_j). Neighbouring weights share
    most synthetic atoms, so that the sums over them are updated from one weight to the next.
    """
    starts, pieces = synthetic
    n = real.size
    m = order.shape[1]
    above = np.zeros(n + 1)
    real_squares = 0.0
    for i in range(n - 1, -1, -1):
        above[i] = above[i + 1] + real[i]
        real_squares += real[i] ** 2
    real_maxima = sum_of_maxima(real)
    squares = 0.0
    maxima = 0.0
    cross = 0.0
    atoms = np.zeros(m)
    against = np.zeros(m)
    piece = np.zeros(m, np.int64)
    counts = np.zeros(weights.size, np.int64)
    schedule(starts, order, counts)
    for lane in range(weights.size):
        afresh = counts[lane] > REPLACEMENTS
        for change in range(counts[lane]):
            j = order[lane, change]
            old = atoms[j]
            new = pieces[j, piece[j]]
            piece[j] += 1
            atoms[j] = new
            if not afresh:
                maxima += replacement_gain(atoms, old, new)
            squares += new**2 - old**2
            cross -= against[j]
            against[j] = maxima_against(real, above, new)
            cross += against[j]
        if afresh:
            maxima = sum_of_maxima(np.sort(atoms))
        a = weights[lane] / n
        b = (1 - weights[lane]) / m
        pairs = a * a * real_maxima + 2 * a * b * cross + b * b * maxima
        out[lane] = 1 / 3 + a * real_squares + b * squares - pairs


@njit(cache=True, error_model="numpy", nogil=True)
def run_cdf(real: FloatArray, uniform: FloatArray, weights: FloatArray, steps: IntArray, out: FloatArray) -> None:
    """Runs F_t = w F_n + (1-w) F~_m; out is (B, S, W), weights decreasing.

    real (B, rows, n) sorted in each row, uniform (B, T, m).
    """
    m = uniform.shape[2]
    lanes = weights.size
    before = np.full((m, lanes + 1), lanes), np.empty((m, lanes))
    after = np.full((m, lanes + 1), lanes), np.empty((m, lanes))
    order = np.empty((lanes, m), np.int64)
    for b in range(out.shape[0]):
        base = 0
        for saved in range(steps.size):
            step = steps[saved]
            if step == 0:
                nothing = np.full((m, 2), 1), np.empty((m, 1))
                record_cdf(real[b, 0], nothing, order, np.ones(1), out[b, saved, :1])
                out[b, saved] = out[b, saved, 0]
            else:
                trace(real[b], uniform[b], weights, base, step, before, after)
                batch = step if real.shape[1] > 1 else 0
                record_cdf(real[b, batch], after, order, weights, out[b, saved])
                before, after = after, before
                base = step


@njit(cache=True, error_model="numpy", nogil=True)
def run_cdf_accumulation(real: FloatArray, uniform: FloatArray, steps: IntArray, out: FloatArray) -> None:
    """Runs the empirical measure of all points so far; out is (B, S, 1).

    real (B, 1, n) sorted, uniform (B, T, m). A point is kept as the rank of the real point it copies.
    """
    n = real.shape[2]
    m = uniform.shape[2]
    pool = np.empty(n + m * uniform.shape[1], np.int64)
    counts = np.empty(n, np.int64)
    pool[:n] = np.arange(n)
    for b in range(out.shape[0]):
        saved = 0
        size = n
        counts[:] = 1
        for t in range(steps[-1] + 1):
            if t > 0:
                for j in range(m):
                    origin = pool[int(uniform[b, t - 1, j] * size)]
                    pool[size + j] = origin
                    counts[origin] += 1
                size += m
            if t == steps[saved]:
                level = 0.0
                error = 1 / 3
                for i in range(n):
                    x = real[b, 0, i]
                    mass = counts[i] / size
                    error += mass * x * x - x * mass * (2 * level + mass)
                    level += mass
                out[b, saved, 0] = error
                saved += 1


@njit(cache=True, error_model="numpy", nogil=True)
def draw_frequencies(
    ordered: FloatArray, probabilities: FloatArray, guesses: IntArray, frequencies: FloatArray
) -> None:
    """Writes the frequencies of the categories that sorted uniforms select by inversion."""
    last = probabilities.size - 1
    level = 0.0
    below = 0
    for k in range(last):
        level += probabilities[k]
        guesses[k] = rank(ordered, level, guesses[k])
        frequencies[k] = (guesses[k] - below) / ordered.size
        below = guesses[k]
    frequencies[last] = (ordered.size - below) / ordered.size


@njit(cache=True, error_model="numpy", nogil=True)
def run_pmf(
    real: FloatArray, uniform: FloatArray, truth: FloatArray, weights: FloatArray, pooled: bool,
    steps: IntArray, out: FloatArray,
) -> None:  # fmt: skip
    """Runs p_t = w p^_n + (1-w) p~_m, or all points so far if pooled; out is (B, S, W).

    real (B, rows, K) holds frequencies of a real batch of n, uniform (B, T, m) sorted uniforms. When pooled,
    weights[t] is the share of the points before step t (one lane), else there is one for each lane.
    """
    lanes = out.shape[2]
    categories = truth.size
    fitted = np.empty((lanes, categories))
    drawn = np.empty(categories)
    guesses = np.empty(categories - 1, np.int64)
    for b in range(out.shape[0]):
        saved = 0
        for t in range(steps[-1] + 1):
            batch = real[b, t if real.shape[1] > 1 else 0]
            if t == 0:
                fitted[:] = batch
            else:
                guesses[:] = (np.cumsum(fitted[0])[:-1] * uniform.shape[2]).astype(np.int64)
                for lane in range(lanes):
                    draw_frequencies(uniform[b, t - 1], fitted[lane], guesses, drawn)
                    w = weights[t if pooled else lane]
                    for k in range(categories):
                        before = fitted[lane, k] if pooled else batch[k]
                        fitted[lane, k] = w * before + (1 - w) * drawn[k]
            if t == steps[saved]:
                for lane in range(lanes):
                    out[b, saved, lane] = 0.0
                    for k in range(categories):
                        out[b, saved, lane] += (fitted[lane, k] - truth[k]) ** 2
                saved += 1
