"""Finite populations for logistic regression whose labels follow no logistic model: two small ones, and Adult.

A table is its own law: real points are rows drawn at random, and every expectation is a mean over rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import adult


@dataclass(frozen=True)
class Table:
    """Features (N, p) with an intercept, labels (N,), the pseudo-true theta (p,), and metrics by name.

    A metric is a matrix F (q, p): the error of theta_t is |F (theta_t - theta)|^2, so that G = F'F.
    """

    features: FloatArray
    labels: FloatArray
    theta: FloatArray
    metrics: Mapping[str, FloatArray]

    def matrices(self) -> tuple[FloatArray, FloatArray]:
        """J, the expected Hessian at theta, and V, the covariance of the score of a row there."""
        mean = 1 / (1 + np.exp(-self.features @ self.theta))
        weighted = self.features * (mean * (1 - mean))[:, None]
        scores = self.features * (self.labels - mean)[:, None]
        return weighted.T @ self.features / mean.size, scores.T @ scores / mean.size

    def traces(self, metric: str) -> dict[str, float]:
        """tr(G J^-1) and tr(G J^-1 V J^-1)."""
        j, v = self.matrices()
        factor = self.metrics[metric] @ np.linalg.inv(j)
        model = float(np.trace(factor @ self.metrics[metric].T))
        return {"trace_model": model, "trace_sandwich": float(np.trace(factor @ v @ factor.T))}


@cache
def table(name: str) -> Table:
    """A table by its name: "product" and "ring" are small, "adult-all" and "adult-complete" are Adult."""
    if name.startswith("adult-"):
        regression = adult.regression(name.removeprefix("adult-"))
        metrics = {"raw": regression.raw, "standardised": np.eye(regression.theta.size)}
        return Table(regression.features, regression.labels, regression.theta, metrics)
    first, second = (g.ravel() for g in np.meshgrid([-1.5, -0.5, 0.5, 1.5, 2.5], [-1.0, 0.0, 1.0, 3.0]))
    features = np.column_stack([np.ones(first.size), first, second])
    labelled = {"product": first * second > 0.3, "ring": (first + second) ** 2 > 2.1}
    labels = labelled[name].astype(np.float64)
    metrics = {"all": np.eye(3), "last": np.array([[0.0, 0.0, 1.0]])}
    return Table(features, labels, adult.maximiser(features, labels), metrics)
