"""One cluster's life: from PENDING through RUNNING to TERMINATED and back, on trio's clock.

Rules:

* A driver lives from one RUNNING (after PENDING or RESTARTING) to the next loss.  Each has its own
  `spark_context_id` and its own `driver_lost` event; contexts live and die with it.
* How states change in time, and what idleness is, stands in `resource`.

https://docs.databricks.com/api/workspace/clusters
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Any

import trio
from attrs import asdict, field, frozen

from ..wire import Refusal
from ..world import World
from .resource import Resource


class ClusterState(StrEnum):
    """How far a cluster has come, in Databricks' words."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    RESTARTING = "RESTARTING"
    RESIZING = "RESIZING"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


USABLE = frozenset({ClusterState.RUNNING, ClusterState.RESIZING})
COMING = frozenset({ClusterState.PENDING, ClusterState.RESTARTING})
GOING = frozenset({ClusterState.TERMINATING, ClusterState.TERMINATED, ClusterState.ERROR})

STATE_MESSAGES: Mapping[ClusterState, str] = {
    ClusterState.PENDING: "Finding instances for new nodes, acquiring more instances if necessary",
    ClusterState.RESTARTING: "Restarting Spark",
    ClusterState.RESIZING: "Resizing cluster",
}


@frozen
class TerminationReason:
    """Why a cluster went away.  `type` is SUCCESS, CLIENT_ERROR, SERVICE_FAULT or CLOUD_FAILURE."""

    code: str = "USER_REQUEST"
    type: str = "SUCCESS"
    parameters: Mapping[str, str] = field(factory=dict)

    @property
    def message(self) -> str:
        """What the cluster's `state_message` says."""
        match self.code:
            case "USER_REQUEST":
                return f"Termination requested by {self.parameters.get('username', 'a user')}"
            case "INACTIVITY":
                minutes = self.parameters.get("inactivity_duration_min", "?")
                return f"Inactive cluster terminated (inactive for {minutes} minutes)."
            case "JOB_FINISHED":
                return "Job run finished"
            case _:
                return self.parameters.get("databricks_error_message", self.code)

    def wire(self) -> dict[str, Any]:
        """As `termination_reason` has it."""
        return {"code": self.code, "type": self.type, "parameters": dict(self.parameters)}


_KEPT = (
    "cluster_id",
    "config",
    "spec",
    "source",
    "creator",
    "state",
    "pinned",
    "start_time",
    "terminated_time",
    "last_restarted_time",
    "last_state_loss_time",
    "spark_context_id",
)


class ClusterGone(Exception):
    """The cluster that was waited for went away instead.  Has the termination's code and type."""

    def __init__(self, reason: TerminationReason) -> None:
        super().__init__(reason.message)
        self.code = reason.code
        self.type = reason.type
        self.message = reason.message


@frozen
class ClusterEvent:
    """One entry of the event log; `timestamp` in epoch ms."""

    timestamp: int
    type: str
    details: Mapping[str, Any] = field(factory=dict)


