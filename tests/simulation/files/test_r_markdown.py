"""R notebooks as R Markdown, there and back."""

import pytest
from databricks_mcp_toolkit.simulation.files.notebook_formats import NotANotebook, Notebook
from databricks_mcp_toolkit.simulation.files.r_markdown import from_r_markdown, to_r_markdown

NOTEBOOK = Notebook("R", ("%md\n# Title\n\nText", "x <- 1\nprint(x)", "%sql\nSELECT 1", "%sh\nls"))
WRITTEN = b"""# Title

Text

```{r}
x <- 1
print(x)
```

```{sql}
SELECT 1
```

```{bash}
ls
```
"""


def test_text_stands_between_chunks_that_name_their_language() -> None:
    assert to_r_markdown(NOTEBOOK) == WRITTEN
    assert from_r_markdown(WRITTEN) == NOTEBOOK


def test_a_header_and_chunk_options_are_read_past() -> None:
    content = b"---\ntitle: x\n---\n\nHello\n\n```{r setup, echo=FALSE}\n1\n```\n"
    assert from_r_markdown(content).cells == ("%md\nHello", "1")


def test_code_that_holds_a_fence_gets_a_longer_one() -> None:
    notebook = Notebook("R", ('cat("\n```\n")', "%md\nplain ``` text"))
    assert from_r_markdown(to_r_markdown(notebook)) == notebook


def test_magics_that_r_markdown_has_no_word_for_stay_r_chunks() -> None:
    notebook = Notebook("R", ("%run ./setup", "%fs ls /"))
    assert from_r_markdown(to_r_markdown(notebook)) == notebook


def test_a_plain_code_block_is_text() -> None:
    content = b"Before\n\n```\nno chunk\n```\n\nAfter\n"
    assert from_r_markdown(content).cells == ("%md\nBefore\n\n```\nno chunk\n```\n\nAfter",)


def test_a_chunk_that_nobody_closed_goes_to_the_end() -> None:
    assert from_r_markdown(b"```{python}\n1\n2").cells == ("%python\n1\n2",)


def test_nothing_is_an_empty_notebook_and_bytes_are_none() -> None:
    assert from_r_markdown(b"") == Notebook("R", ("",))
    with pytest.raises(NotANotebook):
        from_r_markdown(b"\xff\xfe")
