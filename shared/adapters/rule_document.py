"""Rules in CEL, as a policy file and an organisation's file state them."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from shared.adapters.document_faults import Unfit
from shared.adapters.policy_values import Section, Text, text_schema
from shared.adapters.readable import Finding, finding
from shared.adapters.strict_yaml import Place
from shared.domain.policy import Expression, Policy, Rule
from shared.domain.rule_values import OF_A_RUN, spoken

MOST_RULES_IN_CEL = 50
"""Rules of one file."""

RULE_NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"


def _expression(text: str) -> Expression:
    from shared.adapters.cel import expression  # cel-python costs 0.1 s and 27 MB: only a file with rules pays

    return expression(text)


def _compiles(text: str) -> str:
    from shared.adapters.cel import expression_faults

    if faults := expression_faults(text):
        (fault, fix), *others = faults
        raise Unfit(fault, fix, *others)
    return text


Cel = Annotated[
    str,
    Field(min_length=1, max_length=1_000),
    AfterValidator(_compiles),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 1_000,
            "examples": ["metrics.recall >= 0.7 || has(tags.waiver)"],
        }
    ),
]
RuleName = Annotated[str, Field(pattern=RULE_NAME), text_schema(RULE_NAME, "recall-of-cards")]


class RuleDocument(Section):
    """What must be true of a version, in CEL, where the other keys cannot say it. Its gate is `rule:<name>`."""

    name: RuleName = Field(description="The rule's own name.")
    when: Cel | None = Field(default=None, description="Only where this is true does the rule apply.")
    require: Cel = Field(
        description="What must be true. It reads tags.<name>, metrics.<name>, champion.metrics.<name>, model, job and run."
    )
    fix: Text = Field(description="What to do where it is not, for the submitter.")


def as_rules(documents: Sequence[RuleDocument]) -> tuple[Rule, ...]:
    """The same as values of the domain."""
    return tuple(
        Rule(d.name, _expression(d.require), d.fix, None if d.when is None else _expression(d.when)) for d in documents
    )


def name_findings(documents: Sequence[RuleDocument]) -> Iterator[Finding]:
    """Rules of one name in one file."""
    names = [document.name for document in documents]
    for index, name in enumerate(names):
        if (first := names.index(name)) < index:
            at: Place = ("rules", index, "name")
            yield finding(at, f"is {name}, as of a rule above", "choose another name", at, ("rules", first, "name"))


def rule_findings(own: Sequence[RuleDocument], policy: Policy) -> Iterator[Finding]:
    """Rules that read what the policy in force does not have read; those of the organisation have no place here."""
    waiting = list(enumerate(document.name for document in own))
    for rule in policy.rules:
        here = next((each for each in waiting if each[1] == rule.name), None)
        if here is None:
            yield from _reading_findings(rule, policy, (), f"is held to the organisation's rule {rule.name}, which ")
        else:
            waiting.remove(here)
            yield from _reading_findings(rule, policy, ("rules", here[0]), "")


def _reading_findings(rule: Rule, policy: Policy, place: Place, says: str) -> Iterator[Finding]:
    at = [place] if place else []
    for path in rule.reads:
        if path[0] in OF_A_RUN and policy.evidence is None:
            fault, fix = f"{says}reads {spoken(path)}, but no evidence is asked for", "add evidence with a run"
            yield finding(place, fault, fix, *at, ("evidence",))
        if path == ("job", "status") and policy.job_status is None:
            fault, fix = f"{says}reads job.status, which is read for lineage.job_status only", "add that"
            yield finding(place, fault, fix, *at, ("lineage", "job_status"))
