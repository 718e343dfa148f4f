"""Which simulation meets which claim, at which design points. The only place where theory and simulators meet.

The points are small and lopsided on purpose (n != m, p > 1, Sigma not a multiple of the identity): there a wrong
formula is far off, and a replication is cheap. Targets come from the claims' derived side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import sympy as sp
from sympy import Expr, Rational

from numerics import empirical, gaussian, gaussian_probe
from numerics.design import Bracket, Check, Column, Extrapolation, Run
from numerics.statistics import FloatArray
from numerics.streams import Stream
from theory import covariance as covariance_theory
from theory.gaussian import variance_gate
from theory.recursion import Recursion
from theory.registry import claim, quantity
from theory.symbols import PARAMETERS
from theory.symbols import m as m_symbol
from theory.symbols import w as w_symbol

SIGMA = ((2.0, 0.5), (0.5, 1.0))
LONG = ((3.0, 0.25), (0.25, 0.25))
SIGMA_3 = ((2.0, 0.5, 0.0), (0.5, 1.0, -0.25), (0.0, -0.25, 0.5))
NEGLIGIBLE = 1e-9
"""Relative distance to the limit below which a step counts as the limit: far below any standard error."""

Parameters = dict[str, float]
Sigma = Sequence[Sequence[float]]


def spectrum(sigma: Sigma) -> Parameters:
    """tr Sigma and tr Sigma^2."""
    matrix = np.asarray(sigma)
    return {"trace": float(np.trace(matrix)), "frob2": float(np.sum(matrix**2))}


def substituted(expression: Expr, parameters: Parameters) -> Expr:
    """An expression at exact rational parameters."""
    values = {PARAMETERS[name]: Rational(str(value)) for name, value in parameters.items() if name in PARAMETERS}
    return sp.sympify(expression).subs(values)


def value_at(recursion: Recursion, parameters: Parameters, component: int = 0) -> float:
    """The derived moment at the step ``t`` of the parameters."""
    values = {PARAMETERS[name]: Rational(str(value)) for name, value in parameters.items() if name != "t"}
    return float(recursion.subs(values).iterate(int(parameters["t"]))[component])


def settled(recursion: Recursion, parameters: Parameters) -> bool:
    """Whether the derived value at ``t`` is the limit for every practical purpose."""
    values = {PARAMETERS[name]: Rational(str(value)) for name, value in parameters.items() if name != "t"}
    limit = recursion.subs(values).limit() if recursion.autonomous else sp.oo
    return bool(limit.is_finite and abs(value_at(recursion, parameters) / float(limit) - 1) < NEGLIGIBLE)


def columns(
    identifier: str,
    recursion: Recursion,
    quantity_name: str,
    common: Parameters,
    steps: Sequence[int],
    weights: Sequence[float],
    component: int = 0,
) -> tuple[Column, ...]:
    """One equality column a (step, weight), in the order in which simulators lay out their results."""
    made = []
    for step in steps:
        for weight in weights:
            at = {**common, "t": step, "w": weight}
            made.append(
                _column(identifier, recursion, quantity_name, at, component, step == max(steps))
            )
    return tuple(made)


def _column(
    identifier: str, recursion: Recursion, words: str, at: Parameters, component: int, last: bool
) -> Column:
    """An equality column: the published value where it applies, the derived moment at its step elsewhere."""
    default = claim(identifier).recursion
    at_each_step = claim(identifier).published.has(PARAMETERS["t"])
    if component == 0 and recursion == default and (at_each_step or (last and settled(recursion, at))):
        return Column(words, at, target=published(identifier, at), link=same, recursion=recursion)
    return Column(words, at, target=value_at(recursion, at, component), component=component,
                  recursion=recursion if recursion == default else None)  # fmt: skip


def published(identifier: str, at: Parameters) -> float:
    """The claim's published expression at a design point."""
    return float(substituted(claim(identifier).published, at))


def same(value: float) -> float:
    """The link of a column whose mean is the claim's expression itself."""
    return value


def flat(*parts: FloatArray) -> FloatArray:
    """Arrays (R, S, W) side by side as (R, columns)."""
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


# --- draws: module-level functions, so that a worker can be sent one -----------------------------------------------


