"""What a finding says, in the reader's language: Chinese as the audit wrote it, English made of the check and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.lists.labels import english, figure_label
from archive.site.i18n import Translator
from archive.site.view import number


def finding_words(finding: Mapping[str, Any], language: str) -> str:
    """A sentence in English; empty in Chinese, where the finding's own message is the sentence.

    A check without a sentence of its own, or a finding without numbers, says its rule.
    """
    if language != "en":
        return ""
    translate, key = Translator(language), f"finding.{finding['check']}"
    if finding["check"] == "stock" and "previous:" not in str(finding.get("figures")):
        key = "finding.stock_of_one_year"
    places = [_parts(address) for address in str(finding["where"]).split("+")]
    column = places[0][2]
    is_named = all(row for _, row, _ in places)
    if finding["expected"] is None or finding["actual"] is None or not is_named or not translate.has(key):
        return translate(f"rule.{finding['check']}")
    return translate(
        key,
        figure=" + ".join(figure_label(*place, language) for place in places),
        column=english()["columns"].get(column, column),
        expected=number(finding["expected"]),
        actual=number(finding["actual"]),
    )


def _parts(address: str) -> tuple[str, str, str]:
    """Table, row and column of a figure's address; a row may hold points of its own."""
    table, _, rest = address.partition(".")
    row, _, column = rest.rpartition(".")
    return table, row, column
