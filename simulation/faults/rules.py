"""Faults: what a bad day does to requests, by rule.

    workspace.faults.add("POST /api/2.?/jobs/run-now", Refuse(429, retry_after=2), times=3)
    workspace.faults.add("* /api/*", Refuse(503), chance=0.05)          # one in twenty, by the seed
    workspace.faults.add("POST */contexts/create", LoseAnswer())         # done, and never told
    workspace.faults.add("GET *", Hang(), starts=600, ends=900)          # ten minutes in, for five

A rule says which calls (`METHOD path`, with shell wildcards), which of them (`skip`, `times`,
`chance`), and when (`starts`, `ends`, in seconds since the workspace started).  The first rule
that takes a call decides.  Chances hang on the workspace's seed, so that a day can be had again.

With `Workspace(control=True)`, or `simulate --control`, programs in other languages do the same
over HTTP, with the workspace's token: `POST /simulation/faults` adds a rule (the fields of `Calls`,
the fault's kind as `fault`, and its own fields beside it), `GET` lists them with how often each
struck, `DELETE` removes them all.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from fnmatch import fnmatchcase
from math import inf
from typing import Any

import cattrs
from attrs import asdict, define, fields, frozen

from ..compute.clusters import Clusters
from ..compute.contexts import Contexts
from ..wire import Call, Refusal, Response, Route
from ..world import World
from .kinds import KINDS, Exchange, Fault, StaleRead, described

PATH = "/simulation/faults"
_converter = cattrs.Converter(forbid_extra_keys=True)


@frozen
class Calls:
    """Which calls meet a fault, and when.

    Attributes:
      match: `METHOD path` with shell wildcards, such as `"GET /api/1.2/contexts/*"`.
      times: how many calls are struck; None for all.
      skip: how many matching calls go well first.
      chance: of being struck, for a call that could be, from 0 to 1.
      starts: when this begins to hold, in seconds since the workspace started.
      ends: when it holds no more.
    """

    match: str
    times: int | None = None
    skip: int = 0
    chance: float = 1.0
    starts: float = 0.0
    ends: float = inf


@define
class Rule:
    """Calls, the fault that they meet, and how often they did."""

    calls: Calls
    fault: Fault
    seen: int = 0
    struck: int = 0

    def takes(self, name: str, now: float, dice: random.Random) -> bool:
        """Whether this very call is struck; counts it."""
        calls = self.calls
        if not (calls.starts <= now < calls.ends and fnmatchcase(name, calls.match)):
            return False
        self.seen += 1
        if self.seen <= calls.skip or (calls.times is not None and self.struck >= calls.times):
            return False
        if calls.chance < 1 and dice.random() >= calls.chance:
            return False
        self.struck += 1
        return True

    def wire(self) -> dict[str, Any]:
        """The JSON with which it could be added again, and how often it struck."""
        calls = asdict(self.calls)
        if self.calls.ends == inf:
            del calls["ends"]  # JSON has no infinity
        return calls | described(self.fault) | {"struck": self.struck}


class Faults:
    """The rules in force, and the one place where a call meets them."""

    def __init__(
        self, world: World, clusters: Clusters, contexts: Contexts, *, control: bool = False
    ) -> None:
        self._world = world
        self._clusters = clusters
        self._contexts = contexts
        self._control = control
        self.rules: list[Rule] = []
        self._dice = random.Random(f"faults {world.seed}")

    def __repr__(self) -> str:
        struck = sum(rule.struck for rule in self.rules)
        return f"<Faults, {len(self.rules)} rules, struck {struck} times>"

    def routes(self) -> list[Route]:
        """The control endpoint, where it was asked for."""
        if not self._control:
            return []
        return [
            Route("POST", PATH, self.post),
            Route("GET", PATH, self.get),
            Route("DELETE", PATH, self.delete),
        ]

    def add(
        self,
        match: str,
        fault: Fault,
        *,
        times: int | None = None,
        skip: int = 0,
        chance: float = 1.0,
        starts: float = 0.0,
        ends: float = inf,
    ) -> Rule:
        """Adds a rule, which holds from now on.  The arguments are those of `Calls`.

        Returns:
          The rule; its `struck` counts, and `remove` takes it back.
        """
        rule = Rule(Calls(match, times, skip, chance, starts, ends), fault)
        self.rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Takes a rule back."""
        self.rules = [standing for standing in self.rules if standing is not rule]

    def clear(self) -> None:
        """Takes all rules back."""
        self.rules.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that this call meets, and counts it; None when all goes well."""
        if path == PATH:
            return None
        name, now = f"{method} {path}", self._world.now()
        for rule in self.rules:
            if rule.takes(name, now, self._dice):
                return rule.fault
        return None

    def exchange(
        self,
        call: Call,
        work: Callable[[], Awaitable[Response]],
        send: Callable[..., Awaitable[None]],
        drop: Callable[[], Awaitable[None]],
        gone: Callable[[], Awaitable[None]],
    ) -> Exchange:
        """A call on its way, for a fault to meet."""
        return Exchange(call, self._clusters, self._contexts, work, send, drop, gone)

    def remember(self, call: Call, answer: Response) -> None:
        """Lets stale reads know what was answered while all went well."""
        for rule in self.rules:
            if isinstance(rule.fault, StaleRead):
                rule.fault.remember(call, answer)

    # -- the control endpoint ------------------------------------------------------------------

    async def post(self, call: Call) -> dict[str, Any]:
        """Adds the rule in the body."""
        self.rules.append(rule_of(call.body))
        return {"rules": len(self.rules)}

    async def get(self, _call: Call) -> dict[str, Any]:
        """The rules, and how often each struck."""
        return {"rules": [rule.wire() for rule in self.rules]}

    async def delete(self, _call: Call) -> Response:
        """Takes all rules back."""
        self.clear()
        return Response.empty()


def rule_of(body: Mapping[str, Any]) -> Rule:
    """The rule that a JSON object describes; refuses one that does not fit, and says what would."""
    kind = body.get("fault")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Refusal.invalid(f"fault {kind!r} is not one of {', '.join(KINDS)}.")
    of_calls = {attribute.name for attribute in fields(Calls)}
    which = {name: value for name, value in body.items() if name in of_calls}
    what = {name: value for name, value in body.items() if name not in {*of_calls, "fault"}}
    try:
        return Rule(_converter.structure(which, Calls), _converter.structure(what, KINDS[kind]))
    except cattrs.BaseValidationError as error:
        faults = "; ".join(cattrs.transform_error(error))
        raise Refusal.invalid(f"That rule does not fit: {faults}.") from None
