"""Throw-away TLS for the laptop platform: one certificate authority in a folder, certificates for the loopback names."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
_LEAST_LIFE_LEFT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its private key, as PEM files."""

    cert_file: Path
    key_file: Path

    def server_context(self) -> ssl.SSLContext:
        """The context with which a server presents this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cert_file, self.key_file)
        return context


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that only the processes told about `ca_bundle` trust."""

    folder: Path

    @property
    def ca_bundle(self) -> Path:
        """PEM file for `REQUESTS_CA_BUNDLE`, `SSL_CERT_FILE` and `verify=`."""
        return self.folder / "ca.pem"

    def client_context(self) -> ssl.SSLContext:
        """The context with which a client trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.ca_bundle))

    def issue(self) -> Certificate:
        """The certificate for 127.0.0.1 and localhost, made on first use and shared by all servers of the folder."""
        issued = Certificate(self.folder / "server.pem", self.folder / "server.key")
        if not (_usable(issued.cert_file) and issued.key_file.is_file()):
            _write_server_certificate(self._authority(), issued)
        return issued

    def _authority(self) -> trustme.CA:
        return trustme.CA.from_pem(self.ca_bundle.read_bytes(), (self.folder / "ca.key").read_bytes())


def make_authority(folder: Path) -> Authority:
    """The authority kept in `folder`, made if there is none or if it ends within two days.

    Args:
        folder: made if absent; readable by its owner alone, for it holds private keys.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = Authority(folder.resolve())
    if not (_usable(authority.ca_bundle) and (folder / "ca.key").is_file()):
        _write_authority(authority.folder)
    return authority


def _write_authority(folder: Path) -> None:
    made = trustme.CA(organization_name="Clearance laptop platform")
    for stale in ("server.pem", "server.key"):
        (folder / stale).unlink(missing_ok=True)
    _write_secret(folder / "ca.key", made.private_key_pem.bytes())
    (folder / "ca.pem").write_bytes(made.cert_pem.bytes())


def _write_server_certificate(authority: trustme.CA, place: Certificate) -> None:
    made = authority.issue_cert(*LOOPBACK_NAMES)
    _write_secret(place.key_file, made.private_key_pem.bytes())
    place.cert_file.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))


def _write_secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(content)


def _usable(path: Path) -> bool:
    """Whether `path` holds a certificate that stays valid for a while."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return certificate.not_valid_after_utc - _LEAST_LIFE_LEFT > datetime.now(UTC)
