"""What a webhook's answer and a signed-in person's answer have in common."""

from shared.domain.ids import PromotionId
from shared.domain.people import Person
from shared.web.bodies import DecisionBody
from shared.web.problems import Refusal
from shared.web.schemas import DecisionAnswer
from shared.web.site import Site
from shared.workflow.record_decision import Answer, DecisionRequest

DECISION_CODES = (
    "unknown_person",
    "not_a_person",
    "self_approval",
    "not_in_group",
    "unknown_promotion",
    "not_awaiting_approval",
    "stale_evaluation",
    "expired",
    "settled",
    "invalid_id",
    "release_record_missing",
    "release_record_contradictory",
    "unreadable",
    "history_clash",
)


def decision_request(site: Site, promotion: str, body: DecisionBody, groups: tuple[str, ...]) -> DecisionRequest:
    """The use case's request; a promotion that the person may not see does not exist for them.

    Raises:
        Refusal: `unknown_promotion`.
    """
    asked = PromotionId.parse(promotion)
    if asked.workspace not in site.workspaces_of(groups):
        raise Refusal("unknown_promotion", f"{asked} is not known.")
    return DecisionRequest(
        promotion=asked,
        digest=body.evaluation,
        verdict=body.verdict,
        comment=body.comment,
        limitations=body.limitations,
        ticket=body.ticket,
        review_by=body.review_by,
        release_record=body.release_record,
    )


def refuse_no_person(person: Person) -> None:
    """Quorum counts people; a service principal is none.

    Raises:
        Refusal: `not_a_person`.
    """
    if person.service_principal:
        said = f"{person.id} is a service principal; a decision is a person's. Send it in the name of one."
        raise Refusal("not_a_person", said)


def answer_of(answer: Answer) -> DecisionAnswer:
    """The answer as it is sent."""
    return DecisionAnswer(
        promotion=answer.promotion,
        status=answer.status,
        approvals=answer.approvals,
        required=answer.required,
        promoted=list(answer.promoted) or None,
    )
