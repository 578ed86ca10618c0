"""Who owed what, and what came of it."""
