"""The gate on the run's file of evaluation results: there, readable, young enough."""

from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.mending import log_file
from shared.domain.policy import EvidenceRule, ResultsRule
from shared.domain.run_gates import age_fault, may_still_come, spelled_duration


def results(given: GateInput, rule: EvidenceRule, named: ResultsRule) -> GateResult:
    """The run holds the file, in the format that the policy names, and no older than evidence may be."""
    young = f", at most {spelled_duration(rule.max_age)} old" if rule.max_age else ""
    expected = f"a file {named.path} in the format {named.format}{young}"
    gate = Gate(given, "evidence:results", expected, f"{named.path} of {given.run_source}")
    found, run = given.evidence.results, given.evidence.run
    mend = log_file(run.id if run else None, named.path)
    if found is None:
        say = gate.absent if may_still_come(given) else gate.unproven
        return say("no such file", f"The run holds no file {named.path}.", mend)
    actual = f"SHA-256 {found.source.sha256}" if found.source.sha256 else "a file too large"
    if found.fault:
        return gate.unproven(actual, f"The file {named.path} cannot be used: {found.fault}", mend)
    made = found.source.at
    fault = age_fault(given.now, made, rule.max_age) if made and rule.max_age else ""
    if fault:
        return gate.unproven(actual, f"The file {named.path} was made {fault}", mend)
    return gate.passed(actual, f"The file {named.path} holds {len(found.metrics)} metrics.")