def draw_gaussian(
    stream: Stream, replicates: range, *, parts: tuple[str, ...], settings: dict[str, object]
) -> FloatArray:
    """Gaussian trajectories: the named errors side by side; ``variance`` is the squared error of the trace."""
    found = gaussian.simulate(stream, replicates, **settings)  # type: ignore[arg-type]
    values = {**found._asdict(), "variance": found.trace**2}
    return flat(*(values[part] for part in parts))


def draw_cdf(stream: Stream, replicates: range, *, settings: dict[str, object]) -> FloatArray:
    """Cramer-von Mises errors of trajectories of the CDF."""
    return flat(empirical.simulate_cdf(stream, replicates, **settings))  # type: ignore[arg-type]


def draw_pmf(stream: Stream, replicates: range, *, settings: dict[str, object]) -> FloatArray:
    """Squared errors of trajectories of a PMF."""
    return flat(empirical.simulate_pmf(stream, replicates, **settings))  # type: ignore[arg-type]


def differences(stream: Stream, replicates: range, *, draw: Callable[..., FloatArray], pairs: FloatArray) -> FloatArray:
    """Linear combinations of a draw's columns, for comparisons under common random numbers."""
    found = draw(stream, replicates)
    return np.asarray(sum(found[:, i : i + 1] * row for i, row in enumerate(pairs)))  # not BLAS: bits must not vary


def draw_one_step(stream: Stream, replicates: range, *, m: int, scale: Sigma) -> FloatArray:
    """The growth of 2 tr R^2 + (tr R)^2 over its value at the model's own covariance."""
    found = gaussian_probe.one_step(stream, replicates, m=m, scale=scale)
    at = spectrum(scale)
    return np.asarray((2 * found[:, :1] + found[:, 1:]) / (2 * at["frob2"] + at["trace"] ** 2))


def draw_explosion(
    stream: Stream, replicates: range, *, m: int, sigma: Sigma, steps: tuple[int, ...], unit: tuple[float, ...]
) -> FloatArray:
    """Importance-sampled tr Sigma_t^2 without real data, in units that keep the numbers representable."""
    found = gaussian_probe.tilted_growth(stream, replicates, m=m, sigma=sigma, steps=steps)
    return np.asarray(np.exp(found - np.asarray(unit)))


def draw_decay(stream: Stream, replicates: range, *, settings: dict[str, object]) -> FloatArray:
    """The log of tr Sigma_t / tr Sigma on ordinary trajectories."""
    found = gaussian.simulate(stream, replicates, **settings)  # type: ignore[arg-type]
    whole = float(np.trace(np.asarray(settings["sigma"])))
    return np.asarray(np.log((found.trace[:, :, 0] + whole).clip(1e-300) / whole))


def draw_weighted(stream: Stream, replicates: range, *, settings: dict[str, object]) -> FloatArray:
    """Squared errors of a mean with its own weight on every point."""
    return gaussian_probe.weighted_mean(stream, replicates, **settings)  # type: ignore[arg-type]


# --- runs that several claims are made of --------------------------------------------------------------------------


def gaussian_run(
    name: str,
    identifier: str,
    recursions: dict[str, Recursion],
    *,
    n: int,
    m: int,
    sigma: Sigma,
    weights: tuple[float, ...],
    steps: tuple[int, ...],
    components: dict[str, int] | None = None,
    **options: object,
) -> Run:
    """A Gaussian run whose named errors meet the first (or the given) component of their recursions."""
    common = {"n": n, "m": m, **spectrum(sigma)}
    settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": steps, **options}
    made: tuple[Column, ...] = ()
    for part, recursion in recursions.items():
        component = (components or {}).get(part, 0)
        made += columns(identifier, recursion, _WORDS[part], common, steps, weights, component)
        if part != "mean":
            _require_gate(m, weights)
    return Run(name, partial(draw_gaussian, parts=tuple(recursions), settings=settings), made)


_WORDS = {
    "mean": "E |mu_t - mu|^2",
    "covariance": "E ||Sigma_t - Sigma||_F^2",
    "variance": "Var tr Sigma_t",
}


def _require_gate(m: int, weights: Sequence[float]) -> None:
    """A normal interval needs a finite variance of the squared error."""
    for weight in weights:
        gate = variance_gate().subs({m_symbol: m, w_symbol: Rational(str(weight))})
        if gate >= 1:
            raise ValueError(f"m = {m}, w = {weight} is outside the validity gate: {float(gate):.3g} is not below 1")


