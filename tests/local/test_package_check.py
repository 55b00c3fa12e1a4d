"""The check of a package: what runs alone passes, and each way in which it would not run is told, all at once."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.package.__main__ import KEPT
from local.package.archive import build_package
from local.package.check import Checked, check_package, faults_in, prepared
from local.package.environments import Environments, NotInstalled, python_in
from local.package.pythons import Python, find_python
from local.package.report import WIDTH, checked_lines, fault_lines
from local.package.stated import read_sources
from local.package.trial import NotDriven, Place
from local.package.verdict import REQUIRED
from tests.architecture.project import ROOT
from tests.local.fake_package import lock_of, write_app, write_wheels

OWN = "{}.{}".format(*sys.version_info[:2])
UNREACHABLE = re.compile(r"Failed to fetch|error sending request|client error \(Connect\)")


def nothing_said(_text: str) -> None:
    """For whom progress is of no interest."""


@dataclass(frozen=True)
class Wheels:
    folder: Path
    pins: dict[str, str]
    kept: Path
    python: Python

    def lock(self, without: str = "") -> str:
        return lock_of(self.folder, {name: pin for name, pin in self.pins.items() if name != without})

    @property
    def environments(self) -> Environments:
        return Environments(self.kept, nothing_said)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    folder = tmp_path_factory.mktemp("package") / "wheels"
    python = find_python(OWN)
    assert python is not None
    return Wheels(folder, write_wheels(folder), folder.parent / "kept", python)


@pytest.fixture(scope="module", params=["converters", pytest.param("runtime", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Where fakes are driven: by this Python's azure.functions, or by Microsoft's library on 3.13."""
    nowhere = tmp_path_factory.mktemp("nowhere")
    if request.param == "converters":
        (nowhere / "requirements.txt").write_text(wheels.lock())
        return Place(nowhere, wheels.environments.of(nowhere / "requirements.txt", wheels.python), None)
    python = find_python("3.13")
    if python is None:
        pytest.skip("no Python 3.13 here, which azure-functions-runtime asks for")
    (nowhere / "requirements.txt").write_bytes((ROOT / "requirements.txt").read_bytes())
    try:
        return prepared(python, nowhere, Environments(ROOT / KEPT, nothing_said))
    except NotInstalled as fault:
        skip_unless_reachable(str(fault))
        raise


def skip_unless_reachable(faults: str) -> None:
    if UNREACHABLE.search(faults):
        pytest.skip("no package index answers here, and the environments have not been made yet")


def faults_of(place: Place, folder: Path, **sources: str) -> list[str]:
    app = write_app(folder.resolve() / "app", "", **sources)
    return faults_in(Place(app, place.environment, place.library), read_sources(app))[1]


def test_an_app_that_needs_nothing_but_itself_has_no_fault(place: Place, tmp_path: Path) -> None:
    assert faults_of(place, tmp_path) == []


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("import functions.gone", "No module named 'functions.gone'"),
        ("from local import ports", "No module named 'local'"),
        ("import sys\nsys.exit(3)", "it leaves Python while it is imported (3)"),
        (
            "@app.queue_trigger(arg_name='m', queue_name='q', connection='c')\ndef more(m: str, store: str): ...",
            "store",
        ),
    ],
    ids=["a module that is not packed", "a module of the laptop platform", "leaving Python", "an unbound parameter"],
)
def test_an_app_that_does_not_index_is_told_with_the_reason(
    place: Place, tmp_path: Path, added: str, told: str
) -> None:
    [fault] = faults_of(place, tmp_path, function_app=added)

    assert fault.startswith("function_app.py cannot be indexed: ")
    assert told in fault


def test_what_is_wrong_with_functions_and_imports_is_told_at_once(place: Place, tmp_path: Path) -> None:
    added = """
other = func.Blueprint()

@other.function_name("forgotten")
@other.timer_trigger(arg_name="timer", schedule="0 * * * * *")
def forgotten(timer: func.TimerRequest) -> None: ...

@app.function_name("quiet")
@app.queue_trigger(arg_name="my_message", queue_name="quiet", connection="AzureWebJobsStorage")
def quiet(my_message: func.QueueMessage) -> None:
    if missing == ["never"]:
        import not_pinned_anywhere

@app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
def unnamed(timer: func.TimerRequest) -> None:
    raise ValueError("something else")
"""
    faults = faults_of(place, tmp_path, function_app=added)

    assert sorted(re.sub(r": (?=ModuleNotFound|No module|ValueError).*", "", fault) for fault in faults) == sorted(
        [
            "the sources name the function forgotten, which is not indexed",
            "the function unnamed is indexed, and no source names it",
            (
                "the host refuses it: quiet: the host refuses the binding name 'my_message': "
                "letters and digits only, no underscore"
            ),
            "function_app.py imports not_pinned_anywhere, which cannot be imported there",
            "quiet ended well without a single setting; it must raise and name them",
            f"unnamed without settings does not name {', '.join(REQUIRED)}",
        ]
    )


