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
from concurrent.futures import ProcessPoolExecutor
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
INSTALLED_FROM = ("lrnlib", "intro.ipynb", "chapters", "pyproject.toml")
CHAPTERS_AT_ONCE = 2
GOOGLE_COLAB = 'import sys, types; sys.modules["google.colab"] = types.ModuleType("google.colab")\n'


def output_of(*command: str | Path) -> str:
    """What a program prints; it is an error if it fails."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout.strip()


def site_packages(environment: Path) -> Path:
    """The folder that pip installs into."""
    (folder,) = environment.glob("lib/*/site-packages")
    return folder


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
    """Its name, and what pip would need to install it again."""
    name = package.name.lower()
    origin = json.loads(package.read_text("direct_url.json") or "{}")
    if "vcs_info" in origin:
        return name, f"{name} @ git+{origin['url']}@{origin['vcs_info']['commit_id']}"
    return name, f"{name} @ {origin['url']}" if origin else f"{name}=={package.version}"


@dataclass(frozen=True)
class Runtime:
    """A Python with Colab's packages, and a clone that answers for the repository's address."""

    python: Path
    clone: Path
    repository: str
    commit: str

    def environment(self, folder: Path, in_colab: bool) -> dict[str, str]:
        """Make an environment on top of the Python, and return the variables of its kernel."""
        output_of(self.python, "-m", "venv", "--without-pip", folder)
        base = f"import site; site.addsitedir({str(site_packages(self.python.parents[1]))!r})\n"
        start = site_packages(folder) / "start.pth"
        start.write_text(base + GOOGLE_COLAB * in_colab, encoding="utf-8")
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
            packages = distributions(path=[str(site_packages(folder))])
            return error, dict(map(requirement, packages))

    def problems(self, notebook: Notebook) -> Iterator[str]:
        """What goes wrong in Colab, and elsewhere with the set-up cell alone."""
        set_up = code_cells(notebook)[0]
        error, installed = self.run(notebook, in_colab=True)
        for output in set_up.outputs:
            yield f"its set-up is not silent: {output.get('text', output)}"
        wanted = {"lrnlib": f"lrnlib @ git+{self.repository}@{self.commit}"}
        lacking = [NOT_IN_COLAB[name] for name in required(notebook) if name in NOT_IN_COLAB]
        wanted |= {each.partition("==")[0]: each for each in " ".join(lacking).split()}
        for name in sorted(wanted.keys() | installed.keys()):
            found, expected = installed.get(name, f"no {name}"), wanted.get(name, "nothing")
            if not found.startswith(expected):
                yield f"it installs {found}; expected {expected}"
        if error:
            yield error
        error, installed = self.run(nbformat.v4.new_notebook(cells=[set_up]), in_colab=False)
        if error or installed or set_up.outputs:
            effect = error or sorted(installed) or set_up.outputs
            yield f"outside Colab its set-up does something: {effect}"

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
    print(output_of(python, "-m", "pip", "list", "--format", "freeze"), flush=True)
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(CHAPTERS_AT_ONCE) as pool:
        clone = Path(name) / "repository.git"
        repository = f"https://github.com/{address(root)}"
        runtime = Runtime(python.absolute(), clone, repository, publish(root, clone))
        well = list(pool.map(runtime.rehearse, paths))
    return None if all(well) else "The rehearsal has failed."


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]], Path.cwd()))
