"""The throw-away authority is kept, and trusted by nobody who was not told."""

import ssl
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from local.serving import serving, site_on
from local.tls import Authority, make_authority


def test_loopback_is_served_over_https_to_those_who_trust_the_bundle(authority: Authority) -> None:
    site = site_on(PlainTextResponse("hello"), certificate=authority.issue())
    with serving(site):
        assert httpx.get(site.url, verify=authority.client_context()).text == "hello"
        by_name = site.url.replace("127.0.0.1", "localhost")
        assert httpx.get(by_name, verify=authority.client_context()).text == "hello"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(site.url, verify=ssl.create_default_context())


def test_an_authority_is_used_again(tmp_path: Path) -> None:
    first = make_authority(tmp_path / "tls")
    certificate, bundle = first.issue().cert_file.read_bytes(), first.ca_bundle.read_bytes()
    again = make_authority(tmp_path / "tls")
    assert again.ca_bundle.read_bytes() == bundle
    assert again.issue().cert_file.read_bytes() == certificate


def test_a_broken_authority_is_made_anew_with_its_certificates(tmp_path: Path) -> None:
    first = make_authority(tmp_path / "tls")
    first.issue()
    first.ca_bundle.write_text("not a certificate")
    again = make_authority(tmp_path / "tls")
    site = site_on(PlainTextResponse("hello"), certificate=again.issue())
    with serving(site):
        assert httpx.get(site.url, verify=again.client_context()).status_code == 200


def test_private_keys_are_for_their_owner_alone(authority: Authority) -> None:
    key = authority.issue().key_file
    assert key.stat().st_mode & 0o077 == 0
    assert authority.folder.joinpath("ca.key").stat().st_mode & 0o077 == 0
