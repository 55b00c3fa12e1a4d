"""An enumeration of texts is read back as its member, not as the text that equals it."""

import pytest

from shared.adapters.strict_values import strict_converter, structure
from shared.domain.errors import DocumentInvalid
from shared.domain.evaluation import GateResult, Outcome

GATE = {
    "gate": "metric:auc",
    "mode": "enforce",
    "outcome": "unproven",
    "expected": "at least 0.9",
    "actual": "none",
    "explanation": "",
    "command": "",
    "absent": True,
}


def test_an_outcome_is_the_member_itself_for_rules_compare_by_identity() -> None:
    found = structure(strict_converter(), GATE, GateResult, "A gate")
    assert found.outcome is Outcome.UNPROVEN


def test_a_text_that_is_no_member_is_refused() -> None:
    with pytest.raises(DocumentInvalid, match="'perhaps' is not a valid Outcome"):
        structure(strict_converter(), {**GATE, "outcome": "perhaps"}, GateResult, "A gate")
