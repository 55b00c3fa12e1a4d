"""Worlds worth looking at: every state, hostile text, thousands of rows."""

from datetime import timedelta

from shared.domain.ids import PromotionId
from shared.ports import Summary, TimelineEntry
from tests.domain.evidence_makers import a_promotion, tags
from tests.web.front import Front
from tests.workflow.world import World

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "safe\u202etxt.exe",
    "zero\u200bwidth\u2066hidden\u2069",
    "bell\x07null\x00escape\x1b[31mred",
    "javascript:alert(1)//",
    "</textarea></title></style><svg onload=alert(1)>",
    "&lt;b&gt;&#x3c;b&#x3e;",
    "Z\u0353\u0347a\u0334l\u0321g\u0317o\u033a",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "W" * 300,
]  # fmt: skip


def hostile(front: Front) -> PromotionId:
    """A blocked version whose every free text is an attack, and an answer full of them."""
    world = front.world
    texts = {f"note{number}": text for number, text in enumerate(HOSTILE)}
    stated = tags(scope=HOSTILE[0] + HOSTILE[4], rollback_path=HOSTILE[1], monitoring_signal=" ".join(HOSTILE))
    found = world.register(tags={**stated, **texts}, registrant="Dana Osei")
    world.work()
    front.webhook(
        front.webhook_body(
            comment="\n".join(HOSTILE), limitations=HOSTILE[1], ticket=HOSTILE[7], release_record={"<b>": HOSTILE[8]}
        ),
        id="hostile",
    )
    world.clock.advance(timedelta(minutes=1))
    world.register(
        tags={**stated, **texts, "owner": HOSTILE[1], "classification": HOSTILE[4], "data_window": "W" * 300},
        registrant=HOSTILE[4],
    )
    world.work()
    return found


def every_state(front: Front) -> None:
    """Promoted champion, then versions that are asked for, blocked, rejected, waiting, in conflict and ignored."""
    world = front.world
    world.register(a_promotion("6"))
    world.work()
    world.approve(a_promotion("6"))
    world.work()
    _next(world, "7")
    front.webhook(
        front.webhook_body(
            comment="AUC is within a point of the champion.\nFairness gap is smaller.",
            limitations="Card payments only.",
            ticket="RISK-1841",
            review_by="2026-12-01",
        )
    )
    _next(world, "8", owner="dana@elsewhere.com", classification="secret")
    _next(world, "9")
    world.answer("rosa.risk", "reject", promotion=a_promotion("9"), comment="The window ends too early.")
    _next(world, "10", owner=None)
    world.register(a_promotion("1", name="churn-model"))
    world.work()
    _next(world, "11")
    world.registry.unreadable.add("contoso-eu")
    world.approve(a_promotion("11"))
    world.work()
    world.registry.unreadable.clear()


def _next(world: World, version: str, **changes: str | None) -> None:
    world.clock.advance(timedelta(minutes=7))
    world.register(a_promotion(version), tags=tags(**changes))
    world.work()


def thousands(front: Front, count: int = 3000) -> None:
    """Rows as the relay writes them, straight into the read models."""
    statuses = ["awaiting_approval", "blocked", "promoting", "conflict", "waiting"]
    start = front.world.clock.now()
    for number in range(count):
        promotion = PromotionId("risk-dev", f"model-{number % 40}", str(number))
        at, status = start + timedelta(seconds=number), statuses[number % len(statuses)]
        digest = f"{number:064x}"
        summary = Summary(
            promotion=promotion, status=status, open=True, first_at=at, changed_at=at, sequence=3, policy="fraud",
            round=1, digest=digest, approvals=number % 2, required=2, expires_at=None,
            targets={"contoso-shared": "pending", "contoso-eu": "errored"}, explanation="metric auc failed: 0.8 < 0.9.",
        )  # fmt: skip
        entry = TimelineEntry(
            id=f"{promotion.subject}#3", history=promotion.partition, workspace="risk-dev", model=promotion.name,
            version=promotion.version, sequence=3, at=at, type="Blocked", actor="clearance",
            summary="Blocked by metric auc.", hash=digest,
        )  # fmt: skip
        front.world.read_models.apply([entry], summary, None)
