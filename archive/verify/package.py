"""Whether what was made from an archive is as it was made: data packages and WACZ files, by their own hashes and signatures.

They carry no chain to be continued, so of the archive's claims only those are judged that a package can prove: `bytes` and `who`.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.files.inside import open_file, read_file
from archive.verify.claims import CLAIMS, ClaimJudgement
from archive.verify.errors import BadAnchor
from archive.verify.result import VerifyResult
from archive.warc.attest import parse_attestation
from archive.warc.notes import BadNote, NoteKey, parse_vkey
from archive.warc.wacz_auth import check_package
from archive.warc.zips import MOST_DESCRIBED, ZIP_FAULTS, bytes_outside, read_small
from extract.document.notations import parse_json
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.verify.anchors import PinnedKey

#: The statement over `datapackage.json` in a data package.
PACKAGE_NOTE = "SIGNATURE.note"
STATEMENT = "ogi-package-1"
_TEXTS = ("README.md", "CHANGES.md")
#: The list of files for programs in a frozen release.
RELEASE = "manifest.json"


def is_package(path: Path) -> bool:
    """Whether a path is a data package (a folder or a ZIP file) or a WACZ, and no archive's folder."""
    return path.is_file() or ((path / "datapackage.json").is_file() and not (path / "ogi.toml").is_file())


def is_proof(path: Path) -> bool:
    """Whether a path is a proof file, which `archive.publish.check_proof` checks."""
    try:
        with open_file(path) as stream, zipfile.ZipFile(stream) as package:
            return "proof/claim.json" in package.namelist()
    except ZIP_FAULTS:
        return False


def proof_key(path: Path, pinned: PinnedKey) -> NoteKey:
    """A key as a proof file is held against it: one in PEM has no name, so it takes the one that the archive in the file gives itself.

    Raises:
        BadAnchor: Only the key's fingerprint is known.
    """
    if pinned.key is None:
        raise BadAnchor("a proof file needs the key itself, to check its signature: give the vkey or the .pub.pem")
    if pinned.source == "--key":
        return pinned.key
    try:
        with zipfile.ZipFile(path) as package:
            origin = read_small(package, "proof/checkpoint.txt").decode("utf-8").partition("\n")[0]
            return parse_vkey(str(NoteKey(origin, pinned.key.public)))
    except (BadNote, KeyError, *ZIP_FAULTS):
        return pinned.key


def verify_package(path: Path, pinned: Sequence[PinnedKey] = (), require: tuple[str, ...] = ()) -> VerifyResult:
    """Check a package; nothing is written to it."""
    bytes_, who = ClaimJudgement("bytes"), ClaimJudgement("who", is_required=bool(pinned))
    if path.is_file() and _is_wacz(path):
        files, signer = _check_wacz(path, bytes_, who)
    else:
        files, signer = _check_data(path, bytes_, who)
    if signer is not None and not who.damages:
        _hold(signer, pinned, who)
    elif pinned and not who.damages:
        who.damaged("it isn't signed by the key that is trusted")
    return _result(path, files, bytes_, who, require)


def _result(
    path: Path, files: int, bytes_: ClaimJudgement, who: ClaimJudgement, require: tuple[str, ...]
) -> VerifyResult:
    others = [
        ClaimJudgement(name, doubts=["a package doesn't show it"]) for name in CLAIMS if name not in ("bytes", "who")
    ]
    judged = sorted([bytes_, who, *others], key=lambda one: CLAIMS.index(one.name))
    return VerifyResult(
        segments=0,
        checked=0,
        records=0,
        size=0,
        lines=files,
        head=None,
        claims=tuple(one.outcome() for one in judged),
        required=frozenset(
            {"bytes", "who", *require}
        ),  # who makes all anew makes all hashes anew: only a signature tells
        damages=tuple(damage for one in judged for damage in one.damages),
        notes=(f"{path.name}: {files} files", *(note for one in judged for note in one.notes)),
    )


