"""A step of the demo, what it is given, and what it leaves for the next."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.platform import Platform, wait_for
from local.samples.registering import Registered

Detail = dict[str, Any]
DECIDERS = {"amir.approver": "chatops", "rosa.risk": "risk-desk"}


class NotAsPromised(Exception):
    """A step saw something else than it promises; `detail` holds what."""

    def __init__(self, what: str, **detail: Any) -> None:
        super().__init__(what)
        self.detail = {"expected": what, **detail}


@dataclass(slots=True)
class Stage:
    """The platform, and what earlier steps made: `good` and `weak` are versions of one model, `defects` of another.

    Attributes:
        platform: everything, running.
        made: versions by the name the demo gives them.
        promoted: asset ids that were read back.
        say: shows one line.
        standing: faults of the emulator that last for the whole demo, where a test wants some.
    """

    platform: Platform
    say: Callable[[str], None]
    made: dict[str, Registered] = field(default_factory=dict)
    promoted: list[str] = field(default_factory=list)
    standing: tuple[Detail, ...] = ()

    def heal(self) -> None:
        """End every fault but the standing ones."""
        self.platform.emulator.clear_faults()
        if self.standing:
            self.platform.emulator.add_faults(*self.standing)

    def register(self, name: str, sample: str, **wanted: Any) -> Registered:
        """Train, log and register a version, and keep it under `name`."""
        self.made[name] = self.platform.register(sample, **wanted)
        return self.made[name]

    def status(self, name: str, *statuses: str, timeout: float = 60.0) -> Detail:
        """Wait until a version has one of these statuses."""
        return self.platform.wait_for_status(self.made[name].promotion, *statuses, timeout=timeout)

    def view(self, name: str) -> Detail:
        """What the API says about a version now."""
        return self.platform.promotion(self.made[name].promotion)

    def history(self, name: str) -> list[Detail]:
        """The rows of a version's history."""
        path = self.made[name].promotion.replace(":", "/")
        answer = self.platform.http("ana.auditor").get(f"/api/promotions/{path}/history")
        return list(answer.json()["items"])

    def command(self, name: str, action: str, person: str) -> int:
        """Give a command about a version as a signed-in person; the HTTP status."""
        path = self.made[name].promotion.replace(":", "/")
        return self.platform.http(person).post(f"/api/promotions/{path}/{action}", json={}).status_code

    def approve(self, name: str, person: str, **fields: Any) -> Detail:
        """Approve by signed webhook, each person from the tool they use; the answer."""
        decision = self.platform.decision(self.made[name].promotion, person, **fields)
        answer = self.platform.sign_and_send(decision, sender=DECIDERS[person])
        promise(answer.status_code == 200, "an approval is taken with 200", status=answer.status_code, body=answer.text)
        return dict(answer.json())

    def target(self, name: str, registry: str) -> str:
        """The status of one target of a version."""
        return next((str(t["status"]) for t in self.view(name)["targets"] if t["registry"] == registry), "absent")

    def wait(self, look: Callable[[], Any], accept: Callable[[Any], object], what: str, timeout: float = 60.0) -> Any:
        """Wait until what is seen is accepted, and give it."""
        return wait_for(look, accept, what=what, timeout=timeout)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name in `build/demo.json`, what it does, and what brings the stage back where it failed."""

    name: str
    play: Callable[[Stage], Detail]
    recover: Callable[[Stage], None] = lambda _stage: None


def promise(holds: object, what: str, **detail: Any) -> None:
    """Raise with what was observed unless it holds.

    Raises:
        NotAsPromised: it does not.
    """
    if not holds:
        raise NotAsPromised(what, **detail)


def fill_in(command: str, value: str) -> str:
    """A printed command with its placeholder filled in, as its reader would."""
    return re.sub(r"<[^<>]*>", value, command)