def bracket_columns(
    weights: Sequence[float], step: int, parameters: Parameters, words: str
) -> tuple[FloatArray, tuple[Column, ...]]:
    """Differences of errors that show a minimiser between the outer two of three weights.

    For an error with a single minimum, err(low) > err(best) puts the minimiser above low, err(high) > err(best) below
    high. Common random numbers make the differences sharp. (The sampled atoms jump with w: no pathwise derivative.)
    """
    low, best, high = weights
    pairs = np.array([[-1.0, 0.0], [1.0, -1.0], [0.0, 1.0]])
    at = {**parameters, "t": step}
    return pairs, (
        Column(f"{words}: at w = {best:.4g} minus at w = {low:.4g}", at, "negative"),
        Column(f"{words}: at w = {high:.4g} minus at w = {best:.4g}", at, "positive"),
    )


def rounded(value: float) -> float:
    """A weight with few digits, exactly the same in the simulator and in the theory."""
    return round(value, 4)


# --- the checks, claim by claim --------------------------------------------------------------------------------------


def _mean_recursion(framework: str = "fresh", ddof: int | None = 1) -> Recursion:
    found = quantity(f"framework.{framework}", ddof).recursion
    assert found is not None
    return found


def _covariance_recursion(ddof: int = 1) -> Recursion:
    found = quantity("covariance.error", ddof).recursion
    assert found is not None
    return found


def framework_fully_synthetic() -> Check:
    return Check(
        tuple(
            gaussian_run(
                f"ddof{ddof}", "framework.fully-synthetic", {"mean": _mean_recursion("fully-synthetic", ddof)},
                n=7, m=12, sigma=SIGMA, weights=(0.0,), steps=(1, 3, 8), framework="fully-synthetic", ddof=ddof,
            )
            for ddof in (1, 0)
        ),
        remark="The closed form has no limit: every column is a finite step.",
    )  # fmt: skip


def framework_accumulation() -> Check:
    runs = [
        gaussian_run(
            f"{name}-{n}-{m}", "framework.accumulation", {"mean": _mean_recursion("accumulation", ddof)},
            n=n, m=m, sigma=SIGMA, weights=(1.0,), steps=(1, 4, 60), framework="accumulation",
            known_covariance=ddof is None, ddof=1 if ddof is None else ddof,
        )
        for name, ddof, n, m in (("known", None, 2, 3), ("known", None, 7, 4), ("mle", 0, 4, 9), ("unbiased", 1, 9, 4))
    ]  # fmt: skip
    equal = gaussian_run(
        "known-6-6", "framework.accumulation", {"mean": _mean_recursion("accumulation", None)}, n=6, m=6, sigma=SIGMA,
        weights=(1.0,), steps=(60,), framework="accumulation", known_covariance=True,
    )  # fmt: skip
    # The limit is approached like 1/t: at step 60 it is met in the claim's own proportion of value to limit.
    last = equal.columns[-1]
    assert last.target is not None
    ratio = last.target / published("framework.accumulation", dict(last.parameters))
    scaled = Column(last.quantity, last.parameters, target=last.target, link=lambda value: ratio * value)
    return Check((*runs, Run(equal.name, equal.draw, (scaled,))))


def framework_augmentation() -> Check:
    return Check(
        tuple(
            gaussian_run(
                f"ddof{ddof}-{n}-{m}", "framework.augmentation", {"mean": _mean_recursion("augmentation", ddof)},
                n=n, m=m, sigma=SIGMA, weights=(0.4, 0.75), steps=(1, 2, 24), framework="augmentation", ddof=ddof,
            )
            for ddof, n, m in ((1, 9, 5), (1, 4, 11), (0, 6, 5))
        )
    )  # fmt: skip


