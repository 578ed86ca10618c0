"""What somebody tries who owns the folder and not the key, and what `ogi verify` says of it: claim by claim, never "whole"."""

from __future__ import annotations

import hashlib
import json
import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from archive.errors import DamagedArchive, RolledBack
from archive.files.folder import Archive
from archive.history.ingest import ingest_sealed, rebuild
from archive.index import seals, upgrades
from archive.index.database import open_index
from archive.index.migrations import MIGRATIONS, SCHEMA_VERSION
from archive.index.roots import quoted, schema_of, tables_of
from archive.verify.anchors import Anchors, KnownHead
from archive.verify.run import VerifyOptions, verify
from archive.warc import growth, manifest, signing
from archive.warc.checkpoint import parse_checkpoint
from archive.warc.growth import place_of
from archive.work import release
from crawler.cli import run
from tests.archive.verify.attacks import (
    build,
    copy,
    decide_by_hand,
    forge_record,
    forget_checkpoint,
    judge,
    lines_of,
    members,
    raw_sql,
    relist,
    sql,
    unsign,
    write_lines,
)  # fmt: skip

ALTER = "UPDATE applications SET research = 77 WHERE research = 31"
RENAME = "UPDATE versions SET extractor = '0.0.1'"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The untouched archive."""
    return build(tmp_path_factory.mktemp("attacks") / "a")


@pytest.fixture
def victim(made: Archive, tmp_path: Path) -> Archive:
    """A copy of it to be attacked."""
    return copy(made, tmp_path / "victim")


def fingerprint(archive: Archive) -> str:
    """The archive's key, as somebody keeps it elsewhere."""
    (public,) = signing.load_public(archive.keys_dir).values()
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()


def outcomes(result: object) -> dict[str, str]:
    """Outcome of each claim."""
    return {claim.name: claim.outcome.value for claim in result.claims}  # type: ignore[attr-defined]


def test_an_untouched_archive_is_whole_and_every_claim_is_proved_that_can_be(made: Archive) -> None:
    head = manifest.entries(made)[0].hash
    for deep in (True, False, None):
        found = judge(made, key=fingerprint(made), head=head, deep=deep)
        assert found.damages == ()
        assert outcomes(found) == {
            "bytes": "proved",
            "order": "proved",
            "complete": "proved",
            "who": "proved",
            "when": "not proved",
            "decisions": "proved",
            "index": "proved",
            "reading": "proved",
        }
        assert (found.is_whole, found.exit_status) == (True, 0)


def test_without_anybody_who_confirms_the_key_it_is_whole_and_says_whose_word_it_is(made: Archive) -> None:
    found = judge(made)
    assert (found.is_whole, found.claim("who").outcome) == (True, "not proved")
    assert "no key was confirmed" in found.claim("who").why
    assert judge(made, require=("when",)).exit_status == 3


# --- the index


