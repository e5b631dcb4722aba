"""What goes over the wire: routes, calls, responses, and Databricks' two ways to say no.

A service lists its `Route`s; the app finds the one that a request asks for, checks the token, and
hands the handler a `Call`.  A handler returns a JSON object (a dict) or a `Response`, or raises
`Refusal`, which the app renders in the envelope of the route's API family:

    2.x   {"error_code": "INVALID_STATE", "message": "...", "details": [...]}
    sql   likewise, and `details` tells the id of the request
    1.2   {"error": "ExceptionClass: text"}

A handler changes state without awaiting in between, and starts lasting work in the workspace's
nursery: its caller may vanish at any await, as a client of a real server may.
"""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, TypeVar, cast
from urllib.parse import parse_qsl

from attrs import field, frozen
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File

from .shapes import Misshapen, parsed

Api = Literal["2.x", "sql", "1.2", "raw"]
T = TypeVar("T")
_REQUIRED: Any = object()
_INVALID_JSON = "Invalid JSON given in the body of the request"


def error_info(reason: str) -> dict[str, Any]:
    """An entry of a refusal's `details` that says why in a word that programs read."""
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": reason, "domain": "", "metadata": {}}


class Refusal(Exception):
    """The service says no.

    Attributes:
      status: the HTTP status.
      error_code: Databricks' code (`INVALID_STATE`); under API 1.2, the exception class that its
        text starts with.  An int where Databricks sends an int (a bad token's 403).
      message: what a person reads.
      details: the `details` array of the 2.x envelope.
      headers: further response headers, such as `Retry-After`.
    """

    def __init__(
        self,
        status: int,
        error_code: str | int,
        message: str,
        details: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = error_code
        self.message = message
        self.details = tuple(details)
        self.headers = dict(headers or {})

    @classmethod
    def invalid(cls, message: str) -> Refusal:
        """400 `INVALID_PARAMETER_VALUE`."""
        return cls(400, "INVALID_PARAMETER_VALUE", message)

    @classmethod
    def missing(cls, message: str) -> Refusal:
        """404 `RESOURCE_DOES_NOT_EXIST`."""
        return cls(404, "RESOURCE_DOES_NOT_EXIST", message)

    @classmethod
    def exists(cls, message: str) -> Refusal:
        """400 `RESOURCE_ALREADY_EXISTS`."""
        return cls(400, "RESOURCE_ALREADY_EXISTS", message)

    @classmethod
    def invalid_state(
        cls, message: str, reason: str = "CM_API_ERROR_SOURCE_CALLER_ERROR"
    ) -> Refusal:
        """400 `INVALID_STATE`, with the ErrorInfo that comes along."""
        return cls(400, "INVALID_STATE", message, [error_info(reason)])

    @classmethod
    def field(
        cls, name: str, message: str, code: str = "INVALID_PARAMETER_VALUE", says: str = ""
    ) -> Refusal:
        """400, naming the field that is wrong; `says` is what is said of it, if not the message."""
        violation = {"field": name, "description": says or message}
        bad_request = {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "field_violations": [violation],
        }
        return cls(400, code, message, [bad_request])

    def envelope(self, api: Api, request_id: str = "") -> dict[str, Any]:
        """The body, as `api`'s family words it."""
        if api == "1.2":
            return {"error": f"{self.error_code}: {self.message}"}
        body: dict[str, Any] = {"error_code": self.error_code, "message": self.message}
        details = list(self.details)
        if api == "sql" and isinstance(self.error_code, str):
            request = {"request_id": request_id, "serving_data": ""}
            details.append({"@type": "type.googleapis.com/google.rpc.RequestInfo", **request})
        if details:
            body["details"] = details
        return body


@frozen
class Response:
    """An HTTP response that is more than a JSON object with status 200."""

    content: bytes = b""
    status: int = 200
    media_type: str = "application/octet-stream"
    headers: Mapping[str, str] = field(factory=dict)

    @classmethod
    def json(
        cls, body: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """`body` as JSON."""
        return cls(encode(body), status, "application/json", dict(headers or {}))

    @classmethod
    def empty(cls, status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
        """No body at all."""
        return cls(b"", status, "", dict(headers or {}))


def encode(body: Any) -> bytes:
    """`body` as compact JSON."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


@frozen
class FormField:
    """One part of a multipart body: its bytes, and the file name if the client gave one."""

    content: bytes
    file_name: str | None = None

    @property
    def text(self) -> str:
        """The part as text."""
        return self.content.decode("utf-8", "replace")


@frozen(slots=False)
class Call:
    """One request, parsed as far as every handler needs it.

    `path_params` and query values are percent-decoded.  Header names are in lower case.  The
    getters (`text`, `integer`, ...) look where the client may have put an argument, path first,
    then body, then query, and refuse with `INVALID_PARAMETER_VALUE` what does not fit.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    path_params: Mapping[str, str] = field(factory=dict)
    query_string: str = ""
    content: bytes = field(default=b"", repr=False)
    user_name: str = ""
    base_url: str = ""
    """`scheme://authority` as the client sees this workspace, for absolute links."""
    request_id: str = ""
    """As the answer's `X-Request-Id` has it."""

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """Query values by name; a repeated key keeps all its values."""
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query_string, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object of the body; empty when there is none."""
        if not self.content.strip():
            return {}
        if self.is_multipart:
            return {name: part.text for name, part in self.form.items()}
        try:
            body = json.loads(self.content)
        except ValueError:
            raise Refusal(
                400, "MALFORMED_REQUEST", f"{_INVALID_JSON} - failed to parse given JSON"
            ) from None
        if not isinstance(body, dict):
            raise Refusal(400, "MALFORMED_REQUEST", f"{_INVALID_JSON} - expected a map")
        try:
            return parsed(body)
        except Misshapen as fault:
            message = f"Could not parse request object: {fault}"
            raise Refusal(400, "MALFORMED_REQUEST", message) from None

    @property
    def is_multipart(self) -> bool:
        """Whether the body came as `multipart/form-data`."""
        return self.headers.get("content-type", "").lower().startswith("multipart/form-data")

    @cached_property
    def form(self) -> dict[str, FormField]:
        """The parts of a multipart body by name."""
        parts: dict[str, FormField] = {}

        def keep(part: Field | File) -> None:
            name = (part.field_name or b"").decode()
            if isinstance(part, Field):
                parts[name] = FormField(part.value or b"")
            else:
                part.file_object.seek(0)
                content = part.file_object.read()
                parts[name] = FormField(content, (part.file_name or b"").decode())
                part.close()

        head = {"Content-Type": self.headers.get("content-type", "").encode()}
        try:
            parse_form(head, io.BytesIO(self.content), keep, keep)
        except FormParserError:
            raise Refusal(400, "MALFORMED_REQUEST", "Could not parse the multipart body.") from None
        return parts

    def argument(self, name: str) -> Any:
        """The argument `name` as it came, wherever it came; None when it did not."""
        if name in self.path_params:
            return self.path_params[name]
        if self.content and name in self.body:
            return self.body[name]
        values = self.query.get(name)
        return values[0] if values else None

    def text(self, name: str, default: str | Any = _REQUIRED) -> str:
        """The argument `name` as text; refuses when it is missing and has no default."""
        value = self.argument(name)
        if value is None or (value == "" and default is _REQUIRED):
            return cast("str", _or_required(name, default))
        return value if isinstance(value, str) else str(value)

    def integer(self, name: str, default: int | Any = _REQUIRED) -> int:
        """The argument `name` as an int64; digits in a string are as good."""
        value = self.argument(name)
        if value is None or value == "":
            return cast("int", _or_required(name, default))
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Refusal.invalid(f"Could not parse {name}: {value!r} is not an integer.") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """The argument `name` as a boolean; `True`, `true` and true are the same."""
        value = self.argument(name)
        if value is None:
            return default
        if str(value).lower() not in {"true", "false"}:
            raise Refusal.invalid(f"Could not parse {name}: {value!r} is not a boolean.")
        return str(value).lower() == "true"

    def texts(self, name: str) -> list[str]:
        """A list argument: a JSON array, or a query key repeated."""
        value = self.body.get(name) if self.content else None
        if value is None:
            return list(self.query.get(name, []))
        if not isinstance(value, list):
            raise Refusal.invalid(f"{name} must be a list.")
        return [str(item) for item in value]

    def choice(self, name: str, choices: Iterable[str], default: str | Any = _REQUIRED) -> str:
        """The argument `name`, which must be one of `choices`."""
        value = self.text(name, default)
        known = list(choices)
        if value not in known and value != default:
            raise Refusal.invalid(f"{name} {value!r} is not one of {', '.join(known)}.")
        return value


Handler = Callable[[Call], Awaitable[dict[str, Any] | Response]]


@frozen
class Route:
    """One endpoint: method, path template, handler, and the family whose envelope it speaks.

    A template's `{name}` takes one segment; `{name:path}`, only at the end, takes the rest (without
    the slash before it).  `public` endpoints are answered without a token.
    """

    method: str
    path: str
    handler: Handler
    api: Api = "2.x"
    public: bool = False


def page_of(items: Sequence[T], page_token: str, size: int) -> tuple[Sequence[T], dict[str, str]]:
    """One page of `items`, and the tokens that lead on from it.

    Args:
      items: everything there is, in its order.
      page_token: as a client sent it; empty for the first page.
      size: how many fit on a page (already checked against the endpoint's limits).

    Returns:
      The page, and a dict with `next_page_token` and `prev_page_token` where they exist.
    """
    try:
        start = int(page_token.removeprefix("p") or "0", 16)
    except ValueError:
        raise Refusal.invalid("Invalid page token.") from None
    tokens: dict[str, str] = {}
    if start + size < len(items):
        tokens["next_page_token"] = f"p{start + size:x}"
    if start > 0:
        tokens["prev_page_token"] = f"p{max(start - size, 0):x}"
    return items[start : start + size], tokens


def _or_required(name: str, default: Any) -> Any:
    if default is _REQUIRED:
        raise Refusal.invalid(f"Missing required field: {name}")
    return default
