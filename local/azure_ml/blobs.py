"""Blob storage, as far as uploads and downloads by azure-storage-blob use it."""

import base64
import binascii
import re
import xml.etree.ElementTree as ET

from starlette.responses import Response
from starlette.routing import Route

from local.azure_ml.artifacts import REGISTRY_ACCOUNT, REGISTRY_PREFIX
from local.azure_ml.blob_files import content_md5
from local.azure_ml.blob_listing import list_blobs
from local.azure_ml.endpoints import Call, RouteFunction, route
from local.azure_ml.errors import WireError, blob_error
from local.azure_ml.sas import check_sas
from local.azure_ml.state import Blob
from local.azure_ml.world import World

BLOCKS = "?blocks"  # container of blocks not yet committed; no real container can be named so


def container_key(world: World, call: Call) -> str:
    """Return the ``account/container`` a request is for, after checking its SAS.

    Raises:
        WireError: 403.
    """
    account = call.path.get("account", REGISTRY_ACCOUNT).split(".blob.")[0]
    key = f"{account}/{_container(call)}"
    check_sas(world.sas_secret, key, call.query)
    return key


def _container(call: Call) -> str:
    return call.path.get("container") or f"{REGISTRY_PREFIX}{call.path['suffix']}"


def _blob(world: World, call: Call) -> Blob:
    found = world.state.blobs.get(container_key(world, call), {}).get(call.path["blob"])
    if found is None:
        raise blob_error(404, "BlobNotFound", "The specified blob does not exist.")
    return found


def _headers(blob: Blob) -> dict[str, str]:
    headers = {
        "Content-Type": blob.content_type,
        "ETag": f'"0x{blob.sha256[:15].upper()}"',
        "Last-Modified": blob.last_modified,
        "Accept-Ranges": "bytes",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-version": "2023-11-03",
        **{f"x-ms-meta-{key}": value for key, value in blob.metadata.items()},
    }
    return {**headers, "Content-MD5": blob.md5} if blob.md5 else headers


def head_blob(world: World, call: Call) -> Response:
    """HEAD: properties and metadata."""
    blob = _blob(world, call)
    return Response(headers={**_headers(blob), "Content-Length": str(blob.size)})


def get_blob(world: World, call: Call) -> Response:
    """GET, whole or a range; the client always asks for a range first and reads the size from Content-Range."""
    blob = _blob(world, call)
    content, headers = world.files.read(blob), _headers(blob)
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", call.headers.get("x-ms-range") or call.headers.get("range") or "")
    if asked is None:
        return Response(content, 200, headers)
    start = int(asked[1])
    if start >= blob.size:
        raise blob_error(416, "InvalidRange", "The range specified is invalid for the current size of the resource.")
    part = content[start : int(asked[2]) + 1 if asked[2] else None]
    whole_md5 = headers.pop("Content-MD5", None)
    if whole_md5:
        headers["x-ms-blob-content-md5"] = whole_md5
    headers["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{blob.size}"
    return Response(part, 206, headers)


def put_blob(world: World, call: Call) -> Response:
    """PUT: a blob, its metadata, a block, or the list of blocks."""
    blobs = world.state.blobs.setdefault(container_key(world, call), {})
    _check_md5(call)
    match call.query.get("comp"):
        case None:
            return _put_whole(world, call, blobs)
        case "metadata":
            _blob(world, call).metadata = _metadata(call)
            return Response(status_code=200)
        case "block":
            waiting = world.state.blobs.setdefault(BLOCKS, {})
            waiting[f"{call.url_path}?{call.query.get('blockid', '')}"] = world.files.put(call.body)
            return Response(status_code=201)
        case "blocklist":
            return _commit(world, call, blobs)
        case other:
            raise blob_error(501, "NotImplemented", f"comp={other} is not emulated.")


def _put_whole(world: World, call: Call, blobs: dict[str, Blob]) -> Response:
    _refuse_overwrite(call, blobs)
    blob = world.files.put(call.body, call.headers.get("x-ms-blob-content-type", "application/octet-stream"))
    blob.metadata = _metadata(call)
    blobs[call.path["blob"]] = blob
    return Response(status_code=201, headers={k: v for k, v in _headers(blob).items() if k != "Content-Type"})


def _refuse_overwrite(call: Call, blobs: dict[str, Blob]) -> None:
    if call.headers.get("if-none-match") == "*" and call.path["blob"] in blobs:
        raise blob_error(409, "BlobAlreadyExists", "The specified blob already exists.")


def _commit(world: World, call: Call, blobs: dict[str, Blob]) -> Response:
    """Join blocks. The service stores no MD5 of a blob put together like this unless the client sends one."""
    _refuse_overwrite(call, blobs)
    waiting = world.state.blobs.get(BLOCKS, {})
    try:
        names = [f"{call.url_path}?{node.text}" for node in ET.fromstring(call.body)]
        content = b"".join(world.files.read(waiting[name]) for name in names)
    except (ET.ParseError, KeyError) as error:
        raise blob_error(400, "InvalidBlockList", "The specified block list is invalid.") from error
    blob = world.files.put(content, with_md5=False)
    blob.md5 = call.headers.get("x-ms-blob-content-md5")
    blob.metadata = _metadata(call)
    blobs[call.path["blob"]] = blob
    for name in names:
        waiting.pop(name, None)
    return Response(status_code=201, headers={"ETag": _headers(blob)["ETag"], "Last-Modified": blob.last_modified})


def _metadata(call: Call) -> dict[str, str]:
    return {k.removeprefix("x-ms-meta-"): v for k, v in call.headers.items() if k.startswith("x-ms-meta-")}


def _check_md5(call: Call) -> None:
    sent = call.headers.get("content-md5")
    if sent is not None and sent != content_md5(call.body):
        raise _bad_md5(sent)


def _bad_md5(sent: str) -> WireError:
    try:
        base64.b64decode(sent, validate=True)
    except binascii.Error:
        return blob_error(400, "InvalidMd5", "The MD5 value specified in the request is invalid.")
    return blob_error(400, "Md5Mismatch", "The MD5 value specified in the request did not match with the calculated.")


def delete_blob(world: World, call: Call) -> Response:
    """DELETE of one blob."""
    _blob(world, call)
    del world.state.blobs[container_key(world, call)][call.path["blob"]]
    return Response(status_code=202)


def list_container(world: World, call: Call) -> Response:
    """GET ``?restype=container&comp=list``: names, sizes and MD5s."""
    key = container_key(world, call)
    if call.query.get("comp") != "list":
        raise blob_error(501, "NotImplemented", "Of container operations only List Blobs is emulated.")
    xml = list_blobs(world.state.blobs.get(key, {}), _container(call), call.query)
    return Response(xml, 200, {"Content-Type": "application/xml"})


def blob_routes() -> list[Route]:
    """Return all routes of this module: workspace storage under ``/blob``, registry storage at the root."""
    functions: dict[str, RouteFunction] = {"HEAD": head_blob, "GET": get_blob, "PUT": put_blob, "DELETE": delete_blob}
    routes = []
    for container in ("/blob/{account}/{container}", f"/{REGISTRY_PREFIX}{{suffix}}"):
        routes.append(route("GET", container, "blob", list_container))
        routes += [route(m, f"{container}/{{blob:path}}", "blob", function) for m, function in functions.items()]
    return routes
