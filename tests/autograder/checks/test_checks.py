"""What a check says and how it looks: messages, prints, devices, and how something was computed."""

import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder import CheckFailed, check, check_answer, progress, reveal
from autograder.checks import judge
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from autograder.student_code.inside.observe import lines, one_device, operations, packages
from autograder.student_code.subject import Local
from convolution.mistakes import BANK
from convolution.predictions import PREDICTIONS
from convolution.reference import pair

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """A right torch kernel: a loop over taps."""
    if x.shape[1] != weight.shape[1] or min(pair(stride)) < 1 or min(pair(padding)) < 0 or min(pair(dilation)) < 1:
        raise ValueError(f"{tuple(x.shape)} {tuple(weight.shape)}")
    (sH, sW), (pH, pW), (dH, dW) = pair(stride), pair(padding), pair(dilation)
    kH, kW = weight.shape[2:]
    x_shape, x = tuple(x.shape), F.pad(x, (pW, pW, pH, pH))
    H_out, W_out = (x.shape[2] - dH * (kH - 1) - 1) // sH + 1, (x.shape[3] - dW * (kW - 1) - 1) // sW + 1
    if H_out < 1 or W_out < 1:
        raise ValueError(f"{x_shape} {tuple(weight.shape)}")
    y = x.new_zeros(x.shape[0], weight.shape[0], H_out, W_out)
    for u in range(kH):
        for v in range(kW):
            rows = slice(u * dH, u * dH + (H_out - 1) * sH + 1, sH)
            columns = slice(v * dW, v * dW + (W_out - 1) * sW + 1, sW)
            y += torch.einsum("nchw,oc->nohw", x[:, :, rows, columns], weight[:, :, u, v])
    return y if bias is None else y + bias[:, None, None]


def message_of(function, name):
    with pytest.raises(CheckFailed) as failure:
        check(function, name)
    return str(failure.value)


# --- the message -----------------------------------------------------------------------------------------------


def test_a_right_answer_is_one_quiet_line(capsys):
    assert check(as_submitted(EXERCISES["conv2d"]), "conv2d-stride") is None
    assert capsys.readouterr().out == "conv2d, stride: right\n"


def test_a_wrong_answer_says_what_where_and_why():
    text = message_of(as_submitted(EXERCISES["conv2d"], BANK["flipped-kernel"]), "conv2d-values")
    first, second = text.splitlines()[:2]
    assert re.fullmatch(r"conv2d, values: wrong for x \(1, 1, \d, \d\), weight \(1, 1, \d, \d\)", first)
    assert re.search(
        r"first difference at \[0, 0, 0, 0\]: expected .*, got .*; (\d+) of \1 values differ, largest by", second
    )
    assert "(allowed 1e-09)" in second
    for part in ("  x  ", "weight", "yours", "expected", "the window at [0, 0]:"):
        assert part in text
    assert "flipped in both directions" in text
    assert text.endswith('To see this case again: check(conv2d, "conv2d-values")')


def test_the_products_in_the_message_add_up_to_what_was_expected():
    text = message_of(as_submitted(EXERCISES["correlate2d"], BANK["flipped-kernel"]), "correlate2d-values")
    products, total = re.search(r"the window at \[0, 0\]:\n  (.*) = (.*)\n", text).groups()
    terms = [np.prod([float(number) for number in term.split("*")]) for term in products.split(" + ")]
    expected = float(re.search(r"expected (\S+), got", text).group(1))
    assert sum(terms) == pytest.approx(float(total), abs=1e-2) == pytest.approx(expected, abs=1e-2)