@pytest.mark.parametrize(
    "attack",
    {
        "a figure": sql(ALTER),
        "a figure, extractor of one version renamed": sql(ALTER, RENAME + " WHERE version = 2"),
        "a figure, all extractors renamed": sql(ALTER, RENAME),
        "extractors renamed only": sql(RENAME),
        "a figure, and marked as unfinished": sql(ALTER, "INSERT INTO meta VALUES ('unsealed', '1')"),
        "a figure, marked as unfinished, versions said to be unsealed": sql(
            ALTER, "INSERT INTO meta VALUES ('unsealed', '1')", "INSERT OR IGNORE INTO unsealed SELECT report, version FROM versions"
        ),
        "a place in a document": sql("UPDATE applications SET cells = replace(cells, '3', '4') WHERE version = 2"),
        "revisions deleted, extractors renamed": sql(
            "DELETE FROM figure_changes", "DELETE FROM changes WHERE kind = 'revised'", RENAME
        ),
        "an obligation, extractors renamed": sql("UPDATE obligations SET status = 'missing'", RENAME),
        "text, extractors renamed": sql("UPDATE report_text SET text = replace(text, '公开', '隐瞒')", RENAME),
        "a clock": sql("UPDATE runs SET clock = 'system'"),
        "text in no encoding": raw_sql("UPDATE reports SET title = CAST(X'FFFE' AS TEXT)"),
        "a date that is none": sql("UPDATE runs SET ended_at = ended_at || 'x'"),
        "meta": sql("INSERT INTO meta VALUES ('x', 'y')"),
        "a table renamed": raw_sql("ALTER TABLE captures RENAME TO kaptures"),
        "a table added": sql("CREATE TABLE notes (x)"),
        "a view added": sql("CREATE VIEW notes AS SELECT 1 AS x"),
        "a view in the way": sql("DROP VIEW figures", "CREATE VIEW figures AS SELECT 1 AS report"),
        "a trigger called like SQLite's own": sql(
            "CREATE TRIGGER sqliteX_t AFTER INSERT ON reports BEGIN SELECT 1; END"
        ),
        "a trigger called like an own index of SQLite's": sql(
            "CREATE TRIGGER sqlitexautoindex_t AFTER INSERT ON reports BEGIN SELECT 1; END"
        ),
        "an index dropped": sql("DROP INDEX captures_url"),
        "the trigger that notes versions dropped": sql("DROP TRIGGER versions_unsealed"),
        "a column added": sql("ALTER TABLE reports ADD COLUMN note TEXT"),
        "a version added": sql("INSERT INTO versions SELECT report, 9, first_seen, capture, figures_capture, url, media_type, title, published_on, form, "
            "scope, index_number, content_digest, state, attachments, coverage, warnings, extractor FROM versions WHERE version = 2"),
        "a version deleted": sql("DELETE FROM versions WHERE version = 2"),
        "a figure, and the number of another release": sql(ALTER, "PRAGMA user_version = 999"),
        "a figure, and the number of an older release": sql(ALTER, "PRAGMA user_version = 1"),
        "the number of another release only": sql("PRAGMA user_version = 999"),
        "words of the search, in SQLite's own tables": raw_sql("DELETE FROM report_fts_docsize"),
        "a blank in a place": sql("UPDATE applications SET cells = cells || ' '"),
        "a search word": sql("DELETE FROM report_fts WHERE rowid = (SELECT min(rowid) FROM report_fts)"),
    }.items(),
    ids=lambda item: item[0],
)  # fmt: skip
@pytest.mark.parametrize("deep", [True, False], ids=["deep", "as sealed"])
def test_a_falsified_index_is_never_whole(
    victim: Archive, attack: tuple[str, Callable[[Archive], None]], deep: bool
) -> None:
    attack[1](victim)
    found = judge(victim, deep=deep)
    assert (found.is_whole, found.exit_status) == (False, 1)
    assert {"index", "reading"} & {claim.name for claim in found.claims if claim.outcome == "damaged"}


def test_tables_that_no_release_made_are_never_whole(victim: Archive) -> None:
    sql(ALTER, "ALTER TABLE reports ADD COLUMN note TEXT", "PRAGMA user_version = 999")(victim)
    assert judge(victim).exit_status in (1, 3)


@pytest.mark.slow
@pytest.mark.parametrize("deep", [True, False], ids=["deep", "as sealed"])
def test_no_row_of_any_table_can_be_altered_removed_or_added(made: Archive, tmp_path: Path, deep: bool) -> None:
    db = open_index(made)
    tables = [name for name in tables_of(schema_of(db)) if name not in ("unsealed", "report_fts", "_sqlite_migrations")]
    columns = {name: [row[1] for row in db.execute(f"PRAGMA table_info({quoted(name)})").fetchall()] for name in tables}
    filled = {name for name in tables if db.execute(f"SELECT 1 FROM {quoted(name)}").fetchone()}
    db.close()
    passed = []
    for number, table in enumerate(sorted(filled)):
        last = quoted(columns[table][-1])
        for what, statement in (
            ("removed", f"DELETE FROM {quoted(table)} WHERE {last} IS (SELECT {last} FROM {quoted(table)} LIMIT 1)"),
            (
                "altered",
                f"UPDATE OR IGNORE {quoted(table)} SET {last} = iif(typeof({last}) = 'blob', zeroblob(3), coalesce({last}, '') || '1')",
            ),
        ):
            victim = copy(made, tmp_path / f"{number}{what}")
            sql("PRAGMA foreign_keys = OFF", statement)(victim)
            if judge(victim, deep=deep).is_whole:
                passed.append((table, what))
            shutil.rmtree(victim.root)
    assert passed == []


