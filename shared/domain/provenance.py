"""The provenance tags that mark a registry's version as ours, and the comparison of what it holds (R8.6, R10)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256

from shared.domain import states
from shared.domain.commands import Different, Equal
from shared.domain.evaluation import Facts
from shared.domain.evidence import RegistryVersion
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.domain.instants import instant_text
from shared.domain.release_record import RecordField, ReleaseRecord
from shared.domain.states import Case, TargetCase
from shared.domain.visible import visible

# Tag keys carry no `:`, which Azure ML's MLflow routes refuse (mlflow/mlflow#8008).
PREFIX = "clearance_"
LONGEST_TAG = 256
"""Characters of one of our tags. Azure ML states no limit for tags of assets; Azure Resource Manager's own, the tightest
known, is 256 a value (learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations)."""
MOST_OWN_TAGS = 20
"""Fields beyond the required ones that have a tag each: people may state any number, and our marks must find room."""

_OWN_TAG = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SPELLED = len(r"\u{10FFFF}")  # of the longest spelling of one character that cannot be seen


def marker(case: Case, target: TargetCase, version: str) -> dict[str, str]:
    """The tags to write on a promoted version: whose it is, what it was approved as, by how many, through which round.

    Args:
        case: the promotion.
        target: its promoted target.
        version: Clearance's own version.
    """
    if case.incarnation is None or not isinstance(target.state, states.TargetPromoted):
        raise ValueError(f"{target.target} is not promoted: there is no provenance to state.")
    approval = case.let_through[target.state.round]
    return {
        **_record_tags(approval.record),
        **identity(case.id, case.incarnation),
        f"{PREFIX}source_asset": case.incarnation.asset_id,
        f"{PREFIX}registry_asset": target.state.asset_id,
        f"{PREFIX}digest": approval.digest,
        f"{PREFIX}policy": approval.policy,
        f"{PREFIX}round": str(target.state.round),
        f"{PREFIX}approvers": ",".join(approval.approvers),
        f"{PREFIX}approved_at": instant_text(approval.at),
        f"{PREFIX}version": version,
    }


def _record_tags(record: ReleaseRecord) -> dict[str, str]:
    """What people answer for, as far as tags hold it; whole it stands in the history."""
    own = _with_own_tags(record.fields)
    stated = {f"record_{field.name}": field.text for field in own}
    others = [field for field in record.fields if field.text and field not in own]
    said = {
        "record": "; ".join(f"{visible(field.name)}: {field.text}" for field in others),
        "limitations": "; ".join(f"{each.by}: {each.text}" for each in record.limitations),
        "ticket": ", ".join(dict.fromkeys(each.text for each in record.tickets)),
        "review_by": record.review_by,
    }
    return {f"{PREFIX}{name}": tag_value(text) for name, text in {**stated, **said}.items() if text}


def _with_own_tags(fields: Sequence[RecordField]) -> list[RecordField]:
    """Those required, and the first of the others: a service may take names for one that differ by case alone."""
    alike = Counter(field.name.casefold() for field in fields)
    fitting = [f for f in fields if _OWN_TAG.fullmatch(f.name) and alike[f.name.casefold()] == 1]
    beyond = [field for field in fitting if field.text and not field.required]
    return [field for field in fields if field.required] + beyond[:MOST_OWN_TAGS]


def tag_value(text: str) -> str:
    """Text as a tag holds it: visible, and where that is too long, cut, with the SHA-256 of the whole text (UTF-8)."""
    shown = visible(text, len(text) * _SPELLED)
    if len(shown) <= LONGEST_TAG:
        return shown
    digest = f"… sha256:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return shown[: LONGEST_TAG - len(digest)] + digest


def is_mark(name: str) -> bool:
    """Whether a tag of this name is ours alone to write; upper and lower case are the same."""
    return name.casefold().startswith(PREFIX)


def identity(promotion: PromotionId, incarnation: Incarnation) -> dict[str, str]:
    """The two tags that say which promotion and incarnation a registry's version came from."""
    return {f"{PREFIX}promotion": str(promotion), f"{PREFIX}incarnation": instant_text(incarnation.created_at)}


def is_ours(found: Mapping[str, str], promotion: PromotionId, incarnation: Incarnation) -> bool:
    """Whether these tags mark this promotion and this incarnation."""
    return all(found.get(tag) == value for tag, value in identity(promotion, incarnation).items())


def compare(target: Target, facts: Facts, found: RegistryVersion) -> Equal | Different:
    """Compare by asset type, flavors, and the artifacts where both sides can be listed; never by tags (R10)."""
    compared = ["asset_type", "flavors"]
    differences = []
    if facts.asset_type != found.asset_type:
        differences.append(f"its type is {found.asset_type!r}, approved was {facts.asset_type!r}")
    if facts.flavors != found.flavors:
        differences.append(f"its flavors are {_listed(found.flavors)}, approved were {_listed(facts.flavors)}")
    if facts.artifacts is not None and found.artifacts is not None:
        compared.append("artifacts")
        differences += _artifact_differences(facts, found)
    if differences:
        return Different(f"{target} holds another model: {'; '.join(differences)}.", found.asset_id)
    return Equal(found.asset_id, tuple(compared))


def _artifact_differences(facts: Facts, found: RegistryVersion) -> list[str]:
    approved = {a.path: (a.size, a.md5) for a in facts.artifacts or ()}
    held = {a.path: (a.size, a.md5) for a in found.artifacts or ()}
    differing = sorted(
        path for path in approved.keys() | held.keys() if not _same_file(approved.get(path), held.get(path))
    )
    return [f"{len(differing)} of its files differ, such as {differing[0]}"] if differing else []


def _same_file(one: tuple[int, str | None] | None, other: tuple[int, str | None] | None) -> bool:
    """Equal size, and equal MD5 where both stores hold one."""
    if one is None or other is None:
        return False
    return one[0] == other[0] and (one[1] is None or other[1] is None or one[1] == other[1])


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "none"
