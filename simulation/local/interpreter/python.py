"""One command of Python: dedented, run in a namespace that lasts, its last value shown."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Callable
from typing import Any

# `%matplotlib inline` and its like mean nothing here, and are passed over.
IGNORED_LINE = re.compile(r"^%(matplotlib|config|autoreload|load_ext|reload_ext|timeit|time)\b.*$")
LINE_MAGIC = re.compile(r"^(?P<sign>[%!])(?P<rest>.*)$")


def dedented(code: str) -> str:
    """`code` without the indentation of its first line, as IPython reads it.

    Databricks' own SDK sends code with eight spaces before each line.
    """
    lines = code.replace("\r\n", "\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines:
        return ""
    indentation = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return "\n".join(line.removeprefix(indentation) for line in lines)


def run(code: str, name: str, namespace: dict[str, Any], magic: Callable[[str, str], None]) -> Any:
    """Runs `code` in `namespace`.

    Args:
      code: Python, with line magics.
      name: what tracebacks call it.
      namespace: the context's globals.
      magic: does a line magic: its sign (`%` or `!`) and the rest of its line.

    Returns:
      The value of the last statement if it is an expression, else None.

    Raises:
      Whatever the code raises; SyntaxError if it is no Python.
    """
    code = _with_magics(dedented(code))
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    tree = compile(code, name, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    last: ast.Expression | None = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    namespace["__magic__"] = magic
    exec(compile(tree, name, "exec", dont_inherit=True), namespace)  # noqa: S102 (it is what we are for)
    if last is None:
        return None
    return eval(compile(last, name, "eval", dont_inherit=True), namespace)  # noqa: S307 (likewise)


def _with_magics(code: str) -> str:
    """Line magics as calls, where the line would be a statement of its own.

    A line inside a string or a bracket that begins with `%` is left alone: only code that is no
    Python as it stands is looked at.
    """
    if not any(line.lstrip().startswith(("%", "!")) for line in code.split("\n")):
        return code
    try:
        ast.parse(code)
    except SyntaxError:
        return "\n".join(_magic_line(line) for line in code.split("\n"))
    return code


def _magic_line(line: str) -> str:
    indentation = line[: len(line) - len(line.lstrip())]
    stripped = line.strip()
    if IGNORED_LINE.match(stripped):
        return f"{indentation}pass"
    found = LINE_MAGIC.match(stripped)
    if found:
        return f"{indentation}__magic__({found['sign']!r}, {found['rest']!r})"
    return line