def _is_wacz(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            return any(name.startswith("archive/") for name in package.namelist())
    except ZIP_FAULTS:
        return path.suffix.lower() == ".wacz"


def _check_wacz(path: Path, bytes_: ClaimJudgement, who: ClaimJudgement) -> tuple[int, NoteKey | None]:
    found = check_package(path)
    for damage in found.damages:
        bytes_.damaged(damage, path.name, "bytes")
    bytes_.proof = localizable(f"{found.files} files have the hashes that the package names")
    if not found.is_signed:
        who.doubts.append("it is not signed")
    elif found.signer is None:
        who.doubts.append("it is signed by a key that no archive's note names")
    return found.files, found.signer


def _check_data(path: Path, bytes_: ClaimJudgement, who: ClaimJudgement) -> tuple[int, NoteKey | None]:
    """A data package: every resource by its hash, `datapackage.json` by the statement beside it."""
    folder = _Folder(path)
    described = folder.read("datapackage.json")
    resources, texts = _named(described)
    if described is None or not resources:
        bytes_.damaged("there is no datapackage.json with resources", path.name, "bytes")
        return 0, None
    if outside := folder.bytes_outside():
        bytes_.damaged(f"{outside} bytes stand outside its files", path.name, "bytes")
    for item in (*resources, *texts):
        _check_resource(folder, item, bytes_)
    _check_names(folder, {str(item.get("path", "")) for item in (*resources, *texts)}, bytes_, has_texts=bool(texts))
    bytes_.proof = localizable(f"{len(resources) + len(texts)} files have the hashes that datapackage.json names")
    return len(resources), _signer(folder, described, bytes_, who)


def _named(described: bytes | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The tables that a description names, and the other files."""
    try:
        about = parse_json(described or b"{}")
        resources, files = ([_with_names(item) for item in about.get(name) or ()] for name in ("resources", "files"))
    except (ValueError, TypeError, AttributeError):
        return [], []
    seen = {item.get("path") for item in resources}
    return resources, [
        {"path": item.get("path"), "hash": item.get("sha256")} for item in files if item.get("path") not in seen
    ]


def _with_names(item: Any) -> dict[str, Any]:
    """What a description says of a file; its path and hashes are text, or not there."""
    said = dict(item)
    if not all(isinstance(said.get(name), str | None) for name in ("path", "hash", "sha256")):
        raise TypeError("a path or a hash is no text")
    return said


def _signer(folder: _Folder, described: bytes, bytes_: ClaimJudgement, who: ClaimJudgement) -> NoteKey | None:
    """Whose statement stands over `datapackage.json`; `None` if nobody's does that counts."""
    text = folder.read(PACKAGE_NOTE)
    if text is None:
        who.doubts.append(f"there is no {PACKAGE_NOTE}: nothing shows that datapackage.json is as it was made")
        return None
    try:
        stated = parse_attestation(text.decode("utf-8"))
    except (BadNote, UnicodeDecodeError) as error:
        who.damaged(f"{PACKAGE_NOTE} can't be read: {error}")
        return None
    if stated.kind != STATEMENT or stated.sha256 != hashlib.sha256(described).hexdigest():
        bytes_.damaged(f"datapackage.json isn't the file that {PACKAGE_NOTE} speaks of", folder.label, "bytes")
    if stated.is_signed is None:
        who.doubts.append("the archive that made it doesn't sign")
    elif not stated.is_signed:
        who.damaged(f"the signature of {PACKAGE_NOTE} is not over it")
    return stated.key if stated.is_signed else None


def _check_resource(folder: _Folder, item: dict[str, Any], bytes_: ClaimJudgement) -> None:
    name, stated = str(item.get("path", "")), str(item.get("hash", "")).removeprefix("sha256:")
    digest = folder.sha256(name)
    if digest is None:
        bytes_.damaged("is not there, datapackage.json names it", name, "bytes")
    elif not stated:
        bytes_.doubts.append(f"datapackage.json has no hash of {name}")
    elif digest != stated:
        bytes_.damaged("isn't the file that datapackage.json has the hash of", name, "bytes")


def _check_names(folder: _Folder, named: set[str], bytes_: ClaimJudgement, *, has_texts: bool) -> None:
    """Whatever else lies in a package isn't what its archive made; who opens it wouldn't know."""
    names = folder.names()
    twice = sorted({name for name in names if names.count(name) > 1})
    for name in twice:
        bytes_.damaged("stands in the package twice", name, "bytes")
    named |= {"datapackage.json", PACKAGE_NOTE}
    if has_texts and RELEASE in names:  # a release's own list, which says no other hashes than these files have
        named.add(RELEASE)
        _check_release(folder, bytes_)
    others = sorted(set(names) - named)
    if not has_texts:  # packages of older releases don't name their texts
        told = localizable("has no hash in datapackage.json: an older release made it")
        bytes_.notes += [f"{name} {told}" for name in others if name in _TEXTS]
    for name in others:
        if has_texts or name not in _TEXTS:
            bytes_.damaged("lies in the package, and datapackage.json doesn't name it", name, "bytes")


def _check_release(folder: _Folder, bytes_: ClaimJudgement) -> None:
    """The list of a release's files for programs: what it names has the hash that it says."""
    try:
        described = parse_json(folder.read(RELEASE) or b"")
        listed = [(str(item["path"]), str(item["sha256"])) for item in described["files"]]
    except (ValueError, TypeError, KeyError):
        bytes_.damaged("can't be read as the list of a release's files", RELEASE, "bytes")
        return
    for name, stated in listed:
        if folder.sha256(name) != stated:
            bytes_.damaged(f"has another hash of {name} than the file", RELEASE, "bytes")


def _hold(signer: NoteKey, pinned: Sequence[PinnedKey], who: ClaimJudgement) -> None:
    if not pinned:
        who.doubts.append(f"signed by {signer.name}, key {signer.fingerprint}, which nobody confirmed: --key")
    elif signer.fingerprint in {one.fingerprint for one in pinned}:
        who.proof = localizable(f"signed by {signer.name}, key {signer.fingerprint[:16]}…")
    else:
        who.damaged(f"it is signed by key {signer.fingerprint[:16]}…, which is not the one that is trusted")


class _Folder:
    """Files of a package, in a folder or a ZIP; names that lead outside are not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.label = path.name
        self._zip: zipfile.ZipFile | None = None
        if path.is_file():
            try:
                self._zip = zipfile.ZipFile(path)
            except ZIP_FAULTS:
                self._path = path / "nothing"
        found = self._zip.namelist() if self._zip is not None else []
        top = [name for name in found if name.rpartition("/")[2] == "datapackage.json"]
        self._base = min(top, key=len).removesuffix("datapackage.json") if top else ""

    def names(self) -> list[str]:
        """Every file, as the package names it; in a ZIP what lies beside the package's own folder has its whole name."""
        if self._zip is not None:
            files = [name for name in self._zip.namelist() if not name.endswith("/")]
            return [name.removeprefix(self._base) for name in files]
        if not self._path.is_dir():
            return []
        there = [path for path in self._path.rglob("*") if not path.is_dir() or path.is_symlink()]
        return sorted(path.relative_to(self._path).as_posix() for path in there)

    def bytes_outside(self) -> int:
        """In a ZIP, how many bytes no file has."""
        return bytes_outside(self._zip) if self._zip is not None else 0

    def read(self, name: str) -> bytes | None:
        """A small file's content; `None` if it isn't there."""
        try:
            if self._zip is not None:
                return read_small(self._zip, self._base + name)
            return read_file(self._path / name, self._path, most=MOST_DESCRIBED)
        except (KeyError, *ZIP_FAULTS):
            return None

    def sha256(self, name: str) -> str | None:
        """A file's hash in hex; `None` if it isn't there."""
        try:
            if self._zip is not None:
                with self._zip.open(self._base + name) as stream:
                    return _digest(stream)
            with open_file(self._path / name, self._path) as stream:
                return _digest(stream)
        except (KeyError, *ZIP_FAULTS):
            return None


def _digest(stream: Any) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
