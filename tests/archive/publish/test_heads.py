"""Heads go by themselves where the operator can't change them; what could not be published is owed, and fails nothing."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.errors import BadSettings
from archive.files.folder import Archive
from archive.files.settings import load_settings
from archive.publish.heads import owed, publish_heads
from archive.verify.anchors import Anchors, parse_head
from archive.verify.run import VerifyOptions, verify
from archive.warc import growth
from archive.warc.checkpoint import parse_checkpoint
from archive.warc.closing import seal
from archive.warc.notes import COSIGNATURE, NoteKey, NoteSignature
from archive.warc.tree import is_consistent
from crawler.cli import run
from tests.answering import Answer, Asked, answering
from tests.archive.making import exchange, writer
from tests.archive.verify.attacks import build, copy, lines_of, write_lines

AT = 1_800_000_000


def now() -> datetime:
    return datetime(2026, 11, 30, tzinfo=UTC)


class Witness:
    """C2SP tlog-witness: it cosigns what continues the state that it saw."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = Ed25519PrivateKey.generate()
        self.key = NoteKey("witness.example/w1", self.secret.public_key().public_bytes_raw(), COSIGNATURE)
        self.seen: tuple[int, bytes] = (0, b"")
        self.answers: list[int] = []
        self.spoils = False

    def respond(self, asked: Asked) -> Answer:
        status, body = self.judge(asked.body.decode())
        self.answers.append(status)
        return status, {}, body.encode()

    def judge(self, body: str) -> tuple[int, str]:
        head, _, text = body.partition("\n\n")
        old, *proof = head.split("\n")
        checkpoint, note = parse_checkpoint(text)
        size, root = self.seen
        if int(old.removeprefix("old ")) != size:
            return 409, f"{size}\n"
        if size and not is_consistent(size, checkpoint.size, root, checkpoint.root, [*map(b64decode, proof)]):
            return 422, "no proof\n"
        self.seen = checkpoint.size, checkpoint.root
        signed = self.secret.sign(f"cosignature/v1\ntime {AT}\n{note.text}".encode())
        value = AT.to_bytes(8, "big") + (bytes(64) if self.spoils else signed)
        return 200, f"{NoteSignature(self.key.name, self.key.hash, value)}\n"


@pytest.fixture
def witness() -> Iterator[Witness]:
    found = Witness()
    with answering(found.respond) as found.url:
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("heads") / "a", reports=1)


def with_places(made: Archive, to: Path, *tables: str) -> Archive:
    archive = copy(made, to)
    settings = to / "ogi.toml"
    settings.write_text(settings.read_text() + "".join(f"\n[[proof.publish]]\n{table}" for table in tables))
    return Archive.open(archive.root)


def place(kind: str, to: object, more: str = "") -> str:
    return f'name = "{kind}"\nkind = "{kind}"\nto = "{to}"\n{more}'


def grow(archive: Archive) -> None:
    segments = writer(archive, run="r9")
    segments.write_exchange(exchange(9))
    segments.close()
    with archive.lock():
        seal(archive, segments.finished[0])


def test_a_file_gets_each_head_once(made: Archive, tmp_path: Path) -> None:
    archive = with_places(made, tmp_path / "a", place("file", tmp_path / "partner" / "heads.txt"))
    assert [one.size for one in owed(archive)] == [len(lines_of(archive))]
    for _ in range(2):
        assert publish_heads(archive, now) == []
    assert owed(archive) == []
    grow(archive)
    assert publish_heads(archive, now) == []
    head = parse_head(str(tmp_path / "partner" / "heads.txt"), "--head").checkpoint
    assert (head and head.size) == len(lines_of(archive)), "the newest of a file is what an archive is held against"
    text = (tmp_path / "partner" / "heads.txt").read_text()
    sizes = [int(line) for line in text.splitlines() if line.isdecimal()]
    assert sizes == [len(lines_of(archive)) - 1, len(lines_of(archive))]


def test_a_repository_gets_a_commit_and_its_remote_a_push(
    made: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (("init", "-q", "--bare", "remote"), ("clone", "-q", "remote", "local")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    archive = with_places(made, tmp_path / "a", place("git", tmp_path / "local"))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))  # as in a hook of another repository
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1990-01-01T00:00:00Z")
    for _ in range(2):
        assert publish_heads(archive, now) == []
    monkeypatch.undo()
    said = subprocess.run(["git", "log", "--all", "--format=%s %cs"], cwd=tmp_path / "remote", check=True, capture_output=True, text=True)  # fmt: skip
    (line,) = said.stdout.splitlines()
    assert line.startswith(f"head of {len(lines_of(archive))} lines ")
    assert "1990" not in line


