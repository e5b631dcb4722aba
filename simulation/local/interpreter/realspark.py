"""A real Spark in an interpreter: on this machine's Java, or at a Spark Connect server.

`SPARK_REMOTE` decides.  Without it, a JVM of the context's own, which pyspark talks to by py4j.
With `local` or `local[N]`, a Spark Connect server of the context's own.  With `sc://HOST`, that
server: if it sees this machine's files, it works with the workspace's paths and tables as the
others do; if not, it has its own.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import re
import uuid
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..places import Places
from . import jvm
from .database import Database
from .interrupts import INTERRUPTS
from .jvm import Jvm, SparkLost
from .realfiles import RealFiles
from .realtables import RealTables
from .stopping import Executions, Stopper

CONNECT_PORT = 15002  # where a Spark Connect server listens if nothing else is said
RETRIES = 4  # of a request to a server that does not answer: some five seconds, not ten minutes
LOCAL_MASTER = re.compile(r"local(?:\[[\d*,]+\])?")


class RealSpark:
    """A session of pyspark's, and what stands behind it.

    Attributes:
      session: pyspark's.
      tables: goes between it and the workspace's tables; None if it has its own.
    """

    def __init__(self, database: Database, places: Places, scratch: Path) -> None:
        self._jvm: Jvm | None = None
        self._executions: Executions | None = None  # of Spark Connect
        self._stopper = Stopper(self._stop)
        _hush()
        self.session = self._made(scratch)
        INTERRUPTS.install()  # pyspark has taken SIGINT
        self.tables: RealTables | None = None
        if self._jvm is not None or self._sees(scratch):
            RealFiles(places).take_over(self.session)
            self.tables = RealTables(self.session, database, places, scratch)
            self.tables.take_over()

    def _made(self, scratch: Path) -> Any:
        url = os.environ.get("SPARK_REMOTE", "")
        builder = importlib.import_module("pyspark.sql").SparkSession.builder
        if not url:
            self._jvm = jvm.start_classic(scratch)
            return self._watched(builder.getOrCreate())
        if LOCAL_MASTER.fullmatch(url):
            self._jvm, url = jvm.start_connect_server(scratch, url)
            os.environ["SPARK_REMOTE"] = url
        elif url.startswith("sc://"):
            _knock(url)
        else:
            raise SparkLost(f"SPARK_REMOTE is {url!r}; it has to be local, local[N] or sc://HOST.")
        session = builder.remote(url).getOrCreate()
        retries = importlib.import_module("pyspark.sql.connect.client.retries")
        session._client.set_retry_policies([retries.DefaultPolicy(max_retries=RETRIES)])
        self._executions = Executions(session._client._stub, self._stopper)
        session._client._stub = self._executions
        return session

    def _watched(self, session: Any) -> Any:
        """The session, its every call to the JVM under the stopper's eyes."""
        context = session.sparkContext
        context.setInterruptOnCancel(True)  # a task that sleeps is woken
        line = context._gateway._gateway_client
        send = line.send_command

        def send_command(*arguments: Any, **keywords: Any) -> Any:
            with self._stopper.waiting():
                return send(*arguments, **keywords)

        line.send_command = send_command
        return session

    def _sees(self, scratch: Path) -> bool:
        """Whether the server reads this machine's files: tried, since its name tells nothing."""
        probe = scratch / f"probe-{uuid.uuid4().hex}"
        probe.touch()
        try:
            self.session.read.text(f"file:{probe}").schema  # noqa: B018 (asks the server)
        except importlib.import_module("pyspark.errors").AnalysisException:
            return False
        finally:
            probe.unlink()
        return True

    def stop_jobs(self) -> None:
        """Has Spark stop what this context has it do, and waits until it has."""
        INTERRUPTS.tell()
        self._stop()
        if self._executions is not None:
            self._executions.end()
        self._stopper.settle()

    def _stop(self) -> None:
        with contextlib.suppress(Exception):  # a Spark that is gone has stopped
            if self._executions is not None:
                self.session.interruptAll()
            else:
                self.session.sparkContext.cancelAllJobs()

    def lost(self) -> str | None:
        """How the JVM ended, if there is one and it has."""
        return self._jvm.epitaph() if self._jvm is not None else None


def _knock(url: str) -> None:
    """Asks whether there is a server at all: pyspark itself would try for ten minutes.

    Raises:
      SparkLost: nobody answers.
    """
    at = urlsplit(url)
    host, port = at.hostname or "", at.port or CONNECT_PORT
    if not jvm.answers(host, port):
        raise SparkLost(f"No Spark Connect server answers at {host}:{port}.")


def _hush() -> None:
    """Keeps what pyspark and py4j tell of themselves out of the commands' output."""
    warnings.filterwarnings("ignore", module=r"pyspark\.")
    logging.getLogger().addFilter(lambda record: "py4j" not in record.pathname)
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True
