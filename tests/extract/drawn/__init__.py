"""Figures that aren't drawn as they are stored, in every carrier. Written from tables of the carriers' properties."""
