"""Where a long formula may be broken: before the relations, sums and differences of its outermost level."""

from __future__ import annotations

import re

# A \left or \right comes with its delimiter, and a \begin or \end with its environment.
_TOKEN = re.compile(
    r"""\\(?:left|right)(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|.)
      | \\(?:begin|end)\{\w+\*?\}
      | \\[A-Za-z]+ | \\. | [^\\]""",
    re.DOTALL | re.VERBOSE,
)
_RELATIONS = frozenset({
    "=", "<", ">", r"\leq", r"\geq", r"\le", r"\ge", r"\neq", r"\to", r"\approx", r"\sim", r"\iff",
    r"\Rightarrow", r"\Longrightarrow", r"\Leftrightarrow", r"\Longleftrightarrow",
})  # fmt: skip
_SIGNS = frozenset("+-")
_GAPS = frozenset({r"\quad", r"\qquad"})
# After one of these a sign belongs to the term that follows it.
_NO_LEFT_TERM = _RELATIONS | _SIGNS | _GAPS | {"", ",", "^", "_", r"\pm", r"\cdot", r"\times"}
_OPEN = re.compile(r"[{(\[]|\\\{|\\left(?![A-Za-z])|\\begin\{")
_CLOSE = re.compile(r"[})\]]|\\\}|\\right(?![A-Za-z])|\\end\{")


def terms(latex: str) -> list[str]:
    r"""The parts of a formula between which a line may end; set side by side they are the formula.

    Every part but the first starts with `{}`, which lets its leading sign keep its spacing.

    >>> terms(r"a = b - \left(c + d\right)")
    ['a', '{}= b', '{}- \\left(c + d\\right)']
    """
    lines = [""]
    depth = 0  # of brackets that are open
    in_norm = False
    before = ""  # the last token that is no space
    for token in _TOKEN.findall(latex):
        breaks = token in _RELATIONS or (token in _SIGNS and before not in _NO_LEFT_TERM)
        after_gap = before in _GAPS and not token.isspace()
        in_norm ^= token == r"\|"
        if depth == 0 and not in_norm and (breaks or after_gap) and lines[-1].strip():
            lines.append("")
        depth += bool(_OPEN.match(token)) - bool(_CLOSE.match(token))
        lines[-1] += token
        if not token.isspace():
            before = token
    first, *rest = (line.strip() for line in lines)
    return [first, *("{}" + line for line in rest)]


def breakable(latex: str) -> str:
    r"""The formula with `\allowbreak` wherever a line may end.

    >>> breakable("a = b - c")
    'a \\allowbreak = b \\allowbreak - c'
    """
    return r" \allowbreak ".join(part.removeprefix("{}") for part in terms(latex))
