"""Data for whoever wants it: downloads, releases, dictionary, method, accuracy, and an API guide with examples that work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archive.index.indicators import OFFERED
from archive.site.errors import not_found
from archive.site.files import FileResponse
from archive.site.i18n import Translator, language_of
from archive.site.memory import steady
from archive.site.metadata import PUBLIC_TABLES
from archive.site.public_copy import is_offered, public_database
from archive.site.ready import ready_queries
from archive.site.state import archive_of, site_url
from archive.site.view import render, rows


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


async def data(datasette: Any, request: Any) -> Any:
    """The page about data."""
    counts = {}
    for table in PUBLIC_TABLES:
        if table != "figures":  # a view over four tables: counting it reads them all
            counts[table] = (await steady(datasette, f"select count(*) as n from {table}"))[0]["n"]
    archive = archive_of(datasette)
    found = releases(archive.exports_dir)
    example = await rows(datasette, "select id, url from reports order by year desc, id desc limit 1")
    from archive.verify.run import head

    return await render(
        datasette,
        request,
        "data.html",
        {
            "tables": PUBLIC_TABLES,
            "queries": ready_queries(),
            "counts": counts,
            "releases": found,
            "example": example[0] if example else None,
            "dataset": described(site_url(datasette), Translator(language_of(request)), found),
            "has_database": is_offered(archive),
            "database_size": archive.db_path.stat().st_size,
            "head": head(archive) if archive.manifest_path.exists() else None,
        },
        section="data",
    )


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


async def latest(datasette: Any, request: Any) -> Any:
    """The newest release as a manifest: its files with their bytes, rows and SHA-256 in hex."""
    from datasette import Response

    found = releases(archive_of(datasette).exports_dir)
    if not found:
        return await not_found(datasette, request)
    base = site_url(datasette)
    newest = found[0]
    content = {
        "schema": 1,
        "id": newest["name"],
        "made_at": newest["created"],
        "previous": found[1]["name"] if len(found) > 1 else None,
        "manifest": f"{base}/releases/{newest['folder']}/datapackage.json",
        "files": [
            {
                "path": file["path"],
                "url": f"{base}/releases/{newest['folder']}/{file['path']}",
                "bytes": file["bytes"],
                "rows": file["rows"],
                "sha256": file["hash"].partition(":")[2],
            }
            for file in newest["files"]
        ],
    }
    return Response(json.dumps(content, ensure_ascii=False), content_type="application/json; charset=utf-8")


def described(base: str, translate: Translator, found: list[dict[str, Any]]) -> dict[str, Any]:
    """The data as schema.org describes it, for those who look for data sets."""
    files = [
        {
            "@type": "DataDownload",
            "contentUrl": f"{base}/releases/{release['folder']}/{file['path']}",
            "contentSize": f"{file['bytes']} B",
            "sha256": file["hash"].partition(":")[2],
        }
        for release in found[:1]
        for file in release["files"]
    ]
    tables = [
        {"@type": "DataDownload", "contentUrl": f"{base}/data/{table}.csv", "encodingFormat": "text/csv"}
        for table in PUBLIC_TABLES
    ]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": translate("site.name"),
        "description": translate("data.lead"),
        "url": f"{base}/data",
        "inLanguage": ["zh-Hans", "en"],
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "spatialCoverage": {"@type": "Place", "name": "China"},
        "variableMeasured": [item.en for item in OFFERED],
        "distribution": files + tables,
    }


async def whole_database(datasette: Any, request: Any) -> Any:
    """The database as one file."""
    path = await public_database(datasette)
    if path is None:
        return await not_found(datasette, request)
    return FileResponse(path, content_type="application/vnd.sqlite3")


ROUTES = (
    (r"^/data$", data),
    (r"^/ogi\.db$", whole_database),
    (r"^/releases/latest\.json$", latest),
    (r"^/releases/(?P<release>[A-Za-z0-9._-]+)/(?P<file>(?:data/)?[A-Za-z0-9._-]+)$", download),
)
