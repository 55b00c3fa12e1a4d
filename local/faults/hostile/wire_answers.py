"""One answer of Azure ML is another one: published by Microsoft, of the right form with one thing wrong, or nonsense.

Whatever comes, a call of ours ends with what its port promises, or with an error that says why not. What it gave is
then judged, kept and shown: what cannot be kept would stop its promotion for ever.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, is_dataclass, replace
from random import Random
from typing import Any

from pydantic import TypeAdapter

from local.faults.hostile.corpora import Corpora
from local.faults.hostile.mangled import WireAnswer, as_json, mangled_answers
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import refuse_leaks
from local.faults.hostile.trust import Credential
from local.faults.hostile.wire import Exchange, Wired, wired
from local.faults.memory_estate import REGISTRIES, MemoryEstate
from local.platform.estate import ALIAS, WORKSPACE
from shared.adapters.azure_errors import LONGEST_WAIT
from shared.adapters.azure_ml_catalog import AzureMLCatalog
from shared.adapters.azure_ml_registry import AzureMLRegistry
from shared.domain.errors import PortError
from shared.domain.evidence import ModelVersion, RegistryVersion, Run
from shared.domain.ids import PromotionId, Target

SURFACE = "wire"
_NAME, _FILE = "churn", "evaluation/results.json"
_PROMOTION, _HELD = PromotionId(ALIAS, _NAME, "1"), Target("contoso-shared", _NAME, "1")


@dataclass(slots=True)
class _Calls:
    """Makes calls on adapters of their own. `count` names what must be new each time."""

    wired: Wired
    run: str
    count: int = 0

    def make(self, call: "_Call", instead: tuple[str, WireAnswer] | None = None) -> Any:
        """What the call gives where one answer is another one; raises what it raises."""
        self.count += 1
        self.wired.wire.forget(instead)
        with (
            closing(AzureMLCatalog(self.wired.settings, Credential())) as catalog,
            closing(AzureMLRegistry(self.wired.settings, Credential())) as registry,
        ):
            return call.act(self, catalog, registry)

    def new_tags(self) -> dict[str, str]:
        """Marks that do not stand yet."""
        return {"clearance_promotion": str(_PROMOTION), "clearance_round": str(self.count)}

    def new_target(self) -> Target:
        """A place that is free."""
        return Target("contoso-eu", _NAME, str(1_000 + self.count))


@dataclass(frozen=True, slots=True)
class _Call:
    """A call of a port. One that `waits` until an operation has ended does so as long as answers ask for: 30 s by itself."""

    name: str
    act: Callable[[_Calls, AzureMLCatalog, AzureMLRegistry], Any]
    waits: bool = False


_LIGHT = (
    _Call("run", lambda calls, catalog, _: catalog.read_run(ALIAS, calls.run)),
    _Call("series", lambda calls, catalog, _: catalog.read_series(ALIAS, calls.run, "auc")),
    _Call("files of a run", lambda calls, catalog, _: catalog.read_files(ALIAS, calls.run, (_FILE,))),
    _Call("job", lambda _, catalog, __: catalog.job(ALIAS, "job-1")),
    _Call("code", lambda _, catalog, __: catalog.code_version(ALIAS, "job-1")),
    _Call("workspaces", lambda _, catalog, __: catalog.ping()),
    _Call("registries", lambda _, __, registry: registry.ping()),
    _Call("registry", lambda _, __, registry: registry.read(_HELD)),
    _Call("mark", lambda calls, _, registry: registry.mark(_HELD, calls.new_tags())),
)
_THROUGH_SDK = (
    _Call("version", lambda _, catalog, __: catalog.read(_PROMOTION)),
    _Call("listing", lambda _, catalog, __: catalog.versions(ALIAS, None)),
    _Call("import", lambda calls, _, registry: registry.share(_PROMOTION, calls.new_target()), waits=True),
)


def attack(scores: Scores, rng: Random, size: int, corpora: Corpora, *, heavy: bool) -> None:
    """Every call, and of each every answer. `heavy` are those through azure-ai-ml, a tenth of a second each, and fewer."""
    with wired() as found:
        calls, estate = _prepared(found), MemoryEstate(0)
        for call, many in (*((each, size) for each in _LIGHT), *((each, 1) for each in _THROUGH_SDK if heavy)):
            scores.must(SURFACE, call.name, _sound, calls, call, accepted=True)
            exchanges = _of_each_route(found.wire.passed)
            found.wire.sound = {each.route: each.answer for each in exchanges}
            for exchange in exchanges:
                for name, answer in _others(exchange, rng, many, corpora):
                    instead = exchange.route, answer.with_header("retry-after", "0.01") if call.waits else answer
                    what = f"{call.name}: {exchange.route}: {name}"
                    scores.case(SURFACE, what, _met, calls, call, instead, estate)


def _prepared(found: Wired) -> _Calls:
    run = found.emulator.log_run({"auc": "0.94"}, {"evaluated_model": f"{_NAME}:1", "mlflow.source.git.commit": ""})
    found.put_file(run, _FILE, b'{"auc": 0.94}')
    found.register(_NAME, workspace=WORKSPACE.name, tags={"owner": "a@b"}, job_name="job-1", model_type="mlflow_model")
    found.register(_NAME, registry=_HELD.registry, tags={"owner": "a@b"})
    return _Calls(found, run)


def _of_each_route(passed: list[Exchange]) -> list[Exchange]:
    """The first exchange of each route."""
    return list({exchange.route: exchange for exchange in reversed(passed)}.values())


def _others(exchange: Exchange, rng: Random, size: int, corpora: Corpora) -> Iterator[tuple[str, WireAnswer]]:
    yield from mangled_answers(exchange.answer, rng, size)
    if "/models" in exchange.route:
        for name, document in corpora.models():
            whole = as_json(document)
            yield name, whole
            for change, answer in mangled_answers(whole, rng, size // 4):
                yield f"{name}, {change}", answer


def _sound(calls: _Calls, call: _Call) -> bool:
    calls.make(call)
    return True


def _met(calls: _Calls, call: _Call, instead: tuple[str, WireAnswer], estate: MemoryEstate) -> bool:
    try:
        given = calls.make(call, instead)
    except PortError as error:
        _check_error(error)
        return False
    finally:
        if not calls.wired.wire.struck:
            raise Broken("the call never came to that answer")
    check_form(given)
    _use(given, estate)
    return True


def _check_error(error: PortError) -> None:
    said = str(error)
    refuse_leaks("the error", said)
    if "Traceback" in said or len(said) > 4_000:
        raise Broken(f"the error says too much: {said[:200]}")
    if error.retry_after is not None and not 0 <= error.retry_after <= LONGEST_WAIT:
        raise Broken(f"it is to be tried again after {error.retry_after} s")


def check_form(given: Any) -> None:
    """Raise `Broken` or `ValueError` where a field holds another thing than its type says: JSON may hold anything."""
    if is_dataclass(given) and not isinstance(given, type):
        TypeAdapter(type(given)).validate_python(asdict(given), strict=False)
    elif isinstance(given, Mapping):
        for each in given.values():
            check_form(each)
    elif not isinstance(given, str | None):
        raise Broken(f"it gave {type(given).__name__}")


def _use(given: Any, estate: MemoryEstate) -> None:
    """Judge it, ask about it, keep it: nothing may break, and the promotion must come to some state."""
    if not isinstance(given, ModelVersion | Run | RegistryVersion):
        return
    promotion = estate.register()
    match given:
        case ModelVersion():
            estate.catalog.put(promotion, given)
        case Run():
            estate.catalog.put_run(ALIAS, replace(given, id=f"evaluate-{promotion.name}"))
        case RegistryVersion():
            for registry in REGISTRIES:
                estate.registry.put(Target(registry, promotion.name, promotion.version), given)
    estate.work()
    if estate.case(promotion).status in {"unseen", "received"}:
        raise Broken(f"{promotion} stays {estate.case(promotion).status}: what was read of it cannot be judged or kept")
