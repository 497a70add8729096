"""Networks as arguments: a recipe on the way, a module on both sides, and afterwards what the call changed of it."""

import textwrap

import numpy as np
import pytest
import torch
from torch import nn

from autograder.student_code.inside import networks
from autograder.student_code.inside.data import Network
from autograder.student_code.inside.networks import UnknownNetworkError, build, differences
from autograder.student_code.sandbox import Sandbox
from autograder.student_code.subject import Local, Tensor

ZOO = """
from torch import nn

class Tail(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(4)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.norm(x))

ZOO = {
    "small": lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), Tail()),
    "a convolution": lambda: nn.Conv2d(2, 3, (3, 2), bias=False),
}
"""

#: Functions that take a network, and what they change of "small".
FUNCTIONS = textwrap.dedent("""
    import torch

    def counts_parameters(network):
        return sum(values.numel() for values in network.parameters())

    def uses_it_and_puts_it_back(network):
        hook = network[0].register_forward_hook(lambda *_: None)
        network.eval()
        with torch.no_grad():
            network(torch.ones(5, 3))
        network.train()
        hook.remove()
        return 1

    def leaves_hooks(network):
        network[0].register_forward_hook(lambda *_: None)
        network[0].register_forward_pre_hook(lambda *_: None)
        network[2].last.register_full_backward_hook(lambda *_: None)
        return 1

    def leaves_it_in_evaluation_mode(network):
        network.eval()
        return 1

    def freezes_a_part(network):
        network[2].norm.eval()
        network[0].weight.requires_grad_(False)
        return 1

    def runs_it_while_training(network):
        network(torch.ones(5, 3))
        return 1

    def goes_backward(network):
        network.eval()
        network(torch.ones(5, 3)).sum().backward()
        network.train()
        network[0].bias.grad = None
        return 1

    def changes_a_weight(network):
        with torch.no_grad():
            network[2].last.weight[1, 2] += 1
        return 1

    def replaces_a_part(network):
        network[1] = torch.nn.Tanh()
        network[0] = torch.nn.Linear(3, 4)
        network[2].more = torch.nn.Identity()
        return 1

    def stores_something(network):
        network.macs = 3
        network[0].forward = lambda x: x
        return 1

    def adds_and_removes(network):
        network.register_buffer("mean", torch.ones(1))
        network[2].last.bias = None
        return 1

    def breaks_it(network):
        network._modules = None
        return 1

    def hooks_a_weight(network):
        network[0].weight.register_hook(lambda grad: grad)
        return 1

    def raises_after_a_change(network):
        network.eval()
        raise ValueError("no")
""")

CHANGED = {
    "counts_parameters": (),
    "uses_it_and_puts_it_back": (),
    "leaves_hooks": ("0 has 2 hooks more", "2.last has 1 hook more"),
    "leaves_it_in_evaluation_mode": ("the network is in evaluation mode now",),
    "freezes_a_part": ("2.norm is in evaluation mode now", "0.weight requires no gradient any more"),
    "runs_it_while_training": (
        "2.norm.running_mean has other values",
        "2.norm.running_var has other values",
        "2.norm.num_batches_tracked has other values",
    ),
    "goes_backward": tuple(
        f"{name} has a gradient now"
        for name in ("0.weight", "2.norm.weight", "2.norm.bias", "2.last.weight", "2.last.bias")
    ),
    "changes_a_weight": ("2.last.weight has other values",),
    "replaces_a_part": ("1 is a Tanh now", "0.weight has other values", "0.bias has other values", "2.more is new"),
    "stores_something": ("the network.macs is new", "0.forward is new"),
    "adds_and_removes": ("2.last.bias is gone", "mean is new"),
    "breaks_it": ("the network cannot be read any more: AttributeError",),
    "hooks_a_weight": ("0.weight has 1 hook more",),
    "raises_after_a_change": ("the network is in evaluation mode now",),
}


@pytest.fixture(scope="module", autouse=True)
def zoo():
    """The zoo of this file in the place of the course's."""
    before = networks.source()
    networks.use(ZOO)
    yield
    networks.use(before)


@pytest.fixture(scope="module")
def here():
    names = {}
    exec(compile(FUNCTIONS, "student", "exec"), names)
    return names


@pytest.fixture(scope="module")
def there(zoo):
    with Sandbox() as sandbox, sandbox.notebook() as process:
        assert process.run(FUNCTIONS, 1) == []
        yield process


# ---------------------------------------------------------------- building


def test_two_builds_of_one_recipe_are_equal_and_of_another_seed_are_not():
    first, second, other = build(Network("small", 5)), build(Network("small", 5)), build(Network("small", 6))
    assert first is not second
    assert networks.describe(first) == networks.describe(second)
    assert "0.weight has other values" in differences(networks.describe(first), networks.describe(other))


def test_building_disturbs_no_other_random_numbers():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    build(Network("small", 5))
    assert torch.equal(torch.rand(2), expected)


