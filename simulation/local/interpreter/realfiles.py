"""Databricks' paths in a real Spark: its readers and writers look where DBFS and volumes lie."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from ..places import REMOTE, Places

# Methods whose arguments are paths: only the first, or all that are given by place.
ONE_PATH = ("load", "csv", "json", "text", "xml", "save")
MANY_PATHS = ("parquet", "orc")
KEYWORDS = ("path", "paths")
GLOB = "*?[{"


class RealFiles:
    """Puts a machine's paths in the place of Databricks'.

    Args:
      places: where those lie.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._not_found = importlib.import_module("pyspark.errors").AnalysisException

    def take_over(self, session: Any) -> None:
        """Has the readers and writers of this session's kind take Databricks' paths."""
        for owner, there in (
            (type(session.read), True),
            (type(session.range(0).write), False),
        ):
            for name in (*ONE_PATH, *MANY_PATHS):
                if hasattr(owner, name):
                    count = None if name in MANY_PATHS and there else 1
                    method = self._mapped(getattr(owner, name), count, there=there)
                    setattr(owner, name, method)
            owner.format = _without_delta(owner.format)

    def _mapped(self, method: Callable[..., Any], count: int | None, *, there: bool) -> Any:
        """`method` with its first `count` arguments mapped; `there`: what they name must exist."""

        @functools.wraps(method)
        def mapped(self_: Any, *arguments: Any, **keywords: Any) -> Any:
            seen = [self._lies(each, there) for each in arguments[:count]]
            rest = [] if count is None else list(arguments[count:])
            for name in KEYWORDS:
                if name in keywords:
                    keywords[name] = self._lies(keywords[name], there)
            if keywords.get("format") == "delta":
                keywords["format"] = "parquet"
            elif rest and method.__name__ in {"load", "save"} and rest[0] == "delta":
                rest[0] = "parquet"
            return method(self_, *seen, *rest, **keywords)

        return mapped

    def _lies(self, path: Any, there: bool) -> Any:
        if isinstance(path, (list, tuple)):
            return [self._lies(each, there) for each in path]
        if not isinstance(path, str) or path.startswith(("file:", *REMOTE)):
            return path
        place = self._places.on_disk(path)
        if there and not any(sign in path for sign in GLOB) and not place.exists():
            shown = path if ":" in path else f"dbfs:{path}"
            raise self._not_found(f"[PATH_NOT_FOUND] Path does not exist: {shown}. SQLSTATE: 42K03")
        return f"file:{place}"


def _without_delta(method: Callable[..., Any]) -> Callable[..., Any]:
    """`format` of a Spark that has no Delta Lake beside it: Parquet, which Delta's files are."""

    @functools.wraps(method)
    def told(self: Any, source: str) -> Any:
        return method(self, "parquet" if source.lower() == "delta" else source)

    return told
