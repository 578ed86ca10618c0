"""A proof file is checked by who knows nothing of this program: what stood there is proved, whatever is altered is damaged."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ExportFailed
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import rows
from archive.publish.check_proof import COLUMNS, check, is_ed25519, status_of
from archive.publish.proof_file import PAGE
from archive.publish.prove import prove
from archive.warc import growth, signing
from archive.warc.notes import NoteKey
from crawler.cli import run
from tests.archive.verify.attacks import build

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("prove") / "a", decide=False)


@pytest.fixture(scope="module")
def vkey(signed: Archive) -> str:
    private = signing.load_private(signed.root / signed.settings.proof.key)
    return str(NoteKey(growth.origin_of(signed, growth.genesis_of(signed)), private.public_key().public_bytes_raw()))


@pytest.fixture(scope="module")
def revised(signed: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A proof of the revision, before and after."""
    db = open_index(signed)
    try:
        (change,) = rows(db, "SELECT id FROM changes WHERE kind = 'revised'")
    finally:
        db.close()
    out = tmp_path_factory.mktemp("file") / "revised.wacz"
    claim = prove(signed, change["id"], out, NOW)
    assert [(one["version"], one["raw"]) for one in claim["figures"]][1] == (2, "31")
    return out


def test_a_revision_is_proved_with_the_key_and_by_python_alone(revised: Path, vkey: str, tmp_path: Path) -> None:
    assert status_of(check(str(revised))) == 3, "without a key nobody knows whose it is"
    said = check(str(revised), vkey)
    assert status_of(said) == 0, said
    assert sum("stands in cell" in sentence for _, sentence in said) == 2
    with zipfile.ZipFile(revised) as package:
        (tmp_path / "check.py").write_bytes(package.read("proof/check.py"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "check.py"), str(revised), "--key", vkey],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert revised.stat().st_size < 140_000


@pytest.mark.parametrize(
    "what", ["{}", "{}@1", "{}/applications/received/research", "{}/applications/received/research@1"]
)
def test_reports_and_figures_of_any_version_are_proved(signed: Archive, vkey: str, tmp_path: Path, what: str) -> None:
    db = open_index(signed)
    try:
        (found,) = rows(db, "SELECT report FROM changes WHERE kind = 'revised'")
    finally:
        db.close()
    prove(signed, what.format(found["report"]), tmp_path / "x.wacz", NOW)
    assert status_of(check(str(tmp_path / "x.wacz"), vkey)) == 0


@pytest.mark.parametrize("what", ["nothing-2020-abcdef", "a/b", "", "../x"])
def test_what_is_not_there_is_told_in_words(signed: Archive, tmp_path: Path, what: str) -> None:
    with pytest.raises(ExportFailed):
        prove(signed, what, tmp_path / "x.wacz", NOW)
    assert not list(tmp_path.iterdir())


Files = dict[str, bytes]


def claim_of(files: Files) -> Any:
    return json.loads(files["proof/claim.json"])


def put(files: Files, name: str, data: Any) -> None:
    files[name] = json.dumps(data).encode()


def value(files: Files) -> None:
    claim = claim_of(files)
    claim["figures"][0]["raw"] = "999"
    put(files, "proof/claim.json", claim)


def cell(files: Files) -> None:
    claim = claim_of(files)
    claim["figures"][0]["where"] = "(//table)[1]/descendant::tr[1]/*[9]"
    put(files, "proof/claim.json", claim)


def date(files: Files) -> None:
    claim = claim_of(files)
    claim["captures"][0]["at"] = "2020-01-01T00:00:00Z"
    put(files, "proof/claim.json", claim)


def address(files: Files) -> None:
    claim = claim_of(files)
    claim["captures"][0]["url"] = "http://elsewhere.example/"
    put(files, "proof/claim.json", claim)


def figure_time(files: Files) -> None:
    claim = claim_of(files)
    claim["figures"][0]["at"] = "2020-01-01T00:00:00Z"
    put(files, "proof/claim.json", claim)


def figure_of_another_record(files: Files) -> None:
    claim = claim_of(files)
    claim["figures"][0]["record"], claim["figures"][1]["record"] = (
        claim["figures"][1]["record"],
        claim["figures"][0]["record"],
    )
    put(files, "proof/claim.json", claim)


def leaf(files: Files) -> None:
    paths = json.loads(files["proof/paths.json"])
    paths["records"][1]["leaf"] += 1
    put(files, "proof/paths.json", paths)


