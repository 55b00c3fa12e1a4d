"""How the sample models are evaluated: on the holdout, which no model has seen."""

import numpy as np
from sklearn.metrics import accuracy_score, recall_score, roc_auc_score

from local.samples.training import Labels, Trained, fraud_split

THRESHOLD = 0.1
"""A payment is stopped from this probability on: a fraud that goes through costs more than a second look."""

GROUPED_BY = "mean smoothness"
"""Who lies above the training median of this feature is one group, all others the other one."""


def fraud_metrics(trained: Trained) -> dict[str, float]:
    """`auc`, `accuracy` and `fairness_gap` at `THRESHOLD`.

    `fairness_gap` is the absolute difference between the two groups' true positive rates. On 85 positives it depends on
    the split: of the seeds 0 to 7, seven stay below 0.05 and one reaches 0.074. Seed 0 is simply the first.
    """
    scores = trained.estimator.predict_proba(trained.split.holdout)[:, 1]
    flagged, labels = (scores >= THRESHOLD).astype(np.int64), trained.split.holdout_labels
    return {
        "auc": float(roc_auc_score(labels, scores)),
        "accuracy": float(accuracy_score(labels, flagged)),
        "fairness_gap": _gap(labels, flagged),
    }


def defects_metrics(trained: Trained) -> dict[str, float]:
    """`accuracy` over the ten classes, and `worst_class_recall`: of the class that is found least often."""
    found, labels = trained.estimator.predict(trained.split.holdout), trained.split.holdout_labels
    return {
        "accuracy": float(accuracy_score(labels, found)),
        "worst_class_recall": float(min(recall_score(labels, found, average=None))),
    }


def _gap(labels: Labels, flagged: Labels) -> float:
    whole = fraud_split()  # the weak model does not know the feature that parts the groups, yet is judged by it
    column = whole.column(GROUPED_BY)
    above = whole.holdout[:, column] > np.median(whole.train[:, column])
    rates = [recall_score(labels[group], flagged[group]) for group in (above, ~above)]
    return float(abs(rates[0] - rates[1]))
