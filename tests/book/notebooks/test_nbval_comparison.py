"""nbval as the book configures it: which differences pass, and which fail."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.book.notebooks import run_nbval
from tests.book.notebooks.sample_chapter import code, printed

# source, stored output, whether nbval may pass it
CELLS = {
    "number_same": ("print(0.0444444)", "0.0444444\n", True),
    "number_in_the_seventh_digit": ("print(0.1234567)", "0.1234561\n", True),
    "number_in_the_third_digit": ("print(0.0444444)", "0.0434444\n", False),
    "number_in_an_array": ("print([1.5, 0.0666])", "[1.5, 0.0676]\n", False),
    "number_shorter": ("print('[0.1        0.2]')", "[0.09999999 0.2]\n", True),
    "number_first": ("print('[ 0.1 -0.2]')", "[0.1 -0.2]\n", True),
    "number_joined": ("print('[0.1 0.2]')", "[0.10.2]\n", False),
    "number_sign": ("print(-0.25)", "0.25\n", False),
    "number_count": ("print('1.0 2.0')", "1.0\n", False),
    "number_exponent": ("print(1.5e-3)", "1.5e-4\n", False),
    "number_tiny": ("print(1.1e-16)", "-8.8e-13\n", False),
    "number_huge": ("print('1e400')", "2e400\n", False),
    "number_zero": ("print(1e-17)", "0.0\n", True),
    "integer": ("print(100001)", "100002\n", False),
    "integer_with_a_point": ("print('4 bytes')", "4.0 bytes\n", False),
    "not_a_number": ("print('nan')", "0.0\n", False),
    "version": ("print('2.20.1')", "2.2.1\n", False),
    "text": ("print('window of 5 channels')", "window of 5 channel\n", False),
    "text_spaced": ("print('a  b')", "a b\n", False),
    "text_glued": ("print('window 5 channels')", "window5channels\n", False),
    "text_split": ("print('float32')", "float 32\n", False),
    "text_longer": ("print(0.1)", "0.1\n\n\n", False),
    "no_output": ("x = 1", "1\n", False),
    "more_output": ("print(1.5)", None, False),
    "stderr": ("import sys; print('log', file=sys.stderr)", None, True),
    "exception": ("1 / 0", None, False),
}
LATEX = """
from IPython.display import Latex, display
display(Latex("$1/3 = 0.333333$"))
print("after")
"""
FIGURE = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(3, 2))
axes.bar([0, 1, 2], [1, 2, 3])
plt.show()
"""
HTML = FIGURE.replace(
    "plt.show()",
    """
import base64, io
from IPython.display import HTML, display
png = io.BytesIO()
figure.savefig(png, format="png", metadata={"Software": None})
plt.close(figure)
source = base64.b64encode(png.getvalue()).decode()
display(HTML(f'<p><img src="data:image/png;base64,{source}"></p><p>Bars.</p>'))
""",
)
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#b4b4b4", "gray", "black")
LINES = f"""
import matplotlib.pyplot as plt
from matplotlib.transforms import Affine2D
with plt.rc_context({{"figure.dpi": 144}}):
    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    for k, color in enumerate({COLORS}):
        axes.plot([0, 1], [k, k + 1.5], color=color, linewidth=1)
    axes.set(title="lines of one point", xlabel="channel", ylabel="response")
    # here
    plt.show()
"""


def change(old, new):
    """Keep the stored output of a cell, and let the cell compute another."""
    return lambda cell: cell.update(source=cell.source.replace(old, new))


def move(pixels):
    """Draw a line that many pixels higher."""
    by = f"axes.transData + Affine2D().translate(0, {pixels})"
    return change("# here", f"axes.lines[3].set_transform({by})")


# source, what is done to the cell once it is executed, whether nbval may pass it
SHOWN = {
    "latex_same": (LATEX, lambda cell: None, True),
    "latex_number": (LATEX, change("0.333333", "0.343333"), False),
    "output_order": (LATEX, lambda cell: cell.outputs.reverse(), False),
    "output_missing": (LATEX, lambda cell: cell.outputs.pop(), False),
    "figure_same": (FIGURE, lambda cell: None, True),
    "figure_changed": (FIGURE, change("2, 3]", "2, 2.5]"), False),
    "html_same": (HTML, lambda cell: None, True),
    "html_picture_encoded_otherwise": (HTML, change("None}", "'1'}"), True),
    "html_picture_changed": (HTML, change("2, 3]", "2, 2.5]"), False),
    "html_picture_missing": (HTML, change("<img src=", "<img alt="), False),
    "html_text_changed": (HTML, change("Bars", "Lines"), False),
    **{
        f"line_{k}_missing": (LINES, change("# here", f"axes.lines[{k}].set_alpha(0)"), False)
        for k in range(len(COLORS))
    },
    "line_moved": (LINES, move(4), False),
    "line_moved_a_little": (LINES, move(0.5), True),
    "text_changed": (LINES, change("response", "respond"), False),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Of the cells of SHOWN, which are executed and then changed, and of CELLS."""
    folder = tmp_path_factory.mktemp("chapters")
    sources = dict.fromkeys(source for source, *_ in SHOWN.values())
    executed = nbformat.v4.new_notebook(cells=[code(source, 1) for source in sources])
    NotebookClient(executed, kernel_name="python3").execute()
    outputs = {cell.source: cell.outputs for cell in executed.cells}
    made = nbformat.v4.new_notebook()
    for source, edit, _ in SHOWN.values():
        made.cells.append(code(source, 1, outputs[source]))
        edit(made.cells[-1])
    for source, stored, _ in CELLS.values():
        made.cells.append(code(source, 1, [printed(stored)] if stored else []))
    nbformat.write(made, folder / "chapter.ipynb")
    found = run_nbval.outcomes(run_nbval.report(folder))
    return dict(zip([*SHOWN, *CELLS], found, strict=True))


@pytest.mark.parametrize(("name", "may_pass"), [(n, v[-1]) for n, v in {**CELLS, **SHOWN}.items()])
def test_stored_outputs_are_compared(outcomes, name, may_pass):
    assert outcomes[name] == ("PASSED" if may_pass else "FAILED")


def test_a_slow_cell_is_stopped(tmp_path):
    slow = nbformat.v4.new_notebook(cells=[code("import time\ntime.sleep(60)", 1)])
    nbformat.write(slow, tmp_path / "slow.ipynb")
    assert "Timeout of 1 seconds exceeded" in run_nbval.report(tmp_path, "--nbval-cell-timeout=1")
