"""What arguments have in common: ids and limits, as JSON Schema keywords."""

from __future__ import annotations

from typing import Any

from ..schema import argument

# Printable and without spaces: ids are Databricks' to choose, and stand in URLs (escaped) and logs.
ID: dict[str, Any] = {"maxLength": 128, "pattern": "^[!-~]+$"}
NAME: dict[str, Any] = {"maxLength": 255}
# Absolute, and without control characters.
PATH: dict[str, Any] = {"maxLength": 4096, "pattern": r"^/[^\x00-\x1f\x7f]*$"}
WAIT: dict[str, Any] = {"minimum": 1, "maximum": 86_400}

# Under 60 s, after which many hosts give up on a call and with it on its answer.
DEFAULT_WAIT = 50.0  # seconds


def page_token() -> Any:
    """Where a list that was cut goes on."""
    return argument("next_page_token of the answer before", default=None, maxLength=4096)


def limit(default: int, most: int) -> Any:
    """How many items of a list are wanted."""
    return argument(default=default, minimum=1, maximum=most)
