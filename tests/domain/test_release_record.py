"""The release record: who states what, what is still missing, and that a contradiction is nobody's to win."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import commands
from shared.domain.decisions import record_of
from shared.domain.provenance import LONGEST_TAG, MOST_OWN_TAGS, marker, tag_value
from shared.domain.release_record import RecordField, ReleaseRecord, Statement, release_record, who_said_what
from shared.domain.visible import visible
from tests.domain.promotion_makers import (
    EU,
    SHARED,
    Story,
    a_decision,
    a_look,
    an_evaluation,
    answers,
    asked,
    received,
    refusal_of,
    rejects,
)

RECORD: dict[str, Any] = {
    "rules": {"release_record": ("owner", "rollback_path")},
    "release_record": {"owner": "dana@contoso.com"},
}


def states(person: str, **fields: str) -> commands.Command:
    return answers(person, release_record=tuple(fields.items()))


def record(story: Story) -> ReleaseRecord:
    known = record_of(story.case)
    assert known is not None
    return known


def field(story: Story, name: str) -> RecordField:
    return next(field for field in record(story).fields if field.name == name)


def test_before_an_evaluation_there_is_none() -> None:
    assert record_of(received().case) is None


def test_what_no_tag_states_is_missing_until_somebody_states_it() -> None:
    story = asked(**RECORD)
    assert field(story, "owner").said == (Statement(None, "dana@contoso.com"),)
    assert record(story).missing == ("rollback_path",)
    story.then(states("amir", rollback_path=" version 6 "))
    assert record(story).missing == ()
    assert field(story, "rollback_path").text == "version 6"
    assert field(story, "rollback_path").said == (Statement("amir", "version 6"),)


def test_who_differs_from_the_tag_is_shown_and_nothing_is_approved() -> None:
    story = asked(**RECORD).then(states("amir", owner="amir@contoso.com", rollback_path="version 6"))
    assert field(story, "owner").status == "contradictory"
    assert field(story, "owner").text is None
    refusal = refusal_of(story, answers("rosa"))
    assert refusal.code == "release_record_contradictory"
    assert 'the tag says "dana@contoso.com", amir says "amir@contoso.com"' in str(refusal)


def test_two_persons_who_differ_must_agree_first() -> None:
    story = asked(**RECORD).then(states("amir", rollback_path="version 6"))
    assert refusal_of(story, states("rosa", rollback_path="version 5")).code == "release_record_contradictory"
    assert story.then(states("rosa", rollback_path="version 6")).case.status == "promoting"


def test_a_persons_later_answer_replaces_what_they_stated() -> None:
    story = asked(**RECORD).then(states("amir", rollback_path="version 5"), states("amir", rollback_path="version 6"))
    assert field(story, "rollback_path").text == "version 6"


def test_who_rejects_states_nothing_for_the_release() -> None:
    story = asked(rules={**RECORD["rules"], "rejections": 2}).then(
        rejects("rosa", release_record=(("owner", "rosa"),), limitations="none at all")
    )
    assert record(story).missing == ("owner", "rollback_path")
    assert record(story).limitations == ()


def test_what_is_stated_beyond_what_is_asked_for_is_shown_and_never_blocks() -> None:
    story = asked(**RECORD).then(
        states("amir", rollback_path="version 6", cost="10 EUR"), states("rosa", cost="12 EUR")
    )
    assert story.case.status == "promoting"
    assert (field(story, "cost").required, field(story, "cost").status) == (False, "contradictory")


def test_what_was_approved_stays_what_it_was() -> None:
    story = asked(**RECORD).then(states("amir", rollback_path="version 6"), answers("rosa"))
    approved = record(story)
    assert record(story.imports(SHARED).imports(EU)) == approved
    assert record(story.then(a_look(None))) == approved
    assert record(asked(**RECORD).then(states("amir", rollback_path="x"), rejects("rosa"))).missing == (
        "rollback_path",
    )


def test_limitations_tickets_and_reviews_are_kept_with_who_asked_for_them() -> None:
    story = asked().then(
        answers("amir", limitations="not for loans", ticket="RISK-7", review_by="2027-05-01"),
        answers("rosa", limitations="EU only", ticket="RISK-7", review_by="2026-12-01"),
    )
    known = record(story)
    assert known.limitations == (Statement("amir", "not for loans"), Statement("rosa", "EU only"))
    assert known.tickets == (Statement("amir", "RISK-7"), Statement("rosa", "RISK-7"))
    assert known.review_by == "2026-12-01"


def test_the_registry_is_stamped_with_the_record() -> None:
    story = asked(**RECORD).then(
        answers("amir", limitations="not for loans", ticket="RISK-7", review_by="2027-05-01"),
        answers("rosa", release_record=(("rollback_path", "version 6"), ("cost", "1")), review_by="2026-12-01"),
    )
    story.imports(SHARED, marked=False)
    tags = marker(story.case, story.target(), "0.1.0")
    assert tags["clearance_record_owner"] == "dana@contoso.com"
    assert tags["clearance_record_rollback_path"] == "version 6"
    assert tags["clearance_limitations"] == "amir: not for loans"
    assert tags["clearance_ticket"] == "RISK-7"
    assert tags["clearance_review_by"] == "2026-12-01"
    assert tags["clearance_approved_at"].startswith("2026-03-01T")
    assert tags["clearance_record_cost"] == "1"
    assert max(map(len, tags.values())) <= LONGEST_TAG


def stamped(*stated: dict[str, str]) -> dict[str, str]:
    """The tags of the record where Amir, then Rosa, state these fields beside the required ones."""
    persons = zip(("amir", "rosa"), (*stated, {}, {}), strict=False)
    required = {"owner": "dana@contoso.com", "rollback_path": "version 6"}
    story = asked(**{**RECORD, "release_record": required}).then(*(states(who, **said) for who, said in persons))
    tags = marker(story.imports(SHARED, marked=False).case, story.target(), "0.1.0")
    return {name: text for name, text in tags.items() if name.startswith("clearance_record")}


REQUIRED = {"clearance_record_owner": "dana@contoso.com", "clearance_record_rollback_path": "version 6"}


def test_what_is_stated_beyond_what_is_asked_for_is_stamped_unless_it_is_contradictory() -> None:
    assert stamped() == REQUIRED
    found = stamped({"cost": "10 EUR", "region": "EU", "note": " "}, {"cost": "12 EUR", "region": "EU"})
    assert found == {**REQUIRED, "clearance_record_region": "EU"}


@pytest.mark.parametrize("name", ["<b>", "a:b", "x" * 65, "zwei Wörter", "é", "a\nb"])
def test_a_field_whose_name_no_tag_can_have_is_stamped_in_a_tag_of_ours(name: str) -> None:
    both = "; ".join(sorted([f"{visible(name)}: 1", "z z: 2"]))
    assert stamped({name: "1\n", "z z": "2"}) == {**REQUIRED, "clearance_record": both}


def test_names_that_a_service_may_take_for_one_are_no_two_tags() -> None:
    found = stamped({"Owner": "rosa", "cost": "1", "COST": "2"})
    assert found == {**REQUIRED, "clearance_record": "COST: 2; Owner: rosa; cost: 1"}


def test_so_many_fields_are_stamped_by_name_and_the_rest_together() -> None:
    """However much people state, the marks that prove a promotion must still find room."""
    found = stamped(
        {f"field{number:02}": "x" for number in range(15)}, {f"field{number:02}": "x" for number in range(30)}
    )
    assert len(found) == len(REQUIRED) + MOST_OWN_TAGS + 1
    assert found["clearance_record"].startswith("field20: x; field21: x")
    assert "clearance_record_field19" in found
    assert (
        len(stamped({f"f{number}": "x" * 2000 for number in range(MOST_OWN_TAGS + 9)})["clearance_record"])
        == LONGEST_TAG
    )


def test_the_date_of_approval_is_ours_whatever_a_tag_says() -> None:
    facts: dict[str, Any] = {
        "release_record": {"approval_date": "1999-01-01"},
        "rules": {"release_record": ("approval_date",)},
    }
    story = asked(**facts).then(answers("amir"), answers("rosa")).imports(SHARED, marked=False)
    tags = marker(story.case, story.target(), "0.1.0")
    assert tags["clearance_approved_at"] == "2026-03-01T12:00:03.000000Z"


def test_long_text_is_cut_with_the_digest_of_the_whole() -> None:
    shown = tag_value("x" * 10_000)
    assert len(shown) == LONGEST_TAG
    assert shown.partition("… sha256:")[2] == sha256(b"x" * 10_000).hexdigest()


@given(st.text(max_size=2000))
def test_what_a_tag_holds_is_short_and_can_be_seen(text: str) -> None:
    shown = tag_value(text)
    assert len(shown) <= LONGEST_TAG
    assert shown.isprintable()
    assert (shown == text) or not text.isprintable() or len(text) > LONGEST_TAG


@given(
    st.dictionaries(st.sampled_from(["amir", "rosa"]), st.sampled_from(["", " ", "a", "a ", "b"])), st.text(max_size=3)
)
def test_a_field_stands_exactly_when_all_who_state_it_agree(said: dict[str, str], tagged: str) -> None:
    evaluation = an_evaluation(rules={"release_record": ("scope",)}, release_record={"scope": tagged})
    approving = {who: a_decision(who, release_record=(("scope", text),)) for who, text in said.items()}
    (scope,) = release_record(evaluation, approving).fields
    texts = {text.strip() for text in (*said.values(), tagged)} - {""}
    assert scope.status == ("missing" if not texts else "stated" if len(texts) == 1 else "contradictory")
    assert scope.text == (texts.pop() if len(texts) == 1 else None)


@pytest.mark.parametrize("by", [None, "amir"])
def test_who_said_what_names_tag_and_person(by: str | None) -> None:
    told = who_said_what(RecordField("scope", True, (Statement(by, "EU\n"),)))
    assert told == f'scope: {by or "the tag"} says "EU\\u{{000A}}"'
