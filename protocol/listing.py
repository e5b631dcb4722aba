"""Lists: as many pages as it takes, and a table that says what is missing from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from ..clients.pages import Page
from .results import lines, table

T = TypeVar("T")

MOST_PAGES = 40  # pages fetched for one answer; a server that sends empty ones must not keep us


async def collect(
    page: Callable[[int, str | None], Awaitable[Page[T]]], limit: int, token: str | None
) -> tuple[list[T], str | None]:
    """Items page by page, from `token` on, until there are `limit` or no more.

    Pages are asked for in the size still wanted, so that they end where the answer does.

    Returns:
      The items, and the token that goes on after them; None at the end of the list.
    """
    items: list[T] = []
    for _ in range(MOST_PAGES):
        fetched = await page(limit - len(items), token)
        items += fetched.items
        following = fetched.next_page_token or None
        if following == token:  # it would go round in circles
            return items, None
        token = following
        if token is None or len(items) >= limit:
            break
    return items, token


def listed(
    noun: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    more: str = "",
) -> str:
    """The text of a list.

    Args:
      noun: what is listed, in the plural.
      columns: the heads of the table.
      rows: one for each item.
      more: how to get what is not in `rows`, when there is more.
    """
    if not rows:
        return lines(f"No {noun} on this page." if more else f"No {noun}.", more)
    shown = table(columns, rows)
    count = f"{noun[0].upper()}{noun[1:]}: {len(rows):,}{', and there are more' if more else ''}"
    rest = ""
    if shown.rows < len(rows):
        rest = (
            f"Only the first {shown.rows:,} of these {len(rows):,} are in this text; "
            "all are in the structured content. A smaller `limit` gives shorter answers."
        )
    return lines(count, shown.text, rest, more)
