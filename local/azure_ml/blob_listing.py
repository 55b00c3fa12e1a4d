"""List Blobs as XML (learn.microsoft.com/rest/api/storageservices/list-blobs)."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from local.azure_ml.state import Blob

MOST_PER_PAGE = 5000


def list_blobs(blobs: Mapping[str, Blob], container: str, query: Mapping[str, str]) -> str:
    """Return one page of a listing.

    Args:
        blobs: all blobs of the container, by name.
        container: its name.
        query: ``prefix``, ``delimiter``, ``marker`` (the first name of the page), ``maxresults``, ``include``.
    """
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    names = sorted({_folded(name, prefix, delimiter) for name in blobs if name.startswith(prefix)})
    names = [name for name in names if name >= query.get("marker", "")]
    size = min(int(query.get("maxresults") or MOST_PER_PAGE), MOST_PER_PAGE)
    root = ET.Element("EnumerationResults", ContainerName=container)
    ET.SubElement(root, "Prefix").text = prefix
    if "maxresults" in query:  # the client takes the size of its next page from here
        ET.SubElement(root, "MaxResults").text = query["maxresults"]
    page = ET.SubElement(root, "Blobs")
    for name in names[:size]:
        if name in blobs:
            _add_blob(page, name, blobs[name], with_metadata="metadata" in query.get("include", ""))
        else:
            ET.SubElement(ET.SubElement(page, "BlobPrefix"), "Name").text = name
    ET.SubElement(root, "NextMarker").text = names[size] if len(names) > size else None
    return '<?xml version="1.0" encoding="utf-8"?>' + ET.tostring(root, encoding="unicode")


def _folded(name: str, prefix: str, delimiter: str) -> str:
    """Return the name, or the virtual folder that stands for it."""
    rest = name[len(prefix) :]
    return prefix + rest.split(delimiter, 1)[0] + delimiter if delimiter and delimiter in rest else name


def _add_blob(page: ET.Element, name: str, blob: Blob, *, with_metadata: bool) -> None:
    node = ET.SubElement(page, "Blob")
    ET.SubElement(node, "Name").text = name
    properties = ET.SubElement(node, "Properties")
    fields = {
        "Creation-Time": blob.last_modified,
        "Last-Modified": blob.last_modified,
        "Etag": f"0x{blob.sha256[:15].upper()}",
        "Content-Length": str(blob.size),
        "Content-Type": blob.content_type,
        "Content-MD5": blob.md5 or "",
        "BlobType": "BlockBlob",
        "LeaseStatus": "unlocked",
        "LeaseState": "available",
    }
    for key, value in fields.items():
        ET.SubElement(properties, key).text = value
    if with_metadata:
        metadata = ET.SubElement(node, "Metadata")
        for key, value in blob.metadata.items():
            ET.SubElement(metadata, key).text = value
