"""Bringing in what others captured: their WARC and WACZ files, and loose documents, as if we had harvested them then."""
