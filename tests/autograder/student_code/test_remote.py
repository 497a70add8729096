"""A function behind the wall: replies are read as data, and what works here works there."""

import textwrap

import numpy as np
import pytest

from autograder.student_code.inside.data import Foreign, Network, Tensor
from autograder.student_code.remote import RemoteHandle, read_outcome
from autograder.student_code.sandbox import Sandbox
from autograder.student_code.subject import Local

SOUND = {"value": 3, "raised": None, "changed": {}, "printed": "", "observed": {}}
RAISED = ["ValueError", ["ValueError", "Exception"], "no", "line 3: raise"]


def test_a_sound_reply():
    outcome = read_outcome(SOUND | {"changed": {1: 5}, "printed": "a"}, (1, 2), {"x": 3})
    assert (outcome.value, outcome.raised, outcome.printed) == (3, None, "a")
    assert (outcome.arguments, outcome.options) == ((1, 5), {"x": 3})
    assert read_outcome(SOUND | {"changed": {2: 5}}, (1, 2), {"x": 3}).options == {"x": 5}
    raised = read_outcome(SOUND | {"raised": RAISED}, (), {}, ("lines",)).raised
    assert (raised.name, raised.bases, raised.text, raised.where) == (*RAISED[:1], tuple(RAISED[1]), *RAISED[2:])
    seen = {"lines": 3, "packages": ["torch"], "operations": [], "one_device": None}
    assert read_outcome(SOUND | {"observed": seen}, (), {}, tuple(seen)).observed == seen


@pytest.mark.parametrize(
    "changed",
    [
        {"changed": []},
        {"changed": None},
        {"changed": "0"},
        {"printed": None},
        {"printed": ["a"]},
        {"printed": 3},
        {"raised": "ValueError"},
        {"raised": []},
        {"raised": RAISED[:3]},
        {"raised": [*RAISED, 1]},
        {"raised": tuple(RAISED)},
        {"raised": [None, *RAISED[1:]]},
        {"raised": [RAISED[0], "ValueError", *RAISED[2:]]},
        {"raised": [RAISED[0], [3], *RAISED[2:]]},
        {"raised": [*RAISED[:2], None, None]},
        {"raised": [*RAISED[:3], 3]},
        {"raised": False},
        {"raised": 0},
        {"observed": []},
        {"observed": {}},
        {"observed": {"lines": 1}},
        {"observed": {"operations": [], "lines": 1, "packages": []}},
        {"observed": {"operations": [], "lines": True}},
        {"observed": {"operations": [], "lines": -1}},
        {"observed": {"operations": [], "lines": 2**53}},
        {"observed": {"operations": [], "lines": 1.0}},
        {"observed": {"operations": (), "lines": 1}},
        {"observed": {"operations": [3], "lines": 1}},
        {"observed": {"operations": None, "lines": 1}},
        {"observed": {"operations": [], "lines": 1, "one_device": 1}},
        {"observed": {"operations": [], "lines": 1, "another": "a"}},
        {"raised": RAISED, "observed": {"another": "a"}},
        {"changed": {0: [1]}},
        {"changed": {0: (1,)}},
        {"changed": {0: "text"}},
        {"changed": {0: None}},
        {"changed": {0: np.ones(2)}},
        {"changed": {0: Network("small", 2)}},
    ],
    ids=repr,
)
def test_a_reply_that_is_not_as_it_should_be_is_a_failure(changed):
    sound = SOUND | {"observed": {"operations": [], "lines": 1}}
    given, observe = (Network("small", 1),), ("operations", "lines")
    assert read_outcome(sound, given, {}, observe).raised is None
    outcome = read_outcome(sound | changed, given, {}, observe)
    assert str(outcome.raised) == "the call was not answered as calls are"
    assert outcome.value is None


def test_what_was_not_asked_for_is_not_believed():
    assert read_outcome(SOUND | {"observed": {"lines": 1}}, (), {}).raised is not None
    assert read_outcome(SOUND | {"changed": {7: 1, "a": 2, -1: 3}}, (1,), {"x": 2}).arguments == (1,)


def test_texts_are_cut():
    long = "x" * 5000
    raised = read_outcome({"raised": [long, [long] * 100, long, long]}, (), {}).raised
    assert (len(raised.name), len(raised.bases), len(raised.bases[0])) == (200, 50, 200)
    assert (len(raised.text), len(raised.where)) == (2000, 200)
    observed = read_outcome({"observed": {"packages": [long]}}, (), {}, ("packages",)).observed
    assert len(observed["packages"][0]) == 200
    (network,) = read_outcome({"changed": {0: (long,) * 100}}, (Network("small", 1),), {}).arguments
    assert len(network.changed) == 20 and len(network.changed[0]) == 200


# ---------------------------------------------------------------- the same here and there

FUNCTIONS = textwrap.dedent("""
    import numpy as np
    import torch

    def several(x, weight):
        return x.sum(axis=0), (x * 2, weight), [x.shape, float(x.max())]

    def of_shapes(x_shape, weight_shape=(1, 1), *, stride=(1, 1)):
        return (*x_shape, *weight_shape, *stride), type(x_shape).__name__, type(stride).__name__

    def of_a_tuple(pair, named):
        x, y = pair
        x += 1
        named["bias"] += 1
        return x.shape, type(x).__name__, type(y).__name__, y.sum()

    class Layer(torch.nn.Module):
        def __init__(self, channels, /, *sizes, bias=True, **more):
            super().__init__()
            self.gain = torch.nn.Parameter(torch.full((channels,), float(sum(sizes))))
            self.shift = torch.nn.Parameter(torch.zeros(channels)) if bias else None
            self.more = more

        def forward(self, x, *, scale=1):
            y = x * self.gain * scale
            return y if self.shift is None else (y + self.shift, y)

    class Plain:
        def __init__(self, shape):
            self.shape = shape

        def __call__(self, other=None):
            return self.shape, other

    def makes_two():
        return Plain(1), {"layer": Layer(2)}

    def prints(x):
        print("x is", x)
        raise LookupError("not there")
""")


