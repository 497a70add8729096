"""Numbers compared with the truth, with what is already counted, and with every mistake."""

import numpy as np
import pytest
from banked import use_bank
from handwritten import loops, lost

from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.kinds import ARRAY
from autograder.model import Aspects, Bank, Case, Exercise
from autograder.student_code.subject import Local
from convolution.mistakes import BANK

# --- on an exercise of one line ----------------------------------------------------------------------------------


def moved(x, stride=1, shift=0, scale=1):
    return scale * (x[::stride] + shift)


def cases(aspect, rng):
    """Every aspect with what it is about; "mixed" with all of it, "shift" with a stride too."""
    x = np.arange(1.0, 7)
    options = {
        "stride": {"stride": 2},
        "shift": {"shift": 10},
        "scale": {"scale": 3},
        "mixed": {"stride": 3, "shift": 100, "scale": 5},
    }.get(aspect, {})
    return [Case((x,), options), Case((2 * x,), options)]


ASPECTS = ("values", "stride", "shift", "scale", "mixed")
EXERCISE = Exercise(
    "moved",
    "t0",
    ARRAY,
    dict.fromkeys((*ASPECTS, "shape"), 1),
    right=moved,
    cases=cases,
    aspects=Aspects(ASPECTS, ("stride", "shift", "scale"), ("mixed",)),
)


@pytest.fixture
def bank(monkeypatch):
    bank = use_bank(monkeypatch, Bank({"moved"}))

    def without(option):
        return lambda right, x, **options: right(x, **{key: value for key, value in options.items() if key != option})

    for option in ("stride", "shift", "scale"):
        bank.mistake(f"{option}-ignored", ["moved"], f"No {option}.")(without(option))
    bank.mistake("negated", ["moved"], "Negated.")(lambda right, x, **options: -right(x, **options))
    bank.mistake("reversed", ["moved"], "Reversed.")(lambda right, x, **options: right(x, **options)[::-1])
    bank.mistake("zeros", ["moved"], "Zeros.", stub=True)(lambda right, x, **options: 0 * right(x, **options))
    return bank


def said(function):
    return {v.aspect: v for v in judge(EXERCISE, Local(function))}


def failed(function):
    return {aspect: verdict.mistake for aspect, verdict in said(function).items() if not verdict.passed}


def wrong_where(*options, how="+ 1"):
    """Right, but with one added, or a crash, wherever one of these options is given."""

    def function(x, **given):
        if set(options) & set(given) and how == "crash":
            raise KeyError("option")
        return moved(x, **given) + bool(set(options) & set(given))

    return function


def test_the_right_function_passes_and_each_mistake_costs_its_aspect(bank):
    assert failed(moved) == {}
    for option in ("stride", "shift", "scale"):
        assert failed(as_submitted(EXERCISE, bank[f"{option}-ignored"])) == {option: f"{option}-ignored"}
    assert failed(as_submitted(EXERCISE, bank["negated"])) == {"values": "negated"}


def test_what_was_found_before_is_counted_once_and_said_where_it_is_used(bank):
    verdicts = said(as_submitted(EXERCISE, bank["negated"], bank["stride-ignored"], bank["scale-ignored"]))
    assert {aspect: v.mistake for aspect, v in verdicts.items() if not v.passed} == {
        "values": "negated",
        "stride": "stride-ignored",
        "scale": "scale-ignored",
    }
    assert verdicts["shift"].message.endswith("already counted: negated")  # no stride and no scale in these cases
    assert verdicts["mixed"].message.endswith("already counted: negated, stride-ignored, scale-ignored")
    assert "(already counted, and judged apart: negated)" in verdicts["stride"].message


def test_an_unexplained_option_costs_its_aspect_and_is_left_out_of_what_is_mixed(bank):
    for how in ("+ 1", "crash"):
        verdicts = said(wrong_where("stride", how=how))
        assert [aspect for aspect, v in verdicts.items() if not v.passed] == ["stride"]
        assert verdicts["mixed"].message == "moved, mixed: right, given what is already counted: stride"


def test_two_unexplained_options_leave_too_little_to_go_together(bank):
    for how in ("+ 1", "crash"):
        assert list(failed(wrong_where("stride", "shift", how=how))) == ["stride", "shift", "mixed"]


def test_an_explained_and_an_unexplained_option_are_both_given(bank):
    def function(x, **given):
        return wrong_where("stride")(x, **{name: value for name, value in given.items() if name != "scale"})

    verdicts = said(function)
    assert {aspect: v.mistake for aspect, v in verdicts.items() if not v.passed} == {
        "stride": None,
        "scale": "scale-ignored",
    }
    assert verdicts["mixed"].message.endswith("already counted: scale-ignored, stride")