def framework_fresh() -> Check:
    n, m, step = 5, 12, 24
    best = rounded(_exact_weight("mean.optimal-weight", n, m))
    recursion = _mean_recursion()
    settings = {"n": n, "m": m, "sigma": SIGMA, "weights": (best, 1.0), "steps": (step,)}
    base = partial(draw_gaussian, parts=("mean",), settings=settings)
    at = {"n": n, "m": m, "t": step, "w": best, **spectrum(SIGMA)}
    return Check(
        (
            gaussian_run("error", "framework.fresh", {"mean": recursion}, n=4, m=9, sigma=SIGMA,
                         weights=(0.45, 0.8), steps=(1, 3, 40)),
            Run("gain", partial(differences, draw=base, pairs=np.array([[1.0], [-1.0]])),
                (Column("error at w* minus error of real data only", at, "negative"),)),
        )
    )  # fmt: skip


def mean_error() -> Check:
    return Check(
        tuple(
            gaussian_run(
                f"ddof{ddof}-{n}-{m}", "mean.error", {"mean": _mean_recursion("fresh", ddof)}, n=n, m=m, sigma=sigma,
                weights=weights, steps=(1, 3, 40), ddof=ddof,
            )
            for ddof, n, m, sigma, weights in (
                (1, 7, 4, SIGMA_3, (0.5, 0.8)), (1, 4, 9, SIGMA, (0.35, 0.7)), (0, 5, 4, SIGMA, (0.4, 0.7)),
            )
        )
    )  # fmt: skip


def covariance_error() -> Check:
    parts = {"covariance": _covariance_recursion(), "variance": _covariance_recursion()}
    biased = {"covariance": _covariance_recursion(0)}
    made = [
        gaussian_run(
            f"ddof1-{n}-{m}", "covariance.error", parts, n=n, m=m, sigma=sigma, weights=weights, steps=(1, 3, 30),
            components={"variance": 1},
        )
        for n, m, sigma, weights in ((6, 12, LONG, (0.4, 0.85)), (9, 6, SIGMA_3, (0.65, 0.9)), (5, 4, LONG, (0.5,)))
    ]  # fmt: skip
    return Check(
        (*made, gaussian_run("ddof0-5-9", "covariance.error", biased, n=5, m=9, sigma=SIGMA, weights=(0.5, 0.8),
                             steps=(1, 3, 30), ddof=0)),
        remark="At w = 0.25 with m = 9 the error is finite but outside the validity gate: no z-test is made there.",
    )  # fmt: skip


def covariance_threshold() -> Check:
    runs = []
    for name, m, scale in (("a", 4, SIGMA), ("b", 9, SIGMA_3), ("c", 25, ((5.0, -1.0), (-1.0, 0.5)))):
        target = _growth(published("covariance.threshold", {"m": m}))
        runs.append(
            Run(name, partial(draw_one_step, m=m, scale=scale),
                (Column("growth of 2 tr R^2 + (tr R)^2 in one step, 1/(1 - threshold)^2", {"m": m}, target=target,
                        link=_growth),))
        )  # fmt: skip
    return Check(
        tuple(runs),
        remark="Divergence itself is proved, not simulated: the one-step growth at designed states is what is tested.",
    )


def _growth(threshold: float) -> float:
    """The growth of the second moments without real data that a threshold on w stands for; nan for no threshold."""
    return (1 - threshold) ** -2 if threshold < 1 else math.nan


def gaussian_fully_synthetic() -> Check:
    steps, m = (10, 200, 1000), 100
    sigma = tuple(tuple(float(x) for x in row) for row in np.diag([1.5, 1.0, 0.75, 0.5]) + 0.125)
    recursion = covariance_theory.at_zero(_covariance_recursion())
    made, units = [], []
    for step in steps:
        at = {"n": m, "m": m, "t": step, **spectrum(sigma)}
        exact = value_at(recursion, at) + at["frob2"]
        units.append(math.log(exact))
        made.append(Column(f"E tr Sigma_t^2 by tilting, in units of its exact value {exact:.4g}", at, target=1.0))
    settings = {"n": 10, "m": 10, "sigma": SIGMA, "weights": (0.0,), "steps": (200,), "framework": "fully-synthetic"}
    return Check(
        (
            gaussian_run("mean", "gaussian.fully-synthetic", {"mean": _mean_recursion("fully-synthetic")}, n=5, m=6,
                         sigma=SIGMA, weights=(0.0,), steps=(1, 2, 4), framework="fully-synthetic"),
            Run("explosion", partial(draw_explosion, m=m, sigma=sigma, steps=steps, unit=tuple(units)), tuple(made)),
            Run("decay", partial(draw_decay, settings=settings),
                (Column("E log(tr Sigma_t / tr Sigma): a typical run shrinks",
                        {"n": 10, "m": 10, "t": 200, **spectrum(SIGMA)}, "negative"),)),
        )
    )  # fmt: skip


