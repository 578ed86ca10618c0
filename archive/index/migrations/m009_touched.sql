-- Obligations are judged again where something that they rest on was written: agencies by id, portals by id with all agencies watched there.
-- Filled by triggers, so that no way of writing can forget it; emptied when the obligations were brought up to date. A row is entered where it isn't
-- yet, and not by OR IGNORE: the conflict clause of the statement that fires a trigger would take its place.
CREATE TABLE touched (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
-- the day for which all obligations stand is that of the last run: meta, duties_as_of
ALTER TABLE obligations DROP COLUMN as_of;
CREATE INDEX obligations_status ON obligations (status, year, agency);
CREATE INDEX lists_at ON lists (at);
CREATE INDEX portal_passes_at ON portal_passes (at);
CREATE INDEX notices_several ON notices (url) WHERE code = 'several-reports';
-- what is sealed of readings needn't be compared with all of the chain again until a version goes
CREATE TRIGGER versions_gone AFTER DELETE ON versions BEGIN
    DELETE FROM meta WHERE key = 'readings_sealed'; END;
CREATE TRIGGER agencies_entered AFTER INSERT ON agencies BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT new.id AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER agencies_deleted AFTER DELETE ON agencies BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT old.id AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER agencies_changed AFTER UPDATE ON agencies
WHEN old.name IS NOT new.name OR old.kind IS NOT new.kind OR old.region IS NOT new.region OR old.portal IS NOT new.portal OR old.since IS NOT new.since OR old.until IS NOT new.until OR old.successor IS NOT new.successor OR old.source IS NOT new.source OR old.first_seen IS NOT new.first_seen BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT old.id AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT new.id AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER agency_names_entered AFTER INSERT ON agency_names BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT new.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.scope AS id) s
    WHERE s.id IS NOT NULL AND s.id <> '' AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'name', s.id FROM (SELECT '*' AS id WHERE new.scope = '') s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'name' AND t.id = s.id); END;
CREATE TRIGGER agency_names_deleted AFTER DELETE ON agency_names BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT old.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.scope AS id) s
    WHERE s.id IS NOT NULL AND s.id <> '' AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'name', s.id FROM (SELECT '*' AS id WHERE old.scope = '') s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'name' AND t.id = s.id); END;
CREATE TRIGGER agency_names_changed AFTER UPDATE ON agency_names
WHEN old.agency IS NOT new.agency OR old.name IS NOT new.name OR old.scope IS NOT new.scope BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT old.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.scope AS id) s
    WHERE s.id IS NOT NULL AND s.id <> '' AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'name', s.id FROM (SELECT '*' AS id WHERE old.scope = '') s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'name' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT new.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.scope AS id) s
    WHERE s.id IS NOT NULL AND s.id <> '' AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'name', s.id FROM (SELECT '*' AS id WHERE new.scope = '') s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'name' AND t.id = s.id); END;
