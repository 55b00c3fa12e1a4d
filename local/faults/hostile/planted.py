"""A word of its own planted in every input, then looked for in everything that is kept, told, measured and exported.

What somebody states on purpose (a tag, a comment) is shown where people look, and nowhere else. What proves who sends (a
token, a signature, a key) is found nowhere. What is refused leaves nothing behind, but for the quarantine.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.faults.hostile.answers import accepted
from local.faults.hostile.intake import EVENT
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import BEARER, COOKIE, PRINCIPAL, SAS_URL, WHSEC, Watch, refuse_leaks
from local.faults.hostile.site import KEYS, SENDER, Answered, Front, SignIn, path_of
from shared.domain.errors import InvalidId
from shared.domain.evidence import Artifact
from shared.domain.ids import PromotionId
from shared.workflow.collect_metrics import collect_metrics
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.export_histories import export_histories
from shared.workflow.receive_model_event import receive_model_event
from shared.workflow.set_aside import set_aside
from shared.workflow.sweep import sweep

SURFACE = "planted"
_PORTS = (
    "histories", "claims", "worklist", "awaited_runs", "bookmarks", "read_models", "quarantine", "replay_ids", "checkpoints",
    "queue", "publisher", "telemetry", "backlog",
)  # fmt: skip
PLACES = (*_PORTS, "registry", "export", "answers")
"""Where everything is that the app keeps, tells or measures. Logs are watched by `secrets.watching`."""

_KEPT = frozenset({"histories", "export"})
_LOOKED_AT = _KEPT | {"answers"}
_STATED = _LOOKED_AT | {"publisher", "read_models", "registry"}
_REFUSED = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Plant:
    """A word of its own. It stands in `must` on purpose, may stand in `may`, and stands nowhere else."""

    name: str
    must: frozenset[str] = _REFUSED
    may: frozenset[str] = _REFUSED

    @property
    def word(self) -> str:
        """Fits every grammar: of names, ids, versions and keys."""
        return f"canary-{self.name.replace(' ', '-')}-5f4e"


PLANTS = {
    each.name: each
    for each in (
        # What somebody states about a version, its run and its files.
        Plant("stated tag", _LOOKED_AT, _STATED),
        Plant("other tag", _KEPT, _LOOKED_AT),
        Plant("name of a tag", _KEPT, _LOOKED_AT),
        Plant("property", _KEPT, _LOOKED_AT),
        Plant("file", _KEPT, _LOOKED_AT | {"registry"}),
        Plant("metric", _KEPT, _LOOKED_AT),
        Plant("tag of a run", _KEPT, _LOOKED_AT),
        # What an approver says.
        Plant("comment", _LOOKED_AT, _STATED),
        Plant("limitation", _LOOKED_AT, _STATED),
        Plant("ticket", _LOOKED_AT, _STATED),
        Plant("record", _LOOKED_AT, _STATED),
        Plant("operators reason", _LOOKED_AT, _STATED),
        Plant("webhook id", _KEPT, _LOOKED_AT | {"replay_ids"}),
        Plant("idempotency key", _KEPT, _LOOKED_AT),
        # What nobody understands is kept as it came, for operators.
        Plant("bad event", frozenset({"quarantine", "answers"}), frozenset({"quarantine", "answers"})),
        Plant("bad message", frozenset({"quarantine", "answers"}), frozenset({"quarantine", "answers"})),
        # What is not read, or refused, leaves nothing behind.
        Plant("tag of an event"),
        Plant("field nobody knows"),
        Plant("text too long"),
        Plant("forged comment"),
        Plant("comment under a used id"),
        Plant("comment of a stranger"),
        Plant("comment on another digest"),
        Plant("query"),
        Plant("path"),
        Plant("header"),
        Plant("claimed name"),
        Plant("refused idempotency key"),
    )
}


def attack(scores: Scores, sign_in: SignIn, watch: Watch) -> None:
    """Plant every word, let the app do all its work, and look for each of them everywhere."""
    front = Front(sign_in)
    watch.words.update(plant.word for plant in PLANTS.values())
    promotion = _stated(front)
    for name, plant in _said(front, promotion).items():
        scores.must(SURFACE, f"{name} is taken", plant, accepted=True)
    for name, plant in _refused(front, promotion).items():
        scores.must(SURFACE, f"{name} is refused", plant, accepted=False)
    _work(front)
    scores.must(
        SURFACE, "the version is promoted", lambda: front.estate.case(promotion).status == "promoted", accepted=True
    )
    seen = _seen(front)
    for each in PLANTS.values():
        scores.must(SURFACE, f"where {each.name} stands", stands_right, each, seen, accepted=True)
    keep_secrets(scores, SURFACE, front)
    watch.words.update(front.proofs)


def keep_secrets(scores: Scores, surface: str, front: Front) -> None:
    """Nothing that a front keeps, tells, measures or exports holds a planted secret, or what proved who sent."""
    scores.must(surface, "secrets in what is kept", _holds_no_secret, front, accepted=True)


def _holds_no_secret(front: Front) -> bool:
    for place, text in _held(front).items():
        refuse_leaks(f"the port {place}", text, more=front.proofs)
    return True


def stands_right(plant: Plant, seen: Mapping[str, str]) -> bool:
    """Raise `Broken` where a word stands in a place that it does not belong to, or not where it does."""
    found = {place for place, text in seen.items() if plant.word in text}
    if astray := sorted(found - plant.must - plant.may):
        raise Broken(f"it stands in {', '.join(astray)}")
    if missing := sorted(plant.must - found):
        raise Broken(f"it does not stand in {', '.join(missing)}, where it belongs")
    return True


# ------------------------------------------------------------------------------------------------ planting


def _word(name: str) -> str:
    return PLANTS[name].word


def _stated(front: Front) -> PromotionId:
    """A version that people are asked about, with words in all that its registrant states."""
    catalog = front.estate.catalog
    promotion = front.estate.register()
    model = catalog.registered[promotion]
    told = {"scope": _word("stated tag"), "note": _word("other tag"), _word("name of a tag"): "x"}
    files = (*(model.artifacts or ()), Artifact(_word("file"), 1, None))
    catalog.change(promotion, tags={**model.tags, **told}, properties={"note": _word("property")}, artifacts=files)
    run = catalog.read_run(promotion.workspace, model.tags["evaluation_run"])
    if run is not None:
        metrics = {**run.metrics, _word("metric"): "1"}
        catalog.put_run(promotion.workspace, replace(run, metrics=metrics, tags={"note": _word("tag of a run")}))
    front.estate.work()
    return promotion


def _said(front: Front, promotion: PromotionId) -> dict[str, Callable[[], bool]]:
    """What is taken, in this order: an operator leaves a target out, people are asked anew and answer."""
    where, outside = f"/api/promotions/{path_of(promotion)}", front.estate.outside

    def given_up() -> bool:
        reason = {"comment": _word("operators reason")}
        gave = accepted(front.as_person("olu.operator", "POST", f"{where}/targets/contoso-eu/give-up", reason))
        front.estate.work()
        return gave

    def by_webhook() -> bool:
        words = {"comment": "comment", "limitations": "limitation", "ticket": "ticket"}
        body = front.decision(promotion, **{key: _word(name) for key, name in words.items()})
        return accepted(front.webhook(body, _word("webhook id")))

    def in_person() -> bool:
        digest = front.decision(promotion)["evaluation"]
        body = {"evaluation": digest, "verdict": "approve", "release_record": {"note": _word("record")}}
        key = [("idempotency-key", _word("idempotency key"))]
        return accepted(front.as_person("rosa.risk", "POST", f"{where}/decisions", body, headers=key))

    def events() -> bool:
        data = {"modelName": promotion.name, "modelVersion": 1, "modelTags": {"note": _word("tag of an event")}}
        told = {**EVENT, "subject": f"models/{promotion.name}:1", "data": data}
        receive_model_event(outside, json.dumps({"note": _word("bad event")}).encode(), "model-events")
        return bool(receive_model_event(outside, json.dumps(told).encode(), "model-events").promotions)

    def message() -> bool:
        body = f"no promotion but {_word('bad message')}"
        try:
            PromotionId.parse(body)
        except InvalidId as fault:
            return bool(set_aside(outside, "promotions", str(fault), body.encode()))
        return False

    return {"giving up": given_up, "webhook": by_webhook, "person": in_person, "events": events, "message": message}


def _refused(front: Front, promotion: PromotionId) -> dict[str, Callable[[], bool]]:
    """What is not read, or refused."""
    where, digest = f"/api/promotions/{path_of(promotion)}", "0" * 64
    secrets = [
        ("x-note", _word("header")), ("user-agent", _word("header")), ("cookie", COOKIE), ("referer", SAS_URL),
        ("x-ms-client-principal-name", PRINCIPAL), ("x-functions-key", WHSEC),
    ]  # fmt: skip

    def webhook(name: str, id: str, **changes: Any) -> bool:
        return accepted(front.webhook(front.decision(promotion, **{"comment": _word(name), **changes}), id))

    def forged() -> bool:
        return accepted(
            front.webhook(front.decision(promotion, comment=_word("forged comment")), "forged", key=KEYS[0] + b"x")
        )

    def asked(path: str, query: str = "", **claims: Any) -> bool:
        token = front.sign_in.token("ana.auditor", **claims)
        return accepted(front.call("GET", path, [("authorization", f"Bearer {token}"), *secrets], query=query))

    def keyed() -> bool:
        key = [("idempotency-key", _word("refused idempotency key"))]
        body = {"evaluation": digest, "verdict": "approve"}
        return accepted(front.as_person("rosa.risk", "POST", f"{where}/decisions", body, headers=key))

    return {
        "another body": lambda: webhook("comment under a used id", _word("webhook id")),
        "a stranger": lambda: webhook("comment of a stranger", "m1", approver="olu.operator@contoso.com"),
        "another digest": lambda: webhook("comment on another digest", "m2", evaluation=digest),
        "a field": lambda: webhook("field nobody knows", "m3", note=_word("field nobody knows")),
        "a long text": lambda: webhook("text too long", "m4", ticket=_word("text too long") * 99),
        "forged": forged,
        "a key": keyed,
        "a path": lambda: asked(f"/api/promotions/risk-dev/{_word('path')}/1"),
        "a query": lambda: asked("/api/promotions", f"model={_word('query')}&limit={_word('query')}"),
        "a name": lambda: asked(f"/api/promotions/risk-dev/{_word('path')}/2", name=_word("claimed name")),
        "a bearer": lambda: accepted(front.call("GET", "/api/promotions", [("authorization", f"Bearer {BEARER}")])),
        "a sender": lambda: accepted(front.call("POST", f"/api/webhooks/decisions/{SENDER}", secrets, b"{}", f"code={BEARER}")),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------ looking


def _work(front: Front) -> None:
    """All that the app does by itself."""
    outside = front.estate.outside
    front.estate.work()
    sweep(outside)
    daily_checkpoint(outside)
    collect_metrics(outside)
    front.estate.work()


def _held(front: Front) -> dict[str, str]:
    """All that is kept, by port, and the export."""
    outside = front.estate.outside
    held = {name: repr(vars(getattr(outside, name))) for name in _PORTS}
    registry = repr({name: value for name, value in vars(front.estate.registry).items() if name != "_catalog"})
    return {**held, "registry": registry, "export": "\n".join(export_histories(outside))}


def _seen(front: Front) -> dict[str, str]:
    return {**_held(front), "answers": "\n".join(answer.text for answer in _answers(front))}


def _answers(front: Front) -> Iterator[Answered]:
    """Whatever people may read, as those who may read the most."""
    for promotion in front.estate.catalog.registered:
        for page in (f"/promotions/{path_of(promotion)}", f"/models/{promotion.name}", "/", "/history"):
            yield front.page("ana.auditor", page)
        for tail in ("", "/history"):
            yield front.as_person("ana.auditor", "GET", f"/api/promotions/{path_of(promotion)}{tail}")
    for path in ("/api/promotions", "/api/history", "/api/quarantine", "/api/health", "/api/openapi.json"):
        yield front.as_person("olu.operator", "GET", path)
