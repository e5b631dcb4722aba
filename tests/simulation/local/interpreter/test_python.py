"""A command of Python: its shape, its value, its line magics."""

from typing import Any

import pytest
from databricks_mcp_toolkit.simulation.local.interpreter import python, tracebacks


def run(code: str, **names: Any) -> tuple[Any, dict[str, Any], list[tuple[str, str]]]:
    """Value, namespace and line magics."""
    done: list[tuple[str, str]] = []
    namespace: dict[str, Any] = dict(names)
    value = python.run(code, "<command-1>", namespace, lambda sign, line: done.append((sign, line)))
    return value, namespace, done


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1 + 1", 2),
        ("x = 1", None),
        ("x = 1\nx + 1", 2),
        ("x = 1; x", 1),
        ("5;", None),
        ("", None),
        ("# nothing", None),
        ("\n        import json\n        json.dumps([1])", "[1]"),
        ("if True:\n    7", None),
    ],
)
def test_the_last_expression_is_the_value(code: str, value: object) -> None:
    assert run(code)[0] == value


def test_the_names_stay_in_the_namespace() -> None:
    assert run("def f(): return x\ny = f()", x=3)[1]["y"] == 3


def test_line_magics_are_calls_and_strings_are_left_alone() -> None:
    code = '%matplotlib inline\n!ls -l\nx = """\n%sql\n"""\nif True:\n    !pwd'

    _, namespace, done = run(code)

    assert done == [("!", "ls -l"), ("!", "pwd")]
    assert "%sql" in namespace["x"] or "__magic__" in namespace["x"]


def test_python_that_only_looks_like_a_magic_is_python() -> None:
    assert run("x = (5\n% 3)\nx")[0] == 2


def test_a_traceback_is_told_as_a_notebook_tells_it() -> None:
    with pytest.raises(ValueError, match="no <b>") as raised:
        run("def f():\n    raise ValueError('no <b>')\n\nf()")

    failure = tracebacks.told(raised.value)

    assert failure.line == "ValueError: no <b>"
    assert failure.summary == '<span class="ansi-red-fg">ValueError</span>: no &lt;b&gt;'
    assert "\x1b[0;31mValueError\x1b[0m" in failure.trace
    assert "<command-1>, line 2\x1b[0m, in f()" in failure.trace
    assert "-> 4\x1b[0m f()" in failure.trace
    assert "interpreter/python.py" not in failure.trace


def test_a_cause_is_told_before_its_effect() -> None:
    with pytest.raises(KeyError) as raised:
        run("try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e")

    trace = tracebacks.told(raised.value).trace

    assert trace.index("ZeroDivisionError") < trace.index("direct cause") < trace.rindex("KeyError")


def test_a_context_is_told_unless_it_is_suppressed() -> None:
    with pytest.raises(KeyError) as raised:
        run("try:\n    1/0\nexcept ZeroDivisionError:\n    raise KeyError('k')")
    assert tracebacks.told(raised.value).trace.count(tracebacks.RULE) == 2

    with pytest.raises(KeyError) as raised:
        run("try:\n    1/0\nexcept ZeroDivisionError:\n    raise KeyError('k') from None")
    assert tracebacks.told(raised.value).trace.count(tracebacks.RULE) == 1


def test_a_syntax_error_shows_its_line() -> None:
    with pytest.raises(SyntaxError) as raised:
        run("x = 1\ny = = 2")

    trace = tracebacks.told(raised.value).trace

    assert "y = = 2" in trace
    assert "Traceback" in trace
    assert "interpreter/python.py" not in trace


def test_a_runaway_recursion_is_cut() -> None:
    with pytest.raises(RecursionError) as raised:
        run("def f():\n    f()\nf()")

    assert len(tracebacks.told(raised.value).trace) < 20_000


def test_an_exception_that_cannot_be_told_does_not_end_the_teller() -> None:
    with pytest.raises(LookupError) as raised:
        run("class E(LookupError):\n    def __str__(self): return 1/0\nraise E")

    assert "no text" in tracebacks.told(raised.value).line