@pytest.fixture(scope="module")
def here():
    names = {"__name__": "__main__"}
    exec(compile(FUNCTIONS, "student", "exec"), names)
    return names


@pytest.fixture(scope="module")
def there():
    with Sandbox() as sandbox, sandbox.notebook() as process:
        assert process.run(FUNCTIONS, 1) == []
        yield process


@pytest.fixture
def both(here, there):
    there.new_aspect()
    return lambda name: (Local(here[name]), there.remote(name))


def plain(value):
    """A value in which arrays, tensors and things that are held can be compared."""
    if isinstance(value, Tensor):
        return ("tensor", value.device, value.dtype, value.shape, plain(value.array))
    if isinstance(value, np.ndarray):
        return ("array", value.dtype.str, value.shape, value.tolist())
    if isinstance(value, Foreign):
        return ("held", value.kind, value.is_module)
    if isinstance(value, (tuple, list)):
        return (type(value), [plain(item) for item in value])
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def facts(outcome):
    raised = outcome.raised and (outcome.raised.name, outcome.raised.bases, outcome.raised.text)
    return (plain(outcome.value), raised, plain(outcome.arguments), plain(outcome.options), outcome.printed)


X = np.arange(6, dtype=np.float32).reshape(2, 3)

CALLS = {
    "several arrays": ("several", (X, np.ones(2)), {}),
    "several tensors": ("several", (Tensor.of(X), Tensor.of(np.ones(2))), {}),
    "shapes": ("of_shapes", ((1, 2, 3), (4, 5)), {"stride": (2, 1)}),
    "shapes as options": ("of_shapes", ((),), {"weight_shape": [1], "stride": ((1, 2), [3])}),
    "arrays in a tuple and a dict": ("of_a_tuple", ((X.copy(), X), {"bias": np.ones(2)}), {}),
    "tensors in a tuple and a dict": ("of_a_tuple", ((Tensor.of(X.copy()), Tensor.of(X)), {"bias": Tensor.of(X)}), {}),
    "a class": ("Layer", (3, 1, 2), {"bias": False, "dilation": (1, 2), "padding": "same"}),
    "a class, wrongly": ("Layer", (), {"channels": 3}),
    "things that are no data": ("makes_two", (), {}),
    "a failure": ("prints", (2,), {}),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_there_is_as_one_here(both, name):
    function, args, options = CALLS[name]
    local, remote = both(function)
    # Local gets what may be changed as a copy, as what crosses is one.
    mine = Local(lambda *args, **options: local.function(*args, **options)).call(*_copied(args), **_copied(options))
    theirs = remote.call(*args, **options)
    assert facts(theirs) == facts(mine)


def _copied(value):
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Tensor):
        return Tensor(value.array.copy(), value.device, value.dtype, value.shape)
    if isinstance(value, (tuple, list)):
        return type(value)(_copied(item) for item in value)
    return {key: _copied(item) for key, item in value.items()} if isinstance(value, dict) else value


def test_what_a_call_changes_in_a_tuple_comes_back(both):
    for subject in both("of_a_tuple"):
        x, bias = X.copy(), np.ones(2)
        outcome = subject.call((x, X.copy()), {"bias": bias})
        assert outcome.raised is None, outcome.raised
        assert outcome.arguments[0][0].tolist() == (X + 1).tolist()
        assert outcome.arguments[1]["bias"].tolist() == [2, 2]


def test_a_module_of_any_constructor_is_asked_given_numbers_and_called(both):
    for subject in both("Layer"):
        made = subject.call(3, 1, 1, groups=2).value
        assert (made.kind, made.is_module) == ("Layer", True)
        assert made.parameters().value == {"gain": (3,), "shift": (3,)}
        assert made.assign({"shift": np.array([1, 2, 3], np.float32)}).raised is None
        outcome = made.call(Tensor.of(X), scale=2)
        assert outcome.value[0].array.tolist() == (X * 4 + [1, 2, 3]).tolist()
        assert outcome.value[1].array.tolist() == (X * 4).tolist()
        assert made.to("meta").raised is None
        assert made.call(Tensor.of(X, "meta")).value[0].device == "meta"


def test_two_things_of_one_call_are_told_apart(both):
    for subject in both("makes_two"):
        first, named = subject.call().value
        assert first.call(other=(2, 3)).value == (1, (2, 3))
        assert named["layer"].parameters().value == {"gain": (2,), "shift": (2,)}


def test_a_thing_is_gone_with_the_process_that_held_it(there):
    there.new_aspect()
    made = there.remote("Plain").call((1, 2)).value
    assert type(made) is RemoteHandle and made.call().value == ((1, 2), None)
    there.leave_fork()
    there.new_aspect()
    assert str(made.call().raised) == "the Plain it returned is gone with the process that held it"
    there.remote("Plain").call(1)
    assert "is gone" in str(made.parameters().raised)
