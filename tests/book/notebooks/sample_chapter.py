"""A chapter that keeps every rule, and its parts."""

import nbformat

from tools.notebooks.notebooks import FOLDED
from tools.notebooks.rules import SETUP
from tools.repository import address


def code(source, count, outputs=(), **metadata):
    return nbformat.v4.new_code_cell(
        source, execution_count=count, outputs=list(outputs), metadata=metadata
    )


def printed(text, name="stdout"):
    return nbformat.v4.new_output("stream", text=text, name=name)


def drawn(kind="image/png"):
    return nbformat.v4.new_output("display_data", {kind: "", "text/plain": "<Figure size 1x1>"})


def markdown(*lines):
    return nbformat.v4.new_markdown_cell("\n".join(lines))


def exercise(number, before=()):
    """The three cells of an exercise; the first begins with the lines of `before`."""
    answer = f"answer_{number}"
    stub = f"from lrnlib.book import exercises\n\n{answer} = ...\nexercises.reason({answer})"
    program = ["```python", f"{answer} = 42", f"exercises.reason({answer})", "```"]
    return [
        markdown(*before, f"**{number}.** Why?", "", "<details>", "<summary>Hint</summary>"),
        code(stub, number + 3, [printed("No answer yet.")]),
        markdown("<details>", "<summary>Solution</summary>", "", *program, "", "</details>"),
    ]


def sample_chapter():
    return nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[
            markdown("# Title", "", "Why?", "", "**Time** a minute. **You need** [it](a.ipynb)."),
            code(SETUP.format(repository=address()), 1, **FOLDED),
            markdown("Why."),
            code("x = 1", 2),
            markdown("Why."),
            code("print(x)", 3, [printed("1\n")]),
            *exercise(1, ["What to see.", "", "## Remember", "", "- This.", "", "## Exercises"]),
            *exercise(2),
            *exercise(3),
            markdown("## Go deeper", "", "- A book."),
        ],
    )
