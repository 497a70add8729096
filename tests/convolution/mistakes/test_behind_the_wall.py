"""A check asks a function behind the wall as it asks one here: the same verdicts on every mistake, word for word.

The mistakes of the bank are functions of this project, which no sandbox shows; so here a copy of it is put among the
files that stand beside student code, and a cell takes the mistakes from there.
"""

import shutil

import pytest
from banked import verdicts
from places import ROOT

from autograder.checks import judge
from autograder.checks.mistakes import applicable, as_submitted
from autograder.course import EXERCISES
from autograder.student_code import fork_server
from autograder.student_code.limits import Limits
from autograder.student_code.sandbox import Sandbox
from autograder.student_code.subject import Local
from convolution.mistakes import BANK

pytestmark = pytest.mark.slow

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
