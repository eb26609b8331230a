"""The engine behind the exercises: what becomes of answers of any kind."""

import re
from fractions import Fraction

import numpy as np
import pytest

import lrnlib
from lrnlib.book import exercises
from lrnlib.book.exercises._grading import judge, judge_function
from tools.repository import ROOT

CHAPTERS = [path.read_text(encoding="utf-8") for path in ROOT.glob("chapters/*.ipynb")]


class Tensor:
    """What NumPy can read and is not NumPy's, as TensorFlow's and PyTorch's are."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


class Guarded(Tensor):
    """One that refuses, as PyTorch's do while they record a gradient."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


def judged(answer, right, rtol=1e-6):
    """The verdict, with two foreseen mistakes: twice the right numbers, and "left"."""
    mistakes = [("left", "The other one.")]
    if np.asarray(right).dtype.kind in "if":
        mistakes.append((2 * np.asarray(right), "Twice too much."))
    return judge(answer, right, mistakes, otherwise="Look again.", remark="So it is.", rtol=rtol)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (2, 2),
        (2.0, 2),
        (Fraction(1, 3), 1 / 3),
        (np.float16(0.5), 0.5),
        (Tensor(2.0), 2),
        ([4, 5], [4, 5]),
        ((4, 5), [4, 5]),
        (range(4, 6), [4, 5]),
        (np.array([4, 5], np.int8), [4, 5]),
        (Tensor([4, 5]), (4, 5)),
        ([Fraction(1, 2), 3], np.array([0.5, 3])),
        ([np.nan, np.inf], [np.nan, np.inf]),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
        ("right", "right"),
        (" Right ", "right"),
        (["Yes", "no"], ("yes", "no")),
        (("yes", 2.0), ["yes", 2]),
    ],
)
def test_a_right_answer_may_have_any_form(answer, right):
    """Lists, tuples, arrays, tensors, fractions; words in any case."""
    verdict = judged(answer, right)
    assert verdict
    assert (verdict.right, repr(verdict)) == (True, "Right. So it is.")


@pytest.mark.parametrize("answer", [None, ..., [...], (1, ...), [1, [None]]])
def test_an_answer_left_open_is_none_yet(answer):
    """Dots anywhere in it are not called wrong."""
    verdict = judged(answer, [1, 2])
    assert not verdict
    assert verdict.message == "No answer yet: put yours in the place of the dots."


