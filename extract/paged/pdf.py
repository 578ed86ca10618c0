"""PDF bytes → `Document`."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2.raw as pdfium

from extract.document.detect import PDF
from extract.document.limits import Budget
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.layout.document import document_of
from extract.messages import localizable
from extract.model import Document, Limits, UnreadKind, UnreadPart
from extract.paged import ocr
from extract.paged.pdf_drawn import PageDoubts
from extract.paged.pdf_ink import PDFIUM, draw_page, open_pdf, read_page
from extract.paged.pdf_streams import check_streams, may_have_layers

# A page without text whose pictures cover this much of it is a scan.
_SCAN_SHARE = 0.05
_XFA = localizable(
    "the PDF is a form whose content is made when it is opened (XFA); it was not read: print it to a new PDF"
)


def read(data: bytes, limits: Limits) -> Document:
    """Read a PDF.

    Pages without text that show a picture are read by OCR where the extra is installed, else named in a warning.
    `alternatives` holds the same pages in the order of the file's stream, without grids.

    Raises:
        UnreadableDocument: Encrypted or damaged.
        DocumentTooLarge: Too many pages or cells, or too slow.
    """
    budget = Budget(limits)
    start = data.find(b"%PDF-", 0, 1024)
    any_twins = check_streams(data)
    with PDFIUM, open_pdf(data[start:] if start > 0 else data) as pdf:
        count = len(pdf)
        if count > limits.max_pages:
            raise DocumentTooLarge(
                f"the PDF has {count} pages, more than {limits.max_pages}; see the setting max_pages"
            )
        if count == 0:
            raise UnreadableDocument("the PDF has no pages; download it again")
        warnings, unread = [], []
        if pdf.get_formtype() in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
            warnings.append(_XFA)
            unread.append(UnreadPart(UnreadKind.FORM_FIELD, "the whole form"))
        elif pdf.get_formtype() != pdfium.FORMTYPE_NONE:
            pdf.init_forms()
        doubts = PageDoubts(
            layers=localizable("a layer may be switched off") if may_have_layers(data) else "", shapes=any_twins
        )
        inks = []
        for index in range(count):
            budget.check_time()
            ink = read_page(pdf, index, budget, doubts)
            if not ink.chars and ink.picture_share > _SCAN_SHARE and ocr.is_installed():
                budget.extend(ocr.SECONDS_PER_PAGE)
                pixels = draw_page(pdf, index, ocr.DPI)
                ink = ocr.read_page(pixels, index + 1, ink.displayed.size[0] / pixels.shape[1])
            inks.append(ink)
    document = document_of(inks, PDF, budget)
    if not warnings:
        return document
    return replace(document, warnings=(*document.warnings, *warnings), unread=(*document.unread, *unread))
