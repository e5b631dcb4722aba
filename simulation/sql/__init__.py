"""SQL statements, their results in chunks and behind links, and the catalog of what they name."""