@pytest.mark.parametrize(
    ("kind", "to", "why"),
    [
        ("file", "{root}/heads.txt", "outside"),
        ("git", "{tmp}/nothing", "git"),
        ("tsa", "http://127.0.0.1:9/", "127.0.0.1:9"),
        ("file", "relative.txt", "outside"),
    ],
)
def test_what_could_not_be_published_is_owed_and_fails_nothing(
    made: Archive, tmp_path: Path, kind: str, to: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = to.format(root=tmp_path / "a", tmp=tmp_path)
    archive = with_places(made, tmp_path / "a", place(kind, where), place("file", tmp_path / "good.txt").replace('"file"', '"good"', 1))  # fmt: skip
    (problem,) = publish_heads(archive, now)
    assert kind in problem
    assert why in problem
    assert (tmp_path / "good.txt").exists(), "the other place has it"
    (left,) = owed(archive)
    assert (left.place.name, left.since, bool(left.why)) == (kind, "2026-11-30T00:00:00Z", True)
    run(["doctor", "--archive", str(archive.root)])
    assert f"not published at {kind} since 2026-11-30" in capsys.readouterr().out
    assert verify(archive, VerifyOptions(workers=1)).is_whole


def test_a_witness_that_is_trusted_proves_when(made: Archive, tmp_path: Path, witness: Witness) -> None:
    archive = with_places(made, tmp_path / "a", place("witness", witness.url, f'key = "{witness.key}"\n'))  # fmt: skip
    assert publish_heads(archive, now) == []
    grow(archive)
    (archive.proof_dir / "published.jsonl").unlink()  # who forgets what it saw is told
    assert publish_heads(archive, now) == []
    assert witness.answers == [200, 409, 200]
    for anchors, outcome in (
        (Anchors(), "not proved"),
        (Anchors(witnesses=(witness.key,)), "proved"),
        (Anchors(witnesses=(witness.key,), quorum=2), "not proved"),
        (Anchors(witnesses=(NoteKey(witness.key.name, bytes(32), COSIGNATURE),)), "not proved"),
    ):
        found = verify(archive, VerifyOptions(anchors, workers=1))
        assert (found.claim("when").outcome, found.damages) == (outcome, ())
    assert (
        "2027-01-15" in verify(archive, VerifyOptions(Anchors(witnesses=(witness.key,)), workers=1)).claim("when").why
    )


def test_a_witness_cosigns_no_fork_and_its_cosignature_tells_of_lines_that_are_gone(
    made: Archive, tmp_path: Path, witness: Witness
) -> None:
    entry = place("witness", witness.url, f'key = "{witness.key}"\n')
    archive = with_places(made, tmp_path / "a", entry)
    grow(archive)
    assert publish_heads(archive, now) == []
    other = with_places(made, tmp_path / "b", entry)
    grow(other)
    (problem,) = publish_heads(other, now)
    assert "not published at witness" in problem
    assert 422 in witness.answers or 409 in witness.answers
    write_lines(archive, lines_of(archive)[:-1])  # and cut: the cosigned checkpoint stays behind
    (archive.proof_dir / "checkpoint").unlink()
    found = verify(Archive.open(archive.root), VerifyOptions(workers=1))
    assert (found.claim("complete").outcome, found.exit_status) == ("damaged", 1)


def test_a_cosignature_that_is_none_is_not_taken(made: Archive, tmp_path: Path, witness: Witness) -> None:
    witness.spoils = True
    archive = with_places(made, tmp_path / "a", place("witness", witness.url, f'key = "{witness.key}"\n'))  # fmt: skip
    (problem,) = publish_heads(archive, now)
    assert "no valid cosignature" in problem
    assert (
        verify(archive, VerifyOptions(Anchors(witnesses=(witness.key,)), workers=1)).claim("when").outcome
        == "not proved"
    )


def test_a_kept_checkpoint_of_another_chain_is_damage(made: Archive, tmp_path: Path) -> None:
    archive = with_places(made, tmp_path / "a")
    size = len(lines_of(archive))
    for text in (f"x\n{size}\n{b64encode(bytes(32)).decode()}\n", "nothing"):
        folder = archive.proof_dir / str(size)
        folder.mkdir(exist_ok=True)
        (folder / "checkpoint").write_text(text)
        assert verify(archive, VerifyOptions(workers=1)).exit_status == 1


def test_an_accepted_rollback_lets_go_of_what_others_cosigned(made: Archive, tmp_path: Path, witness: Witness) -> None:
    archive = with_places(made, tmp_path / "a", place("witness", witness.url, f'key = "{witness.key}"\n'))  # fmt: skip
    grow(archive)
    assert publish_heads(archive, now) == []
    lines = lines_of(archive)
    (archive.warc_dir / json.loads(lines[-1])["segment"]).unlink()
    write_lines(archive, lines[:-1])
    (archive.proof_dir / "checkpoint").unlink()
    opened = Archive.open(archive.root)
    with opened.lock():
        assert growth.let_go(opened) is not None
    assert verify(Archive.open(archive.root), VerifyOptions(workers=1)).damages == ()


@pytest.mark.parametrize(
    "table",
    [
        'name = "x"\nkind = "blockchain"\nto = "/x"\n',
        'name = "X y"\nkind = "file"\nto = "/x"\n',
        'name = "x"\nkind = "tsa"\nto = "/x"\n',
        'name = "x"\nkind = "file"\nto = ""\n',
        'name = "x"\nkind = "witness"\nto = "http://127.0.0.1/"\n',
    ],
)
def test_a_place_that_is_none_is_bad_usage(tmp_path: Path, table: str) -> None:
    path = tmp_path / "ogi.toml"
    path.write_text(f"[[proof.publish]]\n{table}")
    with pytest.raises(BadSettings, match=r"proof\.publish"):
        load_settings(path)


def test_a_command_that_seals_something_publishes(made: Archive, tmp_path: Path) -> None:
    archive = with_places(made, tmp_path / "a", place("file", tmp_path / "heads.txt"))
    db = sqlite3.connect(archive.db_path)
    (found,) = db.execute("SELECT id FROM reports").fetchone()
    db.close()
    assert run(["withhold", found, "--reason", "a person is named", "--archive", str(archive.root)]) == 0
    head = parse_head(str(tmp_path / "heads.txt"), "--head").checkpoint
    assert (head and head.size) == len(lines_of(archive))
