"""The map of the theory as a drawing: Graphviz lays it out, the page's colours and icons show how claims stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pygraphviz

from nocollapse.document import Map, Node

# Lengths are in points, which the drawing takes for pixels.
_HEIGHT = 26  # of a node
_LETTER = 6.65
_ICON = 19
_PAD = 9
_GAP_ACROSS = 8
_GAP_ALONG = 46


def drawing(theory: Map, standings: Mapping[str, str]) -> str:
    """The document's "map" as SVG for the page, its claims as links to their sections.

    `standings` says how each claim stands. Edges that follow from others are left out, as in a blueprint.
    """
    graph = pygraphviz.AGraph(directed=True, rankdir="LR", nodesep=_GAP_ACROSS / 72, ranksep=_GAP_ALONG / 72)
    for node in theory["nodes"]:
        graph.add_node(node["id"], shape="box", fixedsize=True, label="", height=_HEIGHT / 72, width=_width(node) / 72)
    for kind in ("primitive", "recursion"):  # a column each
        names = [node["id"] for node in theory["nodes"] if node["kind"] == kind]
        graph.add_subgraph(names, name=kind, rank="min" if kind == "primitive" else "same")
    for edge in reduced([tuple(edge) for edge in theory["edges"]]):
        graph.add_edge(*edge, arrowhead="none")
    graph.layout(prog="dot")
    _, _, width, height = map(float, graph.graph_attr["bb"].split(","))
    edges = "".join(_edge(edge, height) for edge in graph.edges())
    nodes = "".join(_node(node, *_place(graph, node["id"], height), standings) for node in theory["nodes"])
    box = f"-2 -2 {width + 4:.0f} {height + 4:.0f}"
    return (
        f'<svg viewBox="{box}" style="min-width: {width * 0.8:.0f}px; max-width: {width + 4:.0f}px" '
        f'role="group" aria-label="Map of the theory"><g class="edges" aria-hidden="true">{edges}</g>{nodes}</svg>'
    )


def reduced(edges: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The edges without those that a path of other edges stands for.

    >>> reduced([("a", "b"), ("b", "c"), ("a", "c")])
    [('a', 'b'), ('b', 'c')]
    """
    after: dict[str, set[str]] = {}
    for source, target in edges:
        after.setdefault(source, set()).add(target)

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        pending = [start]
        while pending:
            more = after.get(pending.pop(), set()) - seen
            seen |= more
            pending += more
        return seen

    beyond = {node: reach(node) for node in after}
    return [
        (source, target)
        for source, target in edges
        if not any(target in beyond.get(middle, ()) for middle in after[source] - {target})
    ]


def _label(node: Node) -> str:
    return str(node["id"] if node["kind"] == "claim" else node["title"])


def _width(node: Node) -> float:
    return len(_label(node)) * _LETTER + 2 * _PAD + (_ICON if node["kind"] == "claim" else 0)


def _place(graph: pygraphviz.AGraph, node: str, height: float) -> tuple[float, float]:
    x, y = map(float, graph.get_node(node).attr["pos"].split(","))
    return x, height - y


def _edge(edge: Any, height: float) -> str:
    """A spline: its start, then control points in threes."""
    points = [tuple(map(float, pair.split(","))) for pair in edge.attr["pos"].split()]
    (x, y), *rest = [f"{x:.1f} {height - y:.1f}".split() for x, y in points]
    path = f"M{x} {y}C{' '.join(f'{a} {b}' for a, b in rest)}"
    return f'<path d="{path}" data-from="{escape(edge[0])}" data-to="{escape(edge[1])}"/>'


def _node(node: Node, x: float, y: float, standings: Mapping[str, str]) -> str:
    width = _width(node)
    name = escape(node["id"])
    corner = 4 if node["kind"] == "claim" else _HEIGHT / 2
    left = x - width / 2
    top = y - _HEIGHT / 2
    box = f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_HEIGHT}" rx="{corner}"/>'
    start = left + _PAD
    if node["kind"] != "claim":
        text = f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{escape(_label(node))}</text>'
        return f'<g class="node {escape(node["kind"])}" data-node="{name}">{box}{text}<title>{name}</title></g>'
    standing = escape(standings[node["id"]])
    icon = f'<use href="#icon-{standing}" x="{start:.1f}" y="{y - 7:.1f}" width="14" height="14"/>'
    text = f'<text x="{start + _ICON:.1f}" y="{y + 4:.1f}">{name}</text>'
    label = f"{name}, {standing.lower()}"
    return (
        f'<a class="node {standing}" href="#{name}" aria-label="{label}" data-node="{name}">'
        f"{box}{icon}{text}<title>{escape(node['title'])}</title></a>"
    )