@pytest.mark.parametrize(
    ("answer", "right", "message"),
    [
        (4, 2, "Twice too much."),
        (Tensor([8, 10]), [4, 5], "Twice too much."),
        (["Left"], "right", "The answer must be a word, got ['Left']."),
        ("LEFT", "right", "The other one."),
        (3, 2, "Look again."),
        ([4, 6], [4, 5], "Look again."),
        ([4, 5, 6], [4, 5], "Look again."),
        (np.nan, 2, "Look again."),
        (2, np.nan, "Look again."),
        ("up", "right", "Look again."),
        (["yes", "up"], ["yes", "no"], "Look again."),
        (["yes"], ["yes", "no"], "The answer must be a list of 2, got ['yes']."),
        ("2", 2, "The answer must be a number, got '2'."),
        ([2], 2, "The answer must be a number, got [2]."),
        (2 + 0j, 2, "The answer must be a number, got (2+0j)."),
        (object, 2, "The answer must be a number, got <class 'object'>."),
        (2, [4, 5], "The answer must be a list of numbers, got 2."),
        ({4, 5}, [4, 5], "The answer must be a list of numbers, got {4, 5}."),
        (["four", 5], [4, 5], "The answer must be a list of numbers, got ['four', 5]."),
        ([[1, 2], [3]], [4, 5], "The answer must be a list of numbers, got [[1, 2], [3]]."),
        ([1, 2], [[1, 2], [3, 4]], "The answer must be of shape (2, 2), got [1, 2]."),
        (2, "right", "The answer must be a word, got 2."),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(answer, right, message):
    """Its own message where it was foreseen; its kind where that is wrong; else a hint."""
    verdict = judged(answer, right)
    assert not verdict
    assert verdict.message == message


def test_a_tensor_that_refuses_is_of_the_wrong_kind():
    """What NumPy cannot read is not a number, and no error comes out of the check."""
    assert "must be a number, got" in judged(Guarded(2), 2).message


def test_an_answer_by_hand_is_judged_to_its_places():
    """`rtol` is relative to each number, the small ones too."""
    assert judged([0.333, 333], [1 / 3, 1000 / 3], rtol=2e-3)
    assert not judged([0.333, 333], [1 / 3, 1000 / 3])
    rounded = judged([0.34, 333], [1 / 3, 1000 / 3], rtol=2e-3)
    assert not rounded
    assert rounded.message == "Nearly right: give as many digits as are asked for."
    assert judged([0.36, 333], [1 / 3, 1000 / 3], rtol=2e-3).message == "Look again."
    assert judged(101, 100).message == "Look again."  # a count is right or wrong


X = np.array([[3.0, -1, 4], [1, -5, 9]])
CASES = [(X, 2), (X[0], 0.5)]


def scaled(x, by):
    """What the functions below should return."""
    return x * by


def not_scaled(x, by):
    return x


def cut(x, by):
    return x * by * (int(by) // int(by))


def judged_function(function, right=scaled, cases=CASES):
    mistakes = [(not_scaled, "Nothing is scaled."), (cut, "An integer is made of it.")]
    return judge_function(function, right, mistakes, cases, remark="So it is.")


@pytest.mark.parametrize(
    "function",
    [
        scaled,
        np.multiply,
        lambda x, by: (x * by).tolist(),
        lambda x, by: Tensor(x * by),
        lambda x, by: (x * by).astype(np.float32),
    ],
)
def test_a_right_function_may_return_any_form(function):
    """Arrays of any type, lists, tensors."""
    verdict = judged_function(function)
    assert verdict.right
    assert verdict.message == "Right. So it is."


def unfinished(x, by): ...


def refuses(x, by):
    raise NotImplementedError


def no_return(x, by):
    x * by


@pytest.mark.parametrize("function", [unfinished, refuses, no_return, lambda x, by: ...])
def test_a_function_that_returns_nothing_is_no_answer_yet(function):
    """A stub, and a body whose result is not returned."""
    message = f"No answer yet: {function.__name__} returns nothing."
    assert judged_function(function).message == message


@pytest.mark.parametrize(
    ("function", "left"),
    [
        (lambda x, by: x * by if x.ndim == 2 else None, "None"),
        (lambda x, by: x * by if x.ndim == 2 else [None, 1, 2], r"\[None, 1, 2\]"),
    ],
)
def test_an_answer_that_is_not_whole_is_shown(function, left):
    """A return that is missing on one way, or a place that is not filled."""
    message = judged_function(function).message
    call = r"<lambda>\(\[3.0, -1.0, 4.0\], 0.5\)"
    assert re.fullmatch(rf"Not complete: {call} leaves something open, got {left}\.", message)


@pytest.mark.parametrize("answer", [None, ...])
def test_no_function_is_no_answer_yet(answer):
    """Dots in its place."""
    assert judged_function(answer).message.startswith("No answer yet: put")


def test_what_is_no_function_is_named():
    """The result of a call in the function's place, say."""
    assert judged_function([6]).message == "The answer must be a function, got [6]."


def doubles_in_place(x, by):
    x *= by
    return x


def wrong_shape(x, by):
    return x[:1] * by


def raises(x, by):
    raise KeyError(by)


def nan(x, by):
    return x * np.nan


def infinite(x, by):
    return np.where(x == 4, np.inf, x * by)


def a_word(x, by):
    return "6"


def complex_numbers(x, by):
    return (x + 0j) ** by


def off_in_the_second(x, by):
    return x * by if x.ndim == 2 else x * by + [0, 0.5, 0.25]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, by: x.copy(), "Nothing is scaled."),
        (doubles_in_place, r"doubles_in_place\(.*\) changes its arguments: work on a copy\."),
        (wrong_shape, r"Not right: .* returns shape \(1, 3\), and \(2, 3\) is expected\."),
        (raises, r"raises\(.*, 2\) raised KeyError: 2"),
        (nan, r"Not right: .* returns nan at \[0, 0\], and 6 is expected\."),
        (infinite, r"Not right: .* returns inf at \[0, 2\], and 8 is expected\."),
        (a_word, r"Not right: .* must return numbers, got '6'\."),
        (complex_numbers, r"Not right: .* must return numbers, got array.*"),
        (
            off_in_the_second,
            r"Not right: off_in_the_second\(\[3.0, -1.0, 4.0\], 0.5\) returns 0 at \[1\], "
            r"and -0.5 is expected\.",
        ),
    ],
)
def test_a_wrong_function_is_told_what_is_wrong(function, message):
    """A foreseen mistake has its message; any other is shown by the first case it fails."""
    verdict = judged_function(function)
    assert not verdict
    assert re.fullmatch(message, verdict.message, re.S)


