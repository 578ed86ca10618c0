"""Whether a chain has only grown since it was seen: against the heads that this machine remembers, and the checkpoint beside the chain.

A chain whose last lines were cut off, or which was written anew from some line on, is as well-formed as any. What gives it away is a head
that somebody kept. `seal` calls `note` for every line, so the newest head of each archive is kept outside its folder; before a process
writes its first line, `check` refuses an archive that is not a continuation of what was seen at its place.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from archive.clock import utc_text
from archive.errors import DamagedArchive, RolledBack
from archive.files import heads as memory
from archive.files.heads import Head
from archive.files.store import sync_directory
from archive.warc import kept_heads, signing
from archive.warc.checkpoint import Checkpoint, default_origin, parse_checkpoint
from archive.warc.notes import BadNote, Note, NoteKey, sign_note
from archive.warc.tree import Frontier, leaf_hash
from extract.document.notations import parse_json
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from archive.files.folder import Archive


class Relation(StrEnum):
    """How the chain as it is stands to a head that was seen."""

    CONTINUES = "continues"  # the head is a prefix of the chain
    SHORTER = "shorter"  # the chain lacks lines that the head had
    DIFFERS = "differs"  # it has as many lines, and not the same
    REWRITTEN = "rewritten"  # it begins with the same segment, and the line about it is another
    ANOTHER = "another"  # another archive lies at the place


@dataclass(slots=True)
class ChainState:
    """A chain up to its last whole line: its name, its tree, and the roots that were asked for on the way."""

    genesis: str | None = None
    first: str | None = None
    head: str | None = None
    tree: Frontier = field(default_factory=Frontier)
    offset: int = 0
    roots: dict[int, bytes] = field(default_factory=dict)
    is_checked: bool = False

    def add(self, line: bytes, wanted: frozenset[int]) -> None:
        """Take in the next line, without its line end."""
        self.head = hashlib.sha256(line).hexdigest()
        if self.genesis is None:
            self.genesis, self.first = self.head, segment_of(line)
        self.tree.add(leaf_hash(line))
        self.offset += len(line) + 1
        if self.tree.size in wanted:
            self.roots[self.tree.size] = self.tree.root


def segment_of(line: bytes) -> str:
    """The segment that a manifest line is about; empty if the line can't be read."""
    try:
        return str(parse_json(line)["segment"])
    except (ValueError, KeyError, TypeError):
        return ""


def state_of(lines: Iterable[bytes], sizes: Iterable[int] = ()) -> ChainState:
    """The state after whole lines, with the roots that the tree had at some sizes."""
    state, wanted = ChainState(), frozenset(sizes)
    for line in lines:
        state.add(line, wanted)
    state.roots[state.tree.size] = state.tree.root
    return state


def relation(state: ChainState, head: Head) -> Relation:
    """How a chain stands to a head. `state` must have been made with the head's size among those asked for."""
    size = state.tree.size
    if size and head.genesis != state.genesis:
        return Relation.REWRITTEN if head.first == state.first else Relation.ANOTHER
    if head.size > size:
        return Relation.SHORTER
    return Relation.CONTINUES if state.roots[head.size].hex() == head.root else Relation.DIFFERS


_states: WeakKeyDictionary[Archive, ChainState] = WeakKeyDictionary()
#: Folders of archives to which this process added lines, and whose heads go to other places.
grown_here: set[Path] = set()


def place_of(archive: Archive) -> str:
    """Where an archive lies, as heads name it."""
    return str(archive.root.resolve())


def check(archive: Archive) -> None:
    """See once a process that the chain continues what this machine saw at its place. The caller holds the archive's lock.

    Raises:
        RolledBack: It doesn't; says what was seen and when.
    """
    state = _states.get(archive)
    if state is not None and state.is_checked:
        return
    seen = _look_back(archive)
    state, told = seen.state, seen.told
    if told is not None:
        raise RolledBack(
            f"{archive.root}: {told}: a restored backup, or lines were changed or cut off. If it was you, take it as it is "
            "with `ogi rebuild --accept-rollback REASON`; `ogi verify` shows what is left"
        )
    state.is_checked = True
    _states[archive] = state


