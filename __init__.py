"""An MCP server and a trio library that drive Databricks."""
