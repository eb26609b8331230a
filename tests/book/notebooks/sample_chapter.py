"""A chapter that keeps every rule, and its parts."""

import nbformat

from tools.notebooks.rules import FOLDED, SETUP
from tools.repository import address


def code(source, count, outputs=(), **metadata):
    return nbformat.v4.new_code_cell(
        source, execution_count=count, outputs=list(outputs), metadata=metadata
    )


def printed(text, name="stdout"):
    return nbformat.v4.new_output("stream", text=text, name=name)


def drawn(kind="image/png"):
    return nbformat.v4.new_output("display_data", {kind: "", "text/plain": "<Figure>"})


def markdown(*lines):
    return nbformat.v4.new_markdown_cell("\n".join(lines))


def exercise(number, count, before=()):
    """The four cells of an exercise; the first begins with the lines of `before`."""
    right = nbformat.v4.new_output("execute_result", {"text/plain": "Right. So it is."})
    return [
        markdown(*before, f"**{number}.** Why?", "<details>", "<summary>Hint</summary>"),
        code("answer = ...\nexercises.reason(answer)", count, [printed("No answer yet.")]),
        markdown("<details>", "<summary>Solution</summary>"),
        code("exercises.reason(42)", count + 1, [right], **FOLDED),
    ]


def sample_chapter():
    return nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[
            markdown("# Title", "**You will learn**", "**You need**", "**Time**"),
            code(SETUP.format(repository=address()), 1),
            markdown("Why."),
            code("x = 1", 2),
            markdown("Why."),
            code("print(x)", 3, [printed("1\n")]),
            *exercise(1, 4, ["What to see.", "## Summary", "", "## Exercises"]),
            *exercise(2, 6),
            markdown("## References"),
        ],
    )
