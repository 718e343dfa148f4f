"""The wheel built from this tree, installed elsewhere, works: command line, data, templates, types."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "nocollapse"
ROOMS = ("theory", "numerics", "reports")

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


def held(archive: Path) -> set[str]:
    """The names of the files that a wheel has, but for those about itself."""
    with zipfile.ZipFile(archive) as wheel:
        return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    expected = {
        f"nocollapse/{path.relative_to(folder.parent).as_posix() if folder != PACKAGE else path.name}"
        for folder in (PACKAGE, *(ROOT / room for room in ROOMS))
        for path in (folder.iterdir() if folder == PACKAGE else folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held(wheel) == expected
    assert {
        "nocollapse/py.typed",
        "nocollapse/numerics/simulation/data/adult.csv.bz2",
        "nocollapse/numerics/simulation/data/README.md",
        "nocollapse/reports/templates/page.html",
    } <= expected


def test_an_archive_of_the_sources_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (built,) = tmp_path.glob("*.whl")
    assert held(built) == held(wheel)


def test_a_clone_without_links_is_refused_in_one_line(tmp_path: Path) -> None:
    copy = tmp_path / "clone"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__"))
    for room in ROOMS:
        (copy / "src" / "nocollapse" / room).unlink()
        (copy / "src" / "nocollapse" / room).write_text(f"../../{room}")
    command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, copy)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "this clone has no symbolic links" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.whl"))


def test_the_wheel_carries_the_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licences = {name for name in archive.namelist() if ".dist-info/licenses/" in name}
    names = {name.partition("/licenses/")[2] for name in licences}
    assert names == {"LICENSE", "src/nocollapse/numerics/simulation/data/README.md"}


def test_one_name_is_installed_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"nocollapse"}


def test_a_users_own_modules_of_the_rooms_names_disturb_nothing(elsewhere: Path, tmp_path: Path) -> None:
    for room in ROOMS:
        (tmp_path / f"{room}.py").write_text("raise ImportError('a user\'s own module')\n")
    program = "import nocollapse; print(nocollapse.__file__, nocollapse.derive('mean.ridge')['id'])"
    place, identifier = run(elsewhere / "python", "-c", program, cwd=tmp_path).split()
    assert Path(place).is_relative_to(elsewhere.parent)
    assert identifier == "mean.ridge"


def test_the_command_lists_the_claims(elsewhere: Path, tmp_path: Path) -> None:
    by_script = run(elsewhere / "nocollapse", "claims", cwd=tmp_path)
    assert "mean.error" in by_script
    assert run(elsewhere / "python", "-m", "nocollapse", "claims", cwd=tmp_path) == by_script


def test_the_adult_data_load(elsewhere: Path, tmp_path: Path) -> None:
    program = "from nocollapse.numerics.adult import load; print(load().complete.size, load().complete.sum())"
    assert run(elsewhere / "python", "-c", program, cwd=tmp_path) == "48842 45222\n"


def test_the_report_finds_its_templates(elsewhere: Path, tmp_path: Path) -> None:
    program = "import json, sys; from pathlib import Path; from nocollapse.reports.write import write; "
    program += "write(json.loads(Path(sys.argv[1]).read_text(encoding='utf-8')), Path('report'))"
    example = ROOT / "tests" / "reports" / "example.json"
    run(elsewhere / "python", "-c", program, example, cwd=tmp_path)
    assert "<math" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
