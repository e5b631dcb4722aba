"""A Python exception as a Databricks notebook shows it: a summary line, and a coloured traceback.

Only the user's frames and those of libraries are told; the interpreter's own are left out.
"""

from __future__ import annotations

import html
import linecache
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from attrs import frozen

RED, GREEN, PLAIN = "\x1b[0;31m", "\x1b[0;32m", "\x1b[0m"
RULE = "-" * 75
AROUND = 2  # lines shown before and after the one that raised
OURS = str(Path(__file__).parent)
MAX_FRAMES = 40  # enough for anyone to read; a runaway recursion has a thousand


@frozen
class Failure:
    """An exception, told.

    Attributes:
      line: `ZeroDivisionError: division by zero`.
      summary: the same with the class in red, as HTML.
      trace: the whole story, with ANSI colours.
    """

    line: str
    summary: str
    trace: str


def told(error: BaseException) -> Failure:
    """`error` as Databricks shows it."""
    kind, text = type(error).__name__, _text(error)
    summary = f'<span class="ansi-red-fg">{html.escape(kind)}</span>: {html.escape(text)}'
    return Failure(f"{kind}: {text}", summary, "\n".join(_chain(error)))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a user's own __str__ may fail as well
        return "<no text: its __str__ failed>"


def _chain(error: BaseException) -> Iterator[str]:
    told_of = {id(error)}
    chain = [("", error)]
    while True:
        cause, context = error.__cause__, error.__context__
        if cause is not None:
            link = "The above exception was the direct cause of the following exception:"
            error = cause
        elif context is not None and not error.__suppress_context__:
            link = "During handling of the above exception, another exception occurred:"
            error = context
        else:
            break
        if id(error) in told_of:
            break
        told_of.add(id(error))
        chain.append((link, error))
    for link, each in reversed(chain):
        yield f"{RED}{RULE}{PLAIN}"
        yield from _one(each)
        if link:
            yield f"\n{link}\n"


def _one(error: BaseException) -> Iterator[str]:
    kind = type(error).__name__
    yield f"{RED}{kind}{PLAIN}{'Traceback (most recent call last)':>{75 - len(kind)}}"
    frames = list(_frames(error.__traceback__))
    if len(frames) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        left_out = f"    [... {len(frames) - MAX_FRAMES} frames left out ...]"
        frames = [*frames[:half], left_out, *frames[-half:]]
    yield from frames
    if isinstance(error, SyntaxError):
        yield from (line.rstrip("\n") for line in traceback.format_exception_only(error)[:-1])
    yield f"\n{RED}{kind}{PLAIN}: {_text(error)}"
    for note in getattr(error, "__notes__", ()):
        yield str(note)


def _frames(start: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(start):
        code = frame.f_code
        if code.co_filename.startswith((OURS, "<frozen")):
            continue
        function = f", in {code.co_qualname}()" if code.co_name != "<module>" else ""
        shown = [f"File {GREEN}{code.co_filename}, line {line}{PLAIN}{function}"]
        linecache.checkcache(code.co_filename)
        width = len(str(line + AROUND))
        for number in range(max(1, line - AROUND), line + AROUND + 1):
            text = linecache.getline(code.co_filename, number, frame.f_globals).rstrip()
            if number == line:
                arrow = "-" * (6 - width) + "> " if width < 5 else "> "
                shown.append(f"{GREEN}{arrow}{number:{width}}{PLAIN} {text}")
            elif text:
                shown.append(f"{'':{8 - width}}{number:{width}} {text}")
        yield "\n".join(shown)
