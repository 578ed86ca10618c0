"""What a finding says, for people at the terminal: the audit's own Chinese sentence, in English with the words of the site before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extract.messages import language

if TYPE_CHECKING:
    from collections.abc import Mapping


def finding_sentence(finding: Mapping[str, Any]) -> str:
    """The sentence in the language spoken; `finding` has the contract's members.

    In English the audit's message stands behind, as it is stored: it quotes labels, numbers and names that the words don't.
    """
    if language() == "zh":
        return str(finding["message"])
    from archive.site.finding_words import finding_words  # start-up time: the site's messages

    return f"{finding_words(finding, 'en')} ({finding['message']})"
