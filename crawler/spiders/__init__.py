"""Spiders that Scrapy finds: one for each family, see `families`."""
