"""Write the schema of the current version: `python -m nocollapse.reports.schemas`."""

from nocollapse.reports import schemas

schemas.path().write_text(schemas.text(), encoding="utf-8")
