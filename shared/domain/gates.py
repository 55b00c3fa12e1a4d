"""All gates of a policy, in one order that does not depend on the order in its file.

One pure function a gate kind; they live in `tag_gates`, `lineage_gates`, `run_gates`, `metric_gates`, `duty_gate`,
`targets` and `reserved_gate`. A gate says passed, failed or unproven; what could not be read now never gets here
(design section 2).
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial

from shared.domain import (
    document_gates,
    lineage_gates,
    metric_gates,
    results_gate,
    rule_gates,
    run_gates,
    tag_gates,
)
from shared.domain.duty_gate import separation_of_duties
from shared.domain.evaluation import GateResult
from shared.domain.gate_exceptions import exception_for
from shared.domain.gate_input import GateInput, Judge
from shared.domain.policy import EvidenceRule, Policy
from shared.domain.reserved_gate import reserved_tags
from shared.domain.targets import target_gates

ALWAYS_PASS = frozenset({"release_record"})
"""Gates that only tell: what they find missing is asked for with the decision."""


def all_gates(given: GateInput) -> tuple[GateResult, ...]:
    """Judge every gate that is not off, never stopping at the first that does not pass."""
    judged = [judge(given) for judge in _judges(given.policy)]
    if given.policy.exceptions:
        judged = [_let_through(given, result) for result in judged]
    return (*judged, *target_gates(given), *reserved_tags(given))


@lru_cache(maxsize=64)
def _judges(policy: Policy) -> tuple[Judge, ...]:
    """The gates that are not off; kept, for one policy judges many versions."""
    return tuple(judge for name, judge in gates_of(policy) if policy.mode_of(name) != "off")


def _let_through(given: GateInput, result: GateResult) -> GateResult:
    """The same with the exception that keeps it from blocking, where there is one."""
    if not result.blocks:
        return result
    return replace(result, exception=exception_for(given.policy, result.gate, given.promotion.name, given.now))


def gates_of(policy: Policy) -> Iterator[tuple[str, Judge]]:
    """Every gate that the rules of a policy make, whatever its mode, by name.

    Those on targets and on reserved tags stand apart: there is nothing to say of a version that fits, and forges nothing.
    """
    if policy.release_record:
        yield "release_record", tag_gates.release_record
    for name in sorted(policy.tags):
        yield f"tag:{name}", partial(tag_gates.tag, name=name)
    if policy.job_required:
        yield "lineage:job", lineage_gates.job
    if policy.job_status is not None:
        yield "lineage:job_status", partial(lineage_gates.job_status, wanted=policy.job_status)
    if policy.evidence is not None:
        yield from _evidence(policy.evidence)
    for rule in sorted(policy.rules, key=lambda rule: rule.name):
        yield f"rule:{rule.name}", partial(rule_gates.rule, rule=rule)
    if policy.approval.exclude:
        yield "separation_of_duties", separation_of_duties


def _evidence(rule: EvidenceRule) -> Iterator[tuple[str, Judge]]:
    yield "evidence:run", partial(run_gates.run, rule=rule)
    if rule.max_age is not None:
        yield "evidence:max_age", partial(run_gates.max_age, longest=rule.max_age)
    if rule.code_version:
        yield "evidence:code_version", lineage_gates.code_version
    if rule.results is not None:
        yield "evidence:results", partial(results_gate.results, rule=rule, named=rule.results)
    for asked in sorted(rule.documents, key=lambda each: each.kind):
        yield f"document:{asked.kind}", partial(document_gates.document, asked=asked)
    for name in sorted(rule.metrics):
        yield from _metric(rule, name)
    if rule.same_dataset_as_champion:
        yield "evidence:same_dataset", run_gates.same_dataset


def _metric(rule: EvidenceRule, name: str) -> Iterator[tuple[str, Judge]]:
    yield f"metric:{name}", metric_gates.bounds(rule, name)
    worse_by = rule.metrics[name].no_worse_than_champion_by
    if worse_by is not None:
        yield f"metric:{name}:champion", metric_gates.champion(rule, name, worse_by)
