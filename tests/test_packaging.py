"""The wheel built from this tree, installed elsewhere, works: command line, data, templates, types."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("theory", "numerics", "reports")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Stdout of the command, run where neither this tree nor PYTHONPATH is in sight; it must succeed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command} exits with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the installed backend, so without a network."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of a new environment that holds the wheel, and borrows this one's dependencies.

    Python does not follow the .pth files of a directory that a .pth file names, so an editable install of
    this tree, which is one, is not borrowed with them.
    """
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home)
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    here = sysconfig.get_paths()
    borrowed = "".join(f"{path}\n" for path in dict.fromkeys((here["purelib"], here["platlib"])))
    (Path(paths["purelib"]) / "borrowed.pth").write_text(borrowed)
    bin_directory = Path(paths["scripts"])
    pip = (sys.executable, "-m", "pip", "--python", bin_directory / "python")
    install = ("install", "--quiet", "--no-index", "--no-deps", "--ignore-installed", wheel)
    run(*pip, *install, cwd=home)
    return bin_directory


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    expected = {"nocollapse.py"} | {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected
    assert {f"{package}/py.typed" for package in PACKAGES} <= held
    assert {"numerics/data/adult.csv.bz2", "numerics/data/README.md", "reports/templates/page.html"} <= held


def test_the_wheel_carries_the_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licences = {name for name in archive.namelist() if ".dist-info/licenses/" in name}
    assert {name.partition("/licenses/")[2] for name in licences} == {"LICENSE", "numerics/data/README.md"}


@pytest.mark.parametrize("name", ["nocollapse", *PACKAGES])
def test_what_is_imported_is_the_installed_wheel(elsewhere: Path, tmp_path: Path, name: str) -> None:
    printed = run(elsewhere / "python", "-c", f"import {name}; print({name}.__file__)", cwd=tmp_path)
    assert Path(printed.strip()).is_relative_to(elsewhere.parent)


def test_the_command_lists_the_claims(elsewhere: Path, tmp_path: Path) -> None:
    by_script = run(elsewhere / "nocollapse", "claims", cwd=tmp_path)
    assert "mean.error" in by_script
    assert run(elsewhere / "python", "-m", "nocollapse", "claims", cwd=tmp_path) == by_script


def test_the_adult_data_load(elsewhere: Path, tmp_path: Path) -> None:
    program = "from numerics.adult import load; print(load().complete.size, load().complete.sum())"
    assert run(elsewhere / "python", "-c", program, cwd=tmp_path) == "48842 45222\n"


def test_the_report_finds_its_templates(elsewhere: Path, tmp_path: Path) -> None:
    program = "import json, sys; from pathlib import Path; from reports.write import write; "
    program += "write(json.loads(Path(sys.argv[1]).read_text(encoding='utf-8')), Path('report'))"
    example = ROOT / "tests" / "reports" / "example.json"
    run(elsewhere / "python", "-c", program, example, cwd=tmp_path)
    assert "<math" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
