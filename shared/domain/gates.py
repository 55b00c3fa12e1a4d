"""All gates of a policy, in one order that does not depend on the order in its file.

One pure function a gate kind; they live in `tag_gates`, `lineage_gates`, `run_gates`, `metric_gates`, `duty_gate` and
`targets`. A gate says passed, failed or unproven; what could not be read now never gets here (design section 2).
"""

from collections.abc import Iterator

from shared.domain import lineage_gates, metric_gates, run_gates, tag_gates
from shared.domain.duty_gate import separation_of_duties
from shared.domain.evaluation import GateResult
from shared.domain.gate_input import GateInput
from shared.domain.policy import EvidenceRule
from shared.domain.targets import target_gates


def all_gates(given: GateInput) -> tuple[GateResult, ...]:
    """Judge every gate, never stopping at the first that does not pass."""
    return tuple(_results(given))


def _results(given: GateInput) -> Iterator[GateResult]:
    policy = given.policy
    if policy.release_record:
        yield tag_gates.release_record(given)
    for name in sorted(policy.tags):
        yield tag_gates.tag(given, name)
    if policy.job_required:
        yield lineage_gates.job(given)
    if policy.job_status is not None:
        yield lineage_gates.job_status(given, policy.job_status)
    if policy.evidence is not None:
        yield from _evidence(given, policy.evidence)
    if policy.approval.exclude:
        yield separation_of_duties(given)
    yield from target_gates(given)


def _evidence(given: GateInput, rule: EvidenceRule) -> Iterator[GateResult]:
    yield run_gates.run(given, rule)
    if rule.max_age is not None:
        yield run_gates.max_age(given, rule, rule.max_age)
    for name in sorted(rule.metrics):
        yield from _metric(given, rule, name)
    if rule.same_dataset_as_champion:
        yield run_gates.same_dataset(given, rule)


def _metric(given: GateInput, rule: EvidenceRule, name: str) -> Iterator[GateResult]:
    yield metric_gates.bounds(given, rule, name)
    worse_by = rule.metrics[name].no_worse_than_champion_by
    if worse_by is not None:
        yield metric_gates.champion(given, rule, name, worse_by)
