"""Files API: files and directories of volumes, presigned links, uploads in parts."""

from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.files.volume_links import LINK_LIFE
from trio.testing import MockClock

FILES, FOLDERS = "/api/2.0/fs/files", "/api/2.0/fs/directories"
V = "/Volumes/main/default/v"


@pytest.fixture
def api(api: httpx.AsyncClient, workspace: Workspace) -> httpx.AsyncClient:
    """The usual client, of a workspace with a volume."""
    workspace.volumes.add("main", "default", "v")
    return api


@pytest.fixture
async def storage(workspace: Workspace) -> Any:
    """A client without a login, as cloud storage wants it."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=workspace.app)) as client:
        yield client


async def test_a_file_goes_up_and_comes_down_with_its_headers(api: httpx.AsyncClient) -> None:
    path = f"{FILES}{V}/deep/a%20b%23%3F.bin"
    up = await api.put(path, content=b"\x00\xff{")
    assert (up.status_code, up.content) == (204, b"")
    down = await api.get(path)
    assert down.content == b"\x00\xff{"
    head = await api.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for answer in (down, head):
        assert answer.headers["content-length"] == "3"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["last-modified"].endswith("GMT")
    (entry,) = (await api.get(f"{FOLDERS}{V}/deep")).json()["contents"]
    assert (entry["path"], entry["name"]) == (f"{V}/deep/a b#?.bin", "a b#?.bin")
    assert (entry["file_size"], entry["is_directory"]) == (3, False)
    assert (await api.delete(path)).status_code == 204
    assert (await api.delete(path)).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "content", "of"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
    ],
)
async def test_ranges(wanted: str, content: bytes, of: str, api: httpx.AsyncClient) -> None:
    await api.put(f"{FILES}{V}/x", content=b"0123456789")
    answer = await api.get(f"{FILES}{V}/x", headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["content-range"] == of
    assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=5-2", "lines=1-2", "bytes=x-y"])
async def test_ranges_that_cannot_be_served(wanted: str, api: httpx.AsyncClient) -> None:
    await api.put(f"{FILES}{V}/x", content=b"0123456789")
    answer = await api.get(f"{FILES}{V}/x", headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */10"


async def test_a_file_that_changed_is_not_read_on(
    autojump_clock: MockClock, api: httpx.AsyncClient
) -> None:
    await api.put(f"{FILES}{V}/x", content=b"1")
    since = {"If-Unmodified-Since": (await api.head(f"{FILES}{V}/x")).headers["last-modified"]}
    assert (await api.get(f"{FILES}{V}/x", headers=since)).status_code == 200
    await trio.sleep(10)
    await api.put(f"{FILES}{V}/x", content=b"2")
    assert (await api.get(f"{FILES}{V}/x", headers=since)).status_code == 412


async def test_overwriting(api: httpx.AsyncClient, workspace: Workspace) -> None:
    url = f"{FILES}{V}/x"

    async def put(query: str = "") -> int:
        return (await api.put(url + query, content=b"1")).status_code

    assert [await put(), await put(), await put("?overwrite=false")] == [204, 204, 409]
    workspace.volumes.overwrite_by_default = False
    assert [await put(), await put("?overwrite=true")] == [409, 204]


async def test_directories(api: httpx.AsyncClient) -> None:
    url = f"{FOLDERS}{V}/a/b"
    assert (await api.head(url)).status_code == 404
    assert [(await api.put(url)).status_code for _ in range(2)] == [204, 204]
    assert (await api.head(url)).status_code == 200
    assert (await api.delete(f"{FOLDERS}{V}/a")).status_code == 400  # not empty
    assert (await api.delete(url)).status_code == 204
    assert (await api.delete(FOLDERS + V)).status_code == 400  # the volume itself
    await api.put(f"{FILES}{V}/f", content=b"")
    assert (await api.put(f"{FOLDERS}{V}/f")).status_code == 409
    assert (await api.put(f"{FILES}{V}/f/below", content=b"")).status_code == 409
    assert (await api.get(f"{FOLDERS}{V}/f")).status_code == 404
    assert (await api.get(f"{FILES}{V}/a")).status_code == 404


async def test_directories_are_listed_in_pages(
    api: httpx.AsyncClient, workspace: Workspace
) -> None:
    for n in range(25):
        workspace.volumes.write(f"{V}/{n:02}", b"")
    names: list[str] = []
    query: dict[str, Any] = {"page_size": 10}
    while True:
        page = (await api.get(FOLDERS + V, params=query)).json()
        names += [entry["name"] for entry in page["contents"]]
        if "next_page_token" not in page:
            break
        query["page_token"] = page["next_page_token"]
    assert names == [f"{n:02}" for n in range(25)]
    assert (await api.get(FOLDERS + V, params={"page_size": 1001})).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Volumes/main/default/no/x", 404),
        ("/Volumes/main/default", 400),
        ("/elsewhere/x/y/z", 400),
        (f"{V}/no", 404),
    ],
)
async def test_paths_that_lead_nowhere(path: str, status: int, api: httpx.AsyncClient) -> None:
    answer = await api.get(FILES + path)
    assert answer.status_code == status
    assert answer.json()["message"]


# Links.


async def download_url(api: httpx.AsyncClient, path: str) -> str:
    answer = await api.post("/api/2.0/fs/create-download-url", params={"path": path})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


async def test_a_link_is_followed_without_a_login_and_not_with_one(
    api: httpx.AsyncClient, storage: httpx.AsyncClient
) -> None:
    await api.put(f"{FILES}{V}/x", content=b"0123456789")
    url = await download_url(api, f"{V}/x")
    assert (await storage.get(url)).content == b"0123456789"
    assert (await storage.get(url, headers={"Range": "bytes=5-"})).content == b"56789"
    refused = await api.get(url)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/xml")
    assert (await storage.put(url, content=b"")).status_code == 403
    missing = await api.post("/api/2.0/fs/create-download-url", params={"path": f"{V}/no"})
    assert missing.status_code == 404


async def test_a_link_expires_as_storage_says_it(
    autojump_clock: MockClock, api: httpx.AsyncClient, storage: httpx.AsyncClient
) -> None:
    await api.put(f"{FILES}{V}/x", content=b"1")
    url = await download_url(api, f"{V}/x")
    await trio.sleep(LINK_LIFE / 1000 + 1)
    await download_url(api, f"{V}/x")  # a new link does not forget the old one at once
    answer = await storage.get(url)
    assert (answer.status_code, b"Request has expired" in answer.content) == (403, True)
    await trio.sleep(2 * LINK_LIFE / 1000)
    await download_url(api, f"{V}/x")
    assert b"Access Denied" in (await storage.get(url)).content


class Upload:
    """A multipart upload, step by step."""

    def __init__(self, api: httpx.AsyncClient, storage: httpx.AsyncClient, path: str) -> None:
        self.api, self.storage, self.path = api, storage, path
        self.session = ""

    async def initiate(self, **query: Any) -> httpx.Response:
        query |= {"action": "initiate-upload"}
        answer = await self.api.post(FILES + self.path, params=query)
        if answer.status_code == 200:
            self.session = answer.json()["multipart_upload"]["session_token"]
        return answer

    async def urls(self, count: int) -> list[str]:
        body = {
            "path": self.path,
            "session_token": self.session,
            "start_part_number": 1,
            "count": count,
        }
        answer = await self.api.post("/api/2.0/fs/create-upload-part-urls", json=body)
        assert answer.status_code == 200, answer.text
        return [part["url"] for part in answer.json()["upload_part_urls"]]

    async def part(self, url: str, content: bytes) -> httpx.Response:
        return await self.storage.put(url, content=content)

    async def complete(self, *etags: str) -> httpx.Response:
        parts = [{"part_number": n, "etag": etag} for n, etag in enumerate(etags, start=1)]
        query = {"action": "complete-upload", "session_token": self.session}
        return await self.api.post(FILES + self.path, params=query, json={"parts": parts})


@pytest.fixture
def upload(api: httpx.AsyncClient, storage: httpx.AsyncClient) -> Upload:
    return Upload(api, storage, f"{V}/big")


async def test_a_file_goes_up_in_parts_in_any_order(upload: Upload, workspace: Workspace) -> None:
    await upload.initiate()
    one, two, three = await upload.urls(3)
    second = (await upload.part(two, b"two")).headers["etag"]
    first = (await upload.part(one, b"one")).headers["etag"]
    await upload.part(three, b"never meant")
    assert workspace.volumes.files.stat("/main/default/v/big") is None
    assert (await upload.complete(first, second)).status_code == 200
    assert workspace.volumes.read(f"{V}/big") == b"onetwo"
    assert (await upload.complete(first, second)).status_code == 404  # it is over


async def test_parts_that_are_not_what_went_up_make_no_file(upload: Upload) -> None:
    await upload.initiate()
    (url,) = await upload.urls(1)
    await upload.part(url, b"one")
    assert (await upload.complete("wrong")).status_code == 400


async def test_an_upload_is_given_up(upload: Upload) -> None:
    await upload.initiate()
    (url,) = await upload.urls(1)
    body = {"path": upload.path, "session_token": upload.session}
    answer = await upload.api.post("/api/2.0/fs/create-abort-upload-url", json=body)
    abort = answer.json()["abort_upload_url"]["url"]
    assert (await upload.storage.delete(abort)).status_code == 200
    assert (await upload.part(url, b"late")).status_code == 404
    assert (await upload.complete()).status_code == 404


async def test_an_upload_does_not_replace_what_it_must_not(
    upload: Upload, workspace: Workspace
) -> None:
    workspace.volumes.write(f"{V}/big", b"1")
    assert (await upload.initiate(overwrite="false")).status_code == 409
    assert (await upload.initiate(overwrite="true")).status_code == 200
    answer = await upload.api.post(FILES + upload.path, params={"action": "dance"})
    assert answer.status_code == 400
