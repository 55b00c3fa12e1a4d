"""Messages of Event Grid: everything is taken in or quarantined with a reason, and can be shown and replayed."""

import base64
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from local.faults.hostile import payloads
from local.faults.hostile.answers import accepted, asked
from local.faults.hostile.corpora import Corpora
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.site import TOPIC, Front
from shared.domain.ids import PromotionId
from shared.workflow.receive_model_event import receive_model_event

SURFACE = "intake"
EVENT: dict[str, Any] = {
    "id": "1", "topic": TOPIC, "subject": "models/fraud-card:7", "dataVersion": "", "metadataVersion": "1",
    "eventType": "Microsoft.MachineLearningServices.ModelRegistered", "eventTime": "2026-11-23T06:00:00.1234567Z",
    "data": {"modelName": "fraud-card", "modelVersion": 7, "modelTags": {"a": "b"}, "modelProperties": {}},
}  # fmt: skip


def attack(scores: Scores, front: Front, rng: Random, size: int, corpora: Corpora) -> None:
    """Send all of it, then look at the quarantine and replay it."""
    for number, body in enumerate(_bodies(rng, size)):
        scores.case(SURFACE, f"{number}: {body[:120]!r}", _taken_in, front, body)
    for case in corpora.events():
        scores.must(
            SURFACE, case.name, _says, front, case.body(TOPIC), case.promotion, accepted=case.promotion is not None
        )
    front.estate.work()
    _look(scores, front, rng, size)


def _bodies(rng: Random, size: int) -> Iterator[bytes]:
    whole = json.dumps(EVENT).encode()
    yield from (whole, b"[" + whole + b"]", base64.b64encode(whole), b" \n" + whole + b"\n ", whole * 2)
    yield from payloads.sample(rng, payloads.NOT_JSON, size)
    yield from (base64.b64encode(body) for body in payloads.sample(rng, payloads.NOT_JSON, size // 2))
    for text in payloads.sample(rng, payloads.TEXTS, size):
        for place in ("modelName", "modelVersion"):
            yield json.dumps({**EVENT, "data": {**EVENT["data"], place: text}}).encode()
        for place in ("topic", "subject", "eventType", "data", "id"):
            yield json.dumps({**EVENT, place: text}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    for value in payloads.VALUES:
        yield json.dumps(value).encode()
        yield json.dumps([EVENT, value, EVENT]).encode()
        yield json.dumps({**EVENT, "data": value}).encode()
    yield from payloads.mangled(rng, EVENT, size * 4)
    yield from (whole[:end] for end in range(0, len(whole), max(1, len(whole) // size)))


def _taken_in(front: Front, body: bytes) -> bool:
    """Whether it announced something; what did not must be in quarantine with a reason."""
    intake = receive_model_event(front.estate.outside, body, "model-events")
    if not intake.promotions and not intake.quarantined:
        raise Broken("it was neither taken in nor quarantined")
    for id_ in intake.quarantined:
        kept = front.estate.outside.quarantine.get(id_)
        if kept is None or kept.body != body or not kept.reason:
            raise Broken("the quarantine does not hold it as it came, with a reason")
    return bool(intake.promotions)


def _says(front: Front, body: bytes, expected: PromotionId | None) -> bool:
    found = receive_model_event(front.estate.outside, body, "model-events").promotions
    if expected is not None and found != (expected,):
        raise Broken(f"it was read as {found}, and says {expected}")
    return bool(found)


def _look(scores: Scores, front: Front, rng: Random, size: int) -> None:
    """Every page of the quarantine; then replay some as they are, and corrected by somebody hostile."""
    cursor, kept = "", []
    while True:
        answer = front.as_person("olu.operator", "GET", "/api/quarantine", query=f"limit=200{cursor}")
        scores.must(SURFACE, f"quarantine {cursor}", accepted, answer, accepted=True)
        page = json.loads(answer.text)
        kept += [item["id"] for item in page["items"]]
        if not page["cursor"]:
            break
        cursor = f"&cursor={page['cursor']}"
    reader = front.as_person("dana.submitter", "GET", "/api/quarantine")
    scores.must(SURFACE, "a submitter reads the quarantine", accepted, reader, accepted=False)
    for id_ in payloads.sample(rng, tuple(kept), size):
        for body in (
            None,
            {"body": rng.choice(payloads.TEXTS)},
            {"body": json.dumps(EVENT)},
            {"body": None},
            {"body": 7},
        ):
            path = f"/api/quarantine/{id_}/replay"
            scores.case(SURFACE, f"{path} {body}", asked, front, "olu.operator", "POST", path, body)
