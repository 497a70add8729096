"""The predictions: what a student commits to before reading, the right answer, and a reason per option.

A prediction is marked for being made. The reasons are shown later in the notebook, by `reveal`.
"""

from autograder.model import Prediction

PREDICTIONS = {
    "predict-start": Prediction(
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
    "predict-window": Prediction(
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
    "predict-regular": Prediction(
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
                "The maps are right. But a filter does not use one 3x3 kernel for all channels: each input "
                "channel has a kernel of its own, so three more channels need three more kernels in each "
                "filter."
            ),
            "c": (
                "The weights are right. But a filter does not make a map for each channel: it adds up its "
                "products over all channels, so each filter makes one map."
            ),
            "d": (
                "Each filter has one 3x3 kernel for every input channel, so twice the channels are twice the "
                "weights. It adds up what it finds in all channels, so it still makes one map."
            ),
        },
    ),
    "predict-depthwise": Prediction(
        prompt=(
            "A regular layer with three 3x3 filters and no bias makes three maps from an input with 3 channels. "
            "It holds 81 weights. A depthwise layer has one 3x3 kernel for each input channel instead: it slides "
            "over that channel alone, and the results are stacked. How many maps does it make from the same "
            "input, and how many weights does it hold?"
        ),
        options={
            "a": "Three maps, 27 weights.",
            "b": "One map, 27 weights.",
            "c": "Three maps, 9 weights.",
            "d": "Three maps, 81 weights.",
        },
        answer="a",
        reasons={
            "a": (
                "Three channels with nine weights each, and nothing is added up across them: each channel gives "
                "a map of its own."
            ),
            "b": (
                "The weights are right. But the three results are stacked, not added: adding over the channels "
                "is what a regular filter does, and what this layer leaves out."
            ),
            "c": ("The maps are right. But the channels do not share one kernel: each has its own, with nine weights."),
            "d": (
                "The maps are right. But the 81 weights are three kernels for each of three filters. Here a "
                "filter sees one channel and is one kernel, so a third of them is left."
            ),
        },
    ),
    "predict-pointwise": Prediction(
        prompt=(
            "In an image with 3 channels, two pixels change places, each with all its channels. A pointwise "
            "layer, whose kernels are 1x1, has two filters and makes two maps of this image. What is different "
            "in the maps, compared with those of the image as it was?"
        ),
        options={
            "a": "Nothing: a sum does not depend on the order.",
            "b": "The same two pixels have changed places, in both maps.",
            "c": "The two pixels have other values, and so have the pixels around them.",
            "d": "Every pixel has another value, because each filter sees all channels.",
        },
        answer="b",
        reasons={
            "a": (
                "The sum runs over the channels of one pixel, not over the pixels. Each pixel has a sum of its "
                "own, and the two sums change places."
            ),
            "b": (
                "Each pixel of a map is computed from the channels of that one pixel, with the same weights "
                "everywhere. So a pixel takes its results along wherever it goes."
            ),
            "c": (
                "The two pixels have each other's values. But a window of 1x1 has no pixels around it: what the "
                "neighbours hold does not enter."
            ),
            "d": (
                "A filter does see all channels, but of one pixel at a time. The pixels that stayed in their "
                "places keep their values."
            ),
        },
    ),
    "predict-separable": Prediction(
        prompt=(
            "A regular layer with 3x3 filters and no bias makes 64 maps from 32 channels and holds 18432 weights. "
            "In its place, a depthwise layer with 3x3 kernels and behind it a pointwise layer, both without bias, "
            "make 64 maps as well. How many weights do the two steps hold?"
        ),
        options={
            "a": "18432 in the depthwise step and 2048 in the pointwise step.",
            "b": "288 in the depthwise step and 64 in the pointwise step.",
            "c": "288 in the depthwise step and 2048 in the pointwise step.",
            "d": "576 in the depthwise step and 4096 in the pointwise step.",
        },
        answer="c",
        reasons={
            "a": (
                "The pointwise step is right. But 18432 is a 3x3 kernel for each pair of filter and channel. The "
                "depthwise step has one kernel for each channel, 32 times 9."
            ),
            "b": (
                "The depthwise step is right. But a pointwise filter has one weight for each of the 32 maps it "
                "mixes, not one in all: 64 times 32."
            ),
            "c": (
                "32 kernels of 9 weights, then 64 filters of 32 weights. The step with the larger window is the "
                "smaller part: most weights are where the channels meet."
            ),
            "d": (
                "This is what it would be if the depthwise step made 64 maps already. With one kernel for each "
                "channel it makes 32; it is the pointwise step that makes 64 of them."
            ),
        },
    ),
}
