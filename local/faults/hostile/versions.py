"""Versions, runs and people that were registered by somebody hostile, on every page that shows them."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from local.faults.hostile import payloads
from local.faults.hostile.answers import asked, looked_at
from local.faults.hostile.scores import Scores
from local.faults.hostile.site import Front, path_of
from shared.domain.ids import PromotionId
from shared.workflow.receive_model_event import ask_for_look

SURFACE = "pages"
_KNOWN_TAGS = (
    "owner",
    "data_window",
    "classification",
    "scope",
    "rollback_path",
    "monitoring_signal",
    "evaluation_run",
)


def attack(scores: Scores, front: Front, rng: Random, size: int) -> None:
    """Register, answer, change, and look at everything each time."""
    texts = payloads.sample(rng, payloads.TEXTS, size)
    for number, text in enumerate(texts):
        promotion = _registered(front, rng, number, text)
        front.estate.work()
        _answer(front, promotion, rng, text)
        front.estate.work()
        if rng.random() < 0.5:
            _changed(front, promotion, rng, rng.choice(texts))
            front.estate.work()
        for path, query in _pages(promotion):
            scores.must(SURFACE, f"{path} after {text[:40]!r}", looked_at, front, path, query, accepted=True)
        for path in (f"/api/promotions/{path_of(promotion)}", f"/api/promotions/{path_of(promotion)}/history"):
            scores.must(SURFACE, f"{path} after {text[:40]!r}", asked, front, "ana.auditor", "GET", path, accepted=True)
    for path in ("/api/promotions", "/api/history"):
        scores.must(SURFACE, path, asked, front, "ana.auditor", "GET", path, accepted=True)


def hostile_estate(front: Front, rng: Random, size: int) -> list[PromotionId]:
    """Some such versions, for who looks at them in another way."""
    found = []
    for number, text in enumerate(payloads.sample(rng, payloads.TEXTS, size)):
        found.append(_registered(front, rng, number, text))
        front.estate.work()
        _answer(front, found[-1], rng, text)
        front.estate.work()
    return found


def _registered(front: Front, rng: Random, number: int, text: str) -> PromotionId:
    estate = front.estate
    promotion = estate.register()
    model = estate.catalog.registered[promotion]
    spoilt = {rng.choice(_KNOWN_TAGS): text} if number % 2 else {"scope": text, "monitoring_signal": text}
    strange = {text: text, f"note{number}": text, "\u202e": "x", "<b>": "</b>"}
    changes: dict[str, Any] = {
        "tags": {**model.tags, **strange, **spoilt},
        "properties": {text: text},
        "registrant": rng.choice((text, "Dana Osei", None)),
        "asset_type": rng.choice((text, "mlflow_model")),
        "flavors": rng.choice(((text,), ("sklearn",))),
    }
    estate.catalog.change(promotion, **changes)
    run = estate.catalog.read_run(promotion.workspace, model.tags["evaluation_run"])
    if run is not None:
        metrics = {**run.metrics, text or "empty": text, "auc": rng.choice(("0.94", text, "NaN", "1e400", "0.5"))}
        submitter, dataset = rng.choice((text, "Dana Osei")), rng.choice((text, "holdout"))
        estate.catalog.put_run(promotion.workspace, replace(run, metrics=metrics, submitter=submitter, dataset=dataset))
    return promotion


def _answer(front: Front, promotion: PromotionId, rng: Random, text: str) -> None:
    said = {"comment": text[:4_000], "limitations": text[:4_000], "ticket": text[:256], "release_record": {text[:64] or "x": text[:2_000].strip() or "y"}}  # fmt: skip
    for approver in ("amir.approver@contoso.com", "rosa.risk@contoso.com"):
        body = front.decision(promotion, **said, approver=approver, verdict=rng.choice(("approve", "reject")))
        front.webhook(body, f"{promotion.name}-{approver.partition('.')[0]}")


def _changed(front: Front, promotion: PromotionId, rng: Random, text: str) -> None:
    """Another round, so that what changed is shown too."""
    tags = front.estate.catalog.registered[promotion].tags
    front.estate.catalog.change(promotion, tags={**tags, rng.choice([*tags]): text})
    ask_for_look(front.estate.outside, promotion)


def _pages(promotion: PromotionId) -> Iterator[tuple[str, str]]:
    yield f"/promotions/{path_of(promotion)}", ""
    yield f"/models/{promotion.name}", ""
    yield "/", "show=all"
    yield "/history", ""
