-- The matrix of duties by index and key: agencies in its order, and its sums kept with every row of the obligations.
CREATE INDEX agencies_order ON agencies (coalesce(region, ''), CASE kind WHEN 'government' THEN 0 WHEN 'department' THEN 1 ELSE 2 END, name, id);
CREATE INDEX agencies_region ON agencies (region);
CREATE TABLE duty_counts (
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    status TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (region, kind, year, status)
) STRICT, WITHOUT ROWID;
INSERT INTO duty_counts SELECT coalesce(region, ''), kind, year, status, count(*) FROM obligations GROUP BY 1, 2, 3, 4;
CREATE TRIGGER obligations_counted AFTER INSERT ON obligations BEGIN
    INSERT INTO duty_counts SELECT coalesce(new.region, ''), new.kind, new.year, new.status, 0 WHERE NOT EXISTS (SELECT 1 FROM duty_counts c
    WHERE c.region = coalesce(new.region, '') AND c.kind = new.kind AND c.year = new.year AND c.status = new.status); UPDATE duty_counts SET n = n + 1
    WHERE region = coalesce(new.region, '') AND kind = new.kind AND year = new.year AND status = new.status; END;
CREATE TRIGGER obligations_uncounted AFTER DELETE ON obligations BEGIN
    UPDATE duty_counts SET n = n - 1 WHERE region = coalesce(old.region, '') AND kind = old.kind AND year = old.year AND status = old.status; DELETE FROM duty_counts
    WHERE region = coalesce(old.region, '') AND kind = old.kind AND year = old.year AND status = old.status AND n <= 0; END;
CREATE TRIGGER obligations_recounted AFTER UPDATE OF region, kind, year, status ON obligations BEGIN
    UPDATE duty_counts SET n = n - 1 WHERE region = coalesce(old.region, '') AND kind = old.kind AND year = old.year AND status = old.status; DELETE FROM duty_counts
    WHERE region = coalesce(old.region, '') AND kind = old.kind AND year = old.year AND status = old.status AND n <= 0; INSERT INTO duty_counts
    SELECT coalesce(new.region, ''), new.kind, new.year, new.status, 0 WHERE NOT EXISTS (SELECT 1 FROM duty_counts c
    WHERE c.region = coalesce(new.region, '') AND c.kind = new.kind AND c.year = new.year AND c.status = new.status); UPDATE duty_counts SET n = n + 1
    WHERE region = coalesce(new.region, '') AND kind = new.kind AND year = new.year AND status = new.status; END;
-- changes in the order in which they are listed, so that the first row comes at once
DROP INDEX changes_at;
CREATE INDEX changes_at ON changes (at, run, position);
