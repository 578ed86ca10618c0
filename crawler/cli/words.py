"""Codes as words, for lines that people read and nobody types again: `2 revised` is 修改 2 to who reads Chinese.

In the columns of a table, in JSON and wherever an option takes them, codes stay codes.
"""

from __future__ import annotations

from collections.abc import Mapping

from extract.messages import localizable_word, localize, word

#: Codes that have a word of their own in each language; a test holds that no kind of change and no outcome lacks one.
WORDS = (
    # kinds of change
    localizable_word("published"),
    localizable_word("revised"),
    localizable_word("vanished"),
    localizable_word("restored"),
    localizable_word("moved"),
    localizable_word("delisted"),
    localizable_word("replaced"),
    localizable_word("corrected"),
    localizable_word("column-shrank"),
    # outcomes of a proof
    localizable_word("proved"),
    localizable_word("not proved"),
    localizable_word("damaged"),
    localizable_word("not said"),
    # what a proof is of, besides kinds of change
    localizable_word("report"),
    localizable_word("figure"),
    localizable_word("absence"),
    # what `ogi doctor` looks at
    localizable_word("contact"),
    localizable_word("portals"),
    localizable_word("notification"),
    localizable_word("clock"),
    localizable_word("disk"),
    localizable_word("key"),
    localizable_word("head"),
    localizable_word("index"),
    localizable_word("calendar"),
    # whose time a run's is
    localizable_word("simulated"),
    localizable_word("stated"),
    # how bad a finding is
    localizable_word("error"),
    localizable_word("warning"),
    localizable_word("notice"),
    # days of the week, as the calendar prints them
    localizable_word("Mon"),
    localizable_word("Tue"),
    localizable_word("Wed"),
    localizable_word("Thu"),
    localizable_word("Fri"),
    localizable_word("Sat"),
    localizable_word("Sun"),
)


def counted(counts: Mapping[str, int]) -> str:
    """How many of each, in the order given: `2 published, 1 revised`."""
    return localize(", ").join(
        localize("{count} {kind}", count=count, kind=word(kind)) for kind, count in counts.items()
    )
