"""Whether a record can be kept: it is read back as `ogi verify` and ingest would read it, before it is written.

What is sealed stays. So a record that verification would call damage, or that ingest could not read, never gets into a segment: its bytes are
set aside (`archive.warc.quarantine`) with the reason, and whoever wrote it names it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.errors import DamagedArchive
from archive.warc.checks import faults_of
from extract.errors import OgiError
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from archive.warc.records import Record

#: Clocks of other crawlers go wrong by less.
_AHEAD = timedelta(days=2)
_HEAD_ENDS = (b"\r\n\r\n", b"\n\n")


class UnfitRecord(OgiError):
    """Raised when a record can't be kept, by segments and imports; nothing of it was written."""


def why_not_kept(records: Sequence[bytes]) -> str:
    """Read records back that are about to be written into a segment. Gives why one of them can't be kept; empty if all can."""
    for data in records:
        faults = faults_of(data)
        if faults:
            return "; ".join(fault.message for fault in faults[:3])
    return ""


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