def gaussian_real_only() -> Check:
    parts = {"mean": _mean_recursion(), "covariance": _covariance_recursion()}
    made, identifier = [], "gaussian.real-only"
    for n, m, sigma in ((7, 4, SIGMA_3), (4, 9, SIGMA)):
        run = gaussian_run(f"{n}-{m}", identifier, parts, n=n, m=m, sigma=sigma, weights=(1.0,), steps=(1, 3))
        columns_ = tuple(
            c if c.quantity == _WORDS["mean"] else replace(c, target=published(identifier, dict(c.parameters)), link=same)
            for c in run.columns
        )
        made.append(replace(run, columns=columns_))
    return Check(tuple(made))


def mean_optimal_weight() -> Check:
    runs = []
    for n, m, sigma in ((4, 9, SIGMA), (9, 4, SIGMA_3), (6, 6, SIGMA)):
        best, step, reach = rounded(_exact_weight("mean.optimal-weight", n, m)), 24, 0.03
        at: Parameters = {"n": n, "m": m, "t": step, **spectrum(sigma)}
        settings = {"n": n, "m": m, "sigma": sigma, "weights": (best - reach, best + reach, best), "steps": (step,),
                    "slopes": True}  # fmt: skip
        keep = np.eye(6)[:, [0, 1, 5]]  # slopes at the two outer weights, and the error at the best
        draw = partial(
            differences, draw=partial(draw_gaussian, parts=("mean_slope", "mean"), settings=settings), pairs=keep
        )
        runs.append(
            Run(
                f"{n}-{m}", draw,
                (
                    Column(f"pathwise derivative of the error at w = {best - reach:.4g}", at, "negative"),
                    Column(f"pathwise derivative of the error at w = {best + reach:.4g}", at, "positive"),
                    Column("least error, w* tr Sigma / n", at, target=value_at(_mean_recursion(), {**at, "w": best})),
                ),
                (Bracket("the minimiser of the error", 0, 1, best - reach, best + reach, best, {**at, "k": n / m}),),
            )
        )  # fmt: skip
    return Check(tuple(runs))


def _exact_weight(identifier: str, n: int, m: int) -> float:
    """An optimal weight from its derived expression, in n and m or in their exact ratio."""
    values = {PARAMETERS["n"]: n, PARAMETERS["m"]: m, PARAMETERS["k"]: Rational(n, m)}
    return float(claim(identifier).published.subs(values))


def covariance_asymptotic() -> Check:
    runs, extrapolations = [], []
    for label, ratio, weight in (("k2", Rational(2), 0.7), ("k-half", Rational(1, 2), 0.55)):
        sizes = (24, 48, 96, 192)
        names = []
        for n in sizes:
            m = int(n / ratio)
            name = f"{label}-{n}"
            names.append(name)
            run = gaussian_run(name, "covariance.asymptotic", {"covariance": _covariance_recursion()}, n=n, m=m,
                               sigma=SIGMA, weights=(weight,), steps=(24,))  # fmt: skip
            runs.append(run)
        at: Parameters = {"k": float(ratio), "w": weight, **spectrum(SIGMA)}
        target = published("covariance.asymptotic", at)
        extrapolations.append(Extrapolation("n Err(Sigma) at 1/n = 0", tuple(names), sizes, target, at))
    return Check(tuple(runs), tuple(extrapolations))


def gaussian_improvement() -> Check:
    runs = []
    for n, m, sigma in ((5, 12, SIGMA_3), (5, 4, LONG)):
        best, step = rounded(_exact_weight("mean.optimal-weight", n, m)), 24
        _require_gate(m, (best,))
        at: Parameters = {"n": n, "m": m, "t": step, "w": best, **spectrum(sigma)}
        settings = {"n": n, "m": m, "sigma": sigma, "weights": (best, 1.0), "steps": (step,)}
        base = partial(draw_gaussian, parts=("mean", "covariance"), settings=settings)
        pairs = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
        gain = published("gaussian.improvement", at)
        runs.append(
            Run(f"{n}-{m}", partial(differences, draw=base, pairs=pairs), (
                Column("error of the mean at w* minus real-only", at, "negative"),
                Column("gain in the error of the covariance", at, target=gain, link=same),
            ))
        )  # fmt: skip
    return Check(tuple(runs))


