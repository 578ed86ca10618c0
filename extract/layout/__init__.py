"""Fixed-layout pages (PDF, OFD, scans): characters and rulings → tables and paragraphs."""
