"""Gaussian simulators: fast and plain have one law, slopes are derivatives, blocks leave no trace."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import streams
from nocollapse.numerics.simulation.arguments import FRAMEWORKS
from nocollapse.numerics.simulation.gaussian import GaussianErrors, simulate
from nocollapse.numerics.simulation.gaussian.kernels import cholesky
from nocollapse.numerics.simulation.gaussian.textbook import simulate_plain
from nocollapse.numerics.simulation.streams import Stream

SIGMA = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 0.5]])
WEIGHT = {"fresh": 0.35, "augmentation": 0.35, "fully-synthetic": 0.0, "accumulation": 1.0}
SameLaw = Callable[[FloatArray, FloatArray], bool]


def arguments(framework: str = "fresh", **changes: Any) -> dict[str, Any]:
    base = {"n": 7, "m": 5, "sigma": SIGMA, "weights": (WEIGHT[framework],), "steps": (0, 1, 5)}
    return {**base, "framework": framework, **changes}


def stacked(errors: GaussianErrors) -> FloatArray:
    return np.stack(errors[:3], axis=1)


def fast(replicates: range, name: str = "fast", **arguments: Any) -> FloatArray:
    return stacked(simulate(Stream(1, name), replicates, **arguments))


def plain(replicates: range, name: str = "plain", **arguments: Any) -> FloatArray:
    return stacked(simulate_plain(Stream(1, name), replicates, **arguments))


# --- one law ---


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_fast_and_plain_have_the_same_law(framework: str, ddof: int, known: bool, same_law: SameLaw) -> None:
    case = arguments(framework, ddof=ddof, known_covariance=known)
    assert same_law(fast(range(5000), **case), plain(range(800), **case))


@pytest.mark.parametrize(("n", "m", "weight"), [(3, 4, 0.0), (4, 2, 0.4)])
def test_fewer_points_than_dimensions_have_the_same_law(n: int, m: int, weight: float, same_law: SameLaw) -> None:
    case = arguments(n=n, m=m, sigma=np.diag([3.0, 1, 1, 0.5, 0.5]), weights=(weight,), steps=(0, 1, 3))
    assert same_law(fast(range(5000), **case), plain(range(800), **case))


def test_one_dimension_has_the_same_law(same_law: SameLaw) -> None:
    case = arguments(sigma=[[2.0]])
    assert same_law(fast(range(5000), **case), plain(range(800), **case))


@pytest.mark.parametrize(
    "changes",
    [
        {"ddof": 0},
        {"n": 5, "m": 7},
        {"known_covariance": True},
        {"weights": (0.5,)},
        {"framework": "augmentation"},
    ],
)
def test_the_comparison_can_fail(changes: dict[str, Any], same_law: SameLaw) -> None:
    assert not same_law(fast(range(5000), **arguments(**changes)), plain(range(800), **arguments()))


@pytest.mark.parametrize("ddof", [0, 1])
def test_the_first_fit_has_the_errors_of_a_sample(ddof: int) -> None:
    """E ||mu_0||^2 = tr Sigma / n, and E tr S = (n-1)/(n-ddof) tr Sigma."""
    draws = fast(range(20000), **arguments(ddof=ddof, steps=(0,)))[:, :, 0, 0]
    expected = np.array([3.5 / 7, 3.5 * (6 / (7 - ddof) - 1)])
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.all(np.abs(draws.mean(axis=0) - [expected[0], np.nan, expected[1]])[[0, 2]] < 5 * error[[0, 2]])


def test_real_weight_one_forgets_synthetic_data() -> None:
    errors = simulate(Stream(1, "a"), range(50), **arguments(weights=(1.0,), framework="augmentation"))
    assert np.array_equal(errors.mean[:, 0], errors.mean[:, 2])
    assert np.array_equal(errors.covariance[:, 0], errors.covariance[:, 2])


# --- what the numbers depend on ---


@pytest.mark.parametrize("simulator", [fast, plain])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_replicates_do_not_depend_on_their_company(
    framework: str, simulator: Callable[..., FloatArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = arguments(framework)
    whole = simulator(range(10), **case)
    pieces = [simulator(part, **case) for part in (range(3), range(3, 4), range(4, 4), range(4, 10))]
    assert np.array_equal(whole, np.concatenate(pieces))
    monkeypatch.setattr(streams, "BLOCK_BYTES", 1)
    assert np.array_equal(whole, simulator(range(10), **case))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_recording_more_steps_changes_nothing(framework: str) -> None:
    few, all_steps = (fast(range(20), **arguments(framework, steps=s)) for s in ((2, 5), range(6)))
    assert np.array_equal(few, all_steps[:, :, [2, 5]])


@pytest.mark.parametrize("simulator", [fast, plain])
def test_weights_share_their_driving_numbers(simulator: Callable[..., FloatArray]) -> None:
    many = simulator(range(20), **arguments(weights=(0.7, 0.2, 0.35)))
    assert np.array_equal(many[..., [2]], simulator(range(20), **arguments(weights=(0.35,))))


# --- slopes ---


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("framework", ["fresh", "augmentation"])
def test_slopes_are_derivatives_of_the_errors(framework: str, ddof: int, known: bool) -> None:
    h = 1e-5
    case = arguments(framework, weights=(0.4 - h, 0.4, 0.4 + h), ddof=ddof, known_covariance=known)
    errors = simulate(Stream(1, "slopes"), range(40), slopes=True, **{**case, "steps": (0, 1, 2, 9)})
    for values, slope in ((errors.mean, errors.mean_slope), (errors.covariance, errors.covariance_slope)):
        assert slope is not None
        difference = (values[..., 2] - values[..., 0]) / (2 * h)
        np.testing.assert_allclose(slope[..., 1], difference, rtol=1e-6, atol=1e-6)


def test_slopes_survive_a_singular_fit() -> None:
    """m = 2 points in 3 dimensions at w = 0: no derivative exists, and none of the numbers may be nan."""
    case = arguments(n=3, m=2, weights=(0.0, 0.5), steps=(1, 4))
    errors = simulate(Stream(1, "slopes"), range(40), slopes=True, **case)
    assert all(array is not None and np.all(np.isfinite(array)) for array in errors)


def test_slopes_leave_the_errors_as_they_are() -> None:
    errors = simulate(Stream(1, "fast"), range(20), slopes=True, **arguments())
    assert np.array_equal(stacked(errors), fast(range(20), **arguments()))
    assert simulate(Stream(1, "fast"), range(2), **arguments()).mean_slope is None


# --- singular covariances ---


@pytest.mark.parametrize("rank", range(5))
def test_cholesky_factors_singular_matrices(rank: int) -> None:
    half = np.random.default_rng(rank).standard_normal((30, 4, rank))
    matrix = (half @ half.mT).transpose(1, 2, 0).copy()
    root = np.zeros_like(matrix)
    inverse = np.empty(matrix.shape[1:])
    cholesky(matrix, root, inverse)
    product = np.einsum("ikl,jkl->ijl", root, root)
    np.testing.assert_allclose(product, matrix, atol=1e-6 * max(1.0, matrix.max()))
    diagonal = np.einsum("iil->il", root)
    np.testing.assert_array_equal(diagonal * inverse > 0, diagonal > 0)
    assert np.all(root[np.triu_indices(4, 1)] == 0)
    assert np.all(root[:, diagonal == 0] == 0)
    assert np.any(np.sum(diagonal > 0, axis=0) == rank)


def test_a_long_run_on_few_points_stays_finite() -> None:
    case = arguments("fully-synthetic", n=3, m=3, sigma=np.eye(4), steps=(10, 2000))
    draws = fast(range(100), **case)
    assert np.all(np.isfinite(draws))
    np.testing.assert_allclose(draws[:, 1, 1], 4)  # Sigma_t has died out: ||0 - I||^2


# --- bad input ---


@given(st.sampled_from(["n", "m"]), st.one_of(st.integers(max_value=1), st.floats(), st.text(), st.booleans()))
def test_sizes_must_be_integers_from_two(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} = .* is not an integer >= 2$"):
        fast(range(1), **{**arguments(), name: value})


@given(st.one_of(st.floats(max_value=-1e-9), st.floats(min_value=1.000001), st.just(float("nan"))))
def test_weights_must_lie_in_the_unit_interval(weight: float) -> None:
    with pytest.raises(ValueError, match=r"^weights = "):
        fast(range(1), **arguments(weights=(0.5, weight)))


@given(st.lists(st.integers(-3, 9), max_size=4).filter(lambda s: not s or sorted(set(s)) != s or s[0] < 0))
def test_steps_must_increase_from_zero(steps: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^steps? = "):
        fast(range(1), **arguments(steps=tuple(steps)))


@pytest.mark.parametrize(
    "sigma",
    [
        [[1.0, 2.0], [2.0, 1.0]],
        [[1.0, 0.0], [0.5, 1.0]],
        [[0.0]],
        [1.0],
        [[np.nan]],
        [],
        [["a"]],
        [[1.0, 0.0]],
    ],
)
def test_sigma_must_be_positive_definite(sigma: object) -> None:
    with pytest.raises(ValueError, match=r"^sigma = .* is not a symmetric positive definite matrix"):
        fast(range(1), **arguments(sigma=sigma))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"framework": "frsh"}, "framework = 'frsh' is not one of fresh, "),
        ({"framework": "fully-synthetic", "weights": (0.5,)}, "is not \\(0.0,\\), the only choice"),
        ({"framework": "accumulation", "weights": (1.0, 1.0)}, "is not \\(1.0,\\), the only choice"),
        ({"weights": ()}, "weights = \\(\\) is not a non-empty vector"),
        ({"ddof": 2}, "ddof = 2 is not 0 or 1"),
        ({"ddof": -1}, "ddof = -1 is not an integer >= 0"),
    ],
)
@pytest.mark.parametrize("simulator", [fast, plain])
def test_other_bad_arguments_are_named(
    simulator: Callable[..., FloatArray], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        simulator(range(1), **{**arguments(), **changes})


@pytest.mark.parametrize("framework", ["fully-synthetic", "accumulation"])
def test_slopes_need_a_weight(framework: str) -> None:
    with pytest.raises(ValueError, match="slopes need a weight to vary"):
        simulate(Stream(1, "a"), range(1), slopes=True, **arguments(framework))
