"""Word, RTF and spreadsheet files."""
