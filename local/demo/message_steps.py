"""Steps about messages: duplicates, lost events, nonsense, and what is told to others."""

import json
import time
from typing import Any

from local.demo.stage import Detail, Stage, promise
from local.platform.estate import EVENT_QUEUE, WORKSPACE

_COPIES = 3
_EVENTS = 2  # of one sample: its run ends, and its version is registered


def duplicates_and_disorder_harmless(stage: Stage) -> Detail:
    """Each event three times and out of order: one history each, one question each."""
    emulator = stage.platform.emulator
    before = len(emulator.events()["deliveries"])
    emulator.set_event_mode(copies=_COPIES, hold=2 * _EVENTS, shuffle=True, seed=7)
    names = ["first_of_two", "second_of_two"]
    for name in names:
        stage.register(name, "defects")
    emulator.reset_events()
    delivered = emulator.wait_for_deliveries(before + 2 * _EVENTS * _COPIES)[before:]
    for name in names:
        stage.status(name, "awaiting_approval")
    stage.wait(lambda: _queued(stage), lambda waiting: waiting == 0, "the queue to be empty")
    time.sleep(1)  # the last message is deleted once its handling has ended
    histories = {name: [row["type"] for row in stage.history(name)] for name in names}
    expected = ["Registered", "EvaluationCompleted", "ApprovalRequested"]
    promise(all(types == expected for types in histories.values()), "each event counts once", **histories)
    return {"deliveries": len(delivered), "histories": histories}


def _queued(stage: Stage) -> int:
    with _queue(stage, EVENT_QUEUE) as queue, _queue(stage, "promotions") as promotions:
        return sum(int(each.get_queue_properties().approximate_message_count or 0) for each in (queue, promotions))


def missed_event_found(stage: Stage) -> Detail:
    """An event that never comes: the comparison of workspace and histories finds the version."""
    stage.platform.emulator.set_event_mode(drop=_EVENTS)
    made = stage.register("missed", "defects")
    stage.platform.emulator.reset_events()
    time.sleep(1)
    before = stage.view("missed")
    promise(before.get("code") == "unknown_promotion", "nobody has told the app", answer=before)
    stage.platform.fire("find_missed_registrations")
    found = stage.status("missed", "awaiting_approval", timeout=30)
    return {"promotion": made.promotion, "before": before["code"], "after": found["status"]}


def poison_quarantined_and_replayed(stage: Stage) -> Detail:
    """What cannot be understood is kept with its reason and replayed corrected; so is a poison queue's message."""
    made = stage.made["defects"]
    broken = _event(made.name, made.version, topic="/subscriptions/mistyped")
    kept = _quarantined(stage, EVENT_QUEUE, broken)
    operator = stage.platform.http("olu.operator")
    unchanged = operator.post(f"/api/quarantine/{kept['id']}/replay", json={})
    promise(unchanged.status_code in (409, 422), "still refused as it is", body=unchanged.text)
    corrected = {"body": json.dumps(_event(made.name, made.version))}
    replayed = operator.post(f"/api/quarantine/{kept['id']}/replay", json=corrected)
    promise(replayed.status_code in (200, 202), "taken once corrected", body=replayed.text)
    promise(replayed.json()["promotions"] == [made.promotion], "the version is looked at", body=replayed.text)
    poison = _quarantined(stage, "promotions-poison", made.promotion)
    again = operator.post(f"/api/quarantine/{poison['id']}/replay", json={})
    promise(again.status_code in (200, 202), "a poison queue's message is replayed as it is", body=again.text)
    return {"reason": kept["reason"], "replayed": replayed.json(), "poison": again.json()}


def _quarantined(stage: Stage, queue: str, message: Any) -> Detail:
    """Send a message to a queue, and wait until it lies in the quarantine."""
    text = message if isinstance(message, str) else json.dumps(message)
    known = {item["id"] for item in _items(stage)}
    with _queue(stage, queue) as client:
        client.send_message(text)
    fresh = stage.wait(
        lambda: [item for item in _items(stage) if item["id"] not in known], bool, f"a message of {queue} in quarantine"
    )
    return dict(fresh[0])


def _items(stage: Stage) -> list[Detail]:
    return list(stage.platform.http("olu.operator").get("/api/quarantine").json()["items"])


def _queue(stage: Stage, name: str) -> Any:
    from azure.storage.queue import QueueClient

    return QueueClient.from_connection_string(stage.platform.settings["AzureWebJobsStorage"], name)


def _event(name: str, version: str, topic: str | None = None) -> Detail:
    return {
        "id": f"demo-{name}-{version}",
        "topic": topic or WORKSPACE.arm_id,
        "subject": f"models/{name}:{version}",
        "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
        "eventTime": "2026-01-01T00:00:00.0000000Z",
        "dataVersion": "",
        "data": {"ModelName": name, "ModelVersion": version},
    }


def events_published(stage: Stage) -> Detail:
    """Others are told: each kind of event, in order, each id once."""
    told = {name: stage.platform.topic.events(stage.made[name].promotion) for name in ("good", "weak", "conflicted")}
    kinds = {name: list(dict.fromkeys(_kind(event) for event in events)) for name, events in told.items()}
    wanted = ["EvaluationCompleted", "Blocked", "ApprovalRequested", "DecisionRecorded", "Approved", "Promoted"]
    promise(set(wanted) <= {*kinds["good"]}, "the whole story of the good version", kinds=kinds)
    promise(
        "Blocked" in kinds["weak"] and "ApprovalRequested" not in kinds["weak"], "the weak one blocked", kinds=kinds
    )
    promise("ConflictFound" in kinds["conflicted"], "the conflict is told", kinds=kinds)
    asked = next(event["data"] for event in told["good"] if _kind(event) == "ApprovalRequested")
    promise(asked["evaluation"] == stage.view("good")["evaluation"]["digest"], "the digest to answer on", asked=asked)
    sequences = list(dict.fromkeys(int(event["id"].rpartition("#")[2]) for event in told["good"]))
    promise(sequences == sorted(sequences), "in the order of the history", sequences=sequences)
    return {"kinds": kinds, "sequences": sequences, "asked": {k: asked[k] for k in ("promotion", "quorum", "page")}}


def _kind(event: Detail) -> str:
    return str(event["type"]).removeprefix("Clearance.")