def test_the_window_of_a_padded_and_strided_case_is_the_right_one():
    """The written-out sum is the expected number at that place, padding and stride included."""
    wrong_at_one_pixel = as_submitted(EXERCISES["correlate2d"])

    def correlate2d(image, kernel, **options):
        y = wrong_at_one_pixel(image, kernel, **options)
        y[1, 1] += 1
        return y

    for aspect in ("padding", "dilation"):
        verdict = judge(EXERCISES["correlate2d"], Local(correlate2d), aspects=[aspect])[0]
        total = re.search(r"the window at \[1, 1\].*\n.* = (\S+)", verdict.message)
        if total:
            expected = re.search(r"at \[1, 1\]: expected (\S+),", verdict.message).group(1).rstrip(",")
            assert float(total.group(1)) == pytest.approx(float(expected), abs=1e-2)
            return
    pytest.fail("no picture was drawn for a small padded case")


def test_another_seed_draws_other_numbers_and_says_so():
    wrong = as_submitted(EXERCISES["conv2d"], BANK["flipped-kernel"])
    public = judge(EXERCISES["conv2d"], Local(wrong), aspects=["values"])[0].message
    private = judge(EXERCISES["conv2d"], Local(wrong), 7, ["values"])[0].message
    assert public.splitlines()[1] != private.splitlines()[1]
    assert private.endswith('check(conv2d, "conv2d-values", seed=7)')


def test_a_crash_names_the_students_line():
    def conv2d(x, weight, **options):
        return x[0, 0, 0, 99]

    text = message_of(conv2d, "conv2d-values")
    assert "raised IndexError for x (1, 1," in text
    assert re.search(r"at line \d+: return x\[0, 0, 0, 99\]", text)


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


def test_sys_exit_in_student_code_is_a_failure_like_another():
    assert "raised SystemExit" in message_of(lambda *args: sys.exit(0), "window_sum-values")


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


def test_the_message_is_about_the_smallest_case_that_fails():
    """Wrong only with several channels: the one-channel case is not what is shown."""

    def conv2d(x, weight, **options):
        return as_submitted(EXERCISES["conv2d"])(x[:, :1], weight[:, :1], **options)

    text = message_of(conv2d, "conv2d-values")
    assert not text.startswith("conv2d, values: wrong for x (1, 1,")
    assert "uses the first input channel only" in text


# --- the wrong window of `unchanged` and `layout` --------------------------------------------------------------


def test_the_argument_that_changed_is_named():
    def conv2d(x, weight, bias=None, **options):
        if bias is not None:
            bias *= 2
            return as_submitted(EXERCISES["conv2d"])(x, weight, bias=bias / 2, **options)
        return as_submitted(EXERCISES["conv2d"])(x, weight, **options)

    assert "bias is not what it was before the call" in message_of(conv2d, "conv2d-unchanged")


def test_code_that_relies_on_memory_order_fails_layout_alone():
    def conv2d(x, weight, **options):
        x = x if x.flags.c_contiguous else np.ascontiguousarray(x)[..., ::-1]
        return as_submitted(EXERCISES["conv2d"])(x, weight, **options)

    failed = [v.aspect for v in judge(EXERCISES["conv2d"], Local(conv2d)) if not v.passed]
    assert failed == ["layout"]


def test_a_view_of_a_torch_tensor_that_is_not_contiguous_fails_layout():
    def conv2d_torch(x, weight, *args, **options):
        x.view(-1)  # refuses a tensor whose memory is not in order
        return taps(x, weight, *args, **options)

    failed = [v.aspect for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch)) if not v.passed]
    assert failed == ["layout"]


# --- how, and where --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", DEVICES)
def test_a_right_torch_kernel_passes_on_every_device(device):
    assert [v.message for v in judge(EXERCISES["conv2d_torch"], Local(taps), device=device) if not v.passed] == []


def test_unfold_and_matmul_are_legal():
    def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
        taps(x, weight, bias, stride, padding, dilation)  # for its errors
        columns = F.unfold(x, weight.shape[2:], dilation, padding, stride)
        like = taps(x, weight, None, stride, padding, dilation)
        y = (weight.reshape(weight.shape[0], -1) @ columns).reshape(like.shape)
        return y if bias is None else y + bias[:, None, None]

    assert [v.message for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch)) if not v.passed] == []


