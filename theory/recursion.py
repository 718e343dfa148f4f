"""The one mechanism of the theory: an affine recursion of a few moments, `state' = M state + c`.

Every result of the paper is the value at a step, the fixed point, the stability threshold or the optimum in `w`
of such a recursion. The models derive `M` and `c`; this file does the rest, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy import Expr, ImmutableMatrix, Symbol
from sympy.polys.constructor import construct_domain
from sympy.polys.matrices import DomainMatrix

from nocollapse.theory.symbols import latex, t

DIVERGES = sp.oo


@dataclass(frozen=True)
class Mode:
    """One term `coefficient * binomial(t, order) * eigenvalue**(t - order)` of the state at step t."""

    eigenvalue: Expr
    order: int
    coefficient: ImmutableMatrix

    def at(self, step: Expr) -> ImmutableMatrix:
        """The term at `step`, a symbol or a whole number."""
        if self.eigenvalue == 0:  # 0**0 = 1: such a mode lives at one step only
            return ImmutableMatrix(self.coefficient * sp.KroneckerDelta(step, self.order))
        weight = sp.ff(step, self.order) / sp.factorial(self.order) * self.eigenvalue ** (step - self.order)
        return ImmutableMatrix(self.coefficient * weight)


@dataclass(frozen=True)
class Recursion:
    """`state_t = matrix state_{t-1} + offset` from `initial`, in d moments, exact and symbolic.

    `matrix` is d x d, `offset` and `initial` are d x 1, over the rational functions of the parameters. They may
    contain the step symbol `t` (then the recursion is not autonomous: it has values at each step, but no modes).
    """

    state: tuple[Symbol, ...]
    matrix: ImmutableMatrix
    offset: ImmutableMatrix
    initial: ImmutableMatrix

    def __post_init__(self) -> None:
        d = len(self.state)
        if self.matrix.shape != (d, d) or self.offset.shape != (d, 1) or self.initial.shape != (d, 1):
            raise ValueError(f"a recursion in {d} moments needs a {d} x {d} matrix and two {d} x 1 columns")

    @property
    def autonomous(self) -> bool:
        """Whether neither matrix nor offset depends on the step."""
        return not (self.matrix.has(t) or self.offset.has(t))

    def subs(self, values: Mapping[Symbol, Expr]) -> Recursion:
        """The same recursion with parameters replaced."""
        matrices = (ImmutableMatrix(part.subs(values)) for part in (self.matrix, self.offset, self.initial))
        return Recursion(self.state, *matrices)

    def update(self, state: ImmutableMatrix, step: Expr = t) -> ImmutableMatrix:
        """The state at `step`, given the one before it."""
        at_step = {t: step}
        return ImmutableMatrix(self.matrix.subs(at_step) * state + self.offset.subs(at_step))

    def iterate(self, steps: int) -> ImmutableMatrix:
        """The state after a whole number of steps: by doubling where autonomous, step by step where not."""
        if not self.autonomous:
            state = self.initial
            for step in range(1, steps + 1):
                state = self.update(state, sp.Integer(step))
            return state
        power = self._augmented() ** steps
        column = power * self.initial.col_join(ImmutableMatrix([[1]]))
        return ImmutableMatrix(column[:-1, :])

    def _augmented(self) -> ImmutableMatrix:
        """The linear map of (state, 1): the offset becomes a column, and 1 an eigenvalue."""
        d = len(self.state)
        bottom = ImmutableMatrix([[0] * d + [1]])
        return ImmutableMatrix(self.matrix.row_join(self.offset).col_join(bottom))

    def eigenvalues(self) -> tuple[Expr, ...]:
        """The eigenvalues of the matrix with multiplicity, read off the factored characteristic polynomial.

        Raises ValueError for a factor that is not linear: it has no rational root.
        """
        roots: list[Expr] = []
        characteristic = self.matrix.charpoly()
        x = characteristic.gen
        for factor, multiplicity in sp.factor_list(characteristic.as_expr(), x)[1]:
            poly = sp.Poly(factor, x)
            if poly.degree() == 0:
                continue
            if poly.degree() > 1:
                raise ValueError(f"the characteristic polynomial has the irreducible factor {factor}")
            roots += [sp.factor(-poly.coeff_monomial(1) / poly.coeff_monomial(x))] * multiplicity
        return tuple(roots)

    def modes(self) -> tuple[Mode, ...]:
        """The state at every step as a sum of modes: Newton's form of `K**t` on the spectrum of the map K.

        Repeated eigenvalues are handled by confluent divided differences, so no diagonalisability is assumed.
        """
        nodes = sorted((*self.eigenvalues(), sp.Integer(1)), key=sp.default_sort_key)
        start = self.initial.col_join(ImmutableMatrix([[1]]))
        field, entries = construct_domain([*nodes, *self._augmented(), *start], field=True)
        d = len(nodes)
        embedded = dict(zip(nodes, entries[:d], strict=True))
        augmented = DomainMatrix([entries[d * i : d * (i + 1)] for i in range(1, d + 1)], (d, d), field)
        column = DomainMatrix([[entry] for entry in entries[d * (d + 1) :]], (d, 1), field)
        table: list[_Differences] = [{(node, 0): field.one} for node in nodes]  # of x -> x**t
        result: dict[tuple[Expr, int], DomainMatrix] = {}
        for level, node in enumerate(nodes):
            for key, weight in table[0].items():
                term = column.scalarmul(weight)
                result[key] = result[key] + term if key in result else term
            column = augmented * column - column.scalarmul(embedded[node])
            table = [_difference(table, nodes, i, level + 1, embedded, field) for i in range(len(table) - 1)]
        terms = (Mode(*key, _factored(c.to_dense(), field)) for key, c in result.items())
        return tuple(term for term in terms if any(term.coefficient))

    def at(self, step: Expr = t) -> ImmutableMatrix:
        """The state at a symbolic step, in closed form."""
        total = sp.zeros(len(self.state), 1)
        for mode in self.modes():
            total += mode.at(step)
        return ImmutableMatrix(total)

    def fixed_point(self) -> ImmutableMatrix:
        """The state that maps to itself: the limit wherever the spectral radius is below 1."""
        system = sp.eye(len(self.state)) - self.matrix
        return ImmutableMatrix(system.LUsolve(self.offset).applyfunc(sp.factor))

    def limit(self, component: int = 0) -> Expr:
        """The limit of one component for *numeric* parameters: a number, or `oo` where it diverges."""
        total: Expr = sp.Integer(0)
        for mode in self.modes():
            coefficient = mode.coefficient[component]
            if coefficient == 0 or abs(mode.eigenvalue) < 1:
                continue
            if mode.eigenvalue == 1 and mode.order == 0:
                total += coefficient
            else:
                return DIVERGES
        return total

    def spectral_radius(self, where: Mapping[Symbol, Expr]) -> Expr:
        """The eigenvalue of largest modulus at the parameters `where`.

        This *finds* it; that it is the largest for all parameters is for a claim to prove.
        """
        return max(self.eigenvalues(), key=lambda value: abs(value.subs(where)))

    def threshold(self, variable: Symbol, where: Mapping[Symbol, Expr]) -> Expr:
        """The value of `variable` in (0,1) at which the spectral radius is 1; found at `where`, as above."""
        radius = self.spectral_radius({**where, variable: sp.Rational(1, 2)})
        return root_in_unit_interval(sp.fraction(sp.factor(radius - 1))[0], variable, where)

    def optimum(self, variable: Symbol, where: Mapping[Symbol, Expr], component: int = 0) -> Expr:
        """The stationary point in (0,1) of one component's limit; found at `where`, as above."""
        return root_in_unit_interval(stationary(self.fixed_point()[component], variable), variable, where)

    def latex(self) -> dict[str, str]:
        """LaTeX of the recursion, and of its value at t, eigenvalues and fixed point where it has them."""
        before = ImmutableMatrix([Symbol(f"{latex(name)}_{{t-1}}") for name in self.state])
        formulas = {"recursion": self._equations("t", self.matrix * before + self.offset)}
        formulas["start"] = self._equations("0", self.initial)
        if self.autonomous:
            formulas["value"] = self._equations("t", self.at())
            formulas["eigenvalues"] = r",\; ".join(map(latex, self.eigenvalues()))
        if self.autonomous and 1 not in self.eigenvalues():
            formulas["fixed point"] = self._equations(r"\infty", self.fixed_point())
        return formulas

    def _equations(self, step: str, values: ImmutableMatrix) -> str:
        """Each moment at a step, equated with what it is."""
        pairs = zip(self.state, values, strict=True)
        return r",\qquad ".join(f"{latex(name)}_{{{step}}} = {latex(value)}" for name, value in pairs)

    def reduce(self) -> Recursion:
        """The same recursion without the moments that never leave their initial value.

        Such a moment is a constant of the recursion (E Sigma_t = Sigma with unbiased covariances): its initial
        value is a fixed point of its own closed subsystem. Its value goes into the offset of the others.
        """
        every = range(len(self.state))
        frozen = {i for i in every if sp.cancel(self.update(self.initial)[i] - self.initial[i]) == 0}
        while True:  # shrink to the largest set whose members depend on members only
            leaving = {i for i in frozen if any(self.matrix[i, j] != 0 for j in every if j not in frozen)}
            if not leaving:
                break
            frozen -= leaving
        moving = [i for i in every if i not in frozen]
        offset = [self.offset[i] + sum(self.matrix[i, j] * self.initial[j] for j in frozen) for i in moving]
        return Recursion(
            tuple(self.state[i] for i in moving),
            ImmutableMatrix(self.matrix.extract(moving, moving)),
            ImmutableMatrix(len(moving), 1, [sp.factor(value) for value in offset]),
            ImmutableMatrix(self.initial.extract(moving, [0])),
        )


