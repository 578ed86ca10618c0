"""Proof files for what is not there: what the lists and looks said is borne out, whatever is left out or altered is damaged, and nothing more is claimed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.duties import decisions
from archive.errors import ExportFailed
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.known_names import UnknownNameError
from archive.index.rows import rows
from archive.publish.check_proof import check, checked, status_of, texts_of
from archive.publish.prove import prove
from archive.publish.prove_looks import NotProved
from archive.warc import growth, signing
from archive.warc.context import Entry, Role
from archive.warc.notes import NoteKey
from archive.warc.visit_log import ListProof
from crawler.cli import run
from tests.archive.publish.test_prove import Files, claim_of, put, remade
from tests.archive.season import BASE, BUREAU, COLUMN, GONE_PAGE, GOVERNMENT, Season, Shown, page, report
from tests.archive.verify.attacks import copy

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = datetime(2021, 4, 2, 2, 0, 0, tzinfo=UTC)
URL, OTHER, THIRD = (f"{BASE}/art/{number}.html" for number in (1, 2, 3))
TOTAL = ListProof("total", "共 2 条", rows=2)


def listing(*titles: str, total: int = 2) -> bytes:
    """A page of a list."""
    rows = "".join(f'<li><a href="/x/{number}.html">{title}</a></li>' for number, title in enumerate(titles))
    return f"<html><head><meta charset='utf-8'></head><body><ul>{rows}</ul><p>共 {total} 条</p></body></html>".encode()


def shown_list(*titles: str) -> Shown:
    return Shown(COLUMN, listing(*titles), role=Role.LIST)


def signed_season(root: Path) -> Season:
    season = Season(root)
    settings = root / "ogi.toml"
    settings.write_text(settings.read_text().replace("# sign = false", "sign = true"))
    season.archive = Archive.open(root)
    signing.make_key(root / season.archive.settings.proof.key)
    return season


def key_of(archive: Archive) -> str:
    private = signing.load_private(archive.root / archive.settings.proof.key)
    return str(NoteKey(growth.origin_of(archive, growth.genesis_of(archive)), private.public_key().public_bytes_raw()))


TITLES = ("温州市瓯海区财政局2020年政府信息公开工作年度报告", "温州市瓯海区2020年政府网站工作年度报表")


@pytest.fixture(scope="module")
def missing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, Path]:
    """A list that names the bureau's report and not the government's, read whole after the due date."""
    season = signed_season(tmp_path_factory.mktemp("missing") / "a")
    bureau = report(BUREAU, 2020, 9)
    shown = [shown_list(*TITLES), Shown(OTHER, page(bureau))]
    season.run(DAY, shown, [Entry(OTHER, TITLES[0])], proof=TOTAL)
    out = season.root / "missing.wacz"
    prove(season.archive, f"absence:{GOVERNMENT}/2020", out, NOW)
    return season.archive, out


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, dict[str, Path]]:
    """A report whose address was gone twice (404), and one whose row left its list."""
    season = signed_season(tmp_path_factory.mktemp("gone") / "a")
    first, second, third = report(), report(BUREAU, 2020, 9), report(BUREAU, 2019, 5)
    listed = [Entry(URL, first.title), Entry(OTHER, second.title), Entry(THIRD, third.title)]
    shown = [Shown(URL, page(first)), Shown(OTHER, page(second)), Shown(THIRD, page(third))]
    season.run(DAY, [shown_list(*(one.title or "" for one in listed)), *shown], listed, proof=TOTAL)
    for days, noise in ((9, "8"), (18, "9")):
        shown = [
            shown_list(first.title, second.title, noise),
            Shown(URL, GONE_PAGE, "gone?", 404),
            Shown(OTHER, page(second, noise=noise)),
            Shown(THIRD),
        ]
        season.run(DAY + timedelta(days=days), shown, listed[:2], proof=TOTAL)
    files = {}
    for change in season.changes():
        if change["kind"] in ("vanished", "delisted"):
            files[change["kind"]] = season.root / f"{change['kind']}.wacz"
            prove(season.archive, change["change"], files[change["kind"]], NOW)
    return season.archive, files


def test_an_absence_rests_on_whole_lists_and_every_title_of_the_year(missing: tuple[Archive, Path]) -> None:
    archive, file = missing
    said, limits = checked(str(file), key_of(archive))
    assert status_of(said) == 0, said
    told = "\n".join(sentence for _, sentence in said)
    assert "was read to its end (it states how many rows it has, and so many came: “共 2 条”)" in told
    assert f"none of these lists named a report of “{GOVERNMENT}” for 2020" in told
    assert "papers of another kind, as the archive judges them: “温州市瓯海区2020年政府网站工作年度报表”" in told
    assert any("nowhere else" in sentence for sentence in limits)
    assert status_of(check(str(file))) == 3, "without a key nobody knows whose it is"
    assert file.stat().st_size < 200_000


@pytest.mark.parametrize("kind", ["vanished", "delisted"])
def test_what_is_gone_is_shown_twice_with_its_bytes(gone: tuple[Archive, dict[str, Path]], kind: str) -> None:
    archive, files = gone
    said, limits = checked(str(files[kind]), key_of(archive))
    assert status_of(said) == 0, said
    assert any("20 hours apart" in sentence for _, sentence in said)
    assert limits


# ---- forgeries ---------------------------------------------------------------------------------------------------------------


def altered(change: Callable[[Any], object]) -> Callable[[Files], None]:
    def attack(files: Files) -> None:
        claim = claim_of(files)
        change(claim)
        put(files, "proof/claim.json", claim)

    return attack


def as_forged_log(claim: Any) -> None:
    """A page that a portal served is put forward as the harvester's log."""
    claim["lists"][0]["log"] = claim["lists"][0]["pages"][0]["payload"]


