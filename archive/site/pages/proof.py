"""Proof cards: one address for a claim, with what it rests on, how to check it, and what would overturn it."""

from __future__ import annotations

import dataclasses
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from archive.errors import DamagedArchive
from archive.site.errors import not_found
from archive.site.i18n import Translator, language_of
from archive.site.pages.proof_file import file_name, what_of
from archive.site.proofs import Proof, is_day, proof_of_duty, proof_of_report
from archive.site.reports import label_of
from archive.site.state import archive_of, site_url
from archive.site.view import render
from archive.warc.digests import in_hex

if TYPE_CHECKING:
    from archive.files.folder import Archive

logger = logging.getLogger(__name__)


async def duty(datasette: Any, request: Any) -> Any:
    """An agency's report of a year that is missing, or that nobody can speak of."""
    pin = request.url_vars["day"]
    if pin is not None and not is_day(pin):
        return await not_found(datasette, request)
    found = await proof_of_duty(
        datasette, request.url_vars["kind"], request.url_vars["agency"], int(request.url_vars["year"]), pin
    )
    return await _card(datasette, request, found)


async def report(datasette: Any, request: Any) -> Any:
    """A report that was published, revised or vanished."""
    found = await proof_of_report(
        datasette, request.url_vars["kind"], request.url_vars["report"], request.url_vars["version"]
    )
    return await _card(datasette, request, found)


def address_of(proof: Proof) -> str:
    """The address that stays."""
    where = proof.report if proof.kind in ("published", "revised", "vanished") else f"{proof.agency_id}/{proof.year}"
    return f"/proof/{proof.kind}/{where}@{proof.pin}"


def commands(proof: Proof, site: str) -> list[str]:
    """What a stranger types to check the first look that has bytes: fetch them, and compare their digest."""
    wanted = [look for look in proof.looks if look.capture and look.digest]
    look = next((one for one in wanted if one.is_good != (proof.kind == "vanished")), wanted[0] if wanted else None)
    if look is None or look.capture is None or look.digest is None:
        return []
    name, _, value = in_hex(look.digest).partition(":")
    return [
        f"curl -s -o capture.bin '{site}/raw/{quote(look.capture, safe='')}'",
        f"echo '{value}  capture.bin' | {name}sum -c",
    ]


async def _card(datasette: Any, request: Any, found: Proof | None) -> Any:
    from datasette import Response

    if found is None:
        return await not_found(datasette, request)
    translate = Translator(language_of(request))
    site = site_url(datasette)
    claim = translate(
        f"proof.claim_{found.kind}" if found.holds else "proof.claim_not",
        agency=found.agency,
        year=found.year,
        day=found.pin,
        what=translate(f"proof.kind_{found.kind}"),
        version=found.facts.get("version", ""),
        before=found.facts.get("before", ""),
    )
    address = address_of(found)
    file = f"{address}.wacz" if what_of(found) else None
    if request.url_vars["format"]:
        content = {
            "claim": claim,
            "address": site + address,
            **dataclasses.asdict(found),
            "looks": [{**dataclasses.asdict(look), "digest": in_hex(look.digest)} for look in found.looks],
            "commands": commands(found, site),
            "file": file and site + file,
        }
        content["facts"].pop("absent", None)
        return Response(json.dumps(content, ensure_ascii=False), content_type="application/json; charset=utf-8")
    context = {
        "proof": found,
        "claim": claim,
        "address": address,
        "commands": commands(found, site),
        "file": file,
        "file_name": file_name(found),
        "head": _head(archive_of(datasette)),
        "quote": quote,
        "figures": [
            {**row, "label": label_of(f"{row['table']}.{row['row']}.{row['column']}", translate.language)}
            for row in found.figures
        ],
    }
    return await render(datasette, request, "proof.html", context, section="missing")


def _head(archive: Archive) -> str | None:
    """The end of the manifest's chain; `None` where it proves nothing."""
    from archive.verify.run import head

    try:
        return head(archive) if archive.manifest_path.exists() else None
    except DamagedArchive as damage:
        logger.warning("the manifest proves nothing: %s", damage)
        return None


ROUTES = (
    (
        r"^/proof/(?P<kind>missing|unknown)/(?P<agency>[A-Za-z0-9-]+)/(?P<year>(?:19|20)[0-9]{2})(?:@(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}))?(?P<format>\.json)?$",
        duty,
    ),
    (
        r"^/proof/(?P<kind>published|vanished)/(?P<report>[A-Za-z0-9-]+)(?:@(?P<version>[0-9]{1,9}))?(?P<format>\.json)?$",
        report,
    ),
    (
        r"^/proof/(?P<kind>revised)/(?P<report>[A-Za-z0-9-]+)(?:@(?P<version>[0-9]{1,9}(?:\.\.[0-9]{1,9})?))?(?P<format>\.json)?$",
        report,
    ),
)
