"""HTTP as the real host has it: routes, keys, statuses, what a function sees of a request, ASGI apps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.processes import Child
from tests.local.sample_app import SampleApp

MASTER, FUNCTION_KEY, OWN_KEY = "master-key-of-the-test", "function-key-of-the-test", "own-key-of-the-function"
KEYS = {
    "masterKey": MASTER,
    "functionKeys": {"default": FUNCTION_KEY},
    "functions": {"admin_only": {"x": OWN_KEY}, "own": {"x": OWN_KEY}},
    "systemKeys": {},
}
SOURCE = """
import json, threading
from http.cookies import SimpleCookie
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

def answer(**fields):
    return func.HttpResponse(json.dumps(fields), mimetype="application/json")

@app.route(route="items/{id:int}", methods=["GET"])
def item(req: func.HttpRequest) -> func.HttpResponse:
    return answer(id=req.route_params["id"], thread=threading.current_thread().name)

@app.route(route="own")
def own(req: func.HttpRequest) -> func.HttpResponse:
    return answer()

@app.route(route="level-admin", auth_level=func.AuthLevel.ADMIN)
def admin_only(req: func.HttpRequest) -> func.HttpResponse:
    return answer()

@app.route(route="seen/{*rest}", auth_level=func.AuthLevel.ANONYMOUS)
async def seen(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return answer(method=req.method, url=req.url, headers=dict(req.headers), params=dict(req.params),
        rest=req.route_params.get("rest"), body=req.get_body().decode(), function=context.function_name,
        thread=threading.current_thread().name, invocation=context.invocation_id)

@app.route(route="boom", auth_level=func.AuthLevel.ANONYMOUS)
def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("the inside of the app")

@app.route(route="none", auth_level=func.AuthLevel.ANONYMOUS)
def none(req: func.HttpRequest) -> func.HttpResponse:
    return None

@app.route(route="off", auth_level=func.AuthLevel.ANONYMOUS)
def off(req: func.HttpRequest) -> func.HttpResponse:
    return answer()

@app.route(route="cookies", auth_level=func.AuthLevel.ANONYMOUS)
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("", status_code=303, headers={"Location": "/elsewhere"})
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly; Secure; SameSite=Strict")
    response.headers.add("Set-Cookie", "b=2")
    return response

@app.route(route="text", auth_level=func.AuthLevel.ANONYMOUS)
def text(req: func.HttpRequest) -> str:
    return req.get_body().decode()

async def echo(request: Request):
    return JSONResponse({"path": request.url.path, "query": dict(request.query_params),
        "body": (await request.body()).decode()}, status_code=418, headers={"x-app": "starlette"})

web = func.AsgiMiddleware(Starlette(routes=[Route("/{rest:path}", echo, methods=["GET", "POST"])]))

@app.route(route="sync-web/{*rest}", auth_level=func.AuthLevel.ANONYMOUS)
def sync_web(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return web.main(req, context)

@app.route(route="{*rest}", auth_level=func.AuthLevel.ANONYMOUS, methods=["GET", "POST"])
async def http(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return await web.handle_async(req, context)
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    folder = tmp_path_factory.mktemp("http-app")
    keys = folder / "keys.json"
    keys.write_text(json.dumps(KEYS))
    app = SampleApp(folder, SOURCE, {"extensions": {"http": {"routePrefix": ""}}})
    settings = {"AzureWebJobs.off.Disabled": "true", "AzureWebJobsDisableHomepage": "true"}
    with app.running("--keys", str(keys), **settings) as child:
        yield child


@pytest.fixture
def client(host: Child) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=host.ready["url"]) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/items/7", None, 401),
        ("/items/7", "wrong", 401),
        ("/items/7", FUNCTION_KEY, 200),
        ("/items/7", MASTER, 200),
        ("/own", OWN_KEY, 200),
        ("/items/7", OWN_KEY, 401),
        ("/level-admin", FUNCTION_KEY, 401),
        ("/level-admin", OWN_KEY, 401),
        ("/level-admin", MASTER, 200),
        ("/seen/x", None, 200),
        ("/seen/x", "wrong", 200),
        ("/off", None, 404),
        ("/off", FUNCTION_KEY, 404),
        ("/off", MASTER, 200),
    ],
)
def test_keys_open_what_they_should(client: httpx.Client, path: str, key: str | None, status: int) -> None:
    answer = client.get(path, headers={"x-functions-key": key} if key else {})
    assert answer.status_code == status
    assert client.get(path, params={"code": key} if key else {}).status_code == status
    if status in (401, 404):
        assert answer.content == b""


