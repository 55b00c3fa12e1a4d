"""What those who run it see: one trace from the event to the registry, every measure, and no secret in any of it."""

import json
from typing import Any

import pytest

from local.platform import Platform, wait_for
from shared.domain.ids import PromotionId
from shared.domain.measures import INSTRUMENTS
from shared.domain.traces import trace_id

pytestmark = pytest.mark.slow

UNTROUBLED = {
    "clearance.queue.depth",
    "clearance.dead_letters",
    "clearance.promotions",
    "clearance.promotions.oldest",
    "clearance.targets.errored",
    "clearance.sweep.lag",
    "clearance.checkpoint.age",
    "clearance.evaluations",
    "clearance.gates",
    "clearance.decisions.age",
    "clearance.promotion.duration",
    "clearance.checkpoints",
}
"""What a promotion that meets no trouble and the timers measure; tests/workflow/test_telemetry.py has the others."""


def steps_of(platform: Platform, promotion: str) -> list[dict[str, Any]]:
    trace = trace_id(PromotionId.parse(promotion))
    return [step for step in platform.telemetry.steps() if step["tags"]["ai.operation.id"] == trace]


def measured(platform: Platform) -> set[str]:
    return {metric["name"] for item in platform.telemetry.measures() for metric in item["data"]["baseData"]["metrics"]}


def test_one_trace_leads_from_the_event_to_the_registries(platform: Platform) -> None:
    made = platform.register("fraud-good")
    platform.wait_for_status(made.promotion, "awaiting_approval")
    platform.sign_and_send(platform.decision(made.promotion, "amir.approver"))
    platform.sign_and_send(platform.decision(made.promotion, "Rosa Lind"), sender="risk-desk")
    platform.wait_for_status(made.promotion, "promoted")

    def seen() -> set[tuple[str, str]]:
        told = (step["data"]["baseData"] for step in steps_of(platform, made.promotion))
        return {(each["name"], each["properties"].get("registry", "")) for each in told}

    registries = ("contoso-shared", "contoso-eu")
    wanted = {(name, registry) for name in ("import", "mark") for registry in registries}
    wanted |= {(name, "") for name in ("intake", "advance", "look", "relay", "decision")}
    wait_for(seen, lambda found: wanted <= found, what="every step of the trace")

    links = [step["data"]["baseData"]["properties"].get("_MS.links") for step in steps_of(platform, made.promotion)]
    assert any(links), "a step is linked to the host's own trace of the invocation"


def test_every_measure_arrives_under_the_name_that_queries_use(platform: Platform) -> None:
    made = platform.register("defects", version="2")
    platform.wait_for_status(made.promotion, "awaiting_approval")
    platform.sign_and_send(platform.decision(made.promotion, "amir.approver"))
    platform.wait_for_status(made.promotion, "promoted")
    for timer in ("daily_checkpoint", "collect_metrics", "sweep"):
        platform.fire(timer)

    wait_for(lambda: measured(platform), lambda found: found >= UNTROUBLED, what="every measure")

    assert measured(platform) <= {*INSTRUMENTS}


def test_no_secret_is_among_it(platform: Platform) -> None:
    secrets = [platform.secrets.identity_header, platform.settings["AzureWebJobsStorage"], platform.token("rosa.risk")]
    secrets += [key for keys in platform.secrets.as_senders_setting().values() for key in keys["keys"]]

    told = json.dumps(platform.telemetry.everything())

    assert len(told) > 1000
    assert [secret for secret in secrets if secret in told] == []
