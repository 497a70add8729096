"""Tests of the tests: no check is trusted until it has failed, on every mistake it is there for, here and walled."""

import functools
import re
import shutil

import numpy as np
import pytest
from places import ROOT

from autograder.checks import judge
from autograder.checks.cases import draw
from autograder.checks.mistakes import applicable, as_submitted, wrong_function
from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.student_code import fork_server
from autograder.student_code.limits import Limits
from autograder.student_code.sandbox import Sandbox
from autograder.student_code.subject import Local
from convolution.aspects import ASPECTS
from convolution.mistakes import BANK
from convolution.mistakes.groups import mistake

PAIRS = [(name, wrong) for name in EXERCISES for wrong in applicable(EXERCISES[name])]
HONEST = [(name, wrong) for name, wrong in PAIRS if not wrong.stub]
STUBS = [(name, wrong) for name, wrong in PAIRS if wrong.stub]

#: The public seed and two of the kind an instructor may have.
SEEDS = (PUBLIC_SEED, 7, "a private seed")

#: Others call these by name.
FIXED_IDS = [
    "flipped-kernel",
    "transposed-kernel",
    "padding-one-sided",
    "padding-edge-values",
    "padding-ignored",
    "border-wraps",
    "channels-padded-too",
    "stride-ignored",
    "stride-added",
    "dilation-ignored",
    "dilation-off-by-one",
    "size-plus-one-forgotten",
    "size-rounded-up",
    "size-rounded-to-nearest",
    "height-for-width",
    "kernel-height-for-width",
    "last-row-missing",
    "first-channel-only",
    "channels-reversed",
    "output-channels-reversed",
    "one-kernel-for-all-channels",
    "weight-axes-swapped",
    "bias-forgotten",
    "bias-per-product",
    "bias-first-only",
    "mean-not-sum",
    "only-first-image",
    "zeros",
    "input-returned",
    "argument-changed",
    "dtype-lost",
    "device-lost",
    "bias-not-counted",
    "bias-per-weight",
    "bias-per-pixel",
    "kernel-not-squared",
    "output-channels-twice",
    "flops-not-macs",
    "one-kernel-for-all-channels",
    "summed-over-channels",
    "multiplier-order",
    "groups-ignored",
    "pointwise-forgotten",
    "depthwise-forgotten",
    "pointwise-first",
    "stride-in-both-steps",
    "depthwise-like-regular",
]


def name_of(value):
    return value if isinstance(value, str) else getattr(value, "id", str(value))


@functools.cache
def verdicts(name, wrong_id):
    """What the checks say to one mistake; asked by several tests."""
    return judge(EXERCISES[name], Local(as_submitted(EXERCISES[name], BANK[wrong_id])))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes_everything(name, seed):
    assert [v.message for v in judge(EXERCISES[name], Local(as_submitted(EXERCISES[name])), seed) if not v.passed] == []


@pytest.mark.parametrize(("name", "wrong"), HONEST, ids=name_of)
def test_every_mistake_is_rejected_once_and_named(name, wrong):
    """One aspect fails, with points or further, and it names this mistake and no other."""
    failed = [v for v in verdicts(name, wrong.id) if not v.passed]
    assert [v.mistake for v in failed] == [wrong.id]
    assert wrong.sentences[name] in failed[0].message


@pytest.mark.parametrize("seed", SEEDS[1:])
@pytest.mark.parametrize("name", [name for name in EXERCISES if "torch" not in EXERCISES[name].kind.imports])
def test_and_with_other_seeds_too(name, seed):
    exercise = EXERCISES[name]
    for wrong in (wrong for of, wrong in HONEST if of == name):
        failed = [v.mistake for v in judge(exercise, Local(as_submitted(exercise, wrong)), seed) if not v.passed]
        assert failed == [wrong.id], f"{name}, {wrong.id}, seed {seed!r}"


@pytest.mark.parametrize(("name", "wrong"), STUBS, ids=name_of)
def test_stubs_earn_nothing(name, wrong):
    assert sum(v.points for v in verdicts(name, wrong.id)) == 0
    assert [v.aspect for v in verdicts(name, wrong.id) if v.passed] == []


@pytest.mark.parametrize("name", EXERCISES)
def test_every_aspect_judged_by_numbers_has_been_seen_to_fail(name):
    """all-together is seen to fail below: no single mistake is first met there."""
    rejecting = {
        v.aspect for wrong in applicable(EXERCISES[name]) for v in verdicts(name, wrong.id) if v.mistake == wrong.id
    }
    assert {aspect for aspect in EXERCISES[name].points if aspect in ASPECTS.numeric} - {"all-together"} <= rejecting


@pytest.mark.parametrize("name", [name for name in EXERCISES if "all-together" in EXERCISES[name].points])
def test_all_together_rejects_what_is_wrong_only_in_combination(name):
    right = as_submitted(EXERCISES[name])

    def wrong_when_mixed(*args, **options):
        several_images = np.ndim(args[0]) == 4 and args[0].shape[0] > 1
        has_bias = any(option.endswith("bias") for option in options)
        is_mixed = {"stride", "padding"} <= set(options) or (has_bias and several_images)
        return right(*args, **options) + (1 if is_mixed else 0)

    failed = [v.aspect for v in judge(EXERCISES[name], Local(wrong_when_mixed)) if not v.passed]
    assert failed == ["all-together"]


