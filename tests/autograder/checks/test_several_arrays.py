"""Several arrays are diagnosed each by itself: `autograder.checks.numeric` on an exercise with three of them."""

import numpy as np
import pytest
from banked import use_bank

from autograder.checks import judge
from autograder.kinds import Several
from autograder.model import Aspects, Bank, Case, Exercise
from autograder.sampling import values
from autograder.student_code.subject import Local

PARTS = ("product", "total", "mean")


def right(x, weight, scale=1):
    """x * weight, its sum over the rows, and the mean of x over the rows."""
    return scale * x * weight, scale * (x * weight).sum(axis=0), x.mean(axis=0)


def cases(aspect, rng):
    drawn = [(values(rng(N), N, 3), values(rng(N, "weight"), 3)) for N in (2, 4)]
    return [Case(arrays, {"scale": 2 + number} if aspect == "scale" else {}) for number, arrays in enumerate(drawn)]


EXERCISE = Exercise(
    "statistics",
    "t0",
    Several(PARTS),
    {"values": 2, "scale": 1, "shape": 0.5, "dtype": 0.5, "unchanged": 0.5},
    right=right,
    cases=cases,
    aspects=Aspects(("values", "scale"), ("scale",)),
)

SENTENCES = {
    "sign-lost": "Your product has the opposite sign.",
    "total-halved": "Your total is half of it.",
    "doubled": "All of your results are twice as large.",
    "scale-ignored": "Your results are those with scale 1.",
    "column-lost": "Your mean lacks the last column.",
    "zeros": "Your results are all zeros.",
    "input-returned": "Your result is what went in.",
}

#: mistake -> a student's function on the three right results.
BENT = {
    "sign-lost": lambda product, total, mean: (-product, total, mean),
    "total-halved": lambda product, total, mean: (product, total / 2, mean),
    "doubled": lambda *results: tuple(2 * result for result in results),
    "column-lost": lambda product, total, mean: (product, total, mean[:-1]),
    "zeros": lambda *results: tuple(0 * result for result in results),
}


@pytest.fixture(autouse=True)
def bank(monkeypatch):
    bank = Bank({"statistics"})

    def add(id, bend):
        bank.mistake(id, ["statistics"], SENTENCES[id], stub=id in ("zeros", "input-returned"))(bend)

    for id, change in BENT.items():
        add(id, lambda right, *args, change=change, **options: change(*right(*args, **options)))
    add("scale-ignored", lambda right, x, weight, scale=1: right(x, weight))
    add("input-returned", lambda right, x, *others, **options: x)
    return use_bank(monkeypatch, bank)


def verdicts_on(function):
    return {verdict.aspect: verdict for verdict in judge(EXERCISE, Local(function))}


def wrong(*changes):
    """A student's function whose results are changed one after the other; a change is a function, or a known one."""

    def statistics(x, weight, scale=1):
        results = right(x, weight, scale)
        for change in changes:
            results = BENT.get(change, change)(*results)
        return results

    return statistics


def failed(verdicts):
    return {aspect: verdict.mistakes for aspect, verdict in verdicts.items() if not verdict.passed}


def test_the_right_function_passes():
    assert failed(verdicts_on(right)) == {}


@pytest.mark.parametrize(("id", "part"), [("sign-lost", "product"), ("total-halved", "total"), ("column-lost", "mean")])
def test_one_part_that_is_wrong_by_a_known_mistake_is_named_and_costs_once(id, part):
    verdicts = verdicts_on(wrong(id))
    assert failed(verdicts) == {"values": (id,)}
    assert f"\n  {part}: " in verdicts["values"].message and SENTENCES[id] in verdicts["values"].message
    assert verdicts["values"].mistake == id and verdicts["values"].holds
    given = f"right, given what is already counted: {id}"
    assert verdicts["scale"].message == f"statistics, scale: {given}"


def test_two_parts_that_are_wrong_by_two_mistakes_are_both_named():
    verdicts = verdicts_on(wrong("total-halved", "sign-lost"))
    # In the order of the parts, each with its sentence on a line of its own; the first difference is the first part's.
    assert failed(verdicts) == {"values": ("sign-lost", "total-halved")}
    message = verdicts["values"].message
    assert message.splitlines()[1].startswith("  product: first difference at [0, 0]: ")
    sentences = f"\n  {SENTENCES['sign-lost']}\n  {SENTENCES['total-halved']}\n  To see this case again: "
    assert sentences in message
    assert verdicts["values"].holds


def test_later_aspects_are_judged_given_both():
    verdicts = verdicts_on(wrong("total-halved", "sign-lost"))
    for aspect in ("scale", "shape", "dtype", "unchanged"):
        assert verdicts[aspect].passed and verdicts[aspect].points == EXERCISE.points[aspect]
    assert verdicts["scale"].message.endswith("right, given what is already counted: sign-lost, total-halved")


