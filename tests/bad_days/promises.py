"""The six promises, held against what a day left behind.

What was true is taken from the diary of the engine that did the work and from `Network.seen`, the
record of what the workspaces were asked and answered; never from what the toolkit believes.  Each
function yields one line for each time that its promise was broken.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

from databricks_mcp_toolkit.actors.context_handle import CANCEL_PATIENCE
from databricks_mcp_toolkit.actors.journal import Kind
from databricks_mcp_toolkit.actors.session import GRACE
from databricks_mcp_toolkit.errors import ToolkitError

from .faults import DRIVER_GOES, SURELY_NOT_DONE, Fault
from .network import CREATING, TOKEN, Seen
from .people import is_the_bug
from .plan import End, Front, Mishap
from .records import Call, Refusal
from .sign_in import BASIC, SECRET
from .truth import SLOWED, THROTTLES, the_truth
from .world import Evidence

MOMENT = 0.5  # seconds: scheduling, a request or two on a good network
# Errors by which the toolkit says that nothing was begun.
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
BUGS = frozenset({"ActorCrashed", "Bug"})
FAILED_WORK = frozenset({"CommandFailed", "RunFailed", "StatementFailed"})
CANARIES = (TOKEN, TOKEN[4:], SECRET, BASIC)
SENT_ONCE = ("commands/execute", "sql/statements")
LOSES_CONTEXTS = frozenset({Mishap.RESTART, Mishap.TERMINATE, Mishap.DRIVER})


def nothing_left_behind(evidence: Evidence) -> Iterator[str]:
    """1. A context that the toolkit made is destroyed when its owner ends, or by the next start."""
    for ending in evidence.endings:
        if forgotten := ending.left - ending.journalled:
            yield f"{ending.life.end.value}: {sorted(forgotten)} left, and not in the journal"
        if ending.life.end is End.KILLED:
            continue
        # A program's cancelled `execute` first has a moment to cancel its command.
        before = CANCEL_PATIENCE if ending.life.front is Front.LIBRARY else 0.0
        if ending.took > before + GRACE + MOMENT:
            yield f"{ending.life.end.value}: it took {ending.took:.2f} s to end"
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
    yield from _nobody_stayed_to_hear(evidence)
    yield from _not_destroyed_when_told(evidence)
    yield from _somebody_elses(evidence)


def _nobody_stayed_to_hear(evidence: Evidence) -> Iterator[str]:
    """The id of a context that was made comes back on a good network, whoever has left."""
    for ending in evidence.endings:
        for seen in evidence.network.seen:
            if seen.line is not ending.line or not seen.kind.endswith("contexts/create"):
                continue
            in_time = ending.told - seen.at > GRACE / 2 + MOMENT
            if seen.done and seen.fault is None and seen.heard is None and in_time:
                yield f"the id of a context was not waited for: {seen}"


def _not_destroyed_when_told(evidence: Evidence) -> Iterator[str]:
    """Who is told that a context is destroyed is told the truth."""
    for context_id, at in evidence.records.not_destroyed:
        tries = [
            seen
            for seen in evidence.network.seen
            if seen.kind.endswith("contexts/destroy")
            and f'"{context_id}"' in seen.text
            and seen.at <= at
        ]
        if not any(seen.fault for seen in tries):
            yield f"{context_id} was told as destroyed at {at:.2f}, and was not: {tries}"


def _somebody_elses(evidence: Evidence) -> Iterator[str]:
    """Nobody asks for the end of a context that a living owner has, or that is a stranger's."""
    ends = {ending.line: ending.told for ending in evidence.endings}
    owners = {each: line for line in ends for each in line.made}
    for seen in evidence.network.seen:
        if not seen.kind.endswith("contexts/destroy"):
            continue
        for each in evidence.others:
            if f'"{each}"' in seen.text and seen.line not in _lines_of(evidence, each):
                yield f"a context that is somebody else's was to be destroyed: {seen}"
        for each, owner in owners.items():
            if f'"{each}"' in seen.text and seen.line is not owner and seen.at < ends[owner]:
                yield f"a context of a living server was to be destroyed: {seen}"
    lost = any(mishap in LOSES_CONTEXTS for _, mishap in evidence.day.mishaps)
    lost = lost or any(seen.fault in DRIVER_GOES for seen in evidence.network.seen)
    if not lost and evidence.others_alive != evidence.others:
        yield "a context of a stranger or of a living neighbour was destroyed"


def _lines_of(evidence: Evidence, context_id: str) -> set[object]:
    """The line that made a context; a stranger's has none."""
    return {seen.line for seen in evidence.network.seen if context_id in seen.line.made}


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
    for name, told in evidence.records.runs.items():
        if len(told) > 1:
            yield f"{name} has been told as the runs {sorted(told)}"
    for name, truth in evidence.diary.truths.items():
        if len(truth.begun) > 1:
            yield f"{name} was begun {len(truth.begun)} times, at {truth.begun}"
    sends: dict[str, list[Seen]] = defaultdict(list)
    for seen in evidence.network.seen:
        if seen.mark and CREATING.search(seen.kind):
            sends[seen.mark].append(seen)
    for name, seens in sends.items():
        if not seens[0].kind.endswith(SENT_ONCE):
            continue
        for before, after in pairwise(seens):
            if before.fault not in SURELY_NOT_DONE and not _was_refused(before):
                yield f"{name} was sent again, which may have arrived: {before}, {after}"
    for call in evidence.records.calls:
        yield from _what_was_changed(call, sends)


