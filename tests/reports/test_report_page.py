from __future__ import annotations

import base64
import copy
import hashlib
import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from nocollapse.citation import PAPER
from nocollapse.reports.figures import svg
from nocollapse.reports.latex.line_breaks import terms
from nocollapse.reports.numbers import count
from nocollapse.reports.page import page

VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}
HOSTILE = "<script>alert(1)</script> \"'&<b onclick=x>"


class Outline(HTMLParser):
    """Collects ids, references and formulas of a page, and insists that every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.sources: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert value is not None or name in ("open", "hidden")
            assert not name.startswith("on")
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src", "xlink:href", "aria-labelledby", "for"):
                self.references += (value or "").split()
            elif name == "data-latex":
                self.sources.append(value or "")


def rendered(document: Any) -> str:
    return page(document, {figure["id"]: svg(figure) for figure in document["figures"]})


def formulas_of(document: Any) -> list[str]:
    """Those on lines of their own."""
    formulas = [claim[part] for claim in document["claims"] for part in ("statement", "result")]
    formulas += [step["latex"] for claim in document["claims"] for step in claim["steps"]]
    for verdict in document["verdicts"]:
        formulas += [item["statement"] for part in ("certificates", "obligations") for item in verdict.get(part, [])]
        formulas += [m["expression"] for m in verdict.get("mutants", []) if m["outcome"] != "killed"]
    return formulas + [model["unit"] for model in document["explorer"]["models"]]


def test_the_page_is_well_formed_and_every_reference_stays_inside(document: Any) -> None:
    outline = Outline(rendered(document))
    assert len(outline.ids) == len(set(outline.ids))
    targets = set(outline.ids)
    for reference in outline.references:
        if reference == PAPER.address:
            continue
        assert reference.removeprefix("#") in targets


def test_the_page_asks_nothing_of_the_network(document: Any) -> None:
    text = rendered(document)
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", text))
    names = {"http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}  # not addresses
    assert addresses <= {PAPER.address, *names}  # which a reader may follow, and the page does not fetch
    assert "url(http" not in text
    assert "@import" not in text
    assert not {"link", "img", "iframe", "object"} & set(Outline(text).tags)


def test_the_policy_allows_this_script_and_no_other(document: Any) -> None:
    text = rendered(document)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert html.unescape(policy).startswith(f"default-src 'none'; script-src 'sha256-{digest}';")


@pytest.mark.parametrize(
    "code",
    ["alert(1)", "alert (1)", "(alert)(1)", "n/m</script>", "n; m", "document.title", "`n`", "Math.constructor(n)",
     "1.n", "n => m", "n = 1", "[n]", "'n'", "n//m", "n/*m", ""],
)  # fmt: skip
def test_a_formula_that_is_not_arithmetic_never_becomes_code(document: Any, code: str) -> None:
    document["explorer"]["models"][0]["limit"] = code
    with pytest.raises(ValueError, match="plain arithmetic"):
        rendered(document)


def test_a_parameter_that_is_no_letter_never_becomes_code(document: Any) -> None:
    document["explorer"]["parameters"][0]["name"] = "n = alert(1)"
    with pytest.raises(ValueError, match="not the name of a parameter"):
        rendered(document)


def test_the_evidence_fills_its_findings(document: Any) -> None:
    text = rendered(document)
    assert f"There are {count(48842)} rows, a share of 6.25\u00a0% of them complete" in text
    assert '<a href="#mean.error-weight">an error</a>' in text
    assert "#cdf.error" not in text  # no link to what is not here
    document["findings"] = []
    assert "Findings" not in rendered(document)


def test_without_models_there_is_no_explorer(document: Any) -> None:
    document["explorer"] = None
    assert "xplorer" not in re.sub(r"<style>.*?</style>", "", rendered(document), flags=re.DOTALL)


def test_each_claim_lists_its_neighbours_on_the_map(document: Any) -> None:
    text = rendered(document)
    start = text.index('<section class="claim" id="mean.error"')
    assert "the mean&#39;s recursion" in text[start : text.index("Derivation", start)]
    document["map"]["edges"].append(["mean.error", "mean.blue"])
    with pytest.raises(ValueError, match=r"'mean\.blue'"):
        rendered(document)


def test_every_claim_and_verdict_has_its_permanent_anchor(document: Any) -> None:
    ids = Outline(rendered(document)).ids
    assert {claim["id"] for claim in document["claims"]} <= set(ids)
    assert {f"{verdict['claim']}/{verdict['kind']}" for verdict in document["verdicts"]} <= set(ids)


def test_every_formula_is_there_as_mathml(document: Any) -> None:
    outline = Outline(rendered(document))
    assert sorted(outline.sources) == sorted(formulas_of(document))
    blocks = sum(1 if len(source) <= 160 else len(terms(source)) for source in outline.sources)
    assert outline.tags.count("math") == blocks + sum(text.count("$") // 2 for text in _prose(document))


def _prose(document: Any) -> list[str]:
    """All that is printed as prose, as often as it is printed; a mutant's edit between dollars."""
    mutants = [(v["claim"], mutant) for v in document["verdicts"] for mutant in v.get("mutants", ())]
    explorer = document["explorer"]
    return [
        *_strings({**document, "explorer": None}),
        *(claim["summary"] for claim in document["claims"]),  # in the table too
        *(v["reason"] for v in document["verdicts"] if v["status"] in ("REFUTED", "INCONCLUSIVE")),  # on top too
        *{f"{claim} {mutant['operator']}" for claim, mutant in mutants},  # in the matrix too
        *(f"${mutant[key]}$" for _, mutant in mutants for key in ("edit", "part") if mutant[key]),
        *{f"{claim} ${mutant['part']}$" for claim, mutant in mutants if mutant["part"]},  # heads of the matrix
        *{f"{claim} $s_t$" for claim, mutant in mutants if mutant["part"]},  # its recursion
        *(f["title"] for f in document["findings"]),  # on top too
        *(a["sentence"] for a in document["assumptions"] for _ in a["claims"]),  # beneath the claims too
        *(f"${letter}$" for letter in _letters(document) if not letter.isalpha()),
        *(row["value"] for f in document["findings"] for row in f["evidence"] if row["key"] and row["form"] == "prose"),
        *(f"${symbol['latex']}$" for claim in document["claims"] for symbol in claim["symbols"]),
        *(model["note"] for model in explorer["models"]),
        *(parameter["words"] for parameter in explorer["parameters"]),
    ]


