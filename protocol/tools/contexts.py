"""Execution contexts: interpreters on a cluster that keep their variables.

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

from ...errors import ContextLost, NotConfigured
from ..call import Call
from ..registry import tool
from ..results import Answer
from ..schema import argument
from .ids import ID

OPENS_WITHIN = 50.0  # seconds; many hosts give up on a call after 60


class Language(StrEnum):
    """What a context speaks."""

    PYTHON = "python"
    SCALA = "scala"
    SQL = "sql"
    R = "r"


def cluster_or_default() -> Any:
    """The cluster, where one may be configured."""
    return argument("Default: the configured cluster", default=None, **ID)


@attrs.frozen
class CreateContext:
    """A context to be."""

    cluster_id: str | None = cluster_or_default()
    language: Language = argument("Of its commands", default=Language.PYTHON)


@attrs.frozen
class OneContext:
    """A context that there is."""

    cluster_id: str | None = cluster_or_default()
    context_id: str = argument("Context id", **ID)


def cluster_of(call: Call, cluster_id: str | None) -> str:
    """The cluster that was named, or else the configured one.

    Raises:
      NotConfigured: there is neither.
    """
    chosen = cluster_id or call.session.cluster_id
    if not chosen:
        raise NotConfigured(
            "cluster_id: required, since no cluster is configured",
            advice="Give one (list_clusters shows them), or set DATABRICKS_CLUSTER_ID.",
        )
    return chosen


@tool(CreateContext, title="Create execution context")
async def create_execution_context(call: Call, arguments: CreateContext) -> Answer:
    """Open an interpreter on a running cluster; it keeps variables until it or this server ends."""
    cluster_id = cluster_of(call, arguments.cluster_id)
    context = await call.session.open_context(
        cluster_id, arguments.language.value, timeout=call.left(OPENS_WITHIN)
    )
    return Answer(
        {
            "id": context.id,
            "cluster_id": cluster_id,
            "language": arguments.language.value,
            "status": str(context.state),
        },
        f"Context {context.id} ({arguments.language}) on cluster {cluster_id} is "
        f"{context.state}. execute_command runs code in it; destroy_execution_context ends it.",
    )


@tool(OneContext, title="Get context status", reads=True)
async def get_context_status(call: Call, arguments: OneContext) -> Answer:
    """Get whether a context is alive."""
    cluster_id = cluster_of(call, arguments.cluster_id)
    context = await call.session.context(cluster_id, arguments.context_id).status()
    return Answer(
        {"id": context.id, "status": str(context.status)},
        f"Context {context.id} is {context.status}.",
    )


@tool(OneContext, title="Destroy execution context", destroys=True, repeatable=True)
async def destroy_execution_context(call: Call, arguments: OneContext) -> Answer:
    """Destroy a context and its variables."""
    cluster_id = cluster_of(call, arguments.cluster_id)
    try:
        await call.session.context(cluster_id, arguments.context_id).destroy()
    except ContextLost:
        text = f"Context {arguments.context_id} was gone already."
    else:
        text = f"Context {arguments.context_id} is destroyed."
    return Answer({"id": arguments.context_id}, text)
