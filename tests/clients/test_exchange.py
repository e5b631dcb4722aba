"""The border to httpx, over real sockets, where connections break as they do in the world."""

from __future__ import annotations

import gzip
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks, StaticToken, Timeouts, exchange

TOKEN = StaticToken("dapi-0123456789")
CLUSTER = b'{"cluster_id": "c-1"}'
CONTEXT = b'{"id": "x-1"}'

Handler = Callable[[trio.SocketStream], Awaitable[None]]


async def listening(nursery: trio.Nursery, handler: Handler) -> int:
    """Serve by `handler` in the nursery, and return the port."""
    listeners: list[trio.SocketListener] = await nursery.start(
        partial(trio.serve_tcp, handler, 0, host="127.0.0.1")
    )
    return int(listeners[0].socket.getsockname()[1])


class Server:
    """Answers each connection by a handler, and counts them."""

    def __init__(self, *handlers: Handler) -> None:
        self.handlers = list(handlers)
        self.connections = 0

    async def handle(self, stream: trio.SocketStream) -> None:
        """Play the next handler, or the last one again."""
        self.connections += 1
        handler = self.handlers.pop(0) if len(self.handlers) > 1 else self.handlers[0]
        async with stream:
            await handler(stream)

    @asynccontextmanager
    async def running(self, timeouts: Timeouts | None = None) -> AsyncIterator[Databricks]:
        """Serve, and be connected."""
        async with trio.open_nursery() as nursery:
            host = f"http://127.0.0.1:{await listening(nursery, self.handle)}"
            timeouts = timeouts or Timeouts(retries=5)
            async with Databricks.connect(host, TOKEN, timeouts=timeouts) as databricks:
                yield databricks
            nursery.cancel_scope.cancel()


