"""Free text made safe to show: what cannot be seen, or would reorder a line, is spelled out, and length is bounded."""

LONGEST_SHOWN = 256
"""Characters of free text (tags, metrics, names) that a page, an event or the command line shows."""


def visible(text: str, longest: int = LONGEST_SHOWN) -> str:
    r"""Return `text` with unseen characters as `\u{202E}` and no longer than `longest`; a cut ends with `…`.

    Unseen are controls, formats (bidi overrides, zero-width), surrogates, unassigned ones, and separators but the
    space: what `str.isprintable` refuses. What is returned is plain: showing it again changes nothing.
    """
    if len(text) <= longest and text.isprintable():
        return text
    shown = "".join(map(_spelled, text[: longest + 1]))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def quoted(text: str) -> str:
    """Return `text` made visible, in quotation marks."""
    return f'"{visible(text)}"'


def _spelled(character: str) -> str:
    return character if character.isprintable() else f"\\u{{{ord(character):04X}}}"
