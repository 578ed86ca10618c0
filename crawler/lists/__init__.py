"""Lists of reports: their rows, their further pages, and the proof that they were read to their end. Knows no publishing system by name."""
