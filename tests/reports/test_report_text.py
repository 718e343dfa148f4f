"""Formulas, prose, line breaks and the arrangement by claim."""

from __future__ import annotations

from typing import Any

import pytest

from nocollapse.document import Status
from nocollapse.reports.contents import contents, standing
from nocollapse.reports.inline_math import pieces
from nocollapse.reports.latex.line_breaks import terms
from nocollapse.reports.page.mathml import mathml


@pytest.mark.parametrize(
    "latex",
    [
        "",
        " ",
        r"\frac{1}{",
        r"\foo{x}",
        "a & b",
        r"\href{javascript:x}{y}",
        r"\style{color:red}{y}",
        r"\operatorname*{arg}_w x",
    ],
)
def test_what_has_no_mathml_is_refused(latex: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        mathml(latex)


def test_markup_inside_a_formula_stays_text() -> None:
    assert "<mtext>&lt;b&gt;</mtext>" in mathml(r"\text{<b>}")


@pytest.mark.parametrize(
    ("latex", "fragment"),
    [
        (r"\left(1 - w\right)^{2}", 'stretchy="false"'),
        (r"\left(\frac{1}{w}\right)^{2}", "<mo>(</mo><mfrac>"),
        (r"\mathrm{Err}", '<mi mathvariant="normal">Err</mi>'),
        (r"\Sigma_{t}", '<mi mathvariant="normal">Σ</mi>'),
        (r"x \sim y", "<mo>\u223c</mo>"),
        (r"2 \operatorname{tr} A", '<mo lspace="0.1667em" rspace="0.1667em">tr</mo>'),
        (r"= \operatorname{tr}{\left(A \right)}", '<mo lspace="0" rspace="0">tr</mo>'),
        (r"\begin{aligned}a &= b\end{aligned}", "<mtable"),
    ],
)
def test_formulas_are_spaced_as_tex_would(latex: str, fragment: str) -> None:
    assert fragment in mathml(latex)


def test_limits_go_below_in_a_display_only() -> None:
    assert "<munder>" in mathml(r"\lim_{t} x", "block")
    assert "<munder>" not in mathml(r"\lim_{t} x")


@pytest.mark.parametrize(
    ("latex", "pieces"),
    [
        ("a", ["a"]),
        ("-a - b", ["-a", "{}- b"]),
        (r"a = -b + c", ["a", "{}= -b", "{}+ c"]),
        (r"\left(a + b\right]_{i = 1} \leq (c - d)", [r"\left(a + b\right]_{i = 1}", r"{}\leq (c - d)"]),
        (r"\begin{matrix}a + b & c\end{matrix}", [r"\begin{matrix}a + b & c\end{matrix}"]),
        (r"x_+ \cdot -y", [r"x_+ \cdot -y"]),
        (r"a, \quad b", [r"a, \quad", "{}b"]),
        (r"a \leftarrow b", [r"a \leftarrow b"]),
        (r"\|a - b\|^2 = \|c\| + d", [r"\|a - b\|^2", r"{}= \|c\|", "{}+ d"]),
    ],
)
def test_lines_break_at_the_outermost_level_only(latex: str, pieces: list[str]) -> None:
    assert terms(latex) == pieces


def test_prose_keeps_dollar_signs_and_refuses_half_a_formula() -> None:
    assert [tuple(piece) for piece in pieces(r"5 \$ for $x$")] == [("5 $ for ", False), ("x", True)]
    assert pieces("") == []
    with pytest.raises(ValueError, match="without a partner"):
        pieces("5 $ for x")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "INCONCLUSIVE"),
        (["PROVED", "SUPPORTED"], "PROVED"),
        (["SUPPORTED"], "SUPPORTED"),
        (["PROVED", "INCONCLUSIVE"], "INCONCLUSIVE"),
        (["PROVED", "ASSUMED", "SUPPORTED"], "ASSUMED"),
        (["ASSUMED", "INCONCLUSIVE", "PROVED"], "INCONCLUSIVE"),
        (["ASSUMED", "REFUTED", "PROVED"], "REFUTED"),
        (["INCONCLUSIVE", "REFUTED", "PROVED"], "REFUTED"),
    ],
)
def test_a_claim_stands_no_better_than_its_worst_verdict(statuses: list[Status], expected: Status) -> None:
    assert standing(statuses) == expected


@pytest.mark.parametrize(
    ("status", "exit_status", "headline"),
    [
        ("REFUTED", 1, "1 of 3 claims is refuted."),
        ("INCONCLUSIVE", 3, "Nothing is refuted, but 1 of 3 claims is inconclusive."),
        ("SUPPORTED", 0, "All 3 claims hold; 1 of them rests on 1 assumption."),
    ],
)
def test_the_exit_status_follows_the_verdicts(document: Any, status: str, exit_status: int, headline: str) -> None:
    for verdict in document["verdicts"]:
        verdict["status"] = "ASSUMED" if verdict["kind"] == "assumption" else "PROVED"
    document["verdicts"][0]["status"] = status
    arranged = contents(document)
    assert (arranged.exit_status, arranged.headline) == (exit_status, headline)


def test_nothing_checked_is_not_a_pass(document: Any) -> None:
    document |= {"claims": [], "assumptions": [], "verdicts": [], "figures": [], "map": {"nodes": [], "edges": []}}
    arranged = contents(document)
    assert (arranged.exit_status, arranged.headline) == (3, "No claim was checked.")


def test_the_headline_counts_claims_that_rest_on_assumptions(document: Any) -> None:
    for verdict in document["verdicts"]:
        verdict["status"] = "ASSUMED" if verdict["kind"] == "assumption" else "PROVED"
    second = {**document["assumptions"][0], "id": "second", "claims": ["mean.error", "mean.optimal-weight"]}
    document["assumptions"].append(second)
    (row,) = (verdict for verdict in document["verdicts"] if verdict["kind"] == "assumption")
    document["verdicts"].append({**row, "claim": "mean.error", "rests_on": ["second"]})
    row["rests_on"].append("second")
    second["claims"] = [verdict["claim"] for verdict in document["verdicts"] if verdict["kind"] == "assumption"]
    arranged = contents(document)
    assert arranged.headline == "All 3 claims hold; 2 of them rest on 2 assumptions."
    assert [claim.standing for claim in arranged.claims] == ["ASSUMED", "ASSUMED", "PROVED"]
    assert arranged.tally() == [("PROVED", 1), ("ASSUMED", 2)]
    assert arranged.tally("assumption") == [("ASSUMED", 2)]
    assert arranged.exit_status == 0


def test_a_claim_that_is_named_by_no_verdict_does_not_rest_on_an_assumption(document: Any) -> None:
    document["assumptions"][0]["claims"] = ["mean.error"]
    with pytest.raises(ValueError, match="assumption 'interchange' is not listed with the claims whose verdicts name"):
        contents(document)


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("verdicts", {"claim": "no.such"}, "no.such"),
        ("verdicts", {"kind": "rumour"}, "rumour"),
        ("verdicts", {"status": "FINE"}, "FINE"),
        ("figures", {"claim": "no.such"}, "no.such"),
        ("verdicts", {}, "two verdicts"),
        ("figures", {}, "twice"),
        ("claims", {}, "twice"),
        ("assumptions", {}, "twice"),
        ("assumptions", {"id": "nobody's"}, "nobody's"),
    ],
)
def test_a_document_that_does_not_hang_together_is_refused(
    document: Any, part: str, change: dict[str, str], message: str
) -> None:
    document[part].append({**document[part][0], **change})
    with pytest.raises(ValueError, match=message):
        contents(document)
