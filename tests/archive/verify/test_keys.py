"""A signing key replaced: who trusts the old one follows a link that both keys signed, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.duties.rotation import rotate
from archive.errors import BadSettings
from archive.files.folder import Archive
from archive.verify import trusted
from archive.warc import growth, keys, manifest, signing, statements
from archive.warc.keys import Rotation
from archive.warc.notes import Note, sign_note
from archive.warc.statements import SealedStatement
from crawler.cli import run
from tests.archive.verify.attacks import build, copy, judge, lines_of
from tests.archive.verify.test_attacks import build_more


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("keys") / "a", decide=False, reports=1)


@pytest.fixture
def archive(made: Archive, tmp_path: Path) -> Archive:
    return copy(made, tmp_path / "a")


def own_key(archive: Archive) -> str:
    """The vkey of the key that signs now."""
    public = signing.load_private(archive.root / archive.settings.proof.key).public_key()
    return str(growth.note_key(archive, growth.genesis_of(archive), public))


def who(archive: Archive, key: str) -> tuple[str, int]:
    found = judge(archive, key=key, deep=False)
    return found.claim("who").outcome.value, found.exit_status


@pytest.mark.parametrize(("reason", "follows"), [("rotated", True), ("compromised", True), ("lost", False)])
def test_who_trusts_the_old_key_follows_to_the_new_one(archive: Archive, reason: str, follows: bool) -> None:
    old, before = own_key(archive), len(lines_of(archive))
    with archive.lock():
        done = rotate(
            archive, reason, "the yearly change", since="2021-03-01T00:00:00Z" if reason == "compromised" else ""
        )
    assert judge(archive, key=own_key(archive)).is_whole, "before anything else is sealed"
    new = own_key(archive)
    assert (str(done.rotation.old), str(done.rotation.new), old != new) == (old, new, True)
    build_more(archive)
    signed = [json.loads(line)["signature"]["key"] for line in lines_of(archive)[before:]]
    assert signed[done.rotation.line - 1 - before :] == [done.rotation.new.fingerprint[:16]] * (
        len(signed) - done.rotation.line + 1 + before
    )
    assert who(archive, new) == ("proved", 0)
    assert who(archive, old) == (("proved", 0) if follows else ("damaged", 1))
    assert judge(archive).is_whole


def test_a_key_that_was_compromised_proves_nothing_of_what_it_signs_afterwards(archive: Archive) -> None:
    old = own_key(archive)
    private = archive.root / archive.settings.proof.key
    stolen = private.read_bytes()
    with archive.lock():
        done = rotate(archive, "compromised", "stolen", since="2021-03-01T00:00:00Z")
    private.write_bytes(stolen)  # the thief signs on with it
    signing.public_path(private).write_bytes(signing.public_path(done.retired or private).read_bytes())
    build_more(archive)
    outcome, status = who(archive, old)
    assert (outcome, status) == ("not proved", 3)


def forged(
    sign_old: bool, change: Callable[[Rotation], Rotation] = lambda rotation: rotation
) -> Callable[[Archive], None]:
    """Somebody who owns the folder and not the key puts his own key in its place, with a statement of his own."""

    def attack(archive: Archive) -> None:
        private = archive.root / archive.settings.proof.key
        genesis = growth.genesis_of(archive)
        old = growth.note_key(archive, genesis, signing.load_private(private).public_key())
        private.unlink()
        signing.public_path(private).rename(private.with_name("old.pub.pem"))
        signing.make_key(private)
        mine = signing.load_private(private)
        new = growth.note_key(archive, genesis, mine.public_key())
        rotation = change(
            Rotation(genesis, old, new, len(lines_of(archive)) + 1, "rotated", "", "2021-03-01T00:00:00Z", "x")
        )
        by_new = sign_note(rotation.text, new.name, mine).signatures
        by_old = tuple(type(one)(old.name, old.hash, one.value) for one in by_new) if sign_old else ()
        note = Note(rotation.text, (*by_old, *by_new))
        with archive.lock():
            statements.seal_statements(
                archive, "key", [SealedStatement(f"{statements.KEY}1", "text/plain", str(note).encode())]
            )

    return attack


@pytest.mark.parametrize(
    "attack",
    [
        forged(sign_old=False),
        forged(sign_old=True),
        forged(
            False,
            lambda rotation: Rotation(
                "0" * 64, rotation.old, rotation.new, rotation.line, "rotated", "", rotation.at, "x"
            ),
        ),
        forged(
            False,
            lambda rotation: Rotation(
                rotation.genesis, rotation.new, rotation.new, rotation.line, "rotated", "", rotation.at, "x"
            ),
        ),
        forged(
            False,
            lambda rotation: Rotation(rotation.genesis, rotation.old, rotation.new, 1, "lost", "", rotation.at, "x"),
        ),
    ],
    ids=[
        "not signed by the old key",
        "signed by another in its name",
        "of another archive",
        "of itself",
        "said to be lost",
    ],
)
def test_a_forged_rotation_is_damage_for_who_trusts_the_key(
    archive: Archive, attack: Callable[[Archive], None]
) -> None:
    old = own_key(archive)
    attack(archive)
    assert who(archive, old) == ("damaged", 1)


def test_a_key_replaced_without_a_statement_is_damage_for_who_trusts_it(archive: Archive) -> None:
    old = own_key(archive)
    private = archive.root / archive.settings.proof.key
    private.unlink()
    signing.make_key(private)
    build_more(archive)
    assert who(archive, old) == ("damaged", 1)


def test_a_rotation_that_died_on_the_way_is_made_again(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    old = own_key(archive)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("archive.duties.rotation._exchange", die)
        with archive.lock(), pytest.raises(KeyboardInterrupt):
            rotate(archive, "rotated", "")
    build_more(archive)  # the old key signs on, and is still trusted
    assert who(archive, old) == ("proved", 0)
    with archive.lock():
        rotate(archive, "rotated", "again")
    build_more(archive)
    assert who(archive, old) == ("proved", 0)
    links = keys.read_links(archive, manifest.entries(archive))
    assert len({link.rotation for link in links}) == 2, "the one that died, and the one that was made again"
    assert not list(archive.keys_dir.glob("*.new*"))


def test_the_command_says_which_key_signs_now_and_where_the_old_one_lies(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--archive", str(archive.root)]
    assert run(["keys", "rotate", "--json", *where]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], Path(told["retired"]).exists()) == (own_key(archive), True)
    assert run(["keys", "rotate", "--lost", "--compromised", "2021-01-01", *where]) == 2
    assert run(["keys", "rotate", "--compromised", "soon", *where]) == 2
    assert "no date" in capsys.readouterr().err
    plain = Archive.create(tmp_path / "plain")
    assert run(["keys", "rotate", "--archive", str(plain.root)]) == 2
    (archive.root / archive.settings.proof.key).write_bytes(b"rubbish")
    with archive.lock(), pytest.raises(BadSettings):
        rotate(archive, "rotated", "")


@pytest.mark.parametrize("n_heads", [1, 2, 3, 4])
def test_what_a_file_given_to_be_trusted_is_goes_by_what_it_says_not_by_its_lines(
    archive: Archive, tmp_path: Path, n_heads: int
) -> None:
    """A public key in PEM has three lines, as a checkpoint has; a file of heads has as many as there were harvests."""
    published = signing.public_path(archive.root / archive.settings.proof.key)
    assert published.read_text("utf-8").strip().count("\n") == 2
    kind, entry = trusted.classify(str(published), "example.org")
    assert (kind, entry.rpartition("+")[2]) == ("keys", own_key(archive).rpartition("+")[2])
    windows = tmp_path / "windows.pem"
    windows.write_bytes(published.read_bytes().replace(b"\n", b"\r\n"))
    assert trusted.classify(str(windows), "x")[0] == "keys"
    heads = tmp_path / "heads.txt"
    heads.write_text("".join(f"{number:064x}\n" for number in range(n_heads)), "utf-8")
    assert trusted.classify(str(heads), "x", as_head=n_heads == 1) == ("heads", f"{n_heads - 1:064x}")
