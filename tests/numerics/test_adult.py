"""The Adult table: what it holds, that a changed byte is noticed, and that it can be rebuilt."""

import bz2
import dataclasses
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from nocollapse.numerics.simulation import adult
from nocollapse.numerics.simulation.adult import (
    CATEGORICAL,
    MISSING,
    ROWS,
    TABLE,
    Categories,
    frequencies,
    load,
    parse,
    read,
)
from nocollapse.numerics.simulation.data import build_adult

ORIGINALS = "NOCOLLAPSE_ADULT"  # names a directory that holds adult.data and adult.test

TRAIN = """\
39, State-gov, 77516, Bachelors, 13, Never-married, Sales, Own-child, White, Male, 2174, 0, 40, Peru, <=50K
50, ?, 83311, HS-grad, 9, Divorced, ?, Husband, White, Male, 0, 1902, 13, Cuba, >50K

"""
TEST = """\
|1x3 Cross validator
25, Private, 226802, 11th, 7, Widowed, Sales, Own-child, Black, Male, 99999, 0, 99, ?, >50K.

"""
SMALL = """\
workclass,education,marital_status,age,education_num,capital_gain,capital_loss,hours_per_week,income_above_50k,complete
State-gov,Bachelors,Never-married,39,13,2174,0,40,0,1
?,HS-grad,Divorced,50,9,0,1902,13,1,0
Private,11th,Widowed,25,7,99999,0,99,1,0
"""


def test_rows_and_labels_are_those_of_the_original_description() -> None:
    """The counts and shares that adult.names states."""
    table = load()
    assert table.complete.size == 48_842
    assert table.complete.sum() == 45_222
    assert table.complete[:32_561].sum() == 30_162
    assert table.complete[32_561:].sum() == 15_060
    assert round(100 * table.income_above_50k.mean(), 2) == 23.93
    assert round(100 * table.income_above_50k[table.complete].mean(), 2) == 24.78


def test_every_column_has_every_row_and_cannot_be_written() -> None:
    for field in dataclasses.fields(load()):
        column = getattr(load(), field.name)
        array = column.codes if isinstance(column, Categories) else column
        assert array.shape == (48_842,)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(("column", "levels"), [("workclass", 9), ("education", 16), ("marital_status", 7)])
def test_every_level_occurs_and_the_counts_sum_to_the_rows(column: str, levels: int) -> None:
    values = getattr(load(), column)
    counts = np.bincount(values.codes)
    assert len(values.names) == len(set(values.names)) == counts.size == levels
    assert counts.min() > 0
    assert counts.sum() == 48_842


def test_education_number_is_the_rank_of_the_level() -> None:
    """Two columns of the original that say the same: 16 levels, 16 ranks, 16 pairs."""
    table = load()
    pairs = {
        (table.education.names[code], int(rank))
        for code, rank in zip(table.education.codes, table.education_num, strict=True)
    }
    assert sorted(rank for _, rank in pairs) == list(range(1, 17))
    assert {("Preschool", 1), ("HS-grad", 9), ("Bachelors", 13), ("Doctorate", 16)} <= pairs


def test_numbers_stay_in_the_ranges_of_the_original() -> None:
    table = load()
    for column, least, greatest in [
        (table.age, 17, 90),
        (table.capital_gain, 0, 99_999),
        (table.capital_loss, 0, 4_356),
        (table.hours_per_week, 1, 99),
    ]:
        assert (column.min(), column.max()) == (least, greatest)


def test_a_missing_workclass_is_marked_and_never_complete() -> None:
    table = load()
    missing = table.workclass.codes == table.workclass.names.index(MISSING)
    assert missing.sum() == 2_799
    assert not table.complete[missing].any()


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("column", CATEGORICAL)
def test_frequencies_are_a_distribution_over_distinct_names(column: str, rows: str) -> None:
    names, shares = frequencies(column, rows)
    assert len(set(names)) == len(names) == shares.size
    assert shares.min() > 0
    assert shares.sum() == pytest.approx(1, abs=1e-14)


def test_frequencies_of_all_rows_count_missing_as_a_category() -> None:
    share = dict(zip(*frequencies("workclass"), strict=True))
    assert share[MISSING] == 2_799 / 48_842
    assert share["Private"] == 33_906 / 48_842
    assert share["Never-worked"] == 10 / 48_842


