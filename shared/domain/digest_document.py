"""What the digest of an evaluation is taken over: the facts and rules that a decision is bound to, as JSON values.

The same facts give the same digest at any later time, until an outcome changes: ages, clock readings, explanations,
actual values as shown, `policy_build` and the bytes of the policy file have no part in it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.domain.change_window import ChangeWindow
from shared.domain.decimals import number, number_fault, spelled
from shared.domain.evaluation import Evaluation, Facts, GateException, GateResult, Rules
from shared.domain.evidence import Artifact, Champion, Source

JSON = Any  # a JSON value: None, str, list or dict of the same (a digest document holds no JSON number)


def digest_document(evaluation: Evaluation) -> dict[str, JSON]:
    """Return what the digest is taken over, as plain JSON values.

    `promotion`     its id
    `incarnation`   `asset_id` and `created_at`, RFC 3339 in UTC
    `facts`         what the gates name: `tags`, `properties`, `job`, `job_status`, `asset_type`, `flavors`,
                    `artifacts` (path, size, MD5; null where they cannot be listed), `run`, `run_status`, `metrics`,
                    `dataset`; and only where there are any, so that other digests stay as they are, `taken`, `run_tags`,
                    `code`, and `files` by kind (`run`, `path`, `sha256`)
    `champion`      what was compared with: `promotion`, `target`, `round`, `digest`; null where there was none
    `gates`         by name: `mode`, `outcome`, `expected`, and `exception` (`owner`, `reason`, `until`) only where one
                    lets it through
    `rules`         `quorum`, `rejections`, `groups`, `required_groups`, `excluded` (ids of persons),
                    `expires_after` (seconds), `release_record`, and `change_window` (`time_zone`, `days`, `hours`,
                    `freeze`) only where there is one
    `targets`       `registry:name:version`, sorted

    A number is its decimal text in one spelling (0.90 is `0.9`). What is no finite number of sensible length is
    `{"not finite": text}`, `{"over-long": text}` or `{"malformed": text}`; text that no encoding holds is
    `{"surrogates": hex}`. Order in a file never shows: sets are sorted.
    """
    incarnation = evaluation.incarnation
    return {
        "promotion": evaluation.promotion,
        "incarnation": {"asset_id": _text(incarnation.asset_id), "created_at": rfc3339(incarnation.created_at)},
        "facts": _facts(evaluation.facts),
        "champion": _champion(evaluation.champion),
        "gates": {gate.gate: _gate(gate) for gate in evaluation.gates},
        "rules": _rules(evaluation.rules),
        "targets": sorted(str(target) for target in evaluation.targets),
    }


def rfc3339(instant: datetime) -> str:
    """Spell an aware instant in UTC, with microseconds only where there are any: `2026-03-01T12:00:00Z`.

    Raises:
        ValueError: if `instant` has no offset, for then nobody knows which instant it is.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no offset from UTC: give an aware instant.")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _facts(facts: Facts) -> dict[str, JSON]:
    return {
        "tags": _texts(facts.tags),
        "properties": _texts(facts.properties),
        "job": _text(facts.job),
        "job_status": _text(facts.job_status),
        "asset_type": _text(facts.asset_type),
        "flavors": [_text(flavor) for flavor in sorted(facts.flavors)],
        "artifacts": None if facts.artifacts is None else [_artifact(a) for a in sorted(facts.artifacts, key=repr)],
        "run": _text(facts.run),
        "run_status": _text(facts.run_status),
        "metrics": {name: metric_value(text) for name, text in facts.metrics.items()},
        "dataset": _text(facts.dataset),
        **({"taken": dict(facts.taken)} if facts.taken else {}),
        **({"run_tags": _texts(facts.run_tags)} if facts.run_tags else {}),
        **({"code": _text(facts.code)} if facts.code else {}),
        **_files(facts.sources),
    }


def _files(sources: tuple[Source, ...]) -> dict[str, JSON]:
    """The files among the sources; of a run its id and status count, which stand by themselves, and no time."""
    files = {
        each.kind: {"run": _text(each.run), "path": each.path, "sha256": each.sha256} for each in sources if each.path
    }
    return {"files": files} if files else {}


def metric_value(text: str) -> JSON:
    """One spelling for a number; text that is none, tagged with what is wrong with it."""
    value = number(text)
    return {number_fault(text): _text(text)} if value is None else spelled(value)


def _artifact(artifact: Artifact) -> list[JSON]:
    return [_text(artifact.path), str(artifact.size), _text(artifact.md5)]


def _champion(champion: Champion | None) -> JSON:
    if champion is None:
        return None
    return {
        "promotion": champion.promotion,
        "target": str(champion.target),
        "round": str(champion.round),
        "digest": champion.digest,
    }


def _gate(gate: GateResult) -> dict[str, JSON]:
    judged = {"mode": gate.mode, "outcome": gate.outcome.value, "expected": _text(gate.expected)}
    if gate.exception:
        judged["exception"] = _exception(gate.exception)
    return judged


def _exception(exception: GateException) -> dict[str, JSON]:
    until = exception.until.isoformat()
    return {"owner": _text(exception.owner), "reason": _text(exception.reason), "until": until}


def _rules(rules: Rules) -> dict[str, JSON]:
    window = {"change_window": _window(rules.change_window)} if rules.change_window else {}
    return window | {
        "quorum": str(rules.quorum),
        "rejections": str(rules.rejections),
        "groups": sorted(rules.groups),
        "required_groups": sorted(rules.required_groups),
        "excluded": sorted(rules.excluded),
        "expires_after": str(int(rules.expires_after.total_seconds())),
        "release_record": sorted(rules.release_record),
    }


def _window(window: ChangeWindow) -> dict[str, JSON]:
    return {
        "time_zone": window.time_zone,
        "days": list(window.days),
        "hours": window.hours,
        "freeze": sorted(f"{first}/{last}" for first, last in window.freezes),
    }


def _texts(values: Mapping[str, str]) -> dict[str, JSON]:
    return {name: _text(value) for name, value in values.items()}


def _text(text: str | None) -> JSON:
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return {"surrogates": text.encode("utf-8", "surrogatepass").hex()}
    return text
