"""The bytes are counted right, the inputs have power, and each error of a result counts."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import cases
from benchmarks.accuracy import LIMITS, WORST, Sample, gradient_scale, largest_error
from benchmarks.implementations import cpu
from benchmarks.worker import ImplementationError
from lrnlib import reference
from tests.benchmarks.fakes import TINY, TINY_GRADIENT, FakeGpu, Lrnlib, Unfused, started

KINDS = {"forward": TINY, "gradient": TINY_GRADIENT}
SECTIONS = [*cases.CPU.values(), *cases.GPU.values(), cases.ACCURACY]


def test_bytes_are_counted_by_hand():
    """4 bytes of a float32 and 2 of a half: x and y of LRN; x, dy and dx of its gradient."""
    for kind, arrays in (("forward", 2), ("gradient", 3), ("channels", 2)):
        case = cases.Case(kind, "", (2, 3, 5, 7))
        for dtype, size in (("float32", 4), ("float16", 2), ("bfloat16", 2)):
            assert replace(case, dtype=dtype).bytes_moved == arrays * 210 * size
    assert [case.bytes_result // 10**6 for case in cases.MEMORY] == [74, 297, 74, 297]


@pytest.mark.parametrize("case", KINDS.values())
@pytest.mark.parametrize("cache", [1, 1000, 1728, 10**5, 50 * 2**20])
def test_buffers_in_turn_are_larger_than_the_cache(case, cache, monkeypatch):
    """Twice as large, with no set too many, and at least two sets."""
    monkeypatch.setattr(FakeGpu, "cache", cache)
    sets = FakeGpu().sets_of(case)
    assert sets >= 2
    assert sets * case.bytes_moved > 2 * cache
    assert sets == 2 or (sets - 1) * case.bytes_moved <= 2 * cache


def test_every_gpu_target_has_its_case():
    """The shapes and dtypes of the issue, one of them in bfloat16, and the radii from 1 to 7."""
    shapes = {
        ((128, 55, 55, 96), -1),
        ((128, 27, 27, 256), -1),
        ((128, 96, 55, 55), 1),
        ((128, 192, 56, 56), 1),
    }
    wanted = {(*shape, dtype) for dtype in ("float32", "float16") for shape in shapes}
    for op in KINDS:
        found = {(case.shape, case.axis, case.dtype) for case in cases.GPU[op]}
        assert found == wanted | {((128, 55, 55, 96), -1, "bfloat16")}
        radii = [case.depth_radius for case in cases.GPU["radius"] if case.op == op]
        assert radii == list(range(1, 8))
    keys = [json.dumps(case.columns()) for section in cases.GPU.values() for case in section]
    assert len(keys) == len(set(keys))


def test_the_cases_have_power():
    """The sum counts as much as the bias, which is not 1; the pixels checked include corners.

    Where there are windows of zeros, the same sum has a bias of 0 and of 1.
    """
    for case in (case for section in SECTIONS for case in section):
        assert case.alpha * case.window == pytest.approx(1 if case.relu else case.bias)
        assert case.bias in (0, 1) if case.relu else case.bias > 1
        sizes = np.delete(case.shape, case.axis)
        assert {(0, 0, 0), tuple(sizes - 1)} <= set(cases.pixels_of(case))


@pytest.mark.parametrize("dtype", cases.DTYPES)
@pytest.mark.parametrize("plain", KINDS.values())
def test_parameters_do_not_change_the_input(plain, dtype):
    """So that it is drawn once for a whole sweep, and cast for each dtype."""
    case = replace(plain, dtype=dtype, depth_radius=7, name="other")
    for mine, right in zip(cases.inputs_of(case), cases.inputs_of(plain), strict=True):
        assert mine.dtype == cases.DTYPES[dtype]
        np.testing.assert_array_equal(mine, right.astype(mine.dtype))
    first = cases.inputs_of(case)
    cases._draw.cache_clear()
    for mine, again in zip(first, cases.inputs_of(case), strict=True):
        np.testing.assert_array_equal(mine, again)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", cases.DTYPES)
@pytest.mark.parametrize("implementation", [Unfused, Lrnlib])
def test_right_results_pass(implementation, dtype, kind, axis):
    """In each dtype and both layouts, well within the limit."""
    case = replace(TINY, kind=kind, axis=axis, dtype=dtype)
    (session,) = started(it=implementation).values()
    if (implementation, dtype) == (Unfused, "bfloat16"):
        with pytest.raises(ImplementationError, match="not written for bfloat16"):
            session.request("prepare", case)
        return
    session.request("prepare", case)
    assert Sample(case).error(session) < LIMITS[dtype] / 2


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_each_error_counts(kind, axis):
    """Right results pass, of LRN and of a copy, and one value of a sampled pixel does not."""
    case = replace(TINY, kind=kind, axis=axis)
    inputs, sample = cases.inputs_of(case), Sample(case)
    call = cpu.Numpy().prepare(case, *inputs)

    def error(result, copies=False):
        def request(command, pixels):
            assert command == "result"
            return cases.take(result, pixels, axis)

        return sample.error(SimpleNamespace(request=request), copies)

    assert 0 < error(call()) < 8
    assert error(inputs[0], copies=True) == 0
    damaged = call()
    damaged[-1, -1, -1, -1] += 0.01
    assert error(damaged) > LIMITS["float32"]
    damaged[-1, -1, -1, -1] = np.nan
    assert error(damaged) == error(call().astype(np.float64)) == WORST


@pytest.mark.parametrize("kind", ["relu", "relu gradient"])
def test_windows_of_zeros_are_not_a_number(kind):
    """Without bias; NaN elsewhere, or a number there, is an error."""
    case = replace(TINY, kind=kind, bias=0.0, relu=True, shape=(4, 5, 6, 9))
    result = cpu.Numpy().prepare(case, *cases.inputs_of(case))()
    sample = Sample(case, list(np.ndindex(case.shape[:-1])))

    session = SimpleNamespace(request=lambda _, pixels: cases.take(result, pixels, -1))

    def error():
        return sample.error(session)

    zeros = np.isnan(result)
    assert 0 < np.count_nonzero(zeros) < result.size / 2
    assert 0 < error() < 8
    for at, value in (np.argwhere(zeros)[0], 0), (np.argwhere(~zeros)[0], np.nan):
        kept, result[tuple(at)] = result[tuple(at)], value
        assert error() == WORST
        result[tuple(at)] = kept


def test_the_error_is_in_units_of_the_last_place():
    """From 1 to the next float32 is one unit, 2**-23."""
    one = np.ones(1)
    assert largest_error(np.nextafter(np.float32(one), np.float32(2)), one, one) == 1
    assert largest_error(np.float32(one), one + 2.0**-24, one) == 0.5
    assert largest_error(np.float32([-1]), one, one) == 2.0**24


def test_the_gradient_is_no_larger_than_its_scale():
    """The sum of the absolute terms bounds their sum, and is reached where none is negative."""
    x, dy = (cases.take(a, [(0, 0, 0)], -1) for a in cases.inputs_of(TINY_GRADIENT))
    numbers = (TINY.depth_radius, TINY.bias, TINY.alpha, TINY.beta)
    dx = reference.local_response_normalization_grad(dy, x, *numbers)
    assert np.all(np.abs(dx) <= gradient_scale(x, dy, TINY_GRADIENT))
    dy, x = np.abs(dy), np.abs(x)
    dx = reference.local_response_normalization_grad(dy, x, *numbers)
    direct = dy * reference.local_response_normalization(x, *numbers) / x
    np.testing.assert_allclose(direct - dx + direct, gradient_scale(x, dy, TINY_GRADIENT))
