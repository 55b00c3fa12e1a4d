"""When a registry's copy counts as equal (R10), and whose it is (R8.1, R8.6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.commands import Different, Equal
from shared.domain.evidence import Artifact, RegistryVersion
from shared.domain.provenance import compare, identity, is_mark, is_ours, marker
from tests.domain.promotion_makers import (
    EU,
    INCARNATION,
    LATER_INCARNATION,
    PROMOTION,
    SHARED,
    Story,
    an_evaluation,
    approved,
    conflict_after_quorum,
    importing,
    landed,
    promoted,
    received,
    rejects,
)

FILES = (Artifact("MLmodel", 512, "bWxtb2RlbA=="), Artifact("model.pkl", 40_960, None))
FACTS = replace(an_evaluation().facts, flavors=("python_function", "sklearn"), artifacts=FILES)
HELD = RegistryVersion("azureml://theirs", "mlflow_model", ("python_function", "sklearn"), FILES, {})


def held(**changes: Any) -> RegistryVersion:
    return replace(HELD, **changes)


def test_equal_says_what_was_compared() -> None:
    assert compare(SHARED, FACTS, HELD) == Equal("azureml://theirs", ("asset_type", "flavors", "artifacts"))


@pytest.mark.parametrize(("facts", "found"), [(FACTS, held(artifacts=None)), (replace(FACTS, artifacts=None), HELD)])
def test_files_are_compared_only_where_both_sides_can_be_listed(facts: Any, found: RegistryVersion) -> None:
    assert compare(SHARED, facts, found) == Equal("azureml://theirs", ("asset_type", "flavors"))


def test_tags_are_never_compared() -> None:
    assert isinstance(compare(SHARED, FACTS, held(marker={"anything": "else"})), Equal)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"asset_type": "custom_model"}, "its type is 'custom_model', approved was 'mlflow_model'"),
        ({"flavors": ()}, "its flavors are none, approved were python_function, sklearn"),
        ({"artifacts": FILES[:1]}, "1 of its files differ, such as model.pkl"),
        ({"artifacts": (*FILES, Artifact("extra.bin", 1, None))}, "such as extra.bin"),
        ({"artifacts": (replace(FILES[0], md5="b3RoZXI="), FILES[1])}, "such as MLmodel"),
        ({"artifacts": (FILES[0], replace(FILES[1], size=1))}, "such as model.pkl"),
    ],
)
def test_a_difference_is_told(changes: dict[str, Any], told: str) -> None:
    found = compare(SHARED, FACTS, held(**changes))

    assert isinstance(found, Different)
    assert told in found.explanation


def test_a_file_without_a_known_md5_is_compared_by_size() -> None:
    assert isinstance(compare(SHARED, FACTS, held(artifacts=(replace(FILES[0], md5=None), FILES[1]))), Equal)


def test_a_mark_is_ours_for_this_promotion_and_incarnation_alone() -> None:
    tags = identity(PROMOTION, INCARNATION)

    assert is_ours({**tags, "anything": "else"}, PROMOTION, INCARNATION)
    assert not is_ours(tags, PROMOTION, LATER_INCARNATION)
    assert not is_ours({}, PROMOTION, INCARNATION)


@pytest.mark.parametrize(
    "tell",
    [lambda: approved().imports(EU, marked=False), promoted, conflict_after_quorum],
    ids=["going", "all", "held"],
)
def test_a_mark_states_what_was_approved_and_by_whom(tell: Callable[[], Story]) -> None:
    story = tell()

    tags = marker(story.case, story.target(EU), "0.1.0")

    assert is_ours(tags, PROMOTION, INCARNATION)
    assert tags["clearance_digest"] == "a" * 64
    assert tags["clearance_approvers"] == "amir,rosa"
    assert tags["clearance_registry_asset"] == landed(EU).asset_id


def test_what_landed_in_time_is_marked_as_ours_after_a_stop_too() -> None:
    story = importing().then(rejects("ada")).reads_back(landed())

    tags = marker(story.case, story.target(), "0.1.0")

    assert is_ours(tags, PROMOTION, INCARNATION)
    assert (tags["clearance_round"], tags["clearance_approvers"]) == ("1", "amir,rosa")


@pytest.mark.parametrize(
    ("name", "ours"),
    [("clearance_digest", True), ("Clearance_X", True), ("clearance", False), ("x_clearance_", False), ("", False)],
)
def test_what_begins_with_our_prefix_is_ours_in_any_case(name: str, ours: bool) -> None:
    assert is_mark(name) is ours


def test_what_is_not_promoted_has_no_provenance() -> None:
    with pytest.raises(ValueError, match="not promoted"):
        marker(received().case, approved().target(), "0.1.0")
