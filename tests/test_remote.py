"""A check asks a function behind the wall as it asks one here: the same verdicts, word for word.

The mistakes of the bank are functions of this project, which no sandbox shows; so here a copy of it is put among the
files that stand beside student code, and a cell takes the mistakes from there.
"""

import shutil
from pathlib import Path

import pytest

from autograder import sandbox
from autograder.checks import judge
from autograder.exercises import EXERCISES, PUBLIC_SEED
from autograder.mistakes import BANK, applicable, as_submitted
from autograder.sandbox import Limits, Sandbox
from autograder.subject import Local

PACKAGE = Path(__file__).resolve().parents[1] / "autograder"

BANKED = """
import sys
del sys.modules["autograder"]  # the stub
sys.path.insert(0, "/inside/inside/beside")
from autograder.mistakes import BANK, as_submitted
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    inside = tmp_path_factory.mktemp("shown") / "inside"
    inside.parent.chmod(0o755)
    shutil.copytree(PACKAGE / "inside", inside)
    shutil.copytree(PACKAGE, inside / "beside" / "autograder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "INSIDE_PACKAGE", inside)
        with Sandbox(limits=Limits(submission_seconds=10_000)) as box, box.notebook() as notebook:
            assert notebook.run(BANKED, 1) == []
            yield notebook


@pytest.mark.parametrize("name", EXERCISES)
def test_every_mistake_gets_the_verdicts_it_gets_here(notebook, name):
    for mistake in (None, *applicable(name)):
        wrong = "" if mistake is None else f", BANK[{mistake.id!r}]"
        assert notebook.run(f"{name} = as_submitted({name!r}{wrong})", 2) == []
        here = judge(name, Local(as_submitted(name, *([mistake] if mistake else []))), PUBLIC_SEED)
        assert judge(name, notebook.remote(name), PUBLIC_SEED) == here, mistake
        assert not notebook.lost


def test_another_verdict_is_noticed(notebook):
    """The comparison above can fail: it does where the two sides are asked different functions."""
    notebook.run("conv2d_macs = as_submitted('conv2d_macs', BANK['flops-not-macs'])", 2)
    there = judge("conv2d_macs", notebook.remote("conv2d_macs"), PUBLIC_SEED)
    assert there != judge("conv2d_macs", Local(as_submitted("conv2d_macs")), PUBLIC_SEED)
    assert there[0].mistake == "flops-not-macs"
    assert BANK["flops-not-macs"].sentences["conv2d_macs"] in there[0].message