def _was_refused(seen: Seen) -> bool:
    """Whether its sender was told that nothing was done."""
    # A refusal names no state, so that there is no word in it to be told otherwise.
    as_it_was = seen.told or (seen.heard is not None and seen.fault is Fault.WORD)
    return as_it_was and seen.status is not None and seen.status >= 400


def _what_was_changed(call: Call, sends: dict[str, list[Seen]]) -> Iterator[str]:
    if call.mark is None or call.error is None or call.ended is None:
        return
    if call.trouble == "OutcomeUnknown" and not call.advice:
        yield f"told that it is not known, and not what to look at: {call}"
    if call.trouble in UNCHANGED:
        for seen in sends[call.mark.name]:
            if seen.done and call.began <= seen.at < call.ended:
                yield f"told that nothing was changed, and it was: {call}, {seen}"


def an_answer_in_time(evidence: Evidence) -> Iterator[str]:
    """4. A caller always gets an answer within its limit."""
    killed = {
        person.name
        for ending in evidence.endings
        if ending.life.end is End.KILLED
        for person in ending.life.people
    }
    for call in evidence.records.calls:
        if call.ended is None:
            yield f"no answer: {call}"
            continue
        if call.left:
            cuts = evidence.records.cuts[call.person]
            late = call.ended - min(
                (at for at in cuts if call.began <= at <= call.ended), default=call.began
            )
            if late > CANCEL_PATIENCE + MOMENT and call.person not in killed:
                yield f"its caller could not leave for {late:.2f} s: {call}"
            if call.ended - late - call.began > call.limit + MOMENT:
                yield f"still no answer when its caller left: {call}"
        elif call.ended - call.began > call.limit + MOMENT:
            yield f"{call.ended - call.began:.2f} s instead of {call.limit:.2f}: {call}"
        ours = isinstance(call.error, ToolkitError | Refusal) or call.error is None
        if not ours and not is_the_bug(call.error):
            yield f"no error of ours: {call}"


def nobody_elses_fault(evidence: Evidence) -> Iterator[str]:
    """5. A bug or a fault in one resource leaves the others as they were."""
    victim = evidence.day.victim
    for call in evidence.records.calls:
        # Who asks for the victim's runs again has them in common with it.
        if call.person.removesuffix("again") == victim:
            continue
        if call.trouble in BUGS:
            yield f"a bug that is not its own: {call}"
        if victim and not _own_fault(evidence, call):
            yield f"only {victim} has a bad day: {call}"


def _own_fault(evidence: Evidence, call: Call) -> bool:
    if not call.trouble or call.trouble in FAILED_WORK:
        return True
    if call.trouble == "ContextLost":
        own = f"{call.person}-"
        truths = evidence.diary.truths.items()
        if any(name.startswith(own) and truth.outcome == "lost" for name, truth in truths):
            return True
    if call.trouble == "DatabricksUnreachable":
        # A 429 is the workspace's, and holds up everybody's requests of its kind for as long as
        # it asks; who would wait for less hears nothing.
        troubles = evidence.network.troubles(call.began - SLOWED, call.ended or call.began)
        if any(seen.fault in THROTTLES for seen in troubles):
            return True
    ended = [ending.told for ending in evidence.endings]
    return any(abs((call.ended or 0) - told) <= GRACE + MOMENT for told in ended)


def no_secret(evidence: Evidence) -> Iterator[str]:
    """6. No secret in a log line, an error, a repr, a result or the journal."""
    places: dict[str, list[str]] = defaultdict(list)
    places["the log"] = evidence.log.splitlines()
    journals = [evidence.journal_bytes, *(ending.journal_bytes for ending in evidence.endings)]
    places["the journal"] = [each.decode("latin-1") for each in journals]
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
    secrets = (*CANARIES, *evidence.network.links, *evidence.network.tokens)
    for place, texts in places.items():
        whole = "\0".join(texts)
        for canary in secrets:
            if (found := whole.find(canary)) >= 0:
                yield f"{canary!r} in {place}: …{whole[max(0, found - 80) : found + 40]}…"


PROMISES: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "1. Nothing left behind": nothing_left_behind,
    "2. Nothing twice": nothing_twice,
    "3. The truth": the_truth,
    "4. An answer in time": an_answer_in_time,
    "5. Nobody else's fault": nobody_elses_fault,
    "6. No secret": no_secret,
}
"""By the names that the README gives them."""


def broken(evidence: Evidence) -> list[str]:
    """What was broken on that day, a line each."""
    return [f"{name}: {how}" for name, holds in PROMISES.items() for how in holds(evidence)]
