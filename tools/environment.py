"""Make a virtual environment, unless the one that is there is as it should be.

`python -m tools.environment .venv requirements.txt`. It is made anew if another Python made it,
if its folder was moved (its scripts hold the old path), or if the requirements have changed; if
only pyproject.toml has changed, only lrnlib is installed again. The file `installed` in the folder
says what it was made from. This runs on the standard library alone.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = (3, 11), (3, 13)


def python_in(folder):
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def version_of(python):
    """The version that a Python prints; empty if it does not run."""
    command = [python, "-c", "import sys; print(sys.version)"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8")
    except OSError:
        return ""
    return done.stdout.strip()


def pip(python, *arguments):
    subprocess.run([python, "-m", "pip", "install", "--quiet", *arguments], check=True)


def install(python, requirements):
    """With uv, which is faster than pip, but PyTorch with pip, which finds the build for CPUs."""
    pip(python, *re.findall(r"^uv==\S+", (ROOT / "requirements.txt").read_text("utf-8"), re.M))
    lines = requirements.read_text("utf-8").splitlines()
    others = [line for line in lines if not line.startswith("torch==")]
    command = ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    subprocess.run(
        [python, "-m", *command, "--requirement", "-"],
        input="\n".join(others), encoding="utf-8", check=True,
    )  # fmt: skip
    if others != lines:
        pip(python, "--requirement", str(requirements))


def make(folder, requirements, keep_python=False, lrnlib=True):
    """Bring the environment in a folder up to date.

    With keep_python any Python that made it will do, if it still runs; else it must be this one.
    """
    stamp = folder / "installed"
    made = json.loads((stamp.exists() and stamp.read_text("utf-8")) or "{}")
    version, executable = sys.version, os.path.realpath(sys.executable)
    if keep_python and made and version_of(python_in(folder)) == made["version"]:
        version, executable = made["version"], made["executable"]
    wanted = {
        "version": version,
        "executable": executable,
        "folder": str(folder),
        "requirements": requirements.read_text("utf-8"),
        "project": (ROOT / "pyproject.toml").read_text("utf-8") if lrnlib else "",
    }
    changed = [key for key in wanted if made.get(key) != wanted[key]]
    if not changed:
        return
    print(f"Making {folder.name}:", f"{', '.join(changed)} changed" if made else "new", flush=True)
    if changed != ["project"]:
        if not SUPPORTED[0] <= tuple(map(int, version.split(".")[:2])) <= SUPPORTED[1]:
            sys.exit(
                f"Python 3.11 to 3.13 is needed, this is {version.split()[0]}; "
                "name another: make PYTHON=python3.12"
            )
        subprocess.run([executable, "-m", "venv", "--clear", str(folder)], check=True)
        install(python_in(folder), requirements)
    if lrnlib:
        pip(python_in(folder), "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    stamp.write_text(json.dumps(wanted, indent=1), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--keep-python", action="store_true", help="whichever Python made it")
    parser.add_argument("--no-lrnlib", action="store_true", help="the requirements alone")
    given = parser.parse_args()
    make(given.folder.absolute(), given.requirements, given.keep_python, not given.no_lrnlib)
