"""Recursive training of generalised linear models by weighted maximum likelihood, and where its estimates go.

Step 0 fits n real points. Step t >= 1 fits n new real points and m synthetic ones, whose covariates follow the same law
and whose responses follow the model of step t - 1: it minimises w times the mean negative log-likelihood of the real
points plus 1 - w times that of the synthetic ones (Section 3.2). Links are canonical, the linear model's variance is 1.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray, IntArray
from nocollapse.numerics.simulation.arguments import (
    covariance_matrix,
    framework_weights,
    integer,
    real_vector,
    recorded_steps,
)
from nocollapse.numerics.simulation.regression import kernels
from nocollapse.numerics.simulation.regression.fit import maximise
from nocollapse.numerics.simulation.regression.linear_kernels import run_linear
from nocollapse.numerics.simulation.streams import Stream, blocks
from nocollapse.numerics.simulation.wishart import Batches, draw

MODELS = ("linear", "logistic", "poisson")
ESTIMATORS = ("mle", "firth", "ridge")
DESIGNS = ("random", "fixed")
OUTCOMES = ("converged", "separated", "failed")


class Paths(NamedTuple):
    """Trajectories of estimates: R replicates, S recorded steps, W weights, p coefficients.

    An estimate ceases to exist where the likelihood has no maximum ("separated") or none was found ("failed").
    """

    gap: FloatArray  # (R, S, W, p) theta_t - theta, nan from the step on at which the estimate ceased to exist
    outcome: IntArray  # (R, W) index into OUTCOMES: how the trajectory ended
    ended: IntArray  # (R, W) the step of the first fit that did not converge, -1 if none

    @property
    def error(self) -> FloatArray:
        """|theta_t - theta|^2, (R, S, W)."""
        return np.asarray(np.sum(self.gap**2, axis=-1))


class Setting(NamedTuple):
    """Arguments of a simulation, checked."""

    model: str
    n: int
    m: int
    truth: FloatArray  # (p,)
    root: FloatArray  # (d, d), root root' the covariance of the covariates
    weights: FloatArray  # (W,)
    steps: IntArray  # (S,)
    fixed: bool
    estimator: str
    ridge: float

    @property
    def intercept(self) -> bool:
        return len(self.truth) > len(self.root)

    @property
    def penalty(self) -> float:
        """The penalty's weight against the mean negative log-likelihood of a point."""
        return _penalty(self.estimator, self.ridge, self.n)


def _penalty(estimator: str, ridge: float, n: int) -> float:
    return {"mle": 0.0, "firth": 1.0, "ridge": ridge}[estimator] / n


def simulate(
    stream: Stream,
    replicates: range,
    *,
    model: str,
    n: int,
    m: int,
    beta: npt.ArrayLike,
    omega: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    intercept: bool = False,
    design: str = "random",
    estimator: str = "mle",
    ridge: float = 0.0,
) -> Paths:
    """Simulates trajectories of the fitted coefficients around the true ones, beta (p,).

    Covariates are N(0, omega), omega (d, d); with an intercept, the first entry of beta, p = d + 1. All weights share
    the real points and the driving noise. In a fixed design the real and the synthetic covariates are drawn once for
    all steps and replicates, and their second moments (and means, beside an intercept) are made those of their law.

    Firth's estimator maximises the likelihood of n weighted points times the root of its information's determinant
    (Jeffreys' prior; least squares in the linear model); ridge subtracts ridge/2 |theta|^2, the intercept included,
    from that log-likelihood. Both exist where maximum likelihood does not, and are other estimators.

    Least squares is run on X'X and X'e alone, at a cost that does not grow with n and m. Raises ValueError for
    arguments out of their domain. Source: Section 3.2; Firth (1993).
    """
    setting = checked(model, n, m, beta, omega, weights, steps, intercept, design, estimator, ridge)
    if model == "linear":
        return _simulate_linear(stream, replicates, setting)
    mode = kernels.FIXED if setting.fixed else kernels.NORMAL
    law = kernels.Law(mode, setting.root, np.empty((0, len(setting.truth))), np.empty(0))
    return _simulate(stream, replicates, setting, law)


