"""The tools: each one an attrs class of arguments and an async function.

    @tool(OneCluster, title="Get cluster", reads=True)
    async def get_cluster(call: Call, arguments: OneCluster) -> Answer:
        "State, size and settings of one cluster."
        cluster = await call.session.databricks.clusters.get(arguments.cluster_id)
        return Answer(cluster.wire, told(cluster))

The function's name is the tool's, its docstring is what the model reads.  Nothing here knows `mcp`.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

import attrs

from .arguments import structure
from .call import Call
from .results import Answer
from .schema import json_schema

A = TypeVar("A")

TOOLS: dict[str, Tool[Any]] = {}
"""Every tool by name, in the order in which they are listed."""


@attrs.define(slots=False, frozen=True)
class Tool(Generic[A]):
    """A tool.

    Attributes:
      name: what it is called by.
      title: what people see.
      description: what it does, for the model.
      arguments: the attrs class that its arguments are checked by and built into.
      function: does it.  Raises `ToolkitError` when it cannot.
      reads: it changes nothing.
      destroys: it ends or removes something that may be missed.
      repeatable: called again with the same arguments, it changes nothing more.
    """

    name: str
    title: str
    description: str
    arguments: type[A]
    function: Callable[[Call, A], Awaitable[Answer]]
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return json_schema(self.arguments)

    def bind(self, arguments: Mapping[str, Any] | None) -> A:
        """The arguments, checked and typed.

        Raises:
          InvalidArguments: with a line for each one that does not fit.
        """
        return structure(self.arguments, arguments)


def tool(
    arguments: type[A],
    *,
    title: str,
    reads: bool = False,
    destroys: bool = False,
    repeatable: bool = False,
) -> Callable[[Callable[[Call, A], Awaitable[Answer]]], Callable[[Call, A], Awaitable[Answer]]]:
    """Register an async function as a tool.  The parameters are `Tool`'s."""

    def register(
        function: Callable[[Call, A], Awaitable[Answer]],
    ) -> Callable[[Call, A], Awaitable[Answer]]:
        name = function.__name__
        assert name not in TOOLS, f"two tools called {name}"
        description = inspect.cleandoc(function.__doc__ or "")
        assert description, f"{name} does not say what it does"
        TOOLS[name] = Tool(
            name, title, description, arguments, function, reads, destroys, repeatable or reads
        )
        return function

    return register
