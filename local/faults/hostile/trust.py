"""What an adapter of Azure ML needs to speak to hosts of ours over TLS: the authority, a token, the cloud."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from azure.core.credentials import AccessToken

from local.faults.hostile.secrets import BEARER


class Credential:
    """Gives a token that configured hosts alone may see."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        """The same one always; it lasts until 2100."""
        return AccessToken(BEARER, 4_102_444_800)


@contextmanager
def trusting(ca_bundle: Path) -> Iterator[None]:
    """The environment that azure-core and azure-ai-ml read, put back afterwards."""
    told = {"REQUESTS_CA_BUNDLE": str(ca_bundle), "AZUREML_CURRENT_CLOUD": "AzureCloud"}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
