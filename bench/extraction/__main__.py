"""`python -m bench.extraction`: documents read per second of CPU time on one core, everything on.

Each document is another one (nothing is read twice), each is read whole: detection, main text, figures, identity, sections, normal form
and audit. The median of all documents of a kind counts. Exits with 1 if a kind is slower than its goal; `--no-goals` only prints.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.html import page_html, table_html
from crawler.replica.documents.invent import invent
from crawler.replica.documents.model import Report
from crawler.replica.documents.pdf import write_pdf
from extract.api import read_report

_MENU_LINKS = 900
_AGENCIES = ("平川县人民政府", "平川县财政局", "平川县水务局", "河东区教育局", "石门镇人民政府")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document with its goal in documents a second (issue 3)."""

    name: str
    goal: float
    render: Callable[[Report, int], bytes]


def _page(report: Report, number: int) -> bytes:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{report.title}</title></head><body><h1>{report.title}</h1>'
        f'<div class="info">发布时间：{report.year + 1}-01-{number % 28 + 1:02}</div><div id="zoom">{table_html(report, title=False)}</div>'
        "</body></html>"
    ).encode()


def _portal_page(report: Report, number: int) -> bytes:
    """A page as portals serve it: a menu of hundreds of links, and Word's styles in every paragraph and cell."""
    menu = "".join(
        f'<li class="item"><a href="/col/col{number}{link}/index.html" style="color:#333;font-size:12px">政务公开栏目{link}</a></li>'
        for link in range(_MENU_LINKS)
    )
    style = ' class="MsoNormal" style="text-align:center;mso-pagination:widow-orphan;font-size:9.0pt;mso-hansi-font-family:宋体"'
    page = _page(report, number).decode()
    page = page.replace("<td", f"<td{style}").replace("<p>", f"<p{style}>")
    return page.replace("<body>", f'<body><div class="nav"><ul>{menu}</ul></div>').encode()


def _text(report: Report, number: int) -> bytes:
    from bench.extraction.dump import dump

    return dump(page_html(report), "\t" if number % 2 else "\n").encode("gb18030" if number % 3 else "utf-8")


def _pdf(report: Report, _: int) -> bytes:
    return write_pdf(report)


def _docx(report: Report, _: int) -> bytes:
    return write_docx(report)


KINDS = (
    Kind("html, 10 KB", 150, _page),
    Kind("html, 130 KB", 50, _portal_page),
    Kind("text", 100, _text),
    Kind("pdf", 10, _pdf),
    Kind("docx", 50, _docx),
)


def measure(documents: Sequence[bytes]) -> float:
    """Seconds of CPU time that the median document takes; the first one warms up."""
    read_report(documents[0], source="warm-up")
    taken = []
    for document in documents[1:]:
        begun = time.process_time()
        read_report(document, source="document")
        taken.append(time.process_time() - begun)
    return median(taken)


def documents_of(kind: Kind, count: int) -> list[bytes]:
    """Different documents of a kind, both forms in turn."""
    reports = (invent(_AGENCIES[number % len(_AGENCIES)], 2019 + number % 6, 1000 + number) for number in range(count))
    return [kind.render(report, number) for number, report in enumerate(reports)]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; the exit status is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.extraction", description=__doc__)
    parser.add_argument("--documents", type=int, default=40, help="documents of each kind (default 40)")
    parser.add_argument("--no-goals", action="store_true", help="only print")
    options = parser.parse_args(arguments)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as in the process that reads for `ogi extract`
    missed = 0
    print(f"{'kind':<14}{'KB':>7}{'ms':>9}{'a second':>10}{'goal':>6}")
    for kind in KINDS:
        documents = documents_of(kind, options.documents)
        seconds = measure(documents)
        size = median(map(len, documents)) / 1000
        missed += 1 / seconds < kind.goal
        print(f"{kind.name:<14}{size:>7.1f}{seconds * 1000:>9.1f}{1 / seconds:>10.0f}{kind.goal:>6.0f}")
    return 1 if missed and not options.no_goals else 0


if __name__ == "__main__":
    sys.exit(main())
