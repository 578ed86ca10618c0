"""Invented reports in both official forms: random figures that keep every identity, and a narrative that restates some of them.

The names of agencies are the caller's; sentences are generic. Equal seeds give equal reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from crawler.replica.documents.model import Address, Paragraph, Report, Role, TableSlot
from crawler.replica.documents.official import APPLICANTS, OUTCOMES, ROUTES

_DISPOSITIONS = (
    "granted",
    "partly_granted",
    "denied_state_secret",
    "denied_prohibited_by_law",
    "denied_security_stability",
    "denied_third_party",
    "denied_internal_affairs",
    "denied_process",
    "denied_enforcement_files",
    "denied_administrative_query",
    "unable_not_held",
    "unable_needs_creation",
    "unable_unclear",
    "unprocessed_petition",
    "unprocessed_repeat",
    "unprocessed_publications",
    "unprocessed_excessive",
    "unprocessed_confirmation",
)
_OTHERS = {"2019": ("other",), "2021": ("other_not_corrected", "other_fee_unpaid", "other_other")}
_SENTENCES = (
    "坚持以公开为常态、不公开为例外，围绕中心工作和群众关切，主动公开各类政府信息。",
    "加强组织领导，明确专人负责，完善审核发布机制，确保公开内容准确及时。",
    "做好政策解读和回应关切，采用图表图解等方式提升解读实效。",
    "规范依申请公开办理流程，加强与申请人的沟通，依法按时答复。",
    "组织开展业务培训，提升工作人员能力水平。",
    "推进平台建设，优化栏目设置，方便群众查询。",
)
_PROBLEMS = (
    "主动公开的广度和深度有待拓展；解读形式不够丰富；工作人员业务能力仍需提升。",
    "部分信息更新不够及时；政策解读质量有待提高；队伍建设还需加强。",
    "公开内容与群众期待仍有差距；依申请公开答复规范性有待提高。",
)


def form_of(year: int) -> str:
    """The form that a report of a year has to use."""
    return "2019" if year <= 2020 else "2021"


def invent(
    agency: str, year: int, seed: int, *, scale: int = 40, title: str | None = None, before: Report | None = None
) -> Report:
    """An invented report.

    Args:
        agency: Its name as printed.
        year: The report year; decides the form.
        seed: Decides all figures and sentences.
        scale: About how many applications were received.
        title: As printed, `<agency><year>年政府信息公开工作年度报告` by default.
        before: The agency's report of the year before: stocks and carried applications go on from it.
    """
    random = Random(f"{agency}/{year}/{seed}")
    form = form_of(year)
    raws: dict[Address, str] = {}
    past = before.raws if before is not None and before.year == year - 1 else {}
    raws |= _disclosure(random, form, past if before is not None and before.form == form else {})
    raws |= _applications(random, form, scale, past)
    raws |= _challenges(random)
    title = title or f"{agency}{year}年政府信息公开工作年度报告"
    return Report(title, agency, year, form, _blocks(random, agency, year, title, raws), raws)


def _disclosure(random: Random, form: str, past: Mapping[Address, str]) -> dict[Address, str]:
    def put(row: str, **values: int | str) -> dict[Address, str]:
        return {("disclosure", row, column): str(value) for column, value in values.items()}

    made = random.randint(0, 20)
    raws: dict[Address, str] = {}
    if form == "2021":
        raws |= put("rules", made=0, repealed=0, in_force=0)
        held = int(past.get(("disclosure", "normative_documents", "in_force"), random.randint(20, 200)))
        repealed = random.randint(0, 5)
        raws |= put("normative_documents", made=made, repealed=repealed, in_force=held + made - repealed)
        for row in ("licensing", "penalties", "coercion"):
            raws |= put(row, decisions=random.choice((0, random.randint(1, 90000))))
        return raws | put("fees", amount=random.choice(("0", f"{random.randint(1, 99999) / 100:g}")))

    def items(row: str, most: int) -> tuple[int, int]:
        """Items of the year before, as its report leaves them, and this year's change."""
        addresses = [("disclosure", row, column) for column in ("prior_items", "items_change")]
        prior = sum(int(past[address]) for address in addresses) if past else random.randint(0, most)
        return prior, random.randint(-(prior // 10), max(1, most // 20))

    public = int(past.get(("disclosure", "normative_documents", "total_public"), random.randint(0, 300)))
    raws |= put("rules", made=0, published=0, total_public=0)
    raws |= put("normative_documents", made=made, published=made, total_public=public + made)
    for row in ("licensing", "other_services", "penalties", "coercion"):
        prior, change = items(row, 900)
        raws |= put(row, prior_items=prior, items_change=change, decisions=random.randint(0, 90000))
    prior, change = items("fees", 40)
    raws |= put("fees", prior_items=prior, items_change=change)
    return raws | put("procurement", projects=random.randint(0, 300), amount=f"{random.randint(0, 10**9) / 10:.1f}")


def _applications(random: Random, form: str, scale: int, past: Mapping[Address, str]) -> dict[Address, str]:
    """Rows that balance: what came in and was carried in equals what was disposed of and is carried out."""
    columns = APPLICANTS[:-1]
    rows = (*_DISPOSITIONS, *_OTHERS[form])
    counts: dict[tuple[str, str], int] = {}
    weights = (70, 20, 1, 1, 5, 3)
    for column, weight in zip(columns, weights, strict=True):
        received = random.randint(0, max(1, 2 * scale * weight // 100))
        carried_in = int(past.get(("applications", "carried_out", column), random.randint(0, received // 8)))
        carried_out = random.randint(0, (received + carried_in) // 8)
        disposed = received + carried_in - carried_out
        counts["received", column], counts["carried_in", column] = received, carried_in
        counts["carried_out", column], counts["disposed_total", column] = carried_out, disposed
        for _ in range(disposed):
            row = random.choices(rows, weights=[40, 10] + [2] * (len(rows) - 2))[0]
            counts[row, column] = counts.get((row, column), 0) + 1
    raws: dict[Address, str] = {}
    for row in ("received", "carried_in", *rows, "disposed_total", "carried_out"):
        values = [counts.get((row, column), 0) for column in columns]
        for column, value in zip(APPLICANTS, (*values, sum(values)), strict=True):
            raws["applications", row, column] = str(value)
    return raws


def _challenges(random: Random) -> dict[Address, str]:
    raws: dict[Address, str] = {}
    for route in ROUTES:
        values = [random.choice((0, 0, 0, random.randint(1, 6))) for _ in OUTCOMES[:-1]]
        for outcome, value in zip(OUTCOMES, (*values, sum(values)), strict=True):
            raws["challenges", route, outcome] = str(value)
    return raws


def _blocks(
    random: Random, agency: str, year: int, title: str, raws: dict[Address, str]
) -> tuple[Paragraph | TableSlot, ...]:
    received = raws["applications", "received", "total"]
    disposed = raws["applications", "disposed_total", "total"]
    overview = random.sample(_SENTENCES, 4)
    return (
        Paragraph(title, Role.TITLE),
        Paragraph(
            f"本报告根据《中华人民共和国政府信息公开条例》要求编制。本报告所列数据的统计期限从{year}年1月1日起至{year}年12月31日止。"
            f"如对本报告有疑问，请与{agency}联系。"
        ),
        Paragraph("一、总体情况", Role.HEADING),
        Paragraph(f"{year}年，{agency}{overview[0]}"),
        *(Paragraph(sentence) for sentence in overview[1:]),
        Paragraph(f"{year}年，共收到政府信息公开申请{received}件，办结{disposed}件。"),
        Paragraph("二、主动公开政府信息情况", Role.HEADING),
        TableSlot("disclosure"),
        Paragraph("三、收到和处理政府信息公开申请情况", Role.HEADING),
        TableSlot("applications"),
        Paragraph("四、政府信息公开行政复议、行政诉讼情况", Role.HEADING),
        TableSlot("challenges"),
        Paragraph("五、存在的主要问题及改进情况", Role.HEADING),
        Paragraph(f"存在的主要问题：{random.choice(_PROBLEMS)}"),
        Paragraph(f"下一步，{agency}将{random.choice(_SENTENCES)}"),
        Paragraph("六、其他需要报告的事项", Role.HEADING),
        Paragraph("无其他需要报告的事项。"),
    )
