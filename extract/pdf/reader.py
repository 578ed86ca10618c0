"""PDF bytes → `Document`."""

from __future__ import annotations

from extract.detect import PDF
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.layout.document import document_of
from extract.limits import Budget
from extract.model import Document, Limits
from extract.pdf.ink import PDFIUM, open_pdf, read_page


def read(data: bytes, limits: Limits) -> Document:
    """Read a PDF.

    `alternatives` holds the same pages in the order of the file's stream, without grids.

    Raises:
        UnreadableDocument: Encrypted or damaged.
        DocumentTooLarge: Too many pages or cells, or too slow.
    """
    budget = Budget(limits)
    start = data.find(b"%PDF-", 0, 1024)
    with PDFIUM, open_pdf(data[start:] if start > 0 else data) as pdf:
        count = len(pdf)
        if count > limits.max_pages:
            raise DocumentTooLarge(
                f"the PDF has {count} pages, more than {limits.max_pages}; see the setting max_pages"
            )
        if count == 0:
            raise UnreadableDocument("the PDF has no pages; download it again")
        inks = []
        for index in range(count):
            budget.check_time()
            inks.append(read_page(pdf, index, budget))
    return document_of(inks, PDF, budget)
