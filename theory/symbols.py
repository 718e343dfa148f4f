"""The symbols of the theory, one object a letter, and how each is printed.

The paper's letters are used throughout: `n` real and `m` synthetic points a step, `k = n/m`, `w` the
weight on real data, `t` the step. `trace` is tr Sigma, `frob2` is tr Sigma^2 and `gini` is 1 - sum p_j^2.

Regressions have covariates N(0, Omega): `omega_inverse` is tr Omega^-1, `slope2` is |theta|^2, `spread` is
theta'Omega theta, and `curvature` and `curvature_along` are E v and E[v eta^2]/spread for the variance function v
at eta = x'theta. `precision1`, `precision2`, `distance1`, `distance2` are tr P, tr P^2, mu'P mu and mu'P^2 mu
for P = Sigma^-1. `trace_model` and `trace_sandwich` are tr(G J^-1) and tr(G J^-1 V J^-1) for a metric G.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import sympy as sp
from sympy import Expr, Rational, Symbol

n: Final = Symbol("n", positive=True)
m: Final = Symbol("m", positive=True)
k: Final = Symbol("k", positive=True)
w: Final = Symbol("w", nonnegative=True)
v: Final = Symbol("v", nonnegative=True)
t: Final = Symbol("t", integer=True, nonnegative=True)
trace: Final = Symbol("trace", positive=True)
frob2: Final = Symbol("frob2", positive=True)
gini: Final = Symbol("gini", nonnegative=True)
omega_inverse, slope2, spread, curvature, curvature_along = sp.symbols(
    "omega_inverse slope2 spread curvature curvature_along", positive=True
)
precision1, precision2, distance1, distance2 = sp.symbols("precision1 precision2 distance1 distance2", positive=True)
trace_model, trace_sandwich = sp.symbols("trace_model trace_sandwich", positive=True)

POWER_SUMS: Final = (trace, frob2, Symbol("p3", positive=True), Symbol("p4", positive=True))
"""tr Sigma^j for j = 1, 2, 3, 4."""


_NAME: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)


class Domain(NamedTuple):
    """Where a parameter may lie: in words, and as a test of an exact rational."""

    words: str
    holds: Callable[[Rational], bool]


POSITIVE: Final = Domain("a number > 0", lambda value: value > 0)
SIZE: Final = Domain("a whole number >= 2", lambda value: value.q == 1 and value >= 2)
STEP: Final = Domain("a whole number >= 0", lambda value: value.q == 1 and value >= 0)
SHARE: Final = Domain("a number in [0, 1]", lambda value: 0 <= value <= 1)
BELOW_ONE: Final = Domain("a number in [0, 1)", lambda value: 0 <= value < 1)


class Letter(NamedTuple):
    """A letter of the claims: its symbol, what it stands for, its LaTeX where that is not its name, and its domain.

    A letter of `size` gives an error its size: long sums are ordered by these.
    """

    symbol: Symbol
    meaning: str
    latex: str = ""
    domain: Domain = POSITIVE
    size: bool = False


LETTERS: Final = (
    Letter(n, "real points a step", domain=SIZE),
    Letter(m, "synthetic points a step", domain=SIZE),
    Letter(k, "$n/m$, real over synthetic"),
    Letter(w, "weight on real data", domain=SHARE),
    Letter(v, "any other weight", domain=SHARE),
    Letter(t, "step; step 0 sees real data only", domain=STEP),
    Letter(trace, "trace of the true covariance", r"\operatorname{tr}(\Sigma)", size=True),
    Letter(frob2, "its squared Frobenius norm", r"\operatorname{tr}(\Sigma^{2})", size=True),
    Letter(gini, r"$1 - \sum p_j^2$, the spread of a discrete truth", r"\gamma", BELOW_ONE, size=True),
    Letter(omega_inverse, r"for covariates $N(0,\Omega)$", r"\operatorname{tr}(\Omega^{-1})", size=True),
    Letter(slope2, "squared length of the coefficients", r"\|\theta\|^{2}", size=True),
    Letter(spread, r"$\theta'\Omega\theta$, variance of the linear predictor $\eta$", "s"),
    Letter(curvature, r"$\mathbb{E}v(\eta)$ for the variance function $v$", "a"),
    Letter(curvature_along, r"$\mathbb{E}[v(\eta)\eta^2]/s$", "b"),
    Letter(precision1, r"trace of the precision $P = \Sigma^{-1}$", r"\operatorname{tr}(P)", size=True),
    Letter(precision2, "its squared Frobenius norm", r"\operatorname{tr}(P^{2})", size=True),
    Letter(distance1, "squared length of the mean in the metric $P$", r"\mu'P\mu", size=True),
    Letter(distance2, "the same in $P^2$", r"\mu'P^{2}\mu", size=True),
    Letter(trace_model, r"for the expected Hessian $J$ and a metric $G$", r"\operatorname{tr}(GJ^{-1})", size=True),
    Letter(trace_sandwich, r"the same for the score covariance $V$", r"\operatorname{tr}(GJ^{-1}VJ^{-1})", size=True),
)
"""The project's own letters, in the order in which the reports print the glossary."""

