"""The reference is proven equal to torch, in float64, over random geometry."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.sampling import stream, values, whole
from convolution import reference


def geometry(index):
    """One random layer: sizes, groups and options, all drawn."""
    rng = stream("reference", index)
    groups = whole(rng, 1, 3)
    channels, filters = groups * whole(rng, 1, 3), groups * whole(rng, 1, 3)
    kH, kW = whole(rng, 1, 4), whole(rng, 1, 4)
    options = {
        "stride": (whole(rng, 1, 3), whole(rng, 1, 3)),
        "padding": (whole(rng, 0, 3), whole(rng, 0, 3)),
        "dilation": (whole(rng, 1, 3), whole(rng, 1, 3)),
    }
    x = values(rng, whole(rng, 1, 3), channels, whole(rng, 10, 13), whole(rng, 10, 13))
    weight = values(rng, filters, channels // groups, kH, kW)
    bias = values(rng, filters) if whole(rng, 0, 1) else None
    return x, weight, bias, options, groups


def torch_conv2d(x, weight, bias, options, groups):
    bias = None if bias is None else torch.from_numpy(bias)
    return F.conv2d(torch.from_numpy(x), torch.from_numpy(weight), bias, groups=groups, **options).numpy()


@pytest.mark.parametrize("index", range(60))
def test_grouped_convolution_equals_torch(index):
    x, weight, bias, options, groups = geometry(index)
    ours = reference.grouped_conv2d(x, weight, bias, groups=groups, **options)
    np.testing.assert_allclose(ours, torch_conv2d(x, weight, bias, options, groups), rtol=0, atol=1e-12)


def test_the_geometry_is_not_all_alike():
    drawn = [geometry(index) for index in range(60)]
    assert {groups for *_, groups in drawn} == {1, 2, 3}
    assert any(bias is None for _, _, bias, _, _ in drawn) and any(bias is not None for _, _, bias, _, _ in drawn)
    assert any(options["stride"][0] != options["stride"][1] for *_, options, _ in drawn)


def test_depthwise_and_pointwise_are_special_cases():
    rng = stream("special cases")
    x = values(rng, 2, 3, 7, 6)
    for multiplier in (1, 2):
        weight, bias = values(rng, 3 * multiplier, 1, 3, 2), values(rng, 3 * multiplier)
        ours = reference.depthwise_conv2d(x, weight, bias, stride=(2, 1), padding=1)
        theirs = torch_conv2d(x, weight, bias, {"stride": (2, 1), "padding": 1}, groups=3)
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    weight, bias = values(rng, 5, 3, 1, 1), values(rng, 5)
    np.testing.assert_allclose(
        reference.pointwise_conv2d(x, weight, bias), torch_conv2d(x, weight, bias, {}, 1), atol=1e-12
    )


def test_planes_equal_torch_and_the_mathematicians_convolution_flips():
    rng = stream("planes")
    image, kernel = values(rng, 7, 9), values(rng, 3, 2)
    x, weight = image[None, None], kernel[None, None]
    options = {"stride": (2, 3), "padding": (1, 2), "dilation": (2, 1)}
    np.testing.assert_allclose(
        reference.correlate2d(image, kernel, **options), torch_conv2d(x, weight, None, options, 1)[0, 0], atol=1e-12
    )
    flipped = np.ascontiguousarray(weight[..., ::-1, ::-1])
    np.testing.assert_allclose(
        reference.convolve2d(image, kernel), torch_conv2d(x, flipped, None, {}, 1)[0, 0], atol=1e-12
    )
    rows = [np.convolve(row, kernel[0], mode="valid") for row in image]
    np.testing.assert_allclose(reference.convolve2d(image, kernel[:1]), rows, atol=1e-12)


def test_counters_equal_what_torch_holds():
    for C_in, C_out, kernel_size, bias in itertools.product((1, 3, 4), (1, 2, 5), (1, 3, (2, 5)), (True, False)):
        layer = torch.nn.Conv2d(C_in, C_out, kernel_size, bias=bias)
        assert reference.conv2d_params(C_in, C_out, kernel_size, bias) == sum(p.numel() for p in layer.parameters())
    layer = torch.nn.Conv2d(4, 12, (2, 5), groups=4)
    held = sum(p.numel() for p in layer.parameters())
    assert reference.depthwise_params(4, (2, 5), channel_multiplier=3) == held


def test_macs_are_counted_by_doing_them():
    """Count the products of the seven-loop convolution on a layer whose numbers all differ."""
    C_in, C_out, (kH, kW), (H_out, W_out) = 3, 4, (5, 2), (6, 7)
    products = sum(1 for _ in itertools.product(*map(range, (C_out, H_out, W_out, C_in, kH, kW))))
    assert reference.conv2d_macs(C_in, C_out, (kH, kW), (H_out, W_out)) == products


def test_the_seeds_own_numbers():
    assert reference.conv2d_params(3, 2, 3, bias=False) == 54
    assert reference.depthwise_params(3, 3, bias=False) + reference.pointwise_params(3, 2, bias=False) == 27 + 6
    assert reference.conv2d_macs(3, 2, 3, 4) == 864
    assert reference.depthwise_macs(3, 3, 4) + reference.pointwise_macs(3, 2, 4) == 432 + 96
    assert reference.conv2d_params(3, 2, 3) == 56
    assert reference.depthwise_params(3, 3) + reference.pointwise_params(3, 2) == 38


@pytest.mark.parametrize(
    ("x", "weight", "options", "text"),
    [
        ((1, 3, 4, 4), (2, 3, 5, 3), {}, r"no window fits.*x \(1, 3, 4, 4\), weight \(2, 3, 5, 3\)"),
        ((1, 3, 6, 6), (2, 4, 3, 3), {}, r"channels disagree: x \(1, 3, 6, 6\), weight \(2, 4, 3, 3\)"),
        ((1, 3, 6, 6), (2, 3, 3, 3), {"stride": 0}, r"stride 0.*x \(1, 3, 6, 6\)"),
        ((1, 3, 6, 6), (2, 3, 3, 3), {"padding": -1}, r"padding -1 at least 0.*weight \(2, 3, 3, 3\)"),
        ((1, 3, 6, 6), (2, 3, 3, 3), {"dilation": 0}, r"dilation 0"),
        ((3, 6, 6), (2, 3, 3, 3), {}, r"four axes each \(N C H W\): x \(3, 6, 6\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_shapes(x, weight, options, text):
    with pytest.raises(ValueError, match=text):
        reference.conv2d(np.ones(x), np.ones(weight), **options)


def test_a_bias_of_the_wrong_length_and_a_kernel_that_is_no_point_are_refused():
    x = np.ones((1, 3, 6, 6))
    with pytest.raises(ValueError, match=r"bias \(3,\) should have shape \(2,\)"):
        reference.conv2d(x, np.ones((2, 3, 3, 3)), np.ones(3))
    with pytest.raises(ValueError, match=r"a pointwise kernel is 1x1: x \(1, 3, 6, 6\), weight \(2, 3, 3, 3\)"):
        reference.pointwise_conv2d(x, np.ones((2, 3, 3, 3)))
    with pytest.raises(ValueError, match=r"image \(2, 2\), kernel \(3, 3\)"):
        reference.correlate2d(np.ones((2, 2)), np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"window \(2, 3\) at row 3, column 0 is not inside the image \(4, 5\)"):
        reference.window_sum(np.ones((4, 5)), 3, 0, 2, 3)


def test_dtype_is_kept():
    x, weight, bias = (np.ones(shape, np.float32) for shape in ((1, 2, 4, 4), (3, 2, 2, 2), (3,)))
    assert reference.conv2d(x, weight, bias).dtype == np.float32
