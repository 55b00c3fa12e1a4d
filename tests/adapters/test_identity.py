"""Whom the app is: the platform's identity where there is one, and nobody else then."""

from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

from shared.adapters.identity import credential
from shared.adapters.system import RandomId, SystemClock


def test_where_the_platform_offers_an_identity_it_is_the_only_one_tried() -> None:
    assert isinstance(credential(managed=True), ManagedIdentityCredential)
    assert isinstance(
        credential(managed=True, client_id="11111111-0000-4000-8000-000000000001"), ManagedIdentityCredential
    )


def test_elsewhere_the_usual_chain_is_tried() -> None:
    assert isinstance(credential(managed=False), DefaultAzureCredential)


def test_the_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()
    first = clock.now()
    assert first.utcoffset() is not None
    assert clock.now() >= first


def test_ids_are_hex_and_differ() -> None:
    made = {RandomId()() for _ in range(100)}
    assert len(made) == 100
    assert all(len(each) == 32 and int(each, 16) >= 0 and each == each.lower() for each in made)
