"""Rules about how the kernels of this course may be computed, for the aspect "how"."""

from autograder.model import LinesStay, NeverReaches, OnlyNumPy

#: A NumPy kernel calls NumPy and nothing else; loops are welcome.
WITH_NUMPY = (OnlyNumPy("not by NumPy", "this exercise is done with NumPy alone"),)

#: A torch kernel never reaches torch's own convolution, by any name, and loops over taps at most.
WITHOUT_CONVOLUTION = (
    NeverReaches(
        "conv",
        "torch's convolution was called",
        "it reached torch's own convolution ({}); here you write the kernel yourself",
    ),
    LinesStay(
        "a Python loop over pixels",
        "A loop over pixels grows with the image. Loop over the kernel's taps; torch does all pixels at once.",
    ),
)
