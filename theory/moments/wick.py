"""Moments of Gaussian sample covariances by Wick's theorem, for any product of traces of words.

A trace polynomial is a dict from monomials to coefficients. A monomial is a sorted tuple of words, a word a tuple
of letters (names of symmetric matrices) standing for the trace of their product: `(("S", "S"), ("S",))` is
tr(S S) tr(S). Words are taken up to rotation and reversal, which leave such a trace unchanged.

Source: Isserlis (1918), E[z_1 ... z_2r] = sum over pairings of products of covariances, for centred Gaussians.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import sympy as sp
from sympy import Expr

Word = tuple[str, ...]
Monomial = tuple[Word, ...]
TracePolynomial = dict[Monomial, Expr]


def canonical(word: Word) -> Word:
    """The smallest rotation of a word or of its reversal.

    >>> canonical(("S", "A", "R"))
    ('A', 'R', 'S')
    """
    turns = [w[i:] + w[:i] for w in (word, word[::-1]) for i in range(max(len(w), 1))]
    return min(turns)


def monomial(*words: Word) -> Monomial:
    """The product of the traces of the words, in canonical form."""
    return tuple(sorted(canonical(word) for word in words))


def collect(terms: Iterator[tuple[Monomial, Expr]]) -> TracePolynomial:
    """The polynomial of the terms: equal monomials added, zero coefficients dropped."""
    total: TracePolynomial = {}
    for key, coefficient in terms:
        total[key] = total.get(key, sp.Integer(0)) + coefficient
    factored = {key: sp.factor(coefficient) for key, coefficient in total.items()}
    return {key: coefficient for key, coefficient in factored.items() if coefficient != 0}


def substitute(poly: TracePolynomial, letter: str, combination: Mapping[str, Expr]) -> TracePolynomial:
    """The polynomial with `letter` replaced by a linear combination of letters, expanded."""

    def terms() -> Iterator[tuple[Monomial, Expr]]:
        for key, coefficient in poly.items():
            places = sum(word.count(letter) for word in key)
            for choice in product(combination, repeat=places):
                letters = iter(choice)
                words = [tuple(next(letters) if x == letter else x for x in word) for word in key]
                factor = sp.prod([combination[name] for name in choice])
                yield monomial(*words), coefficient * factor

    return collect(terms())


def pairings(items: tuple[int, ...]) -> Iterator[tuple[tuple[int, int], ...]]:
    """All ways to split an even number of items into pairs: (2r-1)!! of them.

    >>> sum(1 for _ in pairings(tuple(range(8))))
    105
    """
    if not items:
        yield ()
        return
    first, *rest = items
    for i, partner in enumerate(rest):
        for others in pairings(tuple(rest[:i] + rest[i + 1 :])):
            yield ((first, partner), *others)


def expect(poly: TracePolynomial, letter: str, scale: str, dof: Expr, divisor: Expr) -> TracePolynomial:
    """The expectation over `letter = (1/divisor) sum_{a<=dof} z_a z_a'`, the z_a iid N(0, `scale`).

    Every other letter is held fixed. `dof` and `divisor` may be symbolic. A pairing of the 2r Gaussian factors
    contributes dof**(number of free sample indices), times the traces of the words its contractions close up to.
    """

    def terms() -> Iterator[tuple[Monomial, Expr]]:
        for key, coefficient in poly.items():
            fixed = [word for word in key if letter not in word]
            forward, backward, order = _segments([word for word in key if letter in word], letter)
            for pairing in pairings(tuple(range(2 * order))):
                words = _contract(pairing, forward, backward, scale)
                free = _components(pairing, order)
                yield monomial(*fixed, *words), coefficient * dof**free / divisor**order

    return collect(terms())


Segments = dict[int, tuple[Word, int]]


def _segments(words: list[Word], letter: str) -> tuple[Segments, Segments, int]:
    """What stands between the Gaussian factors: slot 2i is the left, 2i+1 the right factor of occurrence i."""
    forward: Segments = {}
    backward: Segments = {}
    count = 0
    for word in words:
        start = word.index(letter)
        turned = word[start:] + word[:start]
        places = [i for i, x in enumerate(turned) if x == letter]
        for j, place in enumerate(places):
            end = places[j + 1] if j + 1 < len(places) else len(turned)
            between = turned[place + 1 : end]
            left = 2 * (count + (j + 1) % len(places))
            right = 2 * (count + j) + 1
            forward[right] = (between, left)
            backward[left] = (between[::-1], right)
        count += len(places)
    return forward, backward, count


def _contract(pairing: tuple[tuple[int, int], ...], forward: Segments, backward: Segments, scale: str) -> list[Word]:
    """The words that a pairing closes up to: each pair inserts the scale matrix between two segments."""
    partner = {a: b for pair in pairing for a, b in (pair, pair[::-1])}
    unseen = set(forward)
    words: list[Word] = []
    while unseen:
        start = min(unseen)
        slot = start
        word: Word = ()
        while True:
            between, end = forward[slot] if slot % 2 else backward[slot]
            unseen.discard(slot if slot % 2 else end)
            word += (*between, scale)
            slot = partner[end]
            if slot == start:
                break
        words.append(word)
    return words


def _components(pairing: tuple[tuple[int, int], ...], order: int) -> int:
    """The number of sample indices left free when paired factors must share theirs."""
    label = list(range(order))
    for a, b in pairing:
        low, high = sorted((label[a // 2], label[b // 2]))
        label = [low if x == high else x for x in label]
    return len(set(label))
