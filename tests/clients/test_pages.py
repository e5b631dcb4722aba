from __future__ import annotations

from databricks_mcp_toolkit.clients.pages import Page, Pages


class Book:
    """Pages by token, and which tokens were asked for."""

    def __init__(self, **pages: Page[int]) -> None:
        self.pages = pages
        self.asked: list[str | None] = []

    async def fetch(self, token: str | None) -> Page[int]:
        """The page of this token."""
        self.asked.append(token)
        return self.pages[token or "first"]


async def test_all_items_of_all_pages_come_in_order() -> None:
    book = Book(first=Page((1, 2), "b"), b=Page((), "c"), c=Page((3,), None))
    assert [each async for each in Pages(book.fetch)] == [1, 2, 3]
    assert book.asked == [None, "b", "c"]


async def test_a_page_is_fetched_when_its_first_item_is_wanted() -> None:
    book = Book(first=Page((1, 2), "b"), b=Page((3,), None))
    async for each in Pages(book.fetch):
        if each == 2:
            break
    assert book.asked == [None]


async def test_an_empty_token_is_the_end() -> None:
    assert [each async for each in Pages(Book(first=Page((1,), "")).fetch)] == [1]


async def test_a_token_that_leads_to_its_own_page_is_the_end() -> None:
    book = Book(first=Page((1,), "b"), b=Page((2,), "b"))
    assert [each async for each in Pages(book.fetch)] == [1, 2]


async def test_an_iterator_at_its_end_stays_there() -> None:
    pages = Pages(Book(first=Page((1,))).fetch)
    assert [each async for each in pages] == [1]
    assert [each async for each in pages] == []