def test_the_header_wins_over_the_query(client: httpx.Client) -> None:
    wrong = {"x-functions-key": "wrong"}
    assert client.get("/items/7", params={"code": FUNCTION_KEY}, headers=wrong).status_code == 401


def test_a_route_value_is_given_without_regard_to_case(client: httpx.Client) -> None:
    answer = client.get("/ITEMS/42", headers={"x-functions-key": FUNCTION_KEY})
    assert answer.json()["id"] == "42"


def test_a_wrong_method_is_404_not_405(client: httpx.Client) -> None:
    assert client.delete("/items/7", headers={"x-functions-key": MASTER}).status_code == 404
    assert client.put("/nowhere").status_code == 404


def test_sync_functions_run_in_the_pool_and_async_ones_on_their_loop(client: httpx.Client) -> None:
    assert client.get("/items/1", headers={"x-functions-key": MASTER}).json()["thread"].startswith("function")
    assert client.get("/seen/").json()["thread"] == "async-functions"


def test_what_a_function_sees_of_a_request(client: httpx.Client, host: Child) -> None:
    seen = client.post(
        "/seen/a%20b/c%2Fd/../e?q=1&q=2&empty=&code=k", content="body", headers={"X-Name": "v", "x-empty": ""}
    ).json()
    assert seen["url"] == host.ready["url"] + "/seen/a%20b/e?q=1&q=2&empty=&code=k"
    assert seen["rest"] == "a b/e"
    assert seen["params"] == {"q": "1,2", "code": "k"}
    assert (seen["method"], seen["body"], seen["function"]) == ("POST", "body", "seen")
    assert seen["headers"]["x-name"] == "v"
    assert "x-empty" not in seen["headers"]
    assert len(seen["invocation"]) == 36


def test_an_escaped_slash_stays_escaped(client: httpx.Client) -> None:
    assert client.get("/seen/a%2Fb").json()["rest"] == "a%2Fb"


def test_a_chunked_body_arrives_empty(client: httpx.Client) -> None:
    assert client.post("/seen/x", content=iter([b"lost"])).json()["body"] == ""


def test_a_function_that_raises_gives_500_and_says_nothing(client: httpx.Client, host: Child) -> None:
    for path in ("/boom", "/none"):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (500, b"")
    assert "the inside of the app" in host.output()
    assert "unable to encode outgoing TypedData" in host.output()


def test_cookies_and_redirects_pass(client: httpx.Client) -> None:
    answer = client.get("/cookies")
    assert (answer.status_code, answer.headers["location"]) == (303, "/elsewhere")
    first, second = answer.headers.get_list("set-cookie")
    assert first.startswith("a=1;")
    for part in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"):
        assert part in first
    assert second == "b=2"


def test_a_bare_text_that_looks_like_a_response_object_is_taken_for_one(client: httpx.Client) -> None:
    assert client.post("/text", content="plain").text == "plain"
    taken = client.post("/text", content='{"body": "inner", "status": 202, "headers": {"x-y": "z"}}')
    assert (taken.status_code, taken.text, taken.headers["x-y"]) == (202, "inner", "z")


