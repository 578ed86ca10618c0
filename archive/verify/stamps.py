"""When the archive existed: claim `when`. Time stamps (RFC 3161) of lines, as older releases ask for them, and of checkpoints."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.verify.claims import Judgement
from archive.warc.timestamps import StampFailed, check_token, confirm_token, read_token
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography.x509 import Certificate

    from archive.verify.chain import Chain
    from archive.warc.manifest import Entry


def check_when(chain: Chain, authorities: Sequence[Certificate] = ()) -> Judgement:
    """Check every time stamp, and which of them services gave whose root certificate somebody trusts."""
    judged = Judgement("when")
    stamped: list[tuple[Entry, datetime]] = []
    for entry in chain.lines:
        if entry.timestamp is not None:
            at = _check_line(entry, judged)
            if at is not None:
                stamped.append((entry, at))
    if not stamped:
        judged.doubts.append("no line has a time stamp")
        return judged
    why = "says a service whose certificate nobody confirmed"
    for entry, at in reversed(stamped) if authorities else ():
        try:
            service = confirm_token(base64.b64decode(entry.timestamp or ""), authorities)
        except StampFailed as error:
            why = str(error)
            continue
        judged.last, judged.proof = entry.number, f"{_existed(chain, entry, at)}, says {service}"
        return judged
    judged.last = stamped[-1][0].number
    judged.doubts.append(f"{_existed(chain, *stamped[-1])}, {why}")
    return judged


def _existed(chain: Chain, entry: Entry, at: datetime) -> str:
    later = len(chain.lines) - entry.number
    return f"line {entry.number} existed on {utc_text(at)}" + (
        f"; {later} newer lines have no time stamp yet" if later else ""
    )


def _check_line(entry: Entry, judged: Judgement) -> datetime | None:
    place = localizable(f"manifest.jsonl line {entry.number}")
    try:
        token = base64.b64decode(entry.timestamp or "", validate=True)
        stamp = read_token(token)
        check_token(token)
    except (StampFailed, ValueError) as error:
        judged.damaged(f"the time stamp of {place}: {error}", entry.segment)
        return None
    if stamp.digest != hashlib.sha256(entry.stamped_text()).digest():
        judged.damaged(f"the time stamp of {place} is not over this line", entry.segment)
        return None
    return stamp.at