@dataclass(frozen=True, slots=True)
class _Seen:
    """A chain beside what was seen of it: the newest head at its place, the longest that is lost elsewhere, the checkpoint beside it."""

    state: ChainState
    here: Head | None
    lost: Head | None
    kept: Checkpoint | None

    @property
    def told(self) -> str | None:
        """What is wrong with the chain; `None` if nothing is."""
        found = Relation.CONTINUES if self.here is None else relation(self.state, self.here)
        if self.here is not None and found not in (Relation.CONTINUES, Relation.ANOTHER):
            return describe(found, self.here, self.state.tree.size)
        if self.lost is not None:
            return describe_lost(self.lost, self.state.tree.size)
        return None if self.kept is None else contradiction(self.state, self.kept)


def _look_back(archive: Archive) -> _Seen:
    lines, place = whole_lines(archive), place_of(archive)
    genesis = hashlib.sha256(lines[0]).hexdigest() if lines else None
    heads = memory.remembered(genesis, place)
    here = [head for head in heads if head.path == place]
    kept = kept_checkpoint(archive)
    state = state_of(lines, [head.size for head in heads] + ([kept[0].size] if kept else []))
    return _Seen(state, here[-1] if here else None, lost_head(state, heads, place), kept[0] if kept else None)


def lost_head(state: ChainState, heads: Sequence[Head], place: str) -> Head | None:
    """The longest state that this machine saw of an archive which was never seen at this place, and which is nowhere now; `None` if there is none.

    So it is with a folder that was moved and cut, or a backup brought back elsewhere. What continues the last that was seen at some place was only
    moved; and a copy of an archive that lies where it was is a copy.
    """
    newest = {head.path: head for head in heads if head.genesis == state.genesis}
    if place in newest or any(relation(state, head) == Relation.CONTINUES for head in newest.values()):
        return None
    longer = [head for head in newest.values() if relation(state, head) == Relation.SHORTER]
    if not longer or any(_still_there(state, path) for path in newest):
        return None
    return max(longer, key=lambda head: head.size)


def _still_there(state: ChainState, path: str) -> bool:
    """Whether the archive at a place begins with all lines of this chain."""
    try:
        lines = (Path(path) / "manifest.jsonl").read_bytes().split(b"\n")[:-1]
    except (OSError, ValueError):
        return False
    return len(lines) >= state.tree.size and state_of(lines[: state.tree.size]).head == state.head


def describe_lost(seen: Head, size: int) -> str:
    """A lost state in words."""
    return localizable(
        f"this archive had {seen.size} lines on {seen.at} in {seen.path}, has {size} here, and isn't there any longer"
    )


def contradiction(state: ChainState, kept: Checkpoint) -> str | None:
    """What speaks against a chain in the checkpoint that its last sealing left beside it; `None` if nothing does."""
    if kept.size > state.tree.size:
        return localizable(f"proof/checkpoint is of {kept.size} lines, and manifest.jsonl has {state.tree.size}")
    if state.roots[kept.size] != kept.root:
        return localizable(f"the first {kept.size} lines of manifest.jsonl are not those of proof/checkpoint")
    return None


def describe(found: Relation, seen: Head, size: int) -> str:
    """A relation in words."""
    return {
        Relation.CONTINUES: localizable(f"it continues the {seen.size} lines that it had on {seen.at}"),
        Relation.SHORTER: localizable(f"this archive had {seen.size} lines on {seen.at} and has {size}"),
        Relation.DIFFERS: localizable(
            f"the {seen.size} lines that this archive had on {seen.at} are not those that it has now"
        ),
        Relation.REWRITTEN: localizable(f"the first line of this archive is not the one that it had on {seen.at}"),
        Relation.ANOTHER: localizable(
            f"another archive lay here on {seen.at} (genesis {seen.genesis[:16]}…, {seen.size} lines)"
        ),
    }[found]


def whole_lines(archive: Archive) -> list[bytes]:
    """The manifest's lines without their ends; a torn last one is left out."""
    try:
        return archive.manifest_path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []


def note(archive: Archive) -> None:
    """After a line was written: renew the checkpoint, and remember the head outside. The caller holds the archive's lock."""
    state = _grown(archive)
    if state.genesis is None or state.head is None:
        return
    _write_checkpoint(archive, state)
    memory.remember(head_of(state, place_of(archive)))
    if archive.settings.proof.publish:
        grown_here.add(archive.root)


