"""The checker that travels as a page says the same as the one in Python: of proof files of every kind, and of forged ones."""

from __future__ import annotations

import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.rows import rows
from archive.publish import check_proof
from archive.publish.check_proof import _BLANKS, LIMITS, checked, status_of
from archive.publish.prove import prove
from archive.warc.context import Entry
from archive.warc.notes import NoteKey
from archive.warc.visit_log import ListProof
from tests.archive.publish.test_prove import ATTACKS, Files, remade, unlisted
from tests.archive.publish.test_prove_absence import (
    ABSENCE_ATTACKS,
    DAY,
    GONE_ATTACKS,
    OTHER,
    THIRD,
    TITLES,
    TOTAL,
    URL,
    altered,
    key_of,
    shown_list,
    signed_season,
)  # fmt: skip
from tests.archive.season import BUREAU, GONE_PAGE, GOVERNMENT, Shown, page, report

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]
NOW = datetime(2026, 1, 2, tzinfo=UTC)
SAMPLES = 1500
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)
Said = tuple[str, list[tuple[str, str]], list[str]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A report revised, one gone (404, then an error page with status 200), one that left its list, and an organ that no list names."""
    season = signed_season(tmp_path_factory.mktemp("page") / "a")
    bureau = season.portal["agency"]
    bureau.append({"name": "温州市瓯海区水利局", "kind": "department", "since": 2020, "aliases": ["瓯海区水利局"]})
    first, second, third = report(), report(BUREAU, 2020, 9), report(BUREAU, 2019, 5)
    listed = [Entry(URL, first.title), Entry(OTHER, second.title), Entry(THIRD, third.title)]
    titles = [one.title or "" for one in listed]
    shown = [Shown(URL, page(first)), Shown(OTHER, page(second)), Shown(THIRD, page(third))]
    season.run(DAY, [shown_list(*titles, TITLES[1]), *shown], listed, proof=TOTAL)
    changed = second.with_figure(("applications", "received", "research"), "31")
    for days, status in ((9, 404), (18, 200)):
        shown = [Shown(URL, GONE_PAGE, "gone?", status), Shown(OTHER, page(changed, noise=str(days))), Shown(THIRD)]
        season.run(
            DAY + timedelta(days=days), [shown_list(*titles[:2], TITLES[1], str(days)), *shown], listed[:2], proof=TOTAL
        )
    return season.archive


@pytest.fixture(scope="module")
def files(archive: Archive) -> dict[str, Path]:
    """A proof file of each kind."""
    db = open_index(archive)
    try:
        whats = {row["kind"]: row["id"] for row in rows(db, "SELECT kind, id FROM changes")}
        (revised,) = [row["report"] for row in rows(db, "SELECT report FROM changes WHERE kind = 'revised'")]
    finally:
        db.close()
    whats |= {
        "report": f"{revised}@1", "figure": f"{revised}/applications/received/research", "absence": "absence:瓯海区水利局/2020",
    }  # fmt: skip
    made = {}
    for kind, what in whats.items():
        made[kind] = archive.root / f"{kind}.wacz"
        prove(archive, what, made[kind], NOW)
    assert set(made) == set(LIMITS)
    return made


@pytest.fixture(scope="module")
def shown(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page from inside a proof file, opened without a network."""
    from playwright.sync_api import sync_playwright  # an extra of the tests in a browser

    checker = tmp_path_factory.mktemp("checker") / "check.html"
    with zipfile.ZipFile(files["report"]) as package:
        checker.write_bytes(package.read("proof/check.html"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(offline=True)
        opened = context.new_page()
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(checker.as_uri())
        yield opened
        assert all(address.startswith(("file:", "blob:")) for address in asked), "nothing leaves the page"
        context.close()
        browser.close()


@pytest.fixture(scope="module")
def ask(shown: Any) -> Callable[[Path, str], Said]:
    """What the page says of a file: status, outcomes with their sentences, and what is not said."""

    def said(file: Path, key: str) -> Said:
        shown.reload()
        shown.fill("#key", key)
        shown.set_input_files("#file", str(file))
        shown.locator("#outcome[data-status]:not([data-status=''])").wait_for(state="attached")
        found: Any = shown.evaluate(
            "[document.getElementById('outcome').dataset.status, ...['said', 'limits'].map(id => "
            "[...document.getElementById(id).children].map(item => [item.dataset.outcome, item.textContent]))]"
        )
        return found[0], [(one, sentence) for one, sentence in found[1]], [sentence for _, sentence in found[2]]

    return said


def agree(ask: Callable[[Path, str], Said], file: Path, key: str) -> int:
    """The status on which both checkers agree, sentence by sentence."""
    told, limits = checked(str(file), key or None)
    status, said, unsaid = ask(file, key)
    assert said == told
    assert (status, unsaid) == (str(status_of(told)), list(limits))
    return status_of(told)


@pytest.mark.parametrize("kind", sorted(LIMITS))
def test_both_checkers_say_the_same_of_every_kind(
    archive: Archive, files: dict[str, Path], ask: Callable[[Path, str], Said], kind: str
) -> None:
    assert agree(ask, files[kind], key_of(archive)) == (3 if kind == "vanished" else 0)
    assert agree(ask, files[kind], "") == 3


def _flipped(file: Path, out: Path, place: int) -> Path:
    data = bytearray(file.read_bytes())
    data[place % len(data)] ^= 1
    out.write_bytes(data)
    return out


def test_both_checkers_find_every_forgery(
    archive: Archive, files: dict[str, Path], ask: Callable[[Path, str], Said], tmp_path: Path
) -> None:
    key, forged = key_of(archive), tmp_path / "x.wacz"
    attacks: list[tuple[str, Callable[[Files], None]]] = [("revised", attack) for attack in ATTACKS]
    attacks += [("absence", altered(change)) for change in ABSENCE_ATTACKS.values()]
    attacks += [(kind, altered(change)) for kind, change in GONE_ATTACKS.values()]
    for number, (kind, attack) in enumerate(attacks):
        assert agree(ask, remade(files[kind], forged, attack), key) == 1, (number, kind)
    assert agree(ask, remade(files["figure"], forged, unlisted, hashes=False), key) == 1
    for place in (100, 3_000, 9_999, 17_017, 30_003):
        assert agree(ask, _flipped(files["revised"], forged, place), key) == 1
    name = key.partition("+")[0]
    other = str(NoteKey(name, bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")))
    assert agree(ask, files["report"], other) == 1


def test_both_checkers_say_the_same_of_what_is_not_proved(ask: Callable[[Path, str], Said], tmp_path: Path) -> None:
    for number, (proof, titles) in enumerate(
        [
            (None, TITLES),
            (TOTAL, ()),
            (TOTAL, (*TITLES, "2020年政府信息公开工作年度报告")),
            (ListProof("window", "最新"), TITLES),
        ]
    ):
        season = signed_season(tmp_path / str(number))
        shown = [shown_list(*titles)] if titles else []
        season.run(DAY, [*shown, Shown(OTHER, page(report(BUREAU, 2020, 9)))], [Entry(OTHER, TITLES[0])], proof=proof)
        prove(season.archive, f"absence:{GOVERNMENT}/2020", tmp_path / "x.wacz", NOW)
        assert agree(ask, tmp_path / "x.wacz", key_of(season.archive)) == 3


@pytest.mark.parametrize("key", ["a+b+c", "nothing"])
def test_a_key_that_is_none_is_told(files: dict[str, Path], ask: Callable[[Path, str], Said], key: str) -> None:
    assert ask(files["report"], key)[:2] == ("2", [])


#: What pages are made of, in any order: tables in tables, broken tags, entities, blanks of all kinds, scripts, CDATA, JSON.
PIECES = (
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<TH class='a>b'>", "<td title=\"2020年信息公开年报\">", "<br/>", "<!-- 2020年报告 -->", "<!--",
    "<script>var a = '<td>2020年年报';</script>", "<script>", "</SCRIPT >", "<style>td{}</style>", "<![CDATA[<a href=\"x\">二○二○年公开</a>]]>", "<!DOCTYPE html>",
    "2020年", "２０２０年度", "二〇二〇年", "信息公开", "工作年度报告", "年报", "&nbsp;", "&lt;td&gt;", "&#x4FE1;", "&amp;lt;", "&", "&notit;", "&#0;", "\u00a0", "\u3000",
    "\ufeff", "\x1c", "\x85", "\u200b", "\u202e", "\r\n", "\t", "\\u516c\\u5f00", "\\/", "\\ud840\\udc00", "\\ud800", "<b>", "</b>", "<a href='/2020/'>", "<", ">", "\"", "'", "|", "{", "]", "①", "ﬁ", "𠀀", "0", "-1",
)  # fmt: skip


def test_both_checkers_read_pages_alike(shown: Any) -> None:
    chance = random.Random(9162)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(1, 40))) for _ in range(SAMPLES)]
    found: Any = shown.evaluate(
        "texts => texts.map(text => [tablesOf(text), sorted(textsOf(text, 2020)), quoted(text), plain(text), wordsOf(text)])",
        texts,
    )
    assert shown.evaluate("[WHOLE, LIMITS]") == [check_proof.WHOLE, {kind: list(LIMITS[kind]) for kind in LIMITS}]
    for text, (tables, titles, quote, plain, words) in zip(texts, found, strict=True):
        assert check_proof._Tables(text).tables == [list(map(list, rows)) for rows in tables], text
        assert sorted(check_proof.texts_of(text, 2020)) == titles, text
        assert (check_proof.quoted(text), check_proof._plain(text)) == (quote, plain), text
        assert _BLANKS.sub(" ", check_proof.words_of(text)) == _BLANKS.sub(" ", words), text
