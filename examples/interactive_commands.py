"""Commands in an execution context: it keeps its variables, and what fails says why.

Runs on the embedded workspace and needs no account; with `Toolkit.open()` instead of
`Toolkit.local()` it runs on yours.  It prints:

    9 squares, the last is 81
    ValueError: no such square
    still there: 9 squares
    stopped after a second; the context is fine: 9
"""

from __future__ import annotations

import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import CommandFailed


async def main() -> None:
    async with Toolkit.local() as toolkit, toolkit.context(language="python") as context:
        await context.execute("squares = [n * n for n in range(1, 10)]")
        told = await context.execute("print(len(squares), 'squares, the last is', squares[-1])")
        print(told.text)

        try:
            await context.execute("raise ValueError('no such square')")
        except CommandFailed as failure:
            print(failure.message)
        told = await context.execute("print('still there:', len(squares), 'squares')")
        print(told.text)

        # A cancel of `execute` cancels the command on the cluster.
        with trio.move_on_after(1):
            await context.execute("import time; time.sleep(3600)")
        told = await context.execute("print(len(squares))")
        print("stopped after a second; the context is fine:", told.text)


if __name__ == "__main__":
    trio.run(main)
