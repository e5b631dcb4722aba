"""The six promises, held against what a day left behind.

Each function yields one line for each time that its promise was broken.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator

from databricks_mcp_toolkit.actors.context_handle import CANCEL_PATIENCE
from databricks_mcp_toolkit.actors.journal import Kind
from databricks_mcp_toolkit.actors.session import GRACE
from databricks_mcp_toolkit.errors import ToolkitError

from .diary import Truth
from .library import is_the_bug
from .network import TOKEN
from .plan import Day, End, Front, Mishap
from .records import Call, Refusal, Told
from .world import Ending, Evidence

MOMENT = 0.5  # seconds: scheduling, a request or two on a good network
SLACK = 1.5  # polls may be put off to be answered together
WIND_DOWN = 6.0  # seconds from the end of a run's last task to the end of the run
# Errors by which the toolkit says that nothing was begun; what also waits may meet them later.
UNCHANGED = frozenset(
    {
        "DatabricksUnreachable",
        "DatabricksRefused",
        "NotFound",
        "NotAllowed",
        "RateLimited",
        "InvalidArguments",
        "NotConfigured",
        "TooManyContexts",
    }
)
DRIVER_GOES = frozenset({Mishap.RESTART, Mishap.TERMINATE})
BUGS = frozenset({"ActorCrashed", "Bug"})
FAILED_WORK = frozenset({"CommandFailed", "RunFailed", "StatementFailed"})
ALSO_WAITS = frozenset({"execute", "execute_command_simple", "execute_sql"})
CANARIES = (TOKEN, TOKEN[4:])


def nothing_left_behind(evidence: Evidence) -> Iterator[str]:
    """1. A context that the toolkit made is destroyed when its owner ends, or by the next start."""
    for ending in evidence.endings:
        if ending.life.end is End.KILLED:
            if forgotten := ending.left - ending.journalled:
                yield f"killed, and the journal did not know of {sorted(forgotten)}"
            continue
        # A program's cancelled `execute` first has a moment to cancel its command.
        before = CANCEL_PATIENCE if ending.life.front is Front.LIBRARY else 0.0
        if ending.took > before + GRACE + MOMENT:
            yield f"{ending.life.end.value}: it took {ending.took:.2f} s to end"
        if forgotten := ending.left - ending.journalled:
            yield f"{ending.life.end.value}: {sorted(forgotten)} left, and not in the journal"
        if ending.left and not ending.trouble:
            yield f"{ending.life.end.value}: {sorted(ending.left)} left on a good network"
    nameless = _never_known(evidence)
    if left := evidence.live - nameless:
        yield f"at the end of the day {sorted(left)} are still there"
    told = [row for row in evidence.rows if row.kind is Kind.CONTEXT and row.remote_id is None]
    if len(told) < len(evidence.live & nameless):
        yield f"{len(evidence.live & nameless)} nameless contexts, of which {len(told)} are told"
    if named := [row for row in evidence.rows if row.kind is Kind.CONTEXT and row.remote_id]:
        yield f"the journal still holds {named}"
    quiet = not any(mishap is not Mishap.WAREHOUSE for _, mishap in evidence.day.mishaps)
    if quiet and not evidence.stranger_alive:
        yield "a context that is somebody else's was destroyed"
    if quiet and not evidence.neighbour_alive:
        yield "a context of a live neighbour was destroyed"


def _never_known(evidence: Evidence) -> set[str]:
    """Contexts whose ids never came back to a live server."""
    made = {each for ending in evidence.endings for each in ending.line.made}
    known = {
        each
        for ending in evidence.endings
        for each, at in ending.line.known.items()
        if at < ending.told or ending.life.end is not End.KILLED
    }
    return made - known


def nothing_twice(evidence: Evidence) -> Iterator[str]:
    """2. A run is started once; statements and commands are sent at most once."""
    for name, run_ids in evidence.runs.items():
        if len(run_ids) > 1:
            yield f"{name} was started {len(run_ids)} times: {run_ids}"
    for name, truth in evidence.diary.truths.items():
        if len(truth.begun) > 1:
            yield f"{name} was begun {len(truth.begun)} times, at {truth.begun}"
    for call in evidence.records.calls:
        if call.mark is None or call.error is None:
            continue
        if call.trouble not in UNCHANGED or call.what in ALSO_WAITS:
            continue
        began = evidence.diary.truth(call.mark.name)
        if began and not _asked_again(evidence, call):
            yield f"told that nothing was changed, and it was begun: {call}"


def _asked_again(evidence: Evidence, call: Call) -> bool:
    """Whether the same work was asked for by another call, which may have begun it."""
    return sum(other.mark == call.mark for other in evidence.records.calls) > 1


def the_truth(evidence: Evidence) -> Iterator[str]:
    """3. What goes on is never told as over, nor the reverse; no result is cut in silence."""
    for told in evidence.records.told:
        truth = evidence.diary.truth(told.mark.name)
        if told.over:
            yield from _told_as_over(told, truth)
        elif truth and truth.ended is not None and not _excused(evidence, told, truth):
            late = told.at - truth.ended
            yield f"{told.mark.name} told as going on {late:.2f} s after its end: {told}"


def _told_as_over(told: Told, truth: Truth | None) -> Iterator[str]:
    mark = told.mark
    if truth is None:
        if told.well:
            yield f"{mark.name} told as done, and it never began: {told}"
        return
    if truth.ended is None or truth.ended > told.at:
        yield f"{mark.name} told as over at {told.at:.2f}, which it was not: {truth}"
        return
    well = truth.outcome in ("well", "table")
    if told.well is not None and told.well != well and not _stopped_late(told, truth):
        yield f"{mark.name} told as {'done' if told.well else 'failed'}, truly: {truth}"
    if told.text is not None and truth.outcome == "well" and told.text != mark.text:
        yield f"{mark.name} has the result {told.text!r}"
    if told.rows is not None and told.rows != mark.rows and not told.cut:
        yield f"{mark.name} has {told.rows} rows of {mark.rows}, and nothing is said of a cut"


def _stopped_late(told: Told, truth: Truth) -> bool:
    """A run that is cancelled while it winds down is cancelled, although its work was done."""
    return told.well is False and truth.outcome in ("well", "table") and told.pace > 5.0


def _excused(evidence: Evidence, told: Told, truth: Truth) -> bool:
    """Whether it could not be known yet."""
    assert truth.ended is not None
    late = told.at - truth.ended
    if late <= told.pace * SLACK + WIND_DOWN + MOMENT:
        return True
    # A driver that has gone is told by nobody until its cluster is up again.
    restarts = [at for at, mishap in evidence.day.mishaps if mishap in DRIVER_GOES]
    if any(truth.ended - 30 <= at <= told.at <= at + 300 for at in restarts):
        return True
    since = max(truth.ended, told.at - 90)
    return evidence.network.trouble_between(since - 60, told.at)


def an_answer_in_time(evidence: Evidence) -> Iterator[str]:
    """4. A caller always gets an answer within its limit."""
    for call in evidence.records.calls:
        if call.ended is None:
            yield f"no answer: {call}"
        elif not call.left and call.ended - call.began > call.limit + MOMENT:
            yield f"{call.ended - call.began:.2f} s instead of {call.limit:.2f}: {call}"
        ours = isinstance(call.error, ToolkitError | Refusal) or call.error is None
        if not ours and not is_the_bug(call.error):
            yield f"no error of ours: {call}"


def others_unharmed(evidence: Evidence) -> Iterator[str]:
    """5. A bug or a fault in one resource leaves the others as they were."""
    victim = evidence.day.victim
    for call in evidence.records.calls:
        if call.trouble in BUGS and call.person != victim:
            yield f"a bug that is not its own: {call}"
        if victim and call.person != victim and not _own_fault(evidence, call):
            yield f"only {victim} has a bad day: {call}"


def _own_fault(evidence: Evidence, call: Call) -> bool:
    if not call.trouble or call.trouble in FAILED_WORK:
        return True
    if call.trouble == "ContextLost":
        ends = [t.outcome for t in evidence.diary.truths.values()]
        return "lost" in ends
    ended = [ending.told for ending in evidence.endings]
    return any(abs((call.ended or 0) - told) <= GRACE + MOMENT for told in ended)


def no_secret(evidence: Evidence) -> Iterator[str]:
    """6. No secret in a log line, an error, a repr, a result or the journal."""
    places: dict[str, list[str]] = defaultdict(list)
    places["the log"] = evidence.log.splitlines()
    places["the journal"] = [evidence.journal_bytes.decode("latin-1")]
    places["a status line"] = evidence.records.shown
    places["what hosts heard"] = [line.decode() for line in evidence.records.heard]
    for call in evidence.records.calls:
        places["a result"].append(repr(call.answer))
        error = call.error
        while error is not None and not is_the_bug(error):
            places["an error"] += [str(error), repr(error)]
            if isinstance(error, ToolkitError):
                places["an error"].append(json.dumps(error.facts(), default=str))
            error = error.__cause__ or error.__context__
    for place, texts in places.items():
        for text in texts:
            for canary in (*CANARIES, *evidence.network.links):
                if canary in text:
                    found = text.index(canary)
                    yield f"{canary!r} in {place}: …{text[max(0, found - 80) : found + 40]}…"


PROMISES: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "1. nothing is left behind": nothing_left_behind,
    "2. nothing happens twice": nothing_twice,
    "3. the truth is told": the_truth,
    "4. an answer comes in time": an_answer_in_time,
    "5. others are unharmed": others_unharmed,
    "6. no secret gets out": no_secret,
}


def broken(evidence: Evidence) -> list[str]:
    """What was broken on that day, a line each."""
    return [f"{name}: {how}" for name, holds in PROMISES.items() for how in holds(evidence)]


__all__ = ["PROMISES", "Day", "Ending", "broken"]
