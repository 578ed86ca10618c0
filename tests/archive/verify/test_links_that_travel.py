"""A snapshot without its evidence carries how one key followed another: who trusts the old key follows what both keys signed, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive.duties.rotation import rotate
from archive.files.folder import Archive
from archive.site import publish as publishing
from archive.warc import growth, signing
from archive.warc.attest import attest
from archive.warc.keys import Rotation, parse_rotation
from archive.warc.notes import Note, sign_note
from crawler.cli import run
from tests.archive.verify.attacks import build
from tests.archive.verify.test_keys import own_key
from tests.archive.verify.test_what_leaves import NOW

Outcome = tuple[str, str, int]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, str, str]:
    """An archive whose key was replaced twice; the first key, and the one between."""
    archive = build(tmp_path_factory.mktemp("links") / "a", decide=False, reports=1)
    old = own_key(archive)
    with archive.lock():
        rotate(archive, "rotated", "the yearly change")
        between = own_key(archive)
        rotate(archive, "rotated", "the next year")
    return archive, old, between


@pytest.fixture
def look(capsys: pytest.CaptureFixture[str]) -> Callable[[Path, str], Outcome]:
    def outcome(site: Path, key: str) -> Outcome:
        status = run(["verify", str(site), "--key", key, "--json"])
        claims = {one["claim"]: one["outcome"] for one in json.loads(capsys.readouterr().out)["claims"]}
        return claims["who"], claims["index"], status

    return outcome


def snapshot(archive: Archive, site: Path) -> Path:
    publishing.publish(archive, site, NOW, with_evidence=False)
    return site


def notes_of(site: Path) -> list[Path]:
    return sorted((site / "keys").glob("*.note"))


def state_anew(archive: Archive, site: Path) -> None:
    """As who holds the last key does: all hashes and the statement over them made anew."""
    path = site / "snapshot.json"
    about = json.loads(path.read_text())
    kept = {name: sha for name, sha in about["files"].items() if not name.startswith("keys/")}
    keys = {f"keys/{one.name}": hashlib.sha256(one.read_bytes()).hexdigest() for one in (site / "keys").iterdir()}
    about["files"] = kept | keys
    path.write_text(json.dumps(about))
    lines = (site / "manifest.jsonl").read_bytes().split(b"\n")[:-1]
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    (site / "snapshot.note").write_text(attest(archive, publishing.SNAPSHOT_STATEMENT, sha, lines) or "")


def test_who_trusts_an_old_key_follows_it_in_a_snapshot_without_evidence(
    made: tuple[Archive, str, str], tmp_path: Path, look: Callable[[Path, str], Outcome]
) -> None:
    archive, old, between = made
    site = snapshot(archive, tmp_path / "site")
    assert [one.name for one in notes_of(site)] == ["rotation-1.note", "rotation-2.note"]
    for key in (old, between, own_key(archive)):
        assert look(site, key) == ("proved", "proved", 3), "the records didn't come along"


def signed_by_new_alone(archive: Archive, rotation: Rotation, note: Note) -> Note:
    new = signing.load_private(archive.root / archive.settings.proof.key)
    mine = sign_note(rotation.text, rotation.old.name, new).signatures
    return Note(rotation.text, mine)


def old_signature_forged(archive: Archive, rotation: Rotation, note: Note) -> Note:
    (one,) = signed_by_new_alone(archive, rotation, note).signatures
    by_old = next(each for each in note.signatures if each.hash != one.hash)
    return Note(rotation.text, (replace(by_old, value=one.value), one))


def of_another_archive(archive: Archive, rotation: Rotation, note: Note) -> Note:
    """Both keys signed it, elsewhere."""
    other = replace(rotation, genesis="0" * 64)
    kept = sorted((archive.root / "keys").glob(f"*{rotation.old.fingerprint[:16]}.pem"))
    pair = [signing.load_private(kept[0]), signing.load_private(archive.root / archive.settings.proof.key)]
    return Note(other.text, tuple(sign_note(other.text, rotation.old.name, key).signatures[0] for key in pair))


def altered(archive: Archive, rotation: Rotation, note: Note) -> Note:
    return Note(replace(rotation, line=rotation.line + 1).text, note.signatures)


def said_to_be_lost(archive: Archive, rotation: Rotation, note: Note) -> Note:
    return Note(replace(rotation, reason="lost").text, note.signatures)


@pytest.mark.parametrize(
    "forge", [signed_by_new_alone, old_signature_forged, of_another_archive, altered, said_to_be_lost]
)
def test_a_link_that_not_both_keys_signed_for_this_archive_is_not_followed(
    made: tuple[Archive, str, str],
    tmp_path: Path,
    look: Callable[[Path, str], Outcome],
    forge: Callable[[Archive, Rotation, Note], Note],
) -> None:
    archive, old, between = made
    site = snapshot(archive, tmp_path / "site")
    last = notes_of(site)[-1]
    last.write_text(str(forge(archive, *parse_rotation(last.read_text()))))
    assert look(site, between) == ("damaged", "damaged", 1), "snapshot.json has another hash of it"
    state_anew(archive, site)
    assert look(site, between) == look(site, old) == ("damaged", "proved", 1)
    assert look(site, own_key(archive)) == ("proved", "proved", 3)


def test_without_the_links_it_is_not_proved_that_one_key_follows_another(
    made: tuple[Archive, str, str], tmp_path: Path, look: Callable[[Path, str], Outcome]
) -> None:
    archive, old, _ = made
    site = snapshot(archive, tmp_path / "site")
    for note in notes_of(site):
        note.unlink()
    assert look(site, old) == ("not proved", "damaged", 1), "snapshot.json names them"
    state_anew(archive, site)  # as a snapshot of an older release is
    assert look(site, old) == ("not proved", "proved", 3)
    private = tmp_path / "stranger.pem"
    signing.make_key(private)
    key = growth.note_key(archive, growth.genesis_of(archive), signing.load_private(private).public_key())
    assert look(site, str(key)) == ("damaged", "proved", 1), "it signed no line"


def test_a_link_that_cannot_be_read_is_damage(
    made: tuple[Archive, str, str], tmp_path: Path, look: Callable[[Path, str], Outcome]
) -> None:
    archive, old, _ = made
    site = snapshot(archive, tmp_path / "site")
    notes_of(site)[0].write_bytes(b"\xff\n")
    state_anew(archive, site)
    assert look(site, old) == ("damaged", "proved", 1)
