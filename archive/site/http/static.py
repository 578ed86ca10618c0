"""The site's own files: read once, compressed once, named by their content so that browsers keep them for good."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from archive.site.http.compression import LEAST_BYTES, accepts
from archive.site.http.validators import is_known

try:
    import brotli
except ImportError:  # pragma: no cover - it comes with Scrapy's HTTP support; gzip serves without it
    brotli = None

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file with its compressed forms by content coding, and a digest of its bytes."""

    content_type: str
    digest: str
    bodies: dict[str, bytes]


@cache
def static_files() -> dict[str, StaticFile]:
    """All files of `static/` by name."""
    found = {}
    for file in resources.files("archive.site").joinpath("static").iterdir():
        body = file.read_bytes()
        ending = "." + file.name.rpartition(".")[2]
        bodies = {"": body}
        if ending in _TYPES and len(body) >= LEAST_BYTES:
            bodies["gzip"] = gzip.compress(body, 9, mtime=0)
            if brotli is not None:
                bodies["br"] = brotli.compress(body)
        kind = _TYPES.get(ending) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        found[file.name] = StaticFile(kind, hashlib.sha256(body).hexdigest()[:12], bodies)
    return found


def static_path(name: str) -> str:
    """The path of a file of the site, which changes with its content. Raises `KeyError` for one that is not there."""
    return f"/static/{name}?v={static_files()[name].digest}"


async def static_response(request: Any) -> Any:
    """A file of the site; `None` if there is none of the name."""
    from datasette import Response

    file = static_files().get(request.url_vars["name"])
    if file is None:
        return None
    coding = next((name for name in ("br", "gzip") if name in file.bodies and accepts(request.scope, name)), "")
    headers = {"etag": f'"{file.digest}{coding}"', "vary": "accept-encoding"}
    is_named = request.args.get("v") == file.digest
    headers["cache-control"] = "public, max-age=31536000, immutable" if is_named else "public, max-age=300"
    if coding:
        headers["content-encoding"] = coding
    if is_known(request.scope, headers["etag"], is_there=True):
        return Response("", status=304, headers=headers)
    return Response(body=file.bodies[coding], status=200, headers=headers, content_type=file.content_type)
