"""A simulated year of watching, scored against what truly happened."""
