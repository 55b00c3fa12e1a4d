"""The webhook: only what a live key signed, now, once, in the name of somebody it may speak for, counts."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from local.faults.hostile import payloads
from local.faults.hostile.answers import accepted
from local.faults.hostile.corpora import Corpora
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.site import KEYS, SENDER, Answered, Front
from shared.domain.ids import PromotionId
from shared.web.signatures import HEADERS, Received, decode_key, verified_id

SURFACE = "webhook"
PATH = f"/api/webhooks/decisions/{SENDER}"
FIELDS = ("promotion", "evaluation", "verdict", "approver", "comment", "limitations", "ticket", "review_by")


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent."""

    body: bytes
    headers: dict[str, str]
    more: tuple[tuple[str, str], ...] = ()
    path: str = PATH


class _Sender:
    """Signs and sends; every case under an id of its own, so that no case answers for another."""

    def __init__(self, front: Front, promotion: PromotionId) -> None:
        self.front = front
        self.promotion = promotion
        self._count = 0

    def next_id(self) -> str:
        self._count += 1
        return f"msg_{self._count}"

    def signed(self, body: bytes, **changes: Any) -> dict[str, str]:
        key, at = changes.get("key", KEYS[0]), changes.get("at")
        return self.front.signed(body, changes.get("id") or self.next_id(), at=at, key=key)

    def send(self, request: _Request) -> Answered:
        headers = {"content-type": "application/json", **request.headers}
        return self.front.call("POST", request.path, [*headers.items(), *request.more], request.body)

    def rows(self) -> int:
        return len(self.front.estate.outside.histories.load(self.promotion).rows)

    def body(self, /, **changes: Any) -> bytes:
        return json.dumps(self.front.decision(self.promotion, **changes)).encode()


def attack(scores: Scores, front: Front, rng: Random, size: int, corpora: Corpora) -> None:
    """Hostile bodies with good signatures, then good bodies with hostile signatures."""
    sender = _Sender(front, front.asked())
    for number, body in enumerate(_bodies(sender, rng, size)):
        scores.case(SURFACE, f"{number}: {body[:160]!r}", _taken, sender, body)
    sender.promotion = front.asked()
    before = sender.rows()
    for name, request in _forged(sender, rng, size):
        scores.must(SURFACE, name, _refused_alike, sender, request, accepted=False)
    if sender.rows() != before:
        scores.case(SURFACE, "forged", _broken, "a forged request left a row in the history")
    _replays(scores, sender)
    _vectors(scores, corpora)


def _bodies(sender: _Sender, rng: Random, size: int) -> Iterator[bytes]:
    yield from payloads.sample(rng, payloads.NOT_JSON, size)
    for text in payloads.sample(rng, payloads.TEXTS, size):
        for field in FIELDS:
            yield sender.body(**{field: text})
        yield sender.body(release_record={text: text, "scope": text})
        yield sender.body(**{text: text})
    for value in payloads.VALUES:
        field = rng.choice((*FIELDS, "release_record"))
        yield sender.body(**{field: value})
    yield from payloads.mangled(rng, json.loads(sender.body(comment="x", ticket="RISK-1")), size * 3)
    yield b'{"evaluation":"a",' + sender.body()[1:]


