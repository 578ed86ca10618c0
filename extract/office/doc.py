"""Word 97 to 2003 files, and WPS files, which are the same container."""

from __future__ import annotations

from extract.document.detect import DOC
from extract.document.limits import Budget
from extract.document.unread import large_pictures
from extract.model import Document, Limits
from extract.office.story import StoryBuilder
from extract.office.word97 import Word97


def read(data: bytes, limits: Limits) -> Document:
    """Read a binary Word file.

    Rows end where the file says so, never where a cell happens to be blank. Cells are placed by their edges, so that
    merged cells cover what they cover on paper.

    Raises:
        UnreadableDocument: Encrypted, damaged, or older than Word 97.
        DocumentTooLarge: Too many cells, or too slow.
    """
    budget = Budget(limits)
    file = Word97(data, budget)
    builder = StoryBuilder(budget)
    for paragraph in file.paragraphs():
        builder.add(paragraph)
    blocks = tuple(builder.finish())
    warnings = list(builder.warnings)
    if file.large_pictures:
        warnings.append(
            f"{file.large_pictures} large images in the document were not read; a table among them is unread"
        )
    return Document(media_type=DOC, blocks=blocks, warnings=tuple(warnings), unread=large_pictures(file.large_pictures))
