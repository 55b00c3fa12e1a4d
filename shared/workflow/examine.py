"""Read a version whole and judge it: the same for a look and for the re-read before an import."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain import states
from shared.domain.commands import Judged, NotGoverned, RecordLook, TargetFinding
from shared.domain.decide import is_unchanged, needs_judging
from shared.domain.evaluate import evaluate
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.evidence import Champion, ModelVersion
from shared.domain.line import champion_of
from shared.domain.policy import Policy
from shared.domain.policy_match import Standing, match_policy
from shared.domain.seen import Seen, see
from shared.domain.states import Case
from shared.domain.targets import champion_line
from shared.workflow.findings import find_obstacles
from shared.workflow.governed_from import governed_from
from shared.workflow.outside import Outside
from shared.workflow.read_evidence import read_evidence


@dataclass(frozen=True, slots=True)
class Examined:
    """What a full read says: the command to record, and the digest where the version was evaluated."""

    command: RecordLook
    digest: str | None


def examine(outside: Outside, case: Case) -> Examined | None:
    """Read the version and judge it under the loaded policy; None where its workspace answers that it is gone.

    Raises:
        Unreadable: some evidence could not be read now, so there is no evaluation and nothing is voided.
    """
    version = outside.catalog.read(case.id)
    if version is None:
        return None
    again = case.incarnation is not None and case.incarnation != version.incarnation
    if again or not needs_judging(case):
        return Examined(RecordLook(version.incarnation, version.registrant, None), None)
    judged = _judge(outside, case, version)
    digest = judged.evaluation.digest if isinstance(judged, Judged) else None
    return Examined(RecordLook(version.incarnation, version.registrant, judged), digest)


def _judge(outside: Outside, case: Case, version: ModelVersion) -> Judged | NotGoverned:
    found = match_policy(outside.policy_source.policies(), case.id.workspace, case.id.name, version.tags)
    if found.policy is None:
        return NotGoverned("no_policy", found.reason)
    if found.standing is Standing.POLICY_OFF:
        return NotGoverned("policy_off", found.reason)
    if found.standing is Standing.NOT_OPTED_IN:
        return NotGoverned("not_opted_in", found.reason)
    if _is_too_old(outside, case, version.incarnation.created_at):
        return NotGoverned(
            "before_governed_from",
            f"Registered before Clearance governed {case.id.workspace}; ask for an evaluation to have it judged.",
        )
    evaluation, seen = _evaluate(outside, case, found.policy, version)
    asking = evaluation.outcome is Outcome.PASSED and not is_unchanged(case, evaluation.digest)
    findings: tuple[TargetFinding, ...] = find_obstacles(outside, case, evaluation) if asking else ()
    return Judged(evaluation, findings, seen)


def _is_too_old(outside: Outside, case: Case, created_at: datetime) -> bool:
    """Older versions are never evaluated until a person asks for one (R12); once asked, they stay governed."""
    asked = case.round > 0 or (isinstance(case.state, states.Received) and case.state.asked_by is not None)
    return not asked and created_at < governed_from(outside, case.id.workspace)


def _evaluate(outside: Outside, case: Case, policy: Policy, version: ModelVersion) -> tuple[Evaluation, Seen]:
    evidence = read_evidence(outside.catalog, policy, case.id, version)
    champion, people, now = _champion(outside, case, policy), outside.directory.people(), outside.clock.now()
    evaluation = evaluate(
        policy,
        policy_build=outside.policy_build,
        promotion=case.id,
        evidence=evidence,
        champion=champion,
        people=people,
        given_up=case.left_out,
        address=outside.workspaces.get(case.id.workspace),
        now=now,
    )
    seen = see(policy, promotion=case.id, evidence=evidence, people=people, given_up=case.left_out, at=now)
    return evaluation, seen


def _champion(outside: Outside, case: Case, policy: Policy) -> Champion | None:
    """The round's frozen champion while its round lasts (R17), else the one the first target's line has now."""
    if case.evaluation is not None and not isinstance(case.state, states.Received):
        return case.evaluation.champion
    line = champion_line(policy, case.id)
    champion = champion_of(outside.histories.load(line).rows) if line else None
    if champion is not None and champion.promotion == str(case.id):  # never its own champion
        return case.evaluation.champion if case.evaluation else None
    return champion
