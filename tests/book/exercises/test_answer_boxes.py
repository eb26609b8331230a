"""The boxes of the static page say in a browser what Python's check says."""

import numpy as np
import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises import EXERCISES
from lrnlib.book.exercises._data import EXACT, Exercise, Part
from lrnlib.book.exercises._grading import NEARLY, UNANSWERED, grade
from tests.book.exercises.given import PARTS, arguments, message, not_foreseen, written
from tools.repository import ROOT
from tools.sphinx_ext.answer_boxes import form

BOXES = [exercise for exercise in EXERCISES.values() if exercise.parts]
LINES = [exercise for exercise in BOXES if "<select" not in form(exercise, 1)]
WORDS = ("word", "dtype")
SCRIPT, STYLE = (ROOT / "_static" / f"answers.{kind}" for kind in ("js", "css"))
VERDICTS = """(cases) => cases.map(([name, typed]) => {
  const form = document.getElementById(`answer-${name}`);
  form.querySelectorAll("input, select").forEach((field, k) => { field.value = typed[k]; });
  form.requestSubmit();
  return form.querySelector(".answer-verdict").textContent;
})"""


@pytest.fixture(scope="module")
def open_boxes(chromium):
    """Opens the boxes of exercises in one page, which may load nothing and raise no error."""
    contexts, wrong = [], []

    def opened(boxes=BOXES, **options):
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(f"asked for {request.url}"))
        forms = "".join(
            f'<div class="answer-stub">{each.name} = ...</div>{form(each, 1)}' for each in boxes
        )
        style, script = (file.read_text(encoding="utf-8") for file in (STYLE, SCRIPT))
        page.set_content(
            f"<!DOCTYPE html><style>{style}</style><main>{forms}</main><script>{script}</script>"
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def verdicts(open_boxes):
    """The messages of the boxes for pairs of an exercise's name and what is typed."""
    page = open_boxes()
    return lambda cases: page.evaluate(VERDICTS, cases)


def typed(answers, fields=1):
    """Python's arguments as they are typed in a box."""
    if fields == 1:
        return [_text(answer) for answer in answers]
    return [_text(answer) for answer in answers[0]]


def _text(answer):
    if answer is ...:
        return "..."
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list | tuple):
        return f"[{', '.join(map(_text, answer))}]"
    return repr(answer)


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


MALFORMED = [
    "abc", "8/", "/8", "(1", "1)", "1 +", "sqrt", "sqrt 4", "sqrt()", "2 **", "1..2", "0x10", "e5",
    "1, x", "1 x 2", "[", "[1, 2", "1]", "()", "(1 2", "50%", "it's", 'a "b"', "a 'b' and \"c\"",
    "\\", "1,2,a\\'", "é 𝛽", "x" * 78, "x" * 79, "𝛽" * 100, "print(1)", "answer", "True", "0/0",
    "nan", ",", "1,,2", "{}",
]  # fmt: skip


def test_what_is_no_number_is_shown_as_a_string(verdicts):
    """As the check shows it to whoever gives it text."""
    cases = [(each, [text] * len(each.arguments)) for each in LINES for text in MALFORMED]
    found = verdicts([(exercise.name, answers) for exercise, answers in cases])
    for (exercise, answers), verdict in zip(cases, found, strict=True):
        expected = getattr(exercises, exercise.name)(*answers).message
        assert (exercise.name, answers, verdict) == (exercise.name, answers, expected)


@pytest.mark.parametrize("text", ["", " ", "...", "…", "None", "[...]", "1, ...", "(..., ...)"])
def test_what_is_not_there_yet_is_not_wrong(verdicts, text):
    """Nothing at all, or the dots, alone or in a list."""
    found = verdicts([(each.name, [text] * len(each.arguments)) for each in LINES])
    assert set(found) == {UNANSWERED}


READ = {
    "number": {
        "7": 7, "-0.5": -0.5, ".5": 0.5, "5.": 5, "+3": 3, "1e-4": 1e-4, "1E3": 1e3, "2e+2": 200,
        "8/114": 8 / 114, " 8 / 114 ": 8 / 114, "8/4/2": 1, "2 - 3 - 4": -5, "1 - -1": 2,
        "-1-1": -2, "1 + 2 * 3": 7, "(1 + 2) * 3": 9, "2**3**2": 512, "-2**2": -4, "2**-1": 0.5,
        "10^8": 1e8, "2 * -3": -6, "sqrt(2)": 2**0.5, "1 / sqrt(0.05 * 5)": 2, "-(1 + 1)": -2,
        "((3))": 3, "−3": -3, "inf": np.inf, "-inf": -np.inf, "∞": np.inf, "1 -3": -2,
    },
    "numbers": {
        "1, 2": [1, 2], "1 2": [1, 2], "1; 2": [1, 2], "1,2,": [1, 2], "[ 1, 2 ]": [1, 2],
        "(1, 2)": [1, 2], "{1, 2}": [1, 2], "3": [3], "[]": [], "1 / 2, -1 / 3": [1 / 2, -1 / 3],
        "1 -2": [1, -2], "1 - 2": [-1], "5, - 3": [5, -3], "(1 + 2) / 3, 4": [1, 4],
        "(1/25 - 18/625, -24/625)": [1 / 25 - 18 / 625, -24 / 625], "( 1 + 2 ) 3": [3, 3],
        "sqrt(4) 2 ** 3 1e-4": [2, 8, 1e-4], "0.01 −0.04": [0.01, -0.04], "inf inf": [np.inf] * 2,
    },
    "channels": {
        "4-7": [4, 5, 6, 7], "7, 4 - 5": [4, 5, 7], "4–7": [4, 5, 6, 7], "3-3 1": [1, 3], "[]": [],
        "6, 5, 5": [5, 5, 6], "0, 10-12": [0, 10, 11, 12], "{2, 1}": [1, 2], "3 - 1, 2": None,
        "1-99999": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", READ)
def test_numbers_may_be_written_in_many_ways(open_boxes, kind):
    """Expressions have Python's precedence; channels have ranges."""
    boxes = [
        Exercise(f"e{k}", "", "", "", [("it", kind, "It.")], [Part(kind, right, [], "No.", 1e-15)])
        for k, right in enumerate(READ[kind].values())
    ]
    page = open_boxes(boxes)
    found = page.evaluate(VERDICTS, [(f"e{k}", [text]) for k, text in enumerate(READ[kind])])
    for (text, right), verdict in zip(READ[kind].items(), found, strict=True):
        other = f"The answer must be a list of numbers, got '{text}'."
        assert (text, verdict) == (text, other if right is None else "Right.")


def test_a_list_may_be_too_short_or_too_long(verdicts):
    lists = [[], [1.5], [1.5, 2], [60, 0.13, 5], [2, 1, 2e-5], [1, 2, 3, 4, 5], [1.5] * 9]
    cases = [
        (exercise.name, numbers)
        for exercise in LINES
        if exercise.arguments[0][1] != "number"
        for numbers in lists
    ]
    found = verdicts([(name, typed([numbers])) for name, numbers in cases])
    assert found == [getattr(exercises, name)(numbers).message for name, numbers in cases]


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
