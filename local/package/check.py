"""The check of a finished zip: on each Python that is here, installed alone, indexed, invoked and measured."""

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CalledProcessError

from local.bench.cold_start import APP, FIRST_MESSAGE, Start, median, probe
from local.functions_host.functions import AppRefused
from local.functions_host.host_json import read_host_json
from local.package.environments import WORKER_LOCK, Environments, NotInstalled, installed_bytes, python_in
from local.package.pythons import VERSIONS, Python, find_python
from local.package.refused import refused_files
from local.package.stated import Stated, read_sources
from local.package.trial import NotDriven, Place
from local.package.verdict import SETTINGS, WITH_SETTINGS, WITHOUT_SETTINGS, indexing_faults, unset_faults, web_faults

STARTS = 3
RUNTIME_PYTHONS = ("3.13",)
"""Whose worker's library is on PyPI; on the others azure.functions is driven by its own converters."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one Python showed: who drove the app, bytes installed, and what a fresh process pays (medians)."""

    version: str
    library: str
    installed: int
    app: Start
    first_message: Start


@dataclass(slots=True)
class Checked:
    """What was found of one package, which may be deployed if there is no fault.

    Attributes:
        faults: sentences.
        functions: names, as the sources state them and every Python indexed them.
        measured: of each Python without a fault.
        absent: versions that are not here.
    """

    faults: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def check_package(package: Path, environments: Environments, versions: Sequence[str] = VERSIONS) -> Checked:
    """Check a zip on every one of `versions` that is here."""
    checked = Checked(refused_files(package))
    with unpacked(package) as app:
        checked.faults += _host_json_faults(app)
        try:
            stated = read_sources(app)
        except SyntaxError as error:
            checked.faults.append(f"{error.filename}, line {error.lineno}: {error.msg}")
            return checked
        checked.functions = stated.functions
        for version in versions:
            python = find_python(version)
            if python is None:
                checked.absent.append(version)
            else:
                _check_on(python, app, stated, environments, checked)
    return checked


@contextmanager
def unpacked(package: Path) -> Iterator[Path]:
    """A folder outside of the project that holds what the zip holds, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="clearance-package-") as folder:
        with zipfile.ZipFile(package) as opened:
            opened.extractall(folder)
        yield Path(folder).resolve()


def prepared(python: Python, app: Path, environments: Environments) -> Place:
    """Where `app` is driven on `python`: its requirements alone, and the worker library beside them where there is one.

    Raises:
        NotInstalled: see there.
    """
    environment = environments.of(app / "requirements.txt", python)
    library = environments.library(WORKER_LOCK, python) if python.minor in RUNTIME_PYTHONS else None
    return Place(app, environment, library)


def faults_in(place: Place, stated: Stated) -> tuple[str, list[str]]:
    """Who drove the app, and everything that is wrong with it there.

    Raises:
        NotDriven: see there.
    """
    unset = place.drive({}, WITHOUT_SETTINGS, sorted(stated.modules))
    faults = [*indexing_faults(unset, stated), *unset_faults(unset)]
    if unset.fault is None:
        everything = place.drive(SETTINGS, WITH_SETTINGS)
        faults += [*indexing_faults(everything, stated), *web_faults(everything)]
    return unset.library, [*dict.fromkeys(fault.replace(f"{place.app}/", "") for fault in faults)]


def measure(place: Place) -> tuple[Start, Start]:
    """What importing the app costs, and what the first message does; bytecode is compiled already.

    Raises:
        CalledProcessError: it failed.
    """
    python = python_in(place.environment)
    kinds = [[probe(code, python, place.app) for _ in range(STARTS)] for code in (APP, FIRST_MESSAGE)]
    return median(kinds[0]), median(kinds[1])


def _host_json_faults(app: Path) -> list[str]:
    try:
        read_host_json(app / "host.json", {})
    except AppRefused as refused:
        return [fault.replace(f"{app}/", "") for fault in refused.faults]
    return []


def _check_on(python: Python, app: Path, stated: Stated, environments: Environments, checked: Checked) -> None:
    named = f"Python {python.version}"
    try:
        place = prepared(python, app, environments)
        environments.say(f"{named}: every function, with and without settings")
        library, faults = faults_in(place, stated)
        checked.faults += [f"{named}: {fault}" for fault in faults]
        if not faults:
            environments.say(f"{named}: cold starts")
            found = Measured(python.version, library, installed_bytes(place.environment), *measure(place))
            checked.measured.append(found)
    except (NotInstalled, NotDriven) as error:
        checked.faults.append(f"{named}: {error}")
    except CalledProcessError as error:
        checked.faults.append(f"{named}: up to its first message it ends with: {error.stderr[-300:]}")