def _letters(document: Any) -> list[str]:
    """The parameters of all simulated points."""
    points = [point for v in document["verdicts"] for point in v.get("points", ())]
    return [document["parameters"][name] for point in points for name in point["parameters"]]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _strings(list(value.values()))
    if isinstance(value, list):
        return [text for child in value for text in _strings(child)]
    return []


def test_text_is_escaped_wherever_it_comes_from(document: Any) -> None:
    def poisoned(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: poisoned(child, name) for name, child in value.items()}
        if isinstance(value, list):
            return [poisoned(child, key) for child in value]
        if key in ("matrix", "offset", "initial", "limit", "optimum", "threshold", "best", "pooled", "ratio"):
            return value
        formulas = ("statement", "latex", "result", "expression", "edit", "part", "unit", *document["parameters"])
        if key in formulas and isinstance(value, str):
            return value + r"\text{" + HOSTILE.replace("&", r"\&") + "}"
        structural = ("id", "claim", "kind", "status", "outcome", "test", "form", "name", "key", "nodes", "edges",
                      "compared_with", "rests_on", "claims")  # fmt: skip
        return value + HOSTILE if isinstance(value, str) and key not in structural else value

    figures = {f["id"]: svg(f | {"title": HOSTILE, "x": HOSTILE}) for f in document["figures"]}
    document["findings"][0]["evidence"][2]["form"] = "prose"
    document["findings"][0]["evidence"][2]["value"] = HOSTILE
    outline = Outline(page(poisoned(document), figures))
    assert outline.tags.count("script") == 1
    assert "b" not in outline.tags


def test_the_kill_matrix_counts_what_became_of_each_edit_in_each_part(document: Any) -> None:
    text = rendered(document)
    matrix = text[text.index('aria-label="Kill matrix of mean.error"') :]
    heads = re.findall(r'<th scope="col">(.*?)</th>', matrix[: matrix.index("</thead>")])
    assert [re.sub("<.*?>", "", head) for head in heads] == ["Edit", "in the result", "in (c)1", "in M11"]
    row = matrix[matrix.index('<th scope="row">flip a sign</th>') :]
    cells = re.findall("<td>(.*?)</td>", row[: row.index("</tr>")])
    assert [re.sub("<.*?>", "", cell) for cell in cells] == ["▣1 equal■2 killed", "", ""]


