"""The page in a real browser: nothing leaves it, everything on it works, and it is accessible."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from sympy import Rational

from nocollapse.citation import PAPER
from nocollapse.numerics.figures import explorer
from nocollapse.reports.figures import svg
from nocollapse.reports.page import page as render
from nocollapse.theory.answers.evaluate import evaluate
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.proof import dependencies, verdicts
from nocollapse.theory.symbols import k, m, n

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def addresses(example: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two pages: the example with every kind of evidence, and the explorer with all of its models."""
    claims = [model.claim for model in explorer.MODELS]
    models: Any = {
        **example,
        "claims": [verdicts.described(identifier) for identifier in claims],
        "assumptions": [],
        "verdicts": [],
        "figures": [],
        "tables": [],
        "findings": [],
        "map": asdict(dependencies.theory_map(claims)),
        "explorer": explorer.explorer(claims),
    }
    addressed = {}
    for name, document in (("report", example), ("models", models)):
        path = tmp_path_factory.mktemp(name) / "index.html"
        path.write_text(render(document, {f["id"]: svg(f) for f in document["figures"]}), encoding="utf-8")
        addressed[name] = path.as_uri()
    return addressed


class Visit:
    """A page opened in a context of its own, with all that it asked for and complained about."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)


@pytest.fixture
def visit(browser: Any, addresses: dict[str, str]) -> Iterator[Any]:
    """Opens a page by name; at the end nothing may have been asked of anyone else, or gone wrong."""
    opened: list[tuple[Visit, str]] = []

    def go(name: str, fragment: str = "", **options: Any) -> Any:
        opening = Visit(browser, addresses[name] + fragment, **options)
        opened.append((opening, addresses[name]))
        return opening.page

    yield go
    for opening, address in opened:
        assert {request.partition("#")[0] for request in opening.requests} == {address}
        assert opening.complaints == []
        opening.context.close()


def test_every_link_leads_somewhere_on_the_page(visit: Any) -> None:
    dangling = """() => [...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")).filter(
        (href) => !href.startsWith("#explore?") && !document.getElementById(decodeURIComponent(href.slice(1))))"""
    for name in ("report", "models"):
        assert visit(name).evaluate(dangling) == [PAPER.address]  # the one that leads off the page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Any, scheme: str) -> None:
    page = visit("report", color_scheme=scheme)
    page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    page.locator(".points thead button").first.click()
    results = axe.Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [360, 1000, 1600])
def test_nothing_runs_off_the_side(visit: Any, width: int) -> None:
    page = visit("report", viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_all_but_the_explorer_is_there(visit: Any) -> None:
    page = visit("report", java_script_enabled=False)
    assert page.locator(".without-script").is_visible()
    assert not page.locator(".explorer").is_visible()
    assert page.locator("section.claim").count() == 3
    assert page.locator("button").count() == 0


def test_a_link_leads_to_its_section_wherever_that_is(visit: Any, example: Any) -> None:
    page = visit("report")
    last = example["claims"][-1]["id"]
    link = page.get_by_role("link", name=f"Permanent link to {last}", exact=True)
    assert link.get_attribute("href") == f"#{last}"
    page.locator(f'.summary a[href="#{last}/simulation"]').click()
    place = f"document.getElementById('{last}/simulation').getBoundingClientRect().top"
    page.wait_for_function(f"Math.abs({place}) < 40")


def test_paper_has_the_evidence_and_no_controls(visit: Any) -> None:
    page = visit("report")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.printed:not([open])").count() == 0 < page.locator("details.printed").count()
    for control in (".controls", ".copy", "nav.contents", ".x-link"):
        assert page.locator(control).filter(visible=True).count() == 0, control
    heads_repeat = "all => all.every(t => getComputedStyle(t.tHead).display === 'table-header-group')"
    assert page.locator("table.sortable").evaluate_all(heads_repeat)


# --- tables, formulas, map -------------------------------------------------------------------------------------------


def test_a_table_sorts_by_its_numbers_and_goes_back(visit: Any) -> None:
    page = visit("report")
    table = page.locator(".points").first
    head = table.locator("thead th", has_text="Estimate")
    read = "rows => rows.map(row => row.cells[3].dataset.value)"
    before = table.locator("tbody tr").evaluate_all(read)
    numbers = sorted(float(x) for x in before if x is not None)
    assert len(numbers) > 1
    for order, expected in (("ascending", numbers), ("descending", numbers[::-1])):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        displayed = [float(x) for x in table.locator("tbody tr").evaluate_all(read) if x is not None]
        assert displayed == expected
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert table.locator("tbody tr").evaluate_all(read) == before


def test_each_formula_offers_its_latex(visit: Any, example: Any) -> None:
    page = visit("report", permissions=["clipboard-read", "clipboard-write"])
    assert page.locator(".display > .copy").count() == page.locator("[data-latex]").count() > 20
    statement = page.locator(".statement .display").first
    statement.hover()
    statement.get_by_role("button", name="Copy LaTeX").click()
    playwright.expect(page.get_by_role("status").first).to_have_text("LaTeX copied")
    assert page.evaluate("navigator.clipboard.readText()") == example["claims"][0]["statement"]


def test_a_formula_is_copied_by_keyboard_and_without_a_clipboard_to_ask(visit: Any, example: Any) -> None:
    page = visit("report")
    page.evaluate("""() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error("denied"));
        document.addEventListener("copy", () => { window.taken = document.activeElement.value; });
    }""")
    page.locator(".result .copy").first.press("Enter")
    playwright.expect(page.get_by_role("status").first).to_have_text("LaTeX copied")
    assert page.evaluate("window.taken") == example["claims"][0]["result"]


def test_the_map_is_made_of_links_and_shows_what_rests_on_what(visit: Any, example: Any) -> None:
    page = visit("report")
    links = page.locator(".map a")
    assert links.evaluate_all("all => all.map(a => a.getAttribute('href'))") == [
        f"#{claim['id']}" for claim in example["claims"]
    ]
    page.locator('.map a[href="#covariance.error"]').focus()
    traced = page.locator(".map .node.traced").evaluate_all("all => all.map(node => node.dataset.node)")
    assert set(traced) == {"theory.moments.wick.expect", "theory.models.gaussian.covariance", "covariance.error"}
    page.keyboard.press("Enter")
    assert page.url.endswith("#covariance.error")


# --- the explorer ----------------------------------------------------------------------------------------------------


def curves(page: Any) -> list[str]:
    drawn: list[str] = page.locator(".views path").evaluate_all("all => all.map(path => path.getAttribute('d'))")
    return drawn


@pytest.mark.parametrize("name", ["n", "m", "w", "t"])
def test_a_slider_moves_the_curves_and_the_words(visit: Any, name: str) -> None:
    page = visit("models")
    before = curves(page)
    said = page.locator("#x-said").inner_text()
    slider = page.get_by_role("slider", name=name, exact=False).and_(page.locator(f"#x-{name}"))
    slider.focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    assert curves(page) != before
    assert slider.get_attribute("aria-valuetext") == page.locator(f"[data-name={name}] [type=number]").input_value()
    page.keyboard.press("Tab")
    assert (page.locator("#x-said").inner_text() != said) == (name != "t")


def test_a_number_can_be_typed_and_a_link_brings_it_back(visit: Any) -> None:
    page = visit("models")
    page.get_by_label("model").select_option("Gaussian covariance")
    page.get_by_label("d, exact value").fill("7")
    page.get_by_label("n, exact value").fill("12345678")
    page.get_by_label("w, exact value").fill("0.123")
    page.get_by_label("w, exact value").press("Tab")
    assert page.get_by_label("n, exact value").input_value() == "10000"
    link = page.locator(".x-link:visible").get_attribute("href")
    assert link == "#explore?model=covariance.error&n=10000&m=200&w=0.123&t=3&d=7"
    again = visit("models", link)
    assert again.locator("#x-said").inner_text() == page.locator("#x-said").inner_text()
    assert curves(again) == curves(page)


def test_divergence_is_said_and_marked(visit: Any) -> None:
    page = visit("models", "#explore?model=covariance.error&n=2&m=2&w=0&t=0&d=1")
    assert "at w = 0 the limiting error diverges." in page.locator("#x-said").inner_text()
    assert "diverges" in page.locator("#x-table tbody tr").first.inner_text()
    assert page.locator("#x-weight .diverges").count() == 1 == page.locator("#x-weight path.beyond.yours").count()
    page.get_by_label("w, exact value").fill("1")
    assert page.locator("#x-weight path.beyond.yours").count() == 0
    page.get_by_label("model").select_option("Gaussian mean, the same real batch at every step")
    page.get_by_label("w, exact value").press("Tab")
    assert "No weight gains over real data only." in page.locator("#x-said").inner_text()
    assert not {"NaN", "Infinity", "undefined"} & set(page.locator(".explorer").inner_text().split())


def test_bad_settings_in_a_link_are_ignored(visit: Any) -> None:
    page = visit("models", "#explore?model=no.such&n=1e9&w=x&t=-3&__proto__=1&m=")
    values = [page.get_by_label(f"{name}, exact value").input_value() for name in "nmwt"]
    assert values == ["10000", "200", "0.3", "0"]


@pytest.fixture(scope="module")
def calculator(browser: Any, addresses: dict[str, str]) -> Iterator[Any]:
    """A page whose formulas are only called."""
    opened = Visit(browser, addresses["models"])
    yield opened.page
    assert opened.complaints == []
    opened.context.close()


def parameters(generator: random.Random, model: explorer.Shown) -> tuple[dict[str, float], dict[str, Rational]]:
    """A point for the page, and the same for Python: with scales of their own, which must not matter."""
    n, m = (round(2 * 500 ** generator.random()) for _ in "nm")
    w = Rational(generator.randint(1, 99), 100)
    d = Rational(generator.randint(4, 80), 4)
    c = Rational(generator.randint(1, 40), 8)
    shown = {"n": n, "m": m, "w": float(w), "d": float(d), "c": float(c)}
    own: dict[str, dict[str, Rational]] = {
        "mean.error": {"trace": Rational(3)},
        "framework.augmentation": {"trace": Rational(3)},
        "covariance.error": {"trace": Rational(3), "frob2": 9 / d},
        "pmf.error": {"gini": Rational(2, 3)},
        "glm.misspecified": {"trace_sandwich": Rational(5), "trace_model": 5 * c},
    }
    return shown, {"n": Rational(n), "m": Rational(m), "w": w, **own.get(model.claim, {})}


@pytest.mark.parametrize("place", range(len(explorer.MODELS)), ids=[model.claim for model in explorer.MODELS])
def test_the_page_computes_what_python_computes(calculator: Any, place: int) -> None:
    """Errors at steps and in the limit, relative to step 0, against the command line's own evaluation."""
    page = calculator
    model = explorer.MODELS[place]
    generator = random.Random(place)
    for _ in range(12):
        shown, exact = parameters(generator, model)
        step = generator.randint(0, 60)
        unit = float(evaluate(model.claim, {**exact, "t": Rational(0)}).decimal)
        for expected, call in (
            (evaluate(model.claim, {**exact, "t": Rational(step)}), f"error(MODELS[{place}], p, {step})"),
            (evaluate(model.claim, exact), f"limit(MODELS[{place}], p)"),
        ):
            computed = page.evaluate(f"p => {{ const x = {call}; return x === Infinity ? 'inf' : x; }}", shown)
            assert float(computed) == pytest.approx(float(expected.decimal) / unit, rel=1e-9), (call, shown)


