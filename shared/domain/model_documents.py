"""Documents about a model's files, read strictly: reports of modelscan and picklescan, and OpenSSF model signatures.

None of these tools says which bytes it looked at in a form that a store can be compared with. So the step that ran the
tool wraps its output, word for word, in one object (docs/evidence-documents.md):

    {"tool": "modelscan", "tool_version": "0.8.5", "created_at": RFC 3339 with offset,
     "files": {path: {"md5": base64, "sha256": hex}}, "report": what the tool wrote, "verification": text}

`md5` is that of each file of the model, as Azure storage lists it; `sha256` and `verification` (the output of
`model_signing verify`) are needed for a signature alone. A report of modelscan may stand without the wrapping, for it
names version, time and files by itself; it is then bound to names, and to no content.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from shared.domain.errors import DocumentInvalid
from shared.domain.evidence import Document, RunFile, Source
from shared.domain.model_signature import read_signature
from shared.domain.results_file import instant, instant_fault, json_of, source_of, text_fault
from shared.domain.scan_reports import Said, read_modelscan, read_picklescan

_KEYS = frozenset({"tool", "tool_version", "created_at", "files", "report", "verification"})
_MD5_BYTES = 16


def read_document(file: RunFile, kind: str) -> Document:
    """What the file says. It never raises: what cannot be used is the `fault` of what it returns."""
    source = source_of(kind, file)
    try:
        value = json_of(file)
        if kind == "modelscan" and isinstance(value, dict) and "summary" in value:
            return _document(source, read_modelscan(value))
        return _wrapped(source, kind, value)
    except DocumentInvalid as invalid:
        return Document(source, fault=" ".join(invalid.faults))


def _wrapped(source: Source, kind: str, value: Any) -> Document:
    faults = list(_faults(kind, value))
    if faults:
        raise DocumentInvalid(kind, faults)
    said = replace(_READERS[kind](value), version=value["tool_version"], at=instant(value["created_at"]))
    return replace(_document(source, said), files={path: entry["md5"] for path, entry in value["files"].items()})


def _document(source: Source, said: Said) -> Document:
    return Document(
        source=replace(source, producer=f"{source.kind} {said.version}", at=said.at),
        version=said.version,
        named=said.named,
        findings=said.findings,
        incomplete=said.incomplete,
    )


def _signature(value: Mapping[str, Any]) -> Said:
    sha256 = {path: str(entry.get("sha256")) for path, entry in value["files"].items()}
    return read_signature(value["report"], sha256, str(value.get("verification")))


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Said]] = {
    "modelscan": lambda value: read_modelscan(value["report"]),
    "picklescan": lambda value: read_picklescan(value["report"]),
    "model_signing": _signature,
}


def _faults(kind: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "It is no object with tool, tool_version, created_at, files and report."
        return
    yield from (f"The key {key[:40]!a} is not known: leave it out." for key in value if key not in _KEYS)
    if value.get("tool") != kind:
        yield f"tool is not {kind}."
    if fault := text_fault(value.get("tool_version")):
        yield f"tool_version {fault}."
    if fault := instant_fault(value.get("created_at")):
        yield f"created_at {fault}."
    if "report" not in value:
        yield "report is missing."
    files = value.get("files")
    if not isinstance(files, dict) or not all(map(_is_entry, files.values())):
        yield "files is no object of path to {md5: base64}."


def _is_entry(entry: Any) -> bool:
    try:
        return len(base64.b64decode(entry["md5"], validate=True)) == _MD5_BYTES
    except (ValueError, KeyError, TypeError):
        return False