ABSENCE_ATTACKS: dict[str, Callable[[Any], object]] = {
    "another year": lambda claim: claim.update(year=2019),
    "another organ": lambda claim: claim.update(agency=BUREAU, names=[BUREAU]),
    "another organ, its name left out": lambda claim: claim.update(agency=BUREAU),
    "a title left out": lambda claim: claim["titles"].pop(),
    "a title invented": lambda claim: claim["titles"].append({"text": "2020年公告", "as": "other", "organ": None}),
    "a page left out": lambda claim: claim["lists"][0]["pages"].clear(),
    "a page put twice": lambda claim: claim["lists"][0]["pages"].append(claim["lists"][0]["pages"][0]),
    "a page of another time": lambda claim: claim["lists"][0]["pages"][0].update(at="2021-05-01T00:00:00Z"),
    "a page with other bytes": lambda claim: claim["lists"][0]["pages"][0].update(payload=claim["lists"][0]["log"]),
    "a list left out": lambda claim: claim["lists"][0]["columns"].clear(),
    "a list of another time": lambda claim: claim["lists"][0]["columns"][0].update(at="2021-05-01T00:00:00Z"),
    "due later than it was read": lambda claim: claim.update(due="2021-12-31"),
    "another portal": lambda claim: claim["lists"][0].update(portal="elsewhere"),
    "a page as log": as_forged_log,
    "a kind that isn't": lambda claim: claim.update(kind="proved"),
    "no lists at all": lambda claim: claim["lists"].clear(),
}


@pytest.mark.parametrize("name", ABSENCE_ATTACKS)
def test_an_absence_that_was_altered_is_damaged(missing: tuple[Archive, Path], tmp_path: Path, name: str) -> None:
    forged = remade(missing[1], tmp_path / "x.wacz", altered(ABSENCE_ATTACKS[name]))
    assert status_of(check(str(forged), key_of(missing[0]))) == 1


GONE_ATTACKS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "one look twice": ("vanished", lambda claim: claim["gone"]["looks"].__setitem__(1, claim["gone"]["looks"][0])),
    "looks swapped": ("vanished", lambda claim: claim["gone"]["looks"].reverse()),
    "another address": ("vanished", lambda claim: claim["gone"].update(address=OTHER)),
    "another status": ("vanished", lambda claim: claim["gone"]["looks"][0].update(status=200)),
    "another verdict": ("vanished", lambda claim: claim["gone"]["looks"][0].update(verdict="ok")),
    "re-dated": ("vanished", lambda claim: claim["gone"]["looks"][1].update(at="2021-06-01T00:00:00Z")),
    "other bytes": (
        "vanished",
        lambda claim: claim["gone"]["looks"][0].update(payload=claim["captures"][0]["payload"]),
    ),
    "itself beside": ("vanished", lambda claim: claim["gone"]["beside"][0].update(url=URL)),
    "a good answer that never was": ("vanished", lambda claim: claim["gone"]["beside"][0].update(url=f"{BASE}/none")),
    "a row that stayed": ("delisted", lambda claim: claim.update(address=OTHER)),
    "another list": ("delisted", lambda claim: claim.update(column=f"{BASE}/other")),
    "one reading twice": ("delisted", lambda claim: claim["lists"].__setitem__(1, claim["lists"][0])),
    "readings swapped": ("delisted", lambda claim: claim["lists"].reverse()),
    "named only later": ("delisted", lambda claim: claim["before"].update(at="2021-04-20T00:00:00Z")),
    "pages left out": ("delisted", lambda claim: claim["lists"][0]["pages"].clear()),
}


