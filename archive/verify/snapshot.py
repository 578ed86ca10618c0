"""Whether a published snapshot is what its archive published: the chain, the segments, whole or without what is withheld, and the database.

What a snapshot can't show is stated: it carries no `decisions.jsonl`, and its database lacks what isn't public, so it isn't made again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from archive.duties.sealing import sealed_readings
from archive.errors import DamagedArchive
from archive.files.digest import sha256_of_file
from archive.files.folder import SNAPSHOT_NAME, SNAPSHOT_NOTE
from archive.files.inside import leads_out, open_file, read_file
from archive.index.database import DatabaseError
from archive.index.inspect import Inspection
from archive.verify.chain import Chain, check_dates, read_chain
from archive.verify.claims import CLAIMS, ClaimJudgement, claim_of
from archive.verify.complete import check_complete, look_back
from archive.verify.result import VerifyResult
from archive.verify.signatures import check_who
from archive.verify.stamps import check_when
from archive.warc import statements
from archive.warc.attest import parse_attestation
from archive.warc.checks import Damage, check_segment
from archive.warc.members import BrokenMember, iter_members
from archive.warc.notes import BadNote
from archive.warc.tree import leaf_hash, merkle_root
from archive.warc.zips import MOST_DESCRIBED
from extract.document.notations import parse_json
from extract.messages import localizable

if TYPE_CHECKING:
    from pathlib import Path

    from archive.files.folder import Archive
    from archive.verify.anchors import Anchors
    from archive.warc.manifest import ManifestLine

STATEMENT = "ogi-snapshot-1"
LEAVES = ".leaves"
#: What SQLite reads beside a database, and takes for a part of it.
_JOURNALS = ("-wal", "-journal")
#: What stands for itself, and what a process that serves the folder may hold; `warc/` is held against the chain.
_ITS_OWN = frozenset({SNAPSHOT_NAME, SNAPSHOT_NOTE, "manifest.jsonl", ".lock"})
#: Bytes of the line that a process writes into its lock, at most.
_MOST_OF_LOCK = 2000
REQUIRED = frozenset({"bytes", "order", "index", "reading"})


def verify_snapshot(archive: Archive, anchors: Anchors, require: tuple[str, ...] = ()) -> VerifyResult:
    """Check a snapshot's folder; nothing is written to it."""
    past = look_back(archive)
    chain = read_chain(archive)
    check_dates(chain)
    about = _about(archive)
    read = _Segments(archive, about)
    for entry in chain.lines:
        read.check(entry)
    index = _check_index(archive, about)
    _check_strays(archive, chain, about, index)
    who = check_who(archive, chain, anchors.keys, has_statements=read.has_evidence)
    _check_statement(archive, chain, who, index)
    decisions = ClaimJudgement("decisions")
    decisions.doubts.append("a snapshot doesn't carry decisions.jsonl")
    judged = [
        read.judgement,
        chain.judgement,
        check_complete(archive, chain, past, anchors.heads),
        who,
        check_when(archive, chain, anchors),
        decisions,
        index,
        _check_reading(archive, chain, about),
    ]
    return _result(chain, judged, read, require)


