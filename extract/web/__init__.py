"""Portal pages, JSON answers, MHT files."""
