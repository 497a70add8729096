"""Grading runs killed at many seeded moments, each compared with an undisturbed one.

python benchmarks/faults.py --moments 30
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.extend(str(Path(__file__).resolve().parents[1] / "tests" / name) for name in ("support", "submissions"))

from courses import course
from faults import Moment, disturb, finish, outcome, start

from autograder.grading.register import register

ASSIGNMENTS, STUDENTS = ("00-start", "01-window"), ("flips-the-kernel", "stops-half-way", "warns")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=30, metavar="N", help="how many (30)")
    parser.add_argument(
        "--first", type=int, default=5, metavar="SEED", help="the first seed (5; the tests have 0 to 4)"
    )
    asked = parser.parse_args()
    failed = late = 0
    with tempfile.TemporaryDirectory() as base:
        base = Path(base)
        fresh = course(base / "fresh" / "course", ASSIGNMENTS, STUDENTS)
        register(fresh, ASSIGNMENTS, report=lambda line: None)
        undisturbed = shutil.copytree(fresh, base / "undisturbed" / "course")
        count = finish(start(undisturbed), undisturbed)
        wanted = outcome(undisturbed)
        for seed in range(asked.first, asked.first + asked.moments):
            folder = shutil.copytree(fresh, base / str(seed) / "course")
            moment = Moment.drawn(seed, count)
            disturbed = disturb(folder, moment)
            graded = disturbed.first if disturbed.second is None else disturbed.entered + disturbed.second
            is_same = outcome(folder) == wanted and graded == count
            failed += not is_same
            late += not disturbed.struck
            when = "" if disturbed.struck else ", but it was done before"
            print(f"{moment}: {'the same' if is_same else 'NOT THE SAME'}{when}", flush=True)
            shutil.rmtree(folder.parent)
    print(f"{asked.moments - failed} of {asked.moments} the same as undisturbed; {late} came too late to kill anything")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
