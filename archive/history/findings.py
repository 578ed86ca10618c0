"""Findings of a version as rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from archive.index import reports
from archive.index.types import FindingRow, as_json
from extract.document.clean import shown
from extract.model import number_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from extract.model import Finding


def store_findings(
    db: Database, report: str, version: int, findings: Iterable[Finding], *, is_across: bool = False
) -> None:
    """Write findings about a version; `is_across` marks those that come from a comparison with other reports."""
    for finding in findings:
        insert_finding(
            db,
            report,
            version,
            check=finding.check,
            severity=finding.severity,
            where=finding.where,
            message=finding.message,
            expected=number_to_json(finding.expected),
            actual=number_to_json(finding.actual),
            figures=finding.figures,
            quote=finding.quote,
            is_across=is_across,
        )


def insert_finding(
    db: Database,
    report: str,
    version: int,
    *,
    check: str,
    severity: str,
    where: str,
    message: str,
    expected: float | None = None,
    actual: float | None = None,
    figures: Iterable[str] = (),
    quote: str | None = None,
    is_across: bool = False,
) -> None:
    """Write one finding; its id is made of what it states, so the words of a message are part of it."""
    message, quote = shown(message), shown(quote) if quote is not None else None
    text = "\n".join((report, str(version), check, where, message, quote or ""))
    reports.put_finding(
        db,
        FindingRow(
            id=hashlib.sha256(text.encode()).hexdigest()[:16],
            report=report,
            version=version,
            check=check,
            severity=severity,
            where=where,
            expected=expected,
            actual=actual,
            message=message,
            figures=as_json(list(figures)),
            quote=quote,
            is_across=is_across,
        ),
    )
