"""Correlation and convolution of one image and one kernel are the reference's."""

import drawings
import numpy as np
import pytest
from drawn import IMAGE, IMPULSE, KERNEL, labels, part, rounded, values

from convolution import reference


def assert_both(drawing, image, kernel):
    shown = {
        "image": image,
        "correlation-kernel": kernel,
        "convolution-kernel": kernel[::-1, ::-1],
        "correlation-output": reference.correlate2d(image, kernel),
        "convolution-output": reference.convolve2d(image, kernel),
    }
    for name, array in shown.items():
        assert values(part(drawing, name)) == rounded(array)


@pytest.mark.parametrize(("image", "kernel"), [(IMPULSE, IMAGE[:3, :3]), (IMAGE[:, :5], KERNEL)])
def test_correlation_and_convolution_are_the_reference_s(image, kernel):
    assert_both(drawings.correlation_and_convolution(image, kernel), image, kernel)


def test_a_drawing_that_confuses_the_two_is_refused(monkeypatch):
    monkeypatch.setattr(reference, "convolve2d", reference.correlate2d)
    wrong = drawings.correlation_and_convolution(IMAGE[:, :5], KERNEL)
    monkeypatch.undo()
    with pytest.raises(AssertionError):
        assert_both(wrong, IMAGE[:, :5], KERNEL)


def test_it_says_what_an_impulse_gives_and_only_then():
    def remarks(image, kernel):
        drawing = drawings.correlation_and_convolution(image, kernel)
        return [text for text in labels(drawing) if text.startswith("=")]

    assert remarks(IMPULSE, np.arange(9).reshape(3, 3)) == ["= the kernel, flipped", "= the kernel"]
    assert remarks(IMAGE[:, :5], KERNEL) == []
    same = drawings.correlation_and_convolution(IMAGE[:, :5], np.ones((2, 2)))
    assert "equal, because this kernel looks the same from both ends" in same.description
