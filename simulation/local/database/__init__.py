"""DuckDB that answers to Databricks SQL: what runs inside the database process."""