@dataclass(frozen=True, slots=True)
class LetGo:
    """What is no longer asked for: how many lines the archive had, which head, and when that was seen; as far as is known."""

    size: int
    head: str
    at: str


def let_go(archive: Archive) -> LetGo | None:
    """Take the chain as it is: heads that it doesn't continue are forgotten, and the checkpoint beside it is made anew.

    Gives what was let go, `None` if the chain continues all that was seen. The caller holds the archive's lock, and decides it.
    """
    found = _look_back(archive)
    state, seen, checkpoint = found.state, found.here or found.lost, found.kept
    if found.told is None:
        return None
    if found.lost is not None:
        memory.let_go(found.lost.path, utc_text(datetime.now(UTC)))
    memory.let_go(place_of(archive), utc_text(datetime.now(UTC)))
    kept_heads.let_go(archive, state.tree.size)
    state.is_checked = True
    _states[archive] = state
    if state.genesis is not None:
        _write_checkpoint(archive, state)
        memory.remember(head_of(state, place_of(archive)))
    else:
        archive.checkpoint_path.unlink(missing_ok=True)
    if seen is not None and relation(state, seen) != Relation.CONTINUES:
        return LetGo(seen.size, seen.head, seen.at)
    return LetGo(checkpoint.size if checkpoint else 0, "", "")


def remember(archive: Archive) -> None:
    """Keep the chain's head as it is now, outside the archive: for who has just seen that all is well."""
    state = state_of(whole_lines(archive))
    if state.genesis is not None:
        memory.remember(head_of(state, place_of(archive)))


def head_of(state: ChainState, path: str) -> Head:
    """A state as it is remembered."""
    if state.genesis is None or state.head is None:
        raise ValueError("a chain without lines has no head")
    at = utc_text(datetime.now(UTC))  # the machine's time: about this machine, not about captures
    return Head(state.genesis, state.first or "", state.tree.size, state.tree.root.hex(), state.head, at, path)


def _grown(archive: Archive) -> ChainState:
    """The state of the chain as it is now; only what was written since the last call of this process is read."""
    state = _states.get(archive)
    if state is None:
        state = _states[archive] = state_of(whole_lines(archive))
        return state
    with archive.manifest_path.open("rb") as stream:
        stream.seek(state.offset)
        for line in stream.read().split(b"\n")[:-1]:
            state.add(line, frozenset())
    return state


def genesis_of(archive: Archive) -> str:
    """The hash of the chain's first line, which names the archive.

    Raises:
        DamagedArchive: There is no line yet.
    """
    genesis = state_of(whole_lines(archive)[:1]).genesis
    if genesis is None:
        raise DamagedArchive("the manifest has no line yet")
    return genesis


def origin_of(archive: Archive, genesis: str) -> str:
    """The log's name: as `proof.origin` says, else made of the first line's hash."""
    return archive.settings.proof.origin or default_origin(genesis)


def note_key(archive: Archive, genesis: str, public: Ed25519PublicKey) -> NoteKey:
    """A key under the log's name, as it is published for others to check checkpoints."""
    return NoteKey(origin_of(archive, genesis), public.public_bytes_raw())


def checkpoint_now(archive: Archive, state: ChainState) -> Note:
    """The checkpoint of a state, signed if the archive signs.

    Raises:
        DamagedArchive: There is no line yet.
        BadSettings: The signing key can't be read.
    """
    if state.genesis is None:
        raise DamagedArchive("the manifest has no line yet, so there is no checkpoint")
    origin = origin_of(archive, state.genesis)
    text = Checkpoint(origin, state.tree.size, state.tree.root).text
    proof = archive.settings.proof
    return sign_note(text, origin, signing.load_private(archive.root / proof.key)) if proof.sign else Note(text, ())


def _write_checkpoint(archive: Archive, state: ChainState) -> None:
    path = archive.checkpoint_path
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(str(checkpoint_now(archive, state)))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_directory(path.parent)


def kept_checkpoint(archive: Archive) -> tuple[Checkpoint, Note] | None:
    """The checkpoint that lies beside the chain; `None` if there is none.

    Raises:
        BadNote: It can't be read.
    """
    try:
        return parse_checkpoint(archive.checkpoint_path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BadNote(f"{archive.checkpoint_path} is no text") from error