def _about(archive: Archive) -> dict[str, Any]:
    try:
        found = parse_json(read_file(archive.root / SNAPSHOT_NAME, archive.root, most=MOST_DESCRIBED))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class _Segments:
    """Reads the segments that are there: whole ones by their line, others record by record."""

    def __init__(self, archive: Archive, about: dict[str, Any]) -> None:
        self._archive = archive
        self.has_evidence = about.get("has_evidence") is not False
        self.judgement = ClaimJudgement("bytes")
        self.whole = self.reduced = self.records = self.left_out = self.size = 0
        self.absent = 0

    def check(self, entry: ManifestLine) -> None:
        """Check one line's segment."""
        path = self._archive.warc_dir / entry.segment
        if not path.is_file() or leads_out(path, self._archive.root):
            self.absent += 1
            if self.has_evidence:
                self.judgement.damaged(
                    f"is missing; manifest.jsonl line {entry.number} lists it", entry.segment, "missing"
                )
            elif self.absent == 1:
                self.judgement.doubts.append("the snapshot was published without its evidence")
            return
        leaves = self._archive.proof_dir / (path.name + LEAVES)
        if leaves.is_file():
            self._check_reduced(entry, path, leaves)
            return
        with open_file(path) as stream:
            check = check_segment(stream, entry.segment)
        self.judgement.damages += check.damages
        self.records += len(check.ids)
        self.size += check.size
        self.whole += 1
        if (check.size, check.sha256) != (entry.info.size, entry.info.sha256):
            message = localizable(
                f"isn't the file of manifest.jsonl line {entry.number}: records were changed or left out"
            )
            self.judgement.damaged(message, entry.segment, "bytes")

    def _check_reduced(self, entry: ManifestLine, path: Path, leaves: Path) -> None:
        """Every record that is there must be a leaf of the line's tree, each once and in order."""
        self.reduced += 1
        lines = read_file(leaves, self._archive.root, most=MOST_DESCRIBED).decode("ascii", "replace").split()
        try:
            tree = [bytes.fromhex(line) for line in lines]
        except ValueError:
            tree = []
        if len(tree) != entry.info.records or merkle_root(tree).hex() != entry.info.root:
            message = localizable(f"its list of leaves doesn't give the root of manifest.jsonl line {entry.number}")
            self.judgement.damaged(message, entry.segment, "records")
            return
        at = kept = 0
        try:
            with open_file(path) as stream:
                for member in iter_members(stream):
                    leaf = leaf_hash(member.data)
                    while at < len(tree) and tree[at] != leaf:
                        at += 1
                    if at == len(tree):
                        message = localizable(
                            f"holds a record that manifest.jsonl line {entry.number} doesn't know, or in another order"
                        )
                        self.judgement.damages.append(Damage("digest", message, entry.segment, member.offset))
                        return
                    at, kept = at + 1, kept + 1
        except BrokenMember as error:
            self.judgement.damages.append(Damage("gzip", error.reason, entry.segment, error.offset))
            return
        self.records += kept
        self.left_out += len(tree) - kept
        self.size += path.stat().st_size


def _check_index(archive: Archive, about: dict[str, Any]) -> ClaimJudgement:
    """Hold the database and the lists of leaves against the hashes that `snapshot.json` has of them."""
    judged = ClaimJudgement("index")
    files = about.get("files")
    if not isinstance(files, dict) or "ogi.db" not in files:
        judged.doubts.append(f"{SNAPSHOT_NAME} says nothing of its files: an older release published it")
        return judged
    for name, stated in sorted(files.items()):
        path = archive.root / str(name)
        if not path.is_file() or leads_out(path, archive.root):
            judged.damaged(f"{name} is not there, {SNAPSHOT_NAME} names it")
            continue
        if sha256_of_file(path) != stated:
            judged.damaged(f"{name} isn't the file that was published: {SNAPSHOT_NAME} has another hash of it")
    judged.proof = localizable(f"the database is the one that was published on {about.get('made_at')}")
    return judged


def _check_strays(archive: Archive, chain: Chain, about: dict[str, Any], index: ClaimJudgement) -> None:
    """Nothing lies in a snapshot that its archive didn't publish: a segment, a package, or what SQLite would read beside the database."""
    for path in sorted(archive.warc_dir.glob("*")):
        if path.name not in chain.listed:
            chain.judgement.damaged("is not in the manifest", path.name, "unlisted")
    files = about.get("files")
    covered = set(files) if isinstance(files, dict) else set()
    own = _ITS_OWN | covered
    if not any(name.startswith("keys/") for name in covered):  # older releases didn't cover these
        own |= {f"keys/{path.name}" for path in archive.keys_dir.glob("*")}
    if not _is_lock(archive.lock_path):
        own -= {".lock"}
    for name in sorted(_below(archive, is_whole="ogi.toml" in covered) - own):
        index.damaged(f"{name} lies in the snapshot, and {SNAPSHOT_NAME} doesn't name it")


def _is_lock(path: Path) -> bool:
    """Whether a file may be the note of who holds the folder, and nothing else: a line that says so."""
    return not path.is_symlink() and path.is_file() and path.stat().st_size <= _MOST_OF_LOCK


def _below(archive: Archive, *, is_whole: bool) -> set[str]:
    """Names of the files of a snapshot but those in `warc/`; of one by an older release, which didn't cover all, what SQLite reads alone."""
    paths = [path for name in _JOURNALS if (path := archive.root / f"ogi.db{name}").exists()]
    if is_whole:
        paths = [path for path in archive.root.rglob("*") if not path.is_dir() or path.is_symlink()]
    names = {path.relative_to(archive.root).as_posix() for path in paths}
    return {name for name in names if not name.startswith("warc/")}


