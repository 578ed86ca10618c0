"""Captures that lie below `warc/` and that no line of the manifest covers: who reads the folder with another program takes them for the archive's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.files.store import OPEN_SUFFIX
from archive.files.store import SUFFIX as SEGMENT
from archive.verify.torn import SUFFIX as TORN
from archive.warc.containers import form_of
from archive.warc.salvage import AGAIN

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.verify.claims import ClaimJudgement

#: Of files in `warc/` itself with these endings others speak: the manifest's names, what is open or being repaired, what was torn.
_KNOWN = (SEGMENT, SEGMENT + OPEN_SUFFIX, SEGMENT + OPEN_SUFFIX + AGAIN, TORN)


def check_strays(archive: Archive, judged: ClaimJudgement) -> None:
    """Name every file that holds captures by what it holds, whatever it is called and in whichever folder."""
    for path in sorted(archive.warc_dir.rglob("*")):
        is_known = path.parent == archive.warc_dir and path.name.endswith(_KNOWN)
        if is_known or not path.is_file():
            continue
        form = form_of(path)
        if form is not None:
            name = path.relative_to(archive.warc_dir).as_posix()
            judged.damaged(f"holds captures ({form}), and no line of manifest.jsonl covers it", name, "unlisted")
