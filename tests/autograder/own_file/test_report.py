"""The report that `python -m autograder check FILE` prints for a person."""

from own_files import MACS, PAIR, points, run

from autograder.__main__ import main
from autograder.course import EXERCISES


def test_a_failure_reads_well_in_80_columns_without_colours(write):
    file = write(
        "a.py",
        "from convolution.reference import correlate2d",
        "def convolve2d(image, kernel):",
        "    result = correlate2d(image, kernel[::-1])",
        "    image += 1",
        "    return result",
    )
    done = run("check", file, FORCE_COLOR="", COLUMNS="80")
    worth = {aspect: points("convolve2d", aspects=[aspect]) for aspect in EXERCISES["convolve2d"].points}
    right = [aspect for aspect in worth if aspect not in ("values", "unchanged")]
    score = f"{points('convolve2d', aspects=right)} of {points('convolve2d')}"
    assert "\x1b" not in done.stdout + done.stderr
    assert all(len(line) <= 80 and line == line.rstrip() for line in done.stdout.splitlines())
    assert done.stdout.startswith(
        f"convolve2d  {score} points\n"
        f"  ✗ {'values':<12} {'0/' + worth['values']:<9} ✓ {'shape':<12} {worth['shape'] + '/' + worth['shape']:<9}"
    )
    assert "\n\n  convolve2d, values: wrong for image (" in done.stdout
    assert done.stdout.endswith(f"\n  also failed: unchanged\n\n{score} points; 2 checks failed\n")


def test_a_stub_takes_three_lines(write, capsys):
    checks, most = len(EXERCISES["convolve2d"].points), points("convolve2d")
    assert main(["check", str(write("a.py", "def convolve2d(image, kernel): raise NotImplementedError"))]) == 1
    assert capsys.readouterr().out == (
        f"convolve2d  0 of {most} points\n  ✗ all {checks} checks failed\n\n  convolve2d, values: not written yet\n\n"
        f"0 of {most} points; {checks} checks failed\n"
    )


def test_a_console_without_the_letters_gets_others(write):
    done = run("check", write("a.py", PAIR, MACS, "def conv2d_params(*a, **k): return 0"), PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert f"  + values       {points('conv2d_macs', aspects=['values'])}/" in done.stdout
    assert f"  x all {len(EXERCISES['conv2d_params'].points)} checks failed" in done.stdout
