"""The sheet that `ogi check --sheet` writes: findings of drafts to work through, on paper or screen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from crawler.cli.finding_sentences import finding_sentence
from extract.audit import CHECKS, RULES
from extract.audit.names import name_of
from extract.messages import language, localize
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from extract.model import Extraction, Finding

_STYLE = """
body { font: 15px/1.6 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif; margin: 2em auto; max-width: 60em; color: #111; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #777; padding: .4em .6em; text-align: left; vertical-align: top; }
tr { break-inside: avoid; } .done { width: 9em; } .error { font-weight: bold; } ul { margin: 0; padding-left: 1.2em; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } h2 { break-after: avoid; } }
"""


def sheet_page(readings: Iterable[tuple[str, Extraction]]) -> str:
    """A whole HTML page, safe whatever stands in the drafts: a table a draft, a row a finding, with room for what was done."""
    body = "".join("".join(_draft(source, extraction)) for source, extraction in readings)
    tag = "zh-CN" if language() == "zh" else "en"
    title = localize("Self-check of annual reports")
    return (
        f'<!doctype html>\n<html lang="{tag}"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style></head>\n'
        f"<body><h1>{escape(title)}</h1>\n{body}</body></html>\n"
    )


def _draft(source: str, extraction: Extraction) -> Iterator[str]:
    yield f"<h2>{escape(extraction.title or extraction.agency or source)}</h2><p>{escape(source)}</p>\n"
    if extraction.findings:
        headings = (
            localize("Number"),
            localize("Rule"),
            localize("What disagrees"),
            localize("Printed numbers"),
            localize("Done"),
        )
        cells = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
        yield f"<table><thead><tr>{cells}</tr></thead><tbody>\n"
        for number, finding in enumerate(extraction.findings, 1):
            yield _row(number, extraction, finding)
        yield "</tbody></table>\n"
    else:
        yield f"<p>{escape(localize('No rule is broken by what could be read.'))}</p>\n"
    if extraction.warnings:
        notes = "".join(f"<li>{escape(localized(warning))}</li>" for warning in extraction.warnings)
        yield f"<h3>{escape(localize('Not read for certain, and so not checked'))}</h3><ul>{notes}</ul>\n"


def _row(number: int, extraction: Extraction, finding: Finding) -> str:
    rule = RULES[finding.check] if language() == "zh" else CHECKS[finding.check]
    said = escape(finding_sentence(finding.to_json())) + (f"<br>“{escape(finding.quote)}”" if finding.quote else "")
    figures = "".join(f"<li>{line}</li>" for line in _figures(extraction, finding.figures))
    return (
        f'<tr class="{escape(finding.severity)}"><td>{number}</td><td>{escape(rule)}</td><td>{said}</td><td><ul>{figures}</ul></td>'
        '<td class="done">☐</td></tr>\n'
    )


def _figures(extraction: Extraction, addresses: Sequence[str]) -> Iterator[str]:
    """What is printed where, a line a figure."""
    by_address = {figure.address: figure for figure in extraction.figures}
    for address in addresses:
        if address in by_address:
            printed = by_address[address].raw.strip() or localize("blank")
            yield f"{escape(name_of(address))}: <b>{escape(printed)}</b>"
