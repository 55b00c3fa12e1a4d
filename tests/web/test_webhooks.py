"""A signed decision counts once, for the person the sender may speak for, and every refusal says what to do."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain import events
from shared.domain.people import Person
from shared.web.app import Sender, WebSettings
from tests.domain.evidence_makers import a_policy, a_promotion, tags
from tests.web.front import KEY, NEXT_KEY, SETTINGS, Front, SignIn, code_of
from tests.workflow.world import World


def decisions(front: Front) -> list[Any]:
    return front.world.events(events.DecisionRecorded)


# ------------------------------------------------------------------------------------------------ counting


def test_two_signed_answers_reach_the_quorum(front: Front) -> None:
    first = front.asked().webhook()
    assert first.status_code == 200
    assert first.json() == {
        "promotion": "risk-dev:fraud-detector:7",
        "status": "awaiting_approval",
        "approvals": 1,
        "required": 2,
    }
    second = front.webhook(front.webhook_body("Rosa Lind"), id="msg_2", sender="pipeline", key=NEXT_KEY)
    assert second.json()["status"] == "promoting"
    front.world.work()
    assert front.world.case().status == "promoted"


def test_the_history_keeps_who_said_what_and_how(front: Front) -> None:
    said = {"comment": "Fine.", "limitations": "Not for cash.", "ticket": "RISK-7", "review_by": "2026-12-01"}
    front.asked().webhook(front.webhook_body("Amir Haddad", **said))
    decision = decisions(front)[0].decision
    assert (decision.person, decision.spelling, decision.channel) == (
        "amir.approver",
        "Amir Haddad",
        "webhook:pipeline",
    )
    assert {name: getattr(decision, name) for name in said} == said
    assert front.world.histories.load(a_promotion()).rows[-1].operation == "webhook:pipeline:msg_1"


def test_a_re_sent_id_is_answered_byte_for_byte_and_counted_once(front: Front) -> None:
    front.asked()
    first = front.webhook()
    front.webhook(front.webhook_body("rosa.risk"), id="msg_2")
    again = front.webhook()
    assert (again.status_code, again.content, again.headers["content-type"]) == (200, first.content, "application/json")
    assert len(decisions(front)) == 2


def test_a_re_sent_refusal_is_the_same_refusal_though_the_world_has_moved(front: Front) -> None:
    body = front.webhook_body(evaluation="0" * 64)
    first = front.webhook(body)
    assert code_of(first) == "unknown_promotion"
    front.asked()
    again = front.webhook(body)
    assert (again.status_code, again.content) == (404, first.content)
    assert code_of(again) == "unknown_promotion"


def test_a_known_id_with_another_body_is_refused_and_the_first_stands(front: Front) -> None:
    front.asked().webhook()
    altered = front.webhook(front.webhook_body(verdict="reject"))
    assert (altered.status_code, code_of(altered)) == (409, "replay_mismatch")
    assert [d.decision.verdict for d in decisions(front)] == ["approve"]


def test_one_senders_ids_are_not_anothers(front: Front) -> None:
    front.asked().webhook()
    other = front.webhook(front.webhook_body("rosa.risk"), sender="chat", key=SETTINGS.senders["chat"].keys[0])
    assert other.json()["approvals"] == 2


def test_a_request_that_died_before_its_answer_is_decided_again_under_the_same_operation(front: Front) -> None:
    body = json.dumps(front.asked().webhook_body()).encode()
    front.world.histories.unreachable = True
    died = front.webhook(body)
    assert (died.status_code, code_of(died)) == (503, "unreadable")
    assert int(died.headers["retry-after"]) >= 1
    front.world.histories.unreachable = False
    assert front.webhook(body).json()["approvals"] == 1
    assert front.webhook(body).json()["approvals"] == 1
    assert len(decisions(front)) == 1


def test_an_answer_that_was_lost_after_the_append_is_found_again(front: Front) -> None:
    front.asked().world.histories.lose_answers = 1
    assert front.webhook().json()["approvals"] == 1
    assert len(decisions(front)) == 1


def test_while_webhook_ids_cannot_be_kept_nothing_is_decided(front: Front) -> None:
    front.asked().world.outside.replay_ids.unreachable = True  # type: ignore[attr-defined]
    assert code_of(front.webhook()) == "unreadable"
    assert not decisions(front)


# ------------------------------------------------------------------------------------------------ who sent it


def test_every_way_not_to_be_accepted_is_one_and_the_same_answer(front: Front) -> None:
    front.asked()
    now = front.world.clock.now()
    refused = [
        front.webhook(key=b"a key that was never given away."),
        front.webhook(sender="nobody"),
        front.webhook(sender="chat"),
        front.webhook(at=now - timedelta(seconds=301)),
        front.webhook(at=now + timedelta(seconds=301)),
        front.webhook(webhook_signature="v1,"),
        front.webhook(webhook_timestamp="hello"),
        front.webhook(webhook_id="a.b"),
        front.client.post("/api/webhooks/decisions/pipeline", json=front.webhook_body()),
        front.client.post("/api/webhooks/decisions/pipeline"),
    ]
    assert {code_of(answer) for answer in refused} == {"signature_not_accepted"}
    assert len({(answer.status_code, answer.content, str(sorted(answer.headers.items()))) for answer in refused}) == 1
    assert not decisions(front)


def test_a_refused_signature_leaves_no_row_that_would_block_the_true_sender(front: Front) -> None:
    front.asked().webhook(key=b"a key that was never given away.")
    assert front.webhook().status_code == 200


def test_a_header_that_came_twice_proves_nothing(front: Front) -> None:
    front.asked()
    content = json.dumps(front.webhook_body()).encode()
    signed = front.webhook(content).request.headers
    pairs = [(name, signed[name]) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
    for twice in pairs:
        answer = front.client.post("/api/webhooks/decisions/pipeline", content=content, headers=[*pairs, twice])
        assert code_of(answer) == "signature_not_accepted"


def test_a_key_that_was_taken_away_opens_nothing_not_even_a_replay(sign_in: SignIn) -> None:
    world = World()
    before = Front(sign_in, world=world).asked()
    body = json.dumps(before.webhook_body()).encode()
    assert before.webhook(body).status_code == 200
    after = Front(sign_in, WebSettings({"pipeline": Sender((NEXT_KEY,), ("amir.approver",))}), world)
    assert code_of(after.webhook(body, key=KEY)) == "signature_not_accepted"
    assert after.webhook(body, key=NEXT_KEY).status_code == 200


@pytest.mark.parametrize("stated", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_does_not_say_it_is_json_is_not_read(front: Front, stated: str) -> None:
    answer = front.asked().webhook(Content_Type=stated)
    assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type")
    assert front.webhook().status_code == 200


# ------------------------------------------------------------------------------------------------ for whom


def test_an_approver_whom_nobody_knows_is_refused_with_the_entry_to_add(front: Front) -> None:
    answer = front.asked().webhook(front.webhook_body("amir@elsewhere.com"))
    assert (answer.status_code, code_of(answer)) == (403, "unknown_person")
    assert "spellings: ['amir@elsewhere.com']" in answer.json()["detail"]


def test_a_spelling_that_fits_two_people_is_never_guessed(front: Front) -> None:
    front.asked().add_person(Person("amir.two", "Amir Haddad", None, None, ("Amir Haddad",), ("ml-approvers",)))
    answer = front.webhook(front.webhook_body("Amir Haddad"))
    assert code_of(answer) == "unknown_person"
    assert "fits 2 people" in answer.json()["detail"]


def test_a_sender_speaks_for_its_own_people_only(front: Front) -> None:
    answer = front.asked().webhook(sender="chat", key=SETTINGS.senders["chat"].keys[0])
    assert (answer.status_code, code_of(answer)) == (403, "sender_not_allowed")
    assert not decisions(front)


def test_a_service_principal_is_no_person(sign_in: SignIn) -> None:
    front = Front(sign_in, WebSettings({"pipeline": Sender((KEY,), ("svc-train",))})).asked()
    assert code_of(front.webhook(front.webhook_body("svc-train"))) == "not_a_person"


def test_who_registered_the_version_does_not_decide_on_it(front: Front) -> None:
    answer = front.asked().webhook(front.webhook_body("Dana Osei"))
    assert (answer.status_code, code_of(answer)) == (403, "self_approval")


def test_who_is_in_no_group_that_decides_is_refused(front: Front) -> None:
    answer = front.asked().webhook(front.webhook_body("Ana Petrova"))
    assert (answer.status_code, code_of(answer)) == (403, "not_in_group")


def test_a_promotion_that_the_person_may_not_see_does_not_exist(sign_in: SignIn) -> None:
    hidden = replace(SETTINGS, readers={"risk-dev": ("risk-officers",)})
    front = Front(sign_in, hidden).asked()
    assert code_of(front.webhook()) == "unknown_promotion"
    assert front.webhook(front.webhook_body("rosa.risk"), id="msg_2").status_code == 200


# ------------------------------------------------------------------------------------------------ on what, and when


def test_an_answer_on_an_earlier_evaluation_names_the_current_one(front: Front) -> None:
    answer = front.asked().webhook(front.webhook_body(evaluation="0" * 64))
    assert (answer.status_code, code_of(answer)) == (409, "stale_evaluation")
    assert answer.json()["current"] == front.world.digest()


def test_after_the_quorum_an_approval_is_told_who_settled_it_and_when(front: Front) -> None:
    front.asked().world.approve()
    answer = front.webhook()
    assert (answer.status_code, code_of(answer)) == (409, "settled")
    assert answer.json()["by"] == "amir.approver, rosa.risk"
    assert answer.json()["at"]
    assert answer.json()["promotion_status"] == "promoting"


def test_a_blocked_promotion_asks_nobody(front: Front) -> None:
    front.world.register(tags=tags(owner=None))
    front.world.work()
    assert code_of(front.webhook()) == "not_awaiting_approval"


def test_an_answer_after_its_time_is_refused(front: Front) -> None:
    front.asked().world.clock.advance(timedelta(days=7))
    assert code_of(front.webhook()) == "expired"


def test_the_release_record_is_asked_for_and_taken(sign_in: SignIn) -> None:
    approval = replace(a_policy().approval, quorum=1, required_groups=())
    front = Front(sign_in, world=World(a_policy(approval=approval)))
    front.world.register(tags=tags(rollback_path=None))
    front.world.work()
    answer = front.webhook()
    assert (answer.status_code, code_of(answer)) == (422, "release_record_missing")
    stated = front.webhook(front.webhook_body(release_record={"rollback_path": "version 6"}), id="msg_2")
    assert stated.json()["status"] == "promoting"


# ------------------------------------------------------------------------------------------------ hostile bodies

HOSTILE = {
    "nothing": b"",
    "no object": b"[]",
    "a number": b"1",
    "null": b"null",
    "not JSON": b"{",
    "not UTF-8": b'{"promotion": "\xff"}',
    "NaN": b'{"promotion": NaN}',
    "deep": b"[" * 5000 + b"]" * 5000,
    "key twice": b'{"verdict": "reject", "verdict": "approve"}',
    "surrogate": b'{"comment": "\\ud800"}',
    "endless number": b'{"comment": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_a_422_with_its_faults(front: Front, body: bytes) -> None:
    answer = front.asked().webhook(body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_body")
    assert answer.json()["faults"]
    assert not decisions(front)


def test_all_faults_of_a_body_are_named_at_once(front: Front) -> None:
    body = {
        "promotion": "../etc:passwd",
        "evaluation": "ABC",
        "verdict": "maybe",
        "approver": 7,
        "review_by": "2026-02-30",
        "release_record": {"owner": " "},
        "aprover": "x",
        "comment": "x" * 4001,
    }
    answer = front.asked().webhook(body)
    assert code_of(answer) == "invalid_body"
    assert {fault.partition(":")[0] for fault in answer.json()["faults"]} == {
        "promotion", "evaluation", "verdict", "approver", "review_by", "release_record.owner", "aprover", "comment",
    }  # fmt: skip


@pytest.mark.parametrize("approver", ["\x00", "\u202e", "<script>", "' or 1 eq 1", "a" * 256, "💥", "../..", " "])
def test_no_spelling_makes_it_fall_over(front: Front, approver: str) -> None:
    answer = front.asked().webhook(front.webhook_body(approver))
    assert code_of(answer) == "unknown_person"
    assert answer.text.isascii() or approver not in answer.text
