"""One evaluation: the gates' results, the facts they name and the rules in force, frozen under one digest."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from shared.domain.awaited_runs import runs_to_end
from shared.domain.digest import digest_of
from shared.domain.duty_gate import excluded_ids
from shared.domain.evaluation import Evaluation, Facts, Rules
from shared.domain.evidence import Champion, Evidence, Source
from shared.domain.gate_input import GateInput
from shared.domain.gates import all_gates
from shared.domain.ids import PromotionId
from shared.domain.instants import later
from shared.domain.mending import WorkspaceAddress
from shared.domain.people import People
from shared.domain.policy import EvidenceRule, Policy
from shared.domain.reserved_gate import forged
from shared.domain.targets import targets_for


def evaluate(  # noqa: PLR0913 - all that an evaluation depends on, each named by its caller
    policy: Policy,
    *,
    policy_build: int,
    promotion: PromotionId,
    evidence: Evidence,
    champion: Champion | None,
    people: People,
    given_up: frozenset[str],
    address: WorkspaceAddress | None,
    now: datetime,
) -> Evaluation:
    """Judge a candidate by every gate of its policy.

    Args:
        policy: the policy that governs this version.
        policy_build: `POLICY_BUILD` of this instance (R18); not in the digest.
        promotion: whose version it is.
        evidence: what was read about it, whole: what could not be read never gets here.
        champion: the champion frozen for the round, None where the line has none. A promotion is never its own.
        people: the directory now.
        given_up: registries that the operator left out.
        address: where `az` finds the workspace, for the commands that mend; None leaves its flags out.
        now: the instant, aware; it decides about ages alone.
    """
    other = champion if champion and champion.promotion != str(promotion) else None
    given = GateInput(policy, promotion, evidence, other, people, address, now, given_up)
    version = evidence.version
    evaluation = Evaluation(
        promotion=str(promotion),
        incarnation=version.incarnation,
        policy=policy.name,
        policy_build=policy_build,
        digest="",
        gates=all_gates(given),
        facts=_facts(given),
        champion=other,
        rules=_rules(policy, excluded_ids(given)),
        targets=targets_for(policy, promotion, given_up),
        release_record=_named(version.tags, policy.release_record),
        grace_ends_at=later(version.incarnation.created_at, policy.grace),
        awaits=runs_to_end(given),
    )
    return replace(evaluation, digest=digest_of(evaluation))


def _facts(given: GateInput) -> Facts:
    """What the gates name that are not off. Type, flavors and files always count: they are what an import is compared by (R10)."""
    policy, evidence = given.policy, given.evidence
    version, rule = evidence.version, policy.evidence
    run, theirs = evidence.run if rule else None, forged(policy, evidence)
    job_named = policy.job_required or policy.job_status is not None or bool(rule and rule.run_or_job)
    read = policy.rule_reads
    return Facts(
        tags={**_named(version.tags, _tag_names(policy)), **theirs.tags},
        properties=theirs.properties,
        job=version.job if job_named or ("job", "id") in read else None,
        job_status=evidence.lineage_status if _reads_job_status(policy) else None,
        asset_type=version.asset_type,
        flavors=tuple(sorted(version.flavors)),
        artifacts=None if version.artifacts is None else tuple(sorted(version.artifacts, key=repr)),
        run=run.id if run else None,
        run_status=run.status if run else None,
        metrics={name: taken.text for name, taken in given.taken.items() if taken.text is not None},
        dataset=_dataset(evidence) if rule and _reads_dataset(policy, rule) else None,
        taken={name: metric.taken for name, metric in policy.metrics.items() if metric.taken != "last"},
        run_tags=theirs.run_tags,
        code=evidence.code,
        sources=_sources(evidence) if rule else (),
    )


def _dataset(evidence: Evidence) -> str | None:
    stated = evidence.datasets
    return stated[0] if len(stated) == 1 else None


def _sources(evidence: Evidence) -> tuple[Source, ...]:
    run, results = evidence.run, evidence.results
    of_run = (Source("run", run.id, run.submitter, run.ended_at, sha256=evidence.run_sha256),) if run else ()
    of_documents = (evidence.documents[kind].source for kind in sorted(evidence.documents))
    return (*of_run, *((results.source,) if results else ()), *of_documents)


def _rules(policy: Policy, excluded: tuple[str, ...]) -> Rules:
    approval = policy.approval
    return Rules(
        quorum=approval.quorum,
        rejections=approval.rejections,
        groups=approval.groups,
        required_groups=approval.required_groups,
        excluded=excluded,
        expires_after=approval.expires_after,
        release_record=policy.release_record,
        change_window=policy.change_window,
    )


def _tag_names(policy: Policy) -> set[str]:
    run_tag = policy.evidence.run_tag if policy.evidence else None
    judged = {name for name in policy.tags if _is_on(policy, f"tag:{name}")}
    by_rules = {path[1] for path in policy.rule_reads if path[0] == "tags"}
    return {*judged, *by_rules, *policy.release_record, *filter(None, (run_tag, policy.opt_in_tag))}


def _reads_dataset(policy: Policy, rule: EvidenceRule) -> bool:
    compared = rule.same_dataset_as_champion and _is_on(policy, "evidence:same_dataset")
    return compared or ("run", "dataset") in policy.rule_reads


def _reads_job_status(policy: Policy) -> bool:
    judged = policy.job_status is not None and _is_on(policy, "lineage:job_status")
    return judged or ("job", "status") in policy.rule_reads


def _is_on(policy: Policy, *gates: str) -> bool:
    return any(policy.mode_of(gate) != "off" for gate in gates)


def _named(values: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: values[name] for name in sorted(names) if name in values}