def simulate_table(
    stream: Stream,
    replicates: range,
    *,
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    theta: npt.ArrayLike,
    n: int,
    m: int,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
) -> Paths:
    """Simulates logistic regression where the law of the points is a finite table: gaps are taken against theta (p,).

    Real points are rows, features (N, p) with labels 0 or 1, drawn with replacement; synthetic covariates are rows
    drawn likewise, their labels follow the fitted model. Raises ValueError for arguments out of their domain.
    """
    target = real_vector("theta", theta)
    table = _matrix("features", features, len(target))
    flags = real_vector("labels", labels)
    if flags.shape != table.shape[:1] or not np.all((flags == 0) | (flags == 1)):
        raise ValueError(f"labels = {labels!r} are not a 0 or 1 for each of {len(table)} rows")
    least = len(target) + 1
    setting = Setting(
        model="logistic",
        n=integer("n", n, least),
        m=integer("m", m, least),
        truth=target,
        root=np.empty((0, 0)),
        weights=framework_weights("fresh", weights),
        steps=recorded_steps(steps),
        fixed=False,
        estimator="mle",
        ridge=0.0,
    )
    return _simulate(stream, replicates, setting, kernels.Law(kernels.TABLE, np.empty((0, 0)), table, flags))


def fit(
    model: str,
    real: tuple[npt.ArrayLike, npt.ArrayLike],
    synthetic: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    weight: float = 1.0,
    *,
    estimator: str = "mle",
    ridge: float = 0.0,
) -> tuple[FloatArray, str]:
    """Fits one logistic or Poisson regression by the simulators' own kernel: the coefficients (p,) and the outcome.

    A batch is covariates (size, p) and responses (size,). The synthetic one weighs 1 - weight. Coefficients of a fit
    that did not converge are nan.
    """
    _one_of("model", model, MODELS[1:])
    _one_of("estimator", estimator, ESTIMATORS)
    real_x, real_y = _batch(real)
    p = real_x.shape[1]
    if synthetic is None:
        synthetic = (np.zeros((1, p)), np.zeros(1))
    synthetic_x, synthetic_y = _batch(synthetic)
    n = len(real_x)
    m = len(synthetic_x)
    room = kernels.furnish(p, n, m, 1, False, (real_x, synthetic_x))
    room.y_real.reshape(-1)[:n] = real_y
    room.y.reshape(-1)[:m] = synthetic_y
    kernels.summarise(room.x, room.bounds, kernels.REAL, room.y_real, 0, room.tally)
    for batch in (kernels.REAL, kernels.SYNTHETIC):
        kernels.measure(room.x, room.bounds, batch, room.extent)
    shares = np.array([[weight / n, (1 - weight) / m]])
    outcome = np.zeros(1, np.int64)
    kernels.fit_weights(MODELS.index(model), estimator == "mle", shares, room, outcome)
    if outcome[0] == kernels.DOUBTFUL:
        penalty = _penalty(estimator, ridge, n)
        outcome[0] = _settle(model, estimator, penalty, room, 0, shares[0], np.array([n, m]))
    theta = room.theta[0]
    if outcome[0] != kernels.CONVERGED:
        theta = np.full(p, np.nan)
    return theta, OUTCOMES[outcome[0]]


def _batch(points: tuple[npt.ArrayLike, npt.ArrayLike]) -> tuple[FloatArray, FloatArray]:
    """Covariates (size, p) and responses (size,)."""
    x, y = points
    return np.atleast_2d(np.asarray(x, np.float64)), np.asarray(y, np.float64)


