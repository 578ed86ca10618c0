"""The proof file of a claim: what `ogi prove` writes, for a stranger who checks it offline; or why there is none."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.publish.prove import prove
from archive.publish.spreadsheet import attachment
from archive.site.errors import not_found
from archive.site.proofs import Proof, proof_of_duty, proof_of_report
from archive.site.state import archive_of
from archive.site.view import render
from extract.errors import OgiError

#: Kinds of claims that a file can prove: of the others the archive has no bytes that show them.
PROVABLE = ("published", "revised", "vanished", "missing")
#: A file reads whole segments: one at a time.
_ONE_AT_A_TIME = asyncio.Lock()


def what_of(proof: Proof) -> str | None:
    """What `ogi prove` calls the claim; `None` for one that no file proves, that doesn't hold, or that is about another day than the last."""
    if proof.kind not in PROVABLE or not proof.holds:
        return None
    if proof.kind == "missing":
        return f"absence:{proof.agency_id}/{proof.year}" if proof.facts["is_last"] else None
    return str(proof.facts["change"]) if proof.kind in ("revised", "vanished") else f"{proof.report}@{proof.pin}"


def file_name(proof: Proof) -> str:
    """The name that the file is saved under."""
    return f"{proof.kind}-{proof.report or f'{proof.agency_id}-{proof.year}'}-{proof.pin}.wacz"


async def duty_file(datasette: Any, request: Any) -> Any:
    """The file for a report that is missing or unknown."""
    year, pin = int(request.url_vars["year"]), request.url_vars["day"]
    found = await proof_of_duty(datasette, request.url_vars["kind"], request.url_vars["agency"], year, pin)
    return await _file(datasette, request, found)


async def report_file(datasette: Any, request: Any) -> Any:
    """The file for a report that was published, revised or vanished."""
    found = await proof_of_report(
        datasette, request.url_vars["kind"], request.url_vars["report"], request.url_vars["version"]
    )
    return await _file(datasette, request, found)


async def _file(datasette: Any, request: Any, proof: Proof | None) -> Any:
    from datasette import Response

    what = what_of(proof) if proof is not None else None
    if proof is None or what is None:
        return await not_found(datasette, request)
    archive = archive_of(datasette)
    with tempfile.TemporaryDirectory(prefix="ogi-proof-") as folder:
        out = Path(folder) / "proof.wacz"
        try:
            async with _ONE_AT_A_TIME:
                await asyncio.to_thread(prove, archive, what, out, datetime.now(UTC))
        except OgiError as problem:  # no segments here (a copy without evidence), an archive without a manifest
            return await render(datasette, request, "no_proof_file.html", {"problem": str(problem)}, status=409)
        content = out.read_bytes()
    return Response(
        body=content,
        content_type="application/wacz+zip",
        headers={"content-disposition": attachment(file_name(proof)), "x-ogi-claim": what},
    )


ROUTES = (
    (
        r"^/proof/(?P<kind>missing|unknown)/(?P<agency>[A-Za-z0-9-]+)/(?P<year>(?:19|20)[0-9]{2})@(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.wacz$",
        duty_file,
    ),
    (
        r"^/proof/(?P<kind>published|revised|vanished)/(?P<report>[A-Za-z0-9-]+)@(?P<version>[0-9]{1,9}(?:\.\.[0-9]{1,9})?)\.wacz$",
        report_file,
    ),
)