def test_the_top_says_what_was_found_and_how_much_lies_behind_it(document: Any) -> None:
    text = rendered(document)
    top = text[text.index('<header class="top">') : text.index('id="findings"')]
    assert '<a href="#finding/rows">' in top
    assert re.findall(r"<strong>(\d+)</strong> (wrong versions|survivors)", top) == [
        ("16", "wrong versions"),
        ("1", "survivors"),
    ]
    assert all(f'<a href="#{claim["id"]}" class="' in top for claim in document["claims"])
    finding = text[text.index('<li id="finding/rows">') :]
    assert '<a href="#mean.error"><code>mean.error</code></a>' in finding[: finding.index("</p>")]


def test_nothing_refuted_is_called_open_and_not_wrong(document: Any) -> None:
    assert "What does not hold" in rendered(document)
    for verdict in document["verdicts"]:
        verdict["status"] = "INCONCLUSIVE" if verdict["status"] == "REFUTED" else verdict["status"]
    text = rendered(document)
    assert "What does not hold" not in text
    assert "What is open" in text


def test_a_long_table_of_points_is_folded_unless_it_does_not_agree(document: Any) -> None:
    (row,) = (v for v in document["verdicts"] if (v["claim"], v["kind"]) == ("mean.error", "simulation"))
    assert "All 18 points" not in rendered(document)
    row["points"] = 3 * row["points"]
    assert re.search(r'<details class="printed">\n<summary>All 18 points', rendered(document))
    row["status"] = "INCONCLUSIVE"
    assert re.search(r'<details class="printed" open>\n<summary>All 18 points', rendered(document))


def test_the_page_opens_with_the_answer(document: Any) -> None:
    assert "<h1>1 of 3 claims is refuted.</h1>" in rendered(document)
    document["verdicts"] = [v for v in document["verdicts"] if v["status"] in ("PROVED", "SUPPORTED")]
    document["assumptions"] = []
    document["claims"] = [c for c in document["claims"] if c["id"] != "covariance.error"]
    document["figures"] = [f for f in document["figures"] if f["claim"] != "covariance.error"]
    document["map"]["nodes"] = [n for n in document["map"]["nodes"] if n["id"] != "covariance.error"]
    document["map"]["edges"] = [e for e in document["map"]["edges"] if "covariance.error" not in e]
    document["explorer"]["models"] = document["explorer"]["models"][:1]
    text = rendered(document)
    assert "<h1>All 2 claims hold.</h1>" in text
    assert "What does not hold" not in text


def test_the_page_shows_what_is_assumed_on_top_beneath_the_claim_and_in_a_section(document: Any) -> None:
    text = rendered(document)
    top = text[text.index('<header class="top">') : text.index("</header>")]
    assert '<a href="#assumption/interchange"><code>interchange</code></a>' in top
    assert re.search(r"<strong>1</strong> assumption\n?</li>", top)
    section = text[text.index('<section id="assumed"') : text.index('<section id="map"')]
    assert '<li id="assumption/interchange">' in section
    assert "<dt>Tested by</dt><dd>nothing</dd>" in section
    assert '<a href="#mean.optimal-weight"><code>mean.optimal-weight</code></a>' in section
    claim = text[text.index('<section class="claim" id="mean.optimal-weight"') :]
    assert '<section class="evidence" id="mean.optimal-weight/assumption">' in claim
    document["assumptions"] = []
    document["verdicts"] = [verdict for verdict in document["verdicts"] if verdict["kind"] != "assumption"]
    assert 'id="assumed"' not in rendered(document)


def test_each_claim_says_what_its_derived_expression_is_compared_with(document: Any) -> None:
    words = re.findall(r'<p class="compared">.* is <strong>(.*)</strong>', rendered(document))
    assert words == ["as published (reconstructed)", "ours", "the user&#39;s own"]


def test_the_same_document_gives_the_same_page(document: Any) -> None:
    assert rendered(document) == rendered(copy.deepcopy(document))


def test_a_long_table_of_mutants_is_folded(document: Any) -> None:
    text = rendered(document)
    assert len(re.findall("<details>", text)) == 1
    assert len(re.findall('<details class="printed">', text)) == len(document["findings"])
    assert len(re.findall("<details open>", text)) == 2


def test_a_formula_that_cannot_be_shown_is_named(document: Any) -> None:
    document["claims"][0]["result"] = r"\nonsense{x}"
    with pytest.raises(ValueError, match=r"nonsense"):
        rendered(document)
