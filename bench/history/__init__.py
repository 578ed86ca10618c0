"""Does the archive tell a report's history exactly? Noise that must change nothing, planted changes that must all be found."""
