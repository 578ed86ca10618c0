"""Chinese full text: found as by a substring search, with one normaliser for index, query and highlight."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.database import open_database
from archive.index.search import fold, highlight, index_report, index_text, literals, match_query, reindex, snippet

SEEDS = sorted((Path(__file__).parents[2] / "fixtures" / "seeds").glob("*.txt"))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, dict[int, str]]:
    db = open_database(tmp_path_factory.mktemp("search") / "ogi.db")
    texts = {number: path.read_text("utf-8") for number, path in enumerate(SEEDS, 1)}
    with db.atomic():
        for number, text in texts.items():
            index_report(db, number, text.split("\n")[0], text)
    return db, texts


def found(db: object, query: str) -> set[int]:
    sql = "SELECT rowid FROM report_fts WHERE report_fts MATCH ?"
    return {number for (number,) in db.execute(sql, (match_query(query),)).fetchall()}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "word", ["复议", "依申请公开", "宁波", "疫情", "公", "政务新媒体", "行政诉讼", "海曙区", "管委会"]
)
def test_finds_what_a_substring_search_finds(seeds: tuple[object, dict[int, str]], word: str) -> None:
    db, texts = seeds
    assert found(db, word) == {number for number, text in texts.items() if word in text}


@pytest.mark.parametrize(
    "word", ["铁甲依然在", "复复议议", "zzz", "", "   ", "“”", '"', "*", "-", "OR", "AND NOT (", "😀"]
)
def test_nonsense_finds_nothing_and_fails_nothing(seeds: tuple[object, dict[int, str]], word: str) -> None:
    assert found(seeds[0], word) == set()


def test_traditional_and_full_width_are_the_same(seeds: tuple[object, dict[int, str]]) -> None:
    db, texts = seeds
    assert found(db, "依申請公開") == {n for n, text in texts.items() if "依申请公开" in text}
    assert found(db, "２０２０年") == found(db, "2020年")


@pytest.mark.parametrize(
    "written",
    [
        "二〇二〇年度",
        "二○二○年度",
        "二零二零年度",
        "二O二Ｏ年度",
        "二◯二◯年度",
        "２０２０年度",
        "2020年度",
        "２０２０年 度",
    ],
)
@pytest.mark.parametrize("asked", ["2020", "二〇二〇", "二○二○", "二零二零", "２０２０年度", "二○二○年度"])
def test_a_year_is_found_however_it_is_written(tmp_path: Path, written: str, asked: str) -> None:
    db = open_database(tmp_path / "ogi.db")
    try:
        with db.atomic():
            index_report(db, 1, "年报", f"全镇{written}共收到申请。")
            index_report(db, 2, "年报", "全镇二〇二一年度共收到申请，第二〇二〇一号。")
        assert found(db, asked) == {1}
        if " " not in written:
            assert "<mark>" in highlight(f"全镇{written}共收到申请。", asked)
    finally:
        db.close()


def test_other_numerals_stay_as_they_are() -> None:
    for text in ("二〇二〇一", "三二〇二〇", "一九四九八", "二〇二", "十一九四九", "○ 一、主动公开", "二〇二百"):
        assert fold(text) == text, text
    assert fold("一九九八年至二○一○年") == "1998年至2010年"


def test_words_are_joined_by_and_or_not(seeds: tuple[object, dict[int, str]]) -> None:
    db, texts = seeds
    both = {number for number, text in texts.items() if "宁波" in text and "余姚" in text}
    assert found(db, "宁波 余姚") == both
    assert found(db, "宁波 OR 瓯海") == {n for n, text in texts.items() if "宁波" in text or "瓯海" in text}
    assert found(db, "公开 -宁波") == {n for n, text in texts.items() if "公开" in text and "宁波" not in text}


def test_number_is_a_whole_word() -> None:
    assert "112" in index_text("共112件").split()
    assert match_query("12件") == '"12 件"*'


@given(st.text(max_size=80))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(alphabet="政府信息公开 12a，", min_size=1, max_size=30))
def test_any_query_is_a_valid_expression(text: str) -> None:
    import pysqlite3

    db = pysqlite3.connect(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='ascii')")
        db.execute("SELECT * FROM t WHERE t MATCH ?", (match_query(text),)).fetchall()
    finally:
        db.close()


def test_highlight_marks_the_original_and_escapes_the_rest() -> None:
    assert highlight("<b>依申請 公開</b>", "依申请公开") == "&lt;b&gt;<mark>依申請 公開</mark>&lt;/b&gt;"
    assert highlight("112件与12件", "12件") == "112件与<mark>12件</mark>"


def test_snippet_shows_the_first_hit() -> None:
    text = "前言。" * 100 + "关于行政复议的说明。" + "结语。" * 100
    shown = snippet(text, "行政复议", 60)
    assert "<mark>行政复议</mark>" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "<mark>" not in snippet(text, "行政复议", 60, as_html=False)


def test_index_of_another_version_is_made_again(tmp_path: Path) -> None:
    db = open_database(tmp_path / "ogi.db")
    try:
        with db.atomic():
            db.execute(
                "INSERT INTO agencies (id, name, kind, aliases, source) VALUES ('a', '某局', 'department', '[]', 'found')"
            )
            db.execute(
                "INSERT INTO reports (id, agency, year, url, portal, first_seen, last_seen, status, is_delisted, version, search_id) "
                "VALUES ('r', 'a', 2020, 'u', 'p', '', '', 'present', 0, 1, 7)"
            )
            db.execute("INSERT INTO report_text VALUES ('r', 1, 0, 'other', '', '行政复议')")
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('search_version', 'older')")
        with db.atomic():
            reindex(db)
        assert found(db, "复议") == {7}
        assert found(db, "某局") == {7}
    finally:
        db.close()


def test_what_is_quoted_is_no_operator() -> None:
    assert literals('"OR" 公开 OR -收费 - "-件"') == ["OR", "公开", "-件"]
    assert match_query('"OR"') == '"or"'
    assert match_query("公开 OR") == match_query("公开")
