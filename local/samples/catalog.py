"""Which sample models there are, and the tags that their registrants give them.

The dates of `data_window` belong to the story, not to the data: neither data set has dates.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local.samples.evaluation import defects_metrics, fraud_metrics
from local.samples.training import Trained, train_defects, train_fraud_good, train_fraud_weak

_OWNER = {"owner": "dana.submitter@contoso.com"}
_RELEASE_RECORD = {
    "scope": "card payments in the EU",
    "rollback_path": "promote the version before it",
    "monitoring_signal": "weekly auc on labelled chargebacks",
}
_PLANT_TAGS = {**_OWNER, "plant": "north", "camera": "cam-07"}
_FRAUD_TAGS = {**_OWNER, **_RELEASE_RECORD, "data_window": "2025-01-01/2025-09-30", "classification": "internal"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One way to make a version of one model."""

    model: str
    train: Callable[[], Trained]
    evaluate: Callable[[Trained], dict[str, float]]
    tags: Mapping[str, str] = field(default_factory=dict)


SAMPLES: Mapping[str, Sample] = {
    "fraud-good": Sample("fraud-detector", train_fraud_good, fraud_metrics, _FRAUD_TAGS),
    "fraud-weak": Sample("fraud-detector", train_fraud_weak, fraud_metrics, _FRAUD_TAGS),
    "defects": Sample("defects-classifier", train_defects, defects_metrics, _PLANT_TAGS),
}
