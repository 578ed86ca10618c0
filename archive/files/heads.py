"""The heads that this machine saw: `heads.jsonl` in the operator's state folder, outside every archive.

A line is written after each sealing and each good verification. Who owns an archive's folder can cut its last lines off, or write them all
anew; he can't make this file agree. A line with `let_go` ends what was seen at a place before: a new archive was made there, or an older
state was taken on purpose.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.errors import BadState
from archive.files.outside import state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

NAME = "heads.jsonl"
#: Beyond this size old lines are dropped, but for the newest `_KEPT` of each archive.
_MAX_BYTES, _KEPT = 2_000_000, 12


@dataclass(frozen=True, slots=True)
class Head:
    """A state that an archive had.

    Attributes:
        genesis: SHA-256 of the first line of its manifest: the archive's name.
        first: Name of its first segment, by which it is known again at its place if the first line was written anew.
        size: Number of lines.
        root: Root of the tree over them.
        head: SHA-256 of the last one.
        at: When it was seen, UTC text.
        path: Where the archive lay.
    """

    genesis: str
    first: str
    size: int
    root: str
    head: str
    at: str
    path: str


@dataclass(frozen=True, slots=True)
class LetGoLine:
    """What was seen at a place before (UTC text) no longer counts."""

    path: str
    at: str
    let_go: bool = True


def state_file() -> Path | None:
    """Where heads are kept; `None` where this user has no home."""
    folder = state_folder()
    return folder / NAME if folder is not None else None


def remembered(genesis: str | None, path: str) -> list[Head]:
    """The heads seen at a place, and those of an archive wherever it lay; oldest first.

    Raises:
        BadState: The file has a line that can't be read; says which.
    """
    heads: list[Head] = []
    for line in _lines():
        if isinstance(line, LetGoLine):
            heads = [head for head in heads if head.path != line.path]
        elif line.genesis == genesis or line.path == path:
            heads.append(line)
    return heads


def remember(head: Head) -> bool:
    """Keep a head; `False` where nothing can be kept (no home, a read-only one)."""
    return _append(head)


def let_go(path: str, at: str) -> bool:
    """Note that what was seen at a place before no longer counts."""
    is_known = any(line.path == path for line in _lines())
    return _append(LetGoLine(path, at)) if is_known else True


def _lines() -> Iterator[Head | LetGoLine]:
    file = state_file()
    try:
        text = file.read_text("utf-8") if file is not None else ""
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise BadState(
            f"{file} can't be read ({error}): it says which heads this machine saw; mend it, or move it away"
        ) from error
    *whole, _ = text.split("\n")  # a torn last line was never kept
    for number, line in enumerate(whole, 1):
        try:
            yield _checked(json.loads(line))
        except (ValueError, TypeError, KeyError) as error:
            raise BadState(
                f"{file} line {number} is no head that this program kept ({error}): mend the line, or move the file away"
            ) from error


def _checked(line: Any) -> Head | LetGoLine:
    """A line with the members of its kind, each of its type; members of later releases are dropped."""
    if not isinstance(line, dict):
        raise ValueError("no JSON object")
    if line.get("let_go"):
        wanted: dict[str, type] = {"path": str, "at": str, "let_go": bool}
    else:
        wanted = {"genesis": str, "first": str, "size": int, "root": str, "head": str, "at": str, "path": str}
    for name, kind in wanted.items():
        if type(line[name]) is not kind:
            raise ValueError(f"{name} is {line[name]!r}")
    said = {name: line[name] for name in wanted}
    return LetGoLine(**said) if "let_go" in wanted else Head(**said)


def _append(line: Head | LetGoLine) -> bool:
    file = state_file()
    if file is None:
        return False
    try:
        with _locked(file) as stream:
            stream.truncate(_whole_bytes(file))  # a line that a death tore was never kept
            stream.write(_text(line))
            stream.flush()
            os.fsync(stream.fileno())
            if stream.tell() > _MAX_BYTES:
                _compact(file)
    except OSError:
        return False
    return True


def _text(line: Head | LetGoLine) -> str:
    return json.dumps(asdict(line), ensure_ascii=False, separators=(",", ":")) + "\n"


@contextmanager
def _locked(file: Path) -> Iterator[TextIO]:
    """The file open for appending, this process alone; made anew if another process replaced it meanwhile."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        with os.fdopen(
            os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a+", encoding="utf-8"
        ) as stream:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
            if file.exists() and file.stat().st_ino == os.fstat(stream.fileno()).st_ino:
                yield stream
                return


def _whole_bytes(file: Path) -> int:
    """Bytes of the file up to the end of its last whole line."""
    with file.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - 4096)
            stream.seek(begin)
            found = stream.read(end - begin).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            end = begin
    return 0


def _compact(file: Path) -> None:
    """Keep the newest lines of each place only, and what lets go of earlier ones there."""
    counts: dict[str, int] = {}
    kept = []
    for line in reversed(list(_lines())):
        is_head = isinstance(line, Head)
        counts[line.path] = counts.get(line.path, 0) + is_head
        if not is_head or counts[line.path] <= _KEPT:
            kept.append(line)
    temporary = file.with_name(f"{NAME}.{os.getpid()}.tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.writelines(map(_text, reversed(kept)))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