def checked(
    model: str,
    n: int,
    m: int,
    beta: npt.ArrayLike,
    omega: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    intercept: bool,
    design: str,
    estimator: str,
    ridge: float,
) -> Setting:
    """The arguments of `simulate`; raises ValueError naming the first that is out of its domain."""
    _one_of("model", model, MODELS)
    _one_of("design", design, DESIGNS)
    _one_of("estimator", estimator, ESTIMATORS)
    covariance = covariance_matrix("omega", omega)
    truth = real_vector("beta", beta)
    p = len(covariance) + bool(intercept)
    if len(truth) != p:
        raise ValueError(f"beta = {beta!r} has {len(truth)} entries, and {p} are needed")
    least = p + 2 if model == "linear" and design == "random" else p + 1
    proper = 0 < ridge < np.inf if estimator == "ridge" else ridge == 0
    if not proper:
        raise ValueError(f"ridge = {ridge!r} is not a finite number, positive for the ridge estimator and 0 for others")
    return Setting(
        model=model,
        n=integer("n", n, least),
        m=integer("m", m, least),
        truth=truth,
        root=np.linalg.cholesky(covariance).astype(np.float64),
        weights=framework_weights("fresh", weights),
        steps=recorded_steps(steps),
        fixed=design == "fixed",
        estimator=estimator,
        ridge=float(ridge),
    )


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} = {value!r} is not one of {', '.join(choices)}")


def design_points(stream: Stream, setting: Setting) -> tuple[FloatArray, FloatArray]:
    """The covariates of a fixed design, (n, p) and (m, p): draws, then given the exact moments of their law."""
    rng = Stream(stream.seed, f"{stream.name}/design").generator(0)
    real = rng.standard_normal((setting.n, len(setting.root)))
    synthetic = rng.standard_normal((setting.m, len(setting.root)))
    return _whitened(real, setting), _whitened(synthetic, setting)


def _whitened(normals: FloatArray, setting: Setting) -> FloatArray:
    if setting.intercept:
        normals = normals - normals.mean(axis=0)
    inverse = np.linalg.inv(np.linalg.cholesky(normals.T @ normals / len(normals)))
    points = normals @ inverse.T @ setting.root.T
    return np.column_stack([np.ones(len(points)), points]) if setting.intercept else points


def _simulate_linear(stream: Stream, replicates: range, setting: Setting) -> Paths:
    """Least squares from the factors of X'X: see `regression.linear_kernels`.

    Without an intercept X'X of n points is Wishart with n degrees of freedom, the scatter of n + 1 points. Beside an
    intercept the first column of its factor is the root of n, then normals: sums of the covariates over that root.
    """
    p = len(setting.truth)
    last = int(setting.steps[-1])
    root = np.eye(p)
    root[p - len(setting.root) :, p - len(setting.root) :] = setting.root
    real_batches = Batches(setting.n + 1, p, last + 1)
    synthetic_batches = Batches(setting.m + 1, p, last)
    shares = np.stack([setting.weights / setting.n, (1 - setting.weights) / setting.m])
    gap = np.empty((len(replicates), setting.steps.size, setting.weights.size, p))
    penalty = setting.penalty if setting.estimator == "ridge" else 0.0
    for rows, block in blocks(replicates, real_batches.bytes_each + synthetic_batches.bytes_each):
        real, synthetic = draw(stream, block, real_batches, synthetic_batches)
        for (normal, gamma), size in ((real, setting.n), (synthetic, setting.m)):
            if setting.fixed:
                normal[..., p:] = 0
                gamma[:] = size / 2
            elif setting.intercept:
                gamma[:, 0] = size / 2
        run_linear(real, synthetic, root, setting.n, shares, penalty, setting.truth, setting.steps, gap[rows])
    ends = (len(replicates), setting.weights.size)
    return Paths(gap, np.zeros(ends, np.int64), np.full(ends, -1))


