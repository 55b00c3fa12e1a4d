"""The last step: every history is checked offline, and a flipped byte is found."""

import json

from local.demo.stage import Detail, Stage, promise
from shared.bootstrap import build
from shared.domain.export import Report, verify_export
from shared.settings import Settings
from shared.workflow.export_histories import export_histories


def history_verified(stage: Stage) -> Detail:
    """Against a checkpoint that the app wrote: everything holds; one changed byte is named by its row."""
    outside = build(Settings.from_mapping(stage.platform.settings))
    stage.platform.fire("daily_checkpoint")
    checkpoint = stage.wait(outside.checkpoints.latest, bool, "the checkpoint")
    lines = list(export_histories(outside))
    whole = verify_export(lines, checkpoint)
    promise(whole.holds, "every history holds", findings=_told(whole))
    at, history, sequence = _row_to_forge(lines, stage.made["good"].promotion)
    forged = [*lines[:at], lines[at].replace("amir.approver", "omar.approver", 1), *lines[at + 1 :]]
    found = verify_export(forged, checkpoint).findings
    named = [(finding.history, finding.sequence) for finding in found]
    promise((history, sequence) in named, "the changed row is named", findings=_told(verify_export(forged, checkpoint)))
    return {
        "histories": whole.histories,
        "rows": whole.rows,
        "root": json.loads(checkpoint)["root"],
        "forged_row": f"{history}#{sequence}",
        "found": [finding.sentence for finding in found],
    }


def _row_to_forge(lines: list[str], promotion: str) -> tuple[int, str, int]:
    """The row of the first answer: who would not like to change who approved?"""
    for at, line in enumerate(lines):
        row = json.loads(line)
        if row.get("type") == "DecisionRecorded" and row["history"] == f"promotion:{promotion}":
            return at, row["history"], row["sequence"]
    raise LookupError(f"the export holds no answer about {promotion}")


def _told(report: Report) -> list[str]:
    return [finding.sentence for finding in report.findings]
