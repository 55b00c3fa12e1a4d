"""Reads the Bicep of infra/ as far as its documents and tests need: declarations, and values where they are literal.

It is no compiler: an expression stays text. Grammar: learn.microsoft.com/azure/azure-resource-manager/bicep/file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Value = Any
"""str, int, bool, None, list, dict, Expression, Loop, Conditional or Field."""

_SPACE = re.compile(r"(?:[ \t]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r"'''.*?'''|'(?:[^'\\]|\\.)*'", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_GOES_ON = re.compile(r"(?:\s|//[^\n]*)*(?:\?|:|&&|\|\||=>)")
_CLOSING = {"{": "}", "[": "]", "(": ")"}


@dataclass(frozen=True, slots=True)
class Expression:
    """What has to be computed."""

    text: str


@dataclass(frozen=True, slots=True)
class Loop:
    """`[for item in over: body]`; `head` is what stands before the colon."""

    head: str
    body: Value


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if (condition) body`."""

    condition: str
    body: Value


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a type that is declared in Bicep, with its description."""

    type: Value
    description: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """A param, var, type, func, resource, module or output.

    `type` is the type as it is written, of a resource with its version, of a module its file; `nested` are the
    declarations inside a resource.
    """

    kind: str
    name: str
    type: str
    value: Value
    description: str
    existing: bool = False
    nested: tuple["Declaration", ...] = ()

    @property
    def body(self) -> dict[str, Value]:
        """The object of a resource or module, taken out of its loop or condition."""
        value = self.value
        while isinstance(value, Loop | Conditional):
            value = value.body
        return value if isinstance(value, dict) else {}


def read_bicep(file: Path) -> tuple[Declaration, ...]:
    """The declarations of a file, in order.

    Raises:
        ValueError: with the place of what could not be understood.
    """
    return tuple(_Reader(file.read_text(encoding="utf-8"), file).declarations())


class _Reader:
    def __init__(self, text: str, file: Path) -> None:
        self.text, self.file, self.at = text, file, 0

    def declarations(self) -> Iterator[Declaration]:
        while self._skip(_BLANK) < len(self.text):
            described = ""
            while self.text[self.at] == "@":
                decorator = self._raw()
                described = _description(decorator) or described
                self._skip(_BLANK)
            kind = self._word()
            if kind == "targetScope":
                self._value_after("=")
                continue
            yield self._declaration(kind, described)

    def _declaration(self, kind: str, described: str) -> Declaration:
        name, nested = self._word(), list[Declaration]()
        type_ = self._raw(stop="=").strip()
        existing = type_.endswith(" existing")
        if kind in {"resource", "module"}:
            type_ = type_.split("'")[1]
        value = self._value_after("=", nested) if self._peek("=") else None
        return Declaration(kind, name, type_, value, described, existing, tuple(nested))

    def _value_after(self, sign: str, nested: list[Declaration] | None = None) -> Value:
        self._take(sign)
        return self._value(nested)

    def _value(self, nested: list[Declaration] | None = None) -> Value:
        self._skip(_BLANK)
        start = self.at
        if self.text.startswith("if", start) and self._word() == "if":
            return Conditional(self._bracketed(), self._value(nested))
        self.at = start
        raw = self._raw().strip()
        after, self.at = self.at, start
        try:
            return self._literal(raw, nested)
        finally:
            self.at = after

    def _literal(self, raw: str, nested: list[Declaration] | None) -> Value:
        if raw in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[raw]
        if re.fullmatch(r"\d+", raw):
            return int(raw)
        if _STRING.fullmatch(raw) and "${" not in raw:
            return raw.strip("'").replace("\\'", "'")
        if raw[:1] in {"{", "["} and self._bracketed(keep=True) == raw:
            return self._object(nested) if raw[0] == "{" else self._array(nested)
        return Expression(re.sub(r"\s+", " ", raw))

    def _object(self, nested: list[Declaration] | None) -> dict[str, Value]:
        self._take("{")
        found: dict[str, Value] = {}
        while not self._peek("}", _BLANK):
            if self._peek("resource ") and nested is not None:
                nested.append(self._declaration(self._word(), ""))
                continue
            described = _description(self._raw()) if self._peek("@") else ""
            key = self._key()
            value = self._value_after(":", nested)
            found[key] = Field(value, described) if described else value
            self._pass_comma()
        return found

    def _array(self, nested: list[Declaration] | None) -> list[Value] | Loop:
        self._take("[")
        if self._peek("for ", _BLANK):
            head = self._raw(stop=":")
            return Loop(head.removeprefix("for ").strip(), self._value_after(":", nested))
        found = []
        while not self._peek("]", _BLANK):
            found.append(self._value(nested))
            self._pass_comma()
        return found

    def _key(self) -> str:
        string = _STRING.match(self.text, self.at)
        if string:
            self.at = string.end()
            return string[0].strip("'")
        return self._word()

    def _raw(self, stop: str = "\n") -> str:
        """The text up to the end of the expression, with what its brackets and strings hold."""
        self._skip(_SPACE)
        start = self.at
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == "'":
                self._string()
            elif sign in _CLOSING:
                self._bracketed()
            elif self._ends_at(sign, stop):
                break
            else:
                self.at += 1
        return self.text[start : self.at].strip()

    def _ends_at(self, sign: str, stop: str) -> bool:
        if sign in "}])," or self.text.startswith("//", self.at):
            return True
        return not self._goes_on() if sign == stop else sign == "\n"

    def _goes_on(self) -> bool:
        if self.text[self.at] != "\n":
            return False
        return self.text[: self.at].endswith("=>") or _GOES_ON.match(self.text, self.at) is not None

    def _bracketed(self, *, keep: bool = False) -> str:
        """A bracket with all it holds; `keep` leaves the reader before it."""
        self._skip(_BLANK)
        start, closing = self.at, _CLOSING[self.text[self.at]]
        self.at += 1
        while self.text[self._skip(_BLANK)] != closing:
            if self.text[self.at] == "'":
                self._string()
            elif self.text[self.at] in _CLOSING:
                self._bracketed()
            else:
                self.at += 1
        self.at += 1
        raw = self.text[start : self.at]
        self.at = start if keep else self.at
        return raw

    def _string(self) -> None:
        """A string; what it interpolates may hold strings."""
        if self.text.startswith("'''", self.at):
            self.at = self.text.index("'''", self.at + 3) + 3
            return
        self.at += 1
        while self.text[self.at] != "'":
            if self.text.startswith("${", self.at):
                self.at += 1
                self._bracketed()
            else:
                self.at += 2 if self.text[self.at] == "\\" else 1
        self.at += 1

    def _word(self) -> str:
        self._skip(_BLANK)
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise ValueError(f"{self.file}: a word was expected at {self.text[self.at : self.at + 40]!r}.")
        self.at = found.end()
        return found[0]

    def _skip(self, what: re.Pattern[str]) -> int:
        found = what.match(self.text, self.at)
        assert found, "it matches nothing, too"
        self.at = found.end()
        return self.at

    def _peek(self, sign: str, over: re.Pattern[str] = _BLANK) -> bool:
        self._skip(over)
        return self.text.startswith(sign, self.at)

    def _pass_comma(self) -> None:
        if self._peek(","):
            self.at += 1

    def _take(self, sign: str) -> None:
        if not self._peek(sign):
            raise ValueError(f"{self.file}: {sign!r} was expected at {self.text[self.at : self.at + 40]!r}.")
        self.at += len(sign)


def _description(decorator: str) -> str:
    found = re.fullmatch(r"@description\('(.*)'\)", decorator, re.DOTALL)
    return found[1].replace("\\'", "'") if found else ""
