"""Bodies of requests: strict JSON in, checked values out, every fault named at once."""

import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.ids import PromotionId, pattern_of
from shared.domain.strict_json import loads
from shared.web.edge import LARGEST_BODY
from shared.web.problems import Refusal

MAX_DEPTH = 32
SOME_TEXT = r"[^\s\x1c-\x1f\x85\ufeff]"
"""A character that is no space, neither to Python nor to ECMA 262, whose patterns JSON Schema takes."""

M = TypeVar("M", bound=BaseModel)


class Body(BaseModel):
    """Base of all bodies: no key beyond these, no type but the stated one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _promotion(text: str) -> str:
    try:
        PromotionId.parse(text)
    except InvalidId as error:
        raise ValueError(str(error)) from error
    return text


def _day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("expected a day, such as 2026-11-30")
    date.fromisoformat(text)
    return text


def _stated(text: str) -> str:
    if not re.search(SOME_TEXT, text):
        raise ValueError("expected some text")
    return text


Said = Annotated[str, Field(max_length=4000)]
Short = Annotated[str, Field(max_length=256)]
Named = Annotated[str, Field(min_length=1, max_length=64)]
Stated = Annotated[
    str,
    Field(max_length=2000),
    AfterValidator(_stated),
    WithJsonSchema({"type": "string", "maxLength": 2000, "pattern": SOME_TEXT}),
]
Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
_PROMOTION = ":".join(map(pattern_of, ("workspace", "name", "version")))


class DecisionBody(Body):
    """A person's answer on one evaluation, named by its digest."""

    evaluation: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    verdict: Literal["approve", "reject"]
    comment: Said | None = None
    limitations: Said | None = None
    ticket: Short | None = None
    review_by: Day | None = None
    release_record: Annotated[dict[Named, Stated], Field(max_length=20)] = {}


class WebhookBody(DecisionBody):
    """The same, sent by a tool for somebody: which promotion, and who answers in a spelling of the directory."""

    promotion: Annotated[
        str, AfterValidator(_promotion), WithJsonSchema({"type": "string", "pattern": f"^{_PROMOTION}$"})
    ]
    approver: Annotated[str, Field(min_length=1, max_length=256)]


class CommentBody(Body):
    """What may be said with a wish."""

    comment: Said | None = None


class ReasonBody(Body):
    """Why something is ended."""

    comment: Stated


class ReplayBody(Body):
    """A corrected message; without `body` the message is replayed as it came."""

    body: str | None = None


def parse(content: bytes, model: type[M]) -> M:
    """Read a body.

    Raises:
        Refusal: `invalid_body` with every fault.
    """
    try:
        return model.model_validate(loads(content, max_bytes=LARGEST_BODY, max_depth=MAX_DEPTH, what="The body"))
    except DocumentInvalid as error:
        raise Refusal("invalid_body", str(error), faults=list(error.faults)) from error
    except ValidationError as error:
        faults = faults_of(error)
        raise Refusal("invalid_body", f"The body is not valid: {' '.join(faults)}", faults=faults) from error


def faults_of(error: ValidationError) -> list[str]:
    """Each fault as a sentence with its place; what was sent is not repeated beyond 80 characters."""
    return [fault_sentence(fault["loc"], fault["msg"]) for fault in error.errors(include_url=False)]


def fault_sentence(place: tuple[int | str, ...], message: str) -> str:
    """One fault as a sentence."""
    where = ".".join(ascii(part)[1:-1] if isinstance(part, str) else str(part) for part in place)[:120] or "The body"
    return f"{where}: {message.removeprefix('Value error, ').rstrip('.')}."


def require_json(request: Request) -> None:
    """Refuse a body that does not say that it is JSON: forms and plain text need no permission of another site."""
    stated = request.headers.get("content-type", "")
    if stated.partition(";")[0].strip().lower() != "application/json":
        raise Refusal("unsupported_media_type", "Send the body with Content-Type: application/json.")


def json_body(model: type[M]) -> Callable[[Request], Coroutine[Any, Any, M]]:
    """A dependency that reads the body as `model`; where no field is needed, an empty body will do."""

    async def read(request: Request) -> M:
        content = await request.body()
        if not content and not any(field.is_required() for field in model.model_fields.values()):
            return model()
        require_json(request)
        return parse(content, model)

    return read


def body_schema(model: type[BaseModel]) -> Mapping[str, Any]:
    """The OpenAPI entry of a body that `json_body` reads."""
    required = any(field.is_required() for field in model.model_fields.values())
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}
