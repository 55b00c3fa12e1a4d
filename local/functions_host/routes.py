"""Route templates of http functions, with the meaning ASP.NET Core gives them: `{id}`, `{id?}`, `{id:int}`, `{*rest}`."""

import re
from dataclasses import dataclass

from local.functions_host.functions import AppRefused, Function

_CONSTRAINTS = {
    "int": r"-?\d{1,10}",
    "long": r"-?\d{1,19}",
    "alpha": r"[a-zA-Z]*",
    "bool": r"(?:true|false)",
    "guid": r"\{?[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?",
}
_PARAMETER = re.compile(r"\{(?P<star>\*{0,2})(?P<name>\w+)(?::(?P<constraint>[^}?]+))?(?P<optional>\?)?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One function's place in the URL space.

    Attributes:
        function: who answers.
        pattern: whole path after the slash.
        rank: literal segments before constrained, before free, before catch-all ones, segment by segment.
        methods: upper case; empty for all.
    """

    function: Function
    pattern: re.Pattern[str]
    rank: tuple[int, ...]
    methods: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """The function that a request leads to, and its route values."""

    function: Function
    values: dict[str, str]


class Routes:
    """All http functions of an app under the route prefix.

    Raises:
        AppRefused: a template cannot be read.
    """

    def __init__(self, functions: list[Function], prefix: str) -> None:
        faults: list[str] = []
        read = [_route(function, prefix, faults) for function in functions if function.trigger.type == "httpTrigger"]
        if faults:
            raise AppRefused(faults)
        self._routes = sorted(read, key=lambda route: route.rank)

    def match(self, method: str, path: str) -> Match | None:
        """Who answers `method` on the decoded `path`; a wrong method is no match, as it is no match for the host."""
        for route in self._routes:
            found = route.pattern.fullmatch(path.strip("/"))
            if found and (not route.methods or method.upper() in route.methods):
                values = {name: value for name, value in found.groupdict().items() if value}
                return Match(route.function, values)
        return None


def _route(function: Function, prefix: str, faults: list[str]) -> Route:
    template = "/".join(part for part in (prefix, (function.trigger.text("route") or function.name).strip("/")) if part)
    segments = template.split("/")
    parts: list[str] = []
    for place, segment in enumerate(segments):
        parts.append(_segment(function.name, segment, place == 0, place == len(segments) - 1, faults))
    methods = frozenset(str(method).upper() for method in function.trigger.fields.get("methods") or [])
    return Route(function, re.compile("".join(parts), re.IGNORECASE), tuple(map(_rank, segments)), methods)


def _segment(function: str, segment: str, first: bool, last: bool, faults: list[str]) -> str:  # noqa: FBT001
    slash = "" if first else "/"
    whole = _PARAMETER.fullmatch(segment)
    if whole and whole["star"]:
        if not last:
            faults.append(f"{function}: {segment} takes the rest of the path, so it must stand last")
        return rf"(?:{slash}(?P<{whole['name']}>.*))?"
    if whole and whole["optional"]:
        return rf"(?:{slash}(?P<{whole['name']}>{_constraint(function, whole, faults)}))?"
    pattern, end = slash, 0
    for found in _PARAMETER.finditer(segment):
        pattern += re.escape(segment[end : found.start()])
        pattern += rf"(?P<{found['name']}>{_constraint(function, found, faults)})"
        end = found.end()
    if "{" in segment[end:] or "}" in segment[end:]:
        faults.append(f"{function}: the route segment {segment!r} cannot be read")
    return pattern + re.escape(segment[end:])


def _constraint(function: str, found: re.Match[str], faults: list[str]) -> str:
    name = found["constraint"]
    if name is not None and name not in _CONSTRAINTS:
        faults.append(f"{function}: the route constraint :{name} is not served here, only {', '.join(_CONSTRAINTS)}")
    return _CONSTRAINTS.get(name, r"[^/]+")


def _rank(segment: str) -> int:
    """ASP.NET Core's RoutePrecedence.ComputeInbound for one segment."""
    found = _PARAMETER.fullmatch(segment)
    if found is None:
        return 2 if _PARAMETER.search(segment) else 1
    return (4 if found["constraint"] else 5) if found["star"] else (2 if found["constraint"] else 3)
