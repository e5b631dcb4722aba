"""What is alive: one actor for each thing that lasts on Databricks, and the session that owns them.

    async with open_session(databricks) as session:
        context = await session.open_context(cluster_id)    # owned: destroyed at the end, always
        result = await context.execute("1 + 1")
        run = await session.run_now(job_id)                 # watched: goes on when nobody waits
        final = await run.wait(timeout=50)                  # a truthful answer within the limit

`kernel` makes actors, and knows no Databricks.  `watching` is the one polling loop, `polling` its
arithmetic, `states` how its tables are read.  `context`, `run` and `statement` are the actors, with
their state machines as tables, and the handles that callers hold; `session` owns them all.
"""

from __future__ import annotations

from .context_handle import Context
from .limits import Limits, SessionStatistics
from .owned_context import OPENS_WITHIN
from .run import Run
from .run_output import Output, TaskOutput
from .session import Session, open_session
from .statement import Chunks, Statement

__all__ = [
    "OPENS_WITHIN",
    "Chunks",
    "Context",
    "Limits",
    "Output",
    "Run",
    "Session",
    "SessionStatistics",
    "Statement",
    "TaskOutput",
    "open_session",
]