def test_a_module_of_the_checkout_is_found_however_it_came_in(place: Place, tmp_path: Path) -> None:
    added = f"import sys\nsys.path.append({str(ROOT)!r})\nimport local.ports"

    faults = faults_of(place, tmp_path, function_app=added)

    assert f"local.ports was loaded from {ROOT}/local/ports.py, which is neither of the package nor of its" in "".join(
        faults
    )
    assert all("was loaded from" in fault for fault in faults)


def test_a_web_app_that_answers_something_else_is_told(place: Place, tmp_path: Path) -> None:
    wrong = """
missing = ["only this"] if missing else []
ANSWERS["/api/promotions"] = (200, "application/problem+json")
ANSWERS["/"] = (401, "application/json")
del ANSWERS["/static/clearance.css"]
"""
    faults = faults_of(place, tmp_path, function_app=wrong)

    answered = [fault for fault in faults if fault.startswith("GET ")]
    assert answered[:3] == [
        f"GET /api/health without settings does not name {', '.join(REQUIRED)}",
        (
            "GET /api/promotions with all settings is not answered by 401 application/problem+json but by "
            "200 application/problem+json: {}"
        ),
        "GET / with all settings is not answered by 401 text/html but by 401 application/json: {}",
    ]
    assert [fault.partition(" but by ")[0] for fault in answered[3:]] == [
        "GET /static/clearance.css with all settings is not answered by 200 text/css"
    ]


def test_a_health_that_says_nothing_is_wrong_is_told(place: Place, tmp_path: Path) -> None:
    wrong = 'missing = []\nANSWERS["/api/health"] = (200, "application/json")'

    assert "GET /api/health without settings is not answered by 503 but by 200" in faults_of(
        place, tmp_path, function_app=wrong
    )


def test_a_process_that_ends_by_itself_is_told(place: Place, tmp_path: Path) -> None:
    with pytest.raises(NotDriven, match=r"ended with 7: .*goodbye"):
        faults_of(
            place, tmp_path, function_app="import os, sys\nprint('goodbye', file=sys.stderr, flush=True)\nos._exit(7)"
        )


# --- environments ----------------------------------------------------------------------------------------------------


def lock_in(folder: Path, text: str) -> Path:
    (folder / "requirements.txt").write_text(text)
    return folder / "requirements.txt"


def test_a_requirement_without_its_pin_is_refused(wheels: Wheels, tmp_path: Path) -> None:
    lock = lock_in(tmp_path, wheels.lock(without="markupsafe"))

    with pytest.raises(NotInstalled, match=r"^requirements\.txt cannot be installed alone: .*(?i:markupsafe)"):
        wheels.environments.of(lock, wheels.python)


def test_a_pin_without_its_hash_is_refused(wheels: Wheels, tmp_path: Path) -> None:
    lock = lock_in(tmp_path, wheels.lock().replace("--hash", "# --hash"))

    with pytest.raises(NotInstalled, match="hash"):
        wheels.environments.of(lock, wheels.python)


