"""Steps about registries: an outage survived, both reached, read back with the SDK, a conflict found beforehand."""

from itertools import pairwise
from typing import Any

from local.demo.decision_steps import AWAY
from local.demo.stage import Detail, NotAsPromised, Stage, promise

_BOTH = {"contoso-shared": "{name}", AWAY: "risk-dev-{name}"}


def registry_outage_survived(stage: Stage) -> Detail:
    """One of two registries answers 503 for a while: the other goes ahead, and what was decided stays decided."""
    seen = stage.wait(
        lambda: {registry: stage.target("good", registry) for registry in _BOTH},
        lambda targets: targets == {"contoso-shared": "promoted", AWAY: "errored"},
        "one registry promoted while the other is away",
    )
    stage.heal()
    after = stage.wait(
        lambda: _swept(stage), lambda status: status in ("importing", "promoted"), f"{AWAY} to be tried again", 30
    )
    rows = stage.history("good")
    history = [row["type"] for row in rows]
    promise("RoundVoided" not in history, "no approval was voided by machinery", history=history)
    errors = [(row["data"]["registry"], row["data"]["code"]) for row in rows if row["type"] == "PromotionErrored"]
    promise(AWAY in dict(errors), f"the outage of {AWAY} is recorded", errors=errors)
    promise(
        all(earlier != later for earlier, later in pairwise(errors)), "the same error is recorded once", errors=errors
    )
    return {"during": seen, "after": after, "recorded_errors": errors, "approvals": stage.view("good")["approvals"]}


def bring_registry_back(stage: Stage) -> None:
    """What an operator does where the machinery did not go on by itself."""
    stage.heal()
    stage.command("good", f"targets/{AWAY}/retry", "olu.operator")


def _swept(stage: Stage) -> str:
    stage.platform.fire("sweep")
    return stage.target("good", AWAY)


def promoted_to_both_registries(stage: Stage) -> Detail:
    """Both targets promoted, neither imported twice."""
    seen = stage.status("good", "promoted", timeout=45)
    good = stage.made["good"]
    names = [f"{registry}:{name.format(name=good.name)}:{good.version}" for registry, name in _BOTH.items()]
    imports = {name: stage.platform.emulator.imports().get(name, {}) for name in names}
    twice = [target for target, counts in imports.items() if counts.get("effective", 0) > 1]
    promise(not twice, "no target is imported twice", imports=imports)
    return {"status": seen["status"], "targets": seen["targets"], "imports": imports}


def read_back_with_sdk(stage: Stage) -> Detail:
    """What the app calls promoted is read with the real SDK as an auditor, provenance tags included."""
    good, view = stage.made["good"], stage.view("good")
    held = {
        target["registry"]: _read(stage, target["registry"], _BOTH[target["registry"]].format(name=good.name))
        for target in view["targets"]
        if target["status"] == "promoted"
    }
    for registry, found in held.items():
        tags = found["tags"]
        promise(tags.get("clearance_promotion") == good.promotion, f"our mark stands in {registry}", **found)
        promise(tags.get("clearance_approvers") == "amir.approver,rosa.risk", "approvers are named", **found)
        promise(tags.get("clearance_digest") == view["evaluation"]["digest"], "the digest is named", **found)
        stage.promoted.append(found["id"])
    promise(held, "something is promoted", targets=view["targets"])
    return held


def _read(stage: Stage, registry: str, name: str) -> Detail:
    from azure.core.exceptions import ResourceNotFoundError

    version = stage.made["good"].version
    stage.wait(lambda: _marked(stage, registry), bool, f"the mark in {registry}", 20)
    with stage.platform.sdk.registry(registry, "ana.auditor") as client:
        try:
            found: Any = client.models.get(name, version)
        except ResourceNotFoundError as error:
            raise NotAsPromised(f"{registry} holds {name}:{version}", answer=str(error).splitlines()[0]) from error
        return {"id": found.id, "type": found.type, "tags": dict(found.tags or {})}


def _marked(stage: Stage, registry: str) -> bool:
    return any(row["type"] == "TargetMarked" and row["data"]["registry"] == registry for row in stage.history("good"))


def conflict_found(stage: Stage) -> Detail:
    """A different model holds the name and version: found before anyone is asked; given up by the operator."""
    version = "90"
    stage.platform.emulator.models(
        "register",
        stage.made["good"].name,
        version,
        registry="contoso-shared",
        model_type="custom_model",
        files={"somebody-elses.txt": "not the model that was approved"},
    )
    made = stage.register("conflicted", "fraud-good", version=version)
    seen = stage.status("conflicted", "conflict")
    told = [row["type"] for row in stage.history("conflicted")]
    promise("ApprovalRequested" not in told, "nobody is asked", history=told)
    status = stage.command("conflicted", "targets/contoso-shared/give-up", "olu.operator")
    promise(status == 202, "the operator may give it up", status=status)
    asked = stage.status("conflicted", "awaiting_approval")
    left = [target["registry"] for target in asked["targets"] if target["status"] != "given_up"]
    promise(left == [AWAY], "people are asked about what is left", targets=asked["targets"])
    return {"promotion": made.promotion, "conflict": seen["explanation"], "asked_about": left}
