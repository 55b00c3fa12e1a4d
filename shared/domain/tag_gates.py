"""Gates on what tags state: the release record, and the tags a policy asks for."""

import re
from datetime import date

import re2

from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.policy import TagRule
from shared.domain.visible import quoted, visible

_DATE_RANGE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{4}-[0-9]{2}-[0-9]{2})")


def release_record(given: GateInput) -> GateResult:
    """Say what the release record still lacks. It never blocks: a decision may state what no tag does."""
    fields = sorted(given.policy.release_record)
    tags = given.evidence.version.tags
    expected = f"{_listed(fields)} stated by tags or with a decision"
    gate = Gate(given, "release_record", expected, f"the tags of {given.promotion}")
    missing = [field for field in fields if not tags.get(field, "").strip()]
    stated = _listed([field for field in fields if field not in missing])
    if missing:
        return gate.passed(f"tags state {stated}", f"To be stated with the decision: {_listed(missing)}.")
    return gate.passed(f"tags state {stated}", "The tags state the whole release record.")


def tag(given: GateInput, name: str) -> GateResult:
    """Judge one tag by its rule: absent is unproven, for tags often follow the registration; a wrong value fails."""
    rule = given.policy.tags[name]
    gate = Gate(given, f"tag:{name}", _expected(rule), f"the tag {name} of {given.promotion}")
    value = given.evidence.version.tags.get(name)
    wrong = "" if value is None else _wrong(rule, value)
    if value is not None and not wrong:
        return gate.passed(quoted(value), f"The tag {name} holds {quoted(value)}.")
    command = given.tag_command(name, _placeholder(name, rule))
    if value is None:
        return gate.absent("no such tag", f"The tag {name} is missing.", command)
    return gate.failed(quoted(value), f"The tag {name} holds {quoted(value)}, which {wrong}.", command)


def _listed(fields: list[str]) -> str:
    return ", ".join(fields) or "nothing"


def _expected(rule: TagRule) -> str:
    if rule.pattern is not None:
        return f"a value that fits {visible(rule.pattern)}"
    if rule.one_of is not None:
        return f"one of {_listed(sorted(visible(value) for value in rule.one_of))}"
    return "a range of dates YYYY-MM-DD/YYYY-MM-DD that does not end before it starts"


def _placeholder(name: str, rule: TagRule) -> str:
    if rule.pattern is not None:
        return f"<{name}>"
    if rule.one_of is not None:
        return f"<{'|'.join(sorted(rule.one_of))}>"
    return "<YYYY-MM-DD/YYYY-MM-DD>"


def _wrong(rule: TagRule, value: str) -> str:
    """What is wrong with `value`, continuing "which …"; empty when it keeps the rule."""
    if rule.pattern is not None:
        return "" if _fits(rule.pattern, value) else "does not fit the pattern"
    if rule.one_of is not None:
        return "" if value in rule.one_of else "is none of the values allowed"
    return _wrong_range(value)


def _fits(pattern: str, value: str) -> bool:
    try:
        return re2.fullmatch(pattern, value) is not None
    except UnicodeEncodeError:  # a lone surrogate is no text in any encoding, so it fits no pattern
        return False


def _wrong_range(value: str) -> str:
    found = _DATE_RANGE.fullmatch(value)
    if not found:
        return "is not written YYYY-MM-DD/YYYY-MM-DD"
    try:
        start, end = (date.fromisoformat(part) for part in found.groups())
    except ValueError:
        return "names a day that no calendar has"
    return "" if start <= end else "ends before it starts"
