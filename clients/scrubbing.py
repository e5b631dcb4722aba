"""Takes secrets out of text that comes from outside, before it gets into an error or a log.

Two nets: secrets that we know because we send them, and shapes that secrets have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "***"
SHORTEST_SECRET = 8  # characters; to hide a shorter one everywhere would garble plain words
REMEMBERED = 16  # secrets; logins are refreshed for as long as the process lives

_QUERY = re.compile(r"\?[^\s\"'<>]+")
_SIGNATURE = re.compile(r"sig|token|credential|secret", re.IGNORECASE)
_SECRET_NAME = re.compile(r"authorization|token|secret|password|credential", re.IGNORECASE)
_SHAPES = re.compile(
    r"""
      (?<=Bearer\s)[\w.~+/=-]{4,}
    | (?<=Basic\s)[\w+/=-]{8,}
    | \b(?:dapi|dose|dkea|dsapi|dop)[0-9a-f]{16,}(?:-\d+)?     # Databricks' own tokens
    | \beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?                   # JSON web tokens
    | (?<=://)[^\s/@:]+:[^\s/@]+(?=@)                          # a password in a URL
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Scrubber:
    """Knows what one workspace's login must not show."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def __repr__(self) -> str:
        return f"<Scrubber of {len(self._known)} known secrets>"

    def learn(self, fields: Mapping[str, object]) -> None:
        """Remember the secrets among these headers or settings; the oldest are forgotten."""
        for name, value in fields.items():
            # `Bearer` and `Basic` stand in front of a secret, and are none.
            secret = str(value).rsplit(" ", 1)[-1]
            if _SECRET_NAME.search(name) and len(secret) >= SHORTEST_SECRET:
                self._known[secret] = None
        while len(self._known) > REMEMBERED:
            self._known.pop(next(iter(self._known)))

    def clean(self, text: str) -> str:
        """The text with every known or likely secret replaced by `***`."""
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        return _QUERY.sub(_unless_harmless, _SHAPES.sub(HIDDEN, text))


def _unless_harmless(query: re.Match[str]) -> str:
    """A URL's query as it is, or hidden if it signs the URL."""
    return f"?{HIDDEN}" if _SIGNATURE.search(query[0]) else query[0]
