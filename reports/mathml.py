"""LaTeX formulas as MathML, which a browser shows without scripts, fonts or network."""

from __future__ import annotations

import html
from functools import cache
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from latex2mathml.converter import convert_to_element

Display = Literal["inline", "block"]

# latex2mathml passes these through from \href, \style and \class; a formula has no business with them.
_FOREIGN_ATTRIBUTES = frozenset({"href", "style", "class", "id"})
# Operators that latex2mathml files under identifiers.
_ARROWS = frozenset("⟸⟹⟺⇐⇒⇔←→↔↦⟵⟶⟷")
_OPENING = frozenset("([{|‖⌊⌈⟨")
_THIN = "0.1667em"


@cache
def mathml(latex: str, display: Display = "inline") -> str:
    r"""The MathML of a LaTeX formula, given without dollar signs; cached.

    A block formula carries its LaTeX source as an annotation, so that it can be copied.
    Raises ValueError naming the formula if it, or a command in it, has no MathML.

    >>> mathml("n < m")
    '<math display="inline"><mrow><mi>n</mi><mo>&lt;</mo><mi>m</mi></mrow></math>'
    """
    root = _parsed(latex, display)
    for element in root.iter():
        # The converter leaves character references unresolved; resolving them here and escaping
        # on output is what keeps markup inside \text{...} from becoming markup of the page.
        element.text = html.unescape(element.text) if element.text else None
        _reject_unknown(element, latex)
    for element in list(root.iter()):
        _merge_upright_letters(element)
        _set_named_operators(element)
    root.attrib.pop("xmlns", None)  # implied inside HTML
    if display == "block":
        _annotate(root, latex)
    return tostring(root, encoding="unicode")


def _parsed(latex: str, display: Display) -> Element:
    if not latex.strip():
        raise ValueError("cannot show an empty formula: the domain is LaTeX that latex2mathml can convert")
    if r"\operatorname*" in latex:  # converted without a complaint, into something else
        raise ValueError(f"cannot show the formula {latex!r} as MathML: write \\operatorname without the star")
    try:
        # Same layout, but latex2mathml knows only this name of it.
        return convert_to_element(latex.replace("{aligned}", "{split}"), display=display)
    except Exception as error:  # the converter's own exceptions share no base class
        reason = type(error).__name__
        raise ValueError(f"cannot show the formula {latex!r} as MathML: {reason}") from error


def _reject_unknown(element: Element, latex: str) -> None:
    text = element.text or ""
    if element.tag != "mtext" and text.startswith("\\") and len(text) > 1:
        raise ValueError(f"cannot show the formula {latex!r} as MathML: unknown command {text}")
    if element.tag == "mi" and text == "&":
        raise ValueError(f"cannot show the formula {latex!r} as MathML: '&' outside a known environment")
    if foreign := _FOREIGN_ATTRIBUTES & set(element.attrib):
        raise ValueError(f"cannot show the formula {latex!r} as MathML: it sets {sorted(foreign)[0]!r}")


def _merge_upright_letters(row: Element) -> None:
    r"""Join the letters of \mathrm{Err} into one identifier."""
    letters = list(row)
    upright = all(e.tag == "mi" and e.get("mathvariant") == "normal" and e.text for e in letters)
    if row.tag == "mrow" and len(letters) > 1 and upright:
        letters[0].text = "".join(e.text or "" for e in letters)
        for extra in letters[1:]:
            row.remove(extra)


def _set_named_operators(row: Element) -> None:
    r"""Space \operatorname{tr} as TeX does, and let implications be operators."""
    children = list(row)
    for index, child in enumerate(children):
        text = child.text or ""
        if child.tag == "mi" and text in _ARROWS:
            child.tag = "mo"
        elif child.tag == "mo" and text.isalpha() and text.isascii():
            following = children[index + 1] if index + 1 < len(children) else None
            fenced = following is None or _first_character(following) in _OPENING
            child.set("lspace", "0" if index == 0 else _THIN)
            child.set("rspace", "0" if fenced else _THIN)


def _first_character(element: Element) -> str:
    return next((e.text[0] for e in element.iter() if e.text), "")


def _annotate(root: Element, latex: str) -> None:
    content = list(root)
    for element in content:
        root.remove(element)
    semantics = SubElement(root, "semantics")
    row = SubElement(semantics, "mrow")
    row.extend(content)
    SubElement(semantics, "annotation", encoding="application/x-tex").text = latex
