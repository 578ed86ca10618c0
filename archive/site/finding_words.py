"""What a finding says, in the reader's language: Chinese as the audit wrote it, English made of the check and its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archive.lists.labels import english
from archive.site.i18n import Translator
from archive.site.reports import label_of, split_address
from archive.site.view import number

#: Between two figures that a sentence adds; a printed label may hold the sign itself.
_NEXT = re.compile(r"\+(?=[a-z]++\.)")


def finding_words(finding: Mapping[str, Any], language: str) -> str:
    """A sentence in English; empty in Chinese, where the finding's own message is the sentence.

    A check without a sentence of its own, or a finding without numbers, says its rule.
    """
    if language != "en":
        return ""
    translate, key = Translator(language), f"finding.{finding['check']}"
    if finding["check"] == "stock" and "previous:" not in str(finding.get("figures")):
        key = "finding.stock_of_one_year"
    addresses = _NEXT.split(str(finding["where"]))
    if finding["expected"] is None or finding["actual"] is None or not translate.has(key):
        return translate(f"rule.{finding['check']}")
    try:
        _, _, column = split_address(addresses[0])
        figure = " + ".join(label_of(address, language) for address in addresses)
    except ValueError:  # a chapter, a table, the report itself
        return translate(f"rule.{finding['check']}")
    return translate(
        key,
        figure=figure,
        column=english()["columns"].get(column, column),
        expected=number(finding["expected"]),
        actual=number(finding["actual"]),
    )
