"""`/dbfs`, `/Volumes` and `/Workspace` as Python's own file functions see them.

On a cluster these are mounted file systems.  Here, functions that take a path are told where it
lies on this machine.  Libraries that open files past Python's `open` and `os` do not see them.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
from collections.abc import Callable
from typing import Any

from ..places import Places

MOUNTS = ("/dbfs", "/Volumes", "/Workspace")

# Functions of `os` by how many of their arguments, from the first, are paths.
TAKE_PATHS = {
    **dict.fromkeys(("open", "stat", "lstat", "listdir", "scandir", "mkdir", "rmdir"), 1),
    **dict.fromkeys(("remove", "unlink", "access", "chmod", "utime", "truncate"), 1),
    **dict.fromkeys(("rename", "replace", "link", "symlink"), 2),
}


def mount(places: Places) -> None:
    """Makes the mounts visible, from now on and in this process."""
    opened = _seeing(builtins.open, places, 1)
    builtins.open = opened
    io.open = opened
    for name, paths in TAKE_PATHS.items():
        setattr(os, name, _seeing(getattr(os, name), places, paths))


def _seeing(function: Callable[..., Any], places: Places, paths: int) -> Callable[..., Any]:
    @functools.wraps(function)
    def seeing(*arguments: Any, **keywords: Any) -> Any:
        seen = (*(_lies(each, places) for each in arguments[:paths]), *arguments[paths:])
        return function(*seen, **keywords)

    return seeing


def _lies(path: Any, places: Places) -> Any:
    if isinstance(path, (str, os.PathLike)):
        text = os.fspath(path)
        if isinstance(text, str) and text.startswith(MOUNTS):
            return places.mounted(text) or path
    return path
