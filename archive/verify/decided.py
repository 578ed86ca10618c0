"""What people decided, and where in the history: claim `decisions`.

`decisions.jsonl` is a chain of its own. The manifest holds on to it: each line carries the hash of the last decision before it. A decision says
how many lines there were when it was made, so the next line must be the first that knows it; and a statement in that line's segment has its
text.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.files.inside import open_file
from archive.files.store import open_segments
from archive.verify.claims import ClaimJudgement
from archive.warc import statements
from archive.warc.members import BrokenMember, iter_members
from extract.document.notations import parse_json
from extract.document.numerals import is_whole
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.files.folder import Archive
    from archive.verify.chain import Chain
    from archive.warc.statements import Sealed


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: bytes
    hash: str
    data: dict[str, Any]


def check_decisions(archive: Archive, chain: Chain) -> ClaimJudgement:
    """Check the chain of decisions, their place in the manifest's, and their sealed text."""
    judged = ClaimJudgement("decisions")
    lines = _read(archive, judged)
    first_known = _check_manifest(chain, lines, judged)
    _check_places(lines, first_known, judged)
    _check_tail(archive, chain, lines, first_known, judged)
    try:
        sealed = list(statements.read_statements(archive, statements.DECISIONS, chain.lines))
    except DamagedArchive as error:
        judged.damaged(str(error))
    else:
        _check_statements(lines, sealed, judged)
        covered = {number for one in sealed for number in _numbers(one)}
        older = [line.number for line in lines if line.number not in covered and line.number in first_known]
        if older and not judged.damages:
            judged.notes.append(f"decisions {_span(older)} are held by their hash alone, as an older release left them")
    for line in lines:
        if line.data.get("kind") == "rollback":
            judged.notes.append(
                f"on {line.data.get('at')} this archive was taken back from {line.data.get('had')} to {line.data.get('line')} lines: {line.data.get('reason')}"
            )
    judged.proof = f"{len(lines)}" if lines else localizable("none were made")
    return judged


def _span(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _read(archive: Archive, judged: ClaimJudgement) -> list[_Line]:
    """Every whole line that can be read; the file's own chain is checked."""
    try:
        *whole, tail = archive.decisions_path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    if tail:
        judged.damaged(f"decisions.jsonl ends with a torn line of {len(tail)} bytes")
    lines: list[_Line] = []
    prev: str | None = None
    for number, text in enumerate(whole, 1):
        own = hashlib.sha256(text).hexdigest()
        try:
            data = parse_json(text)
            carried = data["prev"]
            lines.append(_Line(number, text, own, data))
        except (ValueError, KeyError, TypeError):
            judged.damaged(f"decisions.jsonl line {number} is no decision")
        else:
            if carried != prev:
                judged.damaged(f"decisions.jsonl line {number} doesn't follow the line before it")
        prev = own
    return lines


def _check_manifest(chain: Chain, lines: Sequence[_Line], judged: ClaimJudgement) -> dict[int, int]:
    """Which manifest line is the first that knows each decision: number of the decision → number of the line."""
    numbers = {line.hash: line.number for line in lines}
    first_known: dict[int, int] = {}
    known = 0
    for entry in chain.lines:
        count = 0 if entry.decisions is None else numbers.get(entry.decisions)
        if count is None or count < known:
            judged.damaged(
                f"decisions.jsonl lacks a line that it had when manifest.jsonl line {entry.number} was written, or has it changed"
            )
            return first_known
        for number in range(known + 1, count + 1):
            first_known[number] = entry.number
        known = count
    return first_known


def _check_places(lines: Sequence[_Line], first_known: dict[int, int], judged: ClaimJudgement) -> None:
    """A decision made after so many lines is known to the next one, and to none before."""
    for line in lines:
        known, stated = first_known.get(line.number), line.data.get("line")
        if known is not None and known != (stated + 1 if isinstance(stated, int) else None):
            judged.damaged(
                f"decisions.jsonl line {line.number} says that it was made after {stated} lines of the manifest, and line {known} is the first that knows it"
            )


def _check_tail(
    archive: Archive, chain: Chain, lines: Sequence[_Line], first_known: dict[int, int], judged: ClaimJudgement
) -> None:
    """Decisions that no manifest line knows: of an older release, of a command that died, or of nobody's making."""
    unknown = [line for line in lines if line.number not in first_known]
    if not unknown or judged.damages:
        return
    last = chain.lines[-1].number if chain.lines else 0
    back_dated = next((line for line in unknown if line.data.get("line") != last), None)
    said = localizable(
        f"decisions.jsonl {'line' if len(unknown) == 1 else 'lines'} {_span([line.number for line in unknown])}"
    )
    if back_dated is not None:
        judged.damaged(
            f"decisions.jsonl line {back_dated.number} says that it was made after {back_dated.data.get('line')} lines of the manifest, and none of the {last} knows it"
        )
    elif _is_waiting(archive, unknown):
        judged.doubts.append(f"{said}: the command that decided was interrupted; the next one seals it")
    elif any(statements.is_proof(entry) for entry in chain.lines):
        judged.damaged(f"{said} was never sealed in the chain: no command of this program wrote it")
    else:
        judged.doubts.append(
            f"{said}: not sealed yet, as older releases left it; the next harvest or decision seals it"
        )


def _is_waiting(archive: Archive, unknown: Sequence[_Line]) -> bool:
    """Whether the text of these decisions stands in a segment that is still open."""
    wanted = b"".join(line.text + b"\n" for line in unknown)
    for path in open_segments(archive.warc_dir):
        try:
            stream = open_file(path)
        except OSError:
            continue
        with stream:
            try:
                if any(member.data.endswith(wanted + b"\r\n\r\n") for member in iter_members(stream)):
                    return True
            except BrokenMember:
                continue
    return False


def _numbers(sealed: Sealed) -> range:
    """The decisions that a statement is about."""
    first, _, last = sealed.statement.uri.removeprefix(statements.DECISIONS).partition("-")
    return range(int(first), int(last) + 1) if is_whole(first) and is_whole(last) else range(0)


def _check_statements(lines: Sequence[_Line], sealed: Sequence[Sealed], judged: ClaimJudgement) -> None:
    """Each statement's text is that of the lines which it names, and its date theirs."""
    texts = {line.number: line for line in lines}
    for one in sealed:
        named = [texts[number] for number in _numbers(one) if number in texts]
        body = b"".join(line.text + b"\n" for line in named)
        if not named or body != one.statement.body:
            judged.damaged(
                f"decisions.jsonl differs from what was sealed in line {one.line}: {one.statement.uri}", one.segment
            )
        elif named[-1].data.get("at") != utc_text(one.at):
            judged.damaged(
                f"the decisions sealed in line {one.line} bear another time than {utc_text(one.at)}", one.segment
            )
