"""The benchmark counts bytes rightly, times nothing wrong, and leaves nobody out in silence."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import cases, cpu, peers
from benchmarks.checking import LIMIT, WORST, Sample, exact_forward, gradient_scale, largest_error
from benchmarks.timing import ratios, statistics, time_case
from benchmarks.worker import SubjectError, without_paths
from lrnlib import reference

TINY = cases.Case("forward", "tiny", (2, 3, 4, 9))
TINY_GRADIENT = replace(TINY, kind="gradient")


class Absent(peers.Subject):
    """A subject whose library is not installed."""

    def __init__(self):
        import no_such_library  # noqa: F401


class Wrong(peers.Numpy):
    """A subject with another window; it must never be called again once it is checked."""

    calls = 0

    def forward(self, case, x):
        right = super().forward(replace(case, depth_radius=case.depth_radius + 1), x)

        def call():
            self.calls += 1
            if self.calls > 1:
                raise RuntimeError("a wrong result was timed")
            return right()

        return call


class Broken(peers.Numpy):
    """A subject that is right when it is checked and fails when it is timed."""

    calls = 0

    def forward(self, case, x):
        right = super().forward(case, x)

        def call():
            self.calls += 1
            if self.calls > 1:
                raise RuntimeError("no more at /home/somebody/library.so")
            return right()

        return call


class Dying(peers.Subject):
    """A subject that takes its process with it."""

    def forward(self, case, x):
        raise SystemExit(3)


@pytest.fixture
def started():
    """Starts workers, and ends them after the test."""
    running = {}

    def start(**subjects):
        workers, left_out = cpu.started(subjects)
        running.update(workers)
        return workers, left_out

    yield start
    for worker in running.values():
        worker.close()


def test_bytes_are_counted_by_hand():
    """4 bytes a value: x and y of LRN; x, dy and dx of its gradient."""
    assert cases.Case("forward", "", (2, 3, 5, 7)).bytes_moved == 2 * 210 * 4
    assert cases.Case("gradient", "", (2, 3, 5, 7)).bytes_moved == 3 * 210 * 4
    assert cases.Case("channels", "", (2, 3, 5, 7)).bytes_moved == 2 * 210 * 4
    assert [case.bytes_result // 10**6 for case in cases.MEMORY] == [74, 297, 74, 297]


def test_ratios_are_those_of_the_medians():
    """A gradient's bound is one and a half copies; the copy itself has none."""
    rows = {"copy": {"median_ms": 2.0}, "tensorflow": {"median_ms": 24.0}, "mine": {}}
    rows["mine"] = {"median_ms": 6.0}
    assert ratios("mine", TINY_GRADIENT, rows) == {
        "ratio_to_copy": 3.0,
        "ratio_to_tensorflow": 0.25,
        "bound_ms": 3.0,
        "achieved_over_bound": 0.5,
    }
    assert ratios("mine", TINY, rows)["achieved_over_bound"] == 0.3333
    assert ratios("copy", TINY, rows) == {"ratio_to_copy": 1.0, "ratio_to_tensorflow": 0.08333}
    assert ratios("mine", TINY, {"mine": {"median_ms": 6.0}, "copy": {"status": "left out"}}) == {}


def test_statistics_of_known_times():
    """Milliseconds; the quartiles of 1 to 5; nanoseconds of each of 216 values."""
    found = statistics([0.001, 0.002, 0.003, 0.004, 0.005], TINY)
    assert found == {
        "rounds": 5,
        "median_ms": 3.0,
        "q1_ms": 2.0,
        "q3_ms": 4.0,
        "ns_per_element": 1.389e4,
    }


def test_a_subject_that_is_not_installed_is_left_out_by_name(started):
    """The reason is the library's name; the others go on."""
    workers, left_out = started(absent=Absent, numpy=peers.Numpy)
    assert left_out == [{"subject": "absent", "reason": "not installed: no_such_library"}]
    assert list(workers) == ["numpy"]


def test_a_wrong_result_is_refused_before_it_is_timed(started):
    """The row has the error and no time; that of a right subject has one."""
    workers, _ = started(wrong=Wrong, numpy=peers.Numpy)
    wrong, right = time_case(TINY, workers, quick=True)
    assert (wrong["subject"], wrong["status"]) == ("wrong", "wrong")
    assert wrong["error_ulp"] > LIMIT
    assert set(wrong) == {*TINY.parameters(), "subject", "status", "error_ulp"}
    assert (right["status"], right["rounds"]) == ("timed", 3)