def affine(state: tuple[Symbol, ...], expressions: Sequence[Expr], start: Sequence[Expr]) -> Recursion:
    """The recursion whose right-hand sides are the given affine expressions of the state.

    >>> e, q = sp.symbols("e q")
    >>> affine((e,), [q * (e + 1)], [e * 0]).fixed_point()[0]
    -q/(q - 1)
    """
    expanded = [sp.expand(e) for e in expressions]
    matrix = [[sp.factor(e.coeff(x, 1)) for x in state] for e in expanded]
    offset = [[sp.factor(e.subs(dict.fromkeys(state, 0)))] for e in expanded]
    column = [[sp.factor(value)] for value in start]
    return Recursion(state, ImmutableMatrix(matrix), ImmutableMatrix(offset), ImmutableMatrix(column))


_Differences = dict[tuple[Expr, int], Any]


def _difference(
    table: list[_Differences], nodes: list[Expr], i: int, order: int, embedded: Mapping[Expr, Any], field: Any
) -> _Differences:
    """The divided difference on nodes i .. i + order, in the basis of modes (eigenvalue, order)."""
    low = nodes[i]
    high = nodes[i + order]
    if low == high:
        return {(low, order): field.one}
    keys = {*table[i], *table[i + 1]}
    span = embedded[high] - embedded[low]
    values = {key: (table[i + 1].get(key, field.zero) - table[i].get(key, field.zero)) / span for key in keys}
    return {key: value for key, value in values.items() if value}


