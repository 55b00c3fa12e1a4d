"""What Azure ML may do to one promotion, each as a scenario with the end it must come to."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from local.faults.azure_ml_watches import OnImport, Resets
from local.faults.calls import Counting
from local.faults.samples import tags
from local.faults.trial import Stuck, Trial
from local.platform.estate import WORKSPACE

Play = Callable[[Trial, int], None]
_PEOPLE = ("amir.approver", "rosa.risk")
_OPERATIONS = ("discovery", "import", "poll", "registry_read", "registry_write", "workspace_read", "mlflow", "blob")
_GONE_SECONDS = 3.0
_EACH = 0.039  # of eight strikes and a reset, drawn one after the other: three calls in ten
_CHANGED = {"MLmodel": "flavors: {sklearn: {}}\n", "model.pkl": "weights that nobody approved"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One misbehaviour. `ends` is the right status then, `voids` how many rounds must be void since facts changed."""

    name: str
    play: Play
    ends: str = "promoted"
    voids: int = 0


def ask(trial: Trial) -> None:
    """Register a version in order, up to people being asked."""
    trial.register()
    trial.watch(Counting())
    trial.until(lambda case: case.status == "awaiting_approval", "people to be asked")


def approve(trial: Trial, attempt: str = "1") -> None:
    """The quorum answers; no worker acts on it yet."""
    for person in _PEOPLE:
        trial.decide(person, attempt=attempt)


def finish(trial: Trial) -> None:
    """Let the machinery come to its end."""
    trial.until(lambda case: case.status in ("promoted", "conflict"), "the end")
    trial.until_left_alone()


def _with_rule(**rule: object) -> Play:
    """The emulator does one thing wrong with the imports of an approved version."""

    def play(trial: Trial, _seed: int) -> None:
        ask(trial)
        trial.lane.control.add_faults(dict(rule))
        approve(trial)
        finish(trial)
        _heal(trial)

    return play


def _async_only(trial: Trial, _seed: int) -> None:
    trial.lane.control.set_behaviour(import_final_body="async_only")
    ask(trial)
    approve(trial)
    finish(trial)


def _conflict_in_operation(trial: Trial, seed: int) -> None:
    """A lost answer where the repeat is accepted and then fails, for the first one landed."""
    trial.lane.control.set_behaviour(import_conflict="lro_failed")
    _with_rule(action="drop_after", match={"operation": "import"}, times=1)(trial, seed)
    trial.lane.control.set_behaviour(import_conflict="http_409")


def _changed_before_import(trial: Trial, _seed: int) -> None:
    ask(trial)
    approve(trial)
    trial.change("change", tags=tags(owner="somebody.else@contoso.com"))
    trial.until(lambda case: case.status == "awaiting_approval" and case.round == 2, "people to be asked anew")
    approve(trial, attempt="2")
    finish(trial)


def _changed_at_import(trial: Trial, _seed: int) -> None:
    """After the re-read, before the copy: what lands is not what was approved."""
    name, version = trial.promotion.name, trial.promotion.version
    ask(trial)

    def change() -> None:
        here = {"workspace": WORKSPACE.name, "name": name, "versions": [version]}
        trial.lane.change_now(action="change", files=_CHANGED, **here)

    trial.watch(OnImport(change))
    approve(trial)
    finish(trial)


def _registered_anew(trial: Trial, _seed: int) -> None:
    ask(trial)
    approve(trial)
    trial.change("delete")
    trial.register(created_at="2026-01-02T00:00:00.0000000+00:00")
    trial.until(lambda case: case.status == "awaiting_approval" and case.round == 2, "people to be asked anew")
    approve(trial, attempt="2")
    finish(trial)


def _gone_for_a_while(*operations: str, code: int) -> Play:
    """Refused or unavailable in the middle of everything, and back again."""

    def play(trial: Trial, _seed: int) -> None:
        ask(trial)
        for operation in operations:
            trial.lane.control.add_faults({"action": "status", "code": code, "match": _match(operation), "times": -1})
        approve(trial)
        _pass_time(trial, _GONE_SECONDS)
        _heal(trial)
        finish(trial)

    return play


def _refused_from_the_start(trial: Trial, _seed: int) -> None:
    """The app's token is refused before the first read: there is no evaluation, and nothing is lost."""
    trial.register()
    for operation in _OPERATIONS:
        trial.lane.control.add_faults({"action": "status", "code": 401, "match": _match(operation), "times": -1})
    _pass_time(trial, _GONE_SECONDS)
    _heal(trial)
    trial.until(lambda case: case.status == "awaiting_approval", "people to be asked")
    approve(trial)
    finish(trial)


