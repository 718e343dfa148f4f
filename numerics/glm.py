"""Recursive training of generalised linear models by weighted maximum likelihood, and where its estimates go.

Step 0 fits n real points. Step t >= 1 fits n new real points and m synthetic ones, whose covariates follow the same law
and whose responses follow the model of step t - 1: it minimises w times the mean negative log-likelihood of the real
points plus 1 - w times that of the synthetic ones (Section 3.2). Links are canonical, the linear model's variance is 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from numerics import glm_kernels as kernels
from numerics.bartlett import Batches, draw
from numerics.linear_kernels import run_linear
from numerics.streams import Stream, blocks
from numerics.validation import (
    FloatArray,
    IntArray,
    covariance_matrix,
    framework_weights,
    integer,
    real_vector,
    recorded_steps,
)

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
        return {"mle": 0.0, "firth": 1.0, "ridge": self.ridge}[self.estimator] / self.n


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
    rows, flags = _matrix("features", features, len(target)), real_vector("labels", labels)
    if flags.shape != rows.shape[:1] or not np.all((flags == 0) | (flags == 1)):
        raise ValueError(f"labels = {labels!r} are not a 0 or 1 for each of {len(rows)} rows")
    least = len(target) + 1
    setting = Setting(
        "logistic", integer("n", n, least), integer("m", m, least), target, np.empty((0, 0)),
        framework_weights("fresh", weights), recorded_steps(steps), False, "mle", 0.0,
    )  # fmt: skip
    return _simulate(stream, replicates, setting, kernels.Law(kernels.TABLE, np.empty((0, 0)), rows, flags))


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
    covariance, truth = covariance_matrix("omega", omega), real_vector("beta", beta)
    p = len(covariance) + bool(intercept)
    if len(truth) != p:
        raise ValueError(f"beta = {beta!r} has {len(truth)} entries, and {p} are needed")
    least = p + 2 if model == "linear" and design == "random" else p + 1
    if (estimator == "ridge") != (ridge > 0) or not ridge < np.inf:
        raise ValueError(f"ridge = {ridge!r} is not a finite number, positive for the ridge estimator and 0 for others")
    return Setting(
        model, integer("n", n, least), integer("m", m, least), truth,
        np.linalg.cholesky(covariance).astype(np.float64),
        framework_weights("fresh", weights), recorded_steps(steps), design == "fixed", estimator, float(ridge),
    )  # fmt: skip


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} = {value!r} is not one of {', '.join(choices)}")


def design_points(stream: Stream, setting: Setting) -> tuple[FloatArray, FloatArray]:
    """The covariates of a fixed design, (n, p) and (m, p): draws, then given the exact moments of their law."""
    rng = Stream(stream.seed, f"{stream.name}/design").generator(0)
    real, synthetic = (
        _whitened(rng.standard_normal((size, len(setting.root))), setting) for size in (setting.n, setting.m)
    )
    return real, synthetic


def _whitened(normals: FloatArray, setting: Setting) -> FloatArray:
    if setting.intercept:
        normals = normals - normals.mean(axis=0)
    inverse = np.linalg.inv(np.linalg.cholesky(normals.T @ normals / len(normals)))
    points = normals @ inverse.T @ setting.root.T
    return np.column_stack([np.ones(len(points)), points]) if setting.intercept else points


def _simulate_linear(stream: Stream, replicates: range, setting: Setting) -> Paths:
    """Least squares from the factors of X'X: see `numerics.linear_kernels`.

    Without an intercept X'X of n points is Wishart with n degrees of freedom, the scatter of n + 1 points. Beside an
    intercept the first column of its factor is the root of n, then normals: sums of the covariates over that root.
    """
    p, rows = len(setting.truth), int(setting.steps[-1]) + 1
    root = np.eye(p)
    root[p - len(setting.root) :, p - len(setting.root) :] = setting.root
    kinds = Batches(setting.n + 1, p, rows), Batches(setting.m + 1, p, rows - 1)
    shares = np.stack([setting.weights / setting.n, (1 - setting.weights) / setting.m])
    gap = np.empty((len(replicates), setting.steps.size, setting.weights.size, p))
    penalty = setting.penalty if setting.estimator == "ridge" else 0.0
    for part, block in blocks(replicates, sum(kind.bytes_each for kind in kinds)):
        real, synthetic = draw(stream, block, *kinds)
        for (normal, gamma), size in ((real, setting.n), (synthetic, setting.m)):
            if setting.fixed:
                normal[..., p:], gamma[:] = 0, size / 2
            elif setting.intercept:
                gamma[:, 0] = size / 2
        run_linear(real, synthetic, root, setting.n, shares, penalty, setting.truth, setting.steps, gap[part])
    ends = (len(replicates), setting.weights.size)
    return Paths(gap, np.zeros(ends, np.int64), np.full(ends, -1))


def _simulate(stream: Stream, replicates: range, setting: Setting, law: kernels.Law) -> Paths:
    """Logistic and Poisson regression, replicate by replicate; the kernel has the weights in increasing order."""
    p, lanes, order = len(setting.truth), setting.weights.size, np.argsort(setting.weights, kind="stable")
    w = setting.weights[order]
    shares = np.stack([w / setting.n, (1 - w) / setting.m], axis=1)
    points = design_points(stream, setting) if setting.fixed else None
    room = kernels.furnish(p, setting.n, setting.m, lanes, setting.intercept and len(setting.root) > 0, points)
    doubts = kernels.Doubts(
        np.empty((lanes, setting.n + setting.m, p)), np.empty((lanes, setting.n + setting.m)), np.zeros(lanes, np.int64)
    )
    gap = np.full((len(replicates), setting.steps.size, lanes, p), np.nan)
    outcome, ended = np.zeros((2, len(replicates), lanes), np.int64)
    synthetic = Stream(stream.seed, f"{stream.name}/synthetic")
    for row, replicate in enumerate(replicates):
        kernels.run(
            stream.generator(replicate), synthetic.generator(replicate), MODELS.index(setting.model),
            ESTIMATORS.index(setting.estimator), setting.penalty, law, np.array([setting.n, setting.m]), setting.truth,
            shares, setting.steps, room, gap[row], outcome[row], ended[row], doubts,
        )  # fmt: skip
        for lane in np.flatnonzero(outcome[row] == kernels.DOUBTFUL):
            outcome[row, lane] = kernels.FAILED
    back = np.argsort(order)
    return Paths(gap[:, :, back], outcome[:, back], ended[:, back])


def _matrix(name: str, values: npt.ArrayLike, columns: int) -> FloatArray:
    """The values as a finite matrix with that many columns."""
    try:
        matrix = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.ndim != 2 or matrix.shape[1] != columns or matrix.size == 0 or not np.all(np.isfinite(matrix)):
        raise ValueError(f"{name} = {values!r} is not a matrix of finite numbers with {columns} columns")
    return matrix
