from __future__ import annotations

import pytest
from databricks_mcp_toolkit.clients.scrubbing import REMEMBERED, Scrubber


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ("Basic dXNlcjpwYXNz", "Basic ***"),
        ("token dapi0123456789abcdef0123456789abcdef-2 is bad", "token *** is bad"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "***"),
        ("proxy http://me:hunter22@proxy:8080/", "proxy http://***@proxy:8080/"),
        ("at https://b.test/x?X-Amz-Signature=f00&a=b now", "at https://b.test/x?*** now"),
        ("at https://b.test/x?sv=1&sig=f%2F0, gone", "at https://b.test/x?*** gone"),
        ("at https://b.test/x?page=2 now", "at https://b.test/x?page=2 now"),
        ("Table or view not found: hr.tokens", "Table or view not found: hr.tokens"),
        ("what? nothing secret", "what? nothing secret"),
        ("", ""),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_the_rest_is_not(text: str, shown: str) -> None:
    assert Scrubber().clean(text) == shown


def test_a_secret_that_we_sent_is_hidden_wherever_it_comes_back() -> None:
    scrubber = Scrubber()
    scrubber.learn({"Authorization": "Bearer not-of-any-shape", "X-Org": "visible-org-id"})
    text = "not-of-any-shape for visible-org-id, not-of-any-shape!"
    assert scrubber.clean(text) == "*** for visible-org-id, ***!"


def test_the_settings_of_a_login_can_be_learned_too() -> None:
    scrubber = Scrubber()
    scrubber.learn({"client_secret": "s3cr3t-of-client", "client_id": "the-client-id", "x": None})
    assert scrubber.clean("the-client-id/s3cr3t-of-client") == "the-client-id/***"


def test_a_word_too_short_for_a_secret_stays() -> None:
    scrubber = Scrubber()
    scrubber.learn({"token": "the"})
    assert scrubber.clean("the end") == "the end"


def test_old_logins_are_forgotten_in_the_end() -> None:
    scrubber = Scrubber()
    for number in range(REMEMBERED * 3):
        scrubber.learn({"token": f"token-number-{number:04}"})
    assert repr(scrubber) == f"<Scrubber of {REMEMBERED} known secrets>"
    assert scrubber.clean(f"token-number-{REMEMBERED * 3 - 1:04}") == "***"


def test_a_long_hostile_text_is_scrubbed_in_no_time() -> None:
    scrubber = Scrubber()
    for text in ("?" * 20_000, "?sig" * 5_000, "://" * 7_000, "eyJ" * 7_000, "Bearer " * 3_000):
        scrubber.clean(text)
