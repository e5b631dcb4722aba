"""Methods of a data frame that sqlframe has not, as queries of the workspace's DuckDB."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlframe.duckdb import functions

from .spelling import identifier, quoted
from .tablewriter import TableWriter

ELSEWHERE = "is not available here: it needs a real Spark, which the extra `spark` and a Java give."

# What pyspark's frames have and these have not; anything else that is no column is a mistake.
REFUSED = frozenset(
    {
        "applyInPandas",
        "checkpoint",
        "colRegex",
        "createGlobalTempView",
        "createOrReplaceGlobalTempView",
        "crosstab",
        "dropDuplicatesWithinWatermark",
        "executionInfo",
        "freqItems",
        "groupingSets",
        "inputFiles",
        "isLocal",
        "localCheckpoint",
        "mapInArrow",
        "mapInPandas",
        "mergeInto",
        "observe",
        "pandas_api",
        "plot",
        "rdd",
        "repartitionByRange",
        "rollup",
        "sameSemantics",
        "sampleBy",
        "semanticHash",
        "storageLevel",
        "summary",
        "to",
        "toJSON",
        "transpose",
        "withMetadata",
        "withWatermark",
        "writeStream",
    }
)


class FrameMethods:
    """Mixed into the data frame of the session without a JVM."""

    session: Any
    select: Callable[..., Any]
    collect: Callable[[], list[Any]]
    limit: Callable[[int], Any]
    _typed_columns: Any

    def __getattr__(self, name: str) -> Any:
        known = name.startswith("__") or name not in REFUSED
        if known and name.lower() in {each.lower() for each in self.columns}:
            return super().__getattr__(name)  # type: ignore[misc]
        if known:
            raise AttributeError(f"'DataFrame' object has no attribute '{name}'", name=name)
        raise NotImplementedError(f"DataFrame.{name} {ELSEWHERE}")

    def _query(self, query: str, *others: Any) -> Any:
        """A frame over DuckDB SQL, with this frame and others in the places of `{}`."""
        return self.session.frame_of(
            query.format(*(f"({self.session.only_query(each)})" for each in (self, *others)))
        )

    @property
    def columns(self) -> list[str]:
        """Names, as the rows have them; two columns may have the same."""
        # sqlframe knows no names of operations, and those it knows only in small letters.
        known = self.__dict__.get("_names")
        if known is None:
            query = self.session.only_query(self.limit(0))
            answer = self.session.database.native(query)
            known = self.__dict__["_names"] = [column["name"] for column in answer.columns]
        return list(known)

    def withColumn(self, colName: str, col: Any) -> Any:  # noqa: N802, N803 (Spark's names)
        """One more column, or another one in the place of those of this name."""
        return self.withColumns({colName: col})

    def withColumns(self, *colsMap: Mapping[str, Any]) -> Any:  # noqa: N802, N803
        """Columns that replace those of the same name, whatever the letters' case, or follow."""
        given = {name.lower(): (name, col.alias(name)) for name, col in colsMap[0].items()}
        there = {name.lower() for name in self.columns}
        kept = [
            given.get(name.lower(), (name, functions.col(quoted(name)))) for name in self.columns
        ]
        all_of_them = kept + [pair for name, pair in given.items() if name not in there]
        frame = self.select(*(column for _, column in all_of_them))
        frame.__dict__["_names"] = [name for name, _ in all_of_them]  # spares the next one to ask
        return frame

    @property
    def dtypes(self) -> list[tuple[str, str]]:
        """Names and types."""
        return [(each.name, each.dataType) for each in self._typed_columns]

    @property
    def isStreaming(self) -> bool:  # noqa: N802 (Spark's names, here and below)
        """No: nothing streams here."""
        return False

    def orderBy(self, *cols: Any, ascending: Any = None) -> Any:  # noqa: N802
        """The rows in the order of columns, which may be in a list."""
        flat = [part for each in cols for part in (each if _is_list(each) else [each])]
        return super().orderBy(*flat, ascending=ascending)  # type: ignore[misc]

    sort = orderBy

    def fillna(self, value: Any, subset: Any = None) -> Any:
        """A value for NULL, in the columns whose type it has; or one for each column."""
        asked = [subset] if isinstance(subset, str) else subset
        if isinstance(value, Mapping):
            given = {name.lower(): each for name, each in value.items()}
        else:
            among = None if asked is None else {name.lower() for name in asked}
            given = {
                name.lower(): value
                for name, kind in self.dtypes
                if _fills(value, kind) and (among is None or name.lower() in among)
            }
        filled = {
            name: functions.coalesce(
                functions.col(quoted(name)), _filling(given[name.lower()], kind)
            )
            for name, kind in self.dtypes
            if name.lower() in given
        }
        return self.withColumns(filled) if filled else self

    def agg(self, *expressions: Any) -> Any:
        """Aggregates of all the rows."""
        frame: Any = self
        return frame.groupBy().agg(*expressions)

    def take(self, num: int) -> list[Any]:
        """The first rows."""
        return list(self.limit(num).collect())

    def tail(self, num: int) -> list[Any]:
        """The last rows."""
        return self.collect()[-num:] if num > 0 else []

    def offset(self, num: int) -> Any:
        """All but the first rows."""
        return self._query(f"FROM {{}} OFFSET {int(num)}")

    def subtract(self, other: Any) -> Any:
        """The rows that are not in `other`, each once."""
        return self._query("FROM {} EXCEPT FROM {}", other)

    def sample(self, *arguments: Any, **keywords: Any) -> Any:
        """Some of the rows; other ones than a real Spark draws from the same seed.

        Args:
          arguments: `withReplacement` (or nothing), `fraction`, `seed`.
          keywords: the same by their names.
        """
        first = (None, *arguments) if arguments and type(arguments[0]) is float else arguments
        given = dict(zip(("withReplacement", "fraction", "seed"), first, strict=False)) | keywords
        if given.get("withReplacement"):
            raise NotImplementedError(f"DataFrame.sample with replacement {ELSEWHERE}")
        return self._drawn([(0.0, float(given["fraction"]))], given.get("seed"))[0]

    def randomSplit(self, weights: Sequence[float], seed: Any = None) -> list[Any]:  # noqa: N802
        """Every row in one of several frames."""
        total, bounds, upto = float(sum(weights)), [], 0.0
        for place, weight in enumerate(weights):
            end = 1.0 if place == len(weights) - 1 else upto + weight / total
            bounds.append((upto, end))
            upto = end
        return self._drawn(bounds, seed)

    def _drawn(self, bounds: Sequence[tuple[float, float]], seed: Any) -> list[Any]:
        salt = random.randrange(2**31) if seed is None else int(seed)
        lot = f"(hash(row_number() OVER (), {salt}) % 1000000) / 1000000.0"
        numbered = f"SELECT * EXCLUDE (__lot) FROM (SELECT *, {lot} AS __lot FROM {{}})"
        return [
            self._query(f"{numbered} WHERE __lot >= {low} AND __lot < {high}")
            for low, high in bounds
        ]

    def unpersist(self, blocking: bool = False) -> Any:
        """Itself: nothing was kept apart."""
        del blocking
        return self

    def sortWithinPartitions(self, *columns: Any, **keywords: Any) -> Any:  # noqa: N802
        """`orderBy`: there is one partition."""
        frame: Any = self
        return frame.orderBy(*columns, **keywords)

    def foreach(self, f: Callable[[Any], Any]) -> None:
        """Calls `f` with each row, in this process."""
        for row in self.collect():
            f(row)

    def foreachPartition(self, f: Callable[[Iterator[Any]], Any]) -> None:  # noqa: N802
        """Calls `f` with all the rows: they are one partition."""
        f(iter(self.collect()))

    def toLocalIterator(self, prefetchPartitions: bool = False) -> Iterator[Any]:  # noqa: N802, N803
        """The rows, one by one."""
        del prefetchPartitions
        return iter(self.collect())

    def melt(self, *arguments: Any, **keywords: Any) -> Any:
        """`unpivot`."""
        frame: Any = self
        return frame.unpivot(*arguments, **keywords)

    def describe(self, *columns: Any) -> Any:
        """Count, mean, deviation, least and greatest of numbers and strings, as text."""
        asked = [name for each in columns for name in ([each] if isinstance(each, str) else each)]
        kinds = dict(self.dtypes)
        names = asked or [name for name, kind in kinds.items() if _described(kind)]
        rows = []
        for word, call in DESCRIBED.items():
            cells = [
                call.format(
                    identifier(name)
                    if word in {"count", "min", "max"}
                    else f"TRY_CAST({identifier(name)} AS DOUBLE)"
                )
                for name in names
            ]
            told = "".join(
                f", CAST({cell} AS VARCHAR) AS {identifier(name)}"
                for name, cell in zip(names, cells, strict=True)
            )
            rows.append(f"SELECT '{word}' AS summary{told} FROM me")
        return self._query("WITH me AS (FROM {}) " + " UNION ALL ".join(rows))

    def writeTo(self, table: str) -> TableWriter:  # noqa: N802
        """Writes a table of the workspace."""
        frame: Any = self

        def as_view() -> str:
            view = str(self.session.new_name())
            frame.createOrReplaceTempView(view)
            return view

        return TableWriter(self.session.database, as_view, table)


DESCRIBED = {
    "count": "count({})",
    "mean": "avg({})",
    "stddev": "stddev({})",
    "min": "min({})",
    "max": "max({})",
}
NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "string")


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _fills(value: Any, kind: str) -> bool:
    """Whether `fillna` puts a value into columns of a type."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, str):
        return kind == "string"
    return kind != "string" and kind.startswith(NUMBERS)


def _filling(value: Any, kind: str) -> Any:
    whole = isinstance(value, float) and kind in {"tinyint", "smallint", "int", "bigint"}
    return functions.lit(int(value) if whole else value).cast(kind)


def _described(kind: str) -> bool:
    return kind.startswith(NUMBERS)
