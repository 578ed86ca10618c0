"""Heads that publish themselves: the checkpoint goes to the places that `ogi.toml` names (`[[proof.publish]]`), where neither operator nor intruder can change it.

Each place has its own time limit. What could not be published is owed, and tried again after the next command that seals something; nothing else waits
for it, or fails by it. What was published stands in `proof/published.jsonl`.
"""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict

from archive.clock import utc_text
from archive.warc import growth, kept_heads
from archive.warc.checkpoint import Checkpoint, parse_checkpoint
from archive.warc.notes import BadNote, Note, parse_note, parse_vkey
from archive.warc.posting import post
from archive.warc.timestamps import StampFailed, request_token
from archive.warc.tree import Tree, leaf_hash
from extract.document.numerals import whole_number
from extract.errors import OgiError
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.files.folder import Archive
    from archive.files.settings import HeadPlace

LOG = "published.jsonl"
_MOST = 1 << 20
#: Variables of git that are about this machine and its ways out, not about a repository.
_OF_THE_MACHINE = (
    "GIT_SSL_",
    "GIT_HTTP_",
    "GIT_PROXY_",
    "GIT_EXEC_PATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
)


class NotPublished(OgiError):
    """Raised when a place can't take a head, by this module."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A head that a place lacks. `since` is when it was last published there (UTC text), or first tried; empty if it never was."""

    place: HeadPlace
    size: int
    since: str
    why: str


@dataclass(frozen=True, slots=True)
class _Head:
    checkpoint: Checkpoint
    note: Note
    lines: Sequence[bytes]

    @property
    def text(self) -> str:
        return str(self.note) if self.note.signatures else self.note.text


def owed(archive: Archive) -> list[Owed]:
    """Every place that lacks the head of now."""
    places = archive.settings.proof.publish
    head = _head(archive) if places else None
    if head is None:
        return []
    said = _log(archive)
    found = (
        _owed_to(place, head.checkpoint.size, [line for line in said if line.get("name") == place.name])
        for place in places
    )
    return [one for one in found if one is not None]


class PublishedHead(TypedDict):
    """A line of the log: at which place the head of how many lines was published, or why not."""

    name: str
    kind: str
    size: int
    why: NotRequired[str]
    at: NotRequired[str]


def _owed_to(place: HeadPlace, size: int, said: Sequence[PublishedHead]) -> Owed | None:
    """What a place lacks, by what the log says of it, oldest line first."""
    tried: list[PublishedHead] = []
    done: PublishedHead | None = None
    for line in said:
        if "why" in line:
            tried.append(line)
        else:
            done, tried = line, []
    if done is not None and done["size"] >= size:
        return None
    first = done or (tried[0] if tried else None)
    return Owed(
        place, size, str(first.get("at", "")) if first is not None else "", str(tried[-1]["why"]) if tried else ""
    )


def publish_heads(archive: Archive, now: Callable[[], datetime]) -> list[str]:
    """Publish the head of now at every place that lacks it. Gives what could not be done, in words."""
    head = _head(archive)
    problems = []
    for one in owed(archive) if head is not None else ():
        assert head is not None  # nothing is owed without one
        line: PublishedHead = {"name": one.place.name, "kind": one.place.kind, "size": head.checkpoint.size}
        try:
            _KINDS[one.place.kind](archive, one.place, head, _last_size(archive, one.place))
        except (NotPublished, StampFailed, BadNote, OSError, subprocess.SubprocessError) as error:
            line["why"] = str(error)[:300]
            problems.append(localizable(f"the head was not published at {one.place.name}: {line['why']}"))
        _note(archive, {**line, "at": utc_text(now())})
    return problems


def _head(archive: Archive) -> _Head | None:
    lines = growth.whole_lines(archive)
    if not lines:
        return None
    note = growth.checkpoint_now(archive, growth.state_of(lines))
    return _Head(parse_checkpoint(str(note) if note.signatures else note.text)[0], note, lines)


def _log(archive: Archive) -> list[PublishedHead]:
    path = archive.proof_dir / LOG
    found = []
    for text in path.read_text("utf-8", "replace").split("\n") if path.exists() else ():
        try:
            line = json.loads(text)
            if isinstance(line["size"], int) and isinstance(line["at"], str):
                found.append(line)
        except (ValueError, KeyError, TypeError):
            continue  # torn by a death: the head is published once more
    return found


def _note(archive: Archive, line: PublishedHead) -> None:
    path = archive.proof_dir / LOG
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _last_size(archive: Archive, place: HeadPlace) -> int:
    done = [line["size"] for line in _log(archive) if line.get("name") == place.name and "why" not in line]
    return done[-1] if done else 0


# ---- the kinds of places -------------------------------------------------------------------------------------------------------


def _to_file(archive: Archive, place: HeadPlace, head: _Head, _: int) -> None:
    path = _outside(archive, Path(place.to).expanduser())
    path.parent.mkdir(parents=True, exist_ok=True)
    _append(path, head.text)


