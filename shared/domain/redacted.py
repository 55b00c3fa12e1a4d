"""Words of others without the secrets in them: what goes into a history, a log or an answer stays there."""

import re

_NAMES = (
    r"(?<![a-z])sig|signature|secret|token|password|assertion|(?:account|access|sas|functions)[_-]?key"  # or their ends
)
_FORMS = (
    # name=value, name: value, "name": "value", also where the quotation marks are escaped
    (re.compile(rf"(?i)({_NAMES})([\\\"']*\s*[=:]\s*[\\\"']*)[^&\s\"';,\\]+"), r"\1\2***"),
    # The schemes of an Authorization header; a credential has no spaces, and is longer than a word.
    (re.compile(r"(?i)\b(bearer|basic|sharedkey(?:lite)?|sharedaccesssignature)\s+[^\s\"',]{16,}"), r"\1 ***"),
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*"), "***"),  # a JSON Web Token, wherever it stands (RFC 7519)
    (re.compile(r"\bwhsec_[\w+/=-]+"), "whsec_***"),
)


def redacted(text: str) -> str:
    """Return `text` with each secret that can be told by its name or its form as `***`.

    Names are those of SAS URLs, connection strings and OAuth answers; forms are Authorization headers, JSON Web Tokens
    and keys of Standard Webhooks. A secret without either is not known by anybody: do not write one into a sentence.
    """
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return text
