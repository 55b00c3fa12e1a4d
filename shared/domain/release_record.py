"""The release record: what must be known before a version is let go, who said it, and what is still missing or torn.

A field is stated by a tag of the version, or by people with their answers. It stands when everybody who states it says
the same; where two differ, nobody wins: the field is contradictory, and nothing is approved until they agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from shared.domain.evaluation import Evaluation
from shared.domain.events import Decision
from shared.domain.visible import quoted


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said: `by` is a person's id, None for what a tag of the version says."""

    by: str | None
    text: str


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of the record. `required` is whether the policy asks for it; `said` holds every statement."""

    name: str
    required: bool
    said: tuple[Statement, ...]

    @property
    def status(self) -> Literal["stated", "missing", "contradictory"]:
        """Whether it stands."""
        texts = {statement.text for statement in self.said}
        return "contradictory" if len(texts) > 1 else "stated" if texts else "missing"

    @property
    def text(self) -> str | None:
        """What it says, None unless it stands."""
        return self.said[0].text if self.status == "stated" else None


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """The fields, those required first, and what people attached to their answers."""

    fields: tuple[RecordField, ...] = ()
    limitations: tuple[Statement, ...] = ()
    tickets: tuple[Statement, ...] = ()
    reviews: tuple[Statement, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields that nobody states."""
        return tuple(field.name for field in self.fields if field.required and field.status == "missing")

    @property
    def contradictory(self) -> tuple[RecordField, ...]:
        """Required fields that are said differently."""
        return tuple(field for field in self.fields if field.required and field.status == "contradictory")

    @property
    def review_by(self) -> str | None:
        """The earliest day that anybody asks for a review by, as YYYY-MM-DD."""
        return min((statement.text for statement in self.reviews), default=None)


def release_record(evaluation: Evaluation, approving: Mapping[str, Decision]) -> ReleaseRecord:
    """The record as tags and those who approve state it; who rejects states nothing for the release."""
    answers = [approving[person] for person in sorted(approving)]
    required = evaluation.rules.release_record
    told = {name for answer in answers for name, text in answer.release_record if text.strip()}
    names = [*sorted(required), *sorted(told - set(required))]
    return ReleaseRecord(
        tuple(RecordField(name, name in required, tuple(_said(name, evaluation, answers))) for name in names),
        tuple(Statement(answer.person, answer.limitations) for answer in answers if answer.limitations),
        tuple(Statement(answer.person, answer.ticket) for answer in answers if answer.ticket),
        tuple(Statement(answer.person, answer.review_by) for answer in answers if answer.review_by),
    )


def who_said_what(field: RecordField) -> str:
    """The statements on one field, for people: `scope: the tag says "EU", amir says "all"`."""
    said = ", ".join(f"{each.by or 'the tag'} says {quoted(each.text)}" for each in field.said)
    return f"{field.name}: {said}"


def _said(name: str, evaluation: Evaluation, answers: Iterable[Decision]) -> Iterable[Statement]:
    """Without the white space around: that is no other text."""
    if tagged := evaluation.release_record.get(name, "").strip():
        yield Statement(None, tagged)
    for answer in answers:
        if text := dict(answer.release_record).get(name, "").strip():
            yield Statement(answer.person, text)
