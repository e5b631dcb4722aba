"""Who we are to Databricks: the headers that go along with each request.

A plain token is a header and nothing else.  Every other login that `databricks-sdk` knows (OAuth,
CLI, Azure, Google, …) is asked of it in a worker thread, since it blocks; only those who need it
import it.
"""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from logging import getLogger
from typing import TYPE_CHECKING, Any

import trio

from ..errors import DatabricksError, DatabricksUnreachable, NotAllowed, NotConfigured, ToolkitError
from .scrubbing import HIDDEN, Scrubber

if TYPE_CHECKING:
    from databricks.sdk.core import Config

log = getLogger(__name__)

# Seconds that headers are used before they are asked for again.  The SDK hands out tokens with at
# least 40 seconds to live, so one taken less than 30 seconds ago is still good when it arrives.
HEADERS_AGE = 30.0
LOGIN_PATIENCE = 60.0  # seconds; some logins wait for a command line program or a browser
# Seconds that the SDK may try to read the host's metadata; its own 300 outlast any caller.
METADATA_PATIENCE = 10
# What the SDK raises for an answer that is no OAuth error: a gateway's page, half a JSON; and for
# those that tell of a fault that passes.
_NO_REFUSAL = re.compile(
    r"b['\"]|unknown: unknown|Not supported yet: |(temporarily_unavailable|server_error): "
)


class Credentials(ABC):
    """A login to one workspace."""

    @abstractmethod
    async def headers(self) -> Mapping[str, str]:
        """The headers that prove who we are.

        Raises:
          NotConfigured: there is no usable login.
          NotAllowed: the login was refused.
          DatabricksUnreachable: whoever hands out the login did not answer.
        """

    def rejected(self, headers: Mapping[str, str]) -> bool:  # noqa: ARG002 - for those who refresh
        """Note that Databricks answered 401 to these headers.

        Returns:
          Whether `headers()` may now give others.
        """
        return False

    async def host(self) -> str:
        """The workspace that this login names, or empty if it names none."""
        return ""


class StaticToken(Credentials):
    """A personal access token, or any other bearer token that is good for as long as we live."""

    def __init__(self, token: str) -> None:
        """Take a token.

        Raises:
          NotConfigured: it is empty, or not one line of printable ASCII.
        """
        token = token.strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise NotConfigured(
                "The token is empty, or holds characters that no token has.",
                advice="Set DATABRICKS_TOKEN to a personal access token, on one line.",
            )
        self._headers = {"Authorization": f"Bearer {token}"}

    def __repr__(self) -> str:
        return f"<StaticToken {HIDDEN}>"

    async def headers(self) -> Mapping[str, str]:
        """The header, at once."""
        return self._headers


class SdkCredentials(Credentials):
    """Any login that `databricks.sdk.core.Config` can resolve.

    Args:
      options: keywords of `Config` (`host`, `profile`, `client_id`, `auth_type`, …); what is
        missing it takes from the environment and `~/.databrickscfg`.
    """

    patience = LOGIN_PATIENCE

    def __init__(self, **options: Any) -> None:
        self._options = {name: value for name, value in options.items() if value is not None}
        self._config: Config | None = None
        self._headers: Mapping[str, str] | None = None
        self._taken_at = 0.0
        self._one_asks = trio.Lock()
        # Held in the thread: one that was given up on goes on, and the next waits for its findings.
        self._one_thread = threading.Lock()
        self._scrubber = Scrubber()
        self._scrubber.learn(self._options)

    def __repr__(self) -> str:
        if self._config is None:
            return "<SdkCredentials, not logged in yet>"
        return f"<SdkCredentials {self._config.auth_type} on {self._config.host}>"

    async def headers(self) -> Mapping[str, str]:
        """The headers, asked for in a thread when the last have aged; one asks, the others wait.

        If cancelled, the thread goes on to its end and its result is not used.
        """
        if self._fresh():
            assert self._headers is not None
            return self._headers
        async with self._one_asks:
            if not self._fresh():
                await self._refresh()
        assert self._headers is not None
        return self._headers

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """Forget these headers, unless somebody has done so already, and log in from the start.

        The SDK keeps a token as long as it was said to live, whatever Databricks says of it now.
        """
        if headers is self._headers:
            self._headers = self._config = None
        return True

    async def host(self) -> str:
        """The workspace's address as the login resolves it."""
        await self.headers()
        return self._config.host or "" if self._config else ""

    def _fresh(self) -> bool:
        return self._headers is not None and trio.current_time() - self._taken_at < HEADERS_AGE

    async def _refresh(self) -> None:
        try:
            headers = await self._ask()
        except DatabricksUnreachable as error:
            if self._headers is None:
                raise
            # The old ones may well be good for a while, and a 401 will tell if they are not.
            log.warning("The login could not be refreshed, the last one is kept: %s", error)
        else:
            self._headers = headers
        self._taken_at = trio.current_time()

    async def _ask(self) -> Mapping[str, str]:
        try:
            with trio.fail_after(self.patience):
                return await trio.to_thread.run_sync(self._authenticate, abandon_on_cancel=True)
        except trio.TooSlowError:
            raise DatabricksUnreachable(
                f"Logging in took longer than {self.patience:g} seconds.",
                advice="Check the network, and whether the login waits for a browser or terminal.",
            ) from None
        except ToolkitError:
            raise
        except Exception as error:  # the SDK raises what its many logins raise
            explained = self._explained(error)
        raise explained  # out here, lest the SDK's error be its context, with all that is in there

    def _authenticate(self) -> Mapping[str, str]:
        """Log in, in a worker thread."""
        with self._one_thread:
            config = self._config = self._config or self._resolve()
            headers = dict(config.authenticate())
            if config.workspace_id:
                headers.setdefault("X-Databricks-Workspace-Id", str(config.workspace_id))
            return headers

    def _resolve(self) -> Config:
        try:
            from databricks.sdk.core import Config  # noqa: PLC0415 - a second, and an extra
        except ImportError:
            raise NotConfigured(
                "This login needs databricks-sdk, which is not installed.",
                advice='pip install "databricks-mcp-toolkit[auth]", or set DATABRICKS_TOKEN.',
            ) from None
        try:
            return Config(
                **{"retry_timeout_seconds": METADATA_PATIENCE, **self._options},
                product="databricks-mcp-toolkit",
            )
        except ValueError as error:
            # What it found to be missing, contradictory or unreadable.
            found = self._one_line(error)
        raise NotConfigured(
            f"No login could be made of the configuration: {found}",
            advice="Set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile.",
        )

    def _explained(self, error: Exception) -> DatabricksError:
        text = self._one_line(error)
        # Whatever the SDK's HTTP library raises is an OSError; so is a program that cannot be run.
        if isinstance(error, OSError) or _NO_REFUSAL.match(text):
            return DatabricksUnreachable(
                f"Logging in failed: {text}",
                advice="Check the network and the workspace's address.",
            )
        return NotAllowed(
            f"The login was refused: {text}",
            status=401,
            advice="Check the login's id and secret, or log in again.",
        )

    def _one_line(self, error: Exception) -> str:
        return " ".join(self._scrubber.clean(str(error)).split())[:500]
