"""Signatures of WACZ packages (WACZ-auth 0.1.0, anonymous), as ReplayWeb.page shows them: ECDSA on P-384 over the text of the package's digest.

Replay tools take no Ed25519 key, so an archive that signs has a second key for its packages, and a signed note by the first one says so
(`proof/package-key.note` in each package). Who trusts the archive's key can thus trust its packages.
"""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.errors import BadSettings
from archive.warc import signing
from archive.warc.notes import BadNote, NoteKey, parse_note, parse_vkey, sign_note
from archive.warc.segments import program_version
from archive.warc.zips import ZIP_FAULTS, bytes_outside, read_small
from extract.document.notations import parse_json
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import IO

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from archive.files.folder import Archive

KEY_NOTE = "proof/package-key.note"
HEADING = "ogi-package-key-1"
AUTH_VERSION = "0.1.0"
_KEY_FILE = "ogi-package-p384.pem"
_BYTES = 48  # of each half of a P-384 signature
_CHUNK = 1 << 20


def package_key(archive: Archive) -> EllipticCurvePrivateKey:
    """The archive's key for packages; it is made when it is first needed, beside the signing key.

    Raises:
        BadSettings: It can't be read or written, or is of another kind.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    path = (archive.root / archive.settings.proof.key).with_name(_KEY_FILE)
    if not path.is_file():
        made = ec.generate_private_key(ec.SECP384R1())
        text = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise BadSettings(f"the key for packages can't be written to {path}: {error.strerror}") from error
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadSettings(
            f"the key for packages {path} can't be read ({error}): move it away, and another is made"
        ) from error
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise BadSettings(f"the key for packages {path} is no P-384 key: move it away, and another is made")
    return found


def _spki(key: EllipticCurvePrivateKey) -> str:
    from cryptography.hazmat.primitives import serialization

    raw = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(raw).decode("ascii")


def key_note(archive: Archive, origin: str) -> str:
    """The note by which the archive's own key says that the other one signs its packages."""
    own = signing.load_private(archive.root / archive.settings.proof.key)
    vkey = NoteKey(origin, own.public_key().public_bytes_raw())
    return str(sign_note(f"{HEADING}\n{_spki(package_key(archive))}\n{vkey}\n", origin, own))