def path(files: Files) -> None:
    paths = json.loads(files["proof/paths.json"])
    next(iter(paths["lines"].values()))["path"].pop()
    put(files, "proof/paths.json", paths)


def line(files: Files) -> None:
    paths = json.loads(files["proof/paths.json"])
    one = next(iter(paths["lines"].values()))
    one["text"] = one["text"].replace('"records":', '"records": ')
    put(files, "proof/paths.json", paths)


def record(files: Files) -> None:
    files["archive/data.warc.gz"] += files["archive/data.warc.gz"][:40]


def size(files: Files) -> None:
    text = files["proof/checkpoint.txt"].decode().split("\n")
    text[1] = str(int(text[1]) + 1)
    files["proof/checkpoint.txt"] = "\n".join(text).encode()


def unlisted(files: Files) -> None:
    files["proof/more.txt"] = b"x"


def of_readings(change: Callable[[list[Any]], object]) -> Callable[[Files], None]:
    def attack(files: Files) -> None:
        lines = [json.loads(one) for one in files["proof/readings.jsonl"].decode().split("\n") if one]
        change(lines)
        files["proof/readings.jsonl"] = "".join(json.dumps(one) + "\n" for one in lines).encode()

    return attack


def swap(lines: list[Any], name: str) -> None:
    lines[0][name], lines[1][name] = lines[1][name], lines[0][name]


def rows_with_the_figure(files: Files) -> None:
    """The claim altered, its statement taken out, and the rows made to agree with it."""
    claim = claim_of(files)
    claim["figures"][0]["row"] = "carried_over"
    put(files, "proof/claim.json", claim)
    of_readings(lambda lines: lines[0].update(rows=lines[0]["rows"].replace("received", "carried_over")))(files)
    drop(files, "proof/claim.note")


def drop(files: Files, name: str) -> None:
    """Take a file out, and its hash."""
    del files[name]
    described = json.loads(files["datapackage.json"])
    described["resources"] = [one for one in described["resources"] if one["path"] != name]
    put(files, "datapackage.json", described)


ATTACKS: list[Callable[[Files], None]] = [
    value, cell, date, address, figure_time, figure_of_another_record, leaf, path, line, record, size,
    of_readings(lambda lines: lines[0].update(rows=lines[0]["rows"].replace("i:1", "i:2", 1))),
    of_readings(lambda lines: lines[0].update(rows="")),
    of_readings(lambda lines: lines[0].update(record=lines[0]["record"].split(":")[0] + ":0")),
    of_readings(lambda lines: lines[0].update(record="1:2")),
    of_readings(lambda lines: lines.append({**lines[0], "version": 9})),
    of_readings(lambda lines: swap(lines, "rows")), of_readings(lambda lines: swap(lines, "version")),
    of_readings(lambda lines: lines[1].update(rows=lines[1]["rows"] + "x\t[]\n")),
    rows_with_the_figure,
]  # fmt: skip
#: Words of a claim that stand in what was sealed when the document was read: they are held against that, too.
SEALED = ("report", "row", "value beside its text", "sureness", "version", "reader")


