"""The suites of the policies that this project ships notice whatever is changed in them, value by value."""

import shutil
from pathlib import Path

import pytest

from shared.adapters.case_files import Case, read_cases
from shared.adapters.people_file import load_people
from shared.adapters.policy_cases import run_case
from shared.adapters.policy_files import load_policies
from shared.domain.errors import DocumentInvalid
from tests.adapters.policy_mutants import Keys, mutants_of

OURS = Path(__file__).parents[2] / "policies"
PEOPLE = load_people(OURS / "directory" / "people.yaml")
POLICIES = {policy.name: policy for policy in load_policies(OURS, PEOPLE)}

UNPINNED: set[Keys] = {("owner",)}
"""Who answers for a policy decides nothing."""


def outcome(folder: Path, policy: str, text: str, cases: list[Case]) -> str:
    """What `clearance policy test` finds: faults of the policy, cases that come out otherwise, or that all is well.

    A default that is left out, and a number spelled otherwise, leave the policy the same.
    """
    (folder / f"{policy}.yaml").write_text(text, "utf-8")
    try:
        policies = load_policies(folder, PEOPLE)
    except DocumentInvalid:
        return "invalid"
    if policies == (POLICIES[policy],):
        return "the same"
    return "holds" if all(run_case(case, policies, PEOPLE).ok for case in cases) else "fails"


@pytest.mark.parametrize("policy", POLICIES)
def test_whatever_is_changed_is_noticed(tmp_path: Path, policy: str) -> None:
    text = (OURS / f"{policy}.yaml").read_text("utf-8")
    shutil.copy(OURS / f"{policy}.yaml", tmp_path)
    shutil.copy(OURS / f"{policy}.test.yaml", tmp_path)
    cases = read_cases(tmp_path)
    assert outcome(tmp_path, policy, text, cases) == "the same"
    assert outcome(tmp_path, policy, text.replace("owner: ", "owner: x", 1), cases) == "holds"

    found = {mutant: outcome(tmp_path, policy, mutant.text, cases) for mutant in mutants_of(text)}

    assert list(found.values()).count("fails") > 80, "most of them are policies, and other ones"
    unnoticed = [mutant for mutant, came_out in found.items() if came_out == "holds"]
    assert [str(mutant) for mutant in unnoticed if mutant.keys not in UNPINNED] == []
    assert {mutant.keys for mutant in unnoticed} == UNPINNED
