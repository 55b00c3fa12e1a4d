"""Steps about rules that change: one tried out in the shadow, one let go for a while, one changed under an approval."""

from local.demo.policies import EXCEPTION
from local.demo.stage import Detail, Stage, promise
from local.platform.estate import WORKSPACE
from shared.domain.ids import PromotionId
from shared.domain.mending import WorkspaceAddress, set_tag

_ADDRESS = WorkspaceAddress(WORKSPACE.subscription_id, WORKSPACE.resource_group, WORKSPACE.name)
_SHADOWED = "metric:worst_class_recall"


def shadow_mode_shown(stage: Stage) -> Detail:
    """A rule in shadow mode would have blocked the version: it is recorded and shown, and people are asked all the same."""
    seen = stage.status("defects", "awaiting_approval")
    gate = _gate(seen, _SHADOWED)
    measured = stage.made["defects"].metrics["worst_class_recall"]
    promise((gate["mode"], gate["outcome"]) == ("shadow", "failed"), "judged in the shadow, and not passed", **gate)
    promise(gate["actual"] == str(measured), "the metric is the run's own", **gate)
    recorded = [row for row in stage.history("defects") if row["type"] == "EvaluationCompleted"]
    promise(recorded, "the evaluation is in the history")
    return {"promotion": seen["promotion"], "gate": gate, "sequence": recorded[-1]["sequence"]}


def exception_recorded(stage: Stage) -> Detail:
    """A version without the camera's tag passes by an exception with an owner, a reason and an end."""
    stage.register("excepted", "defects", tags={"camera": None})
    seen = stage.status("excepted", "awaiting_approval")
    gate = _gate(seen, EXCEPTION["gate"])
    promise(gate["outcome"] == "unproven", "the rule itself is not kept", **gate)
    said = {name: gate["exception"][name] for name in ("owner", "reason")}
    promise(said == {"owner": EXCEPTION["owner"], "reason": EXCEPTION["reason"]}, "who, and why", **gate)
    promise(gate["exception"]["until"], "and until when", **gate)
    return {"promotion": seen["promotion"], "gate": gate}


def approval_voided(stage: Stage) -> Detail:
    """A tag that the policy names changes after the first of two approvals: it counts no more, and the change is shown."""
    made = stage.register("voided", "fraud-good")
    asked = stage.status("voided", "awaiting_approval")
    first = stage.approve("voided", "amir.approver")
    promise((first["approvals"], first["required"]) == (1, 2), "one of two", **first)
    stage.platform.mend(set_tag(PromotionId.parse(made.promotion), _ADDRESS, "classification", "restricted"))
    status = stage.command("voided", "reevaluate", "dana.submitter")
    promise(status == 202, "the submitter may ask for a new look", status=status)
    stage.wait(lambda: stage.view("voided")["round"], lambda round_: round_ > asked["round"], "a new round")
    anew = stage.status("voided", "awaiting_approval")
    voided = [row["data"] for row in stage.history("voided") if row["type"] == "RoundVoided"]
    promise(len(voided) == 1, "the round is void, once", voided=voided)
    difference = voided[0]["difference"]
    promise(any("internal" in line and "restricted" in line for line in difference), "what changed", said=difference)
    promise((anew["approvals"], anew["required"]) == (0, 2), "nobody has approved what is there now", **first)
    return {"promotion": made.promotion, "difference": difference, "rounds": [asked["round"], anew["round"]]}


def _gate(seen: Detail, name: str) -> Detail:
    (gate,) = [gate for gate in seen["evaluation"]["gates"] if gate["gate"] == name]
    return dict(gate)