def test_the_fixed_ids_of_these_chapters_are_there():
    assert set(FIXED_IDS) <= set(BANK)


def test_a_mistake_changes_something():
    """A turn that changes nothing would make its own test meaningless."""
    for name, wrong in HONEST:
        if wrong.id in ("argument-changed", "dtype-lost", "device-lost"):
            continue
        cases = [case for aspect in EXERCISES[name].points for case in draw(EXERCISES[name], aspect, PUBLIC_SEED)]
        assert any(differs(name, wrong, case) for case in cases if not case.must_mention), f"{wrong.id} on {name}"


def differs(name, wrong, case):
    right = EXERCISES[name].right(*case.args, **case.options)
    try:
        bent = wrong_function(EXERCISES[name], wrong)(*case.args, **case.options)
    except (IndexError, ValueError):
        return False
    return np.shape(right) != np.shape(bent) or not np.allclose(np.asarray(right, float), np.asarray(bent, float))


def test_two_mistakes_are_counted_apart():
    """A kernel that flips and forgets the bias loses two aspects, each named, and nothing else."""
    both = as_submitted(EXERCISES["conv2d"], BANK["flipped-kernel"], BANK["bias-forgotten"])
    failed = {v.aspect: v.mistake for v in judge(EXERCISES["conv2d"], Local(both)) if not v.passed}
    assert failed == {"values": "flipped-kernel", "bias": "bias-forgotten"}


def test_sentences_explain_and_ids_are_unique():
    for name in EXERCISES:
        sentences = [wrong.sentences[name] for wrong in applicable(EXERCISES[name])]
        assert len(set(sentences)) == len(sentences)
        assert all(text.endswith(".") and len(text) > 20 for text in sentences)
    with pytest.raises(ValueError, match="conv2d has a mistake 'zeros' already"):
        mistake("zeros", ["conv2d"], "again")(None)
    with pytest.raises(ValueError, match="the mistake 'lost' is for 'conv9d', which is no exercise"):
        mistake("lost", ["conv9d"], "again")(None)
    del BANK["lost"]


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


class LiesAboutItsClass:
    """Equal to everything, and raises when asked what it is."""

    @property
    def __class__(self):
        raise RuntimeError("never ask")

    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "got None; is a return missing"),
        ([1.0], "got list"),
        (float("nan"), "got float"),
        (True, "got bool"),
        ("right", "got str"),
        (np.full((1, 1, 3, 3), np.nan), "values differ|expected shape"),
        (np.full((1, 1, 3, 3), True), "got an array of bool"),
        (np.full((1, 1, 3, 3), None), "got numpy.ndarray of object"),
        (LiesAboutItsClass(), "got .*LiesAboutItsClass"),
    ],
    ids=["none", "list", "nan", "bool", "text", "array of nan", "array of bool", "array of objects", "liar"],
)
def test_what_is_no_array_of_numbers_is_rejected(value, text):
    verdict = judge(EXERCISES["conv2d"], Local(lambda *args, **options: value), aspects=["values"])[0]
    assert verdict.passed is False
    assert re.search(text, verdict.message)


# --- behind the wall ---------------------------------------------------------------------------------------------
# A check asks a function there as it asks one here: the same verdicts, word for word. The mistakes of the bank are
# functions of this project, which no sandbox shows; so here a copy of it is put among the files that stand beside
# student code, and a cell takes the mistakes from there.

BANKED = """
import sys
del sys.modules["autograder"]  # the stub
sys.path.insert(0, "/inside/inside/beside")
from autograder.checks.mistakes import as_submitted
from autograder.course import EXERCISES
from convolution.mistakes import BANK
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    inside = tmp_path_factory.mktemp("shown") / "inside"
    inside.parent.chmod(0o755)
    shutil.copytree(fork_server.INSIDE_PACKAGE, inside)
    for package in ("autograder", "convolution"):
        shutil.copytree(ROOT / package, inside / "beside" / package)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fork_server, "INSIDE_PACKAGE", inside)
        with Sandbox(limits=Limits(submission_seconds=10_000)) as box, box.notebook() as notebook:
            assert notebook.run(BANKED, 1) == []
            yield notebook


@pytest.mark.parametrize("name", EXERCISES)
def test_every_mistake_gets_the_verdicts_that_it_gets_here(notebook, name):
    for wrong in (None, *applicable(EXERCISES[name])):
        bank = f", BANK[{wrong.id!r}]" if wrong else ""
        assert notebook.run(f"{name} = as_submitted(EXERCISES[{name!r}]{bank})", 2) == []
        here = verdicts(name, wrong.id) if wrong else judge(EXERCISES[name], Local(as_submitted(EXERCISES[name])))
        assert judge(EXERCISES[name], notebook.remote(name)) == here, wrong
        assert not notebook.lost


def test_another_verdict_is_noticed(notebook):
    """The comparison above can fail: it does where the two sides are asked different functions."""
    notebook.run("conv2d_macs = as_submitted(EXERCISES['conv2d_macs'], BANK['flops-not-macs'])", 2)
    there = judge(EXERCISES["conv2d_macs"], notebook.remote("conv2d_macs"))
    assert there != judge(EXERCISES["conv2d_macs"], Local(as_submitted(EXERCISES["conv2d_macs"])))
    assert there[0].mistake == "flops-not-macs"
    assert BANK["flops-not-macs"].sentences["conv2d_macs"] in there[0].message
