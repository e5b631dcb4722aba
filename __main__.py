"""`python -m databricks_mcp_toolkit` is the command `databricks-mcp-toolkit`."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