def test_an_unknown_recipe_is_refused_with_a_sentence(there):
    text = "no network is called 'large'; the course's zoo has small, a convolution"
    for subject in (Local(lambda network: 1), there.remote("counts_parameters")):
        subject.new_aspect()
        for call in (lambda: subject.call(Network("large", 1)), lambda: subject.call(1, network=Network("large", 1))):  # noqa: B023
            with pytest.raises(UnknownNetworkError, match=text):
                call()
    assert not there.lost


def test_a_course_without_networks_says_so():
    networks.use("")
    try:
        with pytest.raises(UnknownNetworkError, match="the course's zoo has none"):
            build(Network("small", 1))
    finally:
        networks.use(ZOO)


def test_the_zoo_is_made_once_and_when_it_is_needed():
    networks.use("made = []\nZOO = {'counted': lambda: made}\nmade.append(1)")
    try:
        assert networks.ZOO == {}
        assert build(Network("counted", 1)) == build(Network("counted", 2)) == [1]
    finally:
        networks.use(ZOO)


@pytest.mark.parametrize(
    ("name", "seed", "text"),
    [
        ("", 1, "text of 1 to 100 characters, not ''"),
        ("n" * 101, 1, "text of 1 to 100 characters"),
        (None, 1, "text of 1 to 100 characters, not None"),
        ("small", -1, "not -1"),
        ("small", 2**63, "not 9223372036854775808"),
        ("small", True, "not True"),
        ("small", 1.0, "not 1.0"),
        ("small", np.int64(1), "int from 0"),
    ],
)
def test_what_is_no_recipe_is_refused(name, seed, text):
    with pytest.raises(ValueError, match=text):
        Network(name, seed)


# ---------------------------------------------------------------- calling


@pytest.mark.parametrize("name", CHANGED)
def test_what_a_call_changes_comes_back_with_the_recipe_from_here_and_from_there(here, there, name):
    for subject in (Local(here[name]), there.remote(name)):
        subject.new_aspect()
        given = Network("small", 7)
        outcome = subject.call(given)
        assert outcome.arguments == (Network("small", 7, CHANGED[name]),)
        assert given.changed == ()
        assert (outcome.raised is None) == (name != "raises_after_a_change")
        assert outcome.value in (1, 34, None)
        named = subject.call(network=given)
        assert named.options == {"network": Network("small", 7, CHANGED[name])}


def test_both_sides_build_the_same_numbers(there):
    there.run("import torch\ndef sees(network, x):\n    return network.weight.detach(), network(x).detach()", 2)
    x = np.arange(24, dtype=np.float32).reshape(1, 2, 4, 3)
    remote = there.remote("sees")
    remote.new_aspect()
    outcome = remote.call(Network("a convolution", 2**63 - 1), Tensor.of(x))
    assert outcome.raised is None, outcome.raised
    weight, result = outcome.value
    module = build(Network("a convolution", 2**63 - 1))
    assert np.array_equal(weight.array, module.weight.detach().numpy())
    assert np.array_equal(result.array, module(torch.from_numpy(x)).detach().numpy())


def test_a_network_may_stand_beside_others_and_in_a_tuple(there):
    there.run(
        "def both(first, second):\n    second[0].eval()\n    return len(list(first.parameters())), len(second)", 2
    )
    remote = there.remote("both")
    remote.new_aspect()
    for subject in (Local(lambda first, second: (len(list(first.parameters())), len(second))), remote):
        outcome = subject.call(Network("a convolution", 1), (Network("small", 1), 2))
        assert outcome.value == (1, 2)
        assert outcome.arguments[0] == Network("a convolution", 1)


def test_a_class_takes_a_network_and_a_thing_it_made_too(there):
    source = textwrap.dedent("""
        class Counter:
            def __init__(self, network, *, only=None):
                self.network, self.only = network, only

            def __call__(self, network):
                network.eval()
                return len(list(self.network.parameters())), len(list(network.parameters())), self.only
    """)
    names = {}
    exec(source, names)
    there.run(source, 2)
    remote = there.remote("Counter")
    remote.new_aspect()
    for subject in (Local(names["Counter"]), remote):
        made = subject.call(Network("small", 1), only=(1, 2)).value
        outcome = made.call(Network("a convolution", 1))
        assert outcome.value == (6, 1, (1, 2))
        assert outcome.arguments[0].changed == ("the network is in evaluation mode now",)


# ---------------------------------------------------------------- sentences about changes


def test_many_changes_are_told_in_few_sentences():
    before = networks.describe(nn.Sequential(*(nn.Linear(1, 1) for _ in range(30))))
    told = differences(before, {})
    assert len(told) == networks.MAX_CHANGES
    assert told[-1] == "and 72 other changes"


def test_a_long_name_is_cut():
    part = networks.Part("Linear", True, 0, frozenset())
    (told,) = differences({}, {"n" * 1000: part})
    assert len(told) == 200


def test_a_part_that_became_numbers():
    module = build(Network("small", 1))
    before = networks.describe(module)
    del module[2].norm
    module[2].norm = nn.Parameter(torch.ones(1))
    assert "2.norm is something else now" in networks.changes(before, module)
