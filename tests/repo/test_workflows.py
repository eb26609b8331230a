"""The workflows: what zizmor, which `make lint` runs, does not check."""

import re

import pytest
import yaml

from tools.repository import ROOT

PATHS = sorted(ROOT.glob(".github/workflows/*.y*ml"))
WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in PATHS}
TARGETS = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
MAKE = re.compile(r"make ([\w-]+) PYTHON=python")


def commands(job):
    """What the job runs, once for each target of its matrix."""
    rows = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
    for target in sorted({row.get("target", "") for row in rows}):
        yield from (s["run"].replace('"$TARGET"', target) for s in job["steps"] if "run" in s)


def problems(text):
    for line in re.findall(r"uses: .*", text):
        if not re.fullmatch(r"uses: \S+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line):
            yield f"not pinned by commit and named by version: {line}"
    for name, job in yaml.safe_load(text)["jobs"].items():
        writes = {scope for scope, right in job.get("permissions", {}).items() if right != "read"}
        for command in commands(job):
            found = MAKE.fullmatch(command)
            if not found or found[1] not in TARGETS:
                yield f"{name}: {command!r} is no make target"
        if not isinstance(job.get("timeout-minutes"), int):
            yield f"{name}: no timeout-minutes"
        if writes - {"pages", "id-token"}:
            yield f"{name}: may write more than Pages"
        if writes and any("run" in step or "checkout" in step["uses"] for step in job["steps"]):
            yield f"{name}: may write, and runs code of the repository"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_keeps_the_rules(name):
    """Actions with their versions, jobs with a timeout, make targets that exist."""
    assert list(problems(WORKFLOWS[name])) == []


@pytest.mark.parametrize(
    ("name", "before", "after", "problem"),
    [
        ("publish", r"  # v[\d.]+", "", "not pinned"),
        ("publish", r"checkout@[0-9a-f]+", "checkout@v7", "not pinned"),
        ("publish", "make book", "make bok", "is no make target"),
        ("publish", "make book PYTHON=python", "make book PYTHON=python; curl x", "no make target"),
        ("weekly", "target: oldest", "target: odlest", "is no make target"),
        ("publish", "    timeout-minutes: 90\n", "", "no timeout-minutes"),
        ("publish", "contents: read", "contents: write", "may write more"),
        ("publish", "contents: read", "id-token: write", "runs code of the repository"),
    ],
)
def test_a_broken_rule_is_found(name, before, after, problem):
    broken = re.sub(before, after, WORKFLOWS[name], count=1)
    assert broken != WORKFLOWS[name]
    assert any(problem in found for found in problems(broken))


def test_what_is_published_has_been_verified():
    """Each chapter is compared and each page visited before it is deployed, and only from main."""
    assert MAKE.findall(WORKFLOWS["publish"]) == ["test", "rest", "peers", "book", "site"]
    deploy = yaml.safe_load(WORKFLOWS["publish"])["jobs"]["deploy"]
    assert (deploy["needs"], deploy["if"]) == ("book", "github.ref == 'refs/heads/main'")


def test_one_action_has_one_pin():
    pins = set(re.findall(r"uses: (\S+)@(.*)", "\n".join(WORKFLOWS.values())))
    assert len(pins) == len({action for action, _ in pins})


def test_a_pull_request_runs_all_that_ci_run_does():
    """The workflow of the same purpose has every target of .ci/run."""
    stages = re.findall(r"^stage make (\S+)", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.M)
    assert {"test"} <= set(stages) <= set(MAKE.findall(WORKFLOWS["tests"]))
