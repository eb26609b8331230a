"""The exercises of the chapter on the formula."""

from lrnlib.check._judge import Verdict, judge


def changed_channels(answer: object) -> Verdict:
    """Which of eight results change when channel 6 of the input changes, with n = 5?

    Parameters
    ----------
    answer : sequence of int
        The channels, counted from 0, in order.
    """
    return judge(
        answer,
        [4, 5, 6, 7],
        [
            ([6], "The neighbours are missing: channel 6 is in their windows, too."),
            (
                [4, 5, 6, 7, 8],
                "One too many: eight channels are 0 to 7, and there is no channel 8.",
            ),
            (
                [5, 6, 7],
                "This would be n = 3. With n = 5 a window reaches two places on each side.",
            ),
            ([4, 5, 7], "Channel 6 itself is missing: its own square is in its window."),
            ([1, 2, 3, 4, 5, 6, 7], "Here n is taken as the reach; it is the width of the window."),
        ],
        otherwise="Not right: find the windows that hold channel 6, and whose they are.",
        remark="A channel's change reaches as far as its own window does.",
    )
