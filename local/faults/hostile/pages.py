"""What a browser would make of a page: no script, no handler, no strange URL, and every text as text."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from local.faults.hostile.scores import Broken

_WORDS = """
html head meta title link body a header nav p div main h1 h2 h3 form label input select option button table thead tbody
tr th td span b bdi code time dl dt dd ul ol li section article blockquote pre footer img svg path
"""
_NAMES = """
lang charset name content rel href type class src alt width height aria-label aria-current scope data-label title
method action value placeholder autocomplete selected datetime tabindex id reversed
"""
_ELEMENTS, _ATTRIBUTES = frozenset(_WORDS.split()), frozenset(_NAMES.split())
_UNSEEN_ALLOWED = frozenset("\n\t ")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS:
            self.faults.append(f"the element <{tag}>")
        for name, value in attrs:
            self._attribute(name, value or "")

    def _attribute(self, name: str, value: str) -> None:
        if name not in _ATTRIBUTES:
            self.faults.append(f"the attribute {name}")
        if name in {"href", "src", "action"} and not _ours(value):
            self.faults.append(f"{name} leads to {value[:60]!r}")
        self._text(value)

    def handle_data(self, data: str) -> None:
        self._text(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment {data[:40]!r}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"a processing instruction {data[:40]!r}")

    def _text(self, text: str) -> None:
        unseen = [each for each in text if not each.isprintable() and each not in _UNSEEN_ALLOWED]
        if unseen:
            self.faults.append(f"the unseen character U+{ord(unseen[0]):04X}")


def check_page(html: str) -> None:
    """Raise `Broken` where a page holds anything that our own templates do not."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.faults:
        raise Broken(f"the page holds {'; '.join(dict.fromkeys(reader.faults))[:300]}")


def _ours(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc and (url.startswith(("/", "?", "#")))