def _check_statement(archive: Archive, chain: Chain, who: ClaimJudgement, index: ClaimJudgement) -> None:
    """The archive's own statement over `snapshot.json`: it must be over this file, of this chain, and signed where the chain is."""
    path = archive.root / SNAPSHOT_NOTE
    is_signing = bool(chain.lines) and chain.lines[-1].signature is not None
    if not path.exists():
        _without_statement(who if is_signing else index, is_signing=is_signing)
        return
    try:
        found = parse_attestation(read_file(path, archive.root, most=MOST_DESCRIBED).decode("utf-8"))
        described = read_file(archive.root / SNAPSHOT_NAME, archive.root, most=MOST_DESCRIBED)
    except (BadNote, OSError, UnicodeDecodeError) as error:
        who.damaged(f"{SNAPSHOT_NOTE} can't be read: {error}")
        return
    if found.kind != STATEMENT or found.sha256 != hashlib.sha256(described).hexdigest():
        index.damaged(f"{SNAPSHOT_NAME} isn't the file that {SNAPSHOT_NOTE} speaks of")
    size, lines = found.checkpoint.size, chain.raw
    if size != len(lines):
        index.damaged(f"{SNAPSHOT_NOTE} speaks of {size} lines, and the chain has {len(lines)}")
    elif merkle_root([leaf_hash(line) for line in lines]) != found.checkpoint.root:
        index.damaged(f"{SNAPSHOT_NOTE} speaks of another chain")
    signer = (chain.lines[-1].signature or {}).get("key") if chain.lines else None
    if is_signing and (found.is_signed is not True or found.key is None or found.key.fingerprint[:16] != signer):
        who.damaged(f"{SNAPSHOT_NOTE} isn't signed by the key of the chain's last line")


def _without_statement(judged: ClaimJudgement, *, is_signing: bool) -> None:
    if is_signing:
        judged.damaged(f"the chain is signed, and {SNAPSHOT_NOTE}, the statement over this snapshot, is gone")
    else:
        judged.doubts.append(f"there is no {SNAPSHOT_NOTE}: nothing shows that an archive published this database")


def _check_reading(archive: Archive, chain: Chain, about: dict[str, Any]) -> ClaimJudgement:
    """Hold the versions that are public against what was sealed when they were read."""
    judged = ClaimJudgement("reading")
    try:
        live = Inspection(archive.db_path)
    except DatabaseError as error:
        judged.damaged(f"ogi.db can't be read ({error})")
        return judged
    try:
        lines = {line.key: line for line in live.readings()}
        try:
            sealed = sealed_readings(archive, chain.lines)
        except DamagedArchive as error:
            if about.get("has_evidence") is not False:
                judged.damaged(str(error))
            else:
                judged.doubts.append("what was sealed of the readings isn't in a snapshot without evidence")
            return judged
        other = sorted(key for key, line in lines.items() if sealed.get(key) not in (None, line))
        never = sum(key not in sealed for key in lines)
        for report, version in other:
            judged.damaged(f"version {version} of {report} isn't as it was read")
        if never:
            judged.doubts.append(f"{never} of {len(lines)} versions were never sealed")
        hidden = len(sealed.keys() - lines.keys())
        judged.proof = localizable(
            f"{len(lines)} versions as sealed" + (f"; {hidden} more are not public" if hidden else "")
        )
    except DatabaseError as error:
        judged.damaged(f"ogi.db can't be read ({error})")
    finally:
        live.close()
    return judged


def _result(chain: Chain, judged: list[ClaimJudgement], read: _Segments, require: tuple[str, ...]) -> VerifyResult:
    left = localizable(f"; {read.left_out} records are withheld by decision") if read.left_out else ""
    read.judgement.proof = localizable(
        f"{read.whole} segments whole, {read.reduced} without what is withheld, {read.records} records{left}"
    )
    damages = list(dict.fromkeys(damage for one in judged for damage in one.damages))
    order = {name: number for number, name in enumerate(CLAIMS)}
    claims = tuple(
        one.outcome([damage for damage in damages if claim_of(damage) == one.name])
        for one in sorted(judged, key=lambda one: order[one.name])
    )
    required = REQUIRED | {one.name for one in judged if one.is_required} | frozenset(require)
    notes = [note for one in judged for note in one.notes]
    proofs = sum(statements.is_proof(entry) for entry in chain.lines)
    notes.append(f"this is a snapshot: {len(chain.lines) - proofs} segments of captures, {proofs} of statements")
    return VerifyResult(
        len(chain.lines),
        read.whole + read.reduced,
        read.records,
        read.size,
        len(chain.lines),
        chain.head,
        claims,
        required,
        tuple(damages),
        tuple(notes),
    )
