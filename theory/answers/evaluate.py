"""The number that a derived expression gives, exactly where it can be, for checked parameters."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import flint
import sympy as sp
from sympy import Expr, Rational

from nocollapse.theory.answers.decimals import decimal
from nocollapse.theory.answers.quantity import Quantity, quantity
from nocollapse.theory.claims.entry import divisor
from nocollapse.theory.recursion import DIVERGES, Recursion
from nocollapse.theory.symbols import GLOSSARY, PARAMETERS, Domain, k, m, n, t

EXACT_STEPS = 200
"""Beyond this many steps the value is computed in ball arithmetic: exact rationals would have too many digits."""
MOST_STEPS = {True: 10**9, False: 10**6}
"""The most steps, by whether the recursion is autonomous: if not, it has to be iterated one by one."""
LONGEST = 1000
"""The longest text of a number, and so the most digits of a numerator or denominator (twice that with exponents)."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?|[+-]?\d+/\d+", re.ASCII)


@dataclass(frozen=True)
class Value:
    """A value in decimal digits ("inf" where it diverges), and exactly as a string where that is possible."""

    decimal: str
    exact: str | None
    note: str = ""


def number(name: str, text: str) -> Rational:
    """The exact rational that a string writes: an integer, a decimal or p/q. It is never evaluated as code.

    >>> number("w", "0.1"), number("w", "1/3")
    (1/10, 1/3)
    """
    if len(text) > LONGEST:
        raise ValueError(f"{name} = {text[:20]!r}... is not a number of at most {LONGEST} characters")
    if not _NUMBER.fullmatch(text.strip()) or re.search(r"/0+$", text.strip()):
        raise ValueError(f"{name} = {text!r} is not a number: write an integer, a decimal or p/q")
    value = Fraction(text.strip())
    return Rational(value.numerator, value.denominator)


def names() -> tuple[str, ...]:
    """What may be set: every parameter, and the divisor of sample covariances."""
    return (*PARAMETERS, "ddof")


def check(name: str, value: Rational) -> None:
    """Hold a parameter against its domain. Raises ValueError where it lies outside."""
    if name == "ddof":
        domain = Domain("0 or 1", lambda value: value in (0, 1))
    elif name in PARAMETERS:
        domain = GLOSSARY[PARAMETERS[name]].domain
    else:
        raise ValueError(f"unknown name {name!r}; the names are {', '.join(names())}")
    if not domain.holds(value):
        raise ValueError(f"{name} = {_short(value)} is not {domain.words}")


def check_together(parameters: Mapping[str, Rational]) -> None:
    """Hold the moments of a matrix against each other. Raises ValueError where they contradict."""
    if {"trace", "frob2"} <= set(parameters) and parameters["frob2"] > (most := parameters["trace"] ** 2):
        raise ValueError(f"frob2 = {_short(parameters['frob2'])} is not at most trace^2 = {_short(most)}")
    if {"slope2", "spread", "omega_inverse"} <= set(parameters):
        most = parameters["spread"] * parameters["omega_inverse"]
        if parameters["slope2"] > most:
            slope2 = _short(parameters["slope2"])
            raise ValueError(f"slope2 = {slope2} is not at most spread * omega_inverse = {_short(most)}")


def _short(value: Rational) -> str:
    """A number for a message: exact, cut where it is long."""
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def evaluate(identifier: str, parameters: Mapping[str, Rational], digits: int = 17) -> Value:
    """The value of a claim's quantity: at step `t` where it is given, in the limit otherwise.

    With `k` alone in place of `n` and `m` an error is given in units of 1/n, where that makes sense. `digits`
    significant digits are between 1 and 1000. Raises ValueError for a missing or inadmissible parameter.

    >>> evaluate("mean.error", {"n": Rational(100), "m": Rational(50), "w": Rational(1, 2), "trace": Rational(3)}).exact
    '3/100'
    """
    if not 1 <= digits <= 1000:
        raise ValueError(f"digits = {digits} is not between 1 and 1000")
    for name, value in parameters.items():
        check(name, value)
    check_together(parameters)
    ddof = int(parameters["ddof"]) if "ddof" in parameters else None
    predicted, note = _sized(identifier, quantity(identifier, divisor(ddof)), parameters)
    note = "; ".join(filter(None, (note, _idle(identifier, predicted, parameters))))
    values = {PARAMETERS[name]: value for name, value in parameters.items() if name not in ("t", "ddof")}
    step = int(parameters["t"]) if "t" in parameters else None
    if predicted.recursion is None:
        assert predicted.expression is not None
        at_step = {} if step is None else {t: sp.Integer(step)}
        return _written(_complete(identifier, predicted.expression, {**values, **at_step}), digits, note)
    recursion = predicted.recursion.subs(values)
    matrices = (recursion.matrix, recursion.offset, recursion.initial)
    _complete(identifier, sp.Tuple(*(part.subs(t, 1) for part in matrices)), {})
    if step is None:
        limit = recursion.limit() if recursion.autonomous else predicted.expression
        if limit is None:
            raise ValueError(f"{identifier} with ddof = {ddof} has no closed limit: give t")
        return _written(sp.sympify(limit).subs(values), digits, note)
    if step <= EXACT_STEPS:
        return _written(recursion.iterate(step)[0], digits, note)
    return Value(_floating(recursion, step, digits), None, note)


