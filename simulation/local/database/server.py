"""The database process: one DuckDB, and a conversation with everyone who connects.

A thread runs each caller's statements, one at a time; the main thread reads what they ask, so that
a cancel, or a caller that hangs up, interrupts the statement that runs.

Asked:  {"do": "statement" | "script" | "native" | "view" | "list" | "cancel", ...}
Answered: {"columns": [...]}, any number of {"rows": [...]}, and one of
        {"done": true}, {"failure": {"message", "sql_state"}}, {"cancelled": true}.
"""

from __future__ import annotations

import contextlib
import pickle
import selectors
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ..channel import CHUNK, Decoder, Message, encode
from ..places import Places
from . import errors, parsing, views
from .catalogs import Catalogs
from .outcomes import Outcome
from .session import Session
from .values import Overflow, Teller, native, wire

INTERRUPT_AGAIN = 0.05  # seconds; DuckDB forgets an interrupt that comes just before its query

TELLERS: dict[str, Any] = {"wire": wire, "native": native}


class Conversation:
    """One caller: its socket, its session, and the thread that works for it."""

    def __init__(self, end: socket.socket, session: Session) -> None:
        self.end = end
        self.session = session
        self._decoder = Decoder()
        self._asked: SimpleQueue[Message | None] = SimpleQueue()
        # Counted by the main thread, by the worker, and up to where a cancel reaches.
        self._messages, self._answered, self._cancelled = 0, 0, 0
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def heard(self, data: bytes) -> None:
        """Takes what came over the socket; nothing means that the caller hung up."""
        if not data:
            self._cancelled = self._messages
            self._asked.put(None)
        for message, _ in self._decoder.feed(data):
            if message["do"] == "cancel":
                self._cancelled = self._messages
            else:
                self._messages += 1
                self._asked.put(message)

    def interrupt(self) -> bool:
        """Interrupts the statement that is to stop; whether it may have to be done again."""
        if self._answered < self._cancelled:
            self.session.interrupt()
            return True
        return False

    def finish(self) -> None:
        """Waits for the worker, interrupting what it does."""
        self.heard(b"")
        while self._worker.is_alive():
            self.interrupt()
            self._worker.join(INTERRUPT_AGAIN)

    def _work(self) -> None:
        with contextlib.suppress(OSError):  # the caller hung up in the middle of an answer
            while (message := self._asked.get()) is not None:
                self._answer(message)
        self._answered = self._messages
        self.session.close()
        self.end.close()

    def _say(self, message: Message, body: bytes = b"") -> None:
        self.end.sendall(encode(message, body))

    def _conclude(self, message: Message) -> None:
        # Counted first: the caller may ask for more as soon as it has read this.
        self._answered += 1
        self._say(message)

    def _answer(self, message: Message) -> None:
        try:
            if message["do"] == "list":
                self._say({"answer": self._listed()})
            else:
                outcome = self._run(message)
                self._tell(outcome, str(message.get("as", "wire")), message.get("limit"))
        except errors.SqlError as error:
            self._conclude({"failure": {"message": error.message, "sql_state": error.sql_state}})
        except errors.Cancelled:
            self._conclude({"cancelled": True})
        except OSError:
            raise
        except Exception as bug:
            said = f"[INTERNAL_ERROR] {type(bug).__name__}: {bug} SQLSTATE: XX000"
            self._conclude({"failure": {"message": said, "sql_state": "XX000"}})
        else:
            self._conclude({"done": True})

    def _run(self, message: Message) -> Outcome:
        session = self.session
        if message.get("catalog") or message.get("schema"):
            session.use(catalog=message.get("catalog"), schema=message.get("schema"))
        parameters: list[Mapping[str, Any]] = message.get("parameters") or []
        match message["do"]:
            case "native":
                return session.select(message["sql"])
            case "view":
                return views.define(session, message["statement"], message["name"])
            case "script":
                return self._script(message["statement"], parameters, message.get("name"))
            case _:
                return session.run(parsing.single(message["statement"]), parameters)

    def _script(
        self, script: str, parameters: list[Mapping[str, Any]], name: str | None
    ) -> Outcome:
        """Runs every statement; the last, if it is a query, also becomes the view `name`."""
        outcome = Outcome()
        statements = parsing.split(script)
        for place, statement in enumerate(statements, 1):
            outcome.rows()
            query = views.query_of(statement) if name and place == len(statements) else None
            if query is None or name is None:
                outcome = self.session.run(statement, parameters)
            else:
                outcome = self.session.view(query, name, parameters, rows=True)
        return outcome

    def _tell(self, outcome: Outcome, form: str, limit: int | None) -> None:
        columns = [
            {
                "name": name,
                "type_text": kind.text,
                "type_name": kind.name,
                "precision": kind.precision,
                "scale": kind.scale,
                "json": kind.json,
            }
            for name, kind in zip(outcome.names, outcome.kinds, strict=True)
        ]
        self._say({"columns": columns, "view": outcome.view})
        teller = TELLERS.get(form)
        tellers: list[Teller] = [teller(kind) for kind in outcome.kinds] if teller else []
        left = limit
        for batch in outcome.batches:
            kept = batch if left is None else batch[:left]
            if teller is None:
                self._say({"pickled": True}, pickle.dumps(kept))
            else:
                self._say({"rows": _told(kept, tellers)})
            if left is not None:
                left -= len(kept)
                if left <= 0:
                    break

    def _listed(self) -> list[Any]:
        """Every catalog with its schemas and their tables, for Unity Catalog's listings."""
        catalogs = self.session.catalogs
        return [
            {
                "name": catalog,
                "schemas": catalogs.schemas(catalog),
                "tables": [
                    {
                        "catalog_name": catalog,
                        "schema_name": each.schema,
                        "name": each.name,
                        "table_type": "VIEW" if each.is_view else "MANAGED",
                        "comment": each.comment,
                        "columns": [
                            {
                                "name": column.name,
                                "type_text": column.kind.simple,
                                "type_name": column.kind.name,
                                "type_json": column.kind.json,
                                "position": column.position,
                                "nullable": column.nullable,
                                "comment": column.comment,
                            }
                            for column in catalogs.columns(catalog, each.schema, each.name)
                        ],
                    }
                    for each in catalogs.relations(catalog)
                ],
            }
            for catalog in catalogs.names()
        ]


