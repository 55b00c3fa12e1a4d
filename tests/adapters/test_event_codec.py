"""What is written of an event is read back the same, and nothing else is read."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters.event_codec import CODEC, EVENT_TYPES, EventCodec
from shared.domain.canonical import canonical
from shared.domain.errors import DocumentInvalid
from shared.domain.events import ApprovalRequested, Blocked, Decision, DecisionRecorded, EvidenceAwaited, Registered
from shared.domain.ids import Incarnation, Target
from tests.adapters.event_strategies import events_of

AT = datetime(2026, 11, 23, 6, 14, 0, 120, tzinfo=UTC)
ASKED = ApprovalRequested(2, "d" * 64, (Target("contoso", "fraud", "7"),), (), AT)


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chosen=st.data())
def test_every_event_comes_back_as_it_was_written(kind: str, chosen: st.DataObject) -> None:
    event = chosen.draw(events_of(kind))
    encoded = CODEC.encode(event)
    stored = json.loads(canonical(encoded.body))
    assert stored == encoded.body
    assert CODEC.decode(encoded.type, encoded.schema, stored) == event


def test_values_are_written_in_their_one_form() -> None:
    assert CODEC.encode(ASKED).body == {
        "round": 2,
        "digest": "d" * 64,
        "targets": ["contoso:fraud:7"],
        "unchecked": [],
        "expires_at": "2026-11-23T06:14:00.000120Z",
    }


def test_an_instant_of_another_zone_is_written_in_utc() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5)))
    assert CODEC.encode(EvidenceAwaited(1, there)).body["until"] == "2026-11-23T06:14:00.000120Z"


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(DocumentInvalid, match="carries no time zone"):
        CODEC.encode(EvidenceAwaited(1, AT.replace(tzinfo=None)))


def test_every_fault_is_named_with_its_place() -> None:
    body = {**CODEC.encode(ASKED).body, "round": "2", "targets": ["contoso"], "expires_at": "today", "more": 1}
    with pytest.raises(DocumentInvalid) as refused:
        CODEC.decode("ApprovalRequested", 1, body)
    assert refused.value.faults == (
        "expected a whole number, found a text @ $.round.",
        "'contoso' is no target: expected registry:name:version @ $.targets[0].",
        "'today' is no instant: expected the form 2026-11-23T06:14:00.000000Z @ $.expires_at.",
        "unknown keys more @ $.",
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Blocked", {"round": True, "gates": []}),
        ("Blocked", {"round": 1.0, "gates": []}),
        ("Blocked", {"round": 1, "gates": "auc"}),
        ("Blocked", {"round": 1, "gates": [None]}),
        ("Blocked", {"round": 1}),
        ("Blocked", None),
        ("Blocked", []),
        ("Registered", {"incarnation": None, "registrant": None}),
        ("Registered", {"incarnation": {"asset_id": "a", "created_at": 3}, "registrant": None}),
        ("Ignored", {"reason": "mood", "explanation": ""}),
    ],
)
def test_a_wrong_type_is_never_converted(kind: str, body: Any) -> None:
    with pytest.raises(DocumentInvalid):
        CODEC.decode(kind, 1, body)


def test_an_unknown_type_says_to_use_the_newer_release() -> None:
    with pytest.raises(DocumentInvalid, match="knows no such type"):
        CODEC.decode("Teleported", 1, {})


@pytest.mark.parametrize("schema", [0, 2])
def test_a_schema_version_out_of_range_says_what_is_read(schema: int) -> None:
    with pytest.raises(DocumentInvalid, match="reads versions 1 to 1"):
        CODEC.decode("Blocked", schema, {"round": 1, "gates": []})


def test_a_field_left_out_takes_its_default() -> None:
    decision = Decision("d" * 64, "approve", "ada", ("ml",), "ada@contoso.com", "e" * 64, "page")
    body = CODEC.encode(DecisionRecorded(1, decision)).body
    del body["decision"]["ticket"]
    assert CODEC.decode("DecisionRecorded", 1, body) == DecisionRecorded(1, decision)


def test_a_body_of_an_older_version_is_lifted_one_version_at_a_time() -> None:
    def gates_were_one_text(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "gates": body["gates"].split(",")}

    def round_was_called_try(body: dict[str, Any]) -> dict[str, Any]:
        return {"round": body["try"], "gates": body["gates"]}

    codec = EventCodec({"Blocked": 3}, {("Blocked", 1): gates_were_one_text, ("Blocked", 2): round_was_called_try})
    assert codec.decode("Blocked", 1, {"try": 4, "gates": "auc,tags"}) == Blocked(4, ("auc", "tags"))
    assert codec.decode("Blocked", 2, {"try": 4, "gates": ["auc"]}) == Blocked(4, ("auc",))
    assert codec.encode(Blocked(4, ("auc",))).schema == 3
    assert codec.encode(Registered(Incarnation("a", AT), None)).schema == 1
