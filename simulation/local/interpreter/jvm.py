"""The Java process behind a real Spark of this machine: how it is started, and what becomes of it.

It is a child of the interpreter, in its process group, so it ends with its context.  What it has to
say goes to a log of its own, never into a command's output.
"""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

CORES = 2  # a context is one of many on this machine
STARTS_WITHIN = 120.0  # seconds; a loaded laptop takes twenty
LOG_SHOWN = 2_000  # characters of the log's end, where a start fails
CONNECT_SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"  # noqa: S105 (where both sides look for it)


class SparkLost(Exception):
    """The Spark behind `spark` is gone, or never came."""


def java() -> bool:
    """Whether there is a Java to run Spark on."""
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java") or (home and Path(home, "bin", "java").is_file()))


def settings(scratch: Path, master: str) -> dict[str, str]:
    """How Spark is set up: small, quiet, for this machine only, and in UTC as on Databricks."""
    return {
        "spark.master": master,
        "spark.app.name": "local engine",
        "spark.driver.host": "localhost",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.local.dir": str(scratch),
        # Without checksum files beside each file: others here write as well, and keep none.
        "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(CORES),
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # what other readers expect
    }


@frozen
class Jvm:
    """A running Java process.

    Attributes:
      process: it.
      log: what it wrote to stdout and stderr.
    """

    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path

    def epitaph(self) -> str | None:
        """How it ended, if it has."""
        code = self.process.poll()
        if code is None:
            return None
        how = f"was killed by signal {-code}" if code < 0 else f"exited with code {code}"
        return f"The Java process behind `spark` {how}. Make a new execution context."

    def failed(self, error: BaseException | None = None) -> SparkLost:
        """The error of one that did not come up, with the end of its log."""
        self.process.kill()
        said = self.log.read_text("utf-8", "replace").strip()[-LOG_SHOWN:]
        return SparkLost(f"Spark did not start. {error or ''}\n{said}".strip())


def start_classic(scratch: Path) -> Jvm:
    """A JVM that py4j talks to, as pyspark's own; the next session uses it.

    Raises:
      SparkLost: Java would not start.
    """
    pyspark = importlib.import_module("pyspark")
    gateway = importlib.import_module("pyspark.java_gateway")
    conf = pyspark.SparkConf().setAll(list(settings(scratch, f"local[{CORES}]").items()))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    log = scratch / f"spark-{os.getpid()}.log"
    with log.open("wb") as written:
        try:
            launched = gateway.launch_gateway(conf, {"stdout": written, "stderr": written})
        except Exception as error:
            said = log.read_text("utf-8", "replace").strip()[-LOG_SHOWN:]
            raise SparkLost(f"Spark did not start. {error}\n{said}".strip()) from error
    pyspark.SparkContext._ensure_initialized(gateway=launched, conf=conf)
    return Jvm(launched.proc, log)


def start_connect_server(scratch: Path, master: str) -> tuple[Jvm, str]:
    """A Spark Connect server for this process alone, and its URL.

    It listens on the loopback interface and wants a token, which this process has.

    Raises:
      SparkLost: it did not come up.
    """
    os.environ[TOKEN] = secrets.token_urlsafe(24)
    port = _free_port()
    conf = settings(scratch, master) | {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
    }
    jvm = launch(CONNECT_SERVER, conf, scratch)
    deadline = time.monotonic() + STARTS_WITHIN
    while not answers("127.0.0.1", port):
        if jvm.process.poll() is not None or time.monotonic() > deadline:
            raise jvm.failed()
        time.sleep(0.1)
    return jvm, f"sc://localhost:{port}"


def launch(main: str, conf: Mapping[str, str], scratch: Path) -> Jvm:
    """Runs a Java class of the pyspark package by its `spark-submit`."""
    found: Any = importlib.import_module("pyspark.find_spark_home")
    submit = Path(found._find_spark_home(), "bin", "spark-submit")
    told = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_CONNECT_MODE": "0"}
    environment.pop("SPARK_REMOTE", None)
    log = scratch / f"spark-{os.getpid()}.log"
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 (pyspark's own script)
            [str(submit), *told, "--class", main, "spark-internal"],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            cwd=scratch,
            env=environment,
        )
    return Jvm(process, log)


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=5.0).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
