"""What a policy may say about names that no submitter may state."""

from pathlib import Path

import pytest

from shared.adapters.policy_files import load_policies
from shared.domain.errors import DocumentInvalid

POLICY = r"""policy: fraud
match: {workspaces: [risk-dev], models: ["fraud-*"]}
owner: risk-platform@contoso.com
release_record: {require: [owner]}
tags: {owner: {pattern: '[^@]+@contoso\.com'}}
reserved_tags: [approval_date, approved_by]
evidence: {run: {tag: evaluation_run}}
approval: {quorum: 1, groups: [ml-approvers]}
targets: [{registry: contoso-shared}]
"""


def written(folder: Path, text: str) -> Path:
    (folder / "a.yaml").write_text(text)
    return folder


def test_reserved_names_are_read(tmp_path: Path) -> None:
    (policy,) = load_policies(written(tmp_path, POLICY))
    assert policy.reserved_tags == ("approval_date", "approved_by")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("{owner: {", "{clearance_owner: {", "only Clearance writes: name another tag"),
        ("require: [owner]", "require: [Clearance_approved_at]", "only Clearance writes"),
        ("{tag: evaluation_run}", "{tag: clearance_run}", "only Clearance writes"),
        ('["fraud-*"]}', '["fraud-*"], opt_in_tag: clearance_please}', "only Clearance writes"),
        ("[approval_date, approved_by]", "[Owner]", "asks the submitter for owner, which reserved_tags forbids"),
        ("[approval_date, approved_by]", "[evaluation_run]", "asks the submitter for evaluation_run"),
        ("[approval_date, approved_by]", "['a b']", "write what fits"),
    ],
)
def test_what_is_reserved_is_asked_of_nobody(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert POLICY.count(old) == 1
    with pytest.raises(DocumentInvalid) as caught:
        load_policies(written(tmp_path, POLICY.replace(old, new)))
    (told,) = caught.value.faults
    assert fault in told
