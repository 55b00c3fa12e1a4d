"""What must never be in the zip, whatever `.funcignore` says: a second lock, held to the finished file."""

import re
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

NOT_DEPLOYED = {
    "local/*": "the laptop platform is not deployed",
    "tests/*": "tests are not deployed",
    "docs/*": "documents are not deployed",
    "infra/*": "templates are not deployed",
    "*.test.yaml": "cases of policies are run before deployment",
    "*local.settings*.json": "settings of one machine are not deployed",
    "*.pyc": "bytecode is of one Python, and made where it runs",
}
# Names of files that hold keys; the case of letters does not matter.
SECRET_NAMES = (
    *("*.pem", "*.key", "*.pfx", "*.p12", "*.jks", "*.kdbx", "*.ppk", "id_rsa*", "id_ed25519*"),
    *(".env", ".env.*", "*.env", ".netrc", ".npmrc", ".pypirc", "*.publishsettings", "secrets.*", "credentials*.json"),
)
SECRET_TEXTS = {
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "the key of a storage account": rb"AccountKey=[A-Za-z0-9+/]{80,}=",
    "a shared access signature": rb"[?&;]sig=[A-Za-z0-9%+/]{40,}",
    "a webhook key": rb"whsec_[A-Za-z0-9+/]{32,}=",
    "a token": rb"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}",
}


def refused_files(package: Path) -> list[str]:
    """A sentence for each file that must not be deployed, none for a good package."""
    with zipfile.ZipFile(package) as opened:
        return [fault for name in opened.namelist() for fault in _faults(name, opened.read(name))]


def _faults(name: str, content: bytes) -> Iterator[str]:
    for pattern, reason in NOT_DEPLOYED.items():
        if fnmatch(name, pattern):
            yield f"{name}: {reason}. Leave it out with a line in .funcignore."
    if any(fnmatch(name.lower().rpartition("/")[2], pattern) for pattern in SECRET_NAMES):
        yield f"{name}: a file of this name holds secrets. Leave it out with a line in .funcignore."
    for what, pattern_ in SECRET_TEXTS.items():
        if re.search(pattern_, content):
            yield f"{name}: it holds what looks like {what}. Take it out; secrets belong into Key Vault."
