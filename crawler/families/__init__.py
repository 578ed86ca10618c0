"""Families of publishing systems: one pure module each; `model` says what they share."""
