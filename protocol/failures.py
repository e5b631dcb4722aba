"""How a failure is told: one line what happened, one what to do, and the facts for programs.

What is not in the tree of `errors.py` is a bug of ours.  Its text stays here (it might hold
anything, a secret too); the caller gets an id, and the log has the same id with the traceback.
"""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Mapping
from typing import Any

from ..errors import (
    ActorCrashed,
    ActorGone,
    CommandFailed,
    DatabricksRefused,
    DatabricksUnreachable,
    InvalidArguments,
    NotFound,
    OutcomeUnknown,
    RunFailed,
    StatementFailed,
    ToolkitError,
    WorkFailed,
)
from .results import Answer, cut, fenced, lines, one_line, plain

logger = logging.getLogger(__name__)

TRACE_LIMIT = 6_000  # characters of a traceback in the text; the end says most


def failure(error: Exception, doing: str) -> Answer:
    """The answer that tells `error`, which happened while `doing` something."""
    known = _known(error)
    if known is None or isinstance(known, ActorCrashed):
        return _bug(error, doing)
    facts = known.facts() | {"advice": advice_on(known)}
    if isinstance(known, WorkFailed):
        facts = {**_uncoloured(known.outcome), **facts}
    return Answer(facts, _told(known), failed=True)


def _uncoloured(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    """The outcome of a command without the escapes that colour its traceback."""
    results = outcome.get("results")
    if not isinstance(results, Mapping):
        return outcome
    texts = {k: plain(v) for k, v in results.items() if k in ("cause", "summary") and v}
    return {**outcome, "results": {**results, **texts}}


def _known(error: BaseException) -> ToolkitError | None:
    """The toolkit's error that `error` is, or that a group of errors comes down to."""
    if isinstance(error, ToolkitError):
        return error
    if isinstance(error, BaseExceptionGroup):
        leaves = [_known(leaf) for leaf in error.exceptions]
        if all(leaf is not None for leaf in leaves):
            return leaves[0]
    return None


# Where whoever raised it had no better advice.
ADVICE: Mapping[type[ToolkitError], str] = {
    CommandFailed: "Correct the code and run it again. An open context keeps its variables.",
    RunFailed: "get_run_output has what its tasks left.",
    StatementFailed: "Correct the statement and execute it again.",
    NotFound: "Check the id or path: the list tools show what there is.",
    DatabricksRefused: "Databricks did not do it: mind what it says before you call again.",
    DatabricksUnreachable: "Nothing was changed: try again later.",
    OutcomeUnknown: "It may have happened: look before you repeat it.",
    ActorGone: "Call again.",
}


# Where the class says too little: words of Databricks', and what to do about them.
ADVICE_ON: Mapping[str, str] = {
    "CommandNotFoundException": "Check command_id, and that context_id is where it was sent.",
    "is not a valid endpoint id": "Check warehouse_id, or leave it out for the configured one.",
}
CANCELLED = "It did not run to its end. An open context keeps its variables."


def advice_on(error: ToolkitError) -> str:
    """What to do about an error, in one line."""
    if error.advice:
        return error.advice
    if _cancelled(error):
        return CANCELLED
    for words, advice in ADVICE_ON.items():
        if isinstance(error, DatabricksRefused) and words in error.message:
            return advice
    return next((ADVICE[kind] for kind in type(error).__mro__ if kind in ADVICE), "")


def _cancelled(error: ToolkitError) -> bool:
    if not isinstance(error, CommandFailed):
        return False
    cause = (error.outcome.get("results") or {}).get("cause") or ""
    return error.outcome.get("status") == "Cancelled" or "CommandCancelledException" in cause


def _told(error: ToolkitError) -> str:
    match error:
        case InvalidArguments():
            return lines(
                "Invalid arguments:", *(f"- {fault}" for fault in error.faults), error.advice
            )
        case WorkFailed():
            return lines(one_line(error.message), advice_on(error), *_evidence(error))
        case _:
            return lines(one_line(error.message), advice_on(error))


def _evidence(error: WorkFailed) -> list[str]:
    """What the failed work left behind: the traceback of a command, of each failed task."""
    match error:
        case CommandFailed() if _cancelled(error):
            return []
        case CommandFailed():
            results = error.outcome.get("results") or {}
            return _trace(results.get("cause"))
        case RunFailed():
            evidence: list[str] = []
            for task in error.outcome.get("failed_tasks") or ():
                evidence.append(
                    f"Task {task.get('task_key')}: {one_line(plain(str(task.get('error'))))}"
                )
                evidence += _trace(task.get("error_trace"))
            return evidence
        case _:
            return []


def _trace(cause: Any) -> list[str]:
    text = plain(str(cause or "")).strip()
    return (
        [fenced(cut(text, TRACE_LIMIT, rest="all of it is in the structured content"))]
        if text
        else []
    )


def _bug(error: Exception, doing: str) -> Answer:
    from ..clients.scrubbing import Scrubber  # noqa: PLC0415 - a bug may pay for its own imports

    bug = uuid.uuid4().hex[:12]
    logger.error(
        "bug %s in %s\n%s",
        bug,
        doing,
        Scrubber().clean("".join(traceback.format_exception(error))),
    )
    message = f"A bug in the toolkit stopped {doing} (id {bug})."
    advice = "Look whether it was done before you repeat it. The log has the details under this id."
    return Answer(
        {"error": "Bug", "message": message, "advice": advice, "bug_id": bug},
        lines(message, advice),
        failed=True,
    )