@pytest.mark.parametrize("name", GONE_ATTACKS)
def test_what_is_gone_and_was_altered_is_damaged(
    gone: tuple[Archive, dict[str, Path]], tmp_path: Path, name: str
) -> None:
    kind, change = GONE_ATTACKS[name]
    forged = remade(gone[1][kind], tmp_path / "x.wacz", altered(change))
    assert status_of(check(str(forged), key_of(gone[0]))) == 1


def test_a_report_that_a_title_names_is_never_absent(missing: tuple[Archive, Path], tmp_path: Path) -> None:
    """Whatever the claim calls a title that the page has, the checker reads it itself."""
    for told in (
        {"as": "other"},
        {"organ": "温州市瓯海区财政"},
        {"organ": "温州市瓯海区财政局2020年政府"},
        {"organ": "财政局"},
    ):

        def attack(claim: Any, told: dict[str, Any] = told) -> None:
            claim.update(agency=BUREAU, names=[BUREAU], titles=[one | told for one in claim["titles"]])

        forged = remade(missing[1], tmp_path / "x.wacz", altered(attack))
        said = check(str(forged), key_of(missing[0]))
        assert ("damaged", f"a list names it: “{TITLES[0]}”") in said, told


@pytest.mark.parametrize(
    ("page_text", "found"),
    [
        ('<a title="某局2020年信息公开年报">某局…</a>', "某局2020年信息公开年报"),
        ('{"title":"某局2020年\\u4fe1\\u606f公开年报","url":"\\/a"}', "某局2020年信息公开年报"),
        ("<a>某局<em>2020</em>年信息公开<span>年报</span></a>", "某局2020年信息公开年报"),
        ("<record><![CDATA[<a href='x'>某局二〇二〇年信息公开年报</a>]]></record>", "某局二〇二〇年信息公开年报"),
        ("<td>某局２０２０年信息\n公开年报</td>", None),
        ("&#x67D0;局2020年度报告", "某局2020年度报告"),
        ("<a href='/2020/1.html'>公示</a>", None),
        ("var rows = ['某局2020年度信息公开工作报告', 20203];", "某局2020年度信息公开工作报告"),
    ],
)
def test_titles_are_found_in_any_carrier(page_text: str, found: str | None) -> None:
    assert texts_of(page_text, 2020) == ({found} if found else set())


# ---- what can't be proved ----------------------------------------------------------------------------------------------------


def cannot(season: Season, what: str, tmp_path: Path) -> str:
    """Why it can't be proved; nothing is left behind."""
    (tmp_path / "out").mkdir(exist_ok=True)
    with pytest.raises(NotProved) as caught:
        prove(season.archive, what, tmp_path / "out" / "x.wacz", NOW)
    assert not list((tmp_path / "out").iterdir())
    return str(caught.value)


