"""What signed-in people tell a promotion is recorded once, in their name, and wakes the queue."""

import json
from typing import Any

import pytest

from shared.domain import events
from shared.domain.people import Person
from tests.domain.evidence_makers import TENANT, a_promotion, tags
from tests.web.front import ONE, Front, code_of


def test_a_signed_in_approver_answers_in_their_own_name(front: Front) -> None:
    answer = front.asked().post(f"{ONE}/decisions", "amir.approver", front.decision(comment="Fine."))
    assert (answer.status_code, answer.json()) == (
        200,
        {"promotion": str(a_promotion()), "status": "awaiting_approval", "approvals": 1, "required": 2},
    )
    row = front.world.histories.load(a_promotion()).rows[-1]
    assert row.actor == "amir.approver"
    decision = front.world.events(events.DecisionRecorded)[0].decision
    assert (decision.channel, decision.comment) == ("page", "Fine.")
    assert decision.spelling == f"{TENANT}/a3140000-0000-4000-8000-000000000012"


def test_a_page_and_a_webhook_of_one_person_count_once(front: Front) -> None:
    front.asked().webhook()
    assert front.post(f"{ONE}/decisions", "amir.approver", front.decision()).json()["approvals"] == 1


def test_an_idempotency_key_counts_one_answer_once(front: Front) -> None:
    body = front.asked().decision()
    first = front.post(f"{ONE}/decisions", "amir.approver", body, Idempotency_Key="form-1")
    front.post(f"{ONE}/decisions", "rosa.risk", body, Idempotency_Key="form-1")
    again = front.post(f"{ONE}/decisions", "amir.approver", body, Idempotency_Key="form-1")
    assert again.json() == first.json()
    assert len(front.world.events(events.DecisionRecorded)) == 2


