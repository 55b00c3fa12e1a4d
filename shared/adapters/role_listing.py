"""Role assignments, role definitions and deny assignments as values, in whatever of Azure's JSON shapes they come.

The resource manager nests what counts under `properties`; the Azure CLI prints the same keys beside `id` and `name`, and
adds names (azure-cli, command_modules/role/custom.py). Keys that are not needed are left alone.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.domain.azure_roles import DenyAssignment, Permission, RoleAssignment, RoleDefinition, role_guid
from shared.domain.errors import DocumentInvalid
from shared.domain.visible import quoted, visible

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

Patterns = Annotated[tuple[str, ...], BeforeValidator(lambda value: () if value is None else value)]
Words = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
_MOST_FAULTS = 100


_LENIENT = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


def _aware(instant: datetime | None) -> datetime | None:
    if instant is None:
        return None
    try:
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except OverflowError as error:  # the first or the last day there is, seen from another zone
        raise ValueError("should be an instant between the years 1 and 9999 in UTC") from error


class _Permission(BaseModel):
    model_config = _LENIENT

    actions: Patterns = ()
    not_actions: Patterns = Field((), alias="notActions")
    data_actions: Patterns = Field((), alias="dataActions")
    not_data_actions: Patterns = Field((), alias="notDataActions")

    def value(self) -> Permission:
        return Permission(self.actions, self.not_actions, self.data_actions, self.not_data_actions)


class _Assignment(BaseModel):
    model_config = _LENIENT

    scope: Annotated[str, Field(pattern="^/")]
    role: str = Field(alias="roleDefinitionId")
    principal: Words = Field(alias="principalId")
    principal_type: Words = Field("", alias="principalType")
    principal_name: Words = Field("", alias="principalName")
    role_name: Words = Field("", alias="roleDefinitionName")
    condition: str | None = None
    updated: Annotated[datetime | None, AfterValidator(_aware)] = Field(
        None, validation_alias=AliasChoices("updatedOn", "createdOn")
    )

    def value(self) -> RoleAssignment:
        return RoleAssignment(
            scope=self.scope,
            role=role_guid(self.role),
            # A classic administrator has a name alone.
            principal=self.principal or self.principal_name,
            principal_type=self.principal_type,
            principal_name=self.principal_name,
            role_name=self.role_name,
            condition=self.condition or None,
            since=self.updated,
        )


class _Definition(BaseModel):
    model_config = _LENIENT

    id: str = Field(validation_alias=AliasChoices("id", "name"))
    name: Words = Field("", validation_alias=AliasChoices("roleName", "role_name"))
    permissions: tuple[_Permission, ...]

    def value(self) -> RoleDefinition:
        guid = role_guid(self.id)
        return RoleDefinition(guid, self.name or guid, tuple(each.value() for each in self.permissions))


class _Principal(BaseModel):
    model_config = _LENIENT

    id: str


class _Denial(BaseModel):
    model_config = _LENIENT

    name: Words = Field("", alias="denyAssignmentName")
    scope: Annotated[str, Field(pattern="^/")]
    permissions: tuple[_Permission, ...]
    principals: tuple[_Principal, ...]
    excluded: tuple[_Principal, ...] = Field((), alias="excludePrincipals")
    only_here: bool = Field(False, alias="doNotApplyToChildScopes")

    def value(self) -> DenyAssignment:
        return DenyAssignment(
            self.name,
            self.scope,
            tuple(each.value() for each in self.permissions),
            tuple(each.id for each in self.principals),
            tuple(each.id for each in self.excluded),
            self.only_here,
        )


def read_assignments(what: str, items: Any) -> tuple[RoleAssignment, ...]:
    """Read a list of role assignments; `what` begins each fault.

    Raises:
        DocumentInvalid: with every fault of every item.
    """
    return _read(what, items, _Assignment, _Assignment.value)


def read_definitions(what: str, items: Any) -> tuple[RoleDefinition, ...]:
    """Read a list of role definitions; raises what `read_assignments` does."""
    return _read(what, items, _Definition, _Definition.value)


def read_denials(what: str, items: Any) -> tuple[DenyAssignment, ...]:
    """Read a list of deny assignments; raises what `read_assignments` does."""
    return _read(what, items, _Denial, _Denial.value)


def _read(what: str, items: Any, shape: type[M], value: Callable[[M], T]) -> tuple[T, ...]:
    found = items.get("value") if isinstance(items, dict) else items
    if not isinstance(found, list):
        raise DocumentInvalid(what, [f"{what}: it is no JSON list, as az prints with -o json."])
    if isinstance(items, dict) and items.get("nextLink"):
        raise DocumentInvalid(
            what, [f"{what}: it is one page of a longer list (nextLink); join all pages to one list."]
        )
    read: list[T] = []
    faults: list[str] = []
    for place, item in enumerate(found, 1):
        try:
            read.append(value(shape.model_validate(_flat(item))))
        except ValidationError as error:
            faults += [f"{what}: item {place}: {said}" for said in _said(error)]
    if faults:
        more = [f"{what}: {len(faults) - _MOST_FAULTS} faults more."] if len(faults) > _MOST_FAULTS else []
        raise DocumentInvalid(what, faults[:_MOST_FAULTS] + more)
    return tuple(read)


def _flat(item: Any) -> Any:
    """What is nested under `properties`, beside the rest."""
    nested = item.get("properties") if isinstance(item, dict) else None
    return {**item, **nested} if isinstance(nested, dict) else item


def _said(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        where = ".".join(visible(str(part)) for part in fault["loc"]) or "it"
        if fault["type"] == "missing":
            yield f"{where} is missing."
        else:
            found = f", found {quoted(str(fault['input']))}" if isinstance(fault["input"], str | int | float) else ""
            yield f"{where}: {fault['msg'][:1].lower()}{fault['msg'][1:]}{found}."
