"""Claims from outside the project, read like its own: a user's file, an installed package, or objects from Python.

What is stated outside has to be known in every process that works on it. So a file travels as its text, a package by
its name and a digest of its files, and objects by value; `load` makes them this process's claims, and no others.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
import tempfile
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

import cloudpickle

from nocollapse.theory import symbols
from nocollapse.theory.claims import registry
from nocollapse.theory.claims.entry import Entry

GROUP = "nocollapse.claims"
"""The entry points of packages that bring claims: each names a module."""


@dataclass(frozen=True)
class File:
    """A file of claims: as the user named it, where it lies, and its text."""

    name: str
    path: str
    text: str

    @property
    def digest(self) -> str:
        """What the claims of the file, and all that is kept of them, depend on."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def namespace(self) -> Mapping[str, object]:
        """What the file defines itself; ValueError, in one line, where it cannot be run."""
        module = _run(self)
        return {name: value for name, value in vars(module).items() if _home(value) in (None, module.__name__)}


@dataclass(frozen=True)
class Package:
    """An installed module of claims, by its name and the digest of the files of its package."""

    name: str
    digest: str

    def namespace(self) -> Mapping[str, object]:
        """What the module has of its own package; ValueError where it is not the one that the digest was taken of."""
        module = _imported(self.name)
        if _digest_of(module) != self.digest:
            raise ValueError(f"a worker has another version of the claims in {self.name}")
        top = self.name.partition(".")[0]
        homes = {name: _home(value) for name, value in vars(module).items()}
        return {name: vars(module)[name] for name, home in homes.items() if home is None or _top(home) == top}


@dataclass(frozen=True)
class Objects:
    """Entries, checks and letters that were given in Python, by value."""

    name: str
    content: bytes
    given: tuple[object, ...] = field(default=(), compare=False, repr=False)

    @property
    def digest(self) -> str:
        """The digest of the pickled objects."""
        return hashlib.sha256(self.content).hexdigest()

    def namespace(self) -> Mapping[str, object]:
        """The objects themselves where they were given, their copies elsewhere."""
        objects = self.given or cloudpickle.loads(self.content)
        return {str(i): value for i, value in enumerate(objects)}

    def __getstate__(self) -> tuple[str, bytes]:
        return self.name, self.content

    def __setstate__(self, state: tuple[str, bytes]) -> None:
        for name, value in zip(("name", "content", "given"), (*state, ()), strict=True):
            object.__setattr__(self, name, value)


Source = File | Package | Objects
_loaded: list[tuple[Source, Mapping[str, object]]] = []


def sources(claims: Iterable[object] = ()) -> tuple[Source, ...]:
    """The sources of claims: all installed packages of claims, then what is named or given.

    `claims` are paths of files, or objects: entries, with their checks and letters. ValueError for a path that cannot
    be read.
    """
    listed = list(claims)
    files = [_file(path) for path in listed if isinstance(path, str | Path)]
    objects = tuple(value for value in listed if not isinstance(value, str | Path))
    for value in objects:
        if not isinstance(value, Entry | symbols.Letter) and not hasattr(value, "build"):
            raise ValueError(f"claims: {value!r} is no path of a file, and no claim, check or letter")
    own = [Objects("objects given in Python", cloudpickle.dumps(objects), objects)] if objects else []
    return (*_packages(), *dict.fromkeys(files), *own)


def load(given: Sequence[Source]) -> None:
    """Make the claims and letters of these sources known in this process, and those of no others.

    ValueError, in one line, for a source that cannot be run, states no claim or a check of none, or takes an id or a
    letter that is taken; then none is known.
    """
    if [source for source, _ in _loaded] == list(given):
        return
    _forget()
    try:
        for source in given:
            _add(source, source.namespace())
    except BaseException:
        _forget()
        raise


def stated() -> list[str]:
    """The ids of the claims that files and objects state: what is verified where no ids are named."""
    return [entry.id for source, names in _loaded if not isinstance(source, Package) for entry in entries(names)]


def namespaces() -> list[Mapping[str, object]]:
    """What each loaded source defines."""
    return [names for _, names in _loaded]


def texts() -> list[dict[str, str]]:
    """The sources as the document records them: name, digest and, of a file, its text."""
    return [
        {"name": source.name, "sha256": source.digest, "text": source.text if isinstance(source, File) else ""}
        for source, _ in _loaded
    ]


def digest(given: Sequence[Source]) -> str:
    """What results depend on besides the project itself."""
    return hashlib.sha256(" ".join(source.digest for source in given).encode()).hexdigest()


# --- registering -----------------------------------------------------------------------------------------------------


def _forget() -> None:
    _loaded.clear()
    registry.CLAIMS.clear()
    registry.CLAIMS.update(registry.OWN)
    symbols.withdraw()