def test_the_same_key_with_another_answer_is_another_answer(front: Front) -> None:
    front.asked().post(f"{ONE}/decisions", "amir.approver", front.decision(), Idempotency_Key="form-1")
    rejected = front.decision(verdict="reject")
    answer = front.post(f"{ONE}/decisions", "amir.approver", rejected, Idempotency_Key="form-1")
    assert answer.json()["status"] == "rejected"


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 129, "a:b", "ä".encode("latin-1").decode("latin-1")])
def test_a_key_with_other_characters_is_refused(front: Front, key: str) -> None:
    headers = {**front.asked().bearer("amir.approver"), "Idempotency-Key": key.encode("latin-1")}
    answer = front.client.post(f"{ONE}/decisions", json=front.decision(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (400, "malformed_request")


def test_a_service_principal_decides_nothing(front: Front) -> None:
    robot = Person("robot", "Robot", TENANT, "99999999-0000-4000-8000-000000000099", (), ("ml-approvers",), True)
    front.asked().add_person(robot)
    token = front.sign_in.token("amir.approver", oid=robot.oid)
    headers = {"Authorization": f"Bearer {token}"}
    answer = front.client.post(f"{ONE}/decisions", json=front.decision(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "not_a_person")


@pytest.mark.parametrize(
    ("person", "changes", "status", "code"),
    [
        ("amir.approver", {"evaluation": "0" * 64}, 409, "stale_evaluation"),
        ("amir.approver", {"verdict": "perhaps"}, 422, "invalid_body"),
        ("amir.approver", {"approver": "rosa.risk"}, 422, "invalid_body"),
        ("amir.approver", {"promotion": "risk-dev:other:1"}, 422, "invalid_body"),
    ],
)
def test_a_refused_answer_says_why(front: Front, person: str, changes: Any, status: int, code: str) -> None:
    answer = front.asked().post(f"{ONE}/decisions", person, front.decision(**changes))
    assert (answer.status_code, code_of(answer)) == (status, code)


@pytest.mark.parametrize(("person", "code"), [("dana.submitter", "self_approval"), ("ana.auditor", "not_in_group")])
def test_the_role_alone_lets_nobody_decide(front: Front, person: str, code: str) -> None:
    headers = front.asked().bearer(person, ["Approver"])
    answer = front.client.post(f"{ONE}/decisions", json=front.decision(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, code)


@pytest.mark.parametrize(
    "stated", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("wish", ["decisions", "reevaluate", "withdraw", "targets/contoso-eu/retry"])
def test_what_a_form_of_another_site_can_send_is_not_read(front: Front, wish: str, stated: str) -> None:
    person = "amir.approver" if wish == "decisions" else "olu.operator"
    headers = {**front.asked().bearer(person), "Content-Type": stated}
    answer = front.client.post(f"{ONE}/{wish}", content=json.dumps(front.decision()), headers=headers)
    assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body", [b"[", b"[]", b'"x"', b'{"comment": 1}', b'{"coment": "x"}', b'{"comment": NaN}', b"null"]
)
@pytest.mark.parametrize(
    "wish", ["reevaluate", "withdraw", "give-up", "targets/contoso-eu/retry", "targets/contoso-eu/give-up"]
)
def test_a_hostile_comment_changes_nothing(front: Front, wish: str, body: bytes) -> None:
    headers = {**front.asked().bearer("olu.operator"), "Content-Type": "application/json; charset=utf-8"}
    before = front.world.happened()
    answer = front.client.post(f"{ONE}/{wish}", content=body, headers=headers)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_body")
    assert front.world.happened() == before


# ------------------------------------------------------------------------------------------------ wishes


def test_a_version_is_withdrawn(front: Front) -> None:
    answer = front.asked().post(f"{ONE}/withdraw", "dana.submitter", {"comment": "Wrong data."})
    assert (answer.status_code, answer.json()) == (202, {"promotion": str(a_promotion()), "status": "withdrawn"})
    withdrawn = front.world.events(events.Withdrawn)[0]
    assert (withdrawn.by, withdrawn.comment) == ("dana.submitter", "Wrong data.")
    assert code_of(front.post(f"{ONE}/withdraw", "dana.submitter")) == "settled"
    assert front.post(f"{ONE}/reevaluate", "dana.submitter").json()["status"] == "received"


def test_waiting_is_given_up_with_who_and_why_and_a_new_look_opens_it_again(front: Front) -> None:
    front.world.register(tags=tags(owner=None))
    front.world.work()
    answer = front.post(f"{ONE}/give-up", "dana.submitter", {"comment": "The owner has left."})
    assert (answer.status_code, answer.json()["status"]) == (202, "withdrawn")
    shown = front.get(f"{ONE}").json()
    assert shown["explanation"] == "dana.submitter gave up waiting: The owner has left."
    assert code_of(front.post(f"{ONE}/give-up", "dana.submitter", {"comment": "Again."})) == "not_waiting"
    assert front.post(f"{ONE}/reevaluate", "dana.submitter").json()["status"] == "received"
    front.world.work()
    assert front.world.case().status == "waiting"


def test_what_has_moved_on_meanwhile_is_not_given_up(front: Front) -> None:
    answer = front.asked().post(f"{ONE}/give-up", "olu.operator", {"comment": "It takes too long."})
    assert (answer.status_code, code_of(answer)) == (409, "not_waiting")
    assert front.world.case().status == "awaiting_approval"


@pytest.mark.parametrize("body", [None, {}, {"comment": " "}])
def test_who_gives_up_says_why(front: Front, body: Any) -> None:
    front.world.register(tags=tags(owner=None))
    front.world.work()
    assert code_of(front.post(f"{ONE}/give-up", "olu.operator", body)) in {"invalid_body", "unsupported_media_type"}
    assert front.world.case().status == "waiting"


def test_a_wish_wakes_the_queue(front: Front) -> None:
    front.world.register(tags=tags(owner="dana@elsewhere.com"))
    front.world.work()
    front.world.register(announce=False)
    front.post(f"{ONE}/reevaluate", "dana.submitter")
    assert front.world.work() > 0
    assert front.world.case().status == "awaiting_approval"


def test_a_target_is_given_up_and_tried_again(front: Front) -> None:
    front.asked()
    assert front.post(f"{ONE}/targets/contoso-eu/give-up", "olu.operator").status_code == 202
    again = front.post(f"{ONE}/targets/contoso-eu/give-up", "olu.operator")
    assert (again.status_code, code_of(again)) == (409, "target_given_up")
    assert front.post(f"{ONE}/targets/contoso-eu/retry", "olu.operator", {"comment": "It is back."}).status_code == 202
    assert front.world.events(events.TargetRetryRequested)[0].by == "olu.operator"


def test_a_wish_with_a_key_counts_once_and_another_wish_with_it_is_its_own(front: Front) -> None:
    front.asked()
    for _ in range(2):
        answer = front.post(f"{ONE}/targets/contoso-eu/give-up", "olu.operator", Idempotency_Key="k")
        assert answer.status_code == 202
    assert front.post(f"{ONE}/targets/contoso-shared/give-up", "olu.operator", Idempotency_Key="k").status_code == 202
    assert [event.registry for event in front.world.events(events.TargetGivenUp)] == ["contoso-eu", "contoso-shared"]


def test_a_promoted_target_is_left_alone(front: Front) -> None:
    front.asked().world.approve()
    front.world.work()
    for wish in ("retry", "give-up"):
        answer = front.post(f"{ONE}/targets/contoso-eu/{wish}", "olu.operator")
        assert (answer.status_code, code_of(answer)) == (409, "target_promoted")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{ONE}/targets/nowhere/retry", 404, "unknown_target"),
        (f"{ONE}/targets/_/retry", 422, "invalid_id"),
        ("/api/promotions/risk-dev/other/1/withdraw", 404, "unknown_promotion"),
        ("/api/promotions/nowhere/other/1/reevaluate", 404, "unknown_promotion"),
        ("/api/promotions/risk-dev/other/1/targets/contoso-eu/retry", 404, "unknown_promotion"),
        ("/api/promotions/Risk/other/1/withdraw", 422, "invalid_id"),
    ],
)
def test_what_is_not_there_is_told(front: Front, path: str, status: int, code: str) -> None:
    answer = front.asked().post(path, "olu.operator")
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_an_operator_whom_the_directory_does_not_list_changes_nothing(front: Front) -> None:
    token = front.sign_in.token("olu.operator", oid="99999999-0000-4000-8000-000000000099")
    answer = front.asked().client.post(f"{ONE}/withdraw", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, code_of(answer)) == (403, "unknown_person")
