"""Steps about answers: who may not, what is forged, what is repeated, and the quorum."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.demo.stage import Detail, Stage, promise


def self_approval_refused(stage: Stage) -> Detail:
    """Who registered the version does not count, and is told why."""
    answer = _send(stage, "dana.submitter")
    seen = _seen(answer)
    promise((answer.status_code, seen["code"]) == (403, "self_approval"), "403 self_approval", **seen)
    promise(stage.view("good")["approvals"] == 0, "nothing is counted")
    return seen


def forged_signature_refused(stage: Stage) -> Detail:
    """A body that was changed after it was signed, and one signed with a key nobody has: the same 401."""
    platform = stage.platform
    decision = platform.decision(stage.made["good"].promotion, "amir.approver", comment="as signed")
    signed = platform.signer("chatops").sign(decision)
    changed = signed.with_body(comment="changed afterwards").send(platform.http())
    other_key = platform.signer("risk-desk").sign(decision)
    path = "/api/webhooks/decisions/chatops"
    headers = {**other_key.headers}
    foreign = platform.http().post(path, content=other_key.body, headers=headers)
    seen = {"changed_body": _seen(changed), "other_key": _seen(foreign)}
    promise(changed.status_code == foreign.status_code == 401, "401 for both", **seen)
    promise(changed.json() == foreign.json(), "one and the same answer", **seen)
    promise(stage.view("good")["approvals"] == 0, "nothing is counted")
    return seen


def replay_refused(stage: Stage) -> Detail:
    """The same message again is counted once and answered the same; altered it is 409; an old one 401."""
    platform = stage.platform
    decision = platform.decision(stage.made["good"].promotion, "amir.approver", comment="looks right")
    signer, id_ = platform.signer("chatops"), f"msg_demo_{stage.made['good'].version}"
    first = signer.sign(decision, id=id_).send(platform.http())
    again = signer.sign(decision, id=id_).send(platform.http())
    altered = signer.sign({**decision, "verdict": "reject"}, id=id_).send(platform.http())
    old = signer.sign(decision, at=datetime.now(UTC) - timedelta(seconds=301)).send(platform.http())
    seen = {"first": _seen(first), "again": _seen(again), "altered": _seen(altered), "old": _seen(old)}
    promise((first.status_code, again.status_code) == (200, 200), "taken, and answered again", **seen)
    promise(first.content == again.content, "the same answer to the byte", **seen)
    promise((altered.status_code, old.status_code) == (409, 401), "409 for altered, 401 for old", **seen)
    recorded = [row for row in stage.history("good") if row["type"] == "DecisionRecorded"]
    promise(stage.view("good")["approvals"] == 1, "one approval is counted", **seen)
    return {**seen, "sequence": recorded[-1]["sequence"]}


def quorum_counted(stage: Stage) -> Detail:
    """One of two is not enough; the second, from another group, completes the quorum."""
    before = stage.view("good")
    promise((before["approvals"], before["required"]) == (1, 2), "one of two", approvals=before["approvals"])
    promise(before["status"] == "awaiting_approval", "still waiting", status=before["status"])
    _take_registry_away(stage)
    answer = stage.approve("good", "rosa.risk")
    promise((answer["approvals"], answer["required"]) == (2, 2), "two of two", **answer)
    approved = stage.wait(
        lambda: [row for row in stage.history("good") if row["type"] == "Approved"], bool, "the approval"
    )
    return {"answer": answer, "sequence": approved[0]["sequence"], "digest": before["evaluation"]["digest"]}


AWAY = "contoso-eu"


def _take_registry_away(stage: Stage) -> None:
    """The next step's outage begins before the quorum, so that no import can be faster."""
    rule = {"action": "status", "match": {"registry": AWAY}, "code": 503, "times": -1}
    stage.platform.emulator.add_faults(rule)


def _send(stage: Stage, person: str, **fields: Any) -> httpx.Response:
    decision = stage.platform.decision(stage.made["good"].promotion, person, **fields)
    return stage.platform.sign_and_send(decision)


def _seen(answer: httpx.Response) -> Detail:
    """What an answer says, in short."""
    document = json.loads(answer.text or "{}")
    named = ("code", "detail", "approvals", "required")
    told = {field: document[field] for field in named if field in document}
    return {"status": answer.status_code, "code": None, **told}
