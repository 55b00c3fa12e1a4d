"""Histories with every type of event, told as stories; the fixture of the first release was written by this file.

python -m tests.adapters.sample_histories history.jsonl checkpoint.json
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.adapters.memory import InMemoryHistories
from shared.domain import events
from shared.domain.canonical import sha256_hex
from shared.domain.evaluation import Evaluation, Facts, GateResult, Outcome, Rules
from shared.domain.events import Event
from shared.domain.evidence import Artifact, Champion
from shared.domain.export import export_lines
from shared.domain.ids import HistoryId, Incarnation, LineId, PromotionId, Target
from shared.domain.merkle import make_checkpoint
from shared.ports import NewEvent

BEGAN = datetime(2026, 11, 23, 6, 0, 0, 250_000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SEVEN = PromotionId("risk-dev", "fraud", "7")
EIGHT = PromotionId("risk-dev", "fraud", "8")
LINE = LineId("contoso-shared", "fraud")
SHARED = Target("contoso-shared", "fraud", "7")
EU = Target("contoso-eu", "risk-dev-fraud", "7")
PEOPLE = "ab" * 32
RUN = "run-17"
FIRST = Incarnation("azureml://locations/westeurope/workspaces/5f/models/fraud/versions/7", BEGAN)
CHAMPION = Champion("risk-dev:fraud:6", replace(SHARED, version="6"), 2, "6c" * 32, {"auc": "0.9533"}, "sha256:0f")
RULES = Rules(
    quorum=2,
    rejections=1,
    groups=("ml-approvers", "risk-officers"),
    required_groups=("risk-officers",),
    excluded=("dana",),
    expires_after=timedelta(days=7),
    release_record=("owner", "scope"),
)


def gate(outcome: Outcome, actual: str) -> GateResult:
    command = f"az ml model update --name fraud --version 7 --set tags.evaluation_run={RUN}"
    return GateResult(
        gate="metric:auc",
        mode="enforce",
        outcome=outcome,
        expected="at least 0.90",
        actual=actual,
        explanation=f"auc is {actual}",
        command="" if outcome is Outcome.PASSED else command,
        absent=actual == "absent",
    )


def evaluation(promotion: PromotionId, outcome: Outcome, auc: str) -> Evaluation:
    facts = Facts(
        tags={"owner": "zoë@contoso.com", "classification": "internal"},
        properties={"azureml.git.commit": "3e9f"},
        job="train-17",
        job_status="Completed",
        asset_type="mlflow_model",
        flavors=("python_function", "sklearn"),
        artifacts=(Artifact("MLmodel", 912, "1B2M2Y8AsgTpgAmY7PhCfg=="), Artifact("model.pkl", 52_113, None)),
        run=None if auc == "absent" else RUN,
        run_status=None if auc == "absent" else "Finished",
        metrics={} if auc == "absent" else {"auc": auc},
        dataset=None if auc == "absent" else "sha256:0f",
    )
    return Evaluation(
        promotion=str(promotion),
        incarnation=FIRST,
        policy="fraud",
        policy_build=1_795_413_600,
        digest=sha256_hex(f"{promotion} {auc}".encode()),
        gates=(gate(outcome, auc),),
        facts=facts,
        champion=CHAMPION,
        rules=RULES,
        targets=(SHARED, EU) if promotion == SEVEN else (replace(SHARED, version="8"),),
        release_record={"owner": "zoë@contoso.com"},
        grace_ends_at=BEGAN + 30 * MINUTE,
    )


ABSENT = evaluation(SEVEN, Outcome.UNPROVEN, "absent")
LOW = evaluation(SEVEN, Outcome.FAILED, "0.85")
GOOD = evaluation(SEVEN, Outcome.PASSED, "0.9611")
BETTER = evaluation(SEVEN, Outcome.PASSED, "0.9642")
OTHER = evaluation(EIGHT, Outcome.PASSED, "0.9500")


def decision(digest: str, person: str, verdict: events.Verdict = "approve") -> events.Decision:
    return events.Decision(
        digest=digest,
        verdict=verdict,
        person=person,
        groups=("ml-approvers", "risk-officers"),
        spelling=f"{person}@contoso.com",
        directory=PEOPLE,
        channel="webhook:teams" if person == "ada" else "page",
        comment="Checked against the March sample",
        limitations="Not for loans above 50 000 €",
        ticket="RISK-311",
        review_by="2027-05-31",
        release_record=(("scope", "cards, EU"),),
    )


def started(registry: str, lease: str) -> events.ImportStarted:
    return events.ImportStarted(registry, 4, "host-1/312/9f", lease, BEGAN + 50 * MINUTE, BEGAN + 66 * MINUTE)


def promoted(target: Target, *, adopted: bool) -> events.TargetPromoted:
    asset = f"azureml://registries/{target.registry}/models/{target.name}/versions/{target.version}"
    return events.TargetPromoted(target, 4, asset, adopted, ("asset_type", "flavors", "artifacts"))


PROMOTED: tuple[Event, ...] = (
    events.Registered(FIRST, "zoë@contoso.com"),
    events.PromotionErrored(None, "azure_ml_throttled", "The workspace asks for fewer calls for a while."),
    events.PromotionRecovered(None),
    events.EvaluationCompleted(1, ABSENT),
    events.EvidenceAwaited(1, BEGAN + 30 * MINUTE),
    events.EvaluationCompleted(2, LOW),
    events.Blocked(2, ("metric:auc",)),
    events.ReevaluationRequested("dana", "Evaluated again"),
    events.EvaluationCompleted(3, GOOD),
    events.ApprovalRequested(
        3,
        GOOD.digest,
        (SHARED, EU),
        (events.UncheckedTarget("contoso-eu", "It answered 503."),),
        BEGAN + 7 * 1440 * MINUTE,
    ),
    events.DecisionRecorded(3, decision(GOOD.digest, "ada")),
    events.RoundVoided(3, GOOD.digest, ("metric auc: 0.9611 is now 0.9642",)),
    events.EvaluationCompleted(4, BETTER),
    events.ApprovalRequested(4, BETTER.digest, (SHARED, EU), (), BEGAN + 7 * 1440 * MINUTE),
    events.DecisionRecorded(4, decision(BETTER.digest, "ada")),
    events.DecisionRecorded(4, decision(BETTER.digest, "bob")),
    events.Approved(4, BETTER.digest, ("ada", "bob")),
    started("contoso-shared", "5e" * 16),
    events.ImportStillRunning("contoso-shared", "5e" * 16),
    events.ImportNotLanded("contoso-shared", "5e" * 16, final=False),
    started("contoso-shared", "6f" * 16),
    promoted(SHARED, adopted=False),
    events.TargetMarked("contoso-shared", marked=True, explanation=""),
    events.ConflictFound(
        EU, "other_content", "Another model stands there.", "azureml://registries/contoso-eu/models/x"
    ),
    events.TargetRetryRequested("contoso-eu", "olga", "Removed by its owner"),
    promoted(EU, adopted=True),
    events.TargetMarked("contoso-eu", marked=False, explanation="The registry takes no tags."),
)

SETTLED: tuple[Event, ...] = (
    events.Registered(replace(FIRST, created_at=BEGAN + MINUTE), None),
    events.Ignored("not_opted_in", "The tag promote is not set."),
    events.ReevaluationRequested("dana"),
    events.EvaluationCompleted(1, OTHER),
    events.ApprovalRequested(1, OTHER.digest, OTHER.targets, (), BEGAN + 7 * 1440 * MINUTE),
    events.DecisionRecorded(1, decision(OTHER.digest, "bob", "reject")),
    events.Rejected(1, OTHER.digest, ("bob",), ()),
    events.ReevaluationRequested("dana"),
    events.EvaluationCompleted(2, OTHER),
    events.RejectionStands(2, OTHER.digest),
    events.Reregistered(replace(FIRST, created_at=BEGAN + 2 * MINUTE), "zoë@contoso.com"),
    events.EvaluationCompleted(3, OTHER),
    events.ApprovalRequested(3, OTHER.digest, OTHER.targets, (), BEGAN + 10 * MINUTE),
    events.Expired(3, OTHER.digest),
    events.ReevaluationRequested("dana"),
    events.EvaluationCompleted(4, OTHER),
    events.TargetGivenUp("contoso-shared", "olga", "Its registry is retired"),
    events.Withdrawn("by_person", "dana", "Superseded"),
)

LISTED: tuple[Event, ...] = (
    events.ChampionChanged(CHAMPION, None),
    events.ChampionChanged(Champion(str(SEVEN), SHARED, 4, BETTER.digest, {"auc": "0.9642"}, "sha256:0f"), "6"),
    events.VersionListed(replace(SHARED, version="5"), "risk-dev:fraud:5"),
)

STORIES: tuple[tuple[HistoryId, Sequence[Event]], ...] = ((LINE, LISTED), (SEVEN, PROMOTED), (EIGHT, SETTLED))


def tell(histories: InMemoryHistories) -> None:
    """Append every story, an event a minute, each under an operation of its own."""
    for history, story in STORIES:
        loaded = histories.load(history)
        for number, event in enumerate(story):
            actor = event.decision.person if isinstance(event, events.DecisionRecorded) else "clearance"
            new = NewEvent(event, f"{history.partition}/{number}", actor)
            loaded = histories.append(loaded, [new], BEGAN + number * MINUTE, {"rows": number + 1})


def write(export: Path, checkpoint: Path) -> None:
    """Write the stories as an export, and the checkpoint over them."""
    histories = InMemoryHistories()
    tell(histories)
    raw = [histories.raw(history) for history, _ in STORIES]
    at = BEGAN + 60 * MINUTE
    lines = export_lines(((each.rows, each.head) for each in raw), at, "1.0.0")
    export.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    checkpoint.write_bytes(make_checkpoint(at, "1.0.0", [each.head for each in raw if each.head]))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
