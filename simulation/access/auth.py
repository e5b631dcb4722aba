"""Who may call: tokens, OAuth machine-to-machine, and host metadata.

Wire facts: `/.well-known/databricks-config` is read by every SDK before anything else, and OAuth
does not work without it.  A bad token is refused with 403 and an *integer* `error_code`, and so is
a personal one that has expired; an OAuth token that has expired, with 401.  https://docs.databricks.com/en/dev-tools/auth/oauth-m2m.html
"""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import parse_qs

from attrs import frozen

from ..wire import Call, Refusal, Response, Route
from ..world import World

TOKEN_LIFE = 3600.0  # seconds that an OAuth token lasts
OAUTH = "eyJzaW11bGF0ZWQi"  # how one begins; it is no more than a random number


@frozen
class Grant:
    """Whom a token stands for, and until when (seconds since the workspace started)."""

    user_name: str
    expires: float = float("inf")


class Auth:
    """The workspace's doorkeeper.

    Attributes:
      token_life: seconds that tokens handed out from now on last.
    """

    def __init__(self, world: World, token: str, client_id: str, client_secret: str) -> None:
        self._world = world
        self._client = (client_id, client_secret)
        self.token_life = TOKEN_LIFE
        self._grants: dict[str, Grant] = {token: Grant(world.user_name)}

    def __repr__(self) -> str:
        return f"<Auth, {len(self._grants)} tokens>"

    def routes(self) -> list[Route]:
        """Discovery and tokens."""
        return [
            Route("GET", "/.well-known/databricks-config", self.describe_host, "raw", public=True),
            Route(
                "GET",
                "/oidc/.well-known/oauth-authorization-server",
                self.describe_endpoints,
                "raw",
                public=True,
            ),
            Route("POST", "/oidc/v1/token", self.issue_token, "raw", public=True),
        ]

    def admit(self, call: Call) -> str:
        """The name of the user whose token came with `call`; refuses everyone else."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":  # `token` and a personal access token, as `curl --netrc` sends
            login, token = _basic(call) or ("", "")
            kind = "bearer" if login == "token" else kind
        if kind.lower() != "bearer" or not token:
            message = "Credential was not sent or was of an unsupported type for this API."
            raise Refusal(401, 401, message)
        token = token.strip()
        grant = self._grants.get(token)
        expired = grant is not None and grant.expires <= self._world.now()
        if grant is None or (expired and not token.startswith(OAUTH)):
            message = "Invalid access token."
            raise Refusal(403, 403, message, headers={"X-Databricks-Reason-Phrase": message})
        if expired:
            message = "Access token has expired."
            raise Refusal(401, 401, message, headers={"X-Databricks-Reason-Phrase": message})
        return grant.user_name

    def grant(self, user_name: str, lifetime: float | None = None) -> str:
        """A new personal access token of `user_name`, good for `lifetime` seconds or for ever."""
        token = f"dapi{secrets.token_hex(16)}"
        expires = float("inf") if lifetime is None else self._world.now() + lifetime
        self._grants[token] = Grant(user_name, expires)
        return token

    def revoke(self, token: str) -> None:
        """Lets `token` open nothing from now on."""
        self._grants.pop(token, None)

    def expire_tokens(self) -> None:
        """Lets every OAuth token handed out so far expire now; personal tokens stay good."""
        for token, grant in self._grants.items():
            if token.startswith(OAUTH):
                self._grants[token] = Grant(grant.user_name, 0.0)

    async def describe_host(self, call: Call) -> dict[str, Any]:
        """The host metadata document."""
        return {
            "oidc_endpoint": f"{call.base_url}/oidc",
            "account_id": self._world.account_id,
            "workspace_id": self._world.workspace_id,
            "cloud": "AWS",
        }

    async def describe_endpoints(self, call: Call) -> dict[str, Any]:
        """The OAuth discovery document."""
        return {
            "issuer": f"{call.base_url}/oidc",
            "authorization_endpoint": f"{call.base_url}/oidc/v1/authorize",
            "token_endpoint": f"{call.base_url}/oidc/v1/token",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    async def issue_token(self, call: Call) -> Response:
        """A token for client id and secret, given by HTTP Basic or in the form."""
        form = {name: values[0] for name, values in parse_qs(call.content.decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type", "Only client_credentials is known.")
        client_id, client_secret = _basic(call) or (
            form.get("client_id"),
            form.get("client_secret"),
        )
        if (client_id, client_secret) != self._client:
            return _oauth_error(401, "invalid_client", "Client authentication failed.")
        # Three parts, as a JSON web token has, since clients know one by its shape.
        token = f"{OAUTH}.{self._world.new_hex(40)}.{self._world.new_hex(20)}"
        self._grants[token] = Grant(self._client[0], self._world.now() + self.token_life)
        return Response.json(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": int(self.token_life),
                "scope": form.get("scope", "all-apis"),
            }
        )


def _basic(call: Call) -> tuple[str, str] | None:
    kind, _, credentials = call.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(credentials).decode().partition(":")
    except ValueError:
        return None
    return client_id, secret


def _oauth_error(status: int, error: str, description: str) -> Response:
    return Response.json({"error": error, "error_description": description}, status)