def remade(file: Path, out: Path, attack: Callable[[Files], None], *, hashes: bool = True) -> Path:
    """The file altered, all its hashes made anew."""
    with zipfile.ZipFile(file) as package:
        files = {name: package.read(name) for name in package.namelist()}
    attack(files)
    if hashes:
        described = json.loads(files["datapackage.json"])
        for item in described["resources"]:
            item["hash"] = "sha256:" + hashlib.sha256(files[item["path"]]).hexdigest()
        put(files, "datapackage.json", described)
        digest = json.loads(files["datapackage-digest.json"])
        digest["hash"] = "sha256:" + hashlib.sha256(files["datapackage.json"]).hexdigest()
        put(files, "datapackage-digest.json", digest)
    with zipfile.ZipFile(out, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
    return out


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_forgery_is_damaged_although_all_hashes_were_made_anew(
    revised: Path, tmp_path: Path, vkey: str, attack: Callable[[Files], None]
) -> None:
    assert status_of(check(str(remade(revised, tmp_path / "x.wacz", attack)), vkey)) == 1


WORDS: dict[str, Callable[[Any], object]] = {
    "organ": lambda claim: claim.update(agency="北京市人民政府"),
    "year": lambda claim: claim.update(year=2021),
    "report": lambda claim: claim.update(report="another-2020-1"),
    "label": lambda claim: claim["figures"][0].update(label="二、上年结转 · 自然人"),
    "row": lambda claim: claim["figures"][0].update(row="carried_over"),
    "value beside its text": lambda claim: claim["figures"][0].update(value=1.0),
    "unit": lambda claim: claim["figures"][0].update(unit="万元"),
    "sureness": lambda claim: claim["figures"][0].update(confidence=0.5),
    "version": lambda claim: claim["figures"][0].update(version=2),
    "title": lambda claim: claim["versions"][0].update(title="another"),
    "reader": lambda claim: claim["versions"][0].update(extractor="0.0.1"),
    "what it doesn't say": lambda claim: claim["not_proved"].clear(),
    "a figure left out": lambda claim: claim["figures"].pop(),
    "a member added": lambda claim: claim.update(note="checked"),
}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_a_claim_that_no_record_shows_is_the_archives_or_it_is_damaged(
    revised: Path, tmp_path: Path, vkey: str, word: str
) -> None:
    def alter(files: Files) -> None:
        claim = claim_of(files)
        WORDS[word](claim)
        put(files, "proof/claim.json", claim)

    def alter_and_strip(files: Files) -> None:
        alter(files)
        drop(files, "proof/claim.note")

    assert status_of(check(str(remade(revised, tmp_path / "x.wacz", alter)), vkey)) == 1
    outcome = status_of(check(str(remade(revised, tmp_path / "y.wacz", alter_and_strip)), vkey))
    assert outcome == (1 if word in SEALED else 3)


def test_without_what_was_sealed_of_a_reading_it_is_not_proved(revised: Path, tmp_path: Path, vkey: str) -> None:
    """Taken out of a file it is damage; where a file never had it, it is not proved."""
    name = "proof/readings.jsonl"
    assert status_of(check(str(remade(revised, tmp_path / "x.wacz", lambda files: drop(files, name))), vkey)) == 1

    def without(files: Files) -> None:
        claim = claim_of(files)
        del claim["files"][name]
        put(files, "proof/claim.json", claim)
        drop(files, name)
        drop(files, "proof/claim.note")

    said = check(str(remade(revised, tmp_path / "y.wacz", without)), vkey)
    assert (status_of(said), sum("sealed when it was read" in sentence for _, sentence in said)) == (3, 2)


def test_the_checkers_columns_are_those_of_the_tables() -> None:
    assert COLUMNS == FIGURE_TABLES
    page_of = PAGE.read_text("utf-8")
    assert all(f'"{table}": {json.dumps(list(columns))}' in page_of for table, columns in COLUMNS.items())


def test_verify_checks_a_proof_file_too(
    revised: Path, signed: Archive, tmp_path: Path, vkey: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = str(next(signed.keys_dir.glob("*.pub.pem")))
    altered = str(remade(revised, tmp_path / "x.wacz", ATTACKS[0]))
    for file, keys, status in (
        (str(revised), [vkey], 0),
        (str(revised), [pem], 0),
        (str(revised), [], 3),
        (str(revised), ["0" * 64], 2),
        (str(revised), [vkey, pem], 2),
        (altered, [vkey], 1),
    ):
        assert run(["verify", file, "--json", *(word for key in keys for word in ("--key", key))]) == status
        said = capsys.readouterr().out
        if status != 2:
            assert (json.loads(said)["whole"], bool(json.loads(said)["damages"])) == (status == 0, status == 1)


def test_an_unlisted_file_a_flipped_byte_and_another_key_are_damage(revised: Path, tmp_path: Path, vkey: str) -> None:
    assert status_of(check(str(remade(revised, tmp_path / "x.wacz", unlisted, hashes=False)), vkey)) == 1
    data = bytearray(revised.read_bytes())
    for place in range(0, len(data), len(data) // 9):
        data[place] ^= 1
    (tmp_path / "y.wacz").write_bytes(data)
    assert status_of(check(str(tmp_path / "y.wacz"), vkey)) == 1
    name = vkey.partition("+")[0]
    other = str(NoteKey(name, bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")))
    assert status_of(check(str(revised), other)) == 1
    with pytest.raises(ValueError, match="key"):
        check(str(revised), "a+b+c")


def test_the_checkers_signatures_are_those_of_the_standard() -> None:
    """RFC 8032 §7.1, tests 1 and 2."""
    first = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert is_ed25519(first, signature, b"")
    assert not is_ed25519(first, signature, b"x")
    assert not is_ed25519(first, signature[:-1] + b"\xff", b"")
