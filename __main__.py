"""`python -m databricks_mcp_toolkit` is the command `databricks-mcp-toolkit`; both begin here."""

from __future__ import annotations

import sys


def main() -> None:
    """The command, from the first moment on: a Ctrl-C while it is still loading ends it quietly."""
    try:
        from .cli import main as run  # noqa: PLC0415
    except KeyboardInterrupt:
        sys.exit(130)  # 128 + SIGINT
    run()


if __name__ == "__main__":
    main()
