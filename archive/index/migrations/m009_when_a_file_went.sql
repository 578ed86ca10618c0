ALTER TABLE addresses ADD COLUMN gone_at TEXT;
