"""Steps about registering and judging: trained, blocked with reasons, mended, looked at again."""

from local.demo.stage import Detail, Stage, fill_in, promise

_LEAST_AUC = 0.90


def trained_and_registered(stage: Stage) -> Detail:
    """Two versions of one model whose real metrics the policy separates, and one of another."""
    stage.say("training and registering three versions with the real SDK")
    good = stage.register("good", "fraud-good", tags={"classification": "top-secret"})
    weak = stage.register("weak", "fraud-weak", tags={"owner": None})
    defects = stage.register("defects", "defects")
    promise(good.metrics["auc"] >= _LEAST_AUC > weak.metrics["auc"], "the policy's least auc lies between the two")
    promise(good.name == weak.name != defects.name, "two versions of one model and one of another")
    return {made.promotion: {"run": made.run, **made.metrics} for made in (good, weak, defects)}


def blocked_with_reasons(stage: Stage) -> Detail:
    """The weak version: a tag missing and the metric too low, both named at once, with the command that mends."""
    seen = stage.status("weak", "blocked")
    held = {gate["gate"]: gate for gate in seen["evaluation"]["gates"] if gate["outcome"] != "passed"}
    reasons = {
        name: {field: gate[field] for field in ("outcome", "actual", "expected", "command")}
        for name, gate in held.items()
    }
    promise({"tag:owner", "metric:auc"} <= held.keys(), "both reasons are named at once", **reasons)
    measured = str(stage.made["weak"].metrics["auc"])
    promise(held["metric:auc"]["actual"] == measured, "the metric is the run's own", **reasons)
    promise("az ml model update" in held["tag:owner"]["command"], "the command that mends is printed", **reasons)
    return {"promotion": seen["promotion"], "round": seen["round"], "reasons": reasons}


def fixed_and_reevaluated(stage: Stage) -> Detail:
    """The good version, blocked for a tag alone, is mended with the printed command, looked at again and asked for."""
    blocked = stage.status("good", "blocked")
    held = [gate for gate in blocked["evaluation"]["gates"] if gate["outcome"] != "passed"]
    promise([gate["gate"] for gate in held] == ["tag:classification"], "blocked for the tag alone", gates=held)
    command = fill_in(held[0]["command"], "internal")
    stage.platform.mend(command)
    status = stage.command("good", "reevaluate", "dana.submitter")
    promise(status == 202, "the submitter may ask for a new look", status=status)
    asked = stage.status("good", "awaiting_approval")
    promise(asked["round"] == blocked["round"] + 1, "a new round", round=asked["round"])
    promise(stage.view("weak")["status"] == "blocked", "the weak version stays blocked")
    return {
        "command": command,
        "rounds": [blocked["round"], asked["round"]],
        "digests": [blocked["evaluation"]["digest"], asked["evaluation"]["digest"]],
    }
