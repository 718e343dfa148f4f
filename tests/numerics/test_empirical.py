"""Nonparametric simulators: fast and plain have one law, the integral is exact, blocks leave no trace."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import streams
from nocollapse.numerics.simulation.arguments import FRAMEWORKS
from nocollapse.numerics.simulation.empirical import kernels, simulate_cdf, simulate_pmf
from nocollapse.numerics.simulation.empirical.textbook import cramer_von_mises, simulate_cdf_plain, simulate_pmf_plain
from nocollapse.numerics.simulation.streams import Stream

WEIGHTS = {
    "fresh": (0.35, 0.8),
    "augmentation": (0.8, 0.35),
    "fully-synthetic": (0.0,),
    "accumulation": (1.0,),
}
TRUTH = (0.4, 0.1, 0.25, 0.05, 0.2)
SameLaw = Callable[[FloatArray, FloatArray], bool]
Simulator = Callable[..., FloatArray]
PAIRS = [(simulate_cdf, simulate_cdf_plain), (simulate_pmf, simulate_pmf_plain)]
ALL = [simulator for pair in PAIRS for simulator in pair]


def run(simulator: Simulator, replicates: range, framework: str = "fresh", **changes: Any) -> FloatArray:
    case: dict[str, Any] = {"n": 7, "m": 5, "weights": WEIGHTS.get(framework, (0.5,)), "steps": (0, 1, 2, 5)}
    if simulator in (simulate_pmf, simulate_pmf_plain):
        case["probabilities"] = TRUTH
    return simulator(Stream(1, simulator.__name__), replicates, framework=framework, **{**case, **changes})


# --- one law ---


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(("fast", "plain"), PAIRS)
def test_fast_and_plain_have_the_same_law(fast: Simulator, plain: Simulator, framework: str, same_law: SameLaw) -> None:
    assert same_law(run(fast, range(8000), framework), run(plain, range(1000), framework))


@pytest.mark.parametrize(("fast", "plain"), PAIRS)
def test_more_synthetic_than_real_points_have_the_same_law(
    fast: Simulator, plain: Simulator, same_law: SameLaw
) -> None:
    case: dict[str, Any] = {"n": 4, "m": 11, "steps": (3,), "weights": (0.1, 0.6)}
    assert same_law(run(fast, range(8000), **case), run(plain, range(1000), **case))


def test_sixteen_categories_have_the_same_law(same_law: SameLaw) -> None:
    case: dict[str, Any] = {"n": 20, "m": 30, "steps": (4,), "probabilities": np.arange(1, 17) / 136}
    fast, plain = (run(f, range(r), **case) for f, r in ((simulate_pmf, 8000), (simulate_pmf_plain, 1000)))
    assert same_law(fast, plain)


@pytest.mark.parametrize("changes", [{"n": 5, "m": 7}, {"weights": (0.5, 0.8)}, {"framework": "augmentation"}])
@pytest.mark.parametrize(("fast", "plain"), PAIRS)
def test_the_comparison_can_fail(fast: Simulator, plain: Simulator, changes: dict[str, Any], same_law: SameLaw) -> None:
    one = run(fast, range(8000), **{"weights": (0.35, 0.8), **changes})
    other = run(plain, range(1000))
    assert not same_law(one, other)


@pytest.mark.parametrize(
    ("simulator", "expected"),
    [(simulate_cdf, 1 / 6), (simulate_pmf, 1 - sum(p * p for p in TRUTH))],
)
def test_the_first_fit_has_the_error_of_a_sample(simulator: Simulator, expected: float) -> None:
    """E int (F_n - F)^2 dF = 1/(6n), and E sum (p^ - p)^2 = (1 - sum p^2)/n."""
    draws = run(simulator, range(8000), steps=(0,))[:, 0, 0]
    assert abs(draws.mean() - expected / 7) < 5 * draws.std() / np.sqrt(draws.size)


# --- exact values ---


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 1)), min_size=1, max_size=8))
def test_the_plain_integral_is_the_integral(jumps: list[tuple[float, float]]) -> None:
    atoms, masses = np.array(jumps).T
    masses /= masses.sum()
    grid = (np.arange(20000) + 0.5) / 20000
    levels = np.sum(masses[:, None] * (atoms[:, None] <= grid), axis=0)
    assert cramer_von_mises(atoms, masses) == pytest.approx(np.mean((levels - grid) ** 2), abs=1e-3)


@pytest.mark.parametrize("steps", [(0, 1, 2, 3, 4, 5, 6), (6,), (2, 6), (0, 5)])
@pytest.mark.parametrize(("n", "m"), [(6, 9), (9, 6), (40, 150)])
@pytest.mark.parametrize("rows", [7, 1])
def test_the_kernel_replays_the_recursion(n: int, m: int, rows: int, steps: tuple[int, ...]) -> None:
    """Slot by slot, step by step, for each weight alone, with the integral taken piece by piece."""
    rng = np.random.default_rng(5)
    weights = np.sort(np.append(rng.random(12), [0.0, 1.0]))[::-1].copy()
    real = np.sort(rng.random((2, rows, n)))
    uniform = rng.random((2, 6, m))
    out = np.empty((2, len(steps), weights.size))
    kernels.run_cdf(real, uniform, weights, np.array(steps), out)
    for (b, saved, lane), value in np.ndenumerate(out):
        w = weights[lane]
        synthetic = np.empty(0)
        for t in range(1, steps[saved] + 1):
            before = real[b, min(t - 1, rows - 1)]
            u = uniform[b, t - 1]
            from_real = np.mod(u * n * m, 1) < w if t > 1 else np.ones(m, dtype=bool)
            picks = synthetic[(u * m).astype(int)] if t > 1 else np.zeros(m)
            synthetic = np.where(from_real, before[(u * n).astype(int)], picks)
        share = w if synthetic.size else 1.0
        atoms = np.concatenate([real[b, min(steps[saved], rows - 1)], synthetic])
        masses = np.concatenate([np.full(n, share / n), np.full(synthetic.size, (1 - share) / m)])
        assert value == pytest.approx(cramer_von_mises(atoms, masses), rel=1e-9, abs=1e-13)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30), st.floats(0, 1), st.integers(0, 30))
def test_rank_counts_what_lies_below(values: list[float], level: float, guess: int) -> None:
    ordered = np.sort(values)
    assert kernels.rank(ordered, level, min(guess, ordered.size)) == np.sum(ordered < level)


@pytest.mark.parametrize("framework", ["fully-synthetic", "augmentation", "accumulation"])
def test_a_category_never_seen_never_comes_back(framework: str) -> None:
    """With two real points in one category, all mass stays there: the error is ||e_j - p||^2 for ever."""
    errors = run(simulate_pmf, range(300), framework, n=2, probabilities=(0.5, 0.0, 0.5), steps=(0, 50))
    extinct = errors[:, 0, 0] == 0.5
    assert 100 < extinct.sum() < 200
    np.testing.assert_allclose(errors[extinct, 1], 0.5)


# --- what the numbers depend on ---


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("simulator", ALL)
def test_replicates_do_not_depend_on_their_company(
    simulator: Simulator, framework: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(simulator, range(10), framework)
    pieces = [run(simulator, part, framework) for part in (range(3), range(3, 3), range(3, 10))]
    assert np.array_equal(whole, np.concatenate(pieces))
    monkeypatch.setattr(streams, "BLOCK_BYTES", 1)
    assert np.array_equal(whole, run(simulator, range(10), framework))


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("simulator", ALL)
def test_recording_more_steps_changes_nothing(simulator: Simulator, framework: str) -> None:
    few, every = (run(simulator, range(20), framework, steps=s) for s in ((2, 5), range(6)))
    np.testing.assert_allclose(few, every[:, [2, 5]], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("simulator", ALL)
def test_weights_share_their_driving_numbers(simulator: Simulator) -> None:
    many = run(simulator, range(20), weights=(0.7, 0.2, 0.35, 0.2))
    np.testing.assert_allclose(many[..., [2]], run(simulator, range(20), weights=(0.35,)), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(many[..., 1], many[..., 3], rtol=1e-9, atol=1e-14)


# --- bad input ---


@pytest.mark.parametrize("simulator", ALL)
@given(st.sampled_from(["n", "m"]), st.one_of(st.integers(max_value=1), st.floats(), st.text(), st.booleans()))
def test_sizes_must_be_integers_from_two(simulator: Simulator, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} = .* is not an integer >= 2$"):
        run(simulator, range(1), "fresh", **{name: value})


@given(st.lists(st.floats(-1, 2), max_size=4).filter(lambda p: len(p) < 2 or min(p) < 0 or abs(sum(p) - 1) > 1e-6))
def test_probabilities_must_be_a_distribution(probabilities: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^probabilities = "):
        run(simulate_pmf, range(1), probabilities=probabilities)


@pytest.mark.parametrize("simulator", ALL)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"framework": "fresh", "weights": (0.5, 1.5)}, "leave the interval \\[0, 1\\]"),
        ({"framework": "fully-synthetic", "weights": (0.5,)}, "the only choice when fully-synthetic"),
        ({"framework": "stale"}, "framework = 'stale' is not one of fresh, "),
        ({"steps": (3, 2)}, "steps = \\(3, 2\\) is not a strictly increasing"),
        ({"steps": (-1,)}, "step = -1 is not an integer >= 0"),
    ],
)
def test_other_bad_arguments_are_named(simulator: Simulator, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(simulator, range(1), **changes)
