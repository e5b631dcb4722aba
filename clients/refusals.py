"""What an error answer says, in whichever of Databricks' seven formats, as an error of our tree.

The formats: the standard envelope, that of API 1.2, SCIM's, plain text, HTML, nothing at all, and
rubbish.  `refusal` never fails: the worst answer still has an HTTP status.

https://docs.databricks.com/api/workspace/introduction
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import attrs

from ..errors import (
    ClusterNotReady,
    ContextLost,
    DatabricksError,
    DatabricksRefused,
    NotAllowed,
    NotFound,
    RateLimited,
)
from .endpoint import Endpoint
from .retry import Trouble

LONGEST_MESSAGE = 2000  # characters; a stack trace from the other side helps nobody here
LONGEST_PAGE = 16_000  # characters of a page or text that are looked at
DEEPEST = 6  # levels of `details` that are kept; Databricks' have three

_CODE_AND_TEXT = re.compile(r"([A-Z][A-Z0-9_]{2,}): (.+)", re.DOTALL)
_PRE_OR_TITLE = re.compile(r"<(pre|title)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")

# A thing that is not there is a 400 here: https://docs.databricks.com/api/workspace/clusters/get
_NO_SUCH_THING = re.compile(
    r"\b(cluster|job|run):? \S+ (in job: \S+ )?(does not|doesn't) exist", re.IGNORECASE
)
# The ways in which 1.2 has been seen to say that a context, and whatever was in it, is gone.
_CONTEXT_GONE = re.compile(
    r"contextnotfound"
    r"|context\b.{0,120}\b"
    r"(not found|does not exist|doesn't exist|is invalid|expired|disconnected|no longer)"
    r"|cluster \S+ is in unexpected state (?!running|resizing)"
    r"|cluster \S+ (does not|doesn't) exist",
    re.IGNORECASE | re.DOTALL,
)
_NOT_READY = re.compile(r"ClusterNotReadyException|unknown worker environment", re.IGNORECASE)
_TOO_SLOW_THERE = re.compile(r"try again later or try a faster operation", re.IGNORECASE)
_WRONG_STATE = re.compile(r"unexpected state", re.IGNORECASE)
_TOKEN_BUCKET = re.compile(r"token bucket limit has been exceeded", re.IGNORECASE)
_THROTTLED = frozenset({"REQUEST_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"})
_MISSING = frozenset({"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"})

ADVICE: Mapping[str, str] = {
    "401": "Check the login: the token may have expired, or be of another workspace.",
    "403": "Check DATABRICKS_TOKEN if the login itself was refused; else ask for the permission.",
    "404": "Check the id or path, and that it is of this workspace.",
    "429": "Wait a minute, and ask for fewer things at once.",
    "ENDPOINT_NOT_FOUND": "Check that DATABRICKS_HOST is a workspace, and not an account console.",
    "INVALID_STATE": "Look at its state first: what you asked for does not fit it.",
    "PERMISSION_DENIED": "Ask for the permission, or use another login.",
    "not ready": "Look at the cluster: if it restarts or is stopped, its contexts are gone.",
    "5xx": "Databricks had a fault of its own; try again later.",
}


@attrs.frozen
class Complaint:
    """What stands in an error answer, before it is known what it means."""

    message: str
    error_code: str = ""
    details: tuple[Any, ...] = ()
    # The service itself spoke, and not something in front of it.
    enveloped: bool = False
    # In the words of API 1.2: an exception's name and text, whatever the status.
    exception: bool = False


@attrs.frozen
class Refusal:
    """An error answer understood: what to raise, and which row of the retry table it is."""

    error: DatabricksError
    trouble: Trouble


def refusal(
    endpoint: Endpoint,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    clean: Callable[[str], str],
) -> Refusal:
    """Understand an answer whose status is not 2xx.

    Args:
      endpoint: what was asked.
      status: the HTTP status.
      headers: the answer's headers.
      body: the answer's body, of any format or none.
      clean: takes secrets out of a text.
    """
    said = complaint(status, headers, body)
    # Cleaned before it is cut: half a secret is none that could be recognised.
    message = _one_line(clean(said.message[:LONGEST_PAGE])) or _phrase(status)
    trouble = _trouble(said, status, "retry-after" in headers)
    names_a_context = _names_a_context(endpoint)
    if (
        names_a_context
        and trouble is not Trouble.THROTTLED
        and _context_is_gone(endpoint, said, status)
    ):
        return Refusal(
            ContextLost(
                f"The execution context is gone: {message}",
                advice="Its variables are lost. Open a new context and run again what you need.",
            ),
            Trouble.REFUSED,
        )
    family = _family(said, status, trouble)
    if trouble is Trouble.NOT_READY and names_a_context:
        # Not asked again here: the context may be gone with the driver that it lived in, and
        # whoever asked must know soon.  A cluster that only just came up has no contexts yet.
        family, trouble = ClusterNotReady, Trouble.REFUSED
    error = family(
        message,
        status=status,
        error_code=said.error_code,
        request_id=clean(_request_id(headers, said.details)),
        details=[_cleaned(detail, clean) for detail in said.details],
        advice=ADVICE["not ready"] if family is ClusterNotReady else _advice(said, status),
    )
    return Refusal(error, trouble)


def complaint(status: int, headers: Mapping[str, str], body: bytes) -> Complaint:
    """Read an error answer of any format."""
    reason = headers.get("x-databricks-reason-phrase") or _phrase(status)
    text = body.decode("utf-8", errors="replace").strip()
    if not text:
        return Complaint(reason)
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return _from_text(text, reason)
    if not isinstance(decoded, dict):
        return _from_text(text, reason)
    return _from_json(decoded, reason)


def _from_json(said: Mapping[str, Any], reason: str) -> Complaint:
    details = said.get("details")
    kept = tuple(details) if isinstance(details, list) else ()
    if "error_code" in said or "message" in said:
        return Complaint(
            _text(said.get("message")) or reason,
            _text(said.get("error_code")),
            kept,
            enveloped=True,
        )
    if isinstance(said.get("error"), str):
        text = said["error"]
        if described := _text(said.get("error_description")):
            text = f"{text}: {described}"
        return Complaint(text or reason, enveloped=True, exception=True)
    if isinstance(said.get("error"), dict):
        return _from_json({"message": reason} | said["error"], reason)
    if "detail" in said:
        code = f"SCIM_{_text(said.get('status'))}" if said.get("status") else ""
        return Complaint(_text(said["detail"]) or reason, code, enveloped=True)
    return Complaint(f"{reason}, with an answer that does not say why")


def _from_text(whole: str, reason: str) -> Complaint:
    text = whole[:LONGEST_PAGE]
    if text.startswith("<"):
        found = _PRE_OR_TITLE.search(text)
        inner = html.unescape(_TAG.sub(" ", found[2])).strip() if found else ""
        return Complaint(inner or f"{reason}, with a page that does not say why")
    if text.startswith(("{", "[")):
        return Complaint(f"{reason}, with an answer that cannot be read")
    if found := _CODE_AND_TEXT.match(text):
        return Complaint(found[2], found[1], enveloped=True)
    return Complaint(text)


def _trouble(said: Complaint, status: int, asks_to_wait: bool) -> Trouble:
    if status == 429 or said.error_code in _THROTTLED or _TOKEN_BUCKET.search(said.message):
        return Trouble.THROTTLED
    if _NOT_READY.search(said.message):
        return Trouble.NOT_READY
    if status == 503:
        # A gateway may say 503 although the service behind it has acted; the service itself, or
        # somebody who says when to come again, has not begun.
        return Trouble.NOT_NOW if said.enveloped or asks_to_wait else Trouble.LOST
    if status in (502, 504, 408) or _TOO_SLOW_THERE.search(said.message):
        return Trouble.LOST
    if status >= 500 and status != 501 and not said.exception:
        return Trouble.BROKEN
    return Trouble.REFUSED


def _family(said: Complaint, status: int, trouble: Trouble) -> type[DatabricksRefused]:
    if trouble is Trouble.THROTTLED:
        return RateLimited
    if status in (401, 403):
        return NotAllowed
    if said.error_code == "ENDPOINT_NOT_FOUND" or said.message.startswith("Bad Target"):
        return DatabricksRefused
    if status == 404 or said.error_code in _MISSING or said.error_code.endswith("_DOES_NOT_EXIST"):
        return NotFound
    if said.error_code == "INVALID_PARAMETER_VALUE" and _NO_SUCH_THING.search(said.message):
        return NotFound
    return DatabricksRefused


def _advice(said: Complaint, status: int) -> str:
    if said.message.startswith("Bad Target"):
        return ADVICE["ENDPOINT_NOT_FOUND"]
    if _WRONG_STATE.search(said.message):
        return ADVICE["INVALID_STATE"]
    return (
        ADVICE.get(said.error_code)
        or ADVICE.get(str(status))
        or (ADVICE["5xx"] if status >= 500 else "")
    )


def _cleaned(value: Any, clean: Callable[[str], str], level: int = 0) -> Any:
    if isinstance(value, str):
        return clean(value)
    if level == DEEPEST:
        return None
    if isinstance(value, dict):
        return {clean(name): _cleaned(part, clean, level + 1) for name, part in value.items()}
    if isinstance(value, list):
        return [_cleaned(part, clean, level + 1) for part in value]
    return value


def _names_a_context(endpoint: Endpoint) -> bool:
    return endpoint.path.startswith("/api/1.2/") and not endpoint.path.endswith("/contexts/create")


def _context_is_gone(endpoint: Endpoint, said: Complaint, status: int) -> bool:
    if status in (401, 403):
        return False
    if _CONTEXT_GONE.search(said.message):
        return True
    # 404 about the context itself; about a command, it may be the command that is not there.
    return status == 404 and "/contexts/" in endpoint.path


def _request_id(headers: Mapping[str, str], details: tuple[Any, ...]) -> str:
    for name in ("x-request-id", "x-databricks-request-id"):
        if name in headers:
            return headers[name]
    for detail in details:
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith("RequestInfo"):
            return _text(detail.get("request_id"))
    return ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _phrase(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _one_line(text: str) -> str:
    printable = "".join(each if each.isprintable() else " " for each in text)
    line = " ".join(printable.split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}…"
