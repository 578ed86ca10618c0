from __future__ import annotations

from datetime import date

import pytest

from extract.lexicon.dates import SIGN_OFF, from_epoch, parse_date, published_on, sign_off_date, statistics_period

FORMS = [
    ("2021-2-3", date(2021, 2, 3)),
    ("[2021-02-20]", date(2021, 2, 20)),
    ("2021/02/20", date(2021, 2, 20)),
    ("2021.02.20", date(2021, 2, 20)),
    ("2021年02月20日", date(2021, 2, 20)),
    ("2021 年 2 月 20 日", date(2021, 2, 20)),
    ("二〇二一年二月二十日", date(2021, 2, 20)),
    ("二○二一年十二月三十一日", date(2021, 12, 31)),
    ("二零二一年十月十日", date(2021, 10, 10)),
    ("二O二一年一月三日", date(2021, 1, 3)),
    ("2021-02-20 21:11", date(2021, 2, 20)),
    ("２０２１年２月２０日".translate(str.maketrans("０１２３４５６７８９", "0123456789")), date(2021, 2, 20)),
    ("2021年\u00a02月\u300020日", date(2021, 2, 20)),
    ("1706486400", date(2024, 1, 29)),
    ("1706576400000", date(2024, 1, 30)),
    ("20210220", date(2021, 2, 20)),
]


@pytest.mark.parametrize(("text", "day"), FORMS, ids=[text for text, _ in FORMS])
def test_every_printed_form_of_a_date(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text", ["", "2020年度", "2021-13-01", "2021-02-30", "第123号", "12.5", "2020年1月至12月", "3.14.15"]
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_epoch_is_shown_in_china_time() -> None:
    assert from_epoch(1706544000) == date(2024, 1, 30)  # 2024-01-29T16:00:00Z, midnight in China


def test_published_prefers_pubdate_over_the_table_and_the_line() -> None:
    metadata = {"PubDate": "2024-01-30 10:19", "发布日期": "2024-02-01", "时间": "2024-02-02"}
    assert published_on(metadata, ["2024年3月1日"]) == (date(2024, 1, 30), "PubDate")


def test_update_time_is_never_the_day_of_publication() -> None:
    assert published_on({"更新时间": "2025-05-05"}, ["一、总体情况"]) is None


def test_unreadable_pubdate_gives_way_to_the_printed_line() -> None:
    assert published_on({"PubDate": "null", "发布日期": "2024-02-01"}, []) == (date(2024, 2, 1), "发布日期")


def test_sign_off_date_counts_where_nothing_else_is_printed() -> None:
    assert published_on({}, ["六、其他", "无。", "示例市水利局", "二〇二〇年一月二十日"]) == (
        date(2020, 1, 20),
        SIGN_OFF,
    )


def test_sign_off_on_the_line_of_the_organ() -> None:
    assert sign_off_date(["无。", "示例市水利局 2020年1月20日"]) == date(2020, 1, 20)


def test_date_inside_the_last_sentence_is_no_sign_off() -> None:
    assert sign_off_date(["数据统计截至2020年12月31日", "会议召开于2020年9月15日。"]) is None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("本年度报告中所列数据统计期限从2019年1月1日到12月31日止。", (date(2019, 1, 1), date(2019, 12, 31))),
        ("所列数据的统计期限从2020年1月1日起至2020年12月31日止。", (date(2020, 1, 1), date(2020, 12, 31))),
        ("所列数据的统计期限为2022.1.1-2022.12.31。", (date(2022, 1, 1), date(2022, 12, 31))),
        ("报告所列统计期限自2024年1月1日至2024年12月31日。", (date(2024, 1, 1), date(2024, 12, 31))),
        ("本年报中所列数据统计时间截至2019年12月31日。", (date(2019, 1, 1), date(2019, 12, 31))),
        ("自2020年5月1日至2020年5月7日举办活动。", None),
        ("没有说明。", None),
    ],
)
def test_period_of_the_statistics(text: str, period: tuple[date, date] | None) -> None:
    assert statistics_period(text) == period
