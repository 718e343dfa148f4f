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


def attempt(*command: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The command, run where neither this tree nor PYTHONPATH is in sight."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def run(*command: str | Path, cwd: Path) -> str:
    """Stdout of the command, which must succeed."""
    done = attempt(*command, cwd=cwd)
    assert done.returncode == 0, f"{command} exits with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the installed backend, so without a network."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (built,) = out.iterdir()
    return built


def environment(home: Path, *what: str | Path) -> Path:
    """The bin directory of a new environment into which pip installs this, and which borrows our dependencies.

    Python does not follow the .pth files of a directory that a .pth file names, so an editable install of
    this tree, which is one, is not borrowed with them.
    """
    venv.create(home)
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    here = sysconfig.get_paths()
    borrowed = "".join(f"{path}\n" for path in dict.fromkeys((here["purelib"], here["platlib"])))
    (Path(paths["purelib"]) / "borrowed.pth").write_text(borrowed)
    bin_directory = Path(paths["scripts"])
    pip = (sys.executable, "-m", "pip", "--python", bin_directory / "python")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed")
    run(*pip, "install", *options, *what, cwd=home)
    return bin_directory


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of an environment that holds the wheel."""
    return environment(tmp_path_factory.mktemp("elsewhere") / "env", wheel)


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of an environment that holds the wheel, and of one that holds an editable install."""
    if request.param == "wheel":
        wheel_environment: Path = request.getfixturevalue("elsewhere")
        return wheel_environment
    return environment(tmp_path_factory.mktemp("editable") / "env", "-e", ROOT)


def held(archive: Path) -> set[str]:
    """The names of the files that a wheel has, but for those about itself."""
    with zipfile.ZipFile(archive) as wheel:
        return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    own = [path.relative_to(PACKAGE) for path in (*PACKAGE.iterdir(), *(PACKAGE / "cli").rglob("*")) if path.is_file()]
    of_rooms = [path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    expected = {f"nocollapse/{path.as_posix()}" for path in (*own, *of_rooms) if "__pycache__" not in path.parts}
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
    done = attempt(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, copy, cwd=tmp_path)
    assert done.returncode != 0
    printed = done.stdout + done.stderr
    (line,) = (line for line in printed.splitlines() if line.startswith("nocollapse: "))
    assert "this clone has no symbolic links" in line
    assert "Traceback" not in printed
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


@pytest.fixture
def among_namesakes(tmp_path: Path) -> Path:
    """A user's folder, where each room's name is that of a module that refuses to be imported."""
    refusal = "raise ImportError('a user\\'s own module')\n"
    (tmp_path / "theory.py").write_text(refusal)
    for name in ("numerics", "reports"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(refusal)
    return tmp_path


def test_a_users_own_modules_of_the_rooms_names_disturb_no_script(installed: Path, among_namesakes: Path) -> None:
    script = among_namesakes / "script.py"
    script.write_text(
        "import sys, nocollapse\n"
        "nocollapse.main(['simulate', 'cdf', *'--n 5 --m 4 --w 0.5 --steps 1 --replications 5'.split()])\n"
        "nocollapse.main(['latex', 'mean.ridge'])\n"
        "assert not {'theory', 'numerics', 'reports'} & set(sys.modules)\n"
        "try:\n"
        "    import theory\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    printed = run(installed / "python", script, cwd=among_namesakes)
    assert printed.startswith("quantity,w,t,error,")
    assert "ncMeanRidge" in printed
    assert printed.endswith("a user's own module\n")


def test_nor_the_command(installed: Path, among_namesakes: Path) -> None:
    line = ("derive", "mean.ridge", "--format", "latex")
    by_script = run(installed / "nocollapse", *line, cwd=among_namesakes)
    assert by_script.startswith(r"\documentclass")
    assert run(installed / "python", "-m", "nocollapse", *line, cwd=among_namesakes) == by_script


def test_no_room_can_be_imported_by_its_bare_name(installed: Path, tmp_path: Path) -> None:
    program = "import importlib.util as u; print([u.find_spec(name) for name in ('theory', 'numerics', 'reports')])"
    assert run(installed / "python", "-c", program, cwd=tmp_path) == "[None, None, None]\n"


def test_a_users_mypy_knows_the_types(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import nocollapse\nadvice = nocollapse.weight(100, 400)\nshown: str = advice.digits\n")
    mypy = (sys.executable, "-m", "mypy", "--strict", "--python-executable", installed / "python", program)
    run(*mypy, cwd=tmp_path)
    program.write_text(program.read_text().replace(": str", ": int"))
    done = attempt(*mypy, cwd=tmp_path)
    assert 'expression has type "str", variable has type "int"' in done.stdout


def test_the_command_lists_the_claims(elsewhere: Path, tmp_path: Path) -> None:
    by_script = run(elsewhere / "nocollapse", "claims", cwd=tmp_path)
    assert "mean.error" in by_script
    assert run(elsewhere / "python", "-m", "nocollapse", "claims", cwd=tmp_path) == by_script


def test_the_adult_data_load(elsewhere: Path, tmp_path: Path) -> None:
    program = "from nocollapse.numerics.simulation.adult import load; table = load(); "
    program += "print(table.complete.size, table.complete.sum())"
    assert run(elsewhere / "python", "-c", program, cwd=tmp_path) == "48842 45222\n"


def test_the_report_finds_its_templates(elsewhere: Path, tmp_path: Path) -> None:
    program = "import json, sys; from pathlib import Path; from nocollapse.reports.write import write; "
    program += "write(json.loads(Path(sys.argv[1]).read_text(encoding='utf-8')), Path('report'))"
    example = ROOT / "tests" / "reports" / "example.json"
    run(elsewhere / "python", "-c", program, example, cwd=tmp_path)
    assert "<math" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
