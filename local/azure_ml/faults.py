"""Misbehaviour on request: rules that strike matching requests."""

import random
import re
import threading
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from local.azure_ml.config import FinalBody, list_faults
from local.azure_ml.config_values import STRICT
from local.azure_ml.errors import WireError, arm_error

Operation = Literal[
    "discovery",
    "import",
    "poll",
    "registry_read",
    "registry_write",
    "workspace_read",
    "workspace_write",
    "mlflow",
    "blob",
    "arm_read",
]
Action = Literal[
    "status",
    "delay",
    "drop_before",
    "drop_after",
    "truncate_body",
    "never_end",
    "fail_lro",
    "final_body_mode",
    "refuse_archive",
]
TRANSPORT_ACTIONS: frozenset[str] = frozenset({"status", "delay", "drop_before", "drop_after", "truncate_body"})


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests a rule strikes; what is not given matches everything."""

    method: str | None = None
    path_regex: str | None = None
    registry: str | None = None
    workspace: str | None = None
    operation: Operation | None = None
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Rule:
    """One misbehaviour.

    Attributes:
        action: ``status`` answers with ``code`` (and ``retry_after`` seconds, and ``body``); ``delay`` waits ``seconds``;
            both before doing it or, with ``when="after"``, after. A status before means that nothing is done.
            ``drop_before`` and ``drop_after`` cut the connection without or after doing it; ``truncate_body`` cuts it
            in the middle of the answer. For imports: ``never_end`` leaves the operation InProgress, ``fail_lro`` makes
            it report Failed (both copy nevertheless with ``copy_anyway``), ``final_body_mode`` overrides the final body
            for this import. ``refuse_archive`` refuses a PUT that archives.
        times: how many requests it strikes; -1 for ever.
        probability: chance to strike, 0 to 1, drawn from a generator seeded with ``seed``.
    """

    action: Action
    match: Match = field(default_factory=Match)
    code: Annotated[int, Field(ge=400, le=599)] = 503
    retry_after: float | None = None
    body: dict[str, Any] | None = None
    seconds: Annotated[float, Field(ge=0)] = 0.0
    when: Literal["before", "after"] = "before"
    copy_anyway: bool = False
    final_body: FinalBody = "location_empty"
    times: int = 1
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    seed: int = 0
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Target:
    """What of a request rules look at."""

    method: str
    path: str
    operation: str
    workspace: str = ""
    registry: str = ""


@dataclass(slots=True)
class _Armed:
    rule: Rule
    left: int
    chance: random.Random
    struck: int = 0


@dataclass(slots=True)
class Faults:
    """The armed rules, in the order they were given; the first that matches strikes."""

    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rules: list[Rule]) -> None:
        """Arm rules after those already armed."""
        with self._lock:
            self._armed += [_Armed(rule, rule.times, random.Random(rule.seed)) for rule in rules]

    def clear(self) -> None:
        """Disarm all."""
        with self._lock:
            self._armed.clear()

    def take(self, target: Target, actions: frozenset[str]) -> Rule | None:
        """Return the first rule with one of ``actions`` that strikes this request, and count it."""
        with self._lock:
            for armed in self._armed:
                if armed.left and armed.rule.action in actions and matches(armed.rule.match, target):
                    if armed.chance.random() >= armed.rule.probability:
                        continue
                    armed.left -= armed.left > 0
                    armed.struck += 1
                    return armed.rule
        return None

    def as_json(self) -> list[dict[str, Any]]:
        """Return all rules with how often each struck and how often it still may (-1: for ever)."""
        with self._lock:
            return [{**asdict(armed.rule), "struck": armed.struck, "left": armed.left} for armed in self._armed]


def matches(match: Match, target: Target) -> bool:
    """Say whether a rule's conditions all hold for a request."""
    return (
        (match.method is None or match.method.upper() == target.method)
        and (match.path_regex is None or re.search(match.path_regex, target.path) is not None)
        and (match.registry is None or match.registry.lower() == target.registry.lower())
        and (match.workspace is None or match.workspace.lower() == target.workspace.lower())
        and (match.operation is None or match.operation == target.operation)
    )


_RULES: TypeAdapter[list[Rule]] = TypeAdapter(list[Rule])


def parse_rules(body: bytes) -> list[Rule]:
    """Read a JSON list of rules.

    Raises:
        WireError: 400 with every fault of the list.
    """
    try:
        rules = _RULES.validate_json(body)
    except ValidationError as error:
        raise bad_control(list_faults(error)) from error
    for rule in rules:
        _check_pattern(rule.match.path_regex)
    return rules


def _check_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise bad_control(f"path_regex {pattern!r} is no regular expression: {error}") from error


def bad_control(message: str) -> WireError:
    """Return the 400 of a control route that was given something it cannot use."""
    return arm_error(400, "BadControlRequest", message)
