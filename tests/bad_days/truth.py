"""Promise 3: what goes on is never told as over, nor the reverse, and no result is cut in silence.

How old an answer may be: one polling interval, as `actors.polling` has it, put off a little so that
polls are answered together.  More is allowed only where a look at that very work met with a fault,
or all looks were slowed down together by a 429.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from databricks_mcp_toolkit.actors import polling

from .diary import WELL, Truth
from .faults import DRIVER_GOES, Fault
from .guests import rows_said
from .network import LOGIN, Seen
from .plan import Mishap
from .records import Sight, Told
from .world import Evidence

MOMENT = 0.5  # seconds: a request or two on a good network
PACES = {"command": polling.COMMAND, "run": polling.RUN, "statement": polling.STATEMENT}
# Seconds from the end of the work itself to the state that says so.
WINDS_DOWN = {"command": 0.0, "run": 3.0, "statement": 0.0}
ONE_LOOK = 90.0  # seconds that one look can take, with all its attempts
SLOWED = 60.0  # seconds for which a 429 may slow down all requests
REPLACED = 300.0  # seconds until a cluster that went is up again
THROTTLES = frozenset({Fault.THROTTLED, Fault.THROTTLED_FOR})
CLUSTER_MISHAPS = frozenset({Mishap.RESTART, Mishap.TERMINATE, Mishap.DRIVER})
LISTS = "/runs/list"


def the_truth(evidence: Evidence) -> Iterator[str]:
    """3. What goes on is never told as over, nor the reverse; no result is cut in silence."""
    for told in evidence.records.told:
        yield from _how_it_stands(evidence, told)
        sight = told.sight
        if sight.said_over is not None:  # what a model reads must be as true
            said = Sight(sight.said_over, sight.said_well if sight.said_over else None)
            yield from _how_it_stands(evidence, attrs.evolve(told, sight=said))


def _how_it_stands(evidence: Evidence, told: Told) -> Iterator[str]:
    truth = evidence.diary.truth(told.mark.name)
    if told.sight.over:
        yield from _told_as_over(told, truth)
        return
    if told.at - told.asked < told.limit - MOMENT:
        yield f"{told.mark.name} told as going on before the limit: {told}"
    if truth and truth.ended is not None:
        late = told.at - truth.ended
        if late > _allowed(told) and not _excused(evidence, told, truth):
            yield f"{told.mark.name} told as going on {late:.2f} s after its end: {told}"


def _told_as_over(told: Told, truth: Truth | None) -> Iterator[str]:
    mark, sight = told.mark, told.sight
    if truth is None:
        if sight.well:
            yield f"{mark.name} told as done, and it never began: {told}"
        return
    if truth.ended is None or truth.ended > told.at:
        yield f"{mark.name} told as over at {told.at:.2f}, which it was not: {truth}"
        return
    well = truth.outcome in WELL
    if sight.well is not None and sight.well != well and not _stopped_late(told, truth):
        yield f"{mark.name} told as {'done' if sight.well else 'failed'}, truly: {truth}"
    if truth.outcome in WELL:
        yield from _results(told)


def _stopped_late(told: Told, truth: Truth) -> bool:
    """A run that is cancelled while it winds down is cancelled, although its work was done."""
    return told.sight.well is False and truth.outcome in WELL and told.kind == "run"


def _results(told: Told) -> Iterator[str]:
    mark, sight = told.mark, told.sight
    if sight.text is not None and sight.text != mark.text:
        yield f"{mark.name} has the result {sight.text[:100]!r} ({len(sight.text)} characters)"
    cut = sight.text is not None and sight.said and mark.text not in sight.said
    if cut and "left out" not in sight.said and "Go on:" not in sight.said:
        yield f"{mark.name}: its text is cut, and does not say so: {sight.said[-200:]!r}"
    if sight.rows is None:
        return
    wanted = tuple(range(sight.offset, mark.rows))
    if sight.rows != wanted[: len(sight.rows)]:
        yield f"{mark.name} has the rows {sight.rows[:5]}… from {sight.offset} on"
    missing = len(wanted) - len(sight.rows)
    if missing and not sight.cut:
        yield f"{mark.name} lacks {missing} of {mark.rows} rows, and nothing is said of a cut"
    if sight.said and rows_said(sight.said) < len(wanted) and f"of {mark.rows}" not in sight.said:
        yield f"{mark.name}: its table is cut, and does not say so: {sight.said[-200:]!r}"


def _allowed(told: Told) -> float:
    """Seconds for which what was told may be old."""
    pace = PACES[told.kind]
    took = max(0.0, told.at - told.asked) + told.mark.takes
    interval = min(pace.usual + (polling.LATE_GROWTH - 1) * took, pace.utmost)
    return interval * (1 + polling.SLACK) + WINDS_DOWN[told.kind] + MOMENT


def _is_what_was_told(seen: Seen, told: Told) -> bool:
    """Whether this is the answer to sending the work, passed on at once.

    It is a look as well, and as old as the time that it was on its way.  Whoever sends is given a
    handle to wait with; another look before would cost everybody a request for the rare one.
    """
    if seen.mark != told.mark.name or seen.heard is None:
        return False
    return told.at - MOMENT < seen.heard <= told.at


def _excused(evidence: Evidence, told: Told, truth: Truth) -> bool:
    """Whether no look can have shown it yet."""
    assert truth.ended is not None
    since = told.at - _allowed(told) - ONE_LOOK
    ids = evidence.network.ids[told.mark.name]

    def is_about(seen: Seen) -> bool:
        return any(each in seen.text for each in ids) or (told.kind == "run" and LISTS in seen.text)

    for seen in evidence.network.troubles(since, told.at):
        if (
            _is_what_was_told(seen, told)
            or is_about(seen)
            or (seen.fault in THROTTLES and seen.at >= told.at - SLOWED)
            or seen.kind == LOGIN
        ):
            return True
    if told.kind == "statement":
        return False
    # A driver that has gone is told by nobody until its cluster is up again.
    gone = [at for at, mishap in evidence.day.mishaps if mishap in CLUSTER_MISHAPS]
    gone += [seen.at for seen in evidence.network.seen if seen.fault in DRIVER_GOES]
    return any(truth.ended - 30 <= at <= told.at <= at + REPLACED for at in gone)
