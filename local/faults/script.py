"""The main job as the crash sweep and the storms play it: two registries, a quorum of two, one blocked round."""

from collections.abc import Callable
from typing import Literal

from local.faults.samples import tags
from local.faults.trial import Trial

Stage = Literal["announced", "mended", "asked", "approved"]
STAGES: tuple[Stage, ...] = ("announced", "mended", "asked", "approved")


def play(trial: Trial, at: Callable[[Stage], None] = lambda _stage: None) -> None:
    """Blocked for a tag, mended, asked about, approved by two, imported twice, left alone.

    `at` is told of every stage as it begins, before any worker has acted on it.

    Raises:
        Stuck: it comes to no end.
    """
    trial.register(tags=tags(owner=None))
    at("announced")
    trial.until(lambda case: case.status == "blocked", "the first round to be blocked")
    trial.change("change", tags=tags())
    at("mended")
    trial.instruct("reevaluate", by="dana.submitter")
    trial.until(lambda case: case.status == "awaiting_approval", "people to be asked")
    at("asked")
    for person in ("amir.approver", "rosa.risk"):
        trial.decide(person)
    at("approved")
    trial.until(lambda case: case.status == "promoted", "the promotion")
    trial.until_left_alone()
