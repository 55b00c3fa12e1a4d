"""Play the steps one after the other, and keep what each one saw."""

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from local.demo.measures import Measures
from local.demo.script import STEPS
from local.demo.stage import Detail, NotAsPromised, Stage, Step
from local.platform import NeverCame, Options, Platform


@dataclass(frozen=True, slots=True)
class Played:
    """One step as it went; `detail` holds what was observed."""

    name: str
    ok: bool
    seconds: float
    detail: dict[str, Any]


def play(
    options: Options, say: Callable[[str], None], standing: tuple[Detail, ...] = (), steps: Sequence[Step] = STEPS
) -> dict[str, Any]:
    """Run the demo on a fresh platform; the document of `build/demo.json`.

    Args:
        options: how the platform differs from the plain one.
        say: shows one line of progress.
        standing: faults of the Azure ML emulator that last throughout.
        steps: what is played.
    """
    with Platform(options, report=say) as platform, Measures(platform) as measures:
        stage = Stage(platform, say, standing=standing)
        stage.heal()
        played = [_play(step, stage, f"{number}/{len(steps)}") for number, step in enumerate(steps, 1)]
        return {
            "ok": all(step.ok for step in played),
            "steps": [asdict(step) for step in played],
            "promoted": stage.promoted,
            "round_trips": measures.round_trips(),
            "peak_rss_mb": measures.peak_rss_mb(),
        }


def _play(step: Step, stage: Stage, number: str) -> Played:
    stage.say(f"{number:>5}  {step.name} ...")
    began = time.monotonic()
    ok, detail = _outcome(step, stage)
    seconds = round(time.monotonic() - began, 2)
    stage.say(f"       {'ok' if ok else 'NOT OK':<7}{step.name} ({seconds:.1f} s)")
    if not ok:
        stage.say(f"       expected: {detail.get('expected', detail)}")
        _recover(step, stage)
    return Played(step.name, ok, seconds, detail)


def _outcome(step: Step, stage: Stage) -> tuple[bool, dict[str, Any]]:
    try:
        return True, step.play(stage)
    except NotAsPromised as error:
        return False, error.detail
    except NeverCame as error:
        return False, {"expected": str(error)}
    except Exception as error:  # noqa: BLE001 - a step that breaks is a step that is not ok, and the rest goes on
        return False, {"expected": "no error", "error": repr(error), "trace": traceback.format_exc()}


def _recover(step: Step, stage: Stage) -> None:
    try:
        step.recover(stage)
    except Exception as error:  # noqa: BLE001 - the step is lost already; what follows says the rest
        stage.say(f"       could not recover: {error!r}")