def test_a_subject_that_fails_is_named_with_the_reason(started):
    """One that raises, without the folder it tells; and one whose process ends."""
    workers, _ = started(broken=Broken, dying=Dying, numpy=peers.Numpy)
    broken, dying, right = time_case(TINY, workers, quick=True)
    assert (broken["status"], broken["reason"]) == ("left out", "RuntimeError: no more at …")
    assert (dying["status"], dying["reason"]) == ("left out", "its process ended: 3")
    assert right["status"] == "timed"
    with pytest.raises(SubjectError, match="its process ended: 3"):
        workers["dying"].ask("time")


def test_a_message_names_no_folder():
    """Neither that of a library nor that of a user, on any system."""
    for path in ("/home/me/lib.so", r"C:\Users\me\lib.dll"):
        assert without_paths(ImportError(f"cannot import a ({path}) now")) == (
            "ImportError: cannot import a … now"
        )
    assert without_paths(RuntimeError("")) == "RuntimeError: "


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("kind", ["forward", "gradient"])
def test_each_error_counts(kind, axis):
    """Right results pass, of LRN and of a copy, and one value of a sampled pixel does not."""
    case = replace(TINY, kind=kind, axis=axis)
    x, dy = cases.inputs(case)
    subject = peers.Numpy()
    call = subject.forward(case, x) if dy is None else subject.gradient(case, dy, x)
    sample = Sample(case)
    assert 0 < sample.error(_Answers(case, call())) < 8
    assert sample.error(_Answers(case, x), copies=True) == 0
    damaged = call()
    damaged[-1, -1, -1, -1] += 0.01
    assert sample.error(_Answers(case, damaged)) > LIMIT
    damaged[-1, -1, -1, -1] = np.nan
    assert sample.error(_Answers(case, damaged)) == WORST
    assert sample.error(_Answers(case, call().astype(np.float64))) == WORST


class _Answers:
    """In place of a worker: it has this result."""

    def __init__(self, case, result):
        self._case, self._result = case, result

    def ask(self, command, pixels):
        assert command == "result"
        return cases.take(self._result, pixels, self._case.axis)


def test_the_error_is_in_units_of_the_last_place():
    """From 1 to the next float32 is one unit, 2**-23."""
    one = np.ones(1)
    assert largest_error(np.nextafter(np.float32(one), np.float32(2)), one, one) == 1
    assert largest_error(np.float32(one), one + 2.0**-24, one) == 0.5
    assert largest_error(np.float32([-1]), one, one) == 2.0**24


def test_the_exact_formula_is_the_reference():
    """Two ways to the same float64 values, with a window wider than the channels as well."""
    for radius in (0, 2, 20):
        case = replace(TINY, depth_radius=radius, spread=True)
        x, _ = cases.inputs(case)
        y = reference.local_response_normalization(x, radius, case.bias, case.alpha, case.beta)
        np.testing.assert_allclose(exact_forward(x, case), y, rtol=1e-14)


def test_the_gradient_is_no_larger_than_its_scale():
    """The sum of the absolute terms bounds their sum, and is reached where none is negative."""
    x, dy = (cases.take(a, [(0, 0, 0)], -1) for a in cases.inputs(TINY_GRADIENT))
    numbers = (TINY.depth_radius, TINY.bias, TINY.alpha, TINY.beta)
    dx = reference.local_response_normalization_grad(dy, x, *numbers)
    assert np.all(np.abs(dx) <= gradient_scale(dy, x, TINY_GRADIENT))
    dy, x = np.abs(dy), np.abs(x)
    dx = reference.local_response_normalization_grad(dy, x, *numbers)
    direct = dy * reference.local_response_normalization(x, *numbers) / x
    np.testing.assert_allclose(direct - dx + direct, gradient_scale(dy, x, TINY_GRADIENT))


@pytest.mark.parametrize("case", cases.FORWARD + cases.GRADIENT + cases.SWEEP + cases.ACCURACY)
def test_the_cases_have_power(case):
    """The sum counts as much as the bias, which is not 1; the pixels checked include corners."""
    assert case.alpha * case.window == pytest.approx(case.bias)
    assert case.bias != 1
    pixels = cases.pixels_of(case)
    sizes = np.delete(case.shape, case.axis)
    assert {(0, 0, 0), tuple(sizes - 1)} <= set(pixels)
