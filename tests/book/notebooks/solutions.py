"""Run the program of each solution after its stub, with what it needs of its chapter.

`python -m tests.book.notebooks.solutions chapters/gradient.ipynb …` prints the verdicts as JSON. It
is a process of its own, since chapters set up Matplotlib and TensorFlow for themselves.
"""

import ast
import contextlib
import io
import json
import os
import subprocess
import sys

import nbformat

from tools.notebooks.exercises import parts
from tools.notebooks.notebooks import PROGRAM, bound, code_cells, needed, python
from tools.repository import ROOT


def verdicts(paths):
    """For each notebook what the checks of its exercises say, in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, *map(str, paths)],
        env={**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
        cwd=ROOT / "chapters",
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def verdicts_of(path):
    notebook = nbformat.read(path, as_version=4)
    exercises = parts(notebook)
    pairs = [(q[1].source, *PROGRAM.findall(q[2].source)) for q in exercises]
    stubs = [exercise[1] for exercise in exercises]
    cells = [cell.source for cell in code_cells(notebook) if cell not in stubs]
    chapter = {}
    for source in needed_cells(cells, {name for each in pairs for name in needed("\n".join(each))}):
        run(source, chapter)
    return [answer(dict(chapter), *each) for each in pairs]


def needed_cells(cells, names):
    """The cells that bind the names, and those that these need, in the chapter's order."""
    found = [source for source in cells if names & bound(source)]
    more = names.union(*map(needed, found))
    return found if more == names else needed_cells(cells, more)


def answer(names, stub, program):
    run(stub, names)
    return repr(run(program, names))


def run(source, names):
    """Run a program; return the value of its last line, if that is an expression."""
    body = ast.parse(python(source)).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        found = {path: verdicts_of(path) for path in sys.argv[1:]}
    print(json.dumps(found))
