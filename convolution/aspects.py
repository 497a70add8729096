"""The aspects of this course that are judged by numbers, and what is left out of a case where one of them fails."""

from dataclasses import replace

from autograder.model import Aspects, without_option


def leave_out(case, aspect):
    """The case without one aspect's matter: an option, "bias" (all of them, or not counted), or "batch" (one image)."""
    if aspect == "batch":
        return replace(case, args=(case.args[0][:1], *case.args[1:]), key=(*case.key, aspect))
    smaller = without_option(case, aspect)
    if aspect == "bias" and type(case.options.get("bias")) is bool:
        # A counter counts the bias by default.
        return replace(smaller, options=smaller.options | {"bias": False})
    return smaller


ASPECTS = Aspects(
    numeric=("values", "batch", "bias", "rectangle", "stride", "padding", "dilation", "multiplier", "all-together"),
    options=("bias", "stride", "padding", "dilation", "multiplier"),
    mixed=("multiplier", "all-together"),
    leave_out=leave_out,
)
