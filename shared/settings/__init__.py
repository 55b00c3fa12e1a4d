"""Settings: the only reader of the environment, which reports every fault at once (design: docs/configuration.md).

`table` lists every setting once; parsing, docs/configuration.md and the tests are driven by it.
"""

from shared.settings.client import ClientSettings
from shared.settings.places import AzureMLPlaces, CloudPlace, Sender, SignIn, Storage, topic_of
from shared.settings.settings import Settings, StoreSettings

__all__ = [
    "AzureMLPlaces",
    "ClientSettings",
    "CloudPlace",
    "Sender",
    "Settings",
    "SignIn",
    "Storage",
    "StoreSettings",
    "topic_of",
]
