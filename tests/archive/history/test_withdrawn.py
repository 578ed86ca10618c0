"""Withdrawn: a page that has nothing of the report in its place."""

from __future__ import annotations

import pytest

from archive.history.withdrawn import has_nothing_of

REPORT = (
    "一、总体情况 本机关依法做好政府信息公开工作，公开内容准确及时，全年主动公开政府信息若干条，办理依申请公开若干件。"
    "二、存在的主要问题及改进情况 公开内容还不够全面，下一步将加强培训，提高公开质量。三、其他需要报告的事项 无其他需要报告的事项。"
)
FRAME = "示例市人民政府 首页 政务公开 办事服务 互动交流 主办单位：示例市人民政府办公室 网站标识码：0000000001"


@pytest.mark.parametrize(
    "notice",
    [
        "对不起，该信息已下线",
        "稿件不存在或已被删除",
        "您访问的内容正在审核中",
        "文章已被撤回",
        "Article not found",
        "示例市财政局2022年政府信息公开工作年度报告 已归档",
        "",
    ],
)
def test_notices_in_whatever_words(notice: str) -> None:
    assert has_nothing_of(f"{FRAME} {notice}", REPORT)


def test_a_redesigned_page_half_a_page_and_a_short_report() -> None:
    assert not has_nothing_of(f"新版页脚 {REPORT}", REPORT)
    assert not has_nothing_of(REPORT[: len(REPORT) // 3], REPORT)
    assert not has_nothing_of(FRAME, "年报见附件")
    assert not has_nothing_of("一、总体情况。无。二、主动公开政府信息情况。无。", REPORT)
