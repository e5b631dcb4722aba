"""Personal access tokens 2.0: made, listed and revoked; an expired one is refused like a bad one.

https://docs.databricks.com/api/workspace/tokens
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from ..wire import Call, Refusal, Route
from ..world import World
from .auth import Auth

FOREVER = -1  # the expiry of a token that has none


@frozen
class Token:
    """One that was made here, without its value, which is told once."""

    token_id: str
    owner: str
    comment: str
    creation_time: int
    expiry_time: int

    def wire(self) -> dict[str, Any]:
        """As `token_info` has it."""
        return {
            "token_id": self.token_id,
            "creation_time": self.creation_time,
            "expiry_time": self.expiry_time,
            "comment": self.comment,
        }


class Tokens:
    """`/api/2.0/token`: each caller's own tokens, beside the one that the workspace began with."""

    def __init__(self, world: World, auth: Auth) -> None:
        self._world = world
        self._auth = auth
        self._tokens: dict[str, tuple[Token, str]] = {}

    def __repr__(self) -> str:
        return f"<Tokens, {len(self._tokens)}>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("POST", "/api/2.0/token/create", self.create),
            Route("GET", "/api/2.0/token/list", self.list_own),
            Route("POST", "/api/2.0/token/delete", self.delete),
        ]

    async def create(self, call: Call) -> dict[str, Any]:
        """`token/create`: for `lifetime_seconds`, or for ever."""
        lifetime = call.integer("lifetime_seconds", FOREVER)
        if lifetime <= 0 and lifetime != FOREVER:
            raise Refusal.invalid("lifetime_seconds must be positive.")
        now = self._world.now_ms()
        token = Token(
            self._world.new_hex(64),
            call.user_name,
            call.text("comment", ""),
            now,
            FOREVER if lifetime == FOREVER else now + 1000 * lifetime,
        )
        value = self._auth.grant(call.user_name, None if lifetime == FOREVER else lifetime)
        self._tokens[token.token_id] = token, value
        return {"token_value": value, "token_info": token.wire()}

    async def list_own(self, call: Call) -> dict[str, Any]:
        """`token/list`: those of the caller that have not expired."""
        now = self._world.now_ms()
        return {
            "token_infos": [
                token.wire()
                for token, _ in self._tokens.values()
                if token.owner == call.user_name
                and (token.expiry_time == FOREVER or token.expiry_time > now)
            ]
        }

    async def delete(self, call: Call) -> dict[str, Any]:
        """`token/delete`: it opens nothing from now on."""
        token_id = call.text("token_id")
        token, value = self._tokens.get(token_id, (None, ""))
        if token is None or token.owner != call.user_name:
            raise Refusal.missing(f"Token with id {token_id} does not exist.")
        del self._tokens[token_id]
        self._auth.revoke(value)
        return {}
