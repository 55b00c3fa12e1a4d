"""The real azure-ai-ml client and MLflow, pointed at a platform's emulator as one of the people."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from local.azure_ml.client import cloud_metadata, cloud_name
from local.platform.address import Address
from local.platform.estate import WORKSPACE
from local.platform.tokens import PersonCredential, Tokens

_MLFLOW_AUDIENCE = "https://ml.azure.com"


class Sdk:
    """Makes clients. A fresh one each time: `models.share` leaves traces in the one it ran on.

    The clients trust the emulator's authority by the environment alone, which is set only within `client` and `tracking`.
    """

    def __init__(self, address: Address, tokens: Tokens) -> None:
        self._address = address
        self._tokens = tokens
        self._port = urlsplit(address.emulator).port or 443

    @property
    def tracking_uri(self) -> str:
        """Where MLflow logs runs of the workspace."""
        return f"{self._address.emulator}/mlflow/v2.0{WORKSPACE.arm_id}"

    @contextmanager
    def workspace(self, person: str) -> Iterator[Any]:
        """An `MLClient` of the workspace, usable within the block."""
        place = (WORKSPACE.subscription_id, WORKSPACE.resource_group, WORKSPACE.name)
        with self._trusting(), self._client(person, *place) as client:
            yield client

    @contextmanager
    def registry(self, registry: str, person: str) -> Iterator[Any]:
        """An `MLClient` of a registry, usable within the block."""
        with self._trusting(), self._client(person, registry_name=registry) as client:
            yield client

    @contextmanager
    def tracking(self, person: str) -> Iterator[str]:
        """Within the block MLflow logs as `person`; gives the tracking URI."""
        token = self._tokens.token(person, kind="access", audience=_MLFLOW_AUDIENCE)
        with self._trusting(
            MLFLOW_TRACKING_TOKEN=token, MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true"
        ):
            yield self.tracking_uri

    @contextmanager
    def _client(self, person: str, *place: str, **names: str) -> Iterator[Any]:
        os.environ.pop("AZUREML_CURRENT_CLOUD", None)  # the import looks up the cloud that it names, and it may be gone
        from azure.ai.ml import MLClient  # 4 CPU seconds

        yield MLClient(
            PersonCredential(self._tokens, person),
            *place,
            cloud=cloud_name(self._port),
            cloud_metadata=cloud_metadata(self._port),
            enable_telemetry=False,
            show_progress=False,
            **names,
        )

    @contextmanager
    def _trusting(self, **more: str) -> Iterator[None]:
        bundle = self._address.ca_bundle
        # The client sets the cloud's name for the whole process, and another platform may run in it.
        ours = {"REQUESTS_CA_BUNDLE": bundle, "SSL_CERT_FILE": bundle, "NO_PROXY": "127.0.0.1", **more}
        names = (*ours, "AZUREML_CURRENT_CLOUD")
        before = {name: os.environ.get(name) for name in names}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
