"""Simulations of a user's own setting: tables that do not depend on how the work was cut."""

import csv
import io
from typing import Any

import numpy as np
import pytest

from nocollapse.models import SIMULATED
from nocollapse.numerics.execution import workers
from nocollapse.numerics.execution.workers import LEAF, Workers
from nocollapse.numerics.simulation import empirical, gaussian, regression
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.numerics.simulation.trajectories import simulate, trajectories

SIGMA = [[2.0, 0.5], [0.5, 1.0]]
COMMON: dict[str, Any] = {"n": 6, "m": 4, "weights": (0.4, 0.8), "steps": 3, "seed": 5}
REGRESSION: dict[str, Any] = {"beta": [1.5, -1.0], "omega": SIGMA}
OWN: dict[str, dict[str, Any]] = {
    "gaussian": {"sigma": SIGMA}, "cdf": {}, "pmf": {"probabilities": [0.5, 0.3, 0.2]},
    "linear": REGRESSION, "logistic": REGRESSION, "poisson": REGRESSION,
}  # fmt: skip
MANY = 10 * LEAF + 30  # the last leaf is smaller


@pytest.mark.parametrize("model", SIMULATED)
def test_mean_and_standard_error_are_those_of_all_replicates(model: str) -> None:
    table = simulate(model, replications=MANY, **COMMON, **OWN[model])
    stream = Stream(5, f"simulate/{model}")
    settings = {**COMMON, "steps": (0, 1, 2, 3), "framework": "fresh", **OWN[model]}
    del settings["seed"]
    if model == "gaussian":
        errors = gaussian.simulate(stream, range(MANY), **settings)
        samples = {"mean": errors.mean, "covariance": errors.covariance}
    elif model in regression.MODELS:
        del settings["framework"]
        paths = regression.simulate(stream, range(MANY), model=model, **settings)
        lost = np.isnan(paths.error)
        assert lost.any() == (model != "linear")  # with six real points an estimate often ceases to exist
        how = {name: lost & (paths.outcome == i)[:, None] for i, name in enumerate(regression.OUTCOMES) if i}
        samples = {"coefficients": paths.error, **how}
    else:
        draw: Any = {"cdf": empirical.simulate_cdf, "pmf": empirical.simulate_pmf}[model]
        samples = {model: draw(stream, range(MANY), **settings)}
    assert set(table.mean) == set(table.standard_error) == set(samples)
    for name, sample in samples.items():
        count = np.count_nonzero(~np.isnan(sample), axis=0)
        np.testing.assert_array_equal(table.count[name], count)
        np.testing.assert_allclose(table.mean[name], np.nanmean(sample, axis=0), rtol=1e-12)
        error = np.nanstd(sample, axis=0, ddof=1) / np.sqrt(count)
        np.testing.assert_allclose(table.standard_error[name], error, rtol=1e-11)


@pytest.mark.parametrize("model", SIMULATED)
def test_neither_workers_nor_the_size_of_tasks_change_a_bit(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = simulate(model, replications=MANY, **COMMON, **OWN[model])
    for jobs, seconds in ((1, 0.0), (1, 60.0), (2, 0.0), (3, 0.005)):
        monkeypatch.setattr(workers, "SECONDS", seconds)  # 0: a leaf a task; 60: all in one
        other = simulate(model, replications=MANY, workers=Workers(jobs), **COMMON, **OWN[model])
        assert one.csv() == other.csv()
        assert one.npz() == other.npz()


@pytest.mark.parametrize("model", SIMULATED)
def test_trajectories_are_what_the_means_are_of(model: str) -> None:
    errors = trajectories(model, replications=40, **COMMON, **OWN[model])
    table = simulate(model, replications=40, **COMMON, **OWN[model])
    assert set(errors) == set(table.mean)
    for name, values in errors.items():
        assert values.shape == (40, 4, 2)
        np.testing.assert_allclose(table.mean[name], np.nanmean(values, axis=0), rtol=1e-12)


def test_a_generator_gives_one_number_of_its_own() -> None:
    one = np.random.default_rng(3)
    two = np.random.default_rng(3)
    first, second = (simulate("cdf", replications=10, **{**COMMON, "seed": one}) for _ in range(2))
    assert first.csv() != second.csv()
    assert simulate("cdf", replications=10, **{**COMMON, "seed": two}).csv() == first.csv()
    again = simulate("cdf", replications=10, **{**COMMON, "seed": first.settings["seed"]})
    assert again.csv() == first.csv()


def test_a_seed_makes_other_numbers() -> None:
    one, two = (simulate("cdf", replications=10, **{**COMMON, "seed": seed}).csv() for seed in (1, 2))
    assert one != two


def test_rows_csv_and_npz_hold_the_same_numbers() -> None:
    table = simulate("gaussian", replications=20, **COMMON, sigma=SIGMA)
    rows = list(table.rows())
    assert [(row["quantity"], row["w"], row["t"]) for row in rows] == [
        (quantity, w, t) for quantity in ("mean", "covariance") for w in (0.4, 0.8) for t in range(4)
    ]
    assert list(csv.DictReader(io.StringIO(table.csv()))) == [{k: str(v) for k, v in row.items()} for row in rows]
    with np.load(io.BytesIO(table.npz())) as arrays:
        assert arrays["steps"].tolist() == [0, 1, 2, 3]
        assert arrays["weights"].tolist() == [0.4, 0.8]
        for name in table.mean:
            np.testing.assert_array_equal(arrays[f"{name}_error"], table.mean[name])
            np.testing.assert_array_equal(arrays[f"{name}_standard_error"], table.standard_error[name])


def test_progress_counts_replications(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SECONDS", 0.0)
    said: list[tuple[int, int]] = []
    simulate("cdf", replications=2 * LEAF + 30, **COMMON, progress=lambda done, of: said.append((done, of)))
    assert said == [(LEAF, 2 * LEAF + 30), (2 * LEAF, 2 * LEAF + 30), (2 * LEAF + 30, 2 * LEAF + 30)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "glm"}, "model = 'glm'"),
        ({"n": 1}, "n = 1"),
        ({"m": 2.5}, r"m = 2\.5"),
        ({"weights": (1.5,)}, r"weights = \(1\.5,\)"),
        ({"weights": ()}, r"weights = \(\)"),
        ({"steps": -1}, "steps = -1"),
        ({"replications": 1}, "replications = 1"),
        ({"replications": True}, "replications = True"),
        ({"seed": -1}, "seed = -1"),
        ({"framework": "none"}, "framework = 'none'"),
        ({"framework": "accumulation"}, "weights"),
        ({"sigma": [[1.0, 2.0], [2.0, 1.0]]}, "sigma"),
        ({"sigma": [[1e200]]}, "sigma"),
    ],
)
def test_a_bad_setting_is_named(changes: dict[str, Any], message: str) -> None:
    arguments = {"model": "gaussian", "replications": 10, **COMMON, "sigma": SIGMA, **changes}
    with pytest.raises(ValueError, match=message):
        simulate(**arguments)
