"""PDF files with a text layer, ruled or not; pages without text are handed to OCR where it is installed."""

from __future__ import annotations

from extract.pdf.reader import read

__all__ = ["read"]
