"""The orders of a program's lines: every one that Python can read is run, and compared with the course's reference."""

import itertools
import math

import numpy as np
from question_nodes import Mistake

from convolution import reference

INDENT = 4
#: Orders that are run at most: more would make the build slow.
MOST_ORDERS = 5000

# ---------------------------------------------------------------- what a program has to compute


def correlate2d_data():
    image, kernel = numbers(5, 4), numbers(3, 2)
    names = {"image": image, "kernel": kernel, "kH": 3, "kW": 2, "H_out": 3, "W_out": 3}
    return names, reference.correlate2d(image, kernel)


def conv2d_data():
    x, weight, bias = numbers(2, 5, 4), numbers(3, 2, 3, 2), numbers(3)
    names = {"x": x, "weight": weight, "bias": bias, "O": 3, "C": 2, "kH": 3, "kW": 2, "H_out": 3, "W_out": 3}
    return names, reference.conv2d(x[None], weight, bias)[0]


def depthwise_conv2d_data():
    x, weight = numbers(3, 5, 4), numbers(6, 1, 3, 2)
    names = {"x": x, "weight": weight, "C": 3, "m": 2, "kH": 3, "kW": 2, "H_out": 3, "W_out": 3}
    return names, reference.depthwise_conv2d(x[None], weight)[0]


def numbers(*shape):
    """Whole numbers without symmetry, so that sums are exact in every order."""
    return np.random.default_rng(math.prod(shape)).integers(-9, 10, shape).astype(float)


DATA = {"correlate2d": correlate2d_data, "conv2d": conv2d_data, "depthwise_conv2d": depthwise_conv2d_data}


# ---------------------------------------------------------------- orders


def levels_of(program):
    """Take a program apart: its lines without their indentation, and how deep each position is indented.

    Examples
    --------
    >>> levels_of("for i in range(3):\\n    y = i")
    (['for i in range(3):', 'y = i'], [0, 1])
    """
    rows = program.rstrip("\n").split("\n")
    return [row.strip() for row in rows], [(len(row) - len(row.lstrip())) // INDENT for row in rows]


def program_of(lines, levels, order):
    """The program that an order of the lines makes; positions keep their indentation."""
    return "\n".join(" " * INDENT * level + lines[number] for level, number in zip(levels, order, strict=True))


def readable_orders(lines, levels):
    """The orders in which a line ends with a colon exactly where the next position is indented further."""
    opens = [after > level for level, after in itertools.pairwise([*levels, 0])]
    openers = [number for number, line in enumerate(lines) if line.endswith(":")]
    others = [number for number in range(len(lines)) if number not in openers]
    if len(openers) != sum(opens):
        raise Mistake("a line ends with a colon where nothing is indented below it, or the other way round")
    if math.factorial(len(openers)) * math.factorial(len(others)) > MOST_ORDERS:
        raise Mistake(f"more than {MOST_ORDERS} orders to try: use fewer lines")
    for loops, rest in itertools.product(itertools.permutations(openers), itertools.permutations(others)):
        loop, plain = iter(loops), iter(rest)
        yield tuple(next(loop) if is_open else next(plain) for is_open in opens)


def computes(program, names, expected):
    """True if a program leaves the expected numbers in `y`."""
    here = {"np": np, **{name: value.copy() if hasattr(value, "copy") else value for name, value in names.items()}}
    try:
        exec(compile(program, "an order of the lines", "exec"), here)
    except Exception:
        return False
    found = here.get("y")
    return isinstance(found, np.ndarray) and found.shape == expected.shape and np.array_equal(found, expected)


def broken(rules, order):
    """The rules that an order breaks, as indices; a rule is (these, before those)."""
    position = {number: at for at, number in enumerate(order)}
    return [
        index
        for index, (these, those) in enumerate(rules)
        if max(position[number] for number in these) > min(position[number] for number in those)
    ]


def accepted_orders(lines, levels, rules, data):
    """Run every order that can be read; return those that compute the expected numbers, if the rules agree."""
    names, expected = data()
    accepted, needed = [], set()
    for order in readable_orders(lines, levels):
        is_right = computes(program_of(lines, levels, order), names, expected)
        against = broken(rules, order)
        shown = " ".join(str(number + 1) for number in order)
        if is_right and against:
            raise Mistake(f"the order {shown} computes the right numbers, and sentence {against[0] + 1} refuses it")
        if not is_right and not against:
            raise Mistake(f"the order {shown} does not compute the right numbers, and no sentence says why")
        if is_right:
            accepted.append(order)
        needed.update(against[:1])
    if tuple(range(len(lines))) not in accepted:
        raise Mistake("the lines as they are written do not compute the right numbers")
    for at in range(len(rules)):
        if at not in needed:
            raise Mistake(f"sentence {at + 1} is never the first that an order breaks, so nobody reads it")
    return accepted