def test_a_mistake_may_be_an_error():
    """A function that raises what a foreseen one raises, and agrees elsewhere, is that one."""
    same = judged_function(lambda x, by: x * (by if by > 1 else 1 // 0))
    assert same.message == "An integer is made of it."
    other = judged_function(lambda x, by: x * (by if by > 1 else int("")))
    assert "([3.0, -1.0, 4.0], 0.5) raised ValueError: invalid literal" in other.message


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda n: n / 7, "Right."),
        (lambda n: Fraction(n, 7), "Right."),
        (lambda n: n / 9, "Not right: <lambda>(3) returns 0.333333, and 0.428571 is expected."),
        (
            lambda n: n / 7 - 6e-7,
            "Not right: <lambda>(3) returns 0.428570829, and 0.428571429 is expected.",
        ),
        (lambda n: 10**400, "Not right: <lambda>(3) must return numbers, got 1000"),
    ],
)
def test_a_function_may_return_numbers(function, message):
    """A single number is shown without a place."""
    verdict = judge_function(function, lambda n: n / 7, [], [(3,), (4,)])
    assert verdict.message.startswith(message)


@pytest.mark.parametrize(("off", "message"), [(1e-9, "Right."), (1e-4, "So near."), (0.1, "Not")])
def test_a_function_may_be_told_that_it_is_near(off, message):
    """Where the exercise is about the last digits."""
    off_by = {"nearly": "So near.", "rtol": 1e-8}
    verdict = judge_function(lambda n: n + off, lambda n: n, [], [(3,)], **off_by)
    assert verdict.message.startswith(message)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda n: "Odd" if n % 2 else "even", "Right."),
        (lambda n: "even", "Not right: <lambda>(3) must return odd, got 'even'."),
        (lambda n: n % 2, "Not right: <lambda>(3) must return odd, got 1."),
    ],
)
def test_a_function_may_return_words(function, message):
    """And is shown the word that is expected."""
    verdict = judge_function(function, lambda n: "odd" if n % 2 else "even", [], [(3,), (4,)])
    assert verdict.message == message


def test_the_call_is_shown_with_short_arrays_alone():
    """A long one is named by its shape; an array without a name is the function."""
    add = type("", (), {"__call__": lambda self, x: x + 1})()
    verdict = judge_function(add, lambda x: x, [], [(np.zeros((4, 5)),)])
    assert verdict.message.startswith("Not right: the function(array of shape (4, 5)) returns 1 at")


def test_arguments_other_than_numbers_are_compared_too():
    """A word, or a set of parameters, is not taken for a changed argument."""
    cases = [("same", lrnlib.Parameters(), None)]
    assert judge_function(lambda *arguments: 1, lambda *arguments: 1, [], cases)


def test_an_overflow_is_judged_and_does_not_warn():
    """The reader sees what it leads to, on every machine alike."""
    huge = [(np.array([1e30], np.float32),)]
    verdict = judge_function(lambda x: x * x, lambda x: x.astype(float) ** 2, [], huge)
    assert "returns inf at [0], and 1e+60 is expected" in verdict.message


def test_an_interrupt_is_not_taken_for_a_wrong_answer():
    """Whoever stops an endless loop stops the cell."""

    def endless(x, by):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged_function(endless)


@pytest.mark.parametrize("name", [name for name in exercises.__all__ if name != "Verdict"])
def test_every_check_is_asked_in_one_chapter(name):
    """Once in a stub and once in its solution."""
    used = [len(re.findall(rf"\bcheck\.{name}\(", text)) for text in CHAPTERS]
    assert sorted(used)[-2:] == [0, 2]