def _no_identity(*, from_the_start: bool) -> Play:
    """The platform gives the app no token, for Azure ML or anything else, in every way in which it may refuse."""

    def play(trial: Trial, _seed: int) -> None:
        if from_the_start:
            trial.register()
        else:
            ask(trial)
            approve(trial)
        trial.refuse_identity()
        _pass_time(trial, _GONE_SECONDS)
        if not trial.give_identity():
            raise Stuck(f"{trial.promotion} has asked for no token")
        if from_the_start:
            trial.until(lambda case: case.status == "awaiting_approval", "people to be asked")
            approve(trial)
        finish(trial)

    return play


def _pass_time(trial: Trial, seconds: float) -> None:
    """Work on while trouble lasts."""
    over = time.monotonic() + seconds
    trial.until(lambda _case: time.monotonic() > over, "the trouble to end")


def _heal(trial: Trial, struck: int = 0) -> None:
    """End all trouble.

    Raises:
        Stuck: there was none; `struck` is how much is known of.
    """
    if not struck + sum(int(armed["struck"]) for armed in trial.lane.control.faults()):
        raise Stuck(f"{trial.promotion} has met no trouble: {trial.lane.control.faults()}")
    trial.lane.control.clear_faults()


def _storm(trial: Trial, seed: int) -> None:
    """Three calls in ten go wrong for a while, from the first read or from the approval on; the first of all does."""
    chance = random.Random(f"azure ml {seed}")
    first, more_of_first = chance.choice(_STRIKES)
    rules: list[dict[str, object]] = [{"action": first, "match": _match("workspace_read"), "times": 1, **more_of_first}]
    rules += [
        {
            "action": action,
            "match": _match(operation),
            "times": -1,
            "probability": _EACH,
            "seed": chance.randrange(2**31),
            **more,
        }
        for operation in _OPERATIONS
        for action, more in _STRIKES
    ]
    if chance.random() < 0.5:
        trial.register()
    else:
        ask(trial)
        approve(trial)
    trial.lane.control.add_faults(*rules)
    resets = Resets(chance, _EACH)
    trial.watch(resets)
    _pass_time(trial, 2 * _GONE_SECONDS)
    resets.over = True
    _heal(trial, resets.strikes)
    if trial.case().status in ("received", "unseen", "awaiting_approval"):
        trial.until(lambda case: case.status == "awaiting_approval", "people to be asked")
        approve(trial)
    finish(trial)


_STRIKES: tuple[tuple[str, dict[str, object]], ...] = (
    ("drop_before", {}),
    ("drop_after", {}),
    ("truncate_body", {}),
    ("status", {"code": 500}),
    ("status", {"code": 503}),
    ("status", {"code": 429}),
    ("status", {"code": 429, "retry_after": 0.5}),
    ("delay", {"seconds": 0.2}),
)


def _match(operation: str) -> dict[str, str]:
    return {"operation": operation}


_IMPORT = {"operation": "import"}

SCENARIOS = (
    Scenario("the answer to an import is lost", _with_rule(action="drop_after", match=_IMPORT)),
    Scenario("the answer is lost, the repeat fails later", _conflict_in_operation),
    Scenario("an import never arrives", _with_rule(action="drop_before", match=_IMPORT, times=4)),
    Scenario("answers to polls are lost", _with_rule(action="drop_after", match={"operation": "poll"}, times=5)),
    Scenario(
        "an operation never ends, its copy lands", _with_rule(action="never_end", match=_IMPORT, copy_anyway=True)
    ),
    Scenario("an operation never ends, nothing lands", _with_rule(action="never_end", match=_IMPORT)),
    Scenario("says Failed while the version exists", _with_rule(action="fail_lro", match=_IMPORT, copy_anyway=True)),
    Scenario("says Failed, and is", _with_rule(action="fail_lro", match=_IMPORT)),
    Scenario("the final body is the operation's", _async_only),
    Scenario("changed between approval and import", _changed_before_import, voids=1),
    Scenario("changed between re-read and copy", _changed_at_import, ends="conflict", voids=1),
    Scenario("registered anew under the same number", _registered_anew),
    Scenario("a registry is gone", _gone_for_a_while("discovery", "registry_read", "import", code=503)),
    Scenario("the workspace is gone", _gone_for_a_while("workspace_read", "mlflow", code=503)),
    Scenario("a registry asks for patience", _gone_for_a_while("registry_read", "import", code=429)),
    Scenario("tags are refused for a while", _gone_for_a_while("registry_write", code=503)),
    Scenario("the token is refused after approval", _gone_for_a_while(*_OPERATIONS, code=401)),
    Scenario("the token is refused from the start", _refused_from_the_start),
    Scenario("no token is given after approval", _no_identity(from_the_start=False)),
    Scenario("no token is given from the start", _no_identity(from_the_start=True)),
    Scenario("storm", _storm),
)
SHORT = frozenset(
    {
        "the answer to an import is lost",
        "says Failed while the version exists",
        "the final body is the operation's",
        "changed between approval and import",
        "the token is refused after approval",
    }
)
