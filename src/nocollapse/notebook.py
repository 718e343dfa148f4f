"""What a notebook shows of an answer: the front door's, for theory only computes."""

from __future__ import annotations

from html import escape

from nocollapse.theory.answers import best_weight


class Advice(best_weight.Advice):
    """An advised weight that a notebook shows as a table."""

    @classmethod
    def of(cls, advice: best_weight.Advice) -> Advice:
        """The same advice, to be shown."""
        return cls(**vars(advice))

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in self.rows())
        return f"<table><caption>{escape(' '.join(self.heading()))}</caption><tbody>{rows}</tbody></table>"
