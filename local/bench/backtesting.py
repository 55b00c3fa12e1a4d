"""What a backtest of many recorded evaluations holds in memory: `clearance policy backtest` over an export, and over its tenth."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from subprocess import CalledProcessError

from local.bench.cold_start import Start, probe
from local.processes import ChildFailed
from shared.adapters.history_rows import new_rows
from shared.adapters.policy_files import load_policies
from shared.domain.chain import Row, Tip
from shared.domain.evaluate import evaluate
from shared.domain.events import EvaluationCompleted
from shared.domain.evidence import Evidence, ModelVersion, Run
from shared.domain.export import export_lines
from shared.domain.ids import Incarnation, PromotionId
from shared.domain.people import People, Person
from shared.domain.policy import Policy
from shared.domain.seen import see
from shared.ports import History, NewEvent

METRICS, TAGS = 10, 20
PART = 10  # of the whole, in how many parts: memory is looked at after one, and after all
_FIRST = datetime(2026, 3, 1, tzinfo=UTC)
_PEOPLE = People((Person("dana", "Dana Osei", None, None, ("Dana Osei",), ()),), "0" * 64)
_POLICY = """
policy: bench
match: {{workspaces: [risk-dev], models: ["fraud-*"]}}
owner: bench
evidence:
  run: {{or: job}}
  metrics: {{{metrics}}}
approval: {{quorum: 1, groups: [ml-approvers]}}
targets: [{{registry: contoso-shared}}]
"""
# What is told goes where it can be counted; of the process itself, CPU and peak memory come back.
_REPLAY = """
import contextlib, io, json
from shared.cli.main import app
told = io.StringIO()
asked = ["policy", "backtest", "--from", "2026-01-01", "--folder", {folder!r}, "--export", {export!r}, "--json"]
with contextlib.redirect_stdout(told):
    app(asked, standalone_mode=False)
report = json.loads(told.getvalue())
flips = report["would_be_held_back"] + report["would_pass"]
assert (report["evaluations"], flips, report["undecidable"]) == {wanted!r}, report
"""


@dataclass(frozen=True, slots=True)
class Backtesting:
    """How many were replayed, and what the process that replayed all of them, or a tenth, took of CPU and memory."""

    evaluations: int
    whole: Start
    part: Start

    @property
    def growth(self) -> float:
        """Peak memory after all of them, over that after a tenth."""
        return self.whole.rss_mb / self.part.rss_mb

    def as_json(self) -> dict[str, float]:
        """As build/bench.json holds it."""
        return {
            "evaluations": self.evaluations,
            "cpu_ms_each": round(1000 * self.whole.cpu / self.evaluations, 2),
            "rss_mb": round(self.whole.rss_mb, 1),
            "rss_mb_after_a_tenth": round(self.part.rss_mb, 1),
            "growth": round(self.growth, 3),
        }


def measure(evaluations: int) -> Backtesting:
    """Record so many evaluations, half of which a stricter policy would hold back, and replay them.

    Raises:
        ChildFailed: the command failed, or did not count all of them.
    """
    with tempfile.TemporaryDirectory(prefix="clearance-bench-") as name:
        folder = Path(name)
        policy, proposed = _policies(folder, "recorded", "0.90"), _policies(folder, "proposed", "0.95")
        export = folder / "export.jsonl"
        _write(export, _histories(load_policies(policy)[0], evaluations))
        return Backtesting(
            evaluations, *(_replayed(proposed, export, count) for count in (evaluations, evaluations // PART))
        )


def _replayed(proposed: Path, export: Path, count: int) -> Start:
    """Replay the first `count` of an export that holds that many or more: below its first line two each, row and head."""
    part = export.with_suffix(f".{count}.jsonl")
    with export.open("rb") as whole, part.open("wb") as lines:
        lines.writelines(islice(whole, 1 + 2 * count))
    try:
        return probe(_REPLAY.format(folder=str(proposed), export=str(part), wanted=(count, count // 2, 0)))
    except CalledProcessError as error:
        told = error.stderr.strip().splitlines()[-1:]
        raise ChildFailed(f"the backtest of {count} evaluations failed: {' '.join(told)}") from error


def _policies(folder: Path, name: str, least: str) -> Path:
    metrics = ", ".join(f"{metric}: {{min: {least}}}" for metric in _metrics(0))
    (folder / name).mkdir()
    (folder / name / "bench.yaml").write_text(_POLICY.format(metrics=metrics), "utf-8")
    return folder / name


def _metrics(number: int) -> dict[str, str]:
    """Every second version is between the two thresholds, and no two are alike."""
    value = f"0.{91 if number % 2 else 96}{number:06}"
    return {f"metric_{metric:02}": value for metric in range(METRICS)}


def _write(file: Path, histories: Iterable[EvaluationCompleted]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{line}\n" for line in export_lines(map(_exported, histories), _FIRST, "bench"))


def _exported(completed: EvaluationCompleted) -> tuple[tuple[Row, ...], Tip]:
    rows = new_rows(_history(completed), [NewEvent(completed, "bench", "clearance")], _FIRST)
    return rows, Tip(rows[-1].history, rows[-1].sequence, rows[-1].hash)


def _history(completed: EvaluationCompleted) -> History:
    return History(PromotionId.parse(completed.evaluation.promotion))


def _histories(policy: Policy, evaluations: int) -> Iterator[EvaluationCompleted]:
    for number in range(evaluations):
        promotion = PromotionId("risk-dev", f"fraud-{number % 500}", str(number))
        at, evidence = _FIRST + timedelta(minutes=number), _evidence(number)
        evaluation = evaluate(
            policy,
            policy_build=1,
            promotion=promotion,
            evidence=evidence,
            champion=None,
            people=_PEOPLE,
            given_up=frozenset(),
            address=None,
            now=at,
        )
        seen = see(policy, promotion=promotion, evidence=evidence, people=_PEOPLE, given_up=frozenset(), at=at)
        yield EvaluationCompleted(1, evaluation, seen)


def _evidence(number: int) -> Evidence:
    tags = {f"tag_{tag:02}": f"what {number} states of {tag}" for tag in range(TAGS)}
    incarnation = Incarnation(f"azureml:/risk-dev/fraud/{number}", _FIRST)
    version = ModelVersion(incarnation, "Dana Osei", tags, {}, f"train-{number}", "mlflow_model", (), None)
    run = Run(f"train-{number}", "FINISHED", _metrics(number), "Dana Osei", _FIRST, None, None)
    return Evidence(version, run, None, run_sha256=f"{number:064x}")