@pytest.mark.parametrize(
    "convolve",
    [
        lambda x, w: F.conv2d(x, w),
        lambda x, w: torch.conv2d(x, w),
        lambda x, w: torch.ops.aten.convolution(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        lambda x, w: getattr(torch, "conv" + "2d")(x, w),
        lambda x, w: F.conv3d(x[:, :, None], w[:, :, None])[:, :, 0],
    ],
    ids=["functional", "torch", "aten", "getattr", "conv3d"],
)
def test_torchs_own_convolution_is_seen_under_any_name(convolve):
    def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
        if (stride, padding, dilation, bias) == (1, 0, 1, None) and x.shape[1] == weight.shape[1]:
            return convolve(x, weight)
        return taps(x, weight, bias, stride, padding, dilation)

    verdicts = {v.aspect: v for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch))}
    assert [aspect for aspect, v in verdicts.items() if v.passed is False and aspect != "errors"] == ["how"]
    assert "it reached torch's own convolution (aten.convolution)" in verdicts["how"].message


@pytest.mark.parametrize("hidden", [False, True], ids=["loop", "in a library"])
def test_a_loop_over_pixels_is_counted(hidden):
    def conv2d_torch(x, weight, bias=None, stride=1, padding=0, dilation=1):
        like = taps(x, weight, bias, stride, padding, dilation)
        places = [(i, j) for i in range(like.shape[2]) for j in range(like.shape[3])]
        if hidden:
            np.apply_along_axis(lambda place: place, 1, np.array(places))
        else:
            for _i, _j in places:
                pass
        return like

    verdict = judge(EXERCISES["conv2d_torch"], Local(conv2d_torch), aspects=["how"])[0]
    assert verdict.passed is False
    assert re.search(r"an image of 6 x 6 runs \d+ lines of Python, one of 12 x 12 runs \d+", verdict.message)


def test_a_numpy_kernel_that_asks_torch_is_seen():
    def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
        y = taps(*map(torch.from_numpy, (x.copy(), weight.copy())), None, stride, padding, dilation).numpy()
        return y if bias is None else y + bias[:, None, None]

    failed = {v.aspect: v.message for v in judge(EXERCISES["conv2d"], Local(conv2d)) if not v.passed}
    assert list(failed) == ["how"]
    assert "it called torch; this exercise is done with NumPy alone" in failed["how"]


def test_a_students_module_may_be_called_as_an_installed_package_is():
    import pytest as installed

    source = "def conv2d(x, weight, **options):\n    return right(x, weight, **options)\n"
    namespace = {"__name__": installed.__name__, "right": as_submitted(EXERCISES["conv2d"])}
    exec(source, namespace)
    assert [v.message for v in judge(EXERCISES["conv2d"], Local(namespace["conv2d"])) if not v.passed] == []


#: Slips that pass on a CPU and fail on a GPU: each makes or leaves a tensor on the wrong device.
SLIPS = {
    "zeros": lambda x, y: torch.zeros(y.shape) + y,
    "zeros, in place": lambda x, y: torch.zeros(y.shape).add_(y),
    "zeros, then moved back": lambda x, y: torch.zeros(y.shape).add_(y).to(x.device),
    "empty, written by pixel": lambda x, y: _written(torch.empty(y.shape), y),
    "arange": lambda x, y: y * (torch.arange(y.shape[-1]) >= 0),
    "ones": lambda x, y: y * torch.ones(y.shape[-1]),
    "tensor": lambda x, y: y + torch.tensor([0.0] * y.shape[-1]),
    "cat": lambda x, y: torch.cat([y, torch.zeros(y.shape)])[: y.shape[0]],
    "stack": lambda x, y: torch.stack([y, torch.zeros(y.shape)])[0],
    "where": lambda x, y: torch.where(torch.ones(y.shape) > 0, y, y),
    "eye": lambda x, y: y @ torch.eye(y.shape[-1]),
    "index_select": lambda x, y: torch.index_select(y, 3, torch.arange(y.shape[3])),
    "index_select and add": lambda x, y: torch.zeros_like(y).index_add(3, torch.arange(y.shape[3]), y),
    "written at an index": lambda x, y: _put(torch.zeros_like(y), torch.zeros(y.shape)) + y,
    "result on the CPU": lambda x, y: torch.ones(y.shape),
    "numpy": lambda x, y: torch.from_numpy(y.numpy()),
}