def test_frequencies_of_complete_rows_leave_out_what_does_not_occur() -> None:
    """Who never worked has no occupation, so is nowhere complete."""
    names, _ = frequencies("workclass", rows="complete")
    assert set(load().workclass.names) - set(names) == {MISSING, "Never-worked"}


@pytest.mark.parametrize(
    ("column", "rows", "message"),
    [
        ("age", "all", r"column = 'age' is not one of workclass, education, marital_status"),
        ("complete", "all", r"column = 'complete' is not one of"),
        ("education", "most", r"rows = 'most' is not one of all, complete"),
    ],
)
def test_bad_arguments_are_named_with_their_domain(column: str, rows: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frequencies(column, rows)


def test_a_changed_digit_is_noticed(tmp_path: Path) -> None:
    text = bz2.decompress(TABLE.read_bytes())
    changed = tmp_path / "changed.csv.bz2"
    changed.write_bytes(bz2.compress(text.replace(b"Never-married,39,", b"Never-married,38,", 1)))
    with pytest.raises(ValueError, match=r"changed\.csv\.bz2 holds a table with SHA-256 \w{64}, not 1feecc"):
        read(changed)


@pytest.mark.parametrize("damage", ["cut", "bit", "text"])
def test_a_damaged_file_is_noticed(tmp_path: Path, damage: str) -> None:
    packed = TABLE.read_bytes()
    middle = len(packed) // 2
    flipped = bytes([packed[middle] ^ 1])
    content = {
        "cut": packed[:-100],
        "bit": packed[:middle] + flipped + packed[middle + 1 :],
        "text": SMALL.encode(),
    }
    damaged = tmp_path / "damaged"
    damaged.write_bytes(content[damage])
    with pytest.raises(ValueError, match="damaged is not a whole bzip2 file"):
        read(damaged)


def test_a_small_table_is_built_and_parsed() -> None:
    assert build_adult.table(TRAIN, TEST) == SMALL
    table = parse(SMALL)
    assert [table.workclass.names[code] for code in table.workclass.codes] == ["State-gov", "?", "Private"]
    assert table.capital_gain.tolist() == [2174, 0, 99_999]
    assert table.income_above_50k.tolist() == [False, True, True]
    assert table.complete.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("39, State-gov, 77516", "holds 3 values, not 15"),
        (TRAIN.splitlines()[0].replace("<=50K", "50K"), "label = '50K' is neither"),
    ],
)
def test_a_line_that_is_no_record_is_refused(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_adult.table(line, "")


def rebuild(directory: Path, out: Path) -> tuple[int, str]:
    """Exit status and stderr of the script on the originals in the directory."""
    arguments = [str(directory / "adult.data"), str(directory / "adult.test"), "--out", str(out)]
    result = CliRunner().invoke(build_adult.main, arguments)
    return result.exit_code, result.stderr


def prepare(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the small originals in the directory, and makes the script expect them and the small table."""
    for name, text, expected in [
        ("adult.data", TRAIN, "TRAIN_SHA256"),
        ("adult.test", TEST, "TEST_SHA256"),
        ("table", SMALL, "TABLE_SHA256"),
    ]:
        (directory / name).write_text(text)
        monkeypatch.setattr(build_adult, expected, hashlib.sha256(text.encode()).hexdigest())


def test_the_script_writes_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    assert rebuild(tmp_path, tmp_path / "out") == (0, "")
    assert bz2.decompress((tmp_path / "out").read_bytes()).decode() == SMALL


@pytest.mark.parametrize("name", ["adult.data", "adult.test"])
def test_the_script_refuses_other_originals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    prepare(tmp_path, monkeypatch)
    (tmp_path / name).write_text(TRAIN.replace("39", "38"))
    status, message = rebuild(tmp_path, tmp_path / "out")
    assert status == 2
    assert f"{name} has SHA-256" in message
    assert not (tmp_path / "out").exists()


def test_the_script_refuses_to_write_another_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    monkeypatch.setattr(build_adult, "TABLE_SHA256", adult.TABLE_SHA256)
    status, message = rebuild(tmp_path, tmp_path / "out")
    assert status == 2
    assert "the rebuilt table has SHA-256" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(ORIGINALS not in os.environ, reason=f"{ORIGINALS} names no directory of original files")
def test_the_shipped_table_is_rebuilt_from_the_originals(tmp_path: Path) -> None:
    assert rebuild(Path(os.environ[ORIGINALS]), tmp_path / "out") == (0, "")
    assert bz2.decompress((tmp_path / "out").read_bytes()) == bz2.decompress(TABLE.read_bytes())
