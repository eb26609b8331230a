"""Make a virtual environment, unless the one that is there is as it should be.

`python -m tools.environment .venv requirements.txt`. It is made anew if it does not run, if another
Python made it, if its folder was moved (its scripts hold the old path), or if the requirements have
changed; if only pyproject.toml has changed, only lrnlib is installed again. The file `installed` in
the folder says what it was made from. This runs on the standard library alone.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"


def runs(python):
    """Whether there is a Python that works: the one behind an environment may be gone."""
    try:
        return subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def run(python, *command, **options):
    subprocess.run([python, "-m", *command], check=True, **options)


def install(python, requirements):
    """With uv, which is faster than pip, but PyTorch with pip, which finds the build for CPUs."""
    pinned = re.findall(r"^uv==\S+", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    run(python, "pip", "install", "--quiet", *pinned)
    everything = requirements.read_text("utf-8")
    others = re.sub(r"^torch==.*", "", everything, flags=re.M)
    uv = ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    run(python, *uv, "--requirement", "-", input=others, encoding="utf-8")
    if others != everything:
        run(python, "pip", "install", "--quiet", "--requirement", str(requirements))


def make(folder, requirements, keep_python=False, lrnlib=True):
    """Bring the environment in a folder up to date; keep_python: by whichever Python made it."""
    python, stamp = str(folder / PYTHON), folder / "installed"
    made = json.loads((stamp.exists() and runs(python) and stamp.read_text("utf-8")) or "{}")
    this = [os.path.realpath(sys.executable), sys.version]
    wanted = {
        "Python": made.get("Python", this) if keep_python else this,
        "folder": str(folder),
        "requirements": requirements.read_text("utf-8"),
        "pyproject.toml": (ROOT / "pyproject.toml").read_text("utf-8") if lrnlib else "",
    }
    changed = [key for key in wanted if made.get(key) != wanted[key]]
    if not changed:
        return
    executable, version = wanted["Python"]
    if not re.match(r"3\.1[1-3]\.", version):
        need = f"Python 3.11 to 3.13 is needed, this is {version.split()[0]}"
        sys.exit(f"{need}; name another: make PYTHON=python3.12")
    print(f"Making {folder.name}:", f"{', '.join(changed)} changed" if made else "new", flush=True)
    if changed != ["pyproject.toml"]:
        run(executable, "venv", "--clear", str(folder))
        install(python, requirements)
    if lrnlib:
        options = ["--quiet", "--no-deps", "--no-build-isolation", "--editable"]
        run(python, "pip", "install", *options, str(ROOT))
    stamp.write_text(json.dumps(wanted, indent=1), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--keep-python", action="store_true", help="whichever Python made it")
    parser.add_argument("--no-lrnlib", action="store_true", help="the requirements alone")
    given = parser.parse_args()
    make(given.folder.absolute(), given.requirements, given.keep_python, not given.no_lrnlib)
