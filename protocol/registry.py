"""The tools: each one an attrs class of arguments and an async function.

    @tool(OneCluster, title="Get cluster", reads=True)
    async def get_cluster(call: Call, arguments: OneCluster) -> Answer:
        "State, size and settings of one cluster."
        cluster = await call.session.databricks.clusters.get(arguments.cluster_id)
        return Answer(cluster.wire, told(cluster))

The function's name is the tool's, its docstring is what the model reads.  Nothing here knows `mcp`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

import attrs
import trio

from ..clients.met import Met, noting
from ..errors import DatabricksRefused, DatabricksUnreachable, OutcomeUnknown
from .arguments import structure
from .call import Call
from .results import Answer, lines, one_line
from .schema import json_schema

A = TypeVar("A")

TRY_LATER = "Databricks does not answer as it should; try later."
PATIENCE = 55.0  # seconds; many hosts give up on a call, and its answer, after 60

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
      patience: seconds after which its caller is told that it is not through; a tool that keeps to
        a limit of its caller's has none.
    """

    name: str
    title: str
    description: str
    arguments: type[A]
    function: Callable[[Call, A], Awaitable[Answer]]
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False
    patience: float = PATIENCE

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return json_schema(self.arguments)

    async def perform(self, call: Call, arguments: A) -> Answer:
        """Do it, within its patience.

        Raises:
          ToolkitError: it could not be done.
        """
        with noting() as met, trio.move_on_at(call.begun + self.patience):
            return _with_notices(await self.function(call, arguments), call)
        message = not_through(self.name, self.patience, met)
        if self.reads:
            raise DatabricksUnreachable(message, advice=TRY_LATER)
        raise OutcomeUnknown(message, advice="It may still happen: look before you repeat it.")

    def bind(self, arguments: Mapping[str, Any] | None) -> A:
        """The arguments, checked and typed.

        Raises:
          InvalidArguments: with a line for each one that does not fit.
        """
        return structure(self.arguments, arguments)


def not_through(what: str, patience: float, met: Met) -> str:
    """What a caller hears who gets no better answer."""
    return f"{what} was not through after {patience:g} s{last_met(met)}"


def last_met(met: Met) -> str:
    """What Databricks goes on saying, where it says something."""
    if met.trouble is None:
        return ""
    status = f"HTTP {met.trouble.status}, " if isinstance(met.trouble, DatabricksRefused) else ""
    return f"; the last try met: {status}{one_line(met.trouble.message, 500)}"


def tool(
    arguments: type[A],
    *,
    title: str,
    reads: bool = False,
    destroys: bool = False,
    repeatable: bool = False,
    patience: float = PATIENCE,
) -> Callable[[Callable[[Call, A], Awaitable[Answer]]], Callable[[Call, A], Awaitable[Answer]]]:
    """Register an async function as a tool.  The parameters are `Tool`'s."""

    def register(
        function: Callable[[Call, A], Awaitable[Answer]],
    ) -> Callable[[Call, A], Awaitable[Answer]]:
        name = function.__name__
        assert name not in TOOLS, f"two tools called {name}"
        description = " ".join((function.__doc__ or "").split())
        assert description, f"{name} does not say what it does"
        TOOLS[name] = Tool(
            name=name,
            title=title,
            description=description,
            arguments=arguments,
            function=function,
            reads=reads,
            destroys=destroys,
            repeatable=repeatable or reads,
            patience=patience,
        )
        return function

    return register


def _with_notices(answer: Answer, call: Call) -> Answer:
    """The answer, and what happened unasked since the last one."""
    notices = call.session.take_notices()
    if not notices:
        return answer
    return attrs.evolve(
        answer,
        structured=answer.structured | {"notices": notices},
        text=lines(answer.text, *(f"Note: {one_line(notice)}" for notice in notices)),
    )
