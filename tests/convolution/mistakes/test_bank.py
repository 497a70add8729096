"""Tests of the tests: no check is trusted until it has failed, on every mistake it is there for.

The bank as a whole, whichever module a mistake stands in; `test_behind_the_wall` asks the same of every mistake there.
"""

import numpy as np
import pytest
from banked import verdicts

from autograder.checks import judge
from autograder.checks.cases import draw
from autograder.checks.mistakes import applicable, as_submitted, wrong_function
from autograder.course import EXERCISES
from autograder.model import PUBLIC_SEED
from autograder.student_code.subject import Local
from convolution.aspects import ASPECTS
from convolution.mistakes import BANK
from convolution.mistakes.groups import mistake

PAIRS = [(name, wrong) for name in EXERCISES for wrong in applicable(EXERCISES[name])]


HONEST = [(name, wrong) for name, wrong in PAIRS if not wrong.stub]


STUBS = [(name, wrong) for name, wrong in PAIRS if wrong.stub]


#: The public seed and two of the kind an instructor may have.
SEEDS = (PUBLIC_SEED, 7, "a private seed")


#: Chapters, notebooks and records of marks name mistakes by these.
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
