"""What stands between the reports in real lists: the false friends of field guide §10.1."""

from __future__ import annotations

from datetime import date

from crawler.replica.world import Carrier, Publication

#: Titles after the unit's name, with month and day of publication; `{year}` is the year they are about.
_TITLES = (
    ("{unit}{year}年政府网站工作年度报表", 1, 29),
    ("{year}年度政府网站年度工作报表", 1, 20),
    ("{unit}下属事业单位法人年度报告（{year}年度）", 3, 30),
    ("{year}年{unit}法治政府建设年度报告", 3, 12),
    ("{year}年{unit}政府工作报告", 2, 8),
    ("{unit}{year}年国民经济和社会发展统计公报", 3, 25),
    ("{unit}{year}年度部门决算公开", 2, 19),
    ("关于做好{year}年度企业年报公示工作的通知", 1, 5),
    ("关于公布政府信息公开指南的通知", 2, 1),
)


def decoys(unit: str, year: int, serial: int, count: int = len(_TITLES), *, agency: str = "") -> list[Publication]:
    """False friends about a year, published in the next one; serials count up from `serial`."""
    found = []
    for step, (title, month, day) in enumerate(_TITLES[:count]):
        found.append(
            Publication(
                key=f"decoy-{year}-{step}-{serial}",
                title=title.format(unit=unit, year=year),
                carrier=Carrier.TEXT,
                serial=serial + step,
                printed_on=date(year + 1, month, day),
                source=unit,
                body=(f"现将{title.format(unit=unit, year=year)}予以公布。", "特此公告。", f"{unit}"),
                agency=agency,
            )
        )
    return found