def _idle(identifier: str, predicted: Quantity, parameters: Mapping[str, Rational]) -> str:
    """Which parameters play no role, in words."""
    used = predicted.symbols | {k, n, m} if "k" in parameters else predicted.symbols
    names = [name for name in parameters if name != "ddof" and PARAMETERS[name] not in used]
    idle = [name for name in names if not (name == "t" and predicted.recursion is not None)]
    if not idle:
        return ""
    verb = "plays" if len(idle) == 1 else "play"
    return f"{', '.join(idle)} {verb} no role in {identifier}"


def _sized(identifier: str, predicted: Quantity, parameters: Mapping[str, Rational]) -> tuple[Quantity, str]:
    """The quantity in the sizes that are given: n and m, or their ratio alone."""
    given = set(parameters)
    if "k" in given and given & {"n", "m"}:
        raise ValueError(f"k = {_short(parameters['k'])} with n or m: give k alone, or both n and m")
    used = predicted.symbols
    if "k" not in given:
        if k in used and given & {"n", "m"}:
            return predicted.in_sizes(), ""
        return predicted, ""
    if k in used or not {n, m} & used:
        return predicted, ""
    scaled = predicted.scaled()
    if scaled is None:
        raise ValueError(f"{identifier} depends on n and m, not on k = {parameters['k']} alone: give both")
    return scaled, "with k alone the value is n times the error"


def _complete(identifier: str, expression: Expr, values: Mapping[sp.Symbol, Rational]) -> Expr:
    """The expression with its values. Raises ValueError naming what is missing."""
    result = expression.subs(values)
    if strange := sorted(symbol.name for symbol in result.free_symbols if symbol not in GLOSSARY):
        raise ValueError(f"{identifier} has the letter {strange[0]}, which no Letter declares")
    missing = sorted(symbol.name for symbol in result.free_symbols)
    if missing:
        raise ValueError(f"{identifier} needs a value of {', '.join(missing)}")
    return result


def _written(value: Expr, digits: int, note: str) -> Value:
    if value == DIVERGES:
        return Value("inf", None, note)
    return Value(decimal(str(sp.N(value, digits + 10, maxn=10 * LONGEST)), digits), spelled(value), note)


def spelled(value: Expr) -> str | None:
    """The value as a string, or None where that would be too long to be of use (or for Python to write)."""
    if any(number.p.bit_length() + number.q.bit_length() > 4 * LONGEST for number in value.atoms(Rational)):
        return None
    exact = str(value)
    return exact if len(exact) <= 2 * LONGEST else None


def _floating(recursion: Recursion, steps: int, digits: int) -> str:
    """The value after many steps, rounded from an interval that holds it; the precision grows until it is narrow."""
    most = MOST_STEPS[recursion.autonomous]
    if steps > most:
        raise ValueError(f"t = {steps} is not at most {most}")
    bits = 4 * digits + steps.bit_length() + 64
    while True:
        with flint.ctx.workprec(bits):
            value = _ball(recursion, steps)
            if value.rel_accuracy_bits() > 3.4 * digits + 8:
                return decimal(value.mid().str(digits + 5, radius=False), digits)
        bits *= 2


def _ball(recursion: Recursion, steps: int) -> flint.arb:
    """The first moment after `steps` in FLINT's ball arithmetic, whose errors are rigorous bounds."""
    d = len(recursion.state)
    state = flint.arb_mat(d, 1, [_real(x) for x in recursion.initial])
    if recursion.autonomous:
        affine = [_real(x) for x in (*recursion.matrix, *recursion.offset)]
        rows = [[*affine[d * i : d * (i + 1)], affine[d * d + i]] for i in range(d)]
        power = flint.arb_mat([*rows, [0] * d + [1]]) ** steps
        return sum((power[0, i] * state[i, 0] for i in range(d)), power[0, d])
    entries = _entries(recursion)
    for step in range(1, steps + 1):
        now = entries(step)
        state = flint.arb_mat(d, d, now[: d * d]) * state + flint.arb_mat(d, 1, now[d * d :])
    return state[0, 0]


def _real(value: Expr) -> flint.arb:
    """A number made of rationals and exponentials, as a ball."""
    if isinstance(value, sp.exp):
        return _real(value.exp).exp()
    if value.is_Add or value.is_Mul:
        operands = [_real(part) for part in value.args]
        return sum(operands, flint.arb(0)) if value.is_Add else math.prod(operands, start=flint.arb(1))
    return flint.arb(flint.fmpq(int(value.p), int(value.q)))


def _entries(recursion: Recursion) -> Callable[[int], list[flint.fmpq]]:
    """The entries of matrix and offset at a step, exactly: integer polynomials in the step, divided."""
    fractions = [sp.fraction(sp.cancel(entry)) for entry in (*recursion.matrix, *recursion.offset)]
    tops, bottoms = (sp.lambdify(t, list(side), modules=[]) for side in zip(*fractions, strict=True))
    return lambda step: [flint.fmpq(a, b) for a, b in zip(tops(step), bottoms(step), strict=True)]
