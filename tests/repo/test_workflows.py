"""The workflows: they call the make targets, with pinned actions and few permissions."""

import re

import pytest
import yaml

from tools.repository import ROOT

WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.y*ml"))
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")
MAKE = re.compile(r"make ([\w-]+) PYTHON=python")
# To deploy, and nothing else: a job that may write runs no code of the repository.
MAY_WRITE = {"pages", "id-token"}


def targets():
    """What the Makefile can be asked for."""
    return set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def commands(job):
    """What the job runs, once for each of its matrix's rows."""
    rows = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
    for step in job["steps"]:
        for row in rows:
            command = step.get("run")
            for name, value in row.items():
                command = command and command.replace(f"${{{{ matrix.{name} }}}}", value)
            yield command


def of_a_job(name, job):
    """Every rule that one job breaks."""
    permissions = job.get("permissions") or {}
    writes = {scope for scope, right in permissions.items() if right != "read"}
    actions = [step["uses"] for step in job["steps"] if "uses" in step]
    if not isinstance(job.get("timeout-minutes"), int):
        yield f"{name}: no timeout-minutes"
    for command in filter(None, commands(job)):
        found = MAKE.fullmatch(command)
        if not found or found[1] not in targets():
            yield f"{name}: {command!r} is no make target"
    if writes - MAY_WRITE:
        yield f"{name}: may write {sorted(writes - MAY_WRITE)}"
    if writes and (any(commands(job)) or any("checkout" in action for action in actions)):
        yield f"{name}: may write, and runs code of the repository"
    for step in job["steps"]:
        if "actions/checkout@" in step.get("uses", "") and (
            step.get("with", {}).get("persist-credentials") is not False
        ):
            yield f"{name}: checkout keeps its credentials"


def problems(text):
    """Every rule that a workflow breaks."""
    workflow = yaml.safe_load(text)
    triggers = workflow[True]  # what YAML makes of the key `on`
    if "pull_request_target" in triggers:
        yield "pull_request_target gives a stranger's code our rights"
    if workflow.get("permissions") not in ({}, {"contents": "read"}):
        yield f"permissions: {workflow.get('permissions')}"
    for line in text.splitlines():
        if "uses:" in line and not PINNED.search(line):
            yield f"not pinned by commit and named by version: {line.strip()}"
    for name, job in workflow["jobs"].items():
        yield from of_a_job(name, job)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_keeps_the_rules(path):
    """Pinned actions, few permissions, make targets that exist."""
    assert list(problems(path.read_text(encoding="utf-8"))) == []


GOOD = (ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("workflow_dispatch:", "pull_request_target:", "pull_request_target"),
        ("permissions: {}\n", "", "permissions: None"),
        ("permissions: {}\n", "permissions: write-all\n", "permissions: write-all"),
        ("permissions: {}\n", "permissions: {contents: write}\n", "permissions: {'contents'"),
        (r"checkout@[0-9a-f]{40}  # v[\d.]+", "checkout@v7", "not pinned"),
        (r"(checkout@[0-9a-f]{40})  # v[\d.]+", r"\1", "not pinned"),
        ("make book PYTHON=python", "make bok PYTHON=python", "is no make target"),
        ("make book PYTHON=python", "make book; curl x", "is no make target"),
        ("    timeout-minutes: 90\n", "", "no timeout-minutes"),
        ("contents: read", "contents: write", "may write"),
        ("contents: read", "id-token: write", "runs code of the repository"),
        ("persist-credentials: false", "persist-credentials: true", "keeps its credentials"),
    ],
)
def test_a_broken_rule_is_found(before, after, problem):
    """Each rule can be broken, and is then named."""
    broken = re.sub(before, after, GOOD, count=1)
    assert broken != GOOD
    assert any(problem in found for found in problems(broken))


def test_what_is_published_has_been_verified():
    """Each chapter is compared and each page visited before it is deployed, and only from main."""
    jobs = yaml.safe_load(GOOD)["jobs"]
    verified = [MAKE.fullmatch(each)[1] for each in commands(jobs["book"]) if each]
    assert verified == ["test", "peers", "book", "site"]
    assert jobs["deploy"]["needs"] == "book"
    assert jobs["deploy"]["if"] == "github.ref == 'refs/heads/main'"


def test_one_action_has_one_pin():
    """What is moved in one workflow is moved in all."""
    pins = {}
    for path in WORKFLOWS:
        for action, pin in re.findall(r"uses: (\S+)@(.*)", path.read_text(encoding="utf-8")):
            pins.setdefault(action, set()).add(pin)
    assert {action: len(found) for action, found in pins.items() if len(found) > 1} == {}


def test_a_pull_request_is_asked_for_all_that_ci_run_asks():
    """No target of .ci/run is missing from the workflow of the same purpose."""
    asked = re.findall(
        r"^stage make ([\w-]+)", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.M
    )
    workflow = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    assert asked
    assert set(asked) <= set(re.findall(r"make ([\w-]+)", workflow))
