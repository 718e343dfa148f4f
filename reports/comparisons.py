"""What the derived side of a claim is compared with, in words: three words for three things."""

from __future__ import annotations

from nocollapse.document import Comparison

COMPARED: dict[Comparison, str] = {
    "published": "as published (reconstructed)",
    "ours": "ours",
    "user": "the user's own",
}
