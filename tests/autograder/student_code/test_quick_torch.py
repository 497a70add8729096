"""What is not imported where student code runs."""

import subprocess
import sys

CODE = """
import os, sys
import torch
from autograder.student_code.inside import observe
from autograder.student_code.inside.quick_torch import leave_compiler_out

def asks_for_the_compiler():
    x = torch.ones(1, 2, 4, 4, device="meta")
    sys.modules["torch._dynamo"] = None  # who imports it gets an ImportError
    try:
        torch.nn.functional.unfold(x, 3), torch.relu(x), x.mean((2, 3)), torch.stack([x, x]), x.roll(1, 2)
        for watch in (observe.one_device, observe.operations):
            with watch():
                x + 1
    except ImportError:
        return True
    finally:
        del sys.modules["torch._dynamo"]
    return False

if os.fork() == 0:
    print("as it is:", asks_for_the_compiler(), flush=True)
    os._exit(0)
os.wait()
leave_compiler_out()
print("left out:", asks_for_the_compiler())
add = torch.compile(lambda x: torch.relu(x) + 1, backend="eager", fullgraph=True)
print("compiled:", add(torch.ones(2)).tolist())
"""


def test_torchs_compiler_is_left_out_until_somebody_asks_for_it():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["as it is: True", "left out: False", "compiled: [2.0, 2.0]"], done.stderr