def mean_blue() -> Check:
    runs = []
    for n, m, step in ((4, 9, 20), (7, 3, 20)):
        best = rounded(_exact_weight("mean.optimal-weight", n, m))
        at: Parameters = {"n": n, "m": m, "w": best, **spectrum(SIGMA)}
        optimum = published("mean.blue", at)
        equal = {"real": (best / n,) * n, "synthetic": ((1 - best) / m,) * m, "sigma": SIGMA, "steps": (step,)}
        runs.append(
            Run(f"equal-{n}-{m}", partial(draw_weighted, settings=equal),
                (Column("E |mu_t - mu|^2 with the best weights", {**at, "t": step}, target=optimum, link=same),))
        )  # fmt: skip
        tilt = np.linspace(0.4, 1.6, n)
        other = {**equal, "real": tuple(best * tilt / tilt.sum())}
        excess = partial(_minus, draw=partial(draw_weighted, settings=other), level=optimum)
        runs.append(
            Run(f"unequal-{n}-{m}", excess,
                (Column("error with unequal weights of the same total, minus the optimum", {**at, "t": step}, "positive"),))
        )  # fmt: skip
    return Check(tuple(runs))


def _minus(stream: Stream, replicates: range, *, draw: Callable[..., FloatArray], level: float) -> FloatArray:
    return np.asarray(draw(stream, replicates) - level)


def mean_naive() -> Check:
    runs = []
    for n, m, sigma in ((8, 5, SIGMA), (4, 12, SIGMA_3), (3, 2, SIGMA)):
        weight = n / (n + m)
        at: Parameters = {"n": n, "m": m, "t": 60, **spectrum(sigma)}
        settings = {"n": n, "m": m, "sigma": sigma, "weights": (weight,), "steps": (60,), "known_covariance": True}
        target = published("mean.naive", at)
        runs.append(
            Run(f"{n}-{m}", partial(draw_gaussian, parts=("mean",), settings=settings),
                (Column("E |mu_t - mu|^2 of the pooled mean", at, target=target, link=same),))
        )  # fmt: skip
    return Check(tuple(runs), remark="Synthetic points with the true Sigma: the pooled mean does not see Sigma_t's tail.")


def mean_floor() -> Check:
    return Check(
        tuple(
            gaussian_run(f"T{horizon}", "mean.floor", {"mean": _mean_recursion()}, n=n, m=m, sigma=SIGMA,
                         weights=(weight,), steps=(horizon,))
            for horizon, n, m, weight in (
                (2, 3, 5, 0.35), (3, 5, 3, 0.35), *((T, n, m, rounded(math.log(T) / T)) for T, n, m in
                                                    ((10, 4, 40), (40, 4, 400), (160, 3, 4000))),
            )
        ),
        remark="Horizons T with w = log T / T and many synthetic points, and two short ones at which mutants differ most.",
    )  # fmt: skip


def cdf_error() -> Check:
    recursion = quantity("cdf.error").recursion
    assert recursion is not None
    runs = []
    for n, m, weights in ((7, 4, (0.4, 0.75)), (4, 9, (0.3, 0.6)), (5, 6, (0.0, 0.5))):
        steps = (1, 3, 30)
        settings = {"n": n, "m": m, "weights": weights, "steps": steps}
        made = columns("cdf.error", recursion, "E int (F_t - F)^2 dF", {"n": n, "m": m}, steps, weights)
        runs.append(Run(f"{n}-{m}", partial(draw_cdf, settings=settings), made))
    return Check(tuple(runs))


def cdf_optimal_weight() -> Check:
    runs = []
    for n, m, reach in ((2, 2, 0.045), (3, 8, 0.09), (8, 3, 0.08)):
        best, step = rounded(_exact_weight("cdf.optimal-weight", n, m)), 14
        weights = (best - reach, best, best + reach)
        at: Parameters = {"n": n, "m": m, "t": step}
        pairs, made = bracket_columns(weights, step, at, "error")
        base = partial(draw_cdf, settings={"n": n, "m": m, "weights": weights, "steps": (step,)})
        bracket = Bracket("the minimiser of the error", 0, 1, best - reach, best + reach, best, at)
        runs.append(Run(f"{n}-{m}", partial(differences, draw=base, pairs=pairs), made, (bracket,)))
    return Check(tuple(runs))