GLOSSARY: Final[dict[Symbol, Letter]] = {letter.symbol: letter for letter in LETTERS}
"""Every letter that this process knows by its symbol: the project's own, then those of claims from outside."""
PARAMETERS: Final[dict[str, Symbol]] = {symbol.name: symbol for symbol in GLOSSARY if symbol != v}
"""What a user may set, by name: every letter but v, over which claims quantify."""
_POWER_SUMS_LATEX: Final = {
    POWER_SUMS[2]: r"\operatorname{tr}(\Sigma^{3})",
    POWER_SUMS[3]: r"\operatorname{tr}(\Sigma^{4})",
}


def declare(letters: Iterable[Letter]) -> None:
    """Add letters of claims from outside, all or none. Raises ValueError for a name that is taken or cannot be written.

    >>> declare([Letter(Symbol("n", positive=True), "nails")])
    Traceback (most recent call last):
    ValueError: letter 'n' is taken: it stands for real points a step
    """
    new: dict[str, Letter] = {}
    for letter in letters:
        name = letter.symbol.name
        if not _NAME.fullmatch(name) or name == "ddof":
            raise ValueError(f"letter {name!r} is not a name of letters, digits and underscores, or is reserved")
        taken = new.get(name) or next((other for other in GLOSSARY.values() if other.symbol.name == name), None)
        if taken is not None:
            raise ValueError(f"letter {name!r} is taken: it stands for {taken.meaning}")
        new[name] = letter
    for name, letter in new.items():
        GLOSSARY[letter.symbol] = letter
        PARAMETERS[name] = letter.symbol


def withdraw() -> None:
    """Forget the letters of claims from outside."""
    for symbol in set(GLOSSARY) - {letter.symbol for letter in LETTERS}:
        del GLOSSARY[symbol]
        del PARAMETERS[symbol.name]


def arranged(expression: Expr) -> Expr:
    """An equal expression whose longer sums are ordered by the letters of size in them, for people to read.

    >>> arranged(trace * m * w - trace * m + trace * w - trace + frob2 * w)
    frob2*w + trace*(m*w - m + w - 1)
    """
    return expression.replace(
        lambda part: part.is_Add and len(part.args) > 3 and part.has(*_sizes()),
        lambda part: sp.collect(part, [size for size in _sizes() if part.has(size)]),
    )


def _sizes() -> list[Symbol]:
    """The letters that give an error its size."""
    return [letter.symbol for letter in GLOSSARY.values() if letter.size]


def latex(expression: sp.Basic) -> str:
    """LaTeX of an expression in the project's notation; a symbol whose name is no word has LaTeX for a name.

    >>> latex(trace**2 / n)
    '\\\\frac{\\\\operatorname{tr}(\\\\Sigma)^{2}}{n}'
    """
    typed = {symbol: symbol.name for symbol in expression.atoms(Symbol) if not symbol.name.isidentifier()}
    lettered = {letter.symbol: letter.latex for letter in GLOSSARY.values() if letter.latex}
    return str(sp.latex(arranged(expression), symbol_names=typed | _POWER_SUMS_LATEX | lettered))