def _put(out, values):
    out[:, torch.arange(out.shape[1])] = values
    return out


def _written(out, y):
    for row in range(y.shape[2]):
        out[:, :, row] = y[:, :, row]
    return out


@pytest.mark.parametrize("slip", SLIPS)
def test_every_slip_between_devices_is_caught_without_a_gpu(slip):
    def conv2d_torch(x, weight, *args, **options):
        y = taps(x, weight, *args, **options)
        return y if slip == "result on the CPU" and x.device.type == "cpu" else SLIPS[slip](x, y)

    verdicts = {
        v.aspect: v for v in judge(EXERCISES["conv2d_torch"], Local(conv2d_torch), aspects=["values", "device"])
    }
    assert verdicts["values"].passed
    assert verdicts["device"].passed is False


LEGAL = {
    "new_zeros": lambda x, y: x.new_zeros(y.shape) + y,
    "device=": lambda x, y: torch.zeros(y.shape, device=x.device) + y,
    "zeros_like": lambda x, y: torch.zeros_like(y) + y,
    "a number": lambda x, y: y * torch.tensor(1.0),
    "an index on the CPU": lambda x, y: y[:, torch.arange(y.shape[1])],
    "written at an index on the CPU": lambda x, y: _put(torch.zeros_like(y), y),
    "brought over": lambda x, y: y + torch.zeros(y.shape).to(x.device),
    "asks for a number": lambda x, y: y if float(y.sum()) < 1e9 else y * 2,
}


@pytest.mark.parametrize("way", LEGAL)
def test_legal_code_passes_the_device_check(way):
    verdict = judge(
        EXERCISES["conv2d_torch"], Local(lambda x, *a, **o: LEGAL[way](x, taps(x, *a, **o))), aspects=["device"]
    )[0]
    assert verdict.passed, verdict.message


def test_without_torch_or_cuda_a_torch_check_could_not_be_made(monkeypatch):
    if not torch.cuda.is_available():
        verdict = judge(EXERCISES["conv2d_torch"], Local(taps), aspects=["values"], device="cuda")[0]
        assert verdict.passed is None and verdict.points == 0
        assert verdict.message == "conv2d_torch, values: could not be checked: this machine has no CUDA device"
    monkeypatch.setitem(sys.modules, "torch", None)
    verdict = judge(EXERCISES["conv2d_torch"], Local(taps), aspects=["values"])[0]
    assert verdict.passed is None
    assert "could not be checked: torch is not installed" in verdict.message


def test_watchers_put_back_what_they_found():
    before = sys.gettrace(), sys.getprofile()
    with lines(), packages(), operations(), one_device():
        pass
    assert (sys.gettrace(), sys.getprofile()) == before


# --- the notebook's other calls --------------------------------------------------------------------------------


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
    assert re.search(r"predict-regular\s+1 of 1", out)
    assert re.search(r"conv2d\s+6 of 6.5\s+missing: stride", out)
    assert re.search(r"conv2d_torch\s+0 of 5.5\s+no function conv2d_torch yet", out)
    assert re.search(r"conv2d_params\s+0 of 2\s+not written yet", out)
    assert re.search(r"conv2d_macs\s+2 of 2\s+done", out)
    assert re.search(r"explain-regular\s+- of 3\s+read by your instructor", out)
    assert re.search(r"together\s+9 of 17", out)
    with pytest.raises(ValueError, match="no assignment is named '03-nothing'; there are 00-start"):
        progress("03-nothing", {})


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