CREATE TRIGGER portals_changed AFTER UPDATE ON portals
WHEN old.name IS NOT new.name OR old.region IS NOT new.region BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.id AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER reports_entered AFTER INSERT ON reports BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT new.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.url WHERE d.report = new.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.entry_url WHERE d.report = new.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER reports_deleted AFTER DELETE ON reports BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT old.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.url WHERE d.report = old.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.entry_url WHERE d.report = old.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER reports_changed AFTER UPDATE ON reports
WHEN old.agency IS NOT new.agency OR old.year IS NOT new.year BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT old.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.url WHERE d.report = old.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.entry_url WHERE d.report = old.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT new.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.url WHERE d.report = new.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT l.portal AS id FROM documents d JOIN listings l ON l.url = d.entry_url WHERE d.report = new.id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER reports_redated AFTER UPDATE ON reports
WHEN old.first_seen IS NOT new.first_seen OR old.absent_at IS NOT new.absent_at OR old.published_on IS NOT new.published_on OR old.status IS NOT new.status BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT new.agency AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER documents_entered AFTER INSERT ON documents BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = new.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = new.entry_url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id WHERE EXISTS (SELECT 1 FROM notices n WHERE n.url = new.url AND n.code = 'several-reports')) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER documents_deleted AFTER DELETE ON documents BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = old.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = old.entry_url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id WHERE EXISTS (SELECT 1 FROM notices n WHERE n.url = old.url AND n.code = 'several-reports')) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER documents_changed AFTER UPDATE ON documents
WHEN old.report IS NOT new.report OR old.url IS NOT new.url OR old.entry_url IS NOT new.entry_url OR old.is_correction IS NOT new.is_correction OR old.is_primary IS NOT new.is_primary OR old.status IS NOT new.status OR old.portal IS NOT new.portal BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = old.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = old.entry_url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id WHERE EXISTS (SELECT 1 FROM notices n WHERE n.url = old.url AND n.code = 'several-reports')) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = new.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = new.entry_url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id WHERE EXISTS (SELECT 1 FROM notices n WHERE n.url = new.url AND n.code = 'several-reports')) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER versions_entered AFTER INSERT ON versions BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = new.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER versions_deleted AFTER DELETE ON versions BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = old.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER versions_changed AFTER UPDATE ON versions
WHEN old.published_on IS NOT new.published_on BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = old.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = new.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER addresses_entered AFTER INSERT ON addresses BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER addresses_deleted AFTER DELETE ON addresses BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER addresses_changed AFTER UPDATE ON addresses
WHEN old.verdict IS NOT new.verdict OR old.role IS NOT new.role OR old.entry IS NOT new.entry BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM listings WHERE url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER listings_entered AFTER INSERT ON listings BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER listings_deleted AFTER DELETE ON listings BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER listings_changed AFTER UPDATE ON listings
WHEN old.portal IS NOT new.portal OR old.column_url IS NOT new.column_url OR old.url IS NOT new.url OR old.title IS NOT new.title OR old.date IS NOT new.date OR old.agency IS NOT new.agency OR old.first_at IS NOT new.first_at BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER lists_entered AFTER INSERT ON lists BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER lists_deleted AFTER DELETE ON lists BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER lists_changed AFTER UPDATE ON lists
WHEN old.at IS NOT new.at OR old.is_complete IS NOT new.is_complete OR old.reason IS NOT new.reason BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER portal_passes_entered AFTER INSERT ON portal_passes BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER portal_passes_deleted AFTER DELETE ON portal_passes BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER portal_passes_changed AFTER UPDATE ON portal_passes
WHEN old.at IS NOT new.at OR old.is_ok IS NOT new.is_ok OR old.reason IS NOT new.reason BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT old.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT new.portal AS id) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); END;
CREATE TRIGGER changes_entered AFTER INSERT ON changes BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = new.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER changes_deleted AFTER DELETE ON changes BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = old.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER changes_changed AFTER UPDATE ON changes
WHEN old.kind IS NOT new.kind OR old.at IS NOT new.at OR old.report IS NOT new.report OR old.is_false_alarm IS NOT new.is_false_alarm BEGIN
    INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = old.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT agency AS id FROM reports WHERE id = new.report) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER notices_entered AFTER INSERT ON notices
WHEN new.code = 'several-reports' BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM documents WHERE url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER notices_deleted AFTER DELETE ON notices
WHEN old.code = 'several-reports' BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM documents WHERE url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
CREATE TRIGGER notices_changed AFTER UPDATE ON notices
WHEN 'several-reports' IN (old.code, new.code) BEGIN
    INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM documents WHERE url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = old.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'portal', s.id FROM (SELECT portal AS id FROM documents WHERE url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'portal' AND t.id = s.id); INSERT INTO touched SELECT DISTINCT 'agency', s.id FROM (SELECT r.agency AS id FROM documents d JOIN reports r ON r.id = d.report WHERE d.url = new.url) s
    WHERE s.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.kind = 'agency' AND t.id = s.id); END;
