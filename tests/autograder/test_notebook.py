"""The functions that a notebook's cells call, and the text that they print."""

import re
import subprocess
import sys
import textwrap

import pytest
from handwritten import message_of

from autograder import CheckFailed, check, check_answer, progress, reveal
from autograder.checks.mistakes import as_submitted
from autograder.course import ASSIGNMENTS, EXERCISES, graded_cells
from autograder.model import PREDICTION_POINTS
from convolution.mistakes import BANK
from convolution.predictions import PREDICTIONS


def test_a_right_answer_is_one_quiet_line(capsys):
    assert check(as_submitted(EXERCISES["conv2d"]), "conv2d-stride") is None
    assert capsys.readouterr().out == "conv2d, stride: right\n"


def test_a_stub_is_said_once():
    def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
        raise NotImplementedError()

    assert message_of(conv2d, "conv2d") == "conv2d, values: not written yet"


def test_prints_and_warnings_are_shown_capped_and_never_on_stderr(capsys):
    def window_sum(image, row, column, height, width):
        import warnings

        warnings.warn("slow", stacklevel=1)
        print("thinking", file=sys.stderr)
        print("x" * 5000)
        return image[row : row + height, column : column + width].sum()

    check(window_sum, "window_sum-values")
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.startswith("(your code printed)\nthinking\nxxx")
    assert "more characters)" in captured.out and len(captured.out) < 2300
    assert captured.out.endswith("window_sum, values: right\n")


@pytest.mark.parametrize(
    ("function", "name", "text"),
    [
        (len, "conv3d-values", "no exercise is named 'conv3d'; there are window_sum"),
        (len, "conv2d-strides", "no check is named 'conv2d-strides'; conv2d has values, shape"),
        (len, 3, "a check is named by a string such as 'conv2d-stride', not by 3"),
        (5, "conv2d-values", r"check\(int, 'conv2d-values'\): pass the function itself"),
    ],
)
def test_a_wrong_call_of_check_says_what_to_do(function, name, text):
    with pytest.raises(ValueError, match=text):
        check(function, name)


def test_any_option_is_a_prediction_and_nothing_else_is(capsys):
    for letter in PREDICTIONS["predict-window"].options:
        check_answer(letter, "predict-window")
    check_answer(" B ", "predict-window")
    assert "predict-window: your answer 'b' is recorded" in capsys.readouterr().out
    with pytest.raises(CheckFailed, match="no answer yet; choose one of 'a', 'b'"):
        check_answer(None, "predict-window")
    with pytest.raises(CheckFailed, match="42 is not one of the options"):
        check_answer(42, "predict-window")
    with pytest.raises(ValueError, match="no prediction is named 'predict-nothing'; there are predict-start"):
        check_answer("a", "predict-nothing")


def test_reveal_gives_a_reason_for_every_option(capsys):
    question = PREDICTIONS["predict-regular"]
    wrong = next(letter for letter in question.options if letter != question.answer)
    reveal(wrong, "predict-regular")
    out = capsys.readouterr().out
    assert f"The right one is {question.answer!r}." in out
    assert all(reason in " ".join(out.split()) for reason in question.reasons.values())
    assert max(map(len, out.splitlines())) <= 88
    reveal(question.answer, "predict-regular")
    assert "That is right." in capsys.readouterr().out


def test_progress_says_what_is_done_and_what_is_missing(capsys):
    def conv2d_params(*args, **options):
        raise NotImplementedError()

    progress(
        "02-regular",
        {
            "prediction": "a",
            "conv2d": as_submitted(EXERCISES["conv2d"], BANK["stride-ignored"]),
            "conv2d_params": conv2d_params,
            "conv2d_macs": as_submitted(EXERCISES["conv2d_macs"]),
        },
    )
    out = capsys.readouterr().out
    worth = {name: sum(EXERCISES[name].points.values()) for name in EXERCISES}
    conv2d = worth["conv2d"] - EXERCISES["conv2d"].points["stride"]
    by_hand = ASSIGNMENTS["02-regular"].explanation_points
    all_points = sum(graded_cells("02-regular").values()) - by_hand
    for line in (
        rf"predict-regular +{PREDICTION_POINTS} of {PREDICTION_POINTS}\n",
        rf"conv2d +{conv2d:g} of {worth['conv2d']:g} +missing: stride\n",
        rf"conv2d_torch +0 of {worth['conv2d_torch']:g} +no function conv2d_torch yet\n",
        rf"conv2d_params +0 of {worth['conv2d_params']:g} +not written yet\n",
        rf"conv2d_macs +{worth['conv2d_macs']:g} of {worth['conv2d_macs']:g} +done\n",
        rf"explain-regular +- of {by_hand:g} +read by your instructor",
        rf"together +{PREDICTION_POINTS + conv2d + worth['conv2d_macs']:g} of {all_points:g} +checked here\n",
    ):
        assert re.search(line, out), f"{line}\n{out}"
    with pytest.raises(ValueError, match="no assignment is named '03-nothing'; there are 00-start"):
        progress("03-nothing", {})


def test_progress_where_nobody_reads_an_explanation(capsys):
    progress("00-start", {"window_sum": as_submitted(EXERCISES["window_sum"])})
    points = EXERCISES["window_sum"].points["values"]
    assert capsys.readouterr().out.splitlines() == [
        f"predict-start    0 of {PREDICTION_POINTS}    no answer yet",
        f"window_sum       {points} of {points}    done",
        f"together         {points} of {points + PREDICTION_POINTS}",
    ]


@pytest.mark.parametrize(("answer", "is_answer"), [("b", True), (" B ", True), ("e", False), ([], False)])
def test_progress_counts_the_answers_that_check_answer_records(capsys, answer, is_answer):
    progress("00-start", {"prediction": answer})
    assert ("no answer yet" in capsys.readouterr().out) == (not is_answer)


def test_a_numpy_check_imports_no_torch_and_importing_us_imports_no_command_line():
    script = """
        import sys
        import autograder
        assert not {"torch", "typer", "rich"} & set(sys.modules), "import autograder"
        from convolution.reference import conv2d
        try:
            autograder.check(conv2d, "conv2d")
        finally:
            assert not {"torch", "typer", "rich"} & set(sys.modules), "check"
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "conv2d, how: right" in done.stdout
