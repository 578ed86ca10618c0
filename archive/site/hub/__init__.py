"""A hub over the sites of several archives, say one a province: their reports and duties in one place, their pages through it."""
