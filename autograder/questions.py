"""The predictions: what a student commits to before reading, the right answer, and a reason per option.

A prediction is marked for being made. The reasons are shown later in the notebook, by `reveal`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question with lettered options.

    Attributes
    ----------
    prompt : the question, as the notebook prints it
    options : letter -> the option's text, as the notebook prints it
    answer : the letter of the right option
    reasons : letter -> why this option is right, or which thought in it is wrong

    Examples
    --------
    >>> question = QUESTIONS["predict-regular"]
    >>> question.options[question.answer]
    'Two maps, 108 weights.'
    """

    prompt: str
    options: dict[str, str]
    answer: str
    reasons: dict[str, str]


QUESTIONS = {
    "predict-start": Question(
        prompt=(
            "The image has 4 rows and 5 columns and holds the numbers 0 to 19, row by row. Which numbers are "
            "in `image[1:3, 2:4]`?"
        ),
        options={
            "a": "1, 2, 6 and 7.",
            "b": "7, 8, 9, 12, 13, 14, 17, 18 and 19.",
            "c": "7, 8, 12 and 13.",
            "d": "11, 12, 16 and 17.",
        },
        answer="c",
        reasons={
            "a": (
                "These are rows 1 and 2 and columns 2 and 3 if the first row and the first column are number "
                "1. Python counts from 0."
            ),
            "b": (
                "These are rows 1, 2, 3 and columns 2, 3, 4. The end of a slice is left out: 1:3 is 1 and 2. "
                "So a slice from a to b holds b - a pixels."
            ),
            "c": (
                "Rows come first, columns second, both counted from 0, and the end of a slice is left out: "
                "rows 1 and 2, columns 2 and 3."
            ),
            "d": "These are rows 2 and 3 and columns 1 and 2. The first index counts rows, the second counts columns.",
        },
    ),
    "predict-window": Question(
        prompt=(
            "A 5x5 image is all zeros, with a single 1 in the middle. A 3x3 kernel of nine different numbers "
            "slides over it, one pixel at a time and never over the edge; at each stop the nine products are "
            "added up. What does the 3x3 result look like?"
        ),
        options={
            "a": "It is the kernel.",
            "b": "It is the kernel turned by half a turn: upside down and mirrored.",
            "c": "It has one number in the middle and zeros around it.",
            "d": "It has the same number nine times.",
        },
        answer="b",
        reasons={
            "a": (
                "At the first stop, top left, the 1 lies under the window's last corner, bottom right, so "
                "the kernel's last number comes out first. To get the kernel itself one flips it beforehand, "
                "and that is the mathematician's convolution."
            ),
            "b": (
                "As the window moves right and down, the 1 moves left and up inside it. So the kernel's "
                "numbers come out in reverse order, in both directions."
            ),
            "c": (
                "All nine windows hold the middle pixel, each in another place. So each of the nine results "
                "is one of the kernel's numbers."
            ),
            "d": (
                "Each window meets the 1 with one number of the kernel, and the other eight products are "
                "zero. Which number it is changes from stop to stop."
            ),
        },
    ),
    "predict-regular": Question(
        prompt=(
            "A regular layer with two 3x3 filters and no bias makes two maps from an input with 3 channels. "
            "It holds 54 weights. Now the input gets 6 channels instead of 3, the layer is built anew for "
            "it, and there are still two filters of 3x3. How many maps come out, and how many weights does "
            "the layer hold?"
        ),
        options={
            "a": "Four maps, 54 weights.",
            "b": "Two maps, 54 weights.",
            "c": "Four maps, 108 weights.",
            "d": "Two maps, 108 weights.",
        },
        answer="d",
        reasons={
            "a": (
                "Both halves are the wrong way round. Each filter makes one map, and there are still two "
                "filters; but each filter is as deep as its input, so it has twice the weights."
            ),
            "b": (
                "The maps are right. But a filter does not use one 3x3 slice for all channels: each input "
                "channel has a slice of its own, so three more channels need three more slices in each "
                "filter."
            ),
            "c": (
                "The weights are right. But a filter does not make a map for each channel: it adds up its "
                "products over all channels, so each filter makes one map."
            ),
            "d": (
                "Each filter has one 3x3 slice for every input channel, so twice the channels are twice the "
                "weights. It adds up what it finds in all channels, so it still makes one map."
            ),
        },
    ),
}