def cdf_stages() -> Check:
    runs = []
    for n, m, reach in ((9, 4, 0.06), (4, 9, 0.06), (4, 2, 0.045)):
        edge, step = rounded(_exact_weight("cdf.stages", n, m)), 30
        weights = (edge - reach, edge + reach, 1.0)
        at: Parameters = {"n": n, "m": m, "t": step}
        pairs = np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, 1.0]])
        base = partial(draw_cdf, settings={"n": n, "m": m, "weights": weights, "steps": (step,)})
        runs.append(
            Run(f"{n}-{m}", partial(differences, draw=base, pairs=pairs), (
                Column(f"gain over real data only at w = {edge - reach:.4g}", at, "negative"),
                Column(f"gain over real data only at w = {edge + reach:.4g}", at, "positive"),
            ), (Bracket("the weight where the gain changes sign", 0, 1, edge - reach, edge + reach, edge, at),))
        )  # fmt: skip
    return Check(tuple(runs))


def pmf_error() -> Check:
    """Adult's three categorical columns, all rows and complete ones, n = m = 500 and n != m."""
    recursion = quantity("pmf.error").recursion
    assert recursion is not None
    runs = []
    for column in ("workclass", "education", "marital_status"):
        for rows in ("all", "complete"):
            _, probabilities = adult.frequencies(column, rows)
            spread = float(1 - np.sum(probabilities**2))
            for n, m in ((500, 500), (500, 125)):
                runs.append(_pmf_run(f"{column}-{rows}-{n}-{m}", recursion, n, m, probabilities, spread))
    skewed = np.array([0.7, 0.2, 0.1])
    runs.append(_pmf_run("three-atoms-4-9", recursion, 4, 9, skewed, float(1 - np.sum(skewed**2))))
    runs.append(_pmf_run("three-atoms-9-4", recursion, 9, 4, skewed, float(1 - np.sum(skewed**2))))
    return Check(tuple(runs))


def _pmf_run(name: str, recursion: Recursion, n: int, m: int, probabilities: FloatArray, spread: float) -> Run:
    """Errors at the best weight and at two others, and the bracket of the minimiser they make."""
    best, reach, step = rounded(_exact_weight("cdf.optimal-weight", n, m)), 0.1, 16
    weights = (best - reach, best, best + reach)
    common: Parameters = {"n": n, "m": m, "gini": round(spread, 12)}
    settings = {"n": n, "m": m, "probabilities": probabilities, "weights": weights, "steps": (step,)}
    made = columns("pmf.error", recursion, "E sum_j (p_tj - p_j)^2", common, (step,), weights)
    pairs, signs = bracket_columns(weights, step, common, "error")
    draw = partial(differences, draw=partial(draw_pmf, settings=settings), pairs=np.hstack([np.eye(3), pairs]))
    bracket = Bracket("the minimiser of the error", 3, 4, best - reach, best + reach, best, {**common, "t": step})
    return Run(name, draw, (*made, *signs), (bracket,))


CHECKS: dict[str, Callable[[], Check]] = {
    "framework.fully-synthetic": framework_fully_synthetic,
    "framework.accumulation": framework_accumulation,
    "framework.augmentation": framework_augmentation,
    "framework.fresh": framework_fresh,
    "mean.error": mean_error,
    "covariance.error": covariance_error,
    "covariance.threshold": covariance_threshold,
    "gaussian.fully-synthetic": gaussian_fully_synthetic,
    "gaussian.real-only": gaussian_real_only,
    "mean.optimal-weight": mean_optimal_weight,
    "covariance.asymptotic": covariance_asymptotic,
    "gaussian.improvement": gaussian_improvement,
    "mean.blue": mean_blue,
    "mean.naive": mean_naive,
    "mean.floor": mean_floor,
    "cdf.error": cdf_error,
    "cdf.optimal-weight": cdf_optimal_weight,
    "cdf.stages": cdf_stages,
    "pmf.error": pmf_error,
}
"""Every claim but mean.ridge, an identity of estimators in which nothing is random."""