def signed_data(archive: Archive, digest: str, created: datetime) -> dict[str, str]:
    """The member `signedData` over a package's digest (`sha256:…`)."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    key = package_key(archive)
    r, s = decode_dss_signature(key.sign(digest.encode(), ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(_BYTES, "big") + s.to_bytes(_BYTES, "big")
    return {
        "hash": digest,
        "created": utc_text(created),
        "software": f"ogi-archive {program_version()}",
        "signature": base64.b64encode(raw).decode("ascii"),
        "publicKey": _spki(key),
        "version": AUTH_VERSION,
    }


def is_signed_by(public: str, signature: str, digest: str) -> bool:
    """Whether a signature in base64 (r and s) is over a digest, by a P-256 or P-384 key in base64 (SPKI)."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key, raw = (
            load_der_public_key(base64.b64decode(public, validate=True)),
            base64.b64decode(signature, validate=True),
        )
        if not isinstance(key, ec.EllipticCurvePublicKey) or not raw:
            return False
        half = len(raw) // 2
        der = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
        key.verify(der, digest.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


@dataclass(slots=True)
class PackageCheck:
    """What a package's own hashes and signature say.

    Attributes:
        damages: Files that aren't those that the package names, and signatures that aren't over it.
        files: How many files were held against a hash.
        is_signed: Whether a valid signature covers it.
        signer: The archive's key that stands for the signature; `None` if nobody's note names the signing key.
    """

    damages: list[str] = field(default_factory=list)
    files: int = 0
    is_signed: bool = False
    signer: NoteKey | None = None

    @property
    def words(self) -> str:
        """In a few words."""
        if self.damages:
            return localizable(f"isn't as it was made: {self.damages[0]}")
        if not self.is_signed:
            return localizable("is not signed: nothing shows that it is as it was made")
        whose = (
            localizable(f"by {self.signer.name} (key {self.signer.fingerprint[:16]}…)")
            if self.signer
            else localizable("by a key that names nobody")
        )
        return localizable(f"is signed {whose}, and is as it was made")


def check_package(path: Path) -> PackageCheck:
    """Hold every file of a WACZ against the hash that the package has of it, and the whole against its signature."""
    found = PackageCheck()
    try:
        with zipfile.ZipFile(path) as package:
            _check(package, found)
    except ZIP_FAULTS as error:
        found.damages.append(f"it can't be read ({error})")
    return found


def _ambiguities(package: zipfile.ZipFile, names: list[str]) -> Iterator[str]:
    """What of a package two readers may understand otherwise, or none reads: files of one name, bytes of no file."""
    if len(set(names)) != len(names):
        yield localizable("it holds two files of one name")
    if outside := bytes_outside(package):
        yield localizable(f"{outside} bytes stand outside its files")


def _check(package: zipfile.ZipFile, found: PackageCheck) -> None:
    names = package.namelist()
    found.damages.extend(_ambiguities(package, names))
    described = _read_json(package, "datapackage.json")
    if described is None:
        found.damages.append("it has no readable datapackage.json")
        return
    listed = {}
    resources = described.get("resources")
    for item in resources if isinstance(resources, list) else ():
        if isinstance(item, dict):
            listed[str(item.get("path"))] = str(item.get("hash", "")).removeprefix("sha256:")
    for name, stated in listed.items():
        if name not in names:
            found.damages.append(f"{name} is not in it")
            continue
        found.files += 1
        with package.open(name) as stream:
            if _sha256(stream) != stated:
                found.damages.append(f"{name} has another hash than datapackage.json says")
    extra = sorted(set(names) - set(listed) - {"datapackage.json", "datapackage-digest.json"})
    extra = [name for name in extra if not name.endswith("/")]
    if extra:
        found.damages.append(f"{extra[0]} stands in it, and datapackage.json doesn't list it")
    _check_signature(package, found, names, described)


def _check_signature(
    package: zipfile.ZipFile, found: PackageCheck, names: list[str], described: dict[str, object]
) -> None:
    digest = _read_json(package, "datapackage-digest.json") if "datapackage-digest.json" in names else None
    if digest is None:
        return
    with package.open("datapackage.json") as stream:
        own = f"sha256:{_sha256(stream)}"
    if digest.get("hash") != own:
        found.damages.append("datapackage-digest.json has another hash of datapackage.json")
    signed = digest.get("signedData")
    if not isinstance(signed, dict):
        if KEY_NOTE in names:
            found.damages.append("it names a key for packages, and the signature by it is gone")
        return
    public, signature = str(signed.get("publicKey", "")), str(signed.get("signature", ""))
    if signed.get("hash") != own or not is_signed_by(public, signature, own):
        found.damages.append("its signature is not over this package")
        return
    found.is_signed = True
    if KEY_NOTE in names:
        for name in (
            "created",
            "software",
        ):  # the signature is over the package alone: what stands beside it must be said there too
            if signed.get(name) != described.get(name):
                found.damages.append(f"datapackage-digest.json has another {name!r} than datapackage.json")
        found.signer = _signer(package, public, found)


def _signer(package: zipfile.ZipFile, public: str, found: PackageCheck) -> NoteKey | None:
    """The archive's key whose note names the package's key."""
    try:
        note = parse_note(read_small(package, KEY_NOTE).decode("utf-8"))
        heading, spki, vkey, *_ = [*note.text.split("\n"), "", "", ""]
        key = parse_vkey(vkey)
    except (BadNote, UnicodeDecodeError):
        found.damages.append(f"{KEY_NOTE} can't be read")
        return None
    if heading != HEADING or spki != public or note.is_signed_by(key) is not True:
        found.damages.append(f"{KEY_NOTE} isn't a signed note on the key that signed the package")
        return None
    return key


def _read_json(package: zipfile.ZipFile, name: str) -> dict[str, object] | None:
    try:
        found = parse_json(read_small(package, name))
    except (KeyError, ValueError, zipfile.BadZipFile):
        return None
    return found if isinstance(found, dict) else None


def _sha256(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
