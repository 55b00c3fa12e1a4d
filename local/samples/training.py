"""The sample models: what each is trained on, and the scikit-learn estimator that learns it.

The holdout is the same 40 % for all models of one kind, so that their metrics compare.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 0
_HOLDOUT = 0.4

Rows = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """A data set, parted. Rows are (count, features), labels (count,); `digest` names the holdout by its bytes."""

    name: str
    digest: str
    features: tuple[str, ...]
    train: Rows
    train_labels: Labels
    holdout: Rows
    holdout_labels: Labels

    def column(self, feature: str) -> int:
        """Where a feature stands."""
        return self.features.index(feature)

    def only(self, feature: str, rows: int) -> "Split":
        """The same split with one feature, and only the first `rows` rows to learn from."""
        column = [self.column(feature)]
        train, labels = self.train[:rows, column], self.train_labels[:rows]
        return Split(self.name, self.digest, (feature,), train, labels, self.holdout[:, column], self.holdout_labels)


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted scikit-learn estimator and the split it saw. `parameters` are what shaped it."""

    estimator: Any
    split: Split
    parameters: dict[str, str]


def fraud_split() -> Split:
    """569 tumours; label 1 is malignant, which stands for fraudulent."""
    bunch = load_breast_cancer()
    return _split("breast_cancer", tuple(map(str, bunch.feature_names)), bunch.data, 1 - bunch.target)


def digits_split() -> Split:
    """1797 handwritten figures of 8 x 8 pixels in ten classes, which stand for kinds of faults."""
    bunch = load_digits()
    return _split("digits", tuple(map(str, bunch.feature_names)), bunch.data, bunch.target)


def train_fraud_good() -> Trained:
    """All thirty features: ranks fraud well."""
    return _fit(fraud_split(), C=1.0)


def train_fraud_weak() -> Trained:
    """One noisy feature and forty rows: better than chance, and too weak for the policy."""
    return _fit(fraud_split().only("mean smoothness", rows=40), C=0.01)


def train_defects() -> Trained:
    """All 64 pixels."""
    return _fit(digits_split(), C=1.0)


def _split(name: str, features: tuple[str, ...], rows: Rows, labels: Labels) -> Split:
    train, holdout, train_labels, holdout_labels = train_test_split(
        rows, labels, test_size=_HOLDOUT, random_state=SEED, stratify=labels
    )
    digest = sha256(holdout.astype("<f8").tobytes() + holdout_labels.astype("<i8").tobytes()).hexdigest()
    return Split(name, f"{name}-{digest[:16]}", features, train, train_labels, holdout, holdout_labels)


def _fit(split: Split, *, C: float) -> Trained:  # noqa: N803 - scikit-learn's own name of the inverse regularisation
    estimator = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=2000))
    estimator.fit(split.train, split.train_labels)
    shape = {"features": str(split.train.shape[1]), "rows": str(split.train.shape[0])}
    return Trained(estimator, split, {"estimator": "StandardScaler, LogisticRegression", "C": str(C), **shape})
