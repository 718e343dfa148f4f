"""LaTeX formulas as MathML, which a browser shows without scripts, fonts or network."""

from __future__ import annotations

import html
import unicodedata
from functools import cache
from typing import Literal
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

Display = Literal["inline", "block", "term"]

# latex2mathml passes these through from \href, \style and \class; a formula has no business with them.
_FOREIGN_ATTRIBUTES = frozenset({"href", "style", "class", "id"})
_UPRIGHT = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ")  # as TeX sets capital Greek
_LETTERLIKE = frozenset("∞∂∇∅")
_OPENING = frozenset("([{|‖⌊⌈⟨")
_CLOSING = frozenset(")]}|‖⌋⌉⟩")
_BRACKETS = frozenset("()[]{}")
_LIMITS = frozenset({"lim", "max", "min", "sup", "inf"})
# What makes TeX choose larger delimiters around it.
_TALL_TAGS = frozenset({"mfrac", "mtable", "munder", "munderover", "msqrt", "mroot"})
_TALL_SIGNS = frozenset("∑∏∫")
_ACCENTS = frozenset("^~\u00af\u02c6\u02dc")
_THIN = "0.1667em"


@cache
def mathml(latex: str, display: Display = "inline") -> str:
    r"""The MathML of a LaTeX formula, given without dollar signs; cached.

    A "term" is set like a block but stands in a line, so that a long formula can be given in several.
    Raises ValueError naming the formula if it, or a command in it, has no MathML.

    >>> mathml("n < m")
    '<math><mi>n</mi><mo>&lt;</mo><mi>m</mi></math>'
    """
    root = _parsed(latex, display)
    for element in root.iter():
        # The converter leaves character references unresolved; resolving them here and escaping
        # on output is what keeps markup inside \text{...} from becoming markup of the page.
        element.text = html.unescape(element.text) if element.text else None
        _reject_unknown(element, latex)
    for element in list(root.iter()):
        _merge_upright_letters(element)
        _tell_operators_from_letters(element)
        _set_named_operators(element)
        _set_delimiters(element)
        _set_decorations(element, display)
    for element in list(root.iter()):
        _shorten(element)
    root.attrib.pop("xmlns", None)  # implied inside HTML, as is the display in a line
    if display != "block":
        root.attrib.pop("display", None)
    if display == "term":
        root.set("displaystyle", "true")
    return tostring(root, encoding="unicode")


def _parsed(latex: str, display: Display) -> Element:
    if not latex.strip():
        raise ValueError("cannot show an empty formula: the domain is LaTeX that latex2mathml can convert")
    if r"\operatorname*" in latex:  # converted without a complaint, into something else
        reason = r"\operatorname has no star here"
        raise ValueError(f"cannot show the formula {latex!r} as MathML: {reason}")
    source = latex.replace("{aligned}", "{split}")  # same layout, under the name latex2mathml knows
    try:
        return convert_to_element(source, display="block" if display == "block" else "inline")
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


def _tell_operators_from_letters(element: Element) -> None:
    """Relations and signs are operators, infinity is not: the spacing depends on it; so does the slant."""
    text = element.text or ""
    if element.tag == "mo" and text in _LETTERLIKE:
        element.tag = "mi"
    elif element.tag == "mi" and text in _UPRIGHT:
        element.set("mathvariant", "normal")
    elif element.tag == "mi" and len(text) == 1 and text not in _LETTERLIKE:
        if unicodedata.category(text) == "Sm" or text == ":":
            element.tag = "mo"
            element.text = text.replace("~", "\u223c")
    elif element.tag == "mo" and text == "/":
        element.attrib.update(lspace="0", rspace="0")


def _set_named_operators(row: Element) -> None:
    r"""Space \operatorname{tr} as TeX does."""
    children = list(row)
    for index, child in enumerate(children):
        text = child.text or ""
        if child.tag == "mo" and text.isalpha() and text.isascii():
            following = children[index + 1] if index + 1 < len(children) else None
            fenced = following is None or _first_character(following) in _OPENING
            child.set("lspace", _THIN if index and _ends_a_term(children[index - 1]) else "0")
            child.set("rspace", "0" if fenced else _THIN)


def _set_delimiters(row: Element) -> None:
    r"""Keep \left( and \right) at their natural size around what is not tall, as TeX does."""
    delimiters = [child for child in row if child.get("fence") == "true"]
    if not delimiters:
        return
    tall = any(e.tag in _TALL_TAGS or (e.text or "") in _TALL_SIGNS for e in row.iter())
    for delimiter in delimiters if not tall else ():
        delimiter.set("stretchy", "false")


def _set_decorations(element: Element, display: Display) -> None:
    """Narrow accents over single letters, limits below in a display, thin negative space."""
    children = list(element)
    if element.tag == "mover" and (children[1].text or "") in _ACCENTS:
        if len("".join(children[0].itertext())) == 1:
            children[1].set("stretchy", "false")
    elif element.tag == "msub" and display != "inline" and children[0].text in _LIMITS:
        element.tag = "munder"
    elif element.get("width") == "negativethinmathspace":
        element.set("width", f"-{_THIN}")


def _shorten(element: Element) -> None:
    """Leave out what changes nothing: rows of one, attributes that a browser's own dictionary of operators has."""
    for index, child in enumerate(list(element)):
        while child.tag == "mrow" and not child.attrib and len(child) == 1:
            child = child[0]
            element[index] = child
    if element.tag == "math" and len(element) == 1 and element[0].tag == "mrow" and not element[0].attrib:
        element[:] = list(element[0])
    if element.tag == "mo" and element.text in _BRACKETS:
        element.attrib.pop("form", None)
        if element.get("stretchy") == "true":
            del element.attrib["stretchy"]
    element.attrib.pop("fence", None)


def _ends_a_term(element: Element) -> bool:
    return element.tag not in ("mo", "mspace") or (element.text or "") in _CLOSING


def _first_character(element: Element) -> str:
    return next((e.text[0] for e in element.iter() if e.text), "")
