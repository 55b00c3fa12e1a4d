"""Which runs a promotion waits for: those whose end may bring the evidence that is missing."""

from shared.domain import states
from shared.domain.gate_input import GateInput
from shared.domain.lineage_gates import has_ended
from shared.domain.run_gates import run_id_for
from shared.domain.states import Case


def runs_to_end(given: GateInput) -> tuple[str, ...]:
    """The ids of runs that a candidate names, and that are not there yet or have not ended; sorted."""
    policy, version, run = given.policy, given.evidence.version, given.evidence.run
    named = run_id_for(policy.evidence, version) if policy.evidence else None
    open_runs = {named} if named and (run is None or run.ended_at is None) else set()
    if policy.job_status is not None and version.job and not has_ended(given.evidence.lineage_status):
        open_runs.add(version.job)
    return tuple(sorted(open_runs))


def awaited_runs(case: Case) -> frozenset[str]:
    """The runs whose end wakes this promotion: while it waits, or is blocked, and some run has still to end."""
    held = isinstance(case.state, states.Waiting | states.Blocked)
    return frozenset(case.evaluation.awaits) if held and case.evaluation else frozenset()
