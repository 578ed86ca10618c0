-- what a run changed, counted without the changes of all others
CREATE INDEX changes_run ON changes (run, kind);
