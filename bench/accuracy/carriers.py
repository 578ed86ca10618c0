"""Every way in which the benchmark hands tables to the reader."""

from __future__ import annotations

from bench.accuracy import html, office, pdf, text
from bench.accuracy.layout import Sheet
from extract.model import Document, Limits
from extract.readers import read_document

HTML = tuple(f"html: {variant}" for variant in html.VARIANTS)
TABLES_AS_TEXT = tuple(f"text: {variant}" for variant in text.VARIANTS)
OFFICE = tuple(office.VARIANTS)
PDF = tuple(f"pdf: {variant}" for variant in pdf.VARIANTS)
ALL = (*HTML, *TABLES_AS_TEXT, *OFFICE, *PDF)


def render(carrier: str, sheets: list[Sheet], seed: int) -> bytes:
    """A document that carries the tables."""
    kind, _, variant = carrier.partition(": ")
    if kind == "html":
        return html.render(sheets, variant, seed)
    if kind == "text":
        return text.render(sheets, variant, seed)
    if kind == "pdf":
        return pdf.render(sheets, variant, seed)
    return office.render(sheets, carrier, seed)


def read(carrier: str, data: bytes) -> Document:
    """The document as the program's own reader for its bytes gives it."""
    return read_document(data, limits=Limits())
