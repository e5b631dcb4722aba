"""Trees of Databricks SQL made into trees that say the same to DuckDB."""
