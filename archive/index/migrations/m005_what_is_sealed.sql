-- Versions that were read and whose reading doesn't stand in the chain yet: filled by whatever writes a version, emptied when it is sealed.
CREATE TABLE unsealed (
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (report, version)
) STRICT, WITHOUT ROWID;
INSERT INTO unsealed SELECT report, version FROM versions;
CREATE TRIGGER versions_unsealed AFTER INSERT ON versions BEGIN
    INSERT OR IGNORE INTO unsealed VALUES (new.report, new.version); END;