def test_no_file_is_made_of_what_nobody_can_say(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    first = report()
    what = f"absence:{GOVERNMENT}/2020"
    season.run(DAY, [shown_list(*TITLES)], [], complete=False, reason="a mark of page 2 was not followed")
    assert "unknown, not missing" in cannot(season, what, tmp_path)
    season.run(DAY + timedelta(days=1), [shown_list(first.title), Shown(URL, page(first))], [Entry(URL, first.title)])
    assert "published, not missing" in cannot(season, what, tmp_path)
    assert "owes no report for 1999" in cannot(season, f"absence:{GOVERNMENT}/1999", tmp_path)
    with pytest.raises(UnknownNameError):
        prove(season.archive, "absence:瓯江市水利局/2020", tmp_path / "x.wacz", NOW)
    with pytest.raises(ExportFailed):
        prove(season.archive, "absence:瓯海区", tmp_path / "x.wacz", NOW)


@pytest.mark.parametrize(
    ("proof", "titles", "why"),
    [
        (None, TITLES, "was read to its end: the log says"),
        (ListProof("window", "最新 10 条", rows=2), TITLES, "was read to its end: the log says"),
        (ListProof("total", "共 99 条", rows=99), TITLES, "was read to its end"),
        (TOTAL, (*TITLES, "2020年政府信息公开工作年度报告"), "names no other organ"),
        (TOTAL, (*TITLES, "瓯海2020年信息公开年报"), "names no other organ"),
    ],
)
def test_a_file_says_itself_what_it_does_not_prove(
    tmp_path: Path, proof: ListProof | None, titles: tuple[str, ...], why: str
) -> None:
    season = signed_season(tmp_path / "a")
    shown = [shown_list(*titles), Shown(OTHER, page(report(BUREAU, 2020, 9)))]
    season.run(DAY, shown, [Entry(OTHER, TITLES[0])], proof=proof)
    prove(season.archive, f"absence:{GOVERNMENT}/2020", tmp_path / "x.wacz", NOW)
    said = check(str(tmp_path / "x.wacz"), key_of(season.archive))
    assert status_of(said) == 3
    open_ones = [sentence for outcome, sentence in said if outcome == "not proved"]
    assert why in open_ones[0]
    assert "none of these lists named" in open_ones[-1]


def test_lists_without_any_page_show_nothing(tmp_path: Path) -> None:
    season = signed_season(tmp_path / "a")
    season.run(DAY, [Shown(OTHER, page(report(BUREAU, 2020, 9)))], [Entry(OTHER, TITLES[0])], proof=TOTAL)
    prove(season.archive, f"absence:{GOVERNMENT}/2020", tmp_path / "x.wacz", NOW)
    said = check(str(tmp_path / "x.wacz"), key_of(season.archive))
    assert ("not proved", "what the lists showed: the log names no page of them") in said
    assert status_of(said) == 3


def test_an_answer_that_only_a_reader_can_judge_is_not_proved(tmp_path: Path) -> None:
    season = signed_season(tmp_path / "a")
    first, second = report(), report(BUREAU, 2020, 9)
    both = [Entry(URL, first.title), Entry(OTHER, second.title)]
    season.run(DAY, [Shown(URL, page(first)), Shown(OTHER, page(second))], both)
    for days in (9, 18):
        shown = [Shown(URL, GONE_PAGE, "gone?"), Shown(OTHER, page(second, noise=str(days)))]
        season.run(DAY + timedelta(days=days), shown, both)
    (change,) = [one for one in season.changes() if one["kind"] == "vanished"]
    prove(season.archive, change["change"], tmp_path / "x.wacz", NOW)
    said = check(str(tmp_path / "x.wacz"), key_of(season.archive))
    assert status_of(said) == 3
    assert sum("read whether that says that it is gone" in sentence for _, sentence in said) == 2


def test_the_command_tells_in_one_line_and_ends_with_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    season = Season(tmp_path / "a")
    season.run(DAY, [], [], complete=False, reason="blocked")
    arguments = [
        "prove",
        f"absence:{GOVERNMENT}/2020",
        "--to",
        str(tmp_path / "x.wacz"),
        "--archive",
        str(tmp_path / "a"),
    ]
    assert run(arguments) == 3
    told = capsys.readouterr().out
    assert told.startswith("not proved")
    assert len(told.splitlines()) == 1
    assert run([*arguments, "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], told["claims"][0]["outcome"]) == (False, "not proved")
    assert not (tmp_path / "x.wacz").exists()


# ---- what is withheld --------------------------------------------------------------------------------------------------------


def test_nothing_of_a_withheld_report_travels_in_a_proof(missing: tuple[Archive, Path], tmp_path: Path) -> None:
    """Neither itself nor by a visit log, which tells pages by what differs in them."""
    archive = copy(missing[0], tmp_path / "a")
    db = open_index(archive)
    try:
        (report_id,) = [row["id"] for row in rows(db, "SELECT id FROM reports")]
        with archive.lock():
            decisions.withhold(archive, db, report_id, "on request")
    finally:
        db.close()
    for what in (report_id, f"{report_id}/applications/received/research", f"absence:{GOVERNMENT}/2020"):
        with pytest.raises(ExportFailed, match="withheld"):
            prove(archive, what, tmp_path / "x.wacz", NOW)
        assert not (tmp_path / "x.wacz").exists()