def test_an_altered_index_is_not_sealed_by_the_next_command(victim: Archive) -> None:
    sql(ALTER)(victim)
    with pytest.raises(DamagedArchive, match="applications altered"):
        build_more(victim)
    rebuild(victim, workers=1)
    assert judge(victim).is_whole


def test_an_altered_index_that_says_it_was_interrupted_is_not_sealed_either(victim: Archive) -> None:
    sql(ALTER, "INSERT INTO meta VALUES ('unsealed', '1')")(victim)
    build_more(victim)
    found = judge(victim, deep=False)
    assert not found.is_whole
    assert found.exit_status in (1, 3)


def test_a_decision_over_an_altered_table_is_refused_and_nothing_is_decided(victim: Archive) -> None:
    from archive.duties import decisions

    sql("UPDATE withheld SET reason = 'x'", "INSERT INTO withheld VALUES ('a', '', 'b', 'c')")(victim)
    before = victim.decisions_path.read_bytes()
    db = open_index(victim)
    report = db.execute("SELECT id FROM reports").fetchone()[0]
    with victim.lock(), pytest.raises(DamagedArchive, match="withheld"):
        decisions.withhold(victim, db, report, "again")
    db.close()
    assert victim.decisions_path.read_bytes() == before


def build_more(archive: Archive) -> None:
    """What a further harvest does with the index: take in a new segment."""
    from tests.archive.making import exchange, writer

    segments = writer(archive, run="r9")
    segments.write_exchange(exchange(9))
    segments.close()
    from archive.warc.closing import seal

    seal(archive, segments.finished[0])
    ingest_sealed(archive, workers=1)


