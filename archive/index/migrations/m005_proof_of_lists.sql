-- What proves that a list was read to its end, or what was left open; and what was learnt of its further pages.
ALTER TABLE lists ADD COLUMN proof TEXT;
ALTER TABLE lists ADD COLUMN quote TEXT;
ALTER TABLE lists ADD COLUMN "rows" INTEGER;
ALTER TABLE lists ADD COLUMN page_rows INTEGER;
ALTER TABLE lists ADD COLUMN way TEXT;
ALTER TABLE lists ADD COLUMN tried TEXT;
