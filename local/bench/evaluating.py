"""What the gates of one policy cost, over what reading the JSON of their evidence costs: CPU of both, in turn."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from shared.adapters.azure_ml_runs import parse_run
from shared.adapters.policy_document import PolicyDocument
from shared.domain.evaluate import evaluate
from shared.domain.evidence import Evidence, ModelVersion, Results, Run, RunFile
from shared.domain.gate_input import GateInput
from shared.domain.gates import all_gates
from shared.domain.ids import Incarnation, PromotionId
from shared.domain.people import People, Person
from shared.domain.policy import Policy
from shared.domain.results_file import read_results

METRICS = 50
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_PROMOTION = PromotionId("risk-dev", "fraud-detector", "7")
_PEOPLE = People((Person("dana", "Dana Osei", None, None, ("Dana Osei",), ()),), "0" * 64)
_NAMES = [f"metric_{number:02}" for number in range(METRICS)]


@dataclass(frozen=True, slots=True)
class Evaluating:
    """CPU seconds of one time each, medians: reading the evidence strictly, its gates, and the whole evaluation."""

    gates: int
    reading: float
    json_alone: float
    judging: float
    evaluation: float

    def as_json(self) -> dict[str, float]:
        """As build/bench.json holds it."""
        return {
            "gates": self.gates,
            "gates_over_reading": round(self.judging / self.reading, 3),
            "gates_over_json": round(self.judging / self.json_alone, 3),
            "evaluation_over_reading": round(self.evaluation / self.reading, 3),
        }


def measure(turns: int) -> Evaluating:
    """Read, judge and evaluate in turn, `turns` times."""
    run, results, policy = _run_answer(), _results_file(), _policy()
    version = ModelVersion(Incarnation("a", _NOW), "Dana Osei", {}, {}, "train-7", "mlflow_model", (), None)

    def read() -> tuple[Run, Results]:
        file = RunFile("train-7", "results.json", len(results), results)
        return parse_run("Reading a run", run), read_results(file, "clearance")

    found_run, found_results = read()
    evidence = Evidence(version, found_run, None, results=found_results)
    given = GateInput(policy, _PROMOTION, evidence, None, _PEOPLE, None, _NOW)
    work: dict[str, Callable[[], object]] = {
        "reading": read,
        "json_alone": lambda: (json.loads(run), json.loads(results)),
        "judging": lambda: all_gates(given),
        "evaluation": lambda: _evaluated(policy, evidence),
    }
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(turns):
        for name, do in work.items():
            found[name].append(_cpu(do))
    return Evaluating(len(all_gates(given)), **{name: statistics.median(each) for name, each in found.items()})


def _cpu(do: Callable[[], object], times: int = 20) -> float:
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times


def _evaluated(policy: Policy, evidence: Evidence) -> object:
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


def _run_answer() -> str:
    """As MLflow's `runs/get` answers."""
    metrics = [{"key": n, "value": 0.912345, "timestamp": 1_760_000_000_000, "step": 0} for n in _NAMES]
    info = {"run_id": "train-7", "user_id": "Dana Osei", "status": "FINISHED", "end_time": 1_767_261_600_000}
    return json.dumps({"run": {"info": info, "data": {"metrics": metrics, "tags": [], "params": []}}})


def _results_file() -> bytes:
    metrics = dict.fromkeys(_NAMES, 0.912345)
    stated = {"producer": "evaluate.py", "created_at": "2026-02-01T00:00:00Z", "metrics": metrics}
    return json.dumps(stated).encode()


def _policy() -> Policy:
    bounds = {name: {"min": Decimal("0.9"), "from": "results"} for name in _NAMES}
    results = {"path": "results.json", "format": "clearance"}
    document = {
        "policy": "bench",
        "match": {"workspaces": ["risk-dev"], "models": ["fraud-*"]},
        "owner": "bench",
        "evidence": {"run": {"or": "job"}, "results": results, "metrics": bounds},
        "approval": {"quorum": 1, "groups": ["ml-approvers"]},
        "targets": [{"registry": "contoso-shared"}],
    }
    return PolicyDocument.model_validate(document).as_policy()
