"""Gates on documents about a version's files: there, young enough, by a new enough tool, about these files, and clean."""

import re
from collections.abc import Iterator, Mapping

from shared.domain.evaluation import GateResult
from shared.domain.evidence import Artifact, Document
from shared.domain.gate_input import Gate, GateInput
from shared.domain.mending import log_file
from shared.domain.policy import DocumentRule
from shared.domain.run_gates import age_fault, may_still_come, spelled_duration
from shared.domain.scan_reports import SEVERITIES
from shared.domain.visible import quoted

# What loading can run code of, so that a scan must have looked at it (protectai/modelscan 0.8, settings.py).
_RUNS_CODE = (
    *(".pkl", ".pickle", ".joblib", ".dill", ".dat", ".data", ".bin", ".pt", ".pth", ".ckpt"),
    *(".npy", ".npz", ".zip", ".h5", ".keras", ".pb"),
)
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


def document(given: GateInput, asked: DocumentRule) -> GateResult:
    """The run holds the document, and it says of exactly these files what the policy asks for."""
    gate = Gate(given, f"document:{asked.kind}", _expected(asked), f"{asked.path} of {given.run_source}")
    found, run = given.evidence.documents.get(asked.kind), given.evidence.run
    mend = log_file(run.id if run else None, asked.path)
    if found is None:
        say = gate.absent if may_still_come(given) else gate.unproven
        return say("no such file", f"The run holds no file {asked.path}.", mend)
    actual = f"{found.source.producer or asked.kind}, SHA-256 {found.source.sha256 or 'not read'}"
    fault = next(_faults(given, asked, found), "")
    if fault:
        return gate.unproven(actual, f"The document {asked.path} proves nothing: {fault}", mend)
    worse = [f"{found.findings[severity]} {severity}" for severity in _forbidden(asked) if severity in found.findings]
    if worse:
        told = ", ".join(worse)
        sentence = f"{asked.kind} found {told}; {_allowed(asked)}."
        return gate.failed(f"{told}; {actual}", sentence, given.another_version)
    return gate.passed(actual, f"The document {asked.path} is about these files, and holds nothing against them.")


def _faults(given: GateInput, asked: DocumentRule, found: Document) -> Iterator[str]:
    """Why it proves nothing, the first reason first."""
    if found.fault:
        yield found.fault
    made, longest = found.source.at, asked.max_age
    old = age_fault(given.now, made, longest) if longest is not None and made is not None else ""
    if old:
        yield f"it was made {old}"
    if asked.min_version is not None and not _is_new_enough(found.version or "", asked.min_version):
        yield f"it was made by {quoted(found.version or '')}, and {asked.min_version} is the oldest version allowed."
    yield from _uncovered(given.evidence.version.artifacts, asked, found)
    if found.incomplete:
        yield f"{found.incomplete}."


def _uncovered(listed: tuple[Artifact, ...] | None, asked: DocumentRule, found: Document) -> Iterator[str]:
    if listed is None:
        yield "the files of this version cannot be listed, so that nothing can be compared with them."
    held = {artifact.path: artifact.md5 for artifact in listed or ()}
    yield from _other_content(held, found) if asked.binding == "content" else _other_names(held, found)
    unseen = _must_be_named(asked, held) - set(found.named)
    yield from (f"{quoted(path)} was not looked at." for path in sorted(unseen))


def _other_content(held: Mapping[str, str | None], found: Document) -> Iterator[str]:
    if not found.files:
        yield "it does not state the content of the files it is about: wrap it as docs/evidence-documents.md says."
    yield from (f"it is about another file, {quoted(path)}." for path in sorted(found.files.keys() - held.keys()))
    yield from (f"it is not about {quoted(path)}." for path in sorted(held.keys() - found.files.keys()))
    other = sorted(path for path, md5 in held.items() if found.files.get(path) != md5)
    yield from (f"it is about another content of {quoted(path)}, or the store holds no MD5 of it." for path in other)


def _other_names(held: Mapping[str, str | None], found: Document) -> Iterator[str]:
    yield from (f"it is about another file, {quoted(path)}." for path in sorted(set(found.named) - held.keys()))


def _must_be_named(asked: DocumentRule, held: Mapping[str, str | None]) -> set[str]:
    """Files that the report itself must name: all for a signature; picklescan names none."""
    if asked.kind == "model_signing":
        return set(held)
    return {path for path in held if path.casefold().endswith(_RUNS_CODE)} if asked.kind == "modelscan" else set()


def _forbidden(asked: DocumentRule) -> tuple[str, ...]:
    return SEVERITIES if asked.allow == "none" else SEVERITIES[SEVERITIES.index(asked.allow) + 1 :]


def _allowed(asked: DocumentRule) -> str:
    return "no finding is allowed" if asked.allow == "none" else f"{asked.allow} is the worst allowed"


def _is_new_enough(version: str, least: str) -> bool:
    found = _VERSION.match(version)
    return found is not None and version_numbers(found[0]) >= version_numbers(least)


def version_numbers(version: str) -> tuple[int, ...]:
    """The parts of a version as numbers; 0.8 and 0.8.0 are one."""
    parts = [int(part) for part in version.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _expected(asked: DocumentRule) -> str:
    by = f" {asked.min_version} or newer" if asked.min_version else ""
    young = f", at most {spelled_duration(asked.max_age)} old" if asked.max_age else ""
    return f"{asked.path} by {asked.kind}{by}{young}, bound to the {asked.binding} of all files; {_allowed(asked)}"