def _simulate(stream: Stream, replicates: range, setting: Setting, law: kernels.Law) -> Paths:
    """Logistic and Poisson regression, replicate by replicate; the kernel has the weights in increasing order."""
    sizes = np.array([setting.n, setting.m])
    lanes = setting.weights.size
    last = int(setting.steps[-1])
    order = np.argsort(setting.weights, kind="stable")
    shares = np.stack([setting.weights / setting.n, (1 - setting.weights) / setting.m], axis=1)[order]
    points = design_points(stream, setting) if setting.fixed else None
    intercept = law.mode == kernels.NORMAL and setting.intercept
    room = kernels.furnish(len(setting.truth), setting.n, setting.m, lanes, intercept, points)
    gap = np.full((len(replicates), setting.steps.size, lanes, len(setting.truth)), np.nan)
    outcome = np.zeros((len(replicates), lanes), np.int64)
    ended = np.full((len(replicates), lanes), -1)
    synthetic_stream = Stream(stream.seed, f"{stream.name}/synthetic")
    truth = setting.truth[None]
    model = MODELS.index(setting.model)
    mle = setting.estimator == "mle"
    for row, replicate in enumerate(replicates):
        generators = (stream.generator(replicate), synthetic_stream.generator(replicate))
        marks = (gap[row], outcome[row], ended[row])
        room.theta[:] = truth
        t = 0
        while t <= last:
            t = kernels.run(generators, model, mle, law, sizes, truth, shares, setting.steps, t, room, *marks)
            doubtful = np.flatnonzero(outcome[row] == kernels.DOUBTFUL)
            for lane in doubtful.tolist():
                share = shares[lane] if t > 0 else np.array([1 / setting.n, 0.0])
                outcome[row, lane] = _settle(
                    setting.model, setting.estimator, setting.penalty, room, lane, share, sizes
                )
            if doubtful.size:
                living = kernels.close(t, setting.steps, truth, room, *marks)
                t = t + 1 if living else last + 1
    back = np.argsort(order)
    return Paths(gap[:, :, back], outcome[:, back], ended[:, back])


def _settle(
    model: str, estimator: str, penalty: float, room: kernels.Room, lane: int, share: FloatArray, sizes: IntArray
) -> int:  # fmt: skip
    """Fits a weight that the kernel left in doubt, from the points in the room: the outcome."""
    batches = [kernels.points(room, lane, batch, int(sizes[batch])) for batch in range(2) if share[batch] > 0]
    x = np.concatenate([covariates for covariates, _ in batches])
    y = np.concatenate([responses for _, responses in batches])
    a = np.repeat(share[share > 0], sizes[share > 0])
    theta, outcome = maximise(model, estimator, penalty, x, y, a, room.theta[lane])
    room.theta[lane] = theta
    return OUTCOMES.index(outcome)


def _matrix(name: str, values: npt.ArrayLike, columns: int) -> FloatArray:
    """The values as a finite matrix with that many columns."""
    try:
        matrix = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.ndim != 2 or matrix.shape[1] != columns or matrix.size == 0 or not np.all(np.isfinite(matrix)):
        raise ValueError(f"{name} = {values!r} is not a matrix of finite numbers with {columns} columns")
    return matrix


# --- errors by name --------------------------------------------------------------------------------------------------


def errors(stream: Stream, replicates: range, *, framework: str = "fresh", **settings: Any) -> dict[str, FloatArray]:
    """Squared errors, nan once there is no estimate, and whether that has happened, by how it did; (R, S, W) each.

    Settings are those of `simulate`. Raises ValueError for any framework but fresh data augmentation.
    """
    if framework != "fresh":
        raise ValueError(f"framework = {framework!r} is not fresh, the only one of a regression")
    paths = simulate(stream, replicates, **settings)
    recorded = np.asarray(settings["steps"])[:, None]
    over = (paths.ended >= 0)[:, None] & (paths.ended[:, None] <= recorded)
    lost = [(i, name) for i, name in enumerate(OUTCOMES) if name != "converged"]
    shares = {name: over & (paths.outcome == i)[:, None] for i, name in lost}
    return {"coefficients": paths.error, **{name: share.astype(np.float64) for name, share in shares.items()}}


linear_errors = partial(errors, model="linear")
logistic_errors = partial(errors, model="logistic")
poisson_errors = partial(errors, model="poisson")
