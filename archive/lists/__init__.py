"""Answers for the command line and the site."""