def test_an_upgrade_of_the_extractor_neither_alarms_nor_blinds(
    victim: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("archive.history.report_writer", "archive.verify.reading"):
        monkeypatch.setattr(f"{module}.extractor_version", lambda: "9.9+upgraded")
    monkeypatch.setattr("archive.verify.reading.indexer_version", lambda: "9.9+upgraded.x")
    assert judge(victim, deep=False).exit_status == 0
    deep = judge(victim, deep=True)
    assert (deep.is_damaged, deep.exit_status) == (False, 3)  # versions name another extractor than today's
    sql(ALTER)(victim)
    assert judge(victim, deep=False).is_damaged
    assert judge(victim, deep=True).is_damaged


@pytest.mark.parametrize("attack", [None, ALTER, "DELETE FROM changes"])
def test_an_upgrade_that_migrates_neither_alarms_nor_blinds(
    victim: Archive, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, attack: str | None
) -> None:
    """An older release sealed the tables; of what a migration changed since nothing is known, of the rest everything."""
    if attack is not None:
        sql(attack)(victim)
    migrations = Migrations("ogi")
    for step in MIGRATIONS.pending(Database(memory=True)):
        migrations(name=step.name)(step.fn)

    @migrations(name="m998_of_the_next_release")
    def _(db: Database) -> None:
        db.execute("ALTER TABLE report_text ADD COLUMN next TEXT")
        db.execute("UPDATE report_text SET next = NULL")
        db.execute("CREATE TABLE of_the_next_release (report TEXT PRIMARY KEY) STRICT")

    for module in ("archive.index.database", "archive.index.upgrades"):
        monkeypatch.setattr(f"{module}.MIGRATIONS", migrations)
    for module in ("archive.index.database", "archive.verify.index"):
        monkeypatch.setattr(f"{module}.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr("archive.verify.reading.indexer_version", lambda: "9.9+upgraded.x")
    for cached in (seals._when_made, upgrades.changed_since):
        cached.cache_clear()
        request.addfinalizer(cached.cache_clear)
    assert judge(victim, deep=False).exit_status == (
        3 if attack is None else 1
    )  # not migrated yet: as it was sealed, or not
    open_index(victim).close()
    said = judge(victim, deep=False)
    assert (said.is_damaged, said.exit_status) == ((False, 3) if attack is None else (True, 1))
    assert judge(victim, deep=True).exit_status == (0 if attack is None else 1)  # made again, all tables are equal


def test_release_digests_are_of_their_own_packages() -> None:
    assert release.indexer_version().startswith(release.extractor_version() + ".")


# --- the chain, the key, heads


def forged(archive: Archive) -> None:
    """A figure altered in the records, and every hash with it."""
    forge_record(archive, b">31<", b">77<")


def stripped(archive: Archive) -> None:
    forged(archive)
    relist(archive)
    unsign(archive)


def resigned(archive: Archive) -> None:
    forged(archive)
    for path in archive.keys_dir.glob("*"):
        path.unlink()
    key = archive.keys_dir / "ogi-ed25519.pem"
    signing.make_key(key)
    relist(archive, sign=key)


def cut(archive: Archive) -> None:
    for line in lines_of(archive)[1:]:
        (archive.warc_dir / json.loads(line)["segment"]).unlink()
    write_lines(archive, lines_of(archive)[:1])


def put_aside(archive: Archive) -> None:
    path = archive.warc_dir / json.loads(lines_of(archive)[-1])["segment"]
    path.rename(path.with_name(path.name + ".torn"))
    write_lines(archive, lines_of(archive)[:-1])


def unsigned_appended(archive: Archive) -> None:
    unsign(archive)
    build_more(Archive.open(archive.root))


def emptied(archive: Archive) -> None:
    shutil.rmtree(archive.warc_dir)
    archive.warc_dir.mkdir()
    archive.manifest_path.write_text("")
    archive.decisions_path.unlink()
    archive.db_path.unlink()


CHAIN = {
    "stripped": stripped,
    "signed by another": resigned,
    "cut": cut,
    "put aside": put_aside,
    "unsigned appended": unsigned_appended,
    "emptied": emptied,
}


@pytest.mark.parametrize("name", CHAIN)
@pytest.mark.parametrize("without", [False, True], ids=["checkpoint kept", "checkpoint taken away"])
def test_a_chain_changed_without_the_key_contradicts_the_pinned_key_or_the_head(
    made: Archive, victim: Archive, name: str, without: bool
) -> None:
    CHAIN[name](victim)
    if without:
        forget_checkpoint(victim)
    opened = Archive.open(victim.root)
    head = manifest.entries(made)[-1].hash
    found = judge(opened, key=fingerprint(made), head=head)
    assert found.exit_status == 1
    assert {"who", "complete"} & {claim.name for claim in found.claims if claim.outcome == "damaged"}


@pytest.mark.parametrize("name", CHAIN)
def test_a_chain_changed_in_its_place_contradicts_what_this_machine_saw(
    made: Archive, tmp_path: Path, name: str
) -> None:
    place = tmp_path / "a"
    victim = copy(made, place)
    build_more(victim)  # seals here, so that this machine has seen it here
    assert judge(victim).is_whole
    CHAIN[name](victim)
    forget_checkpoint(victim)
    opened = Archive.open(place)
    found = judge(opened, deep=False)
    if name == "unsigned appended":
        assert "complete" not in {claim.name for claim in found.claims if claim.outcome == "damaged"}
        assert not found.is_damaged or "signature" in {item.kind for item in found.damages}
        return
    assert found.claim("complete").outcome == "damaged"
    with pytest.raises(RolledBack, match="accept-rollback"):
        build_more(opened)


def test_a_chain_that_was_moved_and_cut_contradicts_what_this_machine_saw(tmp_path: Path) -> None:
    from archive.duties.rollback import accept_rollback

    victim = build(tmp_path / "a", reports=1)
    known, index = lines_of(victim), tmp_path / "ogi.db"
    shutil.copy(victim.db_path, index)
    build_more(victim)
    victim.root.rename(tmp_path / "moved")
    moved = Archive.open(tmp_path / "moved")
    assert judge(moved).is_whole  # moved, and as it was
    for line in lines_of(moved)[len(known) :]:
        (moved.warc_dir / json.loads(line)["segment"]).unlink()
    write_lines(moved, known)
    shutil.copy(index, moved.db_path)
    forget_checkpoint(moved)
    found = judge(Archive.open(moved.root))
    assert (found.claim("complete").outcome, found.exit_status) == ("damaged", 1)
    opened = Archive.open(moved.root)
    with pytest.raises(RolledBack, match="accept-rollback"):
        build_more(opened)
    with opened.lock():
        assert accept_rollback(opened, "the disk died, this is the copy of last week") is not None
    rebuild(opened, workers=1)
    healed = judge(Archive.open(moved.root))
    assert (healed.is_whole, any("copy of last week" in note for note in healed.notes)) == (True, True)


def test_a_copy_stays_whole_when_a_trial_copy_is_gone(made: Archive, tmp_path: Path) -> None:
    """Beside an archive that lies where it was, a copy that went on and was thrown away takes nothing from another copy."""
    main, trial = copy(made, tmp_path / "main"), copy(made, tmp_path / "trial")
    growth.remember(main)
    build_more(trial)
    shutil.rmtree(trial.root)
    assert judge(main).is_whole
    assert judge(copy(main, tmp_path / "another")).is_whole


@pytest.mark.parametrize("pinned", [True, False])
@pytest.mark.parametrize("change", ["stripped", "another name", "another name and size"])
def test_a_checkpoint_whose_signature_or_name_was_altered_is_damage(victim: Archive, change: str, pinned: bool) -> None:
    checkpoint, note = parse_checkpoint(victim.checkpoint_path.read_text("utf-8"))
    lines = note.text.split("\n")
    if change != "stripped":
        lines[0] = "example.org/another"
    text = "\n".join(lines)
    victim.checkpoint_path.write_text(text if change == "stripped" else str(note).replace(note.text, text))
    if change == "another name and size":
        state = growth.state_of(growth.whole_lines(victim)[:-1])
        victim.checkpoint_path.write_text(f"{lines[0]}\n{checkpoint.size - 1}\n{b64encode(state.tree.root).decode()}\n")
    found = judge(victim, key=fingerprint(victim) if pinned else "")
    assert (found.claim("who").outcome, found.exit_status) == ("damaged", 1)


def test_an_honest_copy_is_no_rollback_although_another_copy_went_on(made: Archive, tmp_path: Path) -> None:
    one, other = copy(made, tmp_path / "one"), copy(made, tmp_path / "other")
    build_more(one)
    build_more(other)  # a fork of the first, in another place
    for archive in (one, other, copy(made, tmp_path / "third")):
        found = judge(archive)
        assert (found.is_whole, found.damages) == (True, ())


def test_an_accepted_rollback_heals_and_stays_visible(made: Archive, tmp_path: Path) -> None:
    from archive.duties.rollback import accept_rollback

    place = tmp_path / "a"
    victim = copy(made, place)
    build_more(victim)
    shutil.rmtree(place)
    restored = copy(made, place)
    assert judge(restored).claim("complete").outcome == "damaged"
    with restored.lock():
        decision = accept_rollback(restored, "the disk died")
        assert decision is not None
        assert accept_rollback(restored, "again") is None
    rebuild(restored, workers=1)
    found = judge(restored)
    assert (found.is_whole, found.damages) == (True, ())
    assert any("the disk died" in note for note in found.notes)
    assert place_of(restored) == str(place.resolve())


def test_two_checkpoints_of_one_size_are_a_fork(made: Archive, tmp_path: Path) -> None:
    one, other = copy(made, tmp_path / "one"), copy(made, tmp_path / "other")
    build_more(one)
    build_more(other)
    kept = KnownHead("a witness", None, *parse_checkpoint(other.checkpoint_path.read_text("utf-8")))
    assert len(lines_of(one)) == len(lines_of(other))
    found = verify(one, VerifyOptions(Anchors(heads=(kept,)), workers=1, deep=False))
    assert (found.claim("complete").outcome, found.exit_status) == ("damaged", 1)


@pytest.mark.parametrize(
    "text",
    ["nonsense", '[[archive]]\ngenesis = "short"\n', '[[archive]]\ngenesis = "{genesis}"\nkeys = ["917c1bed"]\n', '[[archive]]\ngenesis = "{genesis}"\nlocks = []\n',
     '[[archive]]\ngenesis = "{genesis}"\nheads = ["/no/such/file"]\n', "[other]\n"],
)  # fmt: skip
def test_a_fault_in_the_verifiers_own_file_is_bad_usage(
    made: Archive, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    genesis = hashlib.sha256(lines_of(made)[0].encode()).hexdigest()
    (tmp_path / "trust.toml").write_text(text.replace("{genesis}", genesis))
    monkeypatch.setenv("OGI_TRUST", str(tmp_path / "trust.toml"))
    assert run(["verify", "--archive", str(made.root)]) == 2
    said = capsys.readouterr()
    assert "Whole" not in said.out
    assert len(said.err.splitlines()) == 1


# --- decisions


def cut_decision(archive: Archive) -> None:
    path = archive.decisions_path
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def swap_decisions(archive: Archive) -> None:
    first, second = archive.decisions_path.read_text("utf-8").splitlines()
    archive.decisions_path.write_text(f"{second}\n{first}\n", "utf-8")


@pytest.mark.parametrize(
    "attack",
    {
        "by hand": lambda a: decide_by_hand(a, kind="withhold", at="2021-03-01T00:00:00Z", line=len(lines_of(a)), report="x", url=None, reason="x", withheld=True),
        "back-dated": lambda a: decide_by_hand(a, kind="withhold", at="2021-02-01T00:00:00Z", line=2, report="x", url=None, reason="x", withheld=True),
        "a correction": lambda a: decide_by_hand(a, kind="reextract", at="2021-03-01T00:00:00Z", line=len(lines_of(a)), corrections=[], from_extractor="a", to_extractor="b"),
        "a rollback": lambda a: decide_by_hand(a, kind="rollback", at="2021-03-01T00:00:00Z", line=len(lines_of(a)), reason="x", had=99),
        "cut": cut_decision,
        "swapped": swap_decisions,
        "lost": lambda a: a.decisions_path.unlink(),
        "emptied": lambda a: a.decisions_path.write_text(""),
    }.items(),
    ids=lambda item: item[0],
)  # fmt: skip
def test_forged_decisions_are_damage(victim: Archive, attack: tuple[str, Callable[[Archive], None]]) -> None:
    attack[1](victim)
    found = judge(victim)
    assert found.claim("decisions").outcome == "damaged"
    assert found.exit_status == 1


def test_a_decision_appended_by_hand_is_not_sealed_by_the_next_one(victim: Archive) -> None:
    from archive.duties import decisions

    decide_by_hand(victim, kind="withhold", at="2021-03-01T00:00:00Z", line=len(lines_of(victim)), report="x")
    with victim.lock(), pytest.raises(DamagedArchive, match="never sealed"):
        decisions.append(victim, "withhold", {"report": "y", "reason": "z", "withheld": True})


def test_a_decision_whose_sealed_text_was_changed_is_damage(victim: Archive) -> None:
    entry = next(
        one for one in manifest.entries(victim) if b"decisions" in members(victim.warc_dir / one.segment)[1][:400]
    )
    path = victim.warc_dir / entry.segment
    from archive.warc.members import compress

    path.write_bytes(b"".join(compress(one.replace(b"on request", b"on reqvest")) for one in members(path)))
    relist(victim)
    unsign(victim)
    assert judge(Archive.open(victim.root)).claim("decisions").outcome == "damaged"


def test_what_lies_in_the_folder_never_confirms_a_key(victim: Archive, tmp_path: Path) -> None:
    (victim.root / "trust.toml").write_text(f'[[archive]]\ngenesis = "{"0" * 64}"\nkeys = ["{fingerprint(victim)}"]\n')
    assert judge(victim).claim("who").outcome == "not proved"
