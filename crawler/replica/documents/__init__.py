"""Reports for the replica portals, in the carriers that portals use: PDF, docx and three kinds of HTML.

One typed report (`model.Report`) is written by any of the writers (`pdf`, `docx`, `html`); the bytes depend on the report alone.
"""
