"""What people write as their workspace's address, in the one form that requests are built on."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from ..errors import NotConfigured

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_ADVICE = (
    "Set DATABRICKS_HOST to your workspace, such as https://dbc-a1b2345c-d6e7.cloud.databricks.com"
)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def normal_host(host: str, *, plain_http: bool = False) -> str:
    """`scheme://name[:port]`, without the path, query and fragment that come along from a browser.

    Args:
      host: with or without `https://`.
      plain_http: allow `http://` to anywhere, not only to this machine: the login goes along.

    Raises:
      NotConfigured: it is empty, or no address of a web server.
    """
    text = host.strip()
    if not text:
        raise NotConfigured("No workspace address is set.", advice=_ADVICE)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        raise _unusable(text) from None
    name = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or parts.username is not None or not _is_name(name):
        raise _unusable(text)
    if parts.scheme == "http" and not plain_http and not is_loopback(name):
        raise NotConfigured(
            f"http://{name} would carry the login in the clear.", advice="Use https:// instead."
        )
    shown = f"[{name}]" if ":" in name else name
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{shown}"
    return f"{parts.scheme}://{shown}:{port}"


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _is_name(name: str) -> bool:
    if ":" in name:
        try:
            ip_address(name)
        except ValueError:
            return False
        return True
    return len(name) <= 253 and _NAME.fullmatch(name) is not None


def _unusable(text: str) -> NotConfigured:
    # What stands before an `@` may be a password.
    shown = text.rsplit("@", 1)[-1][:100]
    return NotConfigured(f"{shown!r} is not a workspace's address.", advice=_ADVICE)
