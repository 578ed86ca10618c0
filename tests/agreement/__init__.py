"""Answers that several places give must agree, and stay what they are."""
