-- A report's other addresses: which version each of them was found to show, and by which payloads.
ALTER TABLE documents ADD COLUMN shown_version INTEGER;
ALTER TABLE documents ADD COLUMN shown_state TEXT;