def _forged(sender: _Sender, rng: Random, size: int) -> Iterator[tuple[str, _Request]]:
    """Requests that nobody who holds a key sent, or not now; each by its name."""
    body = sender.body()
    yield from _twisted_headers(sender, body)
    for seconds in (-100_000, -301, 301, 100_000):
        at = sender.front.estate.clock.now() + timedelta(seconds=seconds)
        yield f"skewed by {seconds} s", _Request(body, sender.signed(body, at=at))
    for name in ("nobody", "Chatops", "chatops2", "..", "chatops:", "a" * 300):
        path = f"/api/webhooks/decisions/{name}"
        yield f"sender {name[:20]}", _Request(body, sender.signed(body), path=path)
    for key in (b"", b"\x00" * 32, KEYS[0] + b"x", KEYS[0][:-1], base64.b64encode(KEYS[0])):
        yield f"key of {len(key)} bytes", _Request(body, sender.signed(body, key=key))
    good = sender.signed(body)
    for place in range(0, len(body), max(1, len(body) // (size * 2))):
        flipped = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        yield f"byte {place} of the body flipped", _Request(flipped, good)
    for header in HEADERS:
        for place in range(len(good[header])):
            text = good[header]
            flipped_text = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
            yield f"{header}: character {place} flipped", _Request(body, {**good, header: flipped_text})
    for cut in (1, 4, 8, 43):
        short = {**good, "webhook-signature": good["webhook-signature"][:-cut]}
        yield f"signature cut by {cut}", _Request(body, short)
    for text in payloads.sample(rng, payloads.TEXTS, size):
        for header in HEADERS:
            strange = {**good, header: text.replace("\r", " ").replace("\n", " ")}
            yield f"{header}: {text[:30]!r}", _Request(body, strange)


def _twisted_headers(sender: _Sender, body: bytes) -> Iterator[tuple[str, _Request]]:
    good = sender.signed(body)
    signature = good["webhook-signature"].removeprefix("v1,")
    twisted: dict[str, dict[str, str]] = {
        **{f"no {header}": {k: v for k, v in good.items() if k != header} for header in HEADERS},
        "another version": {**good, "webhook-signature": f"v2,{signature}"},
        "asymmetric": {**good, "webhook-signature": f"v1a,{signature}"},
        "no version": {**good, "webhook-signature": signature},
        "urlsafe": {**good, "webhook-signature": f"v1,{signature.replace('+', '-').replace('/', '_')}="},
        "the 17th": {**good, "webhook-signature": " ".join([*["v1,AAAA"] * 16, good["webhook-signature"]])},
        "comma for space": {**good, "webhook-signature": f"v1,AAAA,{good['webhook-signature']}"},
        "fraction": {**good, "webhook-timestamp": good["webhook-timestamp"] + ".0"},
        "plus": {**good, "webhook-timestamp": f"+{good['webhook-timestamp']}"},
        "exponent": {**good, "webhook-timestamp": "1.79e9"},
        "arabic digits": {**good, "webhook-timestamp": "".join(chr(0x660 + int(d)) for d in good["webhook-timestamp"])},
        "id with a stop": {**good, "webhook-id": f"{good['webhook-id']}.{good['webhook-timestamp']}"},
    }
    for name, headers in twisted.items():
        yield name, _Request(body, headers)
    for header in HEADERS:
        yield f"{header} twice", _Request(body, good, ((header, good[header]),))
    yield (
        "no JSON type",
        _Request(b"{}", {**good, "content-type": "text/plain"}),
    )


def _taken(sender: _Sender, body: bytes) -> bool:
    return _sent(sender, body, sender.signed(body))


def _sent(sender: _Sender, body: bytes, headers: dict[str, str]) -> bool:
    return accepted(sender.send(_Request(body, headers)))


def _refused_alike(sender: _Sender, request: _Request) -> bool:
    """Nobody is told what of it was wrong."""
    answer = sender.send(request)
    if accepted(answer):
        return True
    if answer.status not in {400, 401} or (answer.status == 401 and "no more is said" not in answer.text):
        raise Broken(f"it was refused with {answer.status}: {answer.text[:200]}")
    return False


def _replays(scores: Scores, sender: _Sender) -> None:
    """The same once more counts once; the same id with another body, or with the key that was taken away, counts never."""
    body, other = sender.body(), sender.body(comment="another")
    headers = sender.signed(body, id="once")
    scores.must(SURFACE, "the first time", _sent, sender, body, headers, accepted=True)
    counted = sender.rows()
    scores.must(SURFACE, "the same again", _sent, sender, body, headers, accepted=True)
    scores.must(SURFACE, "the same id, other body", _sent, sender, other, sender.signed(other, id="once"), accepted=False)  # fmt: skip
    stranger = sender.body(approver="olu.operator@contoso.com")
    scores.must(SURFACE, "for somebody else", _sent, sender, stranger, sender.signed(stranger), accepted=False)
    scores.must(SURFACE, "what counted", lambda: sender.rows() == counted, accepted=True)
    again = sender.body(approver="rosa.risk@contoso.com")
    scores.must(SURFACE, "the second key", _sent, sender, again, sender.signed(again, key=KEYS[1]), accepted=True)
    scores.must(SURFACE, "that it counted", lambda: sender.rows() > counted, accepted=True)
    old = Received(sender.signed(body, key=KEYS[0]), body)
    now = sender.front.estate.clock.now()
    scores.must(SURFACE, "a key taken away", _holds, old, KEYS[1], now, accepted=False)  # fmt: skip


def _vectors(scores: Scores, corpora: Corpora) -> None:
    vectors = corpora.webhooks()
    for each in vectors["static"] if vectors else ():
        at, key = datetime.fromtimestamp(each["timestamp"], UTC), decode_key(each["secret"])
        headers = dict(zip(HEADERS, (each["id"], str(each["timestamp"]), each["expected"]), strict=True))
        good = Received(headers, each["payload"].encode())
        scores.must(SURFACE, "a published vector", _holds, good, key, at, accepted=True)
        for place in range(3, len(each["expected"])):
            text = each["expected"]
            bad = Received({**headers, "webhook-signature": text[:place] + "!" + text[place + 1 :]}, good.body)
            scores.must(SURFACE, f"the vector without character {place}", _holds, bad, key, at, accepted=False)


def _holds(received: Received, key: bytes, at: datetime) -> bool:
    return verified_id(received, (key,), at, timedelta(seconds=300)) is not None


def _broken(why: str) -> bool:
    raise Broken(why)
