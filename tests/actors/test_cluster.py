"""A context goes with its cluster's driver: told soon when it is so, and never when it is not."""

import attrs
import pytest
import trio
from databricks_mcp_toolkit.actors import Context, Session
from databricks_mcp_toolkit.clients.commands import CommandStatus
from databricks_mcp_toolkit.errors import ClusterNotReady, ContextLost, MisusedToolkit
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace

from .conftest import Network

NOT_READY = b'{"error": "ClusterNotReadyException: Cluster not in Running state"}'
CONTEXTS_AND_COMMANDS = "* /api/1.2/*"
PACE = attrs.evolve(Pace.instant(), cluster_restart=90.0)


@pytest.fixture
async def command_id(session: Session, workspace: Workspace, engine: Scripted) -> str:
    """Of a command that has been running for ten minutes in the session's only context."""
    workspace.world.pace = PACE
    engine.command("train", takes=3600, text="done")
    context = await session.open_context()
    command_id = await context.submit("train")
    await trio.sleep(600)
    return command_id


def restart(workspace: Workspace) -> float:
    """When the cluster has begun to restart."""
    cluster = workspace.clusters.find(workspace.cluster_id)
    assert cluster is not None
    cluster.restart("someone")
    return trio.current_time()


@pytest.mark.parametrize("owned", [True, False])
async def test_a_command_whose_cluster_restarts_is_lost_within_one_polling_interval(
    session: Session, workspace: Workspace, command_id: str, owned: bool
) -> None:
    (context,) = session.contexts()
    if not owned:
        context = _of_others(session, context)
        await context.wait(command_id, timeout=600)
    began = restart(workspace)
    with pytest.raises(ContextLost, match=r"State was reset.*RESTARTING"):
        await context.wait(command_id, timeout=600)
    assert trio.current_time() - began <= 30


def _of_others(session: Session, context: Context) -> Context:
    """The same context, as a session that did not open it has it."""
    session._contexts.clear()
    return session.context(context.cluster_id, context.id, "python")


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda context: context.submit("1"), id="submit"),
        pytest.param(lambda context: context.execute("1"), id="execute"),
        pytest.param(lambda context: context.cancel("1"), id="cancel"),
        pytest.param(lambda context: context.status(), id="status"),
    ],
)
async def test_the_next_use_while_the_cluster_restarts_says_at_once_that_it_is_lost(
    session: Session, workspace: Workspace, use: object
) -> None:
    workspace.world.pace = PACE
    context = await session.open_context()
    began = restart(workspace)
    with pytest.raises(ContextLost, match="State was reset"):
        await use(context)  # type: ignore[operator]
    assert trio.current_time() - began < 1


async def test_a_context_whose_cluster_restarts_needs_no_destroying(
    session: Session, workspace: Workspace
) -> None:
    workspace.world.pace = PACE
    context = await session.open_context()
    began = restart(workspace)
    await context.destroy()
    assert trio.current_time() - began < 1


async def test_a_driver_that_is_not_ready_and_the_same_has_lost_nothing(
    session: Session, workspace: Workspace, network: Network, command_id: str
) -> None:
    """A driver that is too busy to answer for five minutes goes on with its work."""
    (context,) = session.contexts()
    network.mood(CONTEXTS_AND_COMMANDS, status=400, body=NOT_READY)
    with pytest.raises(ClusterNotReady):
        await context.status()
    assert (await context.wait(command_id, timeout=300)).status == CommandStatus.RUNNING
    network.calm()
    command = await context.wait(command_id)
    assert command.text == "done"
    assert workspace.live_contexts() == [context.id]


async def test_a_driver_that_is_not_ready_and_a_new_one_has_lost_every_context(
    session: Session, workspace: Workspace, network: Network, command_id: str
) -> None:
    """RUNNING throughout: only the driver's id tells."""
    (context,) = session.contexts()
    network.mood(CONTEXTS_AND_COMMANDS, status=500, body=NOT_READY)
    cluster = workspace.clusters.find(workspace.cluster_id)
    assert cluster is not None
    cluster.restart_driver()
    began = trio.current_time()
    with pytest.raises(ContextLost, match="new driver"):
        await context.wait(command_id, timeout=600)
    assert trio.current_time() - began <= 30


async def test_a_cluster_that_cannot_be_looked_at_says_nothing_of_its_contexts(
    session: Session, network: Network, command_id: str
) -> None:
    (context,) = session.contexts()
    network.mood(CONTEXTS_AND_COMMANDS, status=500, body=NOT_READY)
    network.mood("GET */clusters/get", status=403, body=b'{"error_code": "PERMISSION_DENIED"}')
    assert (await context.wait(command_id, timeout=100)).status == CommandStatus.RUNNING


async def test_a_create_on_a_cluster_that_has_just_come_up_is_asked_for_again(
    session: Session, workspace: Workspace, network: Network
) -> None:
    network.mood("POST */contexts/create", status=500, body=NOT_READY, times=3)
    await session.open_context()
    assert len(workspace.live_contexts()) == 1


async def test_a_cluster_on_its_way_down_is_to_be_started_when_it_is_down(
    session: Session, workspace: Workspace
) -> None:
    workspace.world.pace = attrs.evolve(Pace.instant(), cluster_terminate=30.0)
    await session.databricks.clusters.terminate(workspace.cluster_id)

    with pytest.raises(MisusedToolkit, match="is TERMINATING") as refused:
        await session.open_context()
    assert "when get_cluster says TERMINATED" in refused.value.advice

    await trio.sleep(31)
    with pytest.raises(MisusedToolkit, match="is TERMINATED") as refused:
        await session.open_context()
    assert refused.value.advice.startswith("Start it")
