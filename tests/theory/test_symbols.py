"""What is printed can be read back: a parser of other people's finds the very expression in the LaTeX."""

import re
from collections.abc import Iterable
from functools import cache

import pytest
import sympy as sp
from sympy.parsing.latex import parse_latex

from nocollapse.theory.claims.registry import CLAIMS, claim_of
from nocollapse.theory.proof.certificates import zero_in_flint
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import latex

CONSTANTS = {sp.Symbol("e"): sp.E, sp.Symbol("pi"): sp.pi}


@cache
def read(text: str, symbols: frozenset[sp.Symbol]) -> sp.Expr:
    """The expression that LaTeX in these symbols means.

    The parser is told which letters are symbols, as a reader is by the glossary: it knows no tr, and w(1 - w) would be
    the value of a function to it.
    """
    names = {latex(symbol): symbol for symbol in symbols}
    places = {name: f"x_{{{i}}}" for i, name in enumerate(names)}
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    token = re.compile("|".join([*longest_first, r"\\[a-z]+", "."]))
    marked = token.sub(lambda match: f"{{{places[match[0]]}}}" if match[0] in places else match[0], text)
    meant = {sp.Symbol(place): names[name] for name, place in places.items()}
    return parse_latex(marked, backend="antlr").subs(CONSTANTS | meant)


def check(expressions: Iterable[sp.Expr]) -> None:
    """What is read differs from what was printed by the zero polynomial."""
    for expression in expressions:
        read_back = read(latex(expression), frozenset(expression.free_symbols))
        assert zero_in_flint(Step("", read_back, expression)), latex(expression)


@pytest.mark.parametrize("identifier", CLAIMS)
def test_a_claim_and_its_recursion_read_back_as_they_were(identifier: str) -> None:
    stated = claim_of(identifier)
    check((stated.published, stated.derived))
    if stated.recursion is not None:
        check((*stated.recursion.matrix, *stated.recursion.offset, *stated.recursion.initial))


@pytest.mark.slow
@pytest.mark.parametrize("identifier", CLAIMS)
def test_what_follows_from_a_recursion_reads_back_as_it_was(identifier: str) -> None:
    recursion = claim_of(identifier).recursion
    if recursion is not None and recursion.autonomous:
        check((*recursion.at(), *recursion.eigenvalues()))
        check(() if 1 in recursion.eigenvalues() else recursion.fixed_point())


def test_another_expression_does_not_pass() -> None:
    w, m = sp.symbols("w m")
    with pytest.raises(AssertionError):
        assert zero_in_flint(Step("", read(latex(w * (1 - w) ** 2 / m), frozenset({w, m})), w * (1 - w) / m))


@pytest.mark.parametrize(
    ("symbol", "printed"),
    [
        ("w^*(k)", "w^*(k)"),
        (r"(\alpha_i^*, \beta_j^*)", r"(\alpha_i^*, \beta_j^*)"),
        ("P_1", "P_{1}"),
        ("delta", r"\delta"),
    ],
)
def test_a_name_that_is_latex_is_printed_as_it_is(symbol: str, printed: str) -> None:
    assert latex(sp.Symbol(symbol)) == printed
