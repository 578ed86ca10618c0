"""Whether a record can be kept: it is read back as `ogi verify` and ingest would read it, before it is written.

What is sealed stays. So a record that verification would call damage, or that ingest could not read, never gets into a segment: its bytes are
set aside under `quarantine/` with the reason, and whoever wrote it names it.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.errors import DamagedArchive
from archive.warc.checks import faults_of
from archive.warc.members import compress
from extract.errors import OgiError
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.warc.records import Record

#: Folder in the archive of what could not be kept.
QUARANTINE = "quarantine"
_INDEX = "index.jsonl"
#: Clocks of other crawlers go wrong by less.
_AHEAD = timedelta(days=2)
_HEAD_ENDS = (b"\r\n\r\n", b"\n\n")


class UnfitRecord(OgiError):
    """Raised when a record can't be kept, by segments and imports; nothing of it was written."""


def require_fit(records: Sequence[bytes], root: Path, segment: str) -> None:
    """Read records back that are about to be written into a segment. If one is unfit, all of them are set aside.

    Raises:
        UnfitRecord: With the reason.
    """
    for data in records:
        faults = faults_of(data)
        if faults:
            reason = "; ".join(fault.message for fault in faults[:3])
            set_aside(root, segment, records, reason)
            raise UnfitRecord(f"its record can't be kept: {reason}; its bytes are in {QUARANTINE}/")


def set_aside(root: Path, segment: str, records: Sequence[bytes], reason: str) -> None:
    """Keep records outside the segments, durably, with the reason."""
    folder = root / QUARANTINE
    folder.mkdir(exist_ok=True)
    name = f"{segment.partition('.warc')[0]}.warc.gz"
    with (folder / name).open("ab") as stream:
        offset = stream.tell()
        stream.write(b"".join(map(compress, records)))
        stream.flush()
        os.fsync(stream.fileno())
    line = {"file": name, "offset": offset, "records": len(records), "reason": reason}
    with (folder / _INDEX).open("a", encoding="utf-8") as stream_of_lines:
        stream_of_lines.write(json.dumps(line, ensure_ascii=True) + "\n")
        stream_of_lines.flush()
        os.fsync(stream_of_lines.fileno())


def count_set_aside(root: Path) -> int:
    """How many times something was set aside in an archive's folder."""
    try:
        return (root / QUARANTINE / _INDEX).read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def why_unfit(record: Record, now: datetime) -> str:
    """Why a capture of somebody else's file can't be taken; empty if it can."""
    try:
        host = urlsplit(record.uri).hostname
    except ValueError as error:
        return localizable(f"its address is none ({error})")
    if not host:
        return localizable("its address names no host")
    try:
        if record.date > now + _AHEAD:
            return localizable(f"it is dated {record.get('WARC-Date')}, which is still to come")
    except DamagedArchive:
        return localizable(f"WARC-Date {(record.get('WARC-Date') or '')[:40]!r} is no date that a capture can have")
    return _why_no_answer(record)


def _why_no_answer(record: Record) -> str:
    if record.type == "resource" or not record.block:
        return ""
    if record.http_status is None:
        return localizable("its block is no answer of HTTP")
    if not any(end in record.block for end in _HEAD_ENDS):
        return localizable("its answer ends within the head")
    return ""
