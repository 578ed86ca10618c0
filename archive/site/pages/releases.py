"""Releases: frozen packages with a manifest each, the newest at an address that stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archive.site.errors import not_found
from archive.site.files import FileResponse
from archive.site.state import archive_of, site_url
from archive.site.view import render


def releases(exports: Path) -> list[dict[str, Any]]:
    """The frozen packages under `exports/`, newest first."""
    found = []
    for descriptor in exports.glob("*/datapackage.json"):
        package = json.loads(descriptor.read_text("utf-8"))
        if package.get("release"):
            files = [
                {
                    "path": item["path"],
                    "bytes": (descriptor.parent / item["path"]).stat().st_size,
                    "rows": item["rows"],
                    "hash": item["hash"],
                }
                for item in package["resources"]
            ]
            found.append(
                {
                    "name": package["release"],
                    "folder": descriptor.parent.name,
                    "created": package.get("created"),
                    "files": files,
                }
            )
    return sorted(found, key=lambda item: str(item["created"]), reverse=True)


async def index(datasette: Any, request: Any) -> Any:
    """The page of all releases."""
    found = releases(archive_of(datasette).exports_dir)
    return await render(datasette, request, "releases.html", {"releases": found}, section="data")


async def latest(datasette: Any, request: Any) -> Any:
    """The manifest of the newest release."""
    from datasette import Response

    found = releases(archive_of(datasette).exports_dir)
    if not found:
        return await not_found(datasette, request)
    return Response.json(_manifest(site_url(datasette), found, 0))


async def manifest(datasette: Any, request: Any) -> Any:
    """The manifest of one release."""
    from datasette import Response

    found = releases(archive_of(datasette).exports_dir)
    place = next((n for n, release in enumerate(found) if release["folder"] == request.url_vars["release"]), None)
    if place is None:
        return await not_found(datasette, request)
    return Response.json(_manifest(site_url(datasette), found, place))


def _manifest(base: str, found: list[dict[str, Any]], place: int) -> dict[str, Any]:
    """What is in a release: its files with their bytes, rows and SHA-256 in hex, and the release before it."""
    release = found[place]
    folder = f"{base}/releases/{release['folder']}"
    return {
        "schema": 1,
        "id": release["name"],
        "made_at": release["created"],
        "previous": found[place + 1]["name"] if place + 1 < len(found) else None,
        "manifest": f"{folder}/manifest.json",
        "datapackage": f"{folder}/datapackage.json",
        "database": f"{base}/ogi.db",
        "licence": "CC BY 4.0",
        "files": [
            {
                "path": file["path"],
                "url": f"{folder}/{file['path']}",
                "bytes": file["bytes"],
                "rows": file["rows"],
                "sha256": file["hash"].partition(":")[2],
            }
            for file in release["files"]
        ],
    }


async def download(datasette: Any, request: Any) -> Any:
    """A file of a frozen release."""
    folder, name = request.url_vars["release"], request.url_vars["file"]
    archive = archive_of(datasette)
    known = {
        (release["folder"], file["path"]): file
        for release in releases(archive.exports_dir)
        for file in release["files"]
    }
    if (folder, name) not in known and name not in ("datapackage.json", "README.md", "CHANGES.md"):
        return await not_found(datasette, request)
    path = archive.exports_dir / folder / name
    if not path.is_file() or folder not in {release["folder"] for release in releases(archive.exports_dir)}:
        return await not_found(datasette, request)

    return FileResponse(path, content_type="application/octet-stream")


ROUTES = (
    (r"^/releases/?$", index),
    (r"^/releases/latest\.json$", latest),
    (r"^/releases/(?P<release>[A-Za-z0-9._-]+)/manifest\.json$", manifest),
    (r"^/releases/(?P<release>[A-Za-z0-9._-]+)/(?P<file>(?:data/)?[A-Za-z0-9._-]+)$", download),
)
