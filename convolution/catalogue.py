"""The catalogue: the functions of each assignment, aspect by aspect, with the points of each aspect.

One word runs through everything: the aspect ``stride`` of ``conv2d`` is the graded cell ``conv2d-stride``, the
test ``conv2d-stride`` and the sentence of help that begins "conv2d, stride". An aspect worth 0 points is
*further*: checked and praised, never counted.
"""

from autograder.kinds import ARRAY, NUMBER, TENSOR
from autograder.model import Assignment, Exercise
from convolution import reference, worked
from convolution.aspects import ASPECTS
from convolution.cases import counters, kernels
from convolution.factors import FACTORS, nearest_separable
from convolution.layers import SEPARABLE_LAYER
from convolution.rules import WITH_NUMPY, WITHOUT_CONVOLUTION

ASSIGNMENTS = {
    assignment.name: assignment
    for assignment in (
        Assignment("00-start", "Start", 15, 1, "predict-start", total=2),
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


def _exercise(name, assignment, kind, points, **facts):
    return Exercise(name, assignment, kind, _points(points), aspects=ASPECTS, **facts)


EXERCISES = {
    exercise.name: exercise
    for exercise in (
        _exercise(
            "window_sum",
            "00-start",
            NUMBER,
            "values 1",
            right=reference.window_sum,
            cases=counters.window_sum,
        ),
        _exercise(
            "output_size",
            "01-window",
            NUMBER,
            "values 1, stride 1, padding 0.5, dilation 0.5, all-together 0.5, errors 1, dtype 0.5",
            right=reference.output_size,
            cases=counters.output_size,
        ),
        _exercise(
            "correlate2d",
            "01-window",
            ARRAY,
            "values 2, shape 1, stride 1, padding 1, all-together 1, errors 1, dtype 0.5, unchanged "
            "0.5, layout 0.5, how 0.5, dilation 0",
            right=reference.correlate2d,
            cases=kernels.correlation,
            how=WITH_NUMPY,
            worked=worked.window,
        ),
        _exercise(
            "convolve2d",
            "01-window",
            ARRAY,
            "values 3, shape 0.5, errors 0.5, dtype 0.5, unchanged 0.5",
            right=reference.convolve2d,
            cases=kernels.convolution,
            worked=worked.flipped_window,
        ),
        _exercise(
            "conv2d",
            "02-regular",
            ARRAY,
            "values 1, shape 0.5, batch 0.5, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, "
            "errors 0.5, dtype 0.5, unchanged 0.5, layout 0.5, how 0.5, dilation 0",
            right=reference.conv2d,
            cases=kernels.regular,
            how=WITH_NUMPY,
            worked=worked.window,
        ),
        _exercise(
            "conv2d_torch",
            "02-regular",
            TENSOR,
            "values 0.5, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, errors 0.5, dtype "
            "0.5, unchanged 0.5, layout 0.5, device 0.5, how 0.5, dilation 0",
            right=reference.conv2d,
            cases=kernels.regular,
            how=WITHOUT_CONVOLUTION,
            worked=worked.window,
        ),
        _exercise(
            "conv2d_params",
            "02-regular",
            NUMBER,
            "values 0.5, bias 0.5, rectangle 0.5, dtype 0.5",
            right=reference.conv2d_params,
            cases=counters.channels_kernel_bias,
        ),
        _exercise(
            "conv2d_macs",
            "02-regular",
            NUMBER,
            "values 1, rectangle 0.5, dtype 0.5",
            right=reference.conv2d_macs,
            cases=counters.channels_kernel_output,
        ),
        _exercise(
            "depthwise_conv2d",
            "03-depthwise",
            ARRAY,
            "values 1.5, shape 0.5, batch 0.5, bias 0.5, stride 1, padding 1, all-together 1, "
            "errors 0.5, dtype 0.5, unchanged 0.5, layout 0.5, how 0.5, multiplier 0, dilation 0",
            right=reference.depthwise_conv2d,
            cases=kernels.depthwise,
            how=WITH_NUMPY,
            worked=worked.window,
        ),
        _exercise(
            "depthwise_conv2d_torch",
            "03-depthwise",
            TENSOR,
            "values 1, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, errors 0.5, dtype 0.5, "
            "unchanged 0.5, layout 0.5, device 0.5, how 0.5, multiplier 0, dilation 0",
            right=reference.depthwise_conv2d,
            cases=kernels.depthwise,
            how=WITHOUT_CONVOLUTION,
            worked=worked.window,
        ),
        _exercise(
            "depthwise_params",
            "03-depthwise",
            NUMBER,
            "values 0.5, bias 0.5, rectangle 0.5, multiplier 0.5, dtype 0.5",
            right=reference.depthwise_params,
            cases=counters.channel_kernel_bias_multiplier,
        ),
        _exercise(
            "depthwise_macs",
            "03-depthwise",
            NUMBER,
            "values 0.5, rectangle 0.5, multiplier 0.5, dtype 0.5",
            right=reference.depthwise_macs,
            cases=counters.channel_kernel_output_multiplier,
        ),
        _exercise(
            "pointwise_conv2d",
            "04-pointwise",
            ARRAY,
            "values 3, batch 1, bias 1, all-together 1, errors 1, dtype 0.5, unchanged 0.5, layout 0.5, how 0.5",
            right=reference.pointwise_conv2d,
            cases=kernels.pointwise,
            how=WITH_NUMPY,
            worked=worked.window,
        ),
        _exercise(
            "pointwise_conv2d_torch",
            "04-pointwise",
            TENSOR,
            "values 2, bias 0.5, all-together 0.5, errors 0.5, dtype 0.5, unchanged 0.5, layout "
            "0.5, device 0.5, how 0.5",
            right=reference.pointwise_conv2d,
            cases=kernels.pointwise,
            how=WITHOUT_CONVOLUTION,
            worked=worked.window,
        ),
        _exercise(
            "pointwise_params",
            "04-pointwise",
            NUMBER,
            "values 1, bias 0.5, dtype 0.5",
            right=reference.pointwise_params,
            cases=counters.channels_bias,
        ),
        _exercise(
            "pointwise_macs",
            "04-pointwise",
            NUMBER,
            "values 1, rectangle 0.5, dtype 0.5",
            right=reference.pointwise_macs,
            cases=counters.channels_output,
        ),
        _exercise(
            "separable_conv2d",
            "05-separable",
            TENSOR,
            "values 1, bias 0.5, stride 0.5, padding 0.5, all-together 0.5, errors 0.5, dtype 0.5, "
            "unchanged 0.5, layout 0.5, device 0.5, dilation 0",
            right=reference.separable_conv2d,
            cases=kernels.separable,
        ),
        _exercise(
            "separable_params",
            "05-separable",
            NUMBER,
            "values 0.5, bias 0.5, rectangle 0.5, dtype 0.5",
            right=reference.separable_params,
            cases=counters.channels_kernel_bias,
        ),
        _exercise(
            "separable_macs",
            "05-separable",
            NUMBER,
            "values 0.5, rectangle 0.5, dtype 0.5",
            right=reference.separable_macs,
            cases=counters.channels_kernel_output,
        ),
        _exercise(
            "cost_ratio",
            "05-separable",
            NUMBER,
            "values 0.5, rectangle 0.5, dtype 0.5",
            right=reference.cost_ratio,
            cases=counters.channel_kernel,
        ),
        _exercise(
            "merge",
            "05-separable",
            TENSOR,
            "values 1, errors 0.5, dtype 0.5",
            right=reference.merge,
            cases=kernels.merge,
        ),
        _exercise(
            "DepthwiseSeparableConv2d",
            "05-separable",
            SEPARABLE_LAYER,
            "values 1, bias 0.5, stride 0.5, padding 0.5, parameters 0.5, device 0.5, dilation 0",
            right=reference.separable_conv2d,
            cases=kernels.separable_layer,
        ),
        _exercise(
            "separate",
            "05-separable",
            FACTORS,
            "values 0",
            right=nearest_separable,
            cases=kernels.separate,
        ),
    )
}
