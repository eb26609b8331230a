"""Run each chapter from top to bottom as Colab would, from nothing but its notebook.

`python -m tools.colab.rehearsal .venv-colab/bin/python chapters/formula.ipynb …` in the
repository's root, with a Python that has Colab's packages and no lrnlib. That Python stays as it
is: each chapter gets an empty environment on top of it, and its first cell installs lrnlib there
from the repository's address, which git maps to the last commit here. The cells that need a GPU
run as well, since "Run all" runs them where Colab gives none.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

from tools.notebooks.notebooks import Notebook, code_cells
from tools.notebooks.optional_frameworks import NOT_IN_COLAB, required
from tools.repository import address

KERNELS = [str(Path(__file__).with_name("kernels"))]
INSTALLED_FROM = ("lrnlib", "chapters", "pyproject.toml")
CHAPTERS_AT_ONCE = 2
GOOGLE_COLAB = 'import sys, types; sys.modules["google.colab"] = types.ModuleType("google.colab")\n'

PRINT_SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"
PRINT_VERSIONS = """\
from importlib.metadata import version; from platform import python_version
print("Python", python_version(), *(f"{name} {version(name)}" for name in ("numpy", "tensorflow")))
"""


def output_of(*command: str | Path) -> str:
    """What a program prints; it is an error if it fails."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout.strip()


def execute(notebook: Notebook, folder: Path, environment: dict[str, str]) -> str | None:
    """Run every cell; return the first error, with the number that nbval gives the cell."""
    started = []
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(
            kernel_name="colab", kernel_spec_manager=KernelSpecManager(kernel_dirs=KERNELS)
        ),
        on_cell_execute=lambda cell, cell_index: started.append(cell),
        resources={"metadata": {"path": folder}},
        timeout=600,
    )
    try:
        client.execute(env=environment, cleanup_kc=True)
    except (CellControlSignal, DeadKernelError) as error:
        return f"Cell {len(started) - 1}: " + re.sub(r"\x1b\[[\d;]*m", "", str(error)).strip()
    return None


def requirement(package: Distribution) -> tuple[str, str]:
    """Its name, and what pip would have to be given to install it again."""
    origin = json.loads(package.read_text("direct_url.json") or "{}")
    name = package.name.lower()
    if not origin:
        return name, f"{name}=={package.version}"
    vcs = origin.get("vcs_info")
    return name, f"{name} @ " + (
        f"git+{origin['url']}@{vcs['commit_id']}" if vcs else origin["url"]
    )


@dataclass(frozen=True)
class Runtime:
    """A Python with Colab's packages, and a clone that answers for the repository's address."""

    python: Path
    clone: Path
    repository: str
    commit: str

    def environment(self, folder: Path, in_colab: bool) -> dict[str, str]:
        """Make an environment on top of the Python, and return the variables of its kernel."""
        start = f"import site; site.addsitedir({output_of(self.python, '-c', PRINT_SITE)!r})\n"
        output_of(self.python, "-m", "venv", "--without-pip", folder)
        (site,) = folder.glob("lib/*/site-packages")
        (site / "colab.pth").write_text(start + GOOGLE_COLAB * in_colab, encoding="utf-8")
        pip = folder / "bin/pip"
        pip.write_text('#!/bin/sh\nexec python -m pip "$@"\n', encoding="utf-8")
        pip.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return kept | {
            "PATH": f"{folder}/bin:{kept['PATH']}",
            # So that pip warns of nothing that the chapter has not caused.
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.clone.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": self.repository,
        }

    def run(self, notebook: Notebook, in_colab: bool) -> tuple[str | None, dict[str, str]]:
        """Run the notebook; return the error, and what it has installed with its origin."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            environment = self.environment(folder, in_colab)
            (folder / "content").mkdir()
            error = execute(notebook, folder / "content", environment)
            (site,) = folder.glob("lib/*/site-packages")
            return error, dict(map(requirement, distributions(path=[str(site)])))

    def problems(self, notebook: Notebook) -> Iterator[str]:
        """What goes wrong in Colab, and elsewhere with the set-up cell alone."""
        set_up = code_cells(notebook)[0]
        error, installed = self.run(notebook, in_colab=True)
        if set_up.outputs:
            yield f"its set-up is not silent: {set_up.outputs}"
        wanted = {"lrnlib": f"lrnlib @ git+{self.repository}@{self.commit}"}
        wanted |= {name: NOT_IN_COLAB[name] for name in NOT_IN_COLAB if name in required(notebook)}
        for name in sorted(wanted.keys() | installed.keys()):
            found = installed.get(name, f"no {name}")
            if name not in wanted or not found.startswith(wanted[name]):
                yield f"it installs {found}, not {wanted.get(name, 'at all')}"
        if error:
            yield error
        error, installed = self.run(nbformat.v4.new_notebook(cells=[set_up]), in_colab=False)
        if error or installed or set_up.outputs:
            yield f"outside Colab its set-up does something: {error or installed or set_up.outputs}"

    def rehearse(self, path: Path) -> bool:
        """Rehearse one chapter and print how it went; return whether all went well."""
        start = time.monotonic()
        problems = list(self.problems(nbformat.read(path, as_version=4)))
        result = f"{path}: {'FAILED' if problems else 'ok'}, {time.monotonic() - start:.0f} s"
        print("\n  ".join([result, *problems]), flush=True)
        return not problems


def publish(root: Path, clone: Path) -> str:
    """Make a repository of the last commit alone; return the commit.

    A workflow's checkout is shallow, and pip's way to clone, which is partial, never ends there.
    """
    who = ("-c", "user.name=colab", "-c", "user.email=colab@localhost")
    commit = output_of("git", "-C", root, *who, "commit-tree", "HEAD^{tree}", "-m", "Last commit")
    output_of("git", "init", "--quiet", "--bare", "--initial-branch=main", clone)
    output_of("git", "-C", root, "push", "--quiet", clone, f"{commit}:refs/heads/main")
    return commit


def main(python: Path, paths: list[Path], root: Path) -> str | None:
    """Rehearse; return why that is impossible, or that it went wrong."""
    status = output_of("git", "-C", root, "status", "--porcelain", "--", *INSTALLED_FROM)
    if status:
        return f"Colab has what is committed, and this is not; commit it first:\n{status}"
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(CHAPTERS_AT_ONCE) as pool:
        clone = Path(name) / "repository.git"
        repository = f"https://github.com/{address(root)}"
        runtime = Runtime(python.absolute(), clone, repository, publish(root, clone))
        print(output_of(python, "-c", PRINT_VERSIONS), flush=True)
        well = list(pool.map(runtime.rehearse, paths))
    return None if all(well) else "The rehearsal has failed."


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]], Path.cwd()))
