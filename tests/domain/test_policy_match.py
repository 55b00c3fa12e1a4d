import sys
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.policy_match import Standing, fits, match_policy, meeting, overlap, policy_for
from tests.domain.evidence_makers import a_policy

patterns = st.text(alphabet="ab*?", max_size=8)
names = st.text(alphabet="ab", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("fraud-*", "fraud-detector", True),
        ("fraud-*", "fraud-", True),
        ("fraud-*", "a-fraud-detector", False),
        ("*", "", True),
        ("?", "", False),
        ("v?", "v1", True),
        ("v?", "v12", False),
        ("*-eu-*", "fraud-eu-2-eu-3", True),
        ("Fraud", "fraud", False),
        ("a[b]", "ab", False),
    ],
)
def test_patterns_know_stars_and_question_marks_alone(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern, text) is expected


def test_a_hostile_pattern_takes_no_more_than_the_product_of_both_lengths() -> None:
    started = time.process_time()
    assert not fits("*a" * 127 + "b", "a" * 255)
    assert time.process_time() - started < 1


@given(patterns, patterns)
def test_patterns_meet_where_a_name_of_few_letters_fits_both(one: str, other: str) -> None:
    """Where they meet at all they do in a name no longer than both together, here of the letters that either has."""
    shorter, longer = one[:3], other[:3]
    words = ("".join(letters) for length in range(7) for letters in product("abx", repeat=length))
    assert any(fits(shorter, word) and fits(longer, word) for word in words) is (meeting(shorter, longer) is not None)


@given(patterns, patterns)
def test_a_meeting_fits_both_patterns(one: str, other: str) -> None:
    found = meeting(one, other)
    if found is not None:
        assert fits(one, found)
        assert fits(other, found)


@given(patterns, patterns, names)
def test_where_a_name_fits_both_patterns_they_meet(one: str, other: str, name: str) -> None:
    if fits(one, name) and fits(other, name):
        assert meeting(one, other) is not None


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        ("a*" * 127, "a" * 255, True),
        ("a*" * 127 + "N", "a*" * 127 + "b", False),
        ("*a" * 127, "a*" * 127 + "a", True),
    ],
)
def test_what_comparing_costs_grows_with_one_length_alone(one: str, other: str, meets: bool) -> None:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        found = meeting(one, other)
    finally:
        sys.setprofile(None)
    assert (found is not None) is meets
    assert calls < 25 * (len(one) + len(other))


def test_two_policies_overlap_where_one_version_would_have_both() -> None:
    eu = a_policy(name="eu", models=("*-eu", "other"))
    found = overlap(a_policy(), eu)
    assert found is not None
    workspace, name = found.split(":")
    assert workspace == "risk-dev"
    assert fits("fraud-*", name)
    assert fits("*-eu", name)
    assert overlap(a_policy(), a_policy(models=("defects-*",))) is None
    assert overlap(a_policy(), a_policy(workspaces=("lab",))) is None


def test_the_policy_of_a_version_is_the_one_that_names_its_workspace_and_model() -> None:
    policies = (a_policy(name="defects", models=("defects-*",)), a_policy())
    assert policy_for(policies, "risk-dev", "fraud-detector", {}) is policies[1]
    assert match_policy(policies, "risk-dev", "fraud-detector", {}).reason == ""


@pytest.mark.parametrize(("workspace", "name"), [("risk-prod", "fraud-detector"), ("risk-dev", "churn")])
def test_a_version_without_policy_is_told_so(workspace: str, name: str) -> None:
    found = match_policy((a_policy(),), workspace, name, {})
    assert (found.standing, found.policy) == (Standing.NO_POLICY, None)
    assert found.reason == "No policy names this workspace and model."


def test_a_policy_that_is_off_governs_nothing_and_is_named() -> None:
    off = a_policy(mode="off", opt_in_tag="govern")
    found = match_policy((off,), "risk-dev", "fraud-detector", {})
    assert (found.standing, found.policy) == (Standing.POLICY_OFF, off)
    assert found.reason == "Policy fraud is off."
    assert policy_for((off,), "risk-dev", "fraud-detector", {"govern": "yes"}) is None


@pytest.mark.parametrize("tags", [{}, {"govern": ""}, {"govern": " False "}])
def test_where_a_policy_asks_for_opting_in_silence_is_no(tags: dict[str, str]) -> None:
    policy = a_policy(opt_in_tag="govern")
    found = match_policy((policy,), "risk-dev", "fraud-detector", tags)
    assert (found.standing, found.policy) == (Standing.NOT_OPTED_IN, policy)
    assert "asks for the tag govern" in found.reason
    assert policy_for((policy,), "risk-dev", "fraud-detector", tags) is None


def test_a_version_opts_in_by_its_tag() -> None:
    policy = a_policy(opt_in_tag="govern")
    assert policy_for((policy,), "risk-dev", "fraud-detector", {"govern": "yes"}) is policy