def test_what_is_wrong_only_where_it_is_mixed_is_wrong_there(bank):
    def function(x, **given):
        return moved(x, **given) + (len(given) == 3)

    assert failed(function) == {"mixed": None}


def test_unexplained_values_give_nothing_to_leave_out(bank):
    verdicts = said(lambda x, **given: moved(x, **given) + 1)
    assert [aspect for aspect, v in verdicts.items() if v.passed] == []


def test_a_mistake_that_would_have_shown_in_the_values_was_not_made_later(bank):
    """The numbers with a stride are those of "negated", which the values refute."""

    def function(x, stride=1, **given):
        return moved(x, stride, **given) * (-1 if stride > 1 else 1)

    verdicts = said(function)
    assert verdicts["stride"].passed is False and verdicts["stride"].mistake is None
    assert "Negated." not in verdicts["stride"].message


def test_a_mistake_must_explain_every_case(bank):
    def function(x, **given):
        return moved(x, **given) * (-1 if x[0] == 1 else 1)

    verdict = said(function)["values"]
    assert verdict.mistake is None and verdict.passed is False


def test_a_mistake_must_explain_a_case_that_is_wrong(bank):
    """This one gives no numbers where the function is wrong, and the right ones where it is right."""
    bank.mistake("no-number", ["moved"], "No number.")(
        lambda right, x, **options: right(x, **options) if x[0] == 1 else x[99]
    )
    verdict = said(lambda x, **given: moved(x, **given) + (x[0] == 2))["values"]
    assert verdict.passed is False and verdict.mistake is None


def test_a_counted_mistake_must_agree_in_every_case(bank):
    def function(x, stride=1, **given):
        return -moved(x, stride, **given) + (stride > 1 and x[0] == 2)

    verdicts = said(function)
    assert verdicts["values"].mistake == "negated" and verdicts["shift"].passed
    assert verdicts["stride"].passed is False and verdicts["stride"].mistake is None


def without_numbers_for(bank, *options):
    """The mistake "negated", which gives no numbers where all of these options are given."""

    def bend(right, x, **given):
        if set(options) <= set(given):
            raise IndexError("no such window")
        return -right(x, **given)

    bank["negated"].bends["moved"] = bend


def test_a_counted_mistake_without_numbers_lets_nothing_pass(bank):
    without_numbers_for(bank, "stride")

    def function(x, stride=1, **given):
        return -moved(x, **given) if stride == 1 else np.full(3, 0.25)

    verdicts = said(function)
    assert verdicts["values"].mistake == "negated"
    assert [aspect for aspect, verdict in verdicts.items() if not verdict.passed] == ["values", "stride"]
    assert verdicts["mixed"].message.endswith("already counted: negated, stride"), (
        "without the stride there are numbers"
    )


def test_where_nothing_is_left_to_compare_nothing_passes(bank):
    """The stride failed by itself and is left out; of the rest the counted mistake gives no numbers."""
    without_numbers_for(bank, "shift", "scale")

    def function(x, stride=1, **given):
        return -moved(x, **given) if stride == 1 and len(given) < 2 else np.full(3, 0.25)

    verdicts = said(function)
    assert [aspect for aspect, verdict in verdicts.items() if not verdict.passed] == ["values", "stride", "mixed"]


def test_the_smallest_case_that_is_wrong_is_shown(bank):
    verdict = said(lambda x, **given: moved(x, **given) + (x[0] == 2))["values"]
    assert "first difference at [0]: expected 2, got 3" in verdict.message


def test_stubs_are_named_and_never_carried_on(bank):
    verdicts = said(lambda x, **given: 0 * moved(x, **given))
    assert verdicts["values"].mistake == "zeros"
    assert [aspect for aspect, v in verdicts.items() if v.passed] == []


def test_shape_is_asked_of_shapes_alone(bank):
    verdicts = said(as_submitted(EXERCISE, bank["reversed"]))
    assert verdicts["shape"].message == "moved, shape: right"
    assert verdicts["values"].mistake == "reversed"


# --- on the course -----------------------------------------------------------------------------------------------


def test_two_mistakes_are_counted_apart():
    """A kernel that flips and forgets the bias loses two aspects, each named, and nothing else."""
    both = as_submitted(EXERCISES["conv2d"], BANK["flipped-kernel"], BANK["bias-forgotten"])
    failed = {v.aspect: v.mistake for v in judge(EXERCISES["conv2d"], Local(both)) if not v.passed}
    assert failed == {"values": "flipped-kernel", "bias": "bias-forgotten"}


