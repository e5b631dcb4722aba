"""Lists that come in pages, each naming the next by a token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """One page.  `next_page_token` is `None` on the last one, whatever is in `items`."""

    items: tuple[T, ...]
    next_page_token: str | None = None
    wire: dict[str, Any] = attrs.field(factory=dict, repr=False, eq=False)


@attrs.define(eq=False)
class Pages(AsyncIterator[T]):
    """All items of all pages, each page fetched when its first item is wanted.

    Not an async generator, so that a loop may be left early and nothing waits to be closed.  A page
    may be empty and yet have a successor.  If cancelled, it may be asked again for the same page.
    """

    _fetch: Callable[[str | None], Awaitable[Page[T]]]
    _items: list[T] = attrs.field(factory=list, init=False)  # the rest of this page, backwards
    _token: str | None = attrs.field(default=None, init=False)
    _last_page_seen: bool = attrs.field(default=False, init=False)

    def __aiter__(self) -> Pages[T]:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._last_page_seen:
                raise StopAsyncIteration
            page = await self._fetch(self._token)
            self._items = list(reversed(page.items))
            # A token that leads to its own page would be an endless list.
            self._last_page_seen = page.next_page_token in (None, "", self._token)
            self._token = page.next_page_token
        return self._items.pop()
