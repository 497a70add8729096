"""Another course through check, release and grade: the engine knows no course, and five kinds of exercises work."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from places import ROOT, TESTS

pytestmark = pytest.mark.slow

TOY = TESTS / "toy"

#: What the students of the toy course wrote, by function; what is not here is the solution. Then the marks they lose.
STUDENTS = {
    "ada": ({}, {}),
    "ben": (
        {
            "area": "def area(height, width):\n    return 2 * (height + width)",
            "count_elements": "def count_elements(x_shape, weight_shape):\n    return math.prod(x_shape)",
            "count_weights": "def count_weights(network):\n    return sum(p.numel() for p in network.parameters())",
            "halves": "def halves(x):\n    middle = x.shape[1] // 2\n    return -x[:, :middle], x[:, middle:]",
            "scale_backward": (
                "def scale_backward(grad_output, x, weight):\n"
                "    if grad_output.shape != x.shape:\n"
                "        raise ValueError(f'{grad_output.shape} {x.shape}')\n"
                "    return weight + 0 * x, x.sum(axis=0)"
            ),
            "Affine": (
                "class Affine(torch.nn.Module):\n"
                "    def __init__(self, features, has_shift=True):\n"
                "        super().__init__()\n"
                "        self.gain = torch.nn.Module()\n"
                "        self.gain.values = torch.nn.Parameter(torch.ones(features))\n"
                "        self.offset = torch.nn.Parameter(torch.zeros(features)) if has_shift else None\n"
                "    def forward(self, x):\n"
                "        return x * self.gain.values"
            ),
        },
        {
            "area-values": "circumference",
            "count_elements-values": "first-array-only",
            "count_weights-values": "biases-counted",
            "halves-values": "left-negated",
            "scale_backward-values": "gradient-for-ones-only",
            "Affine-shift": "shift-forgotten",
        },
    ),
    "cleo": (
        {
            "count_weights": (
                "def count_weights(network):\n"
                "    network.eval()\n"
                "    return sum(p.numel() for name, p in network.named_parameters() if name.endswith('weight'))"
            ),
            "halves": "def halves(x):\n    return [x, x]",
            "Affine": "Affine = torch.nn.Linear",
        },
        {
            "count_weights-unchanged": "argument-changed",
            "halves-values": None,
            "halves-dtype": None,
            "halves-unchanged": None,
            "Affine-values": None,
            "Affine-shift": None,
            "Affine-parameters": None,
            "Affine-device": None,
        },
    ),
}


def run(folder, *arguments, code=0):
    """Run the command line on the toy course; what it printed, standard error last."""
    environment = os.environ | {
        "AUTOGRADER_COURSE": "toy_course",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(TOY)]),
        "AUTOGRADER_SEED": "a seed of the toy course",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def fill(released, source, wrote):
    """The released notebook as a student hands it in: the solutions, but for what they wrote themselves."""
    solutions = {cell["id"]: "".join(cell["source"]) for cell in source["cells"]}
    for cell in released["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = wrote.get(cell["id"], solutions[cell["id"]])
    return released


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with the toy course, released, and what its three students handed in."""
    folder = tmp_path_factory.mktemp("toy") / "course"
    shutil.copytree(TOY / "solutions", folder / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    run(folder, "release")
    for assignment in ("t0-one", "t1-kinds"):
        source = json.loads((folder / "_build" / "source" / assignment / f"{assignment}.ipynb").read_text("utf-8"))
        for student, (wrote, _) in STUDENTS.items():
            released = json.loads((folder / "exercises" / assignment / f"{assignment}.ipynb").read_text("utf-8"))
            path = folder / "submitted" / student / assignment / f"{assignment}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(fill(released, source, wrote)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def rows(course):
    """The rows of `grade --json`, by student and cell: student code ran behind the walls."""
    said = run(course, "grade", "--json", "marks.json")
    assert "student code runs behind walls" in said
    rows = json.loads((course / "marks.json").read_text("utf-8"))
    return {(row["student"], row["cell"]): row for row in rows}


def test_what_students_get_holds_no_solution(course):
    released = (course / "exercises" / "t0-one" / "t0-one.ipynb").read_text("utf-8")
    assert "def area(height, width)" in released
    assert "return height * width" not in released
    assert "YOUR CODE HERE" in released


@pytest.mark.parametrize("student", STUDENTS)
def test_the_marks_are_those_of_the_mistakes(rows, student):
    lost = STUDENTS[student][1]
    for (who, cell), row in rows.items():
        if who == student and row["status"] == "graded":
            assert (row["score"] < row["max_score"]) == (cell in lost), row
    assert rows[student, "explain-kinds"]["status"] == "needs-manual-grade"


def test_the_mistakes_are_named_behind_the_wall(course, rows):
    """The instructor's record has the ids; the page of feedback has their sentences."""
    lines = (course / "autograded" / ".graded.jsonl").read_text("utf-8").splitlines()
    entries = {entry["submission"]: entry for entry in map(json.loads, lines)}
    for student, (_, lost) in STUDENTS.items():
        found = {
            cell["cell"]: cell.get("mistake")
            for assignment in ("t0-one", "t1-kinds")
            for cell in entries[f"{student}/{assignment}"]["cells"]
            if cell["outcome"] == "failed"
        }
        assert found == lost
    page = (course / "feedback" / "ben" / "t1-kinds" / "t1-kinds.html").read_text("utf-8")
    assert "Your left half has the opposite sign." in page
    assert "Your right half is not doubled." in page, "each of several arrays is diagnosed by itself"


@pytest.mark.parametrize(("student", "code"), [("ada", 0), ("ben", 1), ("cleo", 1)])
def test_a_student_hears_the_same_from_check(course, student, code):
    """`check FILE` runs the same file in a process of the student's own, on the data that everybody sees."""
    path = course / "submitted" / student / "t1-kinds" / "t1-kinds.ipynb"
    said = run(course, "check", path, "--json", code=code)
    results = json.loads(said[: said.rindex("}") + 1])["results"]
    failed = {f"{row['exercise']}-{row['aspect']}": row["mistake"] for row in results if not row["passed"]}
    assert failed == {cell: mistake for cell, mistake in STUDENTS[student][1].items() if not cell.startswith("area")}


def test_every_mistake_of_the_toy_course_is_rejected_and_named(course):
    said = run(course, "mistakes", "--json")
    rows = json.loads(said)["mistakes"]
    assert [(row["exercise"], row["mistake"]) for row in rows if row["named_by"] != row["rejected_by"]] == []
    assert len({row["exercise"] for row in rows}) == 6
