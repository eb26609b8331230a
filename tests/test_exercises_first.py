"""The checks of four chapters: right answers pass, each typical wrong one has its own message."""

import importlib

import answers_first
import functions_first
import pytest

from lrnlib import check
from lrnlib.check import _judge

MODULES = [
    importlib.import_module(f"lrnlib.check.{name}")
    for name in ("_formula", "_tensorflow", "_worked_example", "_numpy")
]
RIGHT = answers_first.RIGHT | functions_first.RIGHT
WRONG = answers_first.WRONG | functions_first.WRONG


def names(module):
    return {name for name in check.__all__ if getattr(check, name).__module__ == module.__name__}


def each(table):
    return [pytest.param(name, *answer, id=f"{name}-{number}") for name, answers in table.items()
            for number, answer in enumerate(answers)]  # fmt: skip


def test_every_check_of_these_chapters_is_tested():
    """With right answers and with wrong ones."""
    assert set(RIGHT) == set(WRONG) == set().union(*map(names, MODULES))


@pytest.mark.parametrize(
    ("name", "answer"), each({name: [(a,) for a in answers] for name, answers in RIGHT.items()})
)
def test_a_right_answer_is_called_right(name, answer):
    """In each of its forms."""
    verdict = getattr(check, name)(answer)
    assert verdict
    assert verdict.message.startswith("Right. ")


@pytest.mark.parametrize(("name", "answer", "words"), each(WRONG))
def test_a_wrong_answer_is_told_its_mistake(name, answer, words):
    """In words of its own, one or two sentences."""
    verdict = getattr(check, name)(answer)
    assert not verdict
    assert words in verdict.message
    assert len(verdict.message) <= 130


@pytest.mark.parametrize("name", WRONG)
def test_no_two_mistakes_are_told_the_same(name):
    """A message belongs to one mistake of its exercise."""
    words = [words for _, words in WRONG[name]]
    messages = {getattr(check, name)(answer).message for answer, _ in WRONG[name]}
    assert len(messages) == len(set(words))


@pytest.mark.parametrize("name", WRONG)
def test_every_message_is_reached(name, monkeypatch):
    """No message is shadowed by another, and none is left without a test."""
    foreseen = set()

    def judge(answer, right, mistakes, *, otherwise, **options):
        foreseen.update([message for _, message in mistakes], {otherwise} - {""})
        return _judge.judge(answer, right, mistakes, otherwise=otherwise, **options)

    def judge_function(function, right, mistakes, cases, **options):
        foreseen.update(message for _, message in mistakes)
        return _judge.judge_function(function, right, mistakes, cases, **options)

    for module in MODULES:
        for each in (judge, judge_function):
            if hasattr(module, each.__name__):
                monkeypatch.setattr(module, each.__name__, each)
    told = {getattr(check, name)(answer).message for answer, _ in WRONG[name]}
    assert foreseen - told == set()


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("answer", [None, ...])
def test_no_answer_is_not_called_wrong(name, answer):
    """Every stub says that there is none yet."""
    assert getattr(check, name)(answer).message.startswith("No answer yet")


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("answer", ["?", object(), [], [[]], {}, {1}, 1 + 2j, [1, "2"], len])
def test_an_answer_of_the_wrong_kind_is_no_error(name, answer):
    """Whatever is put in, a verdict comes out, and it is not that it is right."""
    verdict = getattr(check, name)(answer)
    assert not verdict
    assert verdict.message
