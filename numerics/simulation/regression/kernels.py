"""Compiled recursion behind the package: weighted logistic and Poisson regression on raw points.

Both links are canonical, so that responses y enter a fit by X'y alone, and models differ in two places only: how
responses follow from linear predictors (`respond`) and their mean and variance (`moments`). The fit of one weight
starts from the neighbouring weight's last evaluation of X'mu and X'VX, real and synthetic apart: its first Newton step
needs no pass over the points, and its second is mostly its last.

p coefficients, W weights (lanes) in increasing order; a batch keeps C >= its size places, a multiple of LANES, zero
beyond it. The order of every sum is written out, and fused operations only where they are meant, so that results do not
depend on the vector width of the machine (its logarithm may differ in a last bit).
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from nocollapse.numerics.arrays import FloatArray, IntArray

LOGISTIC = 1
POISSON = 2
NORMAL = 0
FIXED = 1
TABLE = 2
CONVERGED = 0
SEPARATED = 1
FAILED = 2
DOUBTFUL = 3
# Batches. A plain 0 would have every function that is given one compiled for the constant.
REAL = cast(int, np.int64(0))
SYNTHETIC = cast(int, np.int64(1))
FIRST = REAL  # line of a pad

LANES = 8  # partial sums of a dot product
BLOCK = 256  # points whose predictors, means and variances stay in the first-level cache

# A Newton step that ends an iteration is at most this long in the norm of the information of one point. The error left
# is of the order of its square times the largest leverage: coefficients were off by 3e-8 at most in 400 random fits of
# up to 8 coefficients, where a standard error is near 0.1.
TOLERANCE = 1e-4
ROUNDING = 1e-12  # of a score, against the largest |x_ij|
ROUNDS = 10  # Newton steps before a fit is in doubt; most take two
# Rates beyond it have counts that a float cannot hold.
LARGEST_PREDICTOR = 36.0
# So many arrivals between the least and the largest rate of a point cost more than a draw for each weight.
MANY = 100.0
# A Poisson draw at this rate costs as much as its arrivals one by one.
LEAP = 10.0


class Law(NamedTuple):
    """Where covariates, and real labels if they come from a table, are drawn."""

    mode: int  # NORMAL, FIXED or TABLE
    root: FloatArray  # (d, d) of the normal law
    rows: FloatArray  # (N, p) of the table
    labels: FloatArray  # (N,)


class Room(NamedTuple):
    """Working memory of a replicate. Points stand in rows of C, a block of them in p rows of x.

    Batch 0 has the real points, batch 1 the synthetic ones.
    """

    x: FloatArray  # (blocks p, C) covariates
    bounds: IntArray  # (3,) batch i has rows bounds[i] to bounds[i + 1] of x
    y_real: FloatArray  # (real blocks, C)
    y: FloatArray  # (W synthetic blocks, C), the blocks of a weight together
    predictor_real: FloatArray  # as y_real
    predictor: FloatArray  # as y
    picks: IntArray  # (max(n, m),) rows of the table
    theta: FloatArray  # (W, p)
    share: FloatArray  # (2,) what a point of each batch weighs in the present fit
    centre: FloatArray  # (p,) where the tallies are taken
    pad: FloatArray  # (4, C): a block's linear predictors, means, variances, and scratch
    tally: FloatArray  # (2, p, p + 2) of each batch: X'VX, lower triangle, then X'mu, then X'y
    normal: FloatArray  # (p, p + 2) their weighted sum
    inverse: FloatArray  # (p, p) K, lower triangular, K'K the inverse information
    step: FloatArray  # (p,)
    extent: FloatArray  # (p,) the largest |x_ij|


# --- arithmetic ---


def _fused(context: Any, a: Any, b: Any, c: Any) -> Any:
    return types.float64(a, b, c), lambda context, builder, signature, values: builder.fma(*values)


def _power(context: Any, shifted: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word = ir.IntType(64)
        exponent = builder.add(builder.bitcast(values[0], word), ir.Constant(word, 1023))
        return builder.bitcast(builder.shl(exponent, ir.Constant(word, 52)), ir.DoubleType())

    return types.float64(shifted), build


def _dot(context: Any, left: Any, i: Any, right: Any, j: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word = ir.IntType(64)
        lanes = ir.VectorType(ir.DoubleType(), LANES)
        arrays = [context.make_array(signature.args[k])(context, builder, values[k]) for k in (0, 2)]
        size = builder.extract_value(arrays[0].shape, 1)
        starts = [
            builder.bitcast(builder.gep(array.data, [builder.mul(row, size)]), lanes.as_pointer())
            for array, row in zip(arrays, (values[1], values[3]), strict=True)
        ]
        total = cgutils.alloca_once_value(  # type: ignore[no-untyped-call]
            builder, ir.Constant(lanes, [0.0] * LANES)
        )
        with cgutils.for_range(builder, builder.udiv(size, ir.Constant(word, LANES))) as loop:
            a, b = (builder.load(builder.gep(start, [loop.index]), align=8) for start in starts)
            builder.store(builder.fadd(builder.load(total), builder.fmul(a, b)), total)
        sums = [builder.extract_element(builder.load(total), ir.Constant(word, k)) for k in range(LANES)]
        while len(sums) > 1:
            half = len(sums) // 2
            sums = [builder.fadd(a, b) for a, b in zip(sums[:half], sums[half:], strict=True)]
        return sums[0]

    return types.float64(left, types.int64, right, types.int64), build


# a * b + c, rounded once
fused = cast(Callable[[float, float, float], float], intrinsic(_fused))
# 2^k of a whole number k that was added to MAGIC
power = cast(Callable[[float], float], intrinsic(_power))
# the dot product of row i of one matrix and row j of another, C a multiple of LANES, by LANES partial sums whatever the
# vector width of the machine
dot = cast(Callable[[FloatArray, int, FloatArray, int], float], intrinsic(_dot))

MAGIC = 1.5 * 2.0**52  # adding it rounds to a whole number, kept in the last bits
LOG2E = 1 / np.log(2)
LN2_HIGH, LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17  # the float nearest to log 2, and what it lacks


@njit(cache=True, error_model="numpy", nogil=True)
def exponential(x: float) -> float:
    """e^x to 2 units in the last place, x clamped to [-708, 709]; loops over it vectorise."""
    x = min(max(x, -708.0), 709.0)
    shifted = fused(x, LOG2E, MAGIC)
    k = shifted - MAGIC
    r = fused(-k, LN2_LOW, fused(-k, LN2_HIGH, x))
    q = fused(1 / 6227020800, r, 1 / 479001600)
    q = fused(q, r, 1 / 39916800)
    q = fused(q, r, 1 / 3628800)
    q = fused(q, r, 1 / 362880)
    q = fused(q, r, 1 / 40320)
    q = fused(q, r, 1 / 5040)
    q = fused(q, r, 1 / 720)
    q = fused(q, r, 1 / 120)
    q = fused(q, r, 1 / 24)
    q = fused(q, r, 1 / 6)
    q = fused(q, r, 0.5)
    return fused(q * r, r, r + 1.0) * power(shifted)


# --- points at a parameter ---


@njit(cache=True, error_model="numpy", nogil=True)
def predict(x: FloatArray, row: int, theta: FloatArray, out: FloatArray, line: int) -> None:
    """Writes into a line of out the linear predictors of the block of points that starts in a row of x."""
    slope = theta[0]
    for i in range(x.shape[1]):
        out[line, i] = slope * x[row, i]
    for j in range(1, theta.size):
        slope = theta[j]
        for i in range(x.shape[1]):
            out[line, i] = fused(slope, x[row + j, i], out[line, i])


@njit(cache=True, error_model="numpy", nogil=True)
def moments(model: int, pad: FloatArray) -> None:
    """Writes mean and variance of the response at each linear predictor."""
    if model == LOGISTIC:
        for i in range(pad.shape[1]):
            odds = exponential(-pad[0, i])
            mean = 1.0 / (1.0 + odds)
            pad[1, i] = mean
            pad[2, i] = odds * mean * mean  # mean (1 - mean) would cancel
    else:
        for i in range(pad.shape[1]):
            mean = exponential(pad[0, i])
            pad[1, i] = mean
            pad[2, i] = mean


@njit(cache=True, error_model="numpy", nogil=True)
def evaluate(
    model: int, x: FloatArray, bounds: IntArray, share: FloatArray, theta: FloatArray, pad: FloatArray,
    tally: FloatArray,
) -> None:  # fmt: skip
    """Tallies X'VX and X'mu at theta of the batches that weigh anything."""
    p = theta.size
    for batch in range(2):
        if share[batch] > 0:
            for j in range(p):
                for k in range(p + 1):
                    tally[batch, j, k] = 0.0
            for row in range(bounds[batch], bounds[batch + 1], p):
                predict(x, row, theta, pad, FIRST)
                moments(model, pad)
                for j in range(p):
                    tally[batch, j, p] += dot(x, row + j, pad, 1)
                    for i in range(pad.shape[1]):
                        pad[3, i] = pad[2, i] * x[row + j, i]
                    for k in range(j + 1):
                        tally[batch, j, k] += dot(x, row + k, pad, 3)


@njit(cache=True, error_model="numpy", nogil=True)
def summarise(
    x: FloatArray, bounds: IntArray, batch: int, y: FloatArray, line: int, tally: FloatArray
) -> None:  # fmt: skip
    """Tallies X'y of a batch, whose responses y has from a line on."""
    p = tally.shape[1]
    for j in range(p):
        total = 0.0
        for block in range((bounds[batch + 1] - bounds[batch]) // p):
            total += dot(x, bounds[batch] + block * p + j, y, line + block)
        tally[batch, j, p + 1] = total


# --- one fit ---


@njit(cache=True, error_model="numpy", nogil=True)
def blend(tally: FloatArray, share: FloatArray, normal: FloatArray) -> None:
    """Writes the weighted sum of both tallies; what has no weight may be anything, even infinite."""
    a = share[0]
    b = share[1]
    for j in range(normal.shape[0]):
        for k in range(normal.shape[1]):
            real = a * tally[REAL, j, k] if a > 0 else 0.0
            synthetic = b * tally[SYNTHETIC, j, k] if b > 0 else 0.0
            normal[j, k] = real + synthetic


@njit(cache=True, error_model="numpy", nogil=True)
def invert(normal: FloatArray, inverse: FloatArray, row: FloatArray) -> bool:
    """Writes the inverse Cholesky factor K of the information; False if that is not positive definite."""
    for j in range(row.size):
        pivot = normal[j, j]
        for k in range(j):
            total = 0.0
            for i in range(k + 1):
                total += inverse[k, i] * normal[j, i]
            row[k] = total
            pivot -= total * total
        if not 1e-13 * normal[j, j] < pivot < np.inf:  # rounding noise, or not a number
            return False
        diagonal = 1.0 / np.sqrt(pivot)
        inverse[j, j] = diagonal
        for i in range(j):
            total = 0.0
            for k in range(i, j):
                total += row[k] * inverse[k, i]
            inverse[j, i] = -total * diagonal
    return True


@njit(cache=True, error_model="numpy", nogil=True)
def newton_step(normal: FloatArray, inverse: FloatArray, step: FloatArray) -> float:
    """Writes the step K'K score; its length in the norm of the information, the decrement, is returned."""
    p = step.size
    total = 0.0
    for j in range(p):
        step[j] = 0.0
        u = 0.0
        for i in range(j + 1):
            u += inverse[j, i] * (normal[i, p + 1] - normal[i, p])
        total += u * u
        for i in range(j + 1):
            step[i] += inverse[j, i] * u
    return float(np.sqrt(total))


@njit(cache=True, error_model="numpy", nogil=True)
def exists(decrement: float, extent: FloatArray, inverse: FloatArray) -> bool:
    """Whether a Newton decrement proves that the likelihood has a maximum.

    If it has none, some direction d has s_i x_i'd >= 0 for all i, s_i the sign of y_i - mu_i, and x_i'd = 0 where a
    Poisson count is positive. With z_i = |x_i'd|, weights a_i, residuals r_i = |y_i - mu_i| and variances v_i <= r_i
    where z_i > 0, score'd = sum a_i r_i z_i and |d|^2 = d'Hd = sum a_i v_i z_i^2 <= max z score'd. So decrement >=
    score'd/|d| >= |d|/max z, and decrement * max_i |x_i| >= 1 in the dual norm, |x|^2 = x'H^-1 x, which
    `leverage` bounds. The score's rounding error may hide ROUNDING * leverage of the decrement.
    """
    leverage = 0.0
    for j in range(extent.size):
        total = 0.0
        for i in range(j, extent.size):
            total += inverse[i, j] * inverse[i, j]
        leverage += extent[j] * np.sqrt(total)
    return (decrement + ROUNDING * leverage) * leverage < 0.1


@njit(cache=True, error_model="numpy", nogil=True)
def newton(
    model: int, x: FloatArray, bounds: IntArray, share: FloatArray, pad: FloatArray, tally: FloatArray,
    normal: FloatArray, inverse: FloatArray, step: FloatArray, extent: FloatArray, centre: FloatArray,
    theta: FloatArray, lane: int,
) -> bool:  # fmt: skip
    """Undamped Newton from the centre, where the tallies are taken, to theta[lane]: whether it certainly converged.

    The tallies are left at the last centre.
    """
    for _ in range(ROUNDS):
        blend(tally, share, normal)
        if not invert(normal, inverse, step):
            break
        decrement = newton_step(normal, inverse, step)
        if decrement <= TOLERANCE and exists(decrement, extent, inverse):
            for j in range(centre.size):
                theta[lane, j] = centre[j] + step[j]
            return True
        for j in range(centre.size):
            centre[j] += step[j]
        evaluate(model, x, bounds, share, centre, pad, tally)
    return False


@njit(cache=True, error_model="numpy", nogil=True)
def fit_weights(model: int, mle: bool, shares: FloatArray, room: Room, outcome: IntArray) -> None:
    """Replaces each living weight's estimate by that of this step, or leaves it in doubt."""
    x = room.x
    bounds = room.bounds
    share = room.share
    tally = room.tally
    theta = room.theta
    blocks = room.y.shape[0] // theta.shape[0]
    tallied = 0  # which batches the tallies hold: 1 the real one, 2 the synthetic one, 3 both
    for lane in range(outcome.size):
        if outcome[lane] != CONVERGED:
            continue
        share[REAL] = shares[lane, REAL]
        share[SYNTHETIC] = shares[lane, SYNTHETIC]
        needed = 0
        if share[REAL] > 0:
            needed += 1
        if share[SYNTHETIC] > 0:
            needed += 2
            summarise(x, bounds, SYNTHETIC, room.y, lane * blocks, tally)
        if not mle:
            outcome[lane] = DOUBTFUL
            continue
        if tallied != needed:  # no fit before has left the tallies that this one needs
            for j in range(theta.shape[1]):
                room.centre[j] = theta[lane, j]
            evaluate(model, x, bounds, share, room.centre, room.pad, tally)
            tallied = needed
        converged = newton(
            model, x, bounds, share, room.pad, tally, room.normal, room.inverse, room.step, room.extent, room.centre,
            theta, lane,
        )  # fmt: skip
        if not converged:
            outcome[lane] = DOUBTFUL
            tallied = 0


# --- the recursion ---


@njit(cache=True, error_model="numpy", nogil=True)
def measure(x: FloatArray, bounds: IntArray, batch: int, extent: FloatArray) -> None:
    """Raises the extents to the largest |x_ij| of a batch."""
    for row in range(bounds[batch], bounds[batch + 1]):
        largest = 0.0
        for i in range(x.shape[1]):
            largest = max(largest, abs(x[row, i]))
        j = (row - bounds[batch]) % extent.size
        extent[j] = max(extent[j], largest)


@njit(cache=True, error_model="numpy", nogil=True)
def cover(
    rng: np.random.Generator, law: Law, size: int, x: FloatArray, bounds: IntArray, batch: int, p: int, picks: IntArray
) -> None:  # fmt: skip
    """Draws the covariates of a batch: root z beside the intercept if there is one, or rows of a table."""
    d = law.root.shape[0]
    places = x.shape[1]
    start = bounds[batch]
    if law.mode == TABLE:
        for i in range(size):
            picks[i] = int(rng.random() * law.rows.shape[0])
            for j in range(p):
                x[start + i // places * p + j, i % places] = law.rows[picks[i], j]
    elif law.mode == NORMAL:
        for block in range(-(-size // places)):
            row = start + block * p + p - d
            count = min(places, size - block * places)
            for j in range(d):
                for i in range(count):
                    x[row + j, i] = rng.standard_normal()
            for j in range(d - 1, -1, -1):
                for i in range(count):
                    x[row + j, i] *= law.root[j, j]
                for k in range(j):
                    for i in range(count):
                        x[row + j, i] = fused(law.root[j, k], x[row + k, i], x[row + j, i])


@njit(cache=True, error_model="numpy", nogil=True)
def respond_logistic(
    rng: np.random.Generator, predictor: FloatArray, blocks: int, outcome: IntArray, size: int, y: FloatArray
) -> None:  # fmt: skip
    """Draws labels y, (W blocks, C), from predictors: 1 where logit(U) is not above, U shared by the weights."""
    places = y.shape[1]
    threshold = np.empty((blocks, places))
    for i in range(blocks * places):
        u = rng.random() if i < size else 1.0
        threshold[i // places, i % places] = np.log(u / (1.0 - u))
    for lane in range(outcome.size):
        if outcome[lane] == CONVERGED:
            for block in range(blocks):
                line = lane * blocks + block
                for i in range(places):
                    y[line, i] = 1.0 if threshold[block, i] <= predictor[line, i] else 0.0


@njit(cache=True, error_model="numpy", nogil=True)
def spread(predictor: FloatArray, blocks: int, outcome: IntArray, low: FloatArray, high: FloatArray) -> None:
    """Writes the least and the largest linear predictor of each point over the living weights."""
    for block in range(blocks):
        for i in range(low.shape[1]):
            low[block, i] = np.inf
            high[block, i] = -np.inf
        for lane in range(outcome.size):
            if outcome[lane] == CONVERGED:
                line = lane * blocks + block
                for i in range(low.shape[1]):
                    low[block, i] = min(low[block, i], predictor[line, i])
                    high[block, i] = max(high[block, i], predictor[line, i])


@njit(cache=True, error_model="numpy", nogil=True)
def respond_poisson(
    rng: np.random.Generator, predictor: FloatArray, blocks: int, outcome: IntArray, size: int, y: FloatArray
) -> None:  # fmt: skip
    """Draws counts y, (W blocks, C): the arrivals of a point's unit-rate process before exp(predictor).

    The weights share the process. It is drawn arrival by arrival, but for a leap over many that all weights share,
    and beyond a gap too wide between the least rate and the largest each weight goes on by itself.
    """
    places = y.shape[1]
    lanes = outcome.size
    low = np.empty((blocks, places))
    high = np.empty((blocks, places))
    spread(predictor, blocks, outcome, low, high)
    if np.max(high) > LARGEST_PREDICTOR:
        for line in range(lanes * blocks):
            if outcome[line // blocks] == CONVERGED and np.max(predictor[line]) > LARGEST_PREDICTOR:
                outcome[line // blocks] = FAILED
        spread(predictor, blocks, outcome, low, high)
    if np.all(outcome != CONVERGED):
        return
    for block in range(blocks):
        for i in range(places):
            low[block, i] = exponential(low[block, i])
            high[block, i] = exponential(high[block, i])
        for lane in range(lanes):
            for i in range(places):
                y[lane * blocks + block, i] = 0.0
        for i in range(min(places, size - block * places)):
            least = low[block, i]
            largest = high[block, i]
            count = 0.0
            arrival = 0.0
            if least > LEAP:
                count = float(rng.poisson(least))
                arrival = least
            arrival += rng.standard_exponential()
            while arrival <= least:
                count += 1.0
                arrival += rng.standard_exponential()
            if largest - least > MANY:
                for lane in range(lanes):
                    line = lane * blocks + block
                    if outcome[lane] == CONVERGED:
                        y[line, i] = rng.poisson(max(exponential(predictor[line, i]) - least, 0.0))
            else:
                while arrival <= largest:
                    level = np.log(arrival)
                    for lane in range(lanes):
                        y[lane * blocks + block, i] += 1.0 if level <= predictor[lane * blocks + block, i] else 0.0
                    arrival += rng.standard_exponential()
            low[block, i] = count
        for lane in range(lanes):
            for i in range(places):
                y[lane * blocks + block, i] += low[block, i]


@njit(cache=True, error_model="numpy", nogil=True)
def respond(
    rng: np.random.Generator, model: int, size: int, x: FloatArray, start: int, theta: FloatArray, outcome: IntArray,
    predictor: FloatArray, y: FloatArray,
) -> None:  # fmt: skip
    """Draws the responses, y (W blocks, C), to `size` points from row `start` of x on, from each living weight."""
    p = theta.shape[1]
    blocks = y.shape[0] // outcome.size
    for lane in range(outcome.size):
        if outcome[lane] == CONVERGED:
            for block in range(blocks):
                predict(x, start + block * p, theta[lane], predictor, lane * blocks + block)
    if model == LOGISTIC:
        respond_logistic(rng, predictor, blocks, outcome, size, y)
    else:
        respond_poisson(rng, predictor, blocks, outcome, size, y)


@njit(cache=True, error_model="numpy", nogil=True)
def close(
    t: int, steps: IntArray, truth: FloatArray, room: Room, gap: FloatArray, outcome: IntArray, ended: IntArray
) -> int:  # fmt: skip
    """Ends step t: notes gaps and deaths, and gives all weights the fit of step 0; returns how many live on."""
    living = 0
    saved = np.searchsorted(steps, t)
    theta = room.theta
    for lane in range(outcome.size):
        if t == 0:
            outcome[lane] = outcome[0]
        if outcome[lane] == CONVERGED:
            living += 1
        elif ended[lane] < 0:
            ended[lane] = t
        for j in range(theta.shape[1]):
            if t == 0:
                theta[lane, j] = theta[0, j]
            if t == steps[saved] and outcome[lane] == CONVERGED:
                gap[saved, lane, j] = theta[lane, j] - truth[0, j]
    return living


@njit(cache=True, error_model="numpy", nogil=True)
def run(
    rngs: tuple[np.random.Generator, np.random.Generator], model: int, mle: bool, law: Law, sizes: IntArray,
    truth: FloatArray, shares: FloatArray, steps: IntArray, t: int, room: Room, gap: FloatArray, outcome: IntArray,
    ended: IntArray,
) -> int:  # fmt: skip
    """Runs a replicate from the beginning of step t on, to its end or to a step with fits in doubt, which is returned.

    In doubt are fits that did not converge at once, and all that are not maximum likelihood. Settle them, `close` the
    step and run on. rngs are for real and for synthetic points; sizes = (n, m), truth (1, p), shares (W, 2) = (w/n,
    (1-w)/m), w increasing. gap (S, W, p), outcome and ended (W,) are what `regression.Paths` says. A fixed design or
    the intercept is in room.x already.
    """
    x = room.x
    bounds = room.bounds
    sound = np.zeros(1, np.int64)  # the outcome of drawing real responses
    first = np.zeros((1, 2))
    first[0, REAL] = 1.0 / sizes[REAL]
    while t <= steps[-1]:
        for j in range(room.extent.size):
            room.extent[j] = 0.0
        if t == 0 or shares[-1, REAL] > 0:  # the largest weight
            cover(rngs[REAL], law, sizes[REAL], x, bounds, REAL, truth.size, room.picks)
            measure(x, bounds, REAL, room.extent)
            if law.mode == TABLE:
                for i in range(sizes[REAL]):
                    room.y_real[i // x.shape[1], i % x.shape[1]] = law.labels[room.picks[i]]
            else:
                respond(rngs[REAL], model, sizes[REAL], x, bounds[REAL], truth, sound, room.predictor_real, room.y_real)
                for lane in range(outcome.size):
                    outcome[lane] = max(outcome[lane], sound[0])  # no real responses, no fit
        if t > 0 and shares[0, SYNTHETIC] > 0:  # beside the smallest weight
            cover(rngs[SYNTHETIC], law, sizes[SYNTHETIC], x, bounds, SYNTHETIC, truth.size, room.picks)
            measure(x, bounds, SYNTHETIC, room.extent)
            respond(
                rngs[SYNTHETIC], model, sizes[SYNTHETIC], x, bounds[SYNTHETIC], room.theta, outcome, room.predictor,
                room.y,
            )  # fmt: skip
        if t == 0 or shares[-1, REAL] > 0:
            summarise(x, bounds, REAL, room.y_real, FIRST, room.tally)
        if t == 0:
            fit_weights(model, mle, first, room, outcome[:1])
        else:
            fit_weights(model, mle, shares, room, outcome)
        for lane in range(outcome.size):
            if outcome[lane] == DOUBTFUL:
                return t
        if close(t, steps, truth, room, gap, outcome, ended) == 0:
            return int(steps[-1]) + 1
        t += 1
    return t


def furnish(
    p: int, n: int, m: int, lanes: int, intercept: bool, points: tuple[FloatArray, FloatArray] | None
) -> Room:  # fmt: skip
    """Room for n real and m synthetic points; covariates that stay, an intercept or a fixed design, are put in.

    Both batches are cut into blocks of one size, the one that wastes least.
    """
    places = min(range(LANES, BLOCK + 1, LANES), key=lambda size: _waste(size, n, m))
    real_blocks = _blocks(n, places)
    synthetic_blocks = _blocks(m, places)
    bounds = np.array([0, real_blocks, real_blocks + synthetic_blocks]) * p
    real_x, synthetic_x = points or (None, None)
    x = np.zeros((bounds[2], places))  # in C order, as `dot` needs it
    x[: bounds[1]] = _covariates(real_x, p, n, real_blocks, places, intercept)
    x[bounds[1] :] = _covariates(synthetic_x, p, m, synthetic_blocks, places, intercept)
    return Room(
        x=x,
        bounds=bounds,
        y_real=np.zeros((real_blocks, places)),
        y=np.zeros((lanes * synthetic_blocks, places)),
        predictor_real=np.zeros((real_blocks, places)),
        predictor=np.zeros((lanes * synthetic_blocks, places)),
        picks=np.zeros(max(n, m), np.int64),
        theta=np.zeros((lanes, p)),
        share=np.zeros(2),
        centre=np.zeros(p),
        pad=np.zeros((4, places)),
        tally=np.zeros((2, p, p + 2)),
        normal=np.zeros((p, p + 2)),
        inverse=np.zeros((p, p)),
        step=np.zeros(p),
        extent=np.zeros(p),
    )


def _blocks(size: int, places: int) -> int:
    """How many blocks of so many places a batch takes."""
    return -(-size // places)


def _waste(places: int, n: int, m: int) -> int:
    """What blocks of so many places cost, up to a factor; a block costs some places more than it has."""
    return (_blocks(n, places) + _blocks(m, places)) * (places + 3 * LANES)


def _covariates(
    rows: FloatArray | None, p: int, size: int, blocks: int, places: int, intercept: bool
) -> FloatArray:  # fmt: skip
    """A batch's covariates, (blocks p, places): the rows if they are given, else zeros beside an intercept."""
    filled = np.zeros((blocks * places, p))
    if rows is not None:
        filled[:size] = rows
    elif intercept:
        filled[:size, 0] = 1
    return filled.reshape(blocks, places, p).mT.reshape(-1, places)


def points(room: Room, lane: int, batch: int, size: int) -> tuple[FloatArray, FloatArray]:
    """A batch as it stands: covariates (size, p), responses of a weight (size,)."""
    p = room.theta.shape[1]
    y = room.y_real if batch == REAL else room.y.reshape(len(room.theta), -1)[lane]
    blocks = room.x[room.bounds[batch] : room.bounds[batch + 1]].reshape(-1, p, room.x.shape[1])
    return blocks.mT.reshape(-1, p)[:size], y.ravel()[:size]
