"""What the real worker and host refuse is refused at start, every fault at once, in sentences."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from local.functions_host.app_settings import expand, is_disabled, parse_timespan, settings_of_file
from local.functions_host.functions import AppRefused, Function
from local.functions_host.host_json import HostJson, read_host_json
from local.functions_host.indexing import functions_of
from local.functions_host.routes import Routes
from local.processes import Children

ROOT = Path(__file__).parents[2]
Register = Callable[[func.FunctionApp], Any]


def index(register: Register) -> list[Function]:
    app = func.FunctionApp()
    register(app)
    return functions_of(app, {})


def underscore_in_a_binding_name(app: func.FunctionApp) -> None:
    @app.queue_trigger(arg_name="my_msg", queue_name="work", connection="AzureWebJobsStorage")
    def work(my_msg: func.QueueMessage) -> None: ...


def bad_function_name(app: func.FunctionApp) -> None:
    @app.function_name("9lives")
    @app.route(route="x")
    def work(req: func.HttpRequest) -> func.HttpResponse: ...  # type: ignore[empty-body]


def reserved_route(app: func.FunctionApp) -> None:
    @app.route(route="administrators")
    def work(req: func.HttpRequest) -> func.HttpResponse: ...  # type: ignore[empty-body]


def same_route_twice(app: func.FunctionApp) -> None:
    @app.route(route="items/{id}", methods=["GET"])
    def first(req: func.HttpRequest) -> func.HttpResponse: ...  # type: ignore[empty-body]

    @app.route(route="Items/{id}", methods=["GET", "POST"])
    def second(req: func.HttpRequest) -> func.HttpResponse: ...  # type: ignore[empty-body]


def optional_return(app: func.FunctionApp) -> None:
    @app.route(route="x")
    def work(req: func.HttpRequest) -> func.HttpResponse | None: ...


def list_of_events(app: func.FunctionApp) -> None:
    @app.event_grid_trigger(arg_name="event")
    def work(event: list[func.EventGridEvent]) -> None: ...


def parameter_without_binding(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def work(timer: func.TimerRequest, store: str) -> None: ...


def binding_without_parameter(app: func.FunctionApp) -> None:
    @app.queue_output(arg_name="out", queue_name="work", connection="AzureWebJobsStorage")
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def work(timer: func.TimerRequest) -> None: ...


def output_that_is_no_out(app: func.FunctionApp) -> None:
    @app.queue_output(arg_name="out", queue_name="work", connection="AzureWebJobsStorage")
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def work(timer: func.TimerRequest, out: str) -> None: ...


def output_of_a_builtin_list(app: func.FunctionApp) -> None:
    @app.queue_output(arg_name="out", queue_name="work", connection="AzureWebJobsStorage")
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def work(timer: func.TimerRequest, out: func.Out[list[str]]) -> None: ...


def wrong_trigger_type(app: func.FunctionApp) -> None:
    @app.queue_trigger(arg_name="msg", queue_name="work", connection="AzureWebJobsStorage")
    def work(msg: func.TimerRequest) -> None: ...


def bad_queue_name(app: func.FunctionApp) -> None:
    @app.queue_trigger(arg_name="msg", queue_name="My_Queue", connection="AzureWebJobsStorage")
    def work(msg: func.QueueMessage) -> None: ...


def unserved_trigger(app: func.FunctionApp) -> None:
    @app.blob_trigger(arg_name="blob", path="in/{name}", connection="AzureWebJobsStorage")
    def work(blob: func.InputStream) -> None: ...


def retry_policy(app: func.FunctionApp) -> None:
    @app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:10")
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def work(timer: func.TimerRequest) -> None: ...


def names_that_differ_by_case(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def work(timer: func.TimerRequest) -> None: ...

    @app.function_name("Work")
    @app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
    def other(timer: func.TimerRequest) -> None: ...


def nothing(_app: func.FunctionApp) -> None: ...


@pytest.mark.parametrize(
    ("register", "sentence"),
    [
        (underscore_in_a_binding_name, "'my_msg': letters and digits only, no underscore"),
        (bad_function_name, "9lives: no valid function name"),
        (reserved_route, "the host keeps routes that start with 'admin' or 'runtime'"),
        (same_route_twice, "second: the route 'items/{id}' conflicts with that of first"),
        (optional_return, "the worker refuses Optional and unions"),
        (list_of_events, "does not fit a eventGridTrigger"),
        (parameter_without_binding, "the parameter store belongs to no binding; only 'context' is free"),
        (binding_without_parameter, "the binding out has no parameter"),
        (output_that_is_no_out, "the parameter out must be annotated with func.Out"),
        (output_of_a_builtin_list, "Out[list[str]], does not fit a queue"),  # typing.List[str] does
        (wrong_trigger_type, "does not fit a queueTrigger"),
        (bad_queue_name, "'My_Queue' is no queue name"),
        (unserved_trigger, "a blobTrigger is not served here"),
        (retry_policy, "a retry policy"),
        (names_that_differ_by_case, "two functions have this name"),
        (nothing, "registers no function"),
    ],
)
def test_an_app_that_the_host_would_refuse_is_refused(register: Register, sentence: str) -> None:
    with pytest.raises(AppRefused) as refused:
        index(register)
    assert sentence in str(refused.value)


def test_all_faults_come_at_once() -> None:
    def both(app: func.FunctionApp) -> None:
        underscore_in_a_binding_name(app)
        reserved = func.Blueprint()
        app.register_functions(reserved)
        same_route_twice(app)

    with pytest.raises(AppRefused) as refused:
        index(both)
    assert len(refused.value.faults) == 2


def test_a_decorator_that_wraps_is_looked_through_and_context_is_free() -> None:
    import functools

    def logged(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return call(*args, **kwargs)

        return wrapped

    def register(app: func.FunctionApp) -> None:
        @app.route(route="x")
        @logged
        def work(req: func.HttpRequest, context: func.Context) -> func.HttpResponse: ...  # type: ignore[empty-body]

    assert index(register)[0].wants_context


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "host.json must exist"),
        ({"host.json": '{"version": "1.0"}', "function_app.py": ""}, '"version": "2.0"'),
        ({"host.json": '{"version": "2.0"}'}, "holds no function_app.py"),
        ({"host.json": '{"version": "2.0"}', "function_app.py": "import nowhere"}, "No module named 'nowhere'"),
        (
            {
                "host.json": '{"version": "2.0"}',
                "function_app.py": "import azure.functions as func\na, b = func.FunctionApp(), func.FunctionApp()",
            },
            "exactly one top-level FunctionApp, it holds 2",
        ),
    ],
)
def test_the_command_refuses_with_exit_code_2(tmp_path: Path, logs: Path, files: dict[str, str], sentence: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with Children(logs) as children:
        argv = [sys.executable, "-m", "local.functions_host", str(tmp_path), "--port", "0"]
        host = children.start("host", argv, cwd=ROOT)
        assert host.process.wait(30) == 2
        assert sentence in host.output()


def read(tmp_path: Path, text: str, **settings: str) -> HostJson:
    (tmp_path / "host.json").write_text(text)
    return read_host_json(tmp_path / "host.json", settings)


def test_host_json_has_the_hosts_defaults(tmp_path: Path) -> None:
    read_json = read(tmp_path, '{"version": "2.0"}')
    queues = read_json.queues
    assert (read_json.route_prefix, queues.batch_size, queues.max_dequeue_count) == ("api", 16, 5)
    assert (queues.visibility_timeout, queues.max_polling_interval, queues.base64) == (0, 60, True)
    assert (
        read(tmp_path, '{"version": "2.0"}', AZURE_FUNCTIONS_ENVIRONMENT="Development").queues.max_polling_interval == 2
    )


def test_app_settings_override_host_json(tmp_path: Path) -> None:
    text = '{"version": "2.0", "extensions": {"queues": {"visibilityTimeout": "00:01:00", "batchSize": 4}}}'
    settings = {
        "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:02",
        "azurefunctionsjobhost__Extensions__Http__RoutePrefix": "",
        "AzureFunctionsJobHost__functionTimeout": "00:00:05",
    }
    host = read(tmp_path, text, **settings)
    assert (host.queues.visibility_timeout, host.queues.batch_size) == (2, 4)
    assert (host.route_prefix, host.function_timeout) == ("", 5)


def test_every_fault_of_host_json_is_named(tmp_path: Path) -> None:
    text = '{"version": "2.0", "functionTimeout": "soon", "extensions": {"queues": {"batchSize": 33, "messageEncoding": "x"}}}'
    with pytest.raises(AppRefused) as refused:
        read(tmp_path, text)
    assert len(refused.value.faults) == 3


def test_settings_expand_and_disable() -> None:
    assert expand("a-%NAME%", {"NAME": "b"}) == "a-b"
    with pytest.raises(KeyError, match="NAME"):
        expand("%NAME%", {})
    for name in ("AzureWebJobs.sweep.Disabled", "AzureWebJobs__sweep__Disabled", "azurewebjobs.SWEEP.disabled"):
        assert is_disabled("sweep", {name: "true"})
    assert not is_disabled("sweep", {"AzureWebJobs.sweep.Disabled": "false", "AzureWebJobs.other.Disabled": "true"})


def test_a_settings_file_gives_its_values(tmp_path: Path) -> None:
    file = tmp_path / "local.settings.json"
    file.write_text('{"IsEncrypted": false, "Values": {"A": "1", "B": true}}')
    assert settings_of_file(file) == {"A": "1", "B": "true"}
    file.write_text('{"Values": {"A": {}}}')
    with pytest.raises(AppRefused, match="the value of A"):
        settings_of_file(file)


@pytest.mark.parametrize(("text", "seconds"), [("00:01:00", 60), ("1.00:00:00", 86400), ("00:00:00.5", 0.5)])
def test_time_spans(text: str, seconds: float) -> None:
    assert parse_timespan(text).total_seconds() == seconds


def test_more_literal_routes_win_and_values_are_given() -> None:
    def register(app: func.FunctionApp) -> None:
        for name, route in (
            ("rest", "{*rest}"),
            ("any", "items/{id}"),
            ("number", "items/{id:int}"),
            ("one", "items/1"),
        ):

            @app.function_name(name)
            @app.route(route=route)
            def work(req: func.HttpRequest) -> func.HttpResponse: ...  # type: ignore[empty-body]

        @app.function_name("maybe")
        @app.route(route="maybe/{id?}")
        def maybe(req: func.HttpRequest) -> func.HttpResponse: ...  # type: ignore[empty-body]

    routes = Routes(index(register), "api")

    def leads_to(path: str) -> tuple[str, dict[str, str]] | None:
        match = routes.match("GET", path)
        return (match.function.name, match.values) if match else None

    assert leads_to("/api/items/1") == ("one", {})
    assert leads_to("/API/Items/22") == ("number", {"id": "22"})
    assert leads_to("/api/items/x") == ("any", {"id": "x"})
    assert leads_to("/api/items/x/y") == ("rest", {"rest": "items/x/y"})
    assert leads_to("/api/maybe") == ("maybe", {})
    assert leads_to("/api/") == ("rest", {})
    assert leads_to("/other") is None


def test_a_route_that_cannot_be_read_is_refused() -> None:
    def register(app: func.FunctionApp) -> None:
        @app.route(route="{*rest}/more/{id:colour}/{")
        def work(req: func.HttpRequest) -> func.HttpResponse: ...  # type: ignore[empty-body]

    with pytest.raises(AppRefused) as refused:
        Routes(index(register), "")
    assert len(refused.value.faults) == 3
