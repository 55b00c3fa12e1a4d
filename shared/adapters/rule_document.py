"""Rules in CEL, as a policy file and an organisation's file state them."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.adapters.policy_values import Section, Text
from shared.adapters.strict_yaml import Place
from shared.domain.policy import Expression, Policy, Rule
from shared.domain.rule_values import OF_A_RUN, spoken

MOST_RULES_IN_CEL = 50
"""Rules of one file."""


def _expression(text: str) -> Expression:
    from shared.adapters.cel import expression  # cel-python costs 0.1 s and 27 MB: only a file with rules pays

    return expression(text)


def _compiles(text: str) -> str:
    _expression(text)
    return text


Cel = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_compiles)]


class RuleDocument(Section):
    """What must be true of a version, in CEL, where the other keys cannot say it. Its gate is `rule:<name>`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="The rule's own name.")
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


def rule_faults(policy: Policy) -> Iterator[tuple[Place, str]]:
    """Where rules do not fit each other, or the policy they stand in."""
    names = [rule.name for rule in policy.rules]
    for index, rule in enumerate(policy.rules):
        if names.index(rule.name) < index:
            yield ("rules", index, "name"), f"is {rule.name}, as of a rule above: choose another name"
        for path in rule.reads:
            if path[0] in OF_A_RUN and policy.evidence is None:
                yield ("rules", index), f"reads {spoken(path)}, but no evidence is asked for: add evidence with a run"
            if path == ("job", "status") and policy.job_status is None:
                yield ("rules", index), "reads job.status, which is read for lineage.job_status only: add that"
