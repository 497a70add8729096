"""How long a student waits for the first check after starting Python. Run: python benchmarks/first_check.py

Every number is the median of fresh processes, given as a ratio to `import numpy` alone in the same run, because
machines differ and are shared. The first check includes importing the course.
"""

import statistics
import subprocess
import sys
import time

RUNS = 9

COURSE = "import autograder, convolution.reference as reference"
SCRIPTS = {
    "import numpy": "import numpy",
    "import autograder": "import autograder",
    "first check, one aspect": f"{COURSE}; autograder.check(reference.conv2d, 'conv2d-stride')",
    "first check, all aspects": f"{COURSE}; autograder.check(reference.conv2d, 'conv2d')",
}


def seconds(script):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    return time.perf_counter() - start


def main():
    # A B C D, A B C D: what slows the machine for a while slows all of them.
    rounds = [{name: seconds(script) for name, script in SCRIPTS.items()} for _ in range(RUNS)]
    base = statistics.median(times["import numpy"] for times in rounds)
    for name in SCRIPTS:
        times = [times[name] for times in rounds]
        median = statistics.median(times)
        print(f"{name:<26} {median:6.3f} s  {median / base:5.2f}x  (spread {min(times):.3f} to {max(times):.3f} s)")


if __name__ == "__main__":
    main()
