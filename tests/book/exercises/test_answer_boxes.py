"""The boxes of the static page say in a browser what Python's check says."""

import numpy as np
import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises import EXERCISES
from lrnlib.book.exercises._data import EXACT, Exercise, Part
from lrnlib.book.exercises._grading import NEARLY, UNANSWERED, grade
from tests.book.exercises.boxes import VERDICTS, typed
from tests.book.exercises.given import PARTS, arguments, message, not_foreseen, written
from tools.sphinx_ext.answer_boxes import form

WORDS = ("word", "dtype")


def fields(exercise):
    """How many lists to choose from one argument has."""
    return form(exercise, 1).count("<select") or 1


def _with_digits(answer, digits):
    if isinstance(answer, list | tuple):
        return [_with_digits(each, digits) for each in answer]
    return answer if isinstance(answer, str) else float(f"{answer:.{digits - 1}e}")


def foreseen(exercise, number):
    """The right answer to a part, every mistake and others, exact, rounded, nearly right."""
    part = exercise.parts[number]
    factors = {1, 1 - 0.9 * part.rtol, 1 + 0.9 * part.rtol, 1 + 3 * part.rtol, 1 + 0.99 * NEARLY}
    for expected in (part.answer, *(mistake for mistake, _ in part.mistakes)):
        if part.kind in WORDS and f"<option>{expected}<" not in form(exercise, 1):
            continue  # another word for the same mistake
        yield from (written(expected, part.kind, factor) for factor in factors)
        yield from (_with_digits(written(expected, part.kind), digits) for digits in range(1, 6))
    yield ...
    if part.kind not in WORDS:
        yield not_foreseen(part)


def test_every_foreseen_answer_gets_the_words_of_the_check(verdicts):
    """Right, wrong, rounded, nearly right, unforeseen, missing, to each part of each exercise."""
    cases = [(*each.values, answer) for each in PARTS for answer in foreseen(*each.values)]
    found = verdicts(
        [
            (exercise.name, typed(arguments(exercise, number, answer), fields(exercise)))
            for exercise, number, answer in cases
        ]
    )
    for case, verdict in zip(cases, found, strict=True):
        assert (case[0].name, case[1:], verdict) == (case[0].name, case[1:], message(*case))
    assert len(found) > 500


def test_pairs_of_float32_numbers_are_added_as_python_adds_them(verdicts):
    """Of all sizes, subnormal ones and ties among them."""
    rng = np.random.default_rng(3)
    a, b = (rng.integers(1, 2**24, (2, 400)) * 2.0 ** rng.integers(-149, 104, (2, 400))).tolist()
    near = rng.integers(-(2**25), 2**25, (2, 400)).tolist()
    pairs = [*zip(a, b, strict=True), *zip(*near, strict=True)]
    expected = [exercises.fast_two_sum_failure(pair).message for pair in pairs]
    found = verdicts([("fast_two_sum_failure", typed([pair])) for pair in pairs])
    assert found == expected
    assert len(set(found)) == 4


def test_limits_hold_to_the_last_digit(open_boxes):
    """Within the tolerance, and no further; the first mistake that matches has the message."""
    limits = {"whole": True, "minimum": 63, "maximum": 64}
    mistakes = [([{"whole": False, "maximum": 70}], "Near."), ([{"whole": False}], "Far.")]
    part = Part("numbers", [limits], mistakes, "No.", EXACT)
    exercise = Exercise("limits", "", "", "So.", [("it", "numbers", "It.")], [part])
    answers = [62, 63, 63.5, 64, 65, 69.5, 70.00005, 70.0001, np.inf]
    page = open_boxes([exercise])
    found = page.evaluate(VERDICTS, [("limits", typed([[answer]])) for answer in answers])
    assert found == [grade(exercise, [answer]).message for answer in answers]
    assert set(found) == {"Right. So.", "Near.", "Far.", "No."}


def test_a_rounded_number_is_what_python_rounds_it_to(open_boxes):
    """To an even digit, if two are as near; in a list, other numbers may be exact."""
    rights = [44.5, 45.5, -44.5, 128.5, 0.28515625, 0.285, 0.545, 1 / 3, 1e22 / 3, 0]
    boxes = [
        Exercise(f"e{k}", "", "", "", [("it", "number", "It.")],
                 [Part("number", right, [], "No.", 1e-5)])
        for k, right in enumerate(rights)
    ]  # fmt: skip
    cases = [
        (box, round(right * 10**shift) / 10**shift + unit * 10**-shift)
        for box, right in zip(boxes, rights, strict=True)
        for shift in range(-21, 7)
        for unit in (-1, 0, 1)
    ]
    part = Part("numbers", [1 / 3, 1000 / 3], [], "No.", 2e-3)
    boxes.append(Exercise("thirds", "", "", "", [("it", "numbers", "It.")], [part]))
    cases += [(boxes[-1], answer) for answer in ([0.3334, 330], [0.33, 333], [0.34, 333])]
    page = open_boxes(boxes)
    found = page.evaluate(VERDICTS, [(box.name, typed([answer])) for box, answer in cases])
    assert found == [grade(box, answer).message for box, answer in cases]
    assert len(set(found)) == 3


def test_a_reader_types_presses_enter_and_is_told(open_boxes):
    """By the label of the field; the verdict is announced, and goes when the answer changes."""
    page = open_boxes([EXERCISES["narrower_window"]])
    field = page.get_by_label("The result, to four decimal places, or as a fraction.")
    status = page.get_by_role("form", name="Answer to exercise 1").get_by_role("status")
    assert status.get_attribute("aria-live") == "polite"
    field.focus()
    page.keyboard.type("8/8**2")
    page.keyboard.press("Enter")
    assert status.inner_text().startswith("Only its own square is here")
    page.keyboard.press("Backspace")
    assert status.inner_text() == ""
    field.fill("8/114")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # on the button
    assert status.inner_text() == "Right. Three squares: its own and one on each side."


def test_right_and_wrong_differ_in_more_than_their_colour(open_boxes):
    """By a sign, which is not read aloud, since the words say it as well."""
    page = open_boxes([EXERCISES["ten_times"]])
    signs = []
    for answer in ("0.1", "10"):
        page.get_by_role("textbox").fill(answer)
        page.get_by_role("button", name="Check").click()
        sign = (
            "getComputedStyle(document.querySelector('.answer-verdict span'), '::before').content"
        )
        signs.append(page.evaluate(sign))
    assert signs == ['"✓ " / ""', '"✗ " / ""']


def test_words_are_chosen_from_lists(open_boxes):
    """Of a word for every foreseen mistake, in an order that gives nothing away."""
    page = open_boxes([EXERCISES["result_types"]])
    lists = [page.get_by_label(str(k), exact=True) for k in range(1, 6)]
    words = ["error", "float16", "float32", "float64"]
    assert lists[0].locator("option").all_inner_texts() == ["...", *words]
    for each, word in zip(lists, ["float32", "error", "float16", "float32"], strict=False):
        each.select_option(word)
    page.get_by_role("button", name="Check").click()
    assert page.get_by_role("status").inner_text() == UNANSWERED
    lists[4].select_option("error")
    page.get_by_role("button", name="Check").click()
    assert page.get_by_role("status").inner_text().startswith("Right.")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_box_takes_the_place_of_the_stub_where_scripts_run(open_boxes, scripts):
    page = open_boxes([EXERCISES["ten_times"]], java_script_enabled=scripts)
    seen = [page.locator(name).is_visible() for name in (".answer-box", ".answer-stub")]
    assert seen == [scripts, not scripts]
