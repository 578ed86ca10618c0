-- Indexes for what every pass asks of tables that grow with the archive.
CREATE INDEX listings_portal ON listings (portal, column_url);
CREATE INDEX lists_url ON lists (url, at);
CREATE INDEX lists_pass ON lists (portal, run);
CREATE INDEX portal_passes_run ON portal_passes (run, is_ok);
-- where a list's address leads when that is another one
CREATE INDEX addresses_entry ON addresses (json_extract(entry, '$.url')) WHERE role = 'report'
AND parent IS NULL AND digest IS NOT NULL AND json_extract(entry, '$.url') <> url;
