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
    table, _, rest = str(finding["where"]).partition(".")
    row, _, column = rest.rpartition(".")
    if finding["expected"] is None or finding["actual"] is None or not row or not translate.has(key):
        return translate(f"rule.{finding['check']}")
    return translate(
        key,
        figure=figure_label(table, row, column, language),
        column=english()["columns"].get(column, column),
        expected=number(finding["expected"]),
        actual=number(finding["actual"]),
    )
