"""The command `contexts`: what the journal knows, for people and for programs."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from databricks_mcp_toolkit.actors.journal import Journal, Kind
from databricks_mcp_toolkit.config import Settings
from databricks_mcp_toolkit.contexts import contexts, text
from databricks_mcp_toolkit.errors import NotConfigured

HOST = "https://one.cloud.databricks.com"


def settings(directory: Path | str, host: str = HOST, token: str = "dapi0") -> Settings:
    return Settings(host=host, token=token, state_dir=directory)


def leave(directory: Path, context_id: str | None, host: str = HOST) -> None:
    with Journal.open(directory, now=lambda: 1_700_000_000.0) as journal:
        entry = journal.intend(Kind.CONTEXT, host, cluster_id="c-1", language="python")
        if context_id:
            entry.created(context_id)


@pytest.fixture(autouse=True)
def _then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are of 2023, and are to be listed all the same."""
    monkeypatch.setattr("databricks_mcp_toolkit.actors.journal.journal.KEPT", 1e12)
    monkeypatch.setattr("databricks_mcp_toolkit.actors.journal.journal.KEPT_WITHOUT_ID", 1e12)


async def test_it_says_what_we_own_where_since_when_and_whether_its_owner_lives(tmp_path) -> None:
    leave(tmp_path, "7")
    with Journal.open(tmp_path) as journal:
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-2").created("8")
        found = await contexts(settings(tmp_path), destroy=False)
    assert [(row["id"], row["cluster_id"], row["owner"]["life"]) for row in found] == [
        ("7", "c-1", "dead"),
        ("8", "c-2", "alive"),
    ]
    assert found[0] == {
        "kind": "execution context",
        "id": "7",
        "host": HOST,
        "cluster_id": "c-1",
        "language": "python",
        "since": "2023-11-14T22:13:20+00:00",
        "owner": {"pid": found[0]["owner"]["pid"], "life": "dead"},
    }


async def test_for_people_it_is_a_table_with_what_the_odd_ones_mean(tmp_path) -> None:
    leave(tmp_path, "7")
    leave(tmp_path, None)
    shown = text(await contexts(settings(tmp_path), destroy=False))
    assert "execution context (python)  7        c-1" in shown
    assert "(no id) means that the answer to a create never came back" in shown
    assert "contexts --destroy" in shown


async def test_nothing_is_said_in_one_line_and_makes_no_file(tmp_path) -> None:
    found = await contexts(settings(tmp_path / "state"), destroy=False)
    assert text(found) == "The journal knows of no context."
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("destroy", [False, True])
async def test_without_a_journal_it_says_so(destroy: bool) -> None:
    with pytest.raises(NotConfigured, match="No journal is kept"):
        await contexts(settings("none"), destroy=destroy)


async def test_destroy_needs_a_workspace_where_there_is_something_to_destroy(tmp_path) -> None:
    assert await contexts(Settings(state_dir=tmp_path), destroy=True) == []
    leave(tmp_path, "7")
    with pytest.raises(NotConfigured, match="DATABRICKS_HOST"):
        await contexts(Settings(state_dir=tmp_path), destroy=True)


async def test_destroy_does_not_say_that_the_contexts_of_a_live_owner_are_unknown(tmp_path) -> None:
    with Journal.open(tmp_path) as journal:
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-2").created("8")
        found = await contexts(settings(tmp_path), destroy=True)
        assert len(list(journal.records())) == 1
    assert text(found, destroyed=True) == "No dead owner has left a context on this workspace."


def test_destroy_destroys_what_dead_owners_left(tmp_path, workspace_server) -> None:
    import trio

    workspace, cluster_id = workspace_server, workspace_server.workspace.cluster_id
    created = httpx.post(
        f"{workspace.host}/api/1.2/contexts/create",
        json={"clusterId": cluster_id, "language": "python"},
        headers={"Authorization": f"Bearer {workspace.workspace.token}"},
    ).json()["id"]
    with Journal.open(tmp_path) as journal:
        entry = journal.intend(Kind.CONTEXT, workspace.host, cluster_id=cluster_id)
        entry.created(created)
    leave(tmp_path, "7")

    async def destroy() -> list[dict]:
        return await contexts(
            settings(tmp_path, workspace.host, workspace.workspace.token), destroy=True
        )

    found = trio.run(destroy)
    assert [(row["id"], row["fate"]) for row in found] == [(created, "destroyed")]
    assert "destroyed" in text(found)
    with Journal.open(tmp_path) as journal:
        assert [record.remote_id for record in journal.records()] == ["7"], "of another workspace"
