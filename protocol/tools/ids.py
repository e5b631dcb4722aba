"""What arguments have in common: ids and limits, as JSON Schema keywords."""

from __future__ import annotations

from typing import Any

from ..schema import ABSOLUTE, NO_SPACES, argument

# Printable and without spaces: ids are Databricks' to choose, and stand in URLs (escaped) and logs.
ID: dict[str, Any] = {"maxLength": 128, "pattern": NO_SPACES}
NAME: dict[str, Any] = {"maxLength": 255}
# Absolute, and without control characters.
PATH: dict[str, Any] = {"maxLength": 4096, "pattern": ABSOLUTE}

# Under 60 s, after which many hosts give up on a call and with it on its answer.
DEFAULT_WAIT = 50.0  # seconds
LONGEST_WAIT = 86_400  # seconds


def page_token() -> Any:
    """Where a list that was cut goes on."""
    return argument("next_page_token of the last answer", default=None, maxLength=4096)


def max_wait(description: str = "Seconds to wait", default: float = DEFAULT_WAIT) -> Any:
    """How long a tool may wait for something to end."""
    return argument(description, default=default, minimum=1, maximum=LONGEST_WAIT)


def limit(default: int, most: int) -> Any:
    """How many items of a list are wanted."""
    return argument("Items at most", default=default, minimum=1, maximum=most)
