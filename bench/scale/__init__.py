"""How the index and the commands grow with the number of report versions."""