def _factored(column: DomainMatrix, field: Any) -> ImmutableMatrix:
    """The state part of a column over `field`, factored there: far faster than on expressions."""

    def product(polynomial: Any) -> Expr:
        content, factors = polynomial.factor_list()
        return sp.Mul(field.domain.to_sympy(content), *(f.as_expr() ** power for f, power in factors))

    entries = [row[0] for row in column.to_list()[:-1]]
    if field.is_FractionField:
        values = [product(x.numer) / product(x.denom) if x else sp.Integer(0) for x in entries]
    else:
        values = [sp.factor(field.to_sympy(x)) for x in entries]
    return ImmutableMatrix(len(values), 1, values)


def stationary(objective: Expr, variable: Symbol) -> Expr:
    """The numerator of the derivative of a rational objective: its roots are the candidates for an optimum."""
    numerator, _ = sp.fraction(sp.factor(sp.diff(objective, variable)))
    return sp.factor(numerator)


def root_in_unit_interval(polynomial: Expr, variable: Symbol, where: Mapping[Symbol, Expr]) -> Expr:
    """The root of a polynomial's linear and quadratic factors that lies in (0,1) at the parameters `where`.

    This *finds* an optimum; that it is one is proved by the steps of a claim.

    >>> x = Symbol("x")
    >>> root_in_unit_interval(x**2 + x - 1, x, {})
    -1/2 + sqrt(5)/2
    """
    roots: list[Expr] = []
    for factor, _ in sp.factor_list(polynomial, variable)[1]:
        poly = sp.Poly(factor, variable)
        c, b, a = (poly.coeff_monomial(variable**power) for power in range(3))
        if a == 0:
            roots.append(-c / b)
            continue
        discriminant = sp.expand(b**2 - 4 * a * c)
        if sp.gcd(discriminant, a).free_symbols:  # the root simplifies with the denominator under it
            reach = sp.sqrt(sp.cancel(discriminant / (4 * a**2)))
        else:
            reach = sp.sqrt(discriminant) / (2 * a)
        roots += [-b / (2 * a) + reach, -b / (2 * a) - reach]
    inside = [root for root in roots if (value := root.subs(where)).is_real and 0 < value < 1]
    if len(inside) != 1:
        raise ValueError(f"{polynomial} has {len(inside)} roots in (0,1), where one was expected")
    return sp.expand(inside[0])


def value_at_infinity(expression: Expr, variable: Symbol) -> Expr:
    """The exact limit of a rational function as `variable` grows: its value at x = 0 in x = 1/variable.

    Raises ValueError where the limit is not finite.

    >>> from nocollapse.theory.symbols import n, m
    >>> value_at_infinity((n * m + 1) / (2 * n + 3), n)
    m/2
    """
    x = sp.Dummy("x", positive=True)
    numerator, denominator = sp.fraction(sp.cancel(sp.together(expression.subs(variable, 1 / x))))
    if denominator.subs(x, 0) == 0:
        raise ValueError(f"{expression} has no finite limit as {variable} grows")
    return sp.factor(numerator.subs(x, 0) / denominator.subs(x, 0))
