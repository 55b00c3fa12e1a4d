"""What the gates of one policy cost, over what reading their evidence costs: CPU of both, in turn.

The evidence is a run: an answer of MLflow's `runs/get`, read by `parse_run` as the app reads it. It has the parameters,
tags and data set that MLflow's autologging leaves of a gradient boosting in scikit-learn (`run_answer.json`), and fifty
metrics.
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from shared.adapters.azure_ml_runs import parse_run
from shared.adapters.policy_document import PolicyDocument
from shared.domain.evaluate import evaluate
from shared.domain.evaluation import Evaluation, GateResult
from shared.domain.evidence import Evidence, ModelVersion
from shared.domain.gate_input import GateInput
from shared.domain.gates import all_gates
from shared.domain.ids import Incarnation, PromotionId
from shared.domain.people import People, Person
from shared.domain.policy import Policy

METRICS = 50
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_PROMOTION = PromotionId("risk-dev", "fraud-detector", "7")
_PEOPLE = People((Person("dana", "Dana Osei", None, None, ("Dana Osei",), ()),), "0" * 64)
_METRICS = {f"metric_{number:02}": 0.9 + number / 613 for number in range(METRICS)}  # as many digits as a quotient has


@dataclass(frozen=True, slots=True)
class Evaluating:
    """CPU seconds of one time each, medians.

    `reading` is that of the whole answer, `reading_metrics` of one that holds metrics alone, `json_alone` of what Python's
    parser takes of the whole answer. `judging` is that of all gates where each passes, `refusing` where every metric is
    too low, `evaluation` that of `evaluate`: gates, facts and digest.
    """

    gates: int
    reading: float
    reading_metrics: float
    json_alone: float
    judging: float
    refusing: float
    evaluation: float

    def as_json(self) -> dict[str, float]:
        """As build/bench.json holds it."""
        return {
            "gates": self.gates,
            "gates_over_reading": round(self.judging / self.reading, 3),
            "gates_over_reading_metrics": round(self.judging / self.reading_metrics, 3),
            "gates_over_json": round(self.judging / self.json_alone, 3),
            "refusing_over_reading": round(self.refusing / self.reading, 3),
            "evaluation_over_reading": round(self.evaluation / self.reading, 3),
        }


def measure(turns: int) -> Evaluating:
    """Read, judge and evaluate in turn, `turns` times."""
    answer, metrics = run_answer(), run_answer(metrics_alone=True)
    policy, strict, evidence = asking(Decimal("0.9")), asking(Decimal("0.99")), evidence_of(answer)
    work: dict[str, Callable[[], object]] = {
        "reading": lambda: parse_run("Reading a run", answer.decode()),
        "reading_metrics": lambda: parse_run("Reading a run", metrics.decode()),
        "json_alone": lambda: json.loads(answer.decode()),
        "judging": lambda: judged(policy, evidence),
        "refusing": lambda: judged(strict, evidence),
        "evaluation": lambda: _evaluated(policy, evidence),
    }
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(turns):
        for name, do in work.items():
            found[name].append(_cpu(do))
    return Evaluating(len(judged(policy, evidence)), **{name: statistics.median(each) for name, each in found.items()})


def _cpu(do: Callable[[], object], times: int = 20) -> float:
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times


def judged(policy: Policy, evidence: Evidence) -> tuple[GateResult, ...]:
    """One look by all gates. What an earlier look worked out is not kept, but for what follows from the policy alone."""
    return all_gates(GateInput(policy, _PROMOTION, evidence, None, _PEOPLE, None, _NOW))


def _evaluated(policy: Policy, evidence: Evidence) -> Evaluation:
    return evaluate(
        policy,
        policy_build=1,
        promotion=_PROMOTION,
        evidence=evidence,
        champion=None,
        people=_PEOPLE,
        given_up=frozenset(),
        address=None,
        now=_NOW,
    )


def evidence_of(answer: bytes) -> Evidence:
    """What is known of a version whose job answered so."""
    version = ModelVersion(Incarnation("a", _NOW), "Dana Osei", {}, {}, "train-7", "mlflow_model", (), None)
    return Evidence(version, parse_run("Reading a run", answer.decode()), None)


def run_answer(*, metrics_alone: bool = False) -> bytes:
    """An answer of `runs/get`, in JSON without spaces."""
    answer = json.loads(Path(__file__).with_name("run_answer.json").read_bytes())
    run, measured = answer["run"], {"timestamp": 1_767_261_500_000, "step": 0}
    run["data"]["metrics"] = [{"key": name, "value": value, **measured} for name, value in _METRICS.items()]
    if metrics_alone:
        run["data"] |= {"params": [], "tags": []}
        del run["inputs"]
    return json.dumps(answer, separators=(",", ":")).encode()


def asking(least: Decimal) -> Policy:
    """A policy that asks for an ended run, the same of every metric, and who made the version."""
    document = {
        "policy": f"at-least-{least}".replace(".", "-"),
        "match": {"workspaces": ["risk-dev"], "models": ["fraud-*"]},
        "owner": "bench",
        "evidence": {"run": {"or": "job"}, "metrics": {name: {"min": least} for name in _METRICS}},
        "approval": {"quorum": 1, "groups": ["ml-approvers"]},
        "targets": [{"registry": "contoso-shared"}],
    }
    return PolicyDocument.model_validate(document).as_policy()
