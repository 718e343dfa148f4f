"""The protocol on samples of known mean: it errs as often as it says, and finds what it says it finds.

A measured count fails if its exact two-sided binomial p-value is below `LEVEL`. With some 30 such checks
here, a right protocol fails one of them for 0.3 % of all seeds; the seeds are fixed, so a pass stays one.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import bdtr, bdtrc

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.protocol.calibration import TESTS, calibration, clopper_pearson
from nocollapse.numerics.protocol.equality import deviation, equality, holm, replications_needed, status
from nocollapse.numerics.protocol.sign_tests import one_sided
from nocollapse.numerics.protocol.weighted_fits import MISFIT, intercept, slope

LEVEL = 1e-4
RUNS = 4000
MARGIN = 0.05

Law = Callable[[np.random.Generator, int], FloatArray]
# mean 1 each: coefficient of variation 1/2, 1, and sqrt(2)
LAWS: dict[str, tuple[float, Law]] = {
    "normal": (0.5, lambda g, r: g.normal(1.0, 0.5, r)),
    "chi-square, 2 degrees": (1.0, lambda g, r: g.standard_exponential(r)),
    "chi-square, 1 degree": (2**0.5, lambda g, r: g.standard_normal(r) ** 2),
}


def binomial_p(successes: int, trials: int, rate: float) -> float:
    """Twice the smaller tail."""
    upper = float(bdtrc(successes - 1, trials, rate)) if successes else 1.0
    return min(1.0, 2 * min(float(bdtr(successes, trials, rate)), upper))


@pytest.fixture(scope="module", params=sorted(LAWS))
def measured(request: pytest.FixtureRequest) -> dict[str, int]:
    """Counts over RUNS planned runs with a true target."""
    cv, draw = LAWS[request.param]
    generator = np.random.default_rng(20_240)
    size = replications_needed(cv, MARGIN)
    counts = dict.fromkeys(("false", "covered", "supported", "shifted", "twice"), 0)
    for run in range(RUNS):
        comparison = equality(draw(generator, size), 1.0, margin=MARGIN)
        low, high = comparison.interval(0.9)
        sign = (-1) ** run
        once, twice = (
            deviation(comparison.estimate, comparison.standard_error, 1 + sign * k * comparison.least_detectable)[1]
            for k in (1, 2)
        )
        counts["false"] += comparison.p_value <= 0.05
        counts["covered"] += low <= 1 <= high
        counts["supported"] += status(comparison, comparison.p_value) == "SUPPORTED"
        counts["shifted"] += once <= 0.001
        counts["twice"] += twice <= 0.001
    return counts


@pytest.mark.parametrize(
    ("name", "nominal"),
    [("false", 0.05), ("covered", 0.9), ("supported", 0.9), ("shifted", 0.9)],
)
def test_rates_are_nominal(measured: dict[str, int], name: str, nominal: float) -> None:
    assert binomial_p(measured[name], RUNS, nominal) > LEVEL


def test_twice_the_least_detectable_is_refuted_nearly_always(measured: dict[str, int]) -> None:
    assert measured["twice"] >= 0.999 * RUNS


def test_a_target_at_the_margin_is_rarely_accepted() -> None:
    generator = np.random.default_rng(7)
    accepted = sum(
        equality(generator.standard_exponential(4000), 1 / (1 + side * MARGIN), margin=MARGIN).equivalent
        for side in (-1, 1)
        for _ in range(RUNS // 2)
    )
    # 1/(1+-d) is off by d of itself exactly: the edge of the hypothesis, where TOST errs most
    assert binomial_p(accepted, RUNS, 0.05) > LEVEL


@pytest.mark.parametrize("true_targets", [20, 15])
def test_family_wise_rate_with_some_targets_false(true_targets: int) -> None:
    """Of 20 targets the first are true; a run that rejects any of those is a false alarm."""
    generator = np.random.default_rng(11)
    z = generator.standard_normal((20_000, 20))
    z[:, true_targets:] += 6
    alarms = 0
    for p in np.vectorize(lambda z: deviation(z, 1.0, 0.0)[1])(z):
        alarms += bool(np.any(holm(p)[:true_targets] <= 0.05))
    assert float(bdtrc(alarms - 1, 20_000, 0.05)) > LEVEL
    assert alarms >= 0.04 * 20_000


def test_sign_test_errs_at_its_level() -> None:
    generator = np.random.default_rng(13)
    samples = (generator.standard_exponential(4000) - 1 for _ in range(RUNS))
    statuses = [one_sided(x, sign=1, alpha=0.05).status for x in samples]
    # skewness 2 tilts the tails by 2 (2 z^2 + 1) phi(z) / (6 sqrt(R)) = 0.0035, in opposite directions
    for name in ("SUPPORTED", "REFUTED"):
        low, high = clopper_pearson(statuses.count(name), RUNS, 1 - LEVEL)
        assert low < 0.0535
        assert high > 0.0465


@pytest.mark.parametrize("degree", [1, 2])
def test_intercept_covers_and_its_lack_of_fit_is_calibrated(degree: int) -> None:
    generator = np.random.default_rng(17)
    x = 1 / np.array([50, 100, 200, 400, 800])
    errors = np.array([0.03, 0.02, 0.02, 0.01, 0.01])
    truth = 2 + 3 * x + (degree == 2) * 40 * x**2
    fits = [intercept(x, truth + errors * generator.standard_normal(5), errors, degree) for _ in range(RUNS)]
    covered = sum(abs(f.estimate - 2) < 1.959964 * f.standard_error for f in fits)
    assert binomial_p(covered, RUNS, 0.95) > LEVEL
    assert binomial_p(sum(f.lack_of_fit < 0.05 for f in fits), RUNS, 0.05) > LEVEL
    assert binomial_p(sum(bool(f.doubt) for f in fits), RUNS, MISFIT) > LEVEL


def test_slope_of_simulated_means_covers_on_the_log_scale() -> None:
    """Means of exponential samples with mean 5/t, standard errors estimated: rate -1."""
    generator = np.random.default_rng(19)
    size = 4000
    runs = 1000
    t = np.array([10.0, 20.0, 40.0, 80.0])
    covered = 0
    for _ in range(runs):
        samples = generator.standard_exponential((4, size)) * (5 / t)[:, None]
        means = samples.mean(axis=1)
        errors = samples.std(axis=1, ddof=1) / size**0.5
        fit = slope(np.log(t), np.log(means), errors / means)
        covered += abs(fit.estimate + 1) < 1.959964 * fit.standard_error
    assert binomial_p(covered, runs, 0.95) > LEVEL


def test_calibration_report() -> None:
    runs = 1000
    rates = calibration(1, runs)
    trials = {"false_alarm": runs, "coverage": runs * TESTS, "power": runs * TESTS, "detection": runs * TESTS}
    for name, count in trials.items():
        rate = getattr(rates, name)
        assert binomial_p(round(rate.measured * count), count, rate.nominal) > LEVEL
        assert rate.low < rate.measured < rate.high
    assert calibration(1, 20) == calibration(1, 20) != calibration(2, 20)


def test_calibration_refuses_no_runs() -> None:
    with pytest.raises(ValueError, match="runs must be >= 1, not 0"):
        calibration(1, 0)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (500, 10_000)])
def test_clopper_pearson_bounds_have_their_tails(successes: int, trials: int) -> None:
    low, high = clopper_pearson(successes, trials)
    assert low == 0 if successes == 0 else bdtrc(successes - 1, trials, low) == pytest.approx(0.025)
    assert high == 1 if successes == trials else bdtr(successes, trials, high) == pytest.approx(0.025)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 10), (11, 10), (0, 0)])
def test_clopper_pearson_refuses(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="successes must lie"):
        clopper_pearson(successes, trials)
