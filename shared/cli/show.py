"""A promotion as text: where it stands, why, and what mends it."""

from typing import Any

from shared.cli.output import columns, heading, line, paragraph, seconds


def show_promotion(document: dict[str, Any]) -> None:
    """Print the whole of what `GET /api/promotions/...` answers, for people."""
    line(f"{document['promotion']}  {document['status']}")
    if document["explanation"]:
        paragraph(document["explanation"], "  ")
    _facts(document)
    if document["status"] in {"waiting", "blocked"}:
        _waiting(document)
    evaluation = document["evaluation"]
    if evaluation:
        _evaluation(evaluation)
    if document["record"]:
        _record(document["record"])
    _decisions(document)
    _targets(document)


def _waiting(document: dict[str, Any]) -> None:
    for run in document["awaits"]:
        line(f"  waits for the end of run {run}")
    line(f"  to look again now: clearance look-again {document['promotion']}")
    line(f'  to give up:        clearance give-up {document["promotion"]} --comment "why"')


def show_accepted(answer: dict[str, Any]) -> None:
    """Where a wish leads."""
    line(f"{answer['promotion']}  {answer['status']}")


def _facts(document: dict[str, Any]) -> None:
    rows = [
        ("registered", f"{seconds(document['registered_at'])} by {document['registrant'] or 'nobody named'}"),
        ("asset id", document["asset_id"]),
        ("round", document["round"]),
        ("expires", seconds(document["expires_at"])),
        ("imports from", seconds(document["window_opens_at"])),
        ("error", document["error"]),
    ]
    for name, value in rows:
        if value:
            line(f"  {name}: {value}")
    line(f"  page: {document['page']}")
    line(f"  trace: {document['trace']}")


def _source(source: dict[str, Any]) -> None:
    place = f", {source['path']}" if source["path"] else ""
    when = f", {seconds(source['at'])}" if source["at"] else ""
    line(f"  {source['kind']}: made by {source['producer'] or 'nobody named'} in run {source['run']}{when}{place}")
    if source["path"] or source["sha256"]:
        line(f"    SHA-256 {source['sha256'] or 'not read'}")


def _evaluation(evaluation: dict[str, Any]) -> None:
    heading(f"Evaluation by policy {evaluation['policy']}: {evaluation['outcome']}")
    line(f"  digest: {evaluation['digest']}")
    for source in evaluation["facts"]["sources"]:
        _source(source)
    for gate in evaluation["gates"]:
        _gate(gate)
    for change in evaluation["difference"]:
        paragraph(f"changed since the round before: {change}", "  ")


def _gate(gate: dict[str, Any]) -> None:
    noted = f" ({gate['note']})" if gate["note"] else ""
    line(f"  {gate['outcome']:<9} {gate['gate']}{noted}")
    if gate["outcome"] != "passed":
        paragraph(gate["explanation"], " " * 12)
        for command in gate["command"].splitlines():
            line(f"{' ' * 12}{command}")


def _record(record: dict[str, Any]) -> None:
    attached = (("limitations", "limitations"), ("ticket", "tickets"), ("review by", "reviews"))
    rows = [
        *((each["field"], each["status"], each["said"]) for each in record["fields"]),
        *((name, "stated", record[key]) for name, key in attached if record[key]),
    ]
    if rows:
        heading("Release record")
    for name, status, said in rows:
        line(f"  {status:<13} {name}")
        for each in said:
            paragraph(f"{each['by'] or 'tag'}: {each['text']}", " " * 16)


def _decisions(document: dict[str, Any]) -> None:
    if not document["required"] and not document["decisions"]:
        return
    heading(f"Approvals: {document['approvals']} of {document['required']}")
    for each in document["decisions"]:
        stands = "" if each["stands"] else " (no longer counts)"
        line(f"  {seconds(each['at'])}  {each['verdict']}  {each['person']}{stands}")
        if each["comment"]:
            paragraph(each["comment"], " " * 12)


def _targets(document: dict[str, Any]) -> None:
    if not document["targets"]:
        return
    heading("Targets")
    columns(
        [(each["registry"], f"{each['name']}:{each['version']}", each["status"]) for each in document["targets"]], "  "
    )
    for each in document["targets"]:
        if each["explanation"] and each["status"] not in {"pending", "promoted"}:
            paragraph(f"{each['registry']}: {each['explanation']}", "  ")
