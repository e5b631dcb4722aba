-- What only Databricks has: Delta's changes, Unity Catalog, and its own functions.  Expectations by hand, from the pages named.

-- databricks: https://docs.databricks.com/sql/language-manual/delta-merge-into.html
CREATE TABLE t (id INT, name STRING, qty INT);
-- ok
