"""SQL on a warehouse: typed rows, a large result chunk by chunk, and a failure with its reason.

Runs on the embedded workspace and needs no account; with `Toolkit.open()` instead of
`Toolkit.local()`, and tables of yours, it runs there.  It prints:

    Engineering ...
    ...
    300,000 rows came in more than one piece: True
    StatementFailed: ...nowhere...
"""

from __future__ import annotations

import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import StatementFailed

AVERAGES = """
    SELECT department, count(*) AS people, avg(salary) AS average
    FROM employees
    WHERE status = :status
    GROUP BY department
    ORDER BY average DESC
"""


async def main() -> None:
    async with Toolkit.local() as toolkit:
        # Values are Python's: a BIGINT is an int, a DOUBLE a float, a DATE a date.
        rows = await toolkit.sql(AVERAGES, {"status": "active"}, catalog="production", schema="hr")
        for department, people, average in rows:
            print(f"{department:12} {people:4} {average:12,.2f}")

        seen, pieces = 0, 0
        async for chunk in toolkit.sql("SELECT id, id * id FROM range(300000)"):
            seen, pieces = seen + len(chunk), pieces + 1
        print(f"{seen:,} rows came in more than one piece: {pieces > 1}")

        try:
            await toolkit.sql("SELECT * FROM nowhere")
        except StatementFailed as failure:
            print(f"StatementFailed: {failure.message}")


if __name__ == "__main__":
    trio.run(main)