def test_a_third_mistake_in_a_later_aspect_is_found_given_both():
    def statistics(x, weight, scale=1):
        return wrong("total-halved", "sign-lost")(x, weight)

    verdicts = verdicts_on(statistics)
    assert failed(verdicts) == {"values": ("sign-lost", "total-halved"), "scale": ("scale-ignored",)}
    assert SENTENCES["scale-ignored"] in verdicts["scale"].message
    assert SENTENCES["sign-lost"] not in verdicts["scale"].message
    assert "(already counted, and judged apart: sign-lost, total-halved)" in verdicts["scale"].message


def test_one_part_explained_and_one_not_is_explained_and_counts_as_no_mistake():
    verdicts = verdicts_on(wrong("sign-lost", lambda product, total, mean: (product, total + 1, mean)))
    assert verdicts["values"].mistakes == () and verdicts["values"].mistake is None and not verdicts["values"].holds
    assert SENTENCES["sign-lost"] in verdicts["values"].message
    assert sum(verdict.points for verdict in verdicts.values()) == 0
    assert verdicts["dtype"].message == "statistics, dtype: get the values right first"


def test_a_part_that_no_mistake_explains_has_no_sentence():
    verdicts = verdicts_on(wrong(lambda product, total, mean: (product, total + 1, mean)))
    assert verdicts["values"].mistakes == ()
    assert not any(sentence in verdicts["values"].message for sentence in SENTENCES.values())
    assert "  total: first difference at [0]: " in verdicts["values"].message


def test_a_mistake_in_every_part_is_named_once():
    verdicts = verdicts_on(wrong("doubled"))
    assert failed(verdicts) == {"values": ("doubled",)}
    assert verdicts["values"].message.count(SENTENCES["doubled"]) == 1


def test_a_mistake_of_every_part_that_was_made_in_one_alone_is_explained_and_not_counted():
    verdicts = verdicts_on(wrong(lambda product, total, mean: (2 * product, total, mean)))
    assert verdicts["values"].mistakes == () and SENTENCES["doubled"] in verdicts["values"].message


def test_a_part_in_which_two_mistakes_meet_is_explained_by_both(bank):
    """The product is that of one, the mean that of the other, and the total that of both, made one after the other."""
    bank.mistake("weight-scaled", ["statistics"], "Your weight is five times as large.")(
        lambda right, x, weight, **options: right(x, 5 * weight, **options)
    )
    bank.mistake("rows-counted-again", ["statistics"], "Your rows are counted three times.")(
        lambda right, *args, **options: (right(*args, **options)[0], *(3 * y for y in right(*args, **options)[1:]))
    )
    verdicts = verdicts_on(wrong(lambda product, total, mean: (5 * product, 15 * total, 3 * mean)))
    assert failed(verdicts) == {"values": ("weight-scaled", "rows-counted-again")}


def test_zeros_in_every_part_are_a_stub_and_earn_nothing():
    verdicts = verdicts_on(wrong("zeros"))
    assert verdicts["values"].mistakes == ("zeros",) and not verdicts["values"].holds
    assert sum(verdict.points for verdict in verdicts.values()) == 0


def test_the_input_handed_back_is_named_though_it_is_one_array():
    verdicts = verdicts_on(lambda x, weight, scale=1: x)
    assert verdicts["values"].mistakes == ("input-returned",) and not verdicts["values"].holds
    assert "expected a tuple of 3: product, total, mean; got numpy.ndarray" in verdicts["values"].message
    assert sum(verdict.points for verdict in verdicts.values()) == 0


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda *args, **options: None, "got None; is a return missing?"),
        (lambda *args, **options: right(*args, **options)[:2], "got tuple of 2"),
        (lambda *args, **options: (*right(*args, **options), 0), "got tuple of 4"),
        (lambda *args, **options: list(right(*args, **options)), "got list of 3"),
        (lambda *args, **options: right(*args, **options)[0], "got numpy.ndarray"),
        (lambda *args, **options: "three", "got str"),
    ],
    ids=["None", "too short", "too long", "list", "one array", "text"],
)
def test_what_is_not_the_tuple_that_is_due_says_so_and_earns_nothing(function, text):
    verdicts = verdicts_on(function)
    assert f"  expected a tuple of 3: product, total, mean; {text}\n" in verdicts["values"].message
    assert verdicts["values"].mistakes == ()
    assert sum(verdict.points for verdict in verdicts.values()) == 0


def test_a_part_of_the_wrong_form_is_named():
    verdicts = verdicts_on(wrong(lambda product, total, mean: (product, total.tolist(), mean)))
    assert "  total: expected a numpy.ndarray, got list\n" in verdicts["values"].message


def test_a_part_of_the_wrong_dtype_costs_dtype_alone():
    verdicts = verdicts_on(wrong(lambda product, total, mean: (product, total, mean.astype(np.float32))))
    assert "mean: x is float64, your result is float32" in verdicts["dtype"].message
    assert set(failed(verdicts)) == {"dtype"}


def test_a_crash_is_a_crash_and_is_asked_for_no_mistake():
    verdicts = verdicts_on(lambda x, weight, scale=1: x[99])
    assert verdicts["values"].message.startswith("statistics, values: raised IndexError for x (2, 3), weight (3,)")
    assert verdicts["values"].mistakes == ()