def test_another_file_than_the_hashed_one_is_refused(wheels: Wheels, tmp_path: Path) -> None:
    lock = lock_in(tmp_path, re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", wheels.lock()))

    with pytest.raises(NotInstalled, match=r"(?i)hash"):
        wheels.environments.of(lock, wheels.python)


def test_an_environment_is_made_once_and_anew_where_it_was_not_finished(wheels: Wheels, tmp_path: Path) -> None:
    said: list[str] = []
    environments = Environments(tmp_path / "kept", said.append)
    lock = lock_in(tmp_path, wheels.lock())

    made = environments.of(lock, wheels.python)
    assert environments.of(lock, wheels.python) == made
    assert said == [f"Python {wheels.python.version}: installing requirements.txt, nothing else (once)"]

    (made / ".ready").unlink()  # as a kill in the middle leaves it
    python_in(made).unlink()
    assert environments.of(lock, wheels.python) == made
    assert len(said) == 2
    subprocess.run([python_in(made), "-Es", "-c", "import azure.functions"], check=True)


def test_another_lock_has_an_environment_of_its_own_which_takes_the_place_of_the_old(
    wheels: Wheels, tmp_path: Path
) -> None:
    environments = Environments(tmp_path / "kept", nothing_said)
    first = environments.of(lock_in(tmp_path, wheels.lock()), wheels.python)

    with pytest.raises(NotInstalled):
        environments.of(lock_in(tmp_path, wheels.lock(without="markupsafe")), wheels.python)
    assert python_in(first).exists(), "one that cannot be made takes nobody's place"
    second = environments.of(lock_in(tmp_path, wheels.lock() + "# changed\n"), wheels.python)

    assert second != first
    assert python_in(second).exists()
    assert not first.exists()


def test_a_python_that_is_not_here_is_not_found() -> None:
    assert find_python("3.99") is None


# --- the whole check -------------------------------------------------------------------------------------------------


def test_every_fault_of_a_package_is_told_at_once(wheels: Wheels, tmp_path: Path) -> None:
    project = write_app(tmp_path / "project", wheels.lock(without="markupsafe"))
    (project / "host.json").write_text('{"version": "1.0"}')
    (project / "policies/fraud.test.yaml").write_text("cases: []\n")
    build_package(project, tmp_path / "one.zip")

    checked = check_package(tmp_path / "one.zip", wheels.environments, [OWN, "3.99"])

    assert [re.sub(r"(alone|object).*", r"\1", fault) for fault in checked.faults] == [
        "policies/fraud.test.yaml: cases of policies are run before deployment. Leave it out with a line in .funcignore.",
        "host.json: must be an object",
        f"Python {wheels.python.version}: requirements.txt cannot be installed alone",
    ]
    assert checked.absent == ["3.99"]
    assert checked.measured == []


def test_an_app_whose_first_message_cannot_be_is_told(wheels: Wheels, tmp_path: Path) -> None:
    project = write_app(tmp_path / "project", wheels.lock())
    build_package(project, tmp_path / "one.zip")

    checked = check_package(tmp_path / "one.zip", wheels.environments, [OWN])

    [fault] = checked.faults
    assert fault.startswith(f"Python {wheels.python.version}: up to its first message it ends with: ")
    assert "bootstrap" in fault


def test_a_file_that_is_no_python_is_named(wheels: Wheels, tmp_path: Path) -> None:
    project = write_app(tmp_path / "project", wheels.lock(), web="\nif :\n")
    build_package(project, tmp_path / "one.zip")

    assert check_package(tmp_path / "one.zip", wheels.environments, [OWN]).faults == [
        "functions/web.py, line 9: invalid syntax"
    ]


def test_the_command_ends_with_one_where_the_package_must_not_be_deployed(wheels: Wheels, tmp_path: Path) -> None:
    project = write_app(tmp_path / "project", wheels.lock().replace("--hash", "# --hash"))
    command = [sys.executable, "-m", "local.package", "--project", str(project)]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert ran.stderr.startswith("This package must not be deployed; ")
    assert f"  - Python {wheels.python.version}: requirements.txt cannot be installed" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_python_that_is_not_here_is_told_most_of_all_the_one_that_is_deployed_on() -> None:
    lines = checked_lines(Checked(absent=["3.12", "3.13"]), "3.12").splitlines()

    assert "  Python 3.13 is not here: not checked on it." in lines
    assert "  But infra/ deploys on Python 3.12: check on that before you deploy." in lines


def test_faults_fit_a_terminal() -> None:
    assert max(map(len, fault_lines(["word " * 60]).splitlines())) <= WIDTH


@pytest.fixture(scope="module")
def printed() -> str:
    """What the check of this project prints, as `make package` runs it."""
    ran = subprocess.run(
        [sys.executable, "-m", "local.package"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=840
    )
    skip_unless_reachable(ran.stderr)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_package_of_this_project_runs_with_nothing_but_itself(printed: str) -> None:
    names = read_sources(ROOT / "functions").functions

    assert re.search(rf"functions +{len(names)} indexed and invoked: {names[0]}", printed)
    assert re.search(r"SHA-256 +[0-9a-f]{64}$", printed, re.MULTILINE)
    assert max(map(len, printed.splitlines())) <= WIDTH


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_each_python_is_measured_or_said_to_be_away(printed: str, version: str) -> None:
    numbers = re.search(
        rf"^  {re.escape(version)}\.\d+ +([\d.]+) +([\d.]+) +(\d+) +([\d.]+) +(\d+)$", printed, re.MULTILINE
    )
    if find_python(version) is None:
        assert f"Python {version} is not here: not checked on it." in printed
        return
    assert numbers is not None
    installed, import_cpu, _, message_cpu, _ = map(float, numbers.groups())
    assert installed > 20
    assert 0 < import_cpu < message_cpu
