"""docs/examples/recorded.jsonl: what an app with the shipped policy `fraud` recorded of two versions, to try a backtest on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.adapters.case_evidence import Situation, situation
from shared.adapters.case_files import read_cases
from shared.adapters.history_rows import new_rows
from shared.adapters.people_file import load_people
from shared.adapters.policy_files import load_policies
from shared.domain.chain import Row, Tip
from shared.domain.events import EvaluationCompleted, Registered
from shared.domain.export import export_lines
from shared.domain.ids import PromotionId
from shared.domain.run_digest import run_digest
from shared.domain.seen import see
from shared.ports import History, NewEvent
from shared.version import __version__

POLICIES = Path(__file__).parents[1] / "policies"
_POLICY = "fraud"
_VERSIONS = {"7": "0.91", "8": "0.95"}  # and the auc of each
_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def recorded_example() -> str:
    """The lines of the export: the version of the first case of `fraud`, registered twice, with another auc each time."""
    histories = ((rows, Tip(rows[-1].history, rows[-1].sequence, rows[-1].hash)) for rows in _histories())
    return "".join(f"{line}\n" for line in export_lines(histories, _AT + timedelta(days=1), __version__))


def _histories() -> Iterator[tuple[Row, ...]]:
    for number, (version, auc) in enumerate(_VERSIONS.items()):
        at = _AT + timedelta(hours=number)
        completed = _evaluated(version, auc, at)
        registered = Registered(completed.evaluation.incarnation, "Dana Osei")
        new = [NewEvent(event, f"operation-{number}", "clearance") for event in (registered, completed)]
        yield new_rows(History(PromotionId.parse(completed.evaluation.promotion)), new, at)


def _as_read(found: Situation) -> Situation:
    """With the SHA-256 of what was taken from the run, which is noted when it is read."""
    run = found.evidence.run
    return replace(found, evidence=replace(found.evidence, run_sha256=run_digest(run, {}) if run else None))


def _evaluated(version: str, auc: str, at: datetime) -> EvaluationCompleted:
    people = load_people(POLICIES / "directory" / "people.yaml")
    policy = next(policy for policy in load_policies(POLICIES, people) if policy.name == _POLICY)
    case = next(case for case in read_cases(POLICIES) if case.policy == _POLICY).evidence
    judged = {"metrics": {"auc": auc, "fairness_gap": "0.02"}, "model": f"{case.name}:{version}"}
    run = case.run.model_copy(update=judged) if case.run else None
    changed = case.model_copy(update={"day": at.date(), "version": version, "champion": None, "run": run})
    found = _as_read(situation(changed, policy))
    evaluation = found.evaluated(policy, people)
    seen = see(
        policy, promotion=found.promotion, evidence=found.evidence, people=people, given_up=frozenset(), at=found.now
    )
    return EvaluationCompleted(1, evaluation, seen)