async def request_on(stream: trio.SocketStream) -> bytes:
    """Read one request to the end of its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = await stream.receive_some()
        if not part:
            raise EOFError
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0].split(b":")[1]):
        body += await stream.receive_some()
    return received


def answer(body: bytes, *, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    said = str(len(body) if length is None else length).encode()
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: " + said + b"\r\n\r\n" + body


def says(raw: bytes) -> Handler:
    """Answers one request with these bytes, and hangs up."""

    async def handler(stream: trio.SocketStream) -> None:
        await request_on(stream)
        await stream.send_all(raw)

    return handler


def keeps_saying(raw: bytes) -> Handler:
    """Answers every request on the connection with these bytes."""

    async def handler(stream: trio.SocketStream) -> None:
        while True:
            try:
                await request_on(stream)
            except EOFError:
                return
            await stream.send_all(raw)

    return handler


BREAKS = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": answer(CONTEXT, length=100),
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
}


@pytest.mark.parametrize("raw", BREAKS.values(), ids=BREAKS)
async def test_a_read_whose_connection_breaks_is_repeated(raw: bytes) -> None:
    server = Server(says(raw), keeps_saying(answer(CLUSTER)))
    async with server.running() as databricks:
        assert (await databricks.clusters.get("c-1")).cluster_id == "c-1"
    assert server.connections == 2


@pytest.mark.parametrize("raw", BREAKS.values(), ids=BREAKS)
async def test_a_write_whose_connection_breaks_is_unknown_and_sent_once(raw: bytes) -> None:
    server = Server(says(raw), keeps_saying(answer(CONTEXT)))
    async with server.running() as databricks:
        with pytest.raises(errors.OutcomeUnknown):
            await databricks.commands.create_context("c-1", "python")
    assert server.connections == 1


async def test_a_write_without_an_answer_in_time_is_unknown() -> None:
    async def silent(stream: trio.SocketStream) -> None:
        await request_on(stream)
        await trio.sleep_forever()

    async with Server(silent).running(Timeouts(read=0.05)) as databricks:
        with pytest.raises(errors.OutcomeUnknown, match="ReadTimeout"):
            await databricks.commands.create_context("c-1", "python")


async def test_an_answer_that_trickles_is_bounded_too() -> None:
    async def trickling(stream: trio.SocketStream) -> None:
        await request_on(stream)
        await stream.send_all(answer(b"", length=10_000))
        while True:
            await stream.send_all(b" ")
            await trio.sleep(0.01)

    async with Server(trickling).running(Timeouts(read=5, attempt=0.1)) as databricks:
        with pytest.raises(errors.OutcomeUnknown, match=r"0\.1 seconds"):
            await databricks.commands.create_context("c-1", "python")


async def test_a_refused_connection_is_no_unknown_outcome() -> None:
    with trio.socket.socket() as reserved:
        await reserved.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        hasty = Timeouts(retries=0.1)
        async with Databricks.connect(host, TOKEN, timeouts=hasty) as databricks:
            with pytest.raises(errors.DatabricksUnreachable, match="ConnectError"):
                await databricks.commands.create_context("c-1", "python")


async def test_a_connection_that_the_server_closed_while_idle_costs_no_write() -> None:
    server = Server(says(answer(CLUSTER)), keeps_saying(answer(CONTEXT)))
    async with server.running() as databricks:
        await databricks.clusters.get("c-1")
        await trio.testing.wait_all_tasks_blocked(0.01)
        assert (await databricks.commands.create_context("c-1", "python")).id == "x-1"


async def test_connections_are_kept_and_used_again() -> None:
    server = Server(keeps_saying(answer(CLUSTER)))
    async with server.running() as databricks:
        for _ in range(20):
            await databricks.clusters.get("c-1")
    assert server.connections == 1


async def test_hundreds_of_calls_at_once_all_come_through() -> None:
    arrived = 0
    everybody = trio.Event()

    async def together(stream: trio.SocketStream) -> None:
        nonlocal arrived
        await request_on(stream)
        arrived += 1
        if arrived == 300:
            everybody.set()
        await everybody.wait()
        await stream.send_all(answer(CLUSTER))

    async with Server(together).running() as databricks, trio.open_nursery() as nursery:
        for _ in range(300):
            nursery.start_soon(databricks.clusters.get, "c-1")
    assert arrived == 300


async def test_a_cancelled_call_hangs_up() -> None:
    under_way, hung_up = trio.Event(), trio.Event()

    async def watching(stream: trio.SocketStream) -> None:
        await request_on(stream)
        under_way.set()
        assert await stream.receive_some() == b""
        hung_up.set()

    async with Server(watching).running() as databricks, trio.open_nursery() as nursery:
        nursery.start_soon(databricks.clusters.get, "c-1")
        await under_way.wait()
        nursery.cancel_scope.cancel()
        with trio.fail_after(5, shield=True):
            await hung_up.wait()


async def test_a_compressed_answer_is_measured_as_it_unfolds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "LARGEST_ANSWER", 100_000)
    packed = gzip.compress(b" " * 1_000_000 + CLUSTER)
    assert len(packed) < 10_000
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with Server(keeps_saying(head + packed)).running() as databricks:
        with pytest.raises(errors.DatabricksUnreachable, match="more than 100000 bytes"):
            await databricks.clusters.get("c-1")


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that nobody has signed."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + certificate.public_bytes(encoding))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "both.pem")
    return context


async def test_a_certificate_that_is_not_trusted_is_told_at_once(tmp_path: Path) -> None:
    context = self_signed(tmp_path)
    connections = 0

    async def handshake(stream: trio.SocketStream) -> None:
        nonlocal connections
        connections += 1
        with suppress(trio.BrokenResourceError):
            await trio.SSLStream(stream, context, server_side=True).do_handshake()

    async with trio.open_nursery() as nursery:
        port = await listening(nursery, handshake)
        async with Databricks.connect(f"https://127.0.0.1:{port}", TOKEN) as databricks:
            with pytest.raises(errors.DatabricksUnreachable, match="certificate") as caught:
                await databricks.commands.create_context("c-1", "python")
        nursery.cancel_scope.cancel()
    assert "SSL_CERT_FILE" in caught.value.advice
    assert connections == 1


async def test_a_proxy_of_the_environment_is_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with Server(keeps_saying(answer(CLUSTER))).running() as databricks:
        assert await databricks.clusters.get("c-1")


async def test_no_other_logger_tells_of_our_requests(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Server(keeps_saying(answer(CLUSTER))).running() as databricks:
        await databricks.clusters.get("c-1")
        logging.getLogger("httpx").info("somebody else's request")
        records = list(caplog.records)
    names = {record.name for record in records if "somebody" not in record.message}
    assert names == {"databricks_mcp_toolkit.clients.exchange"}
    assert "somebody else's request" in caplog.text
