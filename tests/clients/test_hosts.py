from __future__ import annotations

import pytest
from databricks_mcp_toolkit.clients.hosts import normal_host
from databricks_mcp_toolkit.errors import NotConfigured


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("https://dbc-a1.cloud.databricks.com", "https://dbc-a1.cloud.databricks.com"),
        ("dbc-a1.cloud.databricks.com", "https://dbc-a1.cloud.databricks.com"),
        (" https://DBC-A1.cloud.databricks.com/ \n", "https://dbc-a1.cloud.databricks.com"),
        ("https://adb-1.2.azuredatabricks.net/?o=1#job/2", "https://adb-1.2.azuredatabricks.net"),
        ("https://x.test:443", "https://x.test"),
        ("https://x.test:8443/", "https://x.test:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:80", "http://localhost"),
        ("http://w.localhost", "http://w.localhost"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("https://my_workspace.test", "https://my_workspace.test"),
    ],
)
def test_what_people_write_becomes_one_form(given: str, host: str) -> None:
    assert normal_host(given) == host


@pytest.mark.parametrize(
    "given",
    [
        "",
        "   ",
        "https://",
        "https:///path",
        "https://<your-workspace>.cloud.databricks.com",
        "https://my workspace.test",
        "ftp://x.test",
        "https://x.test:port",
        "https://x.test:99999",
        "https://-x.test",
        "https://x..test",
        f"https://{'x' * 64}.test",
        "https://[::1",
        "https://me:secret@x.test",
        "https://dbc\u2024test",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(NotConfigured) as caught:
        normal_host(given)
    assert "https://" in caught.value.advice
    assert "secret" not in str(caught.value)


def test_plain_http_to_another_machine_is_refused_since_the_login_goes_along() -> None:
    with pytest.raises(NotConfigured, match="in the clear"):
        normal_host("http://x.test")
    assert normal_host("http://x.test", plain_http=True) == "http://x.test"
