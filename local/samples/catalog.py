"""Which sample models there are, and the tags that their registrants give them.

The dates of `data_window` belong to the story, not to the data: neither data set has dates.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local.samples.evaluation import defects_metrics, fraud_metrics
from local.samples.training import Trained, train_defects, train_fraud_good, train_fraud_weak

_OWNER = {"owner": "dana.submitter@contoso.com"}
_ROLLBACK = {"rollback_path": "promote the version before it"}
_FRAUD_TAGS = {
    **_OWNER,
    **_ROLLBACK,
    "scope": "card payments in the EU",
    "monitoring_signal": "weekly auc on labelled chargebacks",
    "data_window": "2025-01-01/2025-09-30",
    "classification": "internal",
}
_PLANT_TAGS = {
    **_OWNER,
    **_ROLLBACK,
    "scope": "parts on line 4 of the plant in the north",
    "monitoring_signal": "parts that are sorted out by hand",
    "plant": "north",
    "camera": "cam-07",
}


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
    "defects": Sample("defects-north-classifier", train_defects, defects_metrics, _PLANT_TAGS),
}