def _add(source: Source, names: Mapping[str, object]) -> None:
    own = entries(names)
    if not own:
        raise ValueError(f"{source.name} states no claim: a function under @nocollapse.claim(...) does")
    for identifier in registry.by_id(own):
        if identifier in registry.OWN:
            raise ValueError(f"{source.name}: the id {identifier!r} is that of a claim of nocollapse itself")
        if identifier in registry.CLAIMS:
            raise ValueError(f"{source.name}: the id {identifier!r} is stated elsewhere, too")
    known = {one.id: one for entry in registry.CLAIMS.values() for one in entry.rests_on}
    for one in (one for entry in own for one in entry.rests_on):
        if known.setdefault(one.id, one) != one:
            raise ValueError(f"{source.name}: another assumption has the id {one.id!r}")
    letters = [value for value in names.values() if isinstance(value, symbols.Letter)]
    try:
        symbols.declare(letters)
    except ValueError as error:
        raise ValueError(f"{source.name}: {error}") from None
    registry.CLAIMS.update({entry.id: entry for entry in own})
    _loaded.append((source, names))


def entries(names: Mapping[str, object]) -> list[Entry]:
    """The claims among what a source defines."""
    return list(dict.fromkeys(value for value in names.values() if isinstance(value, Entry)))


def _home(value: object) -> str | None:
    """The module in which an entry or a check was stated; None for anything else."""
    build = getattr(value, "build", None)
    return getattr(build, "__module__", None) if callable(build) else None


def _top(module: str) -> str:
    return module.partition(".")[0]


# --- files -----------------------------------------------------------------------------------------------------------


def _file(path: str | Path) -> File:
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"claims file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"claims file {path} is not UTF-8 text") from None
    return File(str(path), str(place.resolve()), text)


def _run(file: File) -> ModuleType:
    """The module that the text of a file is, run once in a process."""
    name = f"nocollapse_claims_{file.digest[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    place = _place(file, name)
    module = module_from_spec(ModuleSpec(name, None, origin=str(place)))
    module.__file__ = str(place)
    before = set(sys.modules)
    sys.modules[name] = module
    try:
        exec(compile(file.text, str(place), "exec"), vars(module))
        _refuse_neighbours(file, Path(place), set(sys.modules) - before)
    except BaseException as error:
        for new in set(sys.modules) - before:
            if new == name or _beside(new, Path(place)):
                del sys.modules[new]
        if isinstance(error, KeyboardInterrupt | _Neighbour):
            raise
        raise ValueError(f"{file.name} cannot be run: {_told(error, str(place))}") from None
    return module


def _place(file: File, name: str) -> Path:
    """Where the text lies, for tracebacks and numba's cache: the user's file, or a copy where there is no such file."""
    place = Path(file.path)
    try:
        if place.read_text(encoding="utf-8") == file.text:
            return place
    except (OSError, UnicodeDecodeError):
        pass
    copy = _folder() / f"{name}.py"
    copy.write_text(file.text, encoding="utf-8")
    return copy


@cache
def _folder() -> Path:
    """A folder of this process, which ends with it."""
    return Path(_keeper().name)


@cache
def _keeper() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="nocollapse-claims-")


def _told(error: BaseException, place: str) -> str:
    """An error in one line, with the line of the file in which it arose."""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == place]
    where = f"line {lines[-1]}: " if lines else ""
    text = " ".join(str(error).split())
    kind = type(error).__name__
    return f"{where}{kind}: {text}" if text else f"{where}{kind}"


class _Neighbour(ValueError):
    """A file that imports another one beside it."""


def _refuse_neighbours(file: File, place: Path, imported: Iterable[str]) -> None:
    for name in sorted(imported):
        if _beside(name, place):
            raise _Neighbour(
                f"{file.name} imports {name}, which lies beside it: no worker would find that; put it into the file, "
                "or install it as a package"
            )


def _beside(name: str, place: Path) -> bool:
    """Whether a module is a file or a package in the folder of another."""
    path = getattr(sys.modules.get(name), "__file__", None)
    if path is None or Path(path).resolve() == place.resolve():
        return False
    home = place.resolve().parent / _top(name)
    return Path(path).resolve() == home.with_suffix(".py") or home in Path(path).resolve().parents


# --- installed packages ----------------------------------------------------------------------------------------------


@cache
def _packages() -> tuple[Package, ...]:
    """The modules of claims that installed packages name."""
    names = sorted({point.value.partition(":")[0].strip() for point in entry_points(group=GROUP)})
    return tuple(Package(name, _digest_of(_imported(name))) for name in names)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise ValueError(f"the installed claims in {name} cannot be imported: {_told(error, '')}") from None


def _digest_of(module: ModuleType) -> str:
    """The digest of the sources of a module's top package."""
    top = sys.modules[_top(module.__name__)]
    path = Path(str(top.__file__))
    files = sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
    found = hashlib.sha256()
    for file in files:
        found.update(repr((file.relative_to(path.parent).as_posix(), file.read_bytes())).encode())
    return found.hexdigest()