@pytest.mark.parametrize("place", range(len(explorer.MODELS)), ids=[model.claim for model in explorer.MODELS])
def test_the_best_weight_is_the_claims_and_the_best(calculator: Any, place: int) -> None:
    page = calculator
    model = explorer.MODELS[place]
    generator = random.Random(100 + place)
    for _ in range(12):
        shown, _ = parameters(generator, model)
        best = page.evaluate(f"p => bestWeight(MODELS[{place}], p)", shown)
        errors = [
            page.evaluate(f"p => limit(MODELS[{place}], p)", {**shown, "w": min(max(best + by, 1e-6), 1)})
            for by in (-1e-3, 0, 1e-3)
        ]
        assert errors[1] == pytest.approx(min(errors), rel=1e-12)
        expected = explorer.optimum_of(model)
        if expected is not None:
            values = {symbol: Rational(str(shown[symbol.name])) for symbol in expected.free_symbols}
            assert best == pytest.approx(float(expected.subs(values)), rel=1e-9)


def test_weights_gain_from_where_the_claims_say(calculator: Any) -> None:
    """The CDF's two stages; for the mean the root of rho(w, k) = 1."""
    for model, expected in (("cdf.error", claim_of("cdf.stages").derived), ("mean.error", k / (k + 2))):
        place = [candidate.claim for candidate in explorer.MODELS].index(model)
        for sizes in ({"n": 100, "m": 40}, {"n": 7, "m": 300}):
            computed = calculator.evaluate(
                f"p => breakEven(MODELS[{place}], p, bestWeight(MODELS[{place}], p))", {**sizes, "w": 1}
            )
            exact = expected.subs(k, n / m).subs({n: sizes["n"], m: sizes["m"]})
            assert computed == pytest.approx(float(exact), abs=1e-9)


@pytest.mark.parametrize(
    ("call", "shown"),
    [("short(0.00002)", "0.00002"), ("short(0.99996)", "0.99996"), ("short(1)", "1"), ("short(5000)", "5000"),
     ("number(Infinity)", "diverges"), ("number(2.5e9)", "2.50\u00d710⁹"), ("percent(-0.00001)", "0.0 %"),
     ("percent(-40)", "< \u2212999 %"), ("percent(NaN)", "\u2013")],
)  # fmt: skip
def test_numbers_are_written_for_readers(calculator: Any, call: str, shown: str) -> None:
    assert calculator.evaluate(call) == shown


def test_collapse_is_where_the_claim_says(calculator: Any) -> None:
    edge = float(evaluate("covariance.threshold", {"m": Rational(10)}).decimal)
    for by, finite in ((-1e-9, False), (1e-9, True)):
        point = {"n": 20, "m": 10, "w": edge + by, "d": 3, "c": 1}
        assert calculator.evaluate("p => limit(MODELS[1], p) < Infinity", point) is finite
