"""Planted changes: what is done to a report on its portal, pass by pass, and what the archive has to say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from bench.history.site import Item, Site
from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.model import Address, Paragraph, Report, Role

Figures = dict[Address, tuple[int | None, int | None]]
Act = Callable[[Site], None]
_TEXT_CARRIERS = ("page", "table", "word", "both-docx", "both-pdf")
_SENTENCE = "全年新增政务新媒体账号三个，开展线上访谈活动。"


@dataclass(frozen=True, slots=True)
class Expected:
    """One change that has to be told. `None` members may be anything."""

    kind: str
    figures: Figures | None = field(default_factory=dict)
    text: tuple[int, int] | None = (0, 0)
    title: bool = False
    attachments: Mapping[str, list[str]] | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """What happens to a report: acts by the number of the pass before which they are done, and the changes to be told."""

    kind: str
    item: Item
    acts: Mapping[int, Act]
    expected: tuple[Expected, ...]


def plant(kind: str, site: Site, item: Item, random: Random) -> Plant:
    """Plant a change of a kind (see `KINDS`) in an item that the portal shows already."""
    acts, expected = _KINDS[kind](site, item, random)
    return Plant(kind, item, acts, expected)


def carriers_of(kind: str) -> tuple[str, ...]:
    """The carriers that a kind of change makes sense in."""
    if kind in ("pdf-figure",):
        return ("pdf", "viewer", "row-pdf", "docx")
    if kind == "file-resaved":
        return ("both-pdf", "pdf", "viewer")
    if kind == "title":
        return ("page", "table", "both-docx")
    if kind.startswith("attachment"):
        return ("page", "table")
    if kind in (
        "word",
        "sentence-added",
        "sentence-removed",
        "number-in-text",
        "moved-redirect",
        "withdrawn-script-home",
        "correction",
    ):
        return _TEXT_CARRIERS
    return (*_TEXT_CARRIERS, "docx", "pdf", "viewer")


def document(words: str) -> bytes:
    """A file that hangs on a page and is no report."""
    blocks = (Paragraph("主动公开事项一览", Role.TITLE), Paragraph(words))
    return write_docx(Report("主动公开事项一览", "", 0, "2021", blocks))


_Planted = tuple[dict[int, Act], tuple[Expected, ...]]


def _cells(report: Report, random: Random, count: int) -> list[Address]:
    """Cells with an integer, in any table."""
    cells = sorted(
        address for address, raw in report.raws.items() if raw.lstrip("-").isdigit() and address[2] != "amount"
    )
    return random.sample(cells, count)


def _edit(item: Item, changes: Mapping[Address, str]) -> tuple[Report, Figures]:
    report, figures = item.report, Figures()
    for address, raw in changes.items():
        before = report.raws[address]
        report = report.with_figure(address, raw)
        figures[address] = (int(before), int(raw) if raw else None)
    return report, figures


def _shown(item: Item, report: Report) -> Act:
    return lambda site: setattr(item, "report", report)


def _revision(item: Item, changes: Mapping[Address, str]) -> _Planted:
    report, figures = _edit(item, changes)
    return {1: _shown(item, report)}, (Expected("revised", figures),)


def _one_figure(site: Site, item: Item, random: Random) -> _Planted:
    (cell,) = _cells(item.report, random, 1)
    return _revision(item, {cell: str(int(item.report.raws[cell]) + random.randint(1, 40))})


def _several_figures(site: Site, item: Item, random: Random) -> _Planted:
    cells = _cells(item.report, random, random.randint(2, 9))
    return _revision(item, {cell: str(int(item.report.raws[cell]) + random.randint(1, 40)) for cell in cells})


def _swapped_figures(site: Site, item: Item, random: Random) -> _Planted:
    first, second = "natural_person", "total"
    rows = [address[1] for address in item.report.raws if address[0] == "applications" and address[2] == first]
    row = random.choice(
        [
            row
            for row in rows
            if item.report.raws["applications", row, first] != item.report.raws["applications", row, "business"]
        ]
        or rows
    )
    second = "business"
    raws = {column: item.report.raws["applications", row, column] for column in (first, second)}
    return _revision(item, {("applications", row, first): raws[second], ("applications", row, second): raws[first]})


def _row_blanked(site: Site, item: Item, random: Random) -> _Planted:
    row = random.choice(("granted", "unable_not_held", "denied_process", "received"))
    return _revision(item, {address: "" for address in item.report.raws if address[:2] == ("applications", row)})


def _zero_blanked(site: Site, item: Item, random: Random) -> _Planted:
    zeros = sorted(address for address, raw in item.report.raws.items() if raw == "0" and address[2] != "amount")
    return _revision(item, {random.choice(zeros): ""})


def _text(item: Item, old: str, new: str, added: int, removed: int) -> _Planted:
    return {1: _shown(item, item.report.with_text(old, new))}, (Expected("revised", {}, (added, removed)),)


def _word(site: Site, item: Item, random: Random) -> _Planted:
    return _text(item, "无其他需要报告的事项", "无其他需要说明的事项", 1, 1)


def _number_in_text(site: Site, item: Item, random: Random) -> _Planted:
    received = item.report.raws["applications", "received", "total"]
    return _text(item, f"申请{received}件", f"申请{int(received) + 1}件", 1, 1)


def _sentence_added(site: Site, item: Item, random: Random) -> _Planted:
    return _text(item, "无其他需要报告的事项。", f"无其他需要报告的事项。{_SENTENCE}", 1, 0)


def _sentence_removed(site: Site, item: Item, random: Random) -> _Planted:
    end = f"如对本报告有疑问，请与{item.report.agency}联系。"
    return _text(item, end, "", 0, 1)


def _title(site: Site, item: Item, random: Random) -> _Planted:
    title = item.name.replace("工作年度报告", "年度报告")
    return {1: lambda site: setattr(item, "title", title)}, (Expected("revised", {}, None, title=True),)


def _attachment(before: str | None, after: str | None) -> Callable[[Site, Item, Random], _Planted]:
    kind = "replaced" if before and after else "added" if after else "removed"

    def act(site: Site, item: Item, random: Random) -> _Planted:
        name = f"mulu{item.key}.docx"
        item.extra = {name: document(before)} if before else {}
        changed = {name: document(after)} if after else {}
        text = (0, 0) if kind == "replaced" else None
        return {1: lambda site: setattr(item, "extra", changed)}, (
            Expected("revised", {}, text, attachments={kind: [name]}),
        )

    return act


def _resaved(site: Site, item: Item, random: Random) -> _Planted:
    """The agency offers other bytes with the same content for download: a notice, no change."""
    acts: dict[int, Act] = {1: lambda site: setattr(item, "is_resaved", True)}
    return acts, ()


def _withdrawn(how: str) -> Callable[[Site, Item, Random], _Planted]:
    def act(site: Site, item: Item, random: Random) -> _Planted:
        return {1: lambda site: setattr(item, "gone", how)}, (Expected("vanished"),)

    return act


def _restored(site: Site, item: Item, random: Random) -> _Planted:
    acts: dict[int, Act] = {1: lambda site: setattr(item, "gone", "404"), 3: lambda site: setattr(item, "gone", "")}
    return acts, (Expected("vanished"), Expected("restored"))


def _restored_revised(site: Site, item: Item, random: Random) -> _Planted:
    acts, expected = _restored(site, item, random)
    report, figures = _edit(item, {("applications", "received", "natural_person"): "987"})

    def back(site: Site) -> None:
        item.gone, item.report = "", report

    return {**acts, 3: back}, (*expected, Expected("revised", figures))


def _delisted(site: Site, item: Item, random: Random) -> _Planted:
    return {1: lambda site: setattr(item, "is_listed", False)}, (Expected("delisted"),)


def _relisted(site: Site, item: Item, random: Random) -> _Planted:
    acts, expected = _delisted(site, item, random)
    return {**acts, 3: lambda site: setattr(item, "is_listed", True)}, (*expected, Expected("restored"))


def _copy(item: Item, **changes: Any) -> Item:
    return replace(item, **changes)


def _moved(revised: bool) -> Callable[[Site, Item, Random], _Planted]:
    def act(site: Site, item: Item, random: Random) -> _Planted:
        report, figures = _edit(item, {("applications", "received", "natural_person"): "987"} if revised else {})

        def go(site: Site) -> None:
            site.items.append(_copy(item, folder="new", report=report))
            item.gone, item.is_listed = "404", False

        return {1: go}, (Expected("moved"), *([Expected("revised", figures)] if revised else []))

    return act


def _moved_by_redirect(site: Site, item: Item, random: Random) -> _Planted:
    def go(site: Site) -> None:
        heir = _copy(item, folder="new", is_listed=False)
        site.items.append(heir)
        item.leads_to = site.url(heir)

    return {1: go}, (Expected("moved"),)


def _correction(site: Site, item: Item, random: Random) -> _Planted:
    report, figures = _edit(item, {("applications", "received", "natural_person"): "987"})

    def go(site: Site) -> None:
        site.items.append(_copy(item, key=item.key + 100_000, report=report, title=f"{item.name}（更正）"))

    return {1: go}, (Expected("revised", figures, None, title=True),)


_KINDS: dict[str, Callable[[Site, Item, Random], _Planted]] = {
    "one-figure": _one_figure,
    "several-figures": _several_figures,
    "swapped-figures": _swapped_figures,
    "row-blanked": _row_blanked,
    "zero-blanked": _zero_blanked,
    "pdf-figure": _one_figure,
    "word": _word,
    "number-in-text": _number_in_text,
    "sentence-added": _sentence_added,
    "sentence-removed": _sentence_removed,
    "title": _title,
    "attachment-replaced": _attachment("规章零件。", "规章一件。"),
    "attachment-added": _attachment(None, "规章零件。"),
    "attachment-removed": _attachment("规章零件。", None),
    "file-resaved": _resaved,
    "withdrawn-404": _withdrawn("404"),
    "withdrawn-410": _withdrawn("410"),
    "withdrawn-soft": _withdrawn("soft"),
    "withdrawn-home": _withdrawn("home"),
    "withdrawn-script-home": _withdrawn("script-home"),
    "restored": _restored,
    "restored-revised": _restored_revised,
    "delisted": _delisted,
    "relisted": _relisted,
    "moved": _moved(revised=False),
    "moved-revised": _moved(revised=True),
    "moved-redirect": _moved_by_redirect,
    "correction": _correction,
}
KINDS = tuple(_KINDS)


def problems(planted: Plant, changes: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """What was missed and what is false in the changes told of a plant's report, apart from its publication."""
    told = [change for change in changes if change["kind"] != "published"]
    missed: list[str] = []
    for expected in planted.expected:
        found = next((change for change in told if change["kind"] == expected.kind), None)
        if found is None:
            missed.append(f"no {expected.kind}")
            continue
        told.remove(found)
        wrong = _differs(planted.item, expected, found)
        if wrong:
            missed.append(f"{expected.kind}: {wrong}")
    return missed, [f"{change['kind']} {_brief(change)}" for change in told]


def _differs(item: Item, expected: Expected, change: dict[str, Any]) -> str:
    figures = {(one["table"], one["row"], one["column"]): (one["before"], one["after"]) for one in change["figures"]}
    if expected.figures is not None and figures != expected.figures:
        return f"figures {figures}, planted {expected.figures}"
    text = (change["text"]["added"], change["text"]["removed"])
    if expected.text is not None and text != expected.text:
        return f"text {text}, planted {expected.text}"
    if expected.title and "title" not in change:
        return "the title is not told"
    if expected.attachments is not None and change.get("attachments") != expected.attachments:
        return f"attachments {change.get('attachments')}, planted {expected.attachments}"
    return ""


def _brief(change: dict[str, Any]) -> str:
    parts = {name: change[name] for name in ("figures", "text", "title", "attachments", "url") if change.get(name)}
    return str(parts)[:300]
