"""Registering a sample as one of the people, with the real azure-ai-ml client, from the output of its run.

A path `azureml://jobs/<run>/outputs/...` is what links a version to its job in Azure ML.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from local.platform.estate import ALIAS
from local.platform.sdk import Sdk
from local.samples.catalog import SAMPLES, Sample
from local.samples.tracking import MODEL_FOLDER, log_run

SUBMITTER = "dana.submitter"


class NoSuchSample(Exception):
    """No sample has that name; the text lists those there are."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A version as it was registered. `promotion` is the id under which Clearance follows it."""

    name: str
    version: str
    run: str
    metrics: Mapping[str, float]

    @property
    def promotion(self) -> str:
        """`workspace:name:version`."""
        return f"{ALIAS}:{self.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a sample is to be registered.

    Attributes:
        sample: key of `SAMPLES`.
        person: who trains and registers.
        version: None takes the next free number.
        name: of the model; None for the sample's own.
        tags: set besides the sample's own; None as a value leaves a tag out.
    """

    sample: str
    person: str = SUBMITTER
    version: str | None = None
    name: str | None = None
    tags: Mapping[str, str | None] | None = None


def register_sample(sdk: Sdk, wanted: Wanted) -> Registered:
    """Train, evaluate, log and register.

    Raises:
        NoSuchSample: nobody trains a sample of that name.
        HttpResponseError: Azure ML refused the version.
        MlflowException: MLflow refused the run.
    """
    sample = _sample(wanted.sample)
    name = wanted.name or sample.model
    trained = sample.train()
    metrics = sample.evaluate(trained)
    version = wanted.version or next_version(sdk, wanted.person, name)
    about = {"evaluated_model": f"{name}:{version}"}
    with sdk.tracking(wanted.person) as uri:
        run = log_run(uri, trained, metrics, about, experiment=sample.model)
    _register(sdk, wanted.person, Registered(name, version, run, metrics), _tags(sample, wanted))
    return Registered(name, version, run, metrics)


def next_version(sdk: Sdk, person: str, name: str) -> str:
    """One more than the highest number registered under a name."""
    from azure.core.exceptions import ResourceNotFoundError

    with sdk.workspace(person) as client:
        try:
            taken = [int(model.version) for model in client.models.list(name=name) if model.version.isdecimal()]
        except ResourceNotFoundError:
            taken = []
    return str(max(taken, default=0) + 1)


def _register(sdk: Sdk, person: str, wanted: Registered, tags: dict[str, str]) -> None:
    from azure.ai.ml.entities import Model

    path = f"azureml://jobs/{wanted.run}/outputs/artifacts/paths/{MODEL_FOLDER}/"
    model = Model(name=wanted.name, version=wanted.version, path=path, type="mlflow_model", tags=tags)
    with sdk.workspace(person) as client, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of azure-ai-ml's own making
        client.models.create_or_update(model)


def _sample(key: str) -> Sample:
    if key not in SAMPLES:
        raise NoSuchSample(f"there is no sample {key!r}; there are {', '.join(sorted(SAMPLES))}")
    return SAMPLES[key]


def _tags(sample: Sample, wanted: Wanted) -> dict[str, str]:
    merged = {**sample.tags, **(wanted.tags or {})}
    return {name: value for name, value in merged.items() if value is not None}
