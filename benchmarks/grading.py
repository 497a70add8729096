"""How many submissions a minute: ours with one worker and with two, beside nbgrader as it is shipped.

    python benchmarks/grading.py
    python benchmarks/grading.py --submissions 24 --memory 0

The submissions are made from those in tests/submissions by changes that cost no mark: a comment here, a cell there.
All are graded with the data that everybody can see, so that the marks must be the same; where they are not, it says
so and fails. Times are by the clock, of one run on one machine: look at the ratios.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.extend(str(Path(__file__).resolve().parents[1] / "tests" / name) for name in ("support", "submissions"))

from courses import AS_SHIPPED, configure, course, environment, gradebook, nbgrader

from autograder.course import ASSIGNMENTS
from autograder.grading.register import register
from autograder.model import PUBLIC_SEED


def make(folder, count, seed=1):
    """A course with so many submissions, of the eight students' in turn, each changed a little."""
    rng = random.Random(seed)
    course(folder)
    bases = sorted((folder / "submitted").glob("*/*/*.ipynb"))
    rng.shuffle(bases)
    texts = [(path.stem, path.read_text(encoding="utf-8")) for path in bases]
    (folder / "submitted").rename(folder / "bases")
    for number in range(count):
        assignment, text = texts[number % len(texts)]
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
                source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
                cell["source"] = source + f"\n# {rng.randrange(10**6)}"
        own = {"cell_type": "code", "id": f"own-{number}", "metadata": {}, "outputs": [], "execution_count": None}
        own["source"] = f"seen = [{rng.random()}, {rng.random()}]\nsum(seen) > 1"
        notebook["cells"].insert(rng.randrange(2, len(notebook["cells"])), own)
        path = folder / "submitted" / f"s{number:04}" / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def by_nbgrader(folder, count):
    """Seconds that nbgrader's own command takes; the gradebook it leaves."""
    make(folder, count)
    configure(folder, AS_SHIPPED)
    seconds = 0.0
    for assignment in ASSIGNMENTS:
        nbgrader(folder, "generate_assignment", assignment, "--force")
        if list((folder / "submitted").glob(f"*/{assignment}")):
            command = [sys.executable, "-m", "nbgrader", "autograde", assignment]
            began = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment(folder.parent), capture_output=True, check=True)
            seconds += time.perf_counter() - began
    return seconds, gradebook(folder)


OURS = """
import json, sys, time
began = time.perf_counter()
from autograder.grading import grade
from autograder.grading.watch import Watch

class First(Watch):
    at = None

    def advance(self):
        self.at = self.at or time.perf_counter()

if __name__ == "__main__":
    first = First()
    quietly = {"seed": int(sys.argv[2]), "workers": int(sys.argv[3]), "report": lambda line: None}
    run = grade.grade(sys.argv[1], watch=first, feedback=len(sys.argv) > 4, **quietly)
    print(json.dumps({"done": run.done, "first": first.at - began, **run.seconds}))
"""


def by_us(folder, count, workers):
    """Seconds of the whole command, seconds of the feedback, where they went, and the gradebook."""
    make(folder, count)
    register(folder, list(ASSIGNMENTS), report=lambda line: None)
    script = folder / "ours.py"
    script.write_text(OURS, encoding="utf-8")
    seconds, said = [], []
    for feedback in ((), ("feedback",)):
        began = time.perf_counter()
        command = [sys.executable, str(script), str(folder), str(PUBLIC_SEED), str(workers), *feedback]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        seconds.append(time.perf_counter() - began)
        said.append(json.loads(done.stdout))
    assert (said[0]["done"], said[1]["done"]) == (count, 0)
    return *seconds, said[0], gradebook(folder)


MEMORY = """
import resource, sys
from autograder.grading import grade
if __name__ == "__main__":
    run = grade.grade(sys.argv[1], seed=1, workers=2, report=lambda line: None, feedback=False)
    rows = run.rows()
    print(run.done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def memory(folder, count):
    """The coordinator's largest size in MiB while it grades so many submissions of 00-start."""
    course(folder, ["00-start"])
    (folder / "submitted").rename(folder / "bases")
    bases = sorted((folder / "bases").glob("*/*/*.ipynb"))
    for number in range(count):
        path = folder / "submitted" / f"s{number:04}" / "00-start" / "00-start.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(bases[number % len(bases)].read_text(encoding="utf-8"), encoding="utf-8")
    script = folder / "memory.py"
    script.write_text(MEMORY, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script), str(folder)], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[0]) == count
    return int(done.stdout.split()[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=100, metavar="N", help="how many to grade (100)")
    parser.add_argument("--memory", type=int, default=2000, metavar="N", help="also the memory for N; 0: not (2000)")
    asked = parser.parse_args()
    # Tests switch off what Python keeps of compiled modules; nobody who grades does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    count = asked.submissions
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}", flush=True)
    with tempfile.TemporaryDirectory() as base:
        base = Path(base)
        one, _, parts, marks = by_us(base / "one", count, 1)
        print(f"{'ours: until the first is graded':32}{parts['first']:8.1f} s")
        print(f"{'ours, one worker':32}{one:8.1f} s {count / one * 60:8.0f} a minute", flush=True)
        for what in ("cells", "checks"):
            print(f"    {what:28}{parts[what] / count * 1000:8.0f} ms a submission")
        overhead = parts["all"] - parts["cells"] - parts["checks"] - parts["start"]
        print(f"    {'all else in the worker':28}{overhead / count * 1000:8.0f} ms a submission")
        print(f"    {'gradebook, ledger, file':28}{parts['entering'] / count * 1000:8.0f} ms a submission", flush=True)
        two, pages, _, also = by_us(base / "two", count, 2)
        print(f"{'ours, two workers':32}{two:8.1f} s {count / two * 60:8.0f} a minute, {one / two:.2f} x one worker")
        print(f"{'    feedback, two workers':32}{pages / count * 1000:8.0f} ms a submission", flush=True)
        theirs, plain = by_nbgrader(base / "plain", count)
        print(f"{'nbgrader autograde, as shipped':32}{theirs:8.1f} s {count / theirs * 60:8.0f} a minute")
        print(f"two workers over nbgrader: {theirs / two:.1f} x; one worker: {theirs / one:.1f} x")
        wrong = [key for key in plain if not plain[key] == marks.get(key) == also.get(key)]
        print(f"submissions with other marks than nbgrader's: {len(wrong)} of {len(plain)}", flush=True)
        if asked.memory:
            few, many = memory(base / "few", min(100, asked.memory)), memory(base / "many", asked.memory)
            print(f"coordinator's memory: {few} MiB for 100 submissions, {many} MiB for {asked.memory}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"processor time of all: {used.ru_utime + used.ru_stime:.0f} s")
    return 1 if wrong or len(plain) != count else 0


if __name__ == "__main__":
    sys.exit(main())
