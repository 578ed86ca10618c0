-- what was last noted about an address: asked for every row of the lists
CREATE INDEX notices_url ON notices (url, at);