class Cluster(Resource[ClusterState]):
    """A cluster.  Made by `Clusters.launch`.

    Attributes:
      config: what was asked for at create or edit, with the service's own additions.
      source: UI, API, JOB, ...
      spark_context_id: of the present driver; changes whenever a driver starts.
      driver_lost: set when the present driver goes; each driver has its own event.
      reason: why it terminated, while TERMINATING or TERMINATED.
      events: the event log, oldest first.
    """

    kind = "cluster"

    def __init__(
        self,
        world: World,
        cluster_id: str,
        config: dict[str, Any],
        *,
        source: str,
        creator: str,
    ) -> None:
        super().__init__(world, cluster_id, ClusterState.PENDING)
        self.cluster_id = cluster_id
        self.config = config
        self.spec = dict(config)
        self.source = source
        self.creator = creator
        self.pinned = False
        self.start_time = world.now_ms()
        self.terminated_time = 0
        self.last_restarted_time = 0
        self.last_state_loss_time = 0
        self.reason: TerminationReason | None = None
        self.spark_context_id = 0
        self.driver_lost = trio.Event()
        self.driver_lost.set()
        self.events: list[ClusterEvent] = []
        self._next_failure: TerminationReason | None = None

    def __repr__(self) -> str:
        return f"<Cluster {self.cluster_id} {self.name!r}, {self.state}, {self.at_work} at work>"

    @property
    def name(self) -> str:
        """Its `cluster_name`."""
        return str(self.config.get("cluster_name", ""))

    @property
    def state_message(self) -> str:
        """What it says of its state: why it went away, or what it is busy with."""
        if self.state in GOING and self.reason is not None:
            return self.reason.message
        return STATE_MESSAGES.get(self.state, "")

    @property
    def workers(self) -> int:
        """How many workers it has: an autoscaling cluster is at its minimum."""
        if "autoscale" in self.config:
            return int(self.config["autoscale"]["min_workers"])
        return int(self.config.get("num_workers", 0))

    # -- what changes it ---------------------------------------------------------------------

    def begin(self, user: str = "", *, event: str = "CREATING") -> None:
        """Sets out for RUNNING."""
        self.start_time = self._world.now_ms()
        self.terminated_time = 0
        self.reason = None
        self.enter(ClusterState.PENDING)
        self.log(event, user=user, cluster_size=self.size())
        self.later(self._world.pace.cluster_start, self.come_up)

    def start(self, user: str) -> None:
        """`clusters/start`: only from TERMINATED."""
        self.require(ClusterState.TERMINATED)
        self.begin(user, event="STARTING")

    def wake(self) -> None:
        """Starts it if it is TERMINATED; one that is going down starts again once it is down."""
        if self.state is ClusterState.TERMINATED:
            self.begin(event="STARTING")

    def restart(self, user: str) -> None:
        """`clusters/restart`: only from RUNNING; the driver is lost at once."""
        self.require(ClusterState.RUNNING)
        self.enter(ClusterState.RESTARTING)
        self.last_restarted_time = self._world.now_ms()
        self.log("RESTARTING", user=user)
        self.lose_driver()
        self.later(self._world.pace.cluster_restart, self.come_up)

    def resize(self, size: Mapping[str, Any], user: str) -> None:
        """`clusters/resize`: only from RUNNING; the driver stays."""
        self.require(ClusterState.RUNNING)
        before = self.size()
        self._set_size(size)
        self.enter(ClusterState.RESIZING)
        self.log(
            "RESIZING",
            cause="USER_REQUEST",
            user=user,
            cluster_size=self.size(),
            previous_cluster_size=before,
        )
        self.later(self._world.pace.cluster_resize, self._resized)

    def edit(self, config: dict[str, Any], user: str) -> None:
        """`clusters/edit`: a running cluster restarts with it, a terminated one keeps it."""
        self.require(ClusterState.RUNNING, ClusterState.TERMINATED)
        previous, self.config, self.spec = self.config, config, dict(config)
        self.log("EDITED", user=user, attributes=config, previous_attributes=previous)
        if self.state is ClusterState.RUNNING:
            self.restart(user)

    def terminate(
        self, reason_code: str = "USER_REQUEST", kind: str = "SUCCESS", **parameters: str
    ) -> None:
        """Sets out for TERMINATED; nothing when it is there, or on the way."""
        if self.state in GOING:
            return
        self.reason = TerminationReason(reason_code, kind, parameters)
        self.enter(ClusterState.TERMINATING)
        self.log("TERMINATING", reason=self.reason.wire(), user=parameters.get("username", ""))
        self.lose_driver()
        self.later(self._world.pace.cluster_terminate, self._terminated)

    def fail_next_start(self, reason: TerminationReason) -> None:
        """Lets the next way to RUNNING end in TERMINATED, for `reason`."""
        self._next_failure = reason

    def restart_driver(self) -> None:
        """The driver process dies and comes back: RUNNING throughout, but all state is lost."""
        if self.state in USABLE:
            self.log("DRIVER_NOT_RESPONDING")
            self.lose_driver()
            self._new_driver()
            self.log("DRIVER_HEALTHY")

    def lose_driver(self) -> None:
        """Whatever lived in the driver is gone."""
        if not self.driver_lost.is_set():
            self.driver_lost.set()
            self.last_state_loss_time = self._world.now_ms()

    # -- what others wait for ----------------------------------------------------------------

    async def usable(self) -> int:
        """Waits until code can run here.

        Starts it when it is TERMINATED, also after waiting for a termination on the way.  A cancel
        leaves it as it is.

        Returns:
          The driver's `spark_context_id`.

        Raises:
          ClusterGone: it could not start, or was terminated meanwhile.
        """
        while self.state is ClusterState.TERMINATING:
            await self.changed.wait()
        self.wake()
        while self.state not in USABLE:
            if self.state in GOING:
                raise ClusterGone(self.reason or TerminationReason("UNKNOWN", "SERVICE_FAULT"))
            await self.changed.wait()
        return self.spark_context_id

    # -- what it says of itself --------------------------------------------------------------

    def require(self, *states: ClusterState) -> None:
        """Refuses with INVALID_STATE outside `states`."""
        if self.state not in states:
            word = self.state.value.title()
            message = f"Cluster {self.cluster_id} is in unexpected state {word}."
            raise Refusal.invalid_state(message)

    def size(self) -> dict[str, Any]:
        """`cluster_size`: a number of workers, or a range."""
        if "autoscale" in self.config:
            return {"autoscale": dict(self.config["autoscale"])}
        return {"num_workers": self.workers}

    def log(self, type: str, **details: Any) -> None:  # noqa: A002 (the wire's word)
        """Writes an entry in the event log; empty details are left out."""
        kept = {name: value for name, value in details.items() if value not in ("", None)}
        self.events.append(ClusterEvent(self._world.now_ms(), type, kept))
        self.keep()

    # -- how it is kept ----------------------------------------------------------------------

    def record(self) -> dict[str, Any]:
        """All that `restore` needs."""
        return {name: getattr(self, name) for name in _KEPT} | {
            "reason": None if self.reason is None else asdict(self.reason),
            "events": [[event.timestamp, event.type, event.details] for event in self.events],
        }

    def restore(self, record: Mapping[str, Any]) -> None:
        """Becomes what was kept, and goes on from there.

        The machines are thought to have gone on without the workspace, and the driver to have been
        lost: an all-purpose cluster gets a new one, a job's cluster goes with its run.
        """
        for name in _KEPT:
            setattr(self, name, record[name])
        self.state = ClusterState(record["state"])
        reason = record["reason"]
        self.reason = None if reason is None else TerminationReason(**reason)
        self.events = [ClusterEvent(*event) for event in record["events"]]
        match self.state:
            case ClusterState.PENDING:
                self.later(self._world.pace.cluster_start, self.come_up)
            case ClusterState.RESTARTING:
                self.later(self._world.pace.cluster_restart, self.come_up)
            case ClusterState.TERMINATING:
                self._terminated()
            case ClusterState.RUNNING | ClusterState.RESIZING if self.source == "JOB":
                self.last_state_loss_time = self._world.now_ms()
                self.terminate(
                    "COMMUNICATION_LOST",
                    "CLOUD_FAILURE",
                    databricks_error_message="The connection to the driver was lost.",
                )
            case ClusterState.RUNNING | ClusterState.RESIZING:
                self.enter(ClusterState.RUNNING)
                self.last_state_loss_time = self._world.now_ms()
                self.log("DRIVER_NOT_RESPONDING")
                self._new_driver()
                self.log("DRIVER_HEALTHY")
                self._watch_idleness()

    # -- how it moves ------------------------------------------------------------------------

    def come_up(self) -> None:
        """Becomes RUNNING now, or fails as `fail_next_start` said."""
        if self._next_failure is not None:
            failure, self._next_failure = self._next_failure, None
            self.terminate(failure.code, failure.type, **failure.parameters)
            return
        self.enter(ClusterState.RUNNING)
        self._new_driver()
        self.log("RUNNING", current_num_workers=self.workers)
        self._watch_idleness()

    def _resized(self) -> None:
        self.enter(ClusterState.RUNNING)
        self.log("UPSIZE_COMPLETED", current_num_workers=self.workers)
        self._watch_idleness()

    def _terminated(self) -> None:
        self.terminated_time = self._world.now_ms()
        self.enter(ClusterState.TERMINATED)

    def _new_driver(self) -> None:
        self.spark_context_id = self._world.random.randrange(10**18, 9 * 10**18)
        self.driver_lost = trio.Event()
        self.idle_since = self._world.now()

    def _set_size(self, size: Mapping[str, Any]) -> None:
        self.config.pop("autoscale", None)
        self.config.pop("num_workers", None)
        self.config.update(size)

    def _watch_idleness(self) -> None:
        minutes = int(self.config.get("autotermination_minutes", 0))
        self.when_idle(minutes, partial(self._terminate_idle, minutes))

    def _terminate_idle(self, minutes: int) -> None:
        self.terminate("INACTIVITY", inactivity_duration_min=str(minutes))
