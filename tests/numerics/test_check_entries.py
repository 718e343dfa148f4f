"""Checks are found by the ids that stand on them, and no id stands on two."""

import pytest

from nocollapse.numerics.checks import CHECKS, mean
from nocollapse.numerics.checks.design import Check
from nocollapse.numerics.checks.entry import CheckEntry, check, collected


@check("a.claim")
def a_claim() -> Check:
    """A check of nothing."""
    return Check(runs=(), remark="nothing")


def test_a_decorated_function_is_an_entry_that_builds_its_check() -> None:
    assert isinstance(a_claim, CheckEntry)
    assert a_claim.id == "a.claim"
    assert a_claim().remark == "nothing"


def test_a_namespace_gives_its_entries_and_nothing_else() -> None:
    assert collected(globals()) == {"a.claim": a_claim}
    assert collected({"an imported name": a_claim, "its own": a_claim, "a number": 3}) == {"a.claim": a_claim}


def test_decorating_registers_nothing() -> None:
    assert "a.claim" not in CHECKS


def test_two_checks_of_one_claim_are_an_error() -> None:
    other = check("a.claim")(lambda: Check(runs=()))
    for namespaces in ([{"one": a_claim, "other": other}], [{"one": a_claim}, {"other": other}]):
        with pytest.raises(ValueError, match=r"a\.claim has two checks"):
            collected(*namespaces)


def test_the_entry_of_a_claim_is_the_one_of_its_module() -> None:
    assert CHECKS["mean.error"] is mean.mean_error
    assert all(entry.id == identifier for identifier, entry in CHECKS.items())
