"""The gate *separation of duties*: who made the version must be known, so that they never count as its approvers."""

import json

from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.light_values import light_value
from shared.domain.visible import quoted, visible

PEOPLE_FILE = "policies/directory/people.yaml"

_SPOKEN = {
    "registrant": "the registrant",
    "run_submitter": "the run's submitter",
    "job_submitter": "the job's submitter",
}


@light_value
class _Role:
    name: str
    identifier: str | None
    comes_later: bool


def separation_of_duties(given: GateInput) -> GateResult:
    """Everybody whom the policy excludes resolves to a person; who does not leaves the gate unproven."""
    roles = _roles(given)
    source = f"{_expected(roles)} as Azure ML spells them, looked up in {PEOPLE_FILE}"
    gate = Gate(given, "separation_of_duties", f"{_expected(roles)} resolved to a person", source)
    faults = [fault for fault in (_fault(given, role) for role in roles) if fault]
    actual = ", ".join(f"{role.name} {quoted(role.identifier or '')}" for role in roles)
    if not faults:
        ids = ", ".join(excluded_ids(given))
        return gate.passed(actual, f"These people never count as approvers: {ids}.")
    late = all(role.comes_later for role in roles if _fault(given, role))
    say = gate.absent if late else gate.unproven
    return say(actual, " ".join(faults), _entries(given, roles))


def excluded_ids(given: GateInput) -> tuple[str, ...]:
    """The ids of everybody who never counts: who made the version, and who answers for a service principal."""
    found = (given.people.resolve(role.identifier) for role in _roles(given) if role.identifier)
    return tuple(sorted({id_ for person in found if person for id_ in given.people.answerable(person)}))


def _roles(given: GateInput) -> list[_Role]:
    run, exclude = given.evidence.run, given.policy.approval.exclude
    known = {
        "registrant": _Role("registrant", given.evidence.version.registrant, comes_later=False),
        "run_submitter": _Role("run_submitter", run.submitter if run else None, comes_later=run is None),
        "job_submitter": _Role("job_submitter", given.evidence.job_submitter, comes_later=False),
    }
    return [known[name] for name in sorted(set(exclude))]


def _expected(roles: list[_Role]) -> str:
    return " and ".join(_SPOKEN[role.name] for role in roles)


def _fault(given: GateInput, role: _Role) -> str:
    spoken = _SPOKEN[role.name].capitalize()
    if role.identifier is None:
        return f"{spoken} is not known."
    fitting = given.people.fitting(role.identifier)
    if not fitting:
        return (
            f"{spoken} {quoted(role.identifier)} is nobody in {PEOPLE_FILE}: add this name to the spellings of the "
            "person it belongs to, or add the entry shown."
        )
    if len(fitting) > 1:
        ids = ", ".join(sorted(person.id for person in fitting))
        return f"{spoken} {quoted(role.identifier)} fits more than one person in {PEOPLE_FILE} ({ids})."
    return ""


def _entries(given: GateInput, roles: list[_Role]) -> str:
    """The entries to add to the directory, one a line; JSON strings are YAML strings."""
    unknown = {role.identifier for role in roles if role.identifier and not given.people.fitting(role.identifier)}
    return "\n".join(_entry(visible(identifier)) for identifier in sorted(unknown))


def _entry(identifier: str) -> str:
    name = json.dumps(identifier)
    return f"- {{id: <id>, name: {name}, spellings: [{name}], groups: []}}"
