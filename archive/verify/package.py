"""Whether what was made from an archive is as it was made: data packages and WACZ files, by their own hashes and signatures.

They carry no chain to be continued, so of the archive's claims only those are judged that a package can prove: `bytes` and `who`.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.verify.claims import CLAIMS, Judgement
from archive.verify.result import VerifyResult
from archive.warc.attest import parse_attestation
from archive.warc.notes import BadNote, NoteKey
from archive.warc.wacz_auth import check_package
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.verify.anchors import PinnedKey

#: The statement over `datapackage.json` in a data package.
PACKAGE_NOTE = "SIGNATURE.note"
STATEMENT = "ogi-package-1"


def is_package(path: Path) -> bool:
    """Whether a path is a data package (a folder or a ZIP file) or a WACZ, and no archive's folder."""
    return path.is_file() or ((path / "datapackage.json").is_file() and not (path / "ogi.toml").is_file())


def verify_package(path: Path, pinned: Sequence[PinnedKey] = (), require: tuple[str, ...] = ()) -> VerifyResult:
    """Check a package; nothing is written to it."""
    bytes_, who = Judgement("bytes"), Judgement("who", is_required=bool(pinned))
    if path.is_file() and _is_wacz(path):
        files, signer = _check_wacz(path, bytes_, who)
    else:
        files, signer = _check_data(path, bytes_, who)
    if signer is not None and not who.damages:
        _hold(signer, pinned, who)
    elif pinned and not who.damages:
        who.damaged("it isn't signed by the key that is trusted")
    others = [Judgement(name, doubts=["a package doesn't show it"]) for name in CLAIMS if name not in ("bytes", "who")]
    order = {name: number for number, name in enumerate(CLAIMS)}
    judged = sorted([bytes_, who, *others], key=lambda one: order[one.name])
    damages = tuple(damage for one in judged for damage in one.damages)
    required = frozenset({"bytes", "who", *require})  # who makes all anew makes all hashes anew: only a signature tells
    return VerifyResult(
        0,
        0,
        0,
        0,
        files,
        None,
        tuple(one.outcome() for one in judged),
        required,
        damages,
        (f"{path.name}: {files} files",),
    )


def _is_wacz(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            return any(name.startswith("archive/") for name in package.namelist())
    except (zipfile.BadZipFile, OSError):
        return path.suffix.lower() == ".wacz"


def _check_wacz(path: Path, bytes_: Judgement, who: Judgement) -> tuple[int, NoteKey | None]:
    found = check_package(path)
    for damage in found.damages:
        bytes_.damaged(damage, path.name, "bytes")
    bytes_.proof = localizable(f"{found.files} files have the hashes that the package names")
    if not found.is_signed:
        who.doubts.append("it is not signed")
    elif found.signer is None:
        who.doubts.append("it is signed by a key that no archive's note names")
    return found.files, found.signer


def _check_data(path: Path, bytes_: Judgement, who: Judgement) -> tuple[int, NoteKey | None]:
    """A data package: every resource by its hash, `datapackage.json` by the statement beside it."""
    folder = _Folder(path)
    described = folder.read("datapackage.json")
    try:
        resources = [dict(item) for item in json.loads(described or b"{}").get("resources") or ()]
    except (ValueError, TypeError, AttributeError):
        resources = []
    if described is None or not resources:
        bytes_.damaged("there is no datapackage.json with resources", path.name, "bytes")
        return 0, None
    for item in resources:
        _check_resource(folder, item, bytes_)
    files = _check_files(folder, json.loads(described), {str(item.get("path")) for item in resources}, bytes_)
    bytes_.proof = localizable(f"{len(resources) + files} files have the hashes that datapackage.json names")
    return len(resources), _check_note(folder, described, bytes_, who)


def _check_note(folder: _Folder, described: bytes, bytes_: Judgement, who: Judgement) -> NoteKey | None:
    """The statement over `datapackage.json`; gives the key that signed it, `None` if none did."""
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
        bytes_.damaged(f"datapackage.json isn't the file that {PACKAGE_NOTE} speaks of", "datapackage.json", "bytes")
    if stated.is_signed is None:
        who.doubts.append("the archive that made it doesn't sign")
        return None
    if not stated.is_signed:
        who.damaged(f"the signature of {PACKAGE_NOTE} is not over it")
        return None
    return stated.key


def _check_resource(folder: _Folder, item: dict[str, Any], bytes_: Judgement) -> None:
    name, stated = str(item.get("path", "")), str(item.get("hash", "")).removeprefix("sha256:")
    digest = folder.sha256(name)
    if digest is None:
        bytes_.damaged("is not there, datapackage.json names it", name, "bytes")
    elif not stated:
        bytes_.doubts.append(f"datapackage.json has no hash of {name}")
    elif digest != stated:
        bytes_.damaged("isn't the file that datapackage.json has the hash of", name, "bytes")


def _check_files(folder: _Folder, package: dict[str, Any], seen: set[str], bytes_: Judgement) -> int:
    """The files of a release beside its tables as CSV, which `datapackage.json` names too; gives their number."""
    found = package.get("files")
    others = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    others = [item for item in others if str(item.get("path")) not in seen]
    for item in others:
        _check_resource(folder, {"path": item.get("path"), "hash": item.get("sha256")}, bytes_)
    return len(others)


def _hold(signer: NoteKey, pinned: Sequence[PinnedKey], who: Judgement) -> None:
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
        self._zip: zipfile.ZipFile | None = None
        if path.is_file():
            try:
                self._zip = zipfile.ZipFile(path)
            except (zipfile.BadZipFile, OSError):
                self._path = path / "nothing"
        names = self._zip.namelist() if self._zip is not None else []
        top = [name for name in names if name.rpartition("/")[2] == "datapackage.json"]
        self._base = top[0].removesuffix("datapackage.json") if top else ""

    def read(self, name: str) -> bytes | None:
        """A small file's content; `None` if it isn't there."""
        try:
            if self._zip is not None:
                return self._zip.read(self._base + name)
            target = (self._path / name).resolve()
            return target.read_bytes() if target.is_relative_to(self._path.resolve()) else None
        except (KeyError, OSError, zipfile.BadZipFile, zlib.error, RuntimeError):
            return None

    def sha256(self, name: str) -> str | None:
        """A file's hash in hex; `None` if it isn't there."""
        try:
            if self._zip is not None:
                with self._zip.open(self._base + name) as stream:
                    return _digest(stream)
            target = (self._path / name).resolve()
            if not name or not target.is_relative_to(self._path.resolve()):
                return None
            with target.open("rb") as stream:
                return _digest(stream)
        except (KeyError, OSError, zipfile.BadZipFile, zlib.error, RuntimeError):
            return None


def _digest(stream: Any) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