@pytest.mark.parametrize("path", ["/sync-web/a/b", "/any/where"])
def test_an_asgi_app_answers_behind_one_function(client: httpx.Client, path: str) -> None:
    answer = client.post(f"{path}?x=1", content="hello")
    assert answer.status_code == 418
    assert answer.headers["x-app"] == "starlette"
    assert answer.json() == {"path": path, "query": {"x": "1"}, "body": "hello"}


def test_the_root_belongs_to_a_catch_all_route(client: httpx.Client) -> None:
    assert client.get("/").status_code == 418


def test_the_host_says_how_it_is_to_holders_of_the_master_key(client: httpx.Client) -> None:
    assert client.get("/admin/host/ping").status_code == 200
    assert client.get("/admin/host/status").status_code == 401
    assert client.get("/admin/host/status", headers={"x-functions-key": FUNCTION_KEY}).status_code == 401
    assert client.get("/Admin/Host/Status", headers={"x-functions-key": MASTER}).json()["state"] == "Running"
    assert client.get("/admin/else", headers={"x-functions-key": MASTER}).status_code == 404


def test_the_ready_line_names_the_functions(host: Child) -> None:
    assert host.ready["keys_required"] is True
    assert host.ready["disabled"] == ["off"]
    assert "http" in host.ready["functions"]


def test_no_key_stands_in_the_log(client: httpx.Client, host: Child) -> None:
    client.get("/items/7", params={"code": FUNCTION_KEY})
    assert FUNCTION_KEY not in host.output()


PLAIN = """
app = func.FunctionApp()

@app.route()
def hello(req: func.HttpRequest) -> func.HttpResponse:
    import os
    return func.HttpResponse(os.environ.get("FROM_FILE", "") + os.environ.get("FROM_BOTH", ""))
"""


def test_without_keys_or_options_the_host_is_as_on_a_developers_machine(tmp_path: Path) -> None:
    app = SampleApp(tmp_path / "app", PLAIN)
    settings = tmp_path / "local.settings.json"
    settings.write_text('{"Values": {"FROM_FILE": "file,", "FROM_BOTH": "file"}}')
    with app.running("--settings", str(settings), FROM_BOTH="environment") as host:
        assert host.ready["keys_required"] is False
        assert httpx.get(host.ready["url"] + "/api/hello").text == "file,environment"
        assert "up and running" in httpx.get(host.ready["url"]).text


def test_keys_are_made_for_their_owner_alone_when_the_file_is_absent(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    with SampleApp(tmp_path / "app", PLAIN).running("--keys", str(keys)) as host:
        url = host.ready["url"] + "/api/hello"
        made: dict[str, Any] = json.loads(keys.read_text())
        assert httpx.get(url).status_code == 401
        assert httpx.get(url, params={"code": made["functionKeys"]["default"]}).status_code == 200
    assert keys.stat().st_mode & 0o077 == 0


def test_a_running_request_is_answered_before_the_host_stops(tmp_path: Path) -> None:
    source = PLAIN.replace("import os", "import os, time; open('began', 'w').close(); time.sleep(1)")
    app = SampleApp(tmp_path / "app", source)
    with app.running() as host, httpx.Client() as client:
        import threading

        answers: list[int] = []
        url = host.ready["url"] + "/api/hello"
        thread = threading.Thread(target=lambda: answers.append(client.get(url).status_code))
        thread.start()
        while not (app.folder / "began").exists():
            pass
        assert host.stop() == 0
        thread.join()
    assert answers == [200]


def test_a_function_that_never_ends_cannot_keep_the_host_alive(tmp_path: Path) -> None:
    source = PLAIN.replace("import os", "import os, time; open('began', 'w').close(); time.sleep(600)")
    app = SampleApp(tmp_path / "app", source, {"functionTimeout": "00:00:01"})
    with app.running("--stop-after", "1") as host:
        assert httpx.get(host.ready["url"] + "/api/hello", timeout=10).status_code == 500
        assert "did not end within functionTimeout, 1 s" in host.output()
        assert host.stop() == 0
