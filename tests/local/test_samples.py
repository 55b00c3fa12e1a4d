"""The sample models are trained and evaluated for real, and the policies really part them."""

import pickle
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from local.samples.catalog import SAMPLES
from local.samples.evaluation import fraud_metrics
from local.samples.model_folder import write_model_folder
from local.samples.training import fraud_split, train_defects, train_fraud_good, train_fraud_weak
from shared.adapters.policy_files import policy_paths

ROOT = Path(__file__).parents[2]


def bounds(policy: str) -> dict[str, dict[str, float]]:
    """The metrics that a policy of the project asks for."""
    document = yaml.safe_load((ROOT / "policies" / f"{policy}.yaml").read_text())
    return dict(document["evidence"]["metrics"])


def test_the_good_fraud_model_is_within_every_bound() -> None:
    metrics, asked = fraud_metrics(train_fraud_good()), bounds("fraud")
    assert metrics["auc"] >= asked["auc"]["min"]
    assert metrics["fairness_gap"] <= asked["fairness_gap"]["max"]


def test_the_weak_fraud_model_has_learned_something_and_not_enough() -> None:
    auc = fraud_metrics(train_fraud_weak())["auc"]
    assert 0.5 < auc < bounds("fraud")["auc"]["min"]


def test_the_defects_model_is_accurate_enough() -> None:
    sample = SAMPLES["defects"]
    assert sample.evaluate(sample.train())["accuracy"] >= bounds("plant-vision-north")["accuracy"]["min"]


def test_both_fraud_models_are_judged_on_the_same_holdout_which_neither_has_seen() -> None:
    good, weak = train_fraud_good().split, train_fraud_weak().split
    assert good.digest == weak.digest
    assert good.digest != train_defects().split.digest
    seen = {row.tobytes() for row in good.train}
    assert not seen & {row.tobytes() for row in good.holdout}


def test_the_fairness_gap_is_the_difference_of_two_true_positive_rates() -> None:
    """Worked out again, by counting."""
    trained, split = train_fraud_good(), fraud_split()
    column = split.column("mean smoothness")
    middle = sorted(split.train[:, column])[len(split.train) // 2]  # of an odd number of rows
    caught: dict[bool, list[bool]] = {True: [], False: []}
    scores = trained.estimator.predict_proba(split.holdout)[:, 1]
    for row, label, score in zip(split.holdout, split.holdout_labels, scores, strict=True):
        if label == 1:
            caught[bool(row[column] > middle)].append(bool(score >= 0.1))
    rates = {group: sum(found) / len(found) for group, found in caught.items()}
    assert fraud_metrics(trained)["fairness_gap"] == pytest.approx(abs(rates[True] - rates[False]))


def test_the_model_folder_holds_the_model_that_was_evaluated(tmp_path: Path) -> None:
    trained = train_fraud_good()
    write_model_folder(tmp_path / "model", trained, "run-1")
    described = yaml.safe_load((tmp_path / "model" / "MLmodel").read_text())
    assert described["run_id"] == "run-1"
    sklearn = described["flavors"]["sklearn"]
    kept = pickle.loads((tmp_path / "model" / sklearn["pickled_model"]).read_bytes())
    assert (kept.predict(trained.split.holdout) == trained.estimator.predict(trained.split.holdout)).all()
    required = (tmp_path / "model" / "requirements.txt").read_text()
    assert required == f"scikit-learn=={sklearn['sklearn_version']}\n"


@pytest.mark.parametrize("key", sorted(SAMPLES))
def test_every_sample_carries_the_tags_that_its_policy_asks_for(key: str) -> None:
    sample = SAMPLES[key]
    documents = [yaml.safe_load(path.read_text()) for path in policy_paths(ROOT / "policies")]
    (document,) = [each for each in documents if fnmatch(sample.model, each["match"]["models"][0])]
    assert set(document["tags"]) | set(document["release_record"]["require"]) <= set(sample.tags)
    assert re.fullmatch(document["tags"]["owner"]["pattern"], sample.tags["owner"])
