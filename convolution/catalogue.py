"""The catalogue: which functions each assignment asks for, aspect by aspect, and what each aspect is worth.

One word runs through everything: the aspect ``stride`` of ``conv2d`` is the graded cell ``conv2d-stride``, the
test ``conv2d-stride`` and the sentence of help that begins "conv2d, stride". An aspect worth 0 points is
*further*: checked and praised, never counted.
"""

from autograder.model import Assignment, Exercise

ASSIGNMENTS = {
    assignment.name: assignment
    for assignment in (
        Assignment("00-start", "Start", 15, 1, "predict-start"),
        Assignment("01-window", "A window that slides", 60, 2, "predict-window"),
        Assignment("02-regular", "Regular convolution", 90, 3, "predict-regular", "explain-regular", 3),
        Assignment("03-depthwise", "Depthwise convolution", 60, 2, "predict-depthwise"),
        Assignment("04-pointwise", "Pointwise convolution", 45, 1, "predict-pointwise"),
        Assignment("05-separable", "Depthwise, then pointwise", 75, 3, "predict-separable", "explain-separable", 3),
    )
}


def _points(text):
    """Read "values 1, stride 0.5": aspects in the order they are judged, and their points."""
    pairs = (entry.rsplit(" ", 1) for entry in text.split(", "))
    return {aspect: float(points) if "." in points else int(points) for aspect, points in pairs}


EXERCISES = {
    exercise.name: exercise
    for exercise in (
        Exercise("window_sum", "00-start", "numpy", _points("values 1")),
        Exercise(
            "output_size",
            "01-window",
            "counter",
            _points("values 1, stride 1, padding 0.5, dilation 0.5, all-together 0.5, errors 1, dtype 0.5"),
        ),
        Exercise(
            "correlate2d",
            "01-window",
            "numpy",
            _points(
                "values 2, shape 1, stride 1, padding 1, all-together 1, errors 1, dtype 0.5, unchanged 0.5, "
                "layout 0.5, how 0.5, dilation 0"
            ),
        ),
        Exercise(
            "convolve2d",
            "01-window",
            "numpy",
            _points("values 3, shape 0.5, errors 0.5, dtype 0.5, unchanged 0.5"),
        ),
        Exercise(
            "conv2d",
            "02-regular",
            "numpy",
            _points(
                "values 1, shape 0.5, batch 0.5, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, errors 0.5, "
                "dtype 0.5, unchanged 0.5, layout 0.5, how 0.5, dilation 0"
            ),
        ),
        Exercise(
            "conv2d_torch",
            "02-regular",
            "torch",
            _points(
                "values 0.5, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, errors 0.5, dtype 0.5, "
                "unchanged 0.5, layout 0.5, device 0.5, how 0.5, dilation 0"
            ),
        ),
        Exercise("conv2d_params", "02-regular", "counter", _points("values 0.5, bias 0.5, rectangle 0.5, dtype 0.5")),
        Exercise("conv2d_macs", "02-regular", "counter", _points("values 1, rectangle 0.5, dtype 0.5")),
        Exercise(
            "depthwise_conv2d",
            "03-depthwise",
            "numpy",
            _points(
                "values 1.5, shape 0.5, batch 0.5, bias 0.5, stride 1, padding 1, all-together 1, errors 0.5, "
                "dtype 0.5, unchanged 0.5, layout 0.5, how 0.5, multiplier 0, dilation 0"
            ),
        ),
        Exercise(
            "depthwise_conv2d_torch",
            "03-depthwise",
            "torch",
            _points(
                "values 1, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, errors 0.5, dtype 0.5, unchanged "
                "0.5, layout 0.5, device 0.5, how 0.5, multiplier 0, dilation 0"
            ),
        ),
        Exercise(
            "depthwise_params",
            "03-depthwise",
            "counter",
            _points("values 0.5, bias 0.5, rectangle 0.5, multiplier 0.5, dtype 0.5"),
        ),
        Exercise(
            "depthwise_macs",
            "03-depthwise",
            "counter",
            _points("values 0.5, rectangle 0.5, multiplier 0.5, dtype 0.5"),
        ),
        Exercise(
            "pointwise_conv2d",
            "04-pointwise",
            "numpy",
            _points(
                "values 3, batch 1, bias 1, all-together 1, errors 1, dtype 0.5, unchanged 0.5, layout 0.5, how 0.5"
            ),
        ),
        Exercise(
            "pointwise_conv2d_torch",
            "04-pointwise",
            "torch",
            _points(
                "values 2, bias 0.5, all-together 0.5, errors 0.5, dtype 0.5, unchanged 0.5, layout 0.5, device "
                "0.5, how 0.5"
            ),
        ),
        Exercise("pointwise_params", "04-pointwise", "counter", _points("values 1, bias 0.5, dtype 0.5")),
        Exercise("pointwise_macs", "04-pointwise", "counter", _points("values 1, rectangle 0.5, dtype 0.5")),
        Exercise(
            "separable_conv2d",
            "05-separable",
            "torch",
            _points(
                "values 1, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, errors 0.5, dtype 0.5, unchanged "
                "0.5, layout 0.5, device 0.5, dilation 0"
            ),
        ),
        Exercise(
            "separable_params",
            "05-separable",
            "counter",
            _points("values 0.5, bias 0.5, rectangle 0.5, dtype 0.5"),
        ),
        Exercise("separable_macs", "05-separable", "counter", _points("values 0.5, rectangle 0.5, dtype 0.5")),
        Exercise("cost_ratio", "05-separable", "counter", _points("values 0.5, rectangle 0.5, dtype 0.5")),
        Exercise("merge", "05-separable", "torch", _points("values 1, errors 0.5, dtype 0.5")),
        Exercise(
            "DepthwiseSeparableConv2d",
            "05-separable",
            "module",
            _points("values 1, bias 0.5, stride 0.5, padding 0.5, parameters 0.5, device 0.5, dilation 0"),
        ),
        Exercise("separate", "05-separable", "torch", _points("values 0")),
    )
}
