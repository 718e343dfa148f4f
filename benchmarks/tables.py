"""The rows of `benchmarks.run` as lines of text."""

from __future__ import annotations

from benchmarks.run import Row

TITLES = {
    "cases": f"{'':22}{'2000 replicates':>16}{'fast':>12}{'plain':>12}{'plain/fast':>12}{'fast/floor':>12}\n"
    f"{'':22}{'CPU s':>16}{'ns/(w,r,t)':>12}{'ns/(w,r,t)':>12}{'median':>12}{'median':>12}",
    "growth": f"{'':12}{'doubled':10}{'values':>18}{'ratio a doubling':>20}{'exponent':>12}",
    "processes": f"{'':22}{'compile':>10}{'imported':>12}{'and code':>12}{'and work':>12}{'replicates':>12}\n"
    f"{'':22}{'CPU s':>10}{'MB':>12}{'MB more':>12}{'MB more':>12}",
}


def line(section: str, row: Row) -> str:
    """A row of a section under its title."""
    return {"cases": _case, "growth": _growth, "processes": _process}[section](row)


def _case(row: Row) -> str:
    each = 1e9 / (row["size"]["weights"] * row["size"]["steps"])
    fast, plain = (f"{row[form] * each:12,.1f}" for form in ("fast_s", "plain_s"))
    return (
        f"{row['name']:22}{2000 * row['fast_s']:16.2f}{fast}{plain}{row['plain_over_fast']:12,.0f}"
        f"{row['fast_over_floor']:12.2f}"
    )


def _growth(row: Row) -> str:
    values = ", ".join(map(str, row["values"]))
    ratios = ", ".join(f"{each:.2f}" for each in row["ratios"])
    return f"{row['model']:12}{row['axis']:10}{values:>18}{ratios:>20}{row['exponent']:12.2f}"


def _process(row: Row) -> str:
    idle, ready, peak = (row[name] / 1e6 for name in ("idle_bytes", "ready_bytes", "peak_bytes"))
    return (
        f"{row['name']:22}{row['compile_s']:10.1f}{idle:12.0f}{ready - idle:12.1f}{peak - ready:12.1f}"
        f"{row['replicates']:12}"
    )
