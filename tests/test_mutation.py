"""`python -m benchmarks.mutation`: which tests a changed line meets, what counts as killed, and what is changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.mutation.order import Order, sources
from benchmarks.mutation.trial import KILLED, SURVIVED, TIMED_OUT, failing, trial

ROOT = Path(__file__).parents[1]
HALF = "def half(x):\n    return x / 2\n"


@pytest.fixture(scope="module")
def order() -> Order:
    return Order(ROOT)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with one function, a test that holds it and one that does not."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "halving.py").write_text(HALF)
    (tmp_path / "test_six.py").write_text("from halving import half\n\ndef test_six():\n    assert half(6) == 3\n")
    (tmp_path / "test_zero.py").write_text("from halving import half\n\ndef test_zero():\n    assert half(0) == 0\n")
    return tmp_path


def test_a_file_s_own_tests_come_first_and_its_room_s_others_follow(order: Order) -> None:
    tests = order.tests("theory", ROOT / "theory/recursion.py")
    assert tests[:2] == ["src/nocollapse/theory/recursion.py", "tests/theory/test_recursion.py"]
    assert {f"tests/theory/{path.name}" for path in (ROOT / "tests/theory").glob("test_*.py")} < set(tests)


def test_what_the_front_links_to_is_not_its_own() -> None:
    front = sources(ROOT)["front"]
    assert ROOT / "src/nocollapse/cli/main.py" in front
    assert not {"theory", "numerics", "reports"} & {
        path.relative_to(ROOT / "src/nocollapse").parts[0] for path in front
    }


def test_what_a_kernel_may_have_compiled_in_is_compiled_anew(order: Order) -> None:
    assert order.compiled(ROOT / "numerics/simulation/gaussian/kernels.py")
    assert not order.compiled(ROOT / "src/nocollapse/cli/main.py")


@pytest.mark.parametrize(
    ("change", "tests", "outcome", "killer"),
    [
        (("/ 2", "/ 3"), ["test_zero.py", "test_six.py"], KILLED, "test_six.py::test_six"),
        (("/ 2", "/ 3"), ["test_zero.py"], SURVIVED, ""),
        (("return", "while True: 0 #"), ["test_zero.py"], TIMED_OUT, ""),
        (("def", "deff"), ["test_zero.py"], KILLED, "test_zero.py"),
    ],
)
def test_a_mutant_is_killed_by_the_test_that_fails(
    copy: Path, change: tuple[str, str], tests: list[str], outcome: str, killer: str
) -> None:
    before = os.stat(copy / "src/halving.py")
    limit = 3 if outcome == TIMED_OUT else 60
    result = trial(copy, "src/halving.py", HALF.replace(*change), tests, limit, copy)
    assert (result.outcome, result.killer) == (outcome, killer)
    assert (copy / "src/halving.py").read_text() == HALF
    assert os.stat(copy / "src/halving.py").st_mtime_ns == before.st_mtime_ns


def test_a_test_that_fails_anyway_kills_nothing(copy: Path) -> None:
    (copy / "test_six.py").write_text("def test_six():\n    assert False\n")
    assert failing(copy, ["test_six.py::test_six", "test_zero.py::test_zero"], 10, copy) == {"test_six.py::test_six"}


def test_texts_and_calls_are_changed_as_well() -> None:
    mutating = pytest.importorskip("cosmic_ray.mutating")
    from benchmarks.mutation.operators import ChangeText, DropCall

    source = "def f(x):\n    print(x)\n    return f'{x} of' + r'ten'\n"
    texts = [mutating.mutate_code(source, ChangeText(), index) for index in range(3)]
    assert texts == [source.replace(" of", "XX of"), source.replace("r'ten", "r'XXten"), None]
    assert mutating.mutate_code(source, DropCall(), 0) == source.replace("print(x)", "pass")
    assert mutating.mutate_code(source, DropCall(), 1) is None


def test_a_change_of_no_more_than_an_annotation_or_a_docstring_is_none() -> None:
    pytest.importorskip("cosmic_ray")
    from benchmarks.mutation.mutants import _program

    one = "def f(x: int) -> int:\n    'one'\n    y: int = x\n    return y\n"
    assert _program(one) == _program(one.replace("int", "str").replace("one", "two"))
    assert _program(one) != _program(one.replace("= x", "= 0"))


def test_a_mutant_that_meets_no_test_has_not_survived(copy: Path) -> None:
    (copy / "test_zero.py").write_text("from halving import half\n")
    with pytest.raises(RuntimeError, match="names no test"):
        trial(copy, "src/halving.py", HALF, ["test_zero.py"], 10, copy)