def _told(batch: list[tuple[Any, ...]], tellers: list[Teller]) -> list[list[Any]]:
    try:
        return [[tell(value) for tell, value in zip(tellers, row, strict=True)] for row in batch]
    except Overflow as overflow:
        sentence = f"{overflow} does not fit a BIGINT."
        raise errors.SqlError("ARITHMETIC_OVERFLOW", sentence, "22003") from None


class Server:
    """Listens for callers until its lifeline, the engine's end of a socket, is gone."""

    def __init__(
        self,
        listener: socket.socket,
        lifeline: socket.socket,
        catalogs: Catalogs,
        places: Places,
        user_name: str,
    ) -> None:
        self._listener = listener
        self._lifeline = lifeline
        self._catalogs = catalogs
        self._places = places
        self._user_name = user_name
        self._selector = selectors.DefaultSelector()
        self._conversations: set[Conversation] = set()
        self._leaving: set[Conversation] = set()

    def serve(self) -> None:
        """Serves until the engine hangs up; then interrupts what runs, and writes all down."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._lifeline, selectors.EVENT_READ)
        while True:
            stopping = [each for each in self._conversations | self._leaving if each.interrupt()]
            self._leaving.intersection_update(stopping)
            for key, _ in self._selector.select(INTERRUPT_AGAIN if stopping else None):
                if key.fileobj is self._lifeline:
                    for conversation in self._conversations | self._leaving:
                        conversation.finish()
                    self._catalogs.close()
                    return
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(key.data)

    def _accept(self) -> None:
        end, _ = self._listener.accept()
        conversation = Conversation(end, Session(self._catalogs, self._places, self._user_name))
        self._conversations.add(conversation)
        self._selector.register(end, selectors.EVENT_READ, conversation)

    def _read(self, conversation: Conversation) -> None:
        try:
            data = conversation.end.recv(CHUNK)
        except OSError:
            data = b""
        conversation.heard(data)
        if not data:
            self._selector.unregister(conversation.end)
            self._conversations.discard(conversation)
            self._leaving.add(conversation)


def main(
    listener: socket.socket, lifeline: socket.socket, folder: Path, settings: Mapping[str, Any]
) -> None:
    """What the database process does, from its birth to its end.

    Args:
      listener: the socket that callers connect to.
      lifeline: ends when the engine ends.
      folder: where state is kept.
      settings: `kept` (whether catalogs have files), `user_name`, `samples`.
    """
    from .. import sample  # noqa: PLC0415 (only needed once)

    kept = folder / "catalogs" if settings["kept"] else None
    catalogs = Catalogs(kept, Path(settings["spill"]))
    places = Places.under(folder)
    if settings["samples"]:
        sample.install_tables(Session(catalogs, places, settings["user_name"]))
    Server(listener, lifeline, catalogs, places, settings["user_name"]).serve()
