"""What changed between two evaluations, as sentences: shown when a changed digest voids a round."""

from collections.abc import Mapping
from typing import Any

from shared.domain.digest_document import digest_document
from shared.domain.evaluation import Evaluation
from shared.domain.visible import quoted, visible

Place = tuple[str, ...]

_SPOKEN: Mapping[Place, str] = {
    ("promotion",): "the promotion",
    ("incarnation", "asset_id"): "the asset id",
    ("incarnation", "created_at"): "the time of registration",
    ("facts", "job"): "the job",
    ("facts", "job_status"): "the job's status",
    ("facts", "asset_type"): "the asset type",
    ("facts", "flavors"): "the list of flavors",
    ("facts", "artifacts"): "the list of files",
    ("facts", "run"): "the run",
    ("facts", "run_status"): "the run's status",
    ("facts", "dataset"): "the data set",
    ("facts", "code"): "the commit",
    ("champion",): "the champion compared with",
    ("rules", "quorum"): "the number of approvals needed",
    ("rules", "rejections"): "the number of rejections that end a round",
    ("rules", "groups"): "the list of groups that may approve",
    ("rules", "required_groups"): "the list of groups that must approve",
    ("rules", "excluded"): "the list of people who never count",
    ("rules", "expires_after"): "the number of seconds until approval expires",
    ("rules", "release_record"): "the release record asked for",
    ("rules", "change_window"): "the change window",
    ("targets",): "the list of targets",
}
# What holds members that are told one by one, and what one of them is called.
_MEMBERS: Mapping[Place, str] = {
    ("facts", "tags"): "tag",
    ("facts", "properties"): "property",
    ("facts", "metrics"): "metric",
    ("facts", "taken"): "the way of taking metric",
    ("facts", "run_tags"): "tag of the run",
    ("facts", "files"): "the file of",
    ("facts", "artifacts"): "file",
}
_GATE = {
    "outcome": "gate",
    "expected": "what is expected by gate",
    "mode": "the mode of gate",
    "exception": "the exception from gate",
}
_HOLDERS = frozenset({(), ("incarnation",), ("facts",), ("gates",), ("rules",), *_MEMBERS})


def difference(before: Evaluation, after: Evaluation) -> tuple[str, ...]:
    """Name everything that makes the digests differ; empty exactly when they are the same."""
    old, new = _places(before), _places(after)
    changed = [place for place in sorted(old.keys() | new.keys()) if _differs(place, old, new)]
    return tuple(_sentence(place, old, new) for place in changed if not _told(place, old, new))


def _places(evaluation: Evaluation) -> dict[Place, Any]:
    document = digest_document(evaluation)
    files = document["facts"]["artifacts"]
    places = _flat((), document)
    if files is None:
        return places
    # A list of files is told file by file; whether there is a list at all is a fact of its own.
    by_path: dict[str, list[Any]] = {}
    for path, *content in files:
        by_path.setdefault(_shown(path), []).append(content)
    return places | {("facts", "artifacts"): "listed"} | _flat(("facts", "artifacts"), by_path)


def _flat(place: Place, value: Any) -> dict[Place, Any]:
    holds = place in _HOLDERS or (place[0] == "gates" and len(place) == len(("gates", "name")))
    if not holds or not isinstance(value, dict):
        return {place: value}
    return {inner: leaf for key, item in value.items() for inner, leaf in _flat((*place, key), item).items()}


def _differs(place: Place, old: Mapping[Place, Any], new: Mapping[Place, Any]) -> bool:
    return (place in old) != (place in new) or old.get(place) != new.get(place)


def _told(place: Place, old: Mapping[Place, Any], new: Mapping[Place, Any]) -> bool:
    """Whether the sentence on a gate that came or went says this already."""
    gate = (*place[:2], "outcome")
    return place[0] == "gates" and place != gate and (gate not in old or gate not in new)


def _sentence(place: Place, old: Mapping[Place, Any], new: Mapping[Place, Any]) -> str:
    spoken = _spoken(place)
    spoken = spoken[:1].upper() + spoken[1:]
    if place not in old:
        return f"{spoken} is new: {quoted(_shown(new[place]))}."
    if place not in new:
        return f"{spoken} is gone; it was {quoted(_shown(old[place]))}."
    return f"{spoken} was {quoted(_shown(old[place]))}, is {quoted(_shown(new[place]))}."


def _spoken(place: Place) -> str:
    if place in _SPOKEN:
        return _SPOKEN[place]
    if place[0] == "gates":
        return f"{_GATE[place[2]]} {visible(place[1])}"
    return f"{_MEMBERS[place[:-1]]} {visible(place[-1])}"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(item)}" for key, item in value.items())
    return str(value)
