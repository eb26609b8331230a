"""The functions that the exercises of the chapter on the GPU compare answers with."""

from lrnlib.book.exercises._function_grading import Functions


def _additions(terms: int) -> int:
    return terms.bit_length() - 1 + terms.bit_count() - 1


FUNCTIONS = {
    "additions_of_doubling": Functions(
        right=_additions,
        mistakes={
            "doublings_alone": lambda terms: terms.bit_length() - 1,
            "one_too_many": lambda terms: _additions(terms) + 1,
            "two_a_digit": lambda terms: 2 * (terms.bit_length() - 1),
            "direct": lambda terms: terms - 1,
            "radius_as_terms": lambda terms: _additions(2 * terms + 1),
        },
        cases=[(1,), (2,), (11,), (16,), (17,), (129,)],
    )
}
