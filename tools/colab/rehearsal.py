"""Rehearse in Colab's place: each chapter runs top to bottom from nothing but its notebook.

`python -m tools.colab.rehearsal .venv-colab/bin/python chapters/formula.ipynb …` in the
repository's root, with a Python that has what Colab has, and no lrnlib: that each chapter
installs by itself, from the repository's address, which git takes from a clone of the last
commit here. The cells that need a GPU are run as well, since Colab gives none unasked, and
whoever runs all runs them too.
"""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

from tools.notebooks.notebooks import Notebook, code_cells
from tools.notebooks.optional_frameworks import NOT_IN_COLAB, required
from tools.repository import address

STAND_IN = Path(__file__).resolve().parent / "colab_runtime"
INSTALLED_FROM = ("lrnlib", "chapters", "benchmarks", "pyproject.toml")
ANSI = re.compile(r"\x1b\[[\d;]*m")
Packages = dict[str, str]


def said_by(*command: str | Path, **options) -> str:
    """What a program prints; it is an error if it fails."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8", **options)
    return done.stdout.strip()


@dataclass(frozen=True)
class Runtime:
    """A Python with what Colab has, and a folder that holds a clone and nothing of a chapter."""

    python: Path
    folder: Path
    repository: str
    commit: str

    def packages(self) -> Packages:
        """What is installed, each as pip would be asked for it."""
        return json.loads(said_by(self.python, "-I", STAND_IN / "packages.py"))

    def restore(self, before: Packages, after: Packages) -> None:
        """Take away what a chapter has installed, and put back what it has moved."""
        pip = (self.python, "-m", "pip", "--quiet")
        if added := after.keys() - before.keys():
            said_by(*pip, "uninstall", "--yes", *sorted(added))
        if moved := [before[name] for name in before if after.get(name) != before[name]]:
            said_by(*pip, "install", "--no-deps", *moved)

    def environment(self, in_colab: bool) -> dict[str, str]:
        """The variables of a kernel: nothing of this repository, and in Colab its address."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        kept["PATH"] = os.pathsep.join((str(self.python.parent), kept["PATH"]))
        # What this machine's pip says of its settings, and of a new pip, no chapter has caused.
        kept |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        if not in_colab:
            return kept
        clone = self.folder / "repository"
        return kept | {
            "PYTHONPATH": str(STAND_IN),
            "COLAB_REPOSITORY": self.repository,
            "COLAB_CLONE": str(clone),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{clone.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": self.repository,
        }

    def run(self, notebook: Notebook, in_colab: bool) -> str | None:
        """Run every cell in an empty folder; return what went wrong."""
        os.environ["JUPYTER_PATH"] = str(self.folder)  # where the kernel's specification is
        with tempfile.TemporaryDirectory(dir=self.folder / "empty") as content:
            place = {"metadata": {"path": content}}
            client = NotebookClient(notebook, kernel_name="colab", timeout=600, resources=place)
            try:
                client.execute(env=self.environment(in_colab))
            except (CellControlSignal, DeadKernelError) as error:
                return ANSI.sub("", str(error)).strip()
        return None

    def run_and_restore(
        self, notebook: Notebook, in_colab: bool
    ) -> tuple[str | None, Packages, Packages]:
        """Return what went wrong, and the packages before and after the run."""
        before = self.packages()
        try:
            failed = self.run(notebook, in_colab)
        finally:
            after = self.packages()
            self.restore(before, after)
        return failed, before, after


def served(clone: Path, root: Path) -> str:
    """Make a repository of the last commit's files alone; return its commit.

    A workflow's checkout is shallow, and pip's way to clone, which is partial, never ends there.
    """
    archive = clone.with_suffix(".zip")
    said_by("git", "-C", root, "archive", "--output", archive, "HEAD")
    shutil.unpack_archive(archive, clone)
    git = ("git", "-C", clone, "-c", "user.name=colab", "-c", "user.email=colab@localhost")
    said_by(*git, "init", "--quiet")
    said_by(*git, "add", "--all", "--force", ".")
    said_by(*git, "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "The last commit")
    return said_by(*git, "rev-parse", "HEAD")


def made(folder: Path, python: Path, root: Path) -> Runtime:
    """Lay out a folder for rehearsals: the clone, the kernel, a place for empty folders."""
    commit = served(folder / "repository", root)
    kernel = folder / "kernels/colab"
    kernel.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Colab", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    (folder / "empty").mkdir()
    return Runtime(python, folder, f"https://github.com/{address(root)}", commit)


def changes(before: Packages, after: Packages, allowed: Iterable[str]) -> Iterator[str]:
    """What is installed now and was not, or was and is not, but for the packages allowed."""
    for name in sorted((before.keys() | after.keys()) - set(allowed)):
        if before.get(name) != after.get(name):
            yield f"it leaves {after.get(name, f'no {name}')}, before: {before.get(name, 'none')}"


def in_colab(notebook: Notebook, runtime: Runtime) -> Iterator[str]:
    """What goes wrong when the chapter is opened in Colab and all of it is run."""
    ran = copy.deepcopy(notebook)
    probe = nbformat.v4.new_code_cell("import lrnlib\nprint(lrnlib.__file__)")
    ran.cells.append(probe)
    failed, before, after = runtime.run_and_restore(ran, in_colab=True)
    for output in code_cells(ran)[0].outputs:
        yield f"its set-up is not silent: {output.get('text', output)}"
    wanted = f"lrnlib @ git+{runtime.repository}@{runtime.commit}"
    if after.get("lrnlib") != wanted:
        yield f"it has installed {after.get('lrnlib', 'no lrnlib')}, not {wanted}"
    more = [name for name in NOT_IN_COLAB if name in required(notebook)]
    yield from (f"it has not installed {name}" for name in more if name not in after)
    yield from changes(before, after, ["lrnlib", *more])
    if failed:
        yield failed
    elif not (place := probe.outputs[0].text).startswith(str(runtime.python.parent.parent)):
        yield f"its lrnlib is not the one that it has installed, but {place}"


def elsewhere(notebook: Notebook, runtime: Runtime) -> Iterator[str]:
    """What goes wrong when the set-up cell is run where it has nothing to do."""
    set_up = copy.deepcopy(code_cells(notebook)[0])
    alone = nbformat.v4.new_notebook(cells=[set_up])
    failed, before, after = runtime.run_and_restore(alone, in_colab=False)
    if failed or set_up.outputs:
        yield f"outside Colab its set-up is not silent: {failed or set_up.outputs}"
    yield from (f"outside Colab {change}" for change in changes(before, after, ()))


def rehearse(paths: list[Path], runtime: Runtime) -> bool:
    """Rehearse each chapter and say how it went; return whether all went well."""
    well, seen = True, set()
    for path in paths:
        start = time.monotonic()
        notebook = nbformat.read(path, as_version=4)
        problems = list(in_colab(notebook, runtime))
        if (source := code_cells(notebook)[0].source) not in seen:
            seen.add(source)
            problems += elsewhere(notebook, runtime)
        print(f"{path}: {'FAILED' if problems else 'ok'}, {time.monotonic() - start:.0f} s")
        print(*(f"  {problem}\n" for problem in problems), sep="", end="", flush=True)
        well = well and not problems
    return well


def main(python: Path, paths: list[Path], root: Path) -> str | None:
    """Rehearse; return why it cannot be done, or that it went wrong."""
    if changed := said_by("git", "status", "--porcelain", "--", *INSTALLED_FROM, cwd=root):
        return f"Colab has what is committed, and this is not; commit it first:\n{changed}"
    with tempfile.TemporaryDirectory() as folder:
        runtime = made(Path(folder), python.absolute(), root)
        before = runtime.packages()
        if left := before.keys() & {"lrnlib", *NOT_IN_COLAB}:  # by a rehearsal that was killed
            runtime.restore({name: before[name] for name in before.keys() - left}, before)
        print(said_by(python, "--version"), *(before.get(n) for n in ("numpy", "tensorflow")))
        return None if rehearse(paths, runtime) else "The rehearsal has failed."


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]], Path.cwd()))