def _outside(archive: Archive, path: Path) -> Path:
    if not path.is_absolute() or path.resolve().is_relative_to(archive.root.resolve()):
        raise NotPublished(f"{path} must be a whole path outside the archive's folder: what lies in it proves nothing")
    return path


def _append(path: Path, text: str) -> None:
    """Append a checkpoint that isn't the last one there. Only to a list of such: the settings of a received folder may name any file."""
    if path.exists() and not path.is_file():
        raise NotPublished(f"{path} is no file")
    known = path.read_text("utf-8", "replace") if path.exists() else ""
    if known and not _holds_heads(known):
        raise NotPublished(f"{path} holds something else than heads: name a file of its own")
    if known.endswith(text + "\n"):
        return
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _holds_heads(text: str) -> bool:
    """Whether a file begins with a checkpoint, as the first one put there does."""
    try:
        parse_checkpoint("".join(text.splitlines(keepends=True)[:3]))
    except BadNote:
        return False
    return True


def _to_git(archive: Archive, place: HeadPlace, head: _Head, _: int) -> None:
    folder = _outside(archive, Path(place.to).expanduser())
    name = f"heads/{growth.genesis_of(archive)[:16]}.txt"
    _git(folder, place, "rev-parse", "--git-dir")
    (folder / "heads").mkdir(exist_ok=True)
    _append(folder / name, head.text)
    _git(folder, place, "add", "--", name)
    if _git(folder, place, "status", "--porcelain", "--", name):
        who = ("-c", "user.name=ogi-archive", "-c", "user.email=ogi-archive@localhost")
        _git(folder, place, *who, "commit", "-q", "-m", f"head of {head.checkpoint.size} lines", "--", name)
    if _git(folder, place, "remote"):
        _git(folder, place, "push", "-q")


def _git(folder: Path, place: HeadPlace, *words: str) -> str:
    """Run git, which asks nobody for anything; gives what it prints."""
    asks_nobody = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
    # which repository, index, author and date are meant is said here: a hook of git, in which this may run, says it of another one
    given = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_OF_THE_MACHINE)
    }
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            env={**given, **asks_nobody},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=place.timeout,
            check=False,
        )
    except FileNotFoundError:
        raise NotPublished("there is no program git here") from None
    except subprocess.TimeoutExpired:
        raise NotPublished(f"git {words[0]} took longer than {place.timeout:g} seconds") from None
    if done.returncode:
        raise NotPublished(f"git: {' '.join(done.stderr.split()) or done.returncode}")
    return done.stdout.strip()


def _to_service(archive: Archive, place: HeadPlace, head: _Head, _: int) -> None:
    """A time stamp over the three lines, which any program can check: `openssl ts -verify -token_in -in X.tst -data lines`."""
    token = request_token(place.to, head.checkpoint.text.encode(), timeout_s=place.timeout)
    kept_heads.keep_note(archive, head.checkpoint.size, head.note)
    kept_heads.keep_token(archive, head.checkpoint.size, place.name, token)


def _to_witness(archive: Archive, place: HeadPlace, head: _Head, known: int) -> None:
    """Ask a witness for its cosignature (C2SP tlog-witness): it takes what continues the state that it saw last, and nothing else."""
    witness = parse_vkey(place.key)
    if not head.note.signatures:
        raise NotPublished("a witness takes signed checkpoints only (proof.sign)")
    status, body = _ask_witness(place, head, known)
    if status == 409:  # it saw another size than we remember, and says which
        stated = body.strip()
        size = whole_number(stated)
        if size is None or size > head.checkpoint.size:
            raise NotPublished(
                f"it saw {stated[:20] or 'another'} lines of this archive, which has {head.checkpoint.size}: see `ogi verify`"
            )
        status, body = _ask_witness(place, head, size)
    if status != 200:
        raise NotPublished(f"it answers {status}: {' '.join(body.split())[:120]}")
    cosigned = Note(head.note.text, (*head.note.signatures, *parse_note(f"{head.note.text}\n{body}").signatures))
    if cosigned.cosigned_at(witness) is None:
        raise NotPublished(f"its answer has no valid cosignature of {witness.name}")
    kept_heads.keep_note(archive, head.checkpoint.size, cosigned)


def _ask_witness(place: HeadPlace, head: _Head, old: int) -> tuple[int, str]:
    proof = Tree(map(leaf_hash, head.lines)).consistency(old) if 0 < old < head.checkpoint.size else []
    hashes = "".join(f"{b64encode(one).decode('ascii')}\n" for one in proof)
    address = place.to.rstrip("/") + "/add-checkpoint"
    asked = f"old {old}\n{hashes}\n{head.note}".encode()
    status, body = post(address, asked, {"Content-Type": "text/plain"}, timeout_s=place.timeout, most=_MOST)
    return status, body.decode("utf-8", "replace")


_KINDS: dict[str, Callable[[Archive, HeadPlace, _Head, int], None]] = {
    "file": _to_file,
    "git": _to_git,
    "tsa": _to_service,
    "witness": _to_witness,
}
