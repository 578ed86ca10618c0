"""When the archive existed: claim `when`. Time stamps (RFC 3161) of lines, as older releases ask for them, and of checkpoints."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.verify.bounds import StampedState
from archive.verify.claims import ClaimJudgement
from archive.warc import growth
from archive.warc.kept_heads import kept_heads
from archive.warc.notes import BadNote
from archive.warc.timestamps import StampFailed, check_token, confirm_token, read_token
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509 import Certificate

    from archive.files.folder import Archive
    from archive.verify.anchors import Anchors
    from archive.verify.chain import Chain
    from archive.warc.checkpoint import Checkpoint
    from archive.warc.manifest import ManifestLine
    from archive.warc.notes import Note


def check_when(
    archive: Archive, chain: Chain, anchors: Anchors, moments: list[StampedState] | None = None
) -> ClaimJudgement:
    """Check every time stamp and cosignature, and which of them are of services and witnesses that somebody trusts.

    Args:
        moments: Takes in when the chain was seen, by whomever.
    """
    judged = ClaimJudgement("when")
    moments = [] if moments is None else moments
    heads = [
        *_kept(archive, judged),
        *(_Seen(one.checkpoint, one.note, {}, one.source) for one in anchors.heads if one.checkpoint and one.note),
    ]
    known = _of_this_chain(archive, chain, heads, judged)
    found = [
        *_by_witnesses(chain, known, anchors, moments),
        *_by_services(chain, known, anchors.authorities, judged, moments),
    ]
    lines = _check_lines(chain, anchors.authorities, judged, moments)
    if lines.proof:
        found.append((lines.last or 0, lines.proof))
    if found:
        judged.last, judged.proof = max(found)
        judged.doubts.clear()
    else:
        judged.last = lines.last
        judged.doubts += lines.doubts if lines.last or not judged.doubts else []
    return judged


#: The last second that a date can have, 9999-12-31: a witness may state any 64 bits.
_LATEST = 253402300799


@dataclass(frozen=True, slots=True)
class _Seen:
    """A checkpoint that others may have seen, with what they made of it."""

    checkpoint: Checkpoint
    note: Note
    tokens: dict[str, bytes]
    place: str


def _kept(archive: Archive, judged: ClaimJudgement) -> list[_Seen]:
    try:
        return [_Seen(one.checkpoint, one.note, one.tokens, one.place) for one in kept_heads(archive)]
    except BadNote as error:
        judged.damaged(str(error))
        return []


def _of_this_chain(archive: Archive, chain: Chain, heads: list[_Seen], judged: ClaimJudgement) -> list[_Seen]:
    """Those whose lines the chain has; another one that lies in the archive contradicts it."""
    sizes = [one.checkpoint.size for one in heads]
    is_ahead = any(size > len(chain.raw) for size in sizes)  # a harvest beside us added lines, and published them
    state = growth.state_of(growth.whole_lines(archive) if is_ahead else chain.raw, sizes)
    found = []
    for one in heads:
        if state.roots.get(one.checkpoint.size) == one.checkpoint.root:
            found.append(one)
        elif one.place.startswith("proof/"):  # others are judged with `complete`
            judged.damaged(
                f"{one.place} is of {one.checkpoint.size} lines that this chain doesn't have: lines were changed or cut off",
                kind="head",
            )
    return found


def _by_witnesses(
    chain: Chain, heads: Sequence[_Seen], anchors: Anchors, moments: list[StampedState]
) -> list[tuple[int, str]]:
    """What as many trusted witnesses as are asked for have seen: size and sentence."""
    found = []
    for one in heads:
        times = {key.name: at for key in anchors.witnesses if (at := one.note.cosigned_at(key)) is not None}
        if len(times) >= max(1, anchors.quorum):
            seen = datetime.fromtimestamp(min(sorted(times.values())[max(1, anchors.quorum) - 1], _LATEST), UTC)
            moments.append(StampedState(one.checkpoint.size, seen, None, is_in_line=False))
            found.append(
                (one.checkpoint.size, f"{_existed(chain, one.checkpoint.size, seen)}, say {', '.join(sorted(times))}")
            )
    return found


def _by_services(
    chain: Chain,
    heads: Sequence[_Seen],
    authorities: Sequence[Certificate],
    judged: ClaimJudgement,
    moments: list[StampedState],
) -> list[tuple[int, str]]:
    """What trusted services stamped; a token that is over something else, or altered, is damage whoever gave it."""
    found = []
    for one in heads:
        for name, token in one.tokens.items():
            try:
                stamp = read_token(token)
                check_token(token)
            except StampFailed as error:
                judged.damaged(f"the time stamp {one.place}/{name}: {error}")
                continue
            if stamp.digest != hashlib.sha256(one.checkpoint.text.encode()).digest():
                judged.damaged(f"the time stamp {one.place}/{name} is not over the checkpoint beside it")
                continue
            moments.append(StampedState(one.checkpoint.size, stamp.at, token, is_in_line=False))
            try:
                service = confirm_token(token, authorities) if authorities else ""
            except StampFailed as error:
                service = ""
                judged.doubts.append(f"{one.place}/{name}: {error}")
            if service:
                found.append((one.checkpoint.size, f"{_existed(chain, one.checkpoint.size, stamp.at)}, says {service}"))
            elif not authorities:
                judged.doubts.append(
                    f"{_existed(chain, one.checkpoint.size, stamp.at)}, says a service whose certificate nobody confirmed ({name})"
                )
    return found


def _check_lines(
    chain: Chain, authorities: Sequence[Certificate], outer: ClaimJudgement, moments: list[StampedState]
) -> ClaimJudgement:
    """The time stamps of lines, as `proof.timestamp_url` asks for them."""
    judged = ClaimJudgement("when", damages=outer.damages)
    stamped: list[tuple[ManifestLine, datetime]] = []
    for entry in chain.lines:
        if entry.timestamp is not None:
            at = _check_line(entry, judged)
            if at is not None:
                stamped.append((entry, at))
                moments.append(StampedState(entry.number, at, base64.b64decode(entry.timestamp), is_in_line=True))
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
        judged.last, judged.proof = entry.number, f"{_existed(chain, entry.number, at)}, says {service}"
        return judged
    judged.last = stamped[-1][0].number
    judged.doubts.append(f"{_existed(chain, stamped[-1][0].number, stamped[-1][1])}, {why}")
    return judged


def _existed(chain: Chain, number: int, at: datetime) -> str:
    later = len(chain.lines) - number
    return f"line {number} existed on {utc_text(at)}" + (
        f"; {later} newer lines have no time stamp yet" if later else ""
    )


def _check_line(entry: ManifestLine, judged: ClaimJudgement) -> datetime | None:
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
