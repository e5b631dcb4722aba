"""The log of requests that a workspace has seen: what tests count."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from attrs import field, frozen

LENGTH = 50_000  # entries; a virtual day of many pollers stays within memory
KEPT_BODY = 64 * 1024  # bytes of a body that are kept; uploads are not


@frozen
class Request:
    """One request as it arrived, `at` seconds after the workspace started.  Holds no token."""

    method: str
    path: str
    query: str = ""
    content: bytes = field(default=b"", repr=False)
    at: float = 0.0

    @property
    def body(self) -> Any:
        """The JSON body; None when there was none, or it was not JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class RequestLog:
    """The latest requests in order, and how many came of each kind since the start."""

    def __init__(self) -> None:
        self._latest: deque[Request] = deque(maxlen=LENGTH)
        self._counts: Counter[tuple[str, str]] = Counter()

    def __repr__(self) -> str:
        return f"<RequestLog, {self._counts.total()} requests>"

    def __len__(self) -> int:
        return self._counts.total()

    def __iter__(self) -> Iterator[Request]:
        return iter(tuple(self._latest))

    def note(self, method: str, path: str, query: str, content: bytes, at: float) -> None:
        """Writes one down."""
        self._counts[method, path] += 1
        self._latest.append(Request(method, path, query, content[:KEPT_BODY], at))

    def count(self, pattern: str = "*") -> int:
        """How many came that match `pattern`, such as `"POST /api/2.?/jobs/run-now"`."""
        return sum(
            times
            for (method, path), times in self._counts.items()
            if fnmatchcase(f"{method} {path}", pattern)
        )

    def matching(self, pattern: str) -> list[Request]:
        """The latest ones that match `pattern`, oldest first."""
        return [seen for seen in self if fnmatchcase(f"{seen.method} {seen.path}", pattern)]

    def clear(self) -> None:
        """Forgets them all."""
        self._latest.clear()
        self._counts.clear()
