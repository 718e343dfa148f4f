"""Rebuilds the Adult table from the two files of the UCI archive, and checks what goes in and what comes out.

    python -m numerics.simulation.data.build_adult adult.data adult.test

writes `adult.csv.bz2` next to this file (elsewhere with `--out`), or says what is wrong and exits with 2.
"""

import bz2
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from nocollapse.numerics.simulation.adult import COLUMNS, MISSING, TABLE, TABLE_SHA256

TRAIN_SHA256: Final = "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"
TEST_SHA256: Final = "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05"

FEATURES: Final = (
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation"),
    *("relationship", "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country"),
)


def records(original: str) -> Iterator[list[str]]:
    """The records of an original file, 14 features and the label each.

    Both files end in an empty line, and adult.test opens with a line that starts with a bar.
    Raises ValueError naming a line of another length.
    """
    for line in original.splitlines():
        if line and not line.startswith("|"):
            record = line.split(", ")
            if len(record) != len(FEATURES) + 1:
                raise ValueError(f"{line!r} holds {len(record)} values, not {len(FEATURES) + 1}")
            yield record


def row(record: list[str]) -> dict[str, str]:
    """The record as a row of the table, by column name.

    Raises ValueError unless the label is ">50K" or "<=50K", with or without the full stop of adult.test.
    """
    *features, label = record
    income = label.removesuffix(".")
    if income not in ("<=50K", ">50K"):
        raise ValueError(f"label = {label!r} is neither '<=50K' nor '>50K'")
    flags = {
        "income_above_50k": str(int(income == ">50K")),
        "complete": str(int(MISSING not in features)),
    }
    return dict(zip(FEATURES, features, strict=True)) | flags


def table(train: str, test: str) -> str:
    """The table as CSV text: a header, the rows of train, the rows of test, each line ended by a newline."""
    rows = (row(record) for original in (train, test) for record in records(original))
    lines = (",".join(values[column] for column in COLUMNS) for values in rows)
    return "".join(f"{line}\n" for line in (",".join(COLUMNS), *lines))


def checked(name: str, content: bytes, sha256: str) -> str:
    """The content as text; raises ValueError naming it if its SHA-256 is another."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ValueError(f"{name} has SHA-256 {digest}, not {sha256}")
    return content.decode("ascii")


@click.command()
@click.argument("train", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("test", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=TABLE, show_default=True)
def main(train: Path, test: Path, out: Path) -> None:
    """Rebuild the Adult table from the original files TRAIN (adult.data) and TEST (adult.test)."""
    try:
        originals = (
            checked(str(train), train.read_bytes(), TRAIN_SHA256),
            checked(str(test), test.read_bytes(), TEST_SHA256),
        )
        content = table(*originals).encode("ascii")
        checked("the rebuilt table", content, TABLE_SHA256)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    out.write_bytes(bz2.compress(content))
    click.echo(f"{out}: {len(content)} bytes of text, SHA-256 {TABLE_SHA256}")


if __name__ == "__main__":
    main()
