"""A chapter that keeps every rule, and what its cells are made of."""

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
    """The four cells of an exercise, the first with what ends the section before it."""
    right = nbformat.v4.new_output("execute_result", {"text/plain": "Right. So it is."})
    return [
        markdown(*before, f"**{number}.** Why?", "<details>", "<summary>Hint</summary>"),
        code("answer = ...\ncheck.reason(answer)", count, [printed("No answer yet.")]),
        markdown("<details>", "<summary>Solution</summary>"),
        code("check.reason(42)", count + 1, [right], **FOLDED),
    ]


def whole_chapter():
    """A chapter that keeps every rule; two exercises are in it."""
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