def test_a_bias_for_every_input_channel_shows_where_there_is_a_multiplier():
    def depthwise_params(in_channels, kernel_size, channel_multiplier=1, bias=True):
        kH, kW = np.broadcast_to(kernel_size, 2)
        return in_channels * channel_multiplier * kH * kW + (in_channels if bias else 0)

    assert lost(depthwise_params, "depthwise_params") == {"multiplier": "bias-for-input-channels"}


@pytest.mark.parametrize("bias_counted", [lambda C: 0, lambda C: 1, lambda C: 1 / 0], ids=["none", "one", "a crash"])
def test_a_wrong_bias_of_a_counter_costs_bias_and_not_multiplier_too(bias_counted):
    def depthwise_params(in_channels, kernel_size, channel_multiplier=1, bias=True):
        kH, kW = np.broadcast_to(kernel_size, 2)
        outputs = in_channels * channel_multiplier
        return outputs * kH * kW + (bias_counted(outputs) if bias else 0)

    assert list(lost(depthwise_params, "depthwise_params")) == ["bias"]


def test_a_bias_wrong_in_an_unknown_way_costs_once_in_a_pointwise_layer_too():
    def pointwise_conv2d(x, weight, bias=None):
        if weight.shape[1:] != (x.shape[1], 1, 1):
            raise ValueError(f"{x.shape} does not fit {weight.shape}")
        y = np.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0])
        return y if bias is None else y + bias.sum()

    assert lost(pointwise_conv2d, "pointwise_conv2d") == {"bias": None}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        # Its numbers in all-together are by chance those of dilation-off-by-one.
        ("reach is dilation * kernel_size", {"dilation": None}),
        # Its numbers with a stride are too; but then those of values could not hold.
        ("the one is divided too", {"stride": "plus-one-divided-too"}),
    ],
)
def test_a_wrong_size_is_not_taken_for_another_mistake(wrong, expected):
    def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
        reach = dilation * (kernel_size - 1) + 1
        if wrong == "reach is dilation * kernel_size":
            reach = dilation * kernel_size
        room = size + 2 * padding - reach
        if room < 0 or stride < 1 or dilation < 1 or padding < 0:
            raise ValueError(f"{size} {kernel_size}")
        return (room + 1) // stride if wrong == "the one is divided too" else room // stride + 1

    assert lost(output_size, "output_size") == expected


def test_pairs_unpacked_the_wrong_way_round_cost_stride_and_padding_and_not_all_together():
    def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
        (sW, sH), (pW, pH) = np.broadcast_to(stride, 2), np.broadcast_to(padding, 2)
        return loops(x, weight, bias, (sH, sW), (pH, pW), dilation)

    assert lost(conv2d) == {"stride": "stride-axes-swapped", "padding": "padding-axes-swapped"}


# --- wrong in ways no single mistake describes -----------------------------------------------------------------


def memorised_first_answer():
    """Computes once and remembers by shape."""
    right, seen = as_submitted(EXERCISES["conv2d"]), {}

    def conv2d(x, weight, **options):
        key = (x.shape, weight.shape, str({k: np.shape(v) for k, v in options.items()}))
        if key not in seen:
            seen[key] = right(x, weight, **options)
        return seen[key]

    return conv2d


def permuted(x, weight, **options):
    """The right numbers with the right sum, in another order."""
    y = as_submitted(EXERCISES["conv2d"])(x, weight, **options)
    return y.ravel()[::-1].reshape(y.shape)


def cast(x, weight, **options):
    return as_submitted(EXERCISES["conv2d"])(x, weight, **options).astype(np.float16)


def view_of_the_input(x, weight, **options):
    y = as_submitted(EXERCISES["conv2d"])(x, weight, **options)
    return np.broadcast_to(x[:, :1, : y.shape[2], : y.shape[3]], y.shape) if x.shape[2:] >= y.shape[2:] else x


@pytest.mark.parametrize(
    ("function", "aspect"),
    [(memorised_first_answer(), "values"), (permuted, "values"), (cast, "dtype"), (view_of_the_input, "values")],
    ids=["memorised", "permuted", "cast", "view"],
)
def test_what_only_looks_right_is_rejected(function, aspect):
    verdicts = {v.aspect: v for v in judge(EXERCISES["conv2d"], Local(function))}
    assert verdicts[aspect].passed is False
