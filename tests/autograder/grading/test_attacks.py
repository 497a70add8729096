"""Attacks by submissions, through the real grader, in one folder with honest ones; tests/attacks/*.toml has them.

Every attempt is a right submission with some cells changed. It gets what its honest part earns, it costs nobody else
anything, and it leaves nothing behind.
"""

import csv
import json
import os
import re
import shutil
import socket
import stat
import time
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest
from courses import gradebook, judged_by_nbgrader, nbgrader
from marks import expected_marks
from places import ROOT, TESTS
from write import fill, work

from autograder.checks import cases
from autograder.course import EXERCISES, graded_cells
from autograder.grading import grade
from autograder.grading.ledger import Ledger
from autograder.grading.results import kept_results
from autograder.model import PUBLIC_SEED
from autograder.releasing import release
from convolution import catalogue

HERE = TESTS / "attacks"
ATTACKS = {
    attack["name"]: attack
    for file in sorted(HERE.glob("*.toml"))
    for attack in tomllib.loads(file.read_text(encoding="utf-8"))["attack"]
}

SEED = "PRIVATE-seed-of-the-course"

#: Honest submissions, with others before and after them in the order of grading: (name, student of tests/submissions).
HONEST = {
    ("000-first", "00-start"): "loops-everything",
    ("000-first", "01-window"): "vectorises-everything",
    ("leaves-honest", "00-start"): "warns",
    ("leaves-honest", "01-window"): "flips-the-kernel",
    ("leaves-honest", "02-regular"): "loops-everything",
    ("leaves-honest", "05-separable"): "forgets-the-bias",
    ("zzz-last", "00-start"): "syntax-error",
    ("zzz-last", "01-window"): "stops-half-way",
}

#: The assignments that are attacked; each has what needs another kind of sandbox.
ASSIGNMENTS = sorted({attack.get("assignment", "00-start") for attack in ATTACKS.values()})

#: Small, so that what never ends ends soon.
LIMITS = {
    "cell_seconds": 2,  # one imports matplotlib
    "call_seconds": 1,
    "submission_seconds": 12,
    "wall_factor": 10,  # other tests keep the machine busy meanwhile
    "memory": 700 * 2**20,
    "processes": 16,
    "disk": 4 * 2**20,
    "files": 100,
    "late": 1,
}


# ---------------------------------------------------------------- making the folder


def released(root, name):
    return json.loads((root / "exercises" / name / f"{name}.ipynb").read_text(encoding="utf-8"))


def table():
    """window_sum's public cases and their results, as a student could collect them."""
    found = {}
    for case in cases.draw(EXERCISES["window_sum"], "values", PUBLIC_SEED):
        image, row, column, height, width = case.args
        found[image.shape, row, column, height, width] = float(image[row : row + height, column : column + width].sum())
    return repr(found)


def written(root, attack, port):
    """The notebook of an attack, as a dict."""
    name = attack.get("assignment", "00-start")
    cells = dict(attack.get("cells", {}))
    right = work("vectorises-everything", name)
    changed = [(heading, kind, cells.pop(heading, source)) for heading, kind, source in right]
    changed += [(heading, "code", source) for heading, source in cells.items()]
    filled = []
    for heading, kind, source in changed:
        if source == "@@brackets":
            kind, source = "markdown", "[" * 200_000
        source = source.replace("__TABLE__", table()).replace("__ROOT__", str(root)).replace("__PORT__", str(port))
        filled.append((heading, kind, source.strip("\n")))
    return fill(released(root, name), filled)


def lay(root, attack, port):
    """Put an attack into the folder of submissions."""
    name = attack.get("assignment", "00-start")
    place = root / "submitted" / attack["name"] / name
    place.mkdir(parents=True)
    path = place / f"{name}.ipynb"
    notebook = written(root, attack, port)
    for file, content in attack.get("files", {}).items():
        (place / file).write_text(content, encoding="utf-8")
    data = DAMAGE[attack["file"]](notebook, path) if "file" in attack else notebook
    if isinstance(data, dict):
        data = json.dumps(data).encode()
    if data is not None:
        path.write_bytes(data)


def by_id(notebook):
    return {cell["id"]: cell for cell in notebook["cells"]}


def _link(notebook, path):
    path.symlink_to(path.parents[2] / "000-first" / path.parent.name / path.name)


def _fifo(notebook, path):
    os.mkfifo(path)


def _folder(notebook, path):
    path.mkdir()


def _odd_name(notebook, path):
    Path(os.fsdecode(os.fsencode(path.parent) + b"/\xff\x1b[31m.ipynb")).write_text("{}")


def _another(notebook, path):
    return released(path.parents[3], "01-window")


def _nbformat_3(notebook, path):
    cells = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        kept = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            kept |= {"input": source, "language": "python", "outputs": [], "collapsed": False}
        else:
            kept |= {"source": source}
        cells.append(kept)
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def _without_kernel(notebook, path):
    return notebook | {"metadata": {}}


def _another_kernel(notebook, path):
    spec = {"name": "ir", "language": "R", "display_name": "R; rm -rf /"}
    return notebook | {"metadata": {"kernelspec": spec, "language_info": {"name": "R"}}}


def _metadata(notebook, path):
    cells = by_id(notebook)
    cells["window_sum-values"]["metadata"]["nbgrader"] |= {"points": 1000, "locked": False, "grade": False}
    cells["window_sum-values"] |= {"cell_type": "markdown", "source": "1000 of 1"}
    cells["window_sum"]["metadata"]["nbgrader"] |= {"checksum": "0" * 32, "grade": True, "points": 1e300}
    cells["predict-start"]["metadata"]["nbgrader"]["schema_version"] = "x"
    cells["00-start-code-import-numpy-as-np-from-autograder"]["source"] = "check = check_answer = print"
    notebook["metadata"]["kernelspec"] = {"name": "../../bin/sh"}
    return notebook


def _tags(notebook, path):
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "window_sum, values: right"}]
    return notebook


def _reordered(notebook, path):
    return notebook | {"cells": notebook["cells"][::-1]}


def _deleted(notebook, path):
    gone = ("window_sum-values", "predict-start", "00-start-code-import-numpy-as-np-from-autograder")
    return notebook | {"cells": [cell for cell in notebook["cells"] if cell["id"] not in gone]}


def _copied(notebook, path):
    cells = notebook["cells"]
    at = [cell["id"] for cell in cells].index("window_sum")
    first = json.loads(json.dumps(cells[at]))
    first["source"] = "def window_sum(*a): return 'the first try'"
    return notebook | {"cells": [*cells[:at], first, *cells[at:]]}


def _scripts(notebook, path):
    evil = {
        "text/html": "<script>EVIL</script>",
        "image/svg+xml": "<svg onload=EVIL>",
        "application/javascript": "EVIL",
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": evil, "metadata": {}}]
    notebook["cells"].append(
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "<img src=x onerror=EVIL()>"}
    )
    return notebook


def _large(notebook, path):
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 200 * 2**20}]
    own = {"cell_type": "code", "id": "long", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].append(own | {"source": "#" * 10 * 2**20})
    return notebook


def _timestamp_fifo(notebook, path):
    os.mkfifo(path.with_name("timestamp.txt"))
    return notebook


DAMAGE = {
    "not json": lambda notebook, path: b"{",
    "empty": lambda notebook, path: b"",
    "truncated": lambda notebook, path: json.dumps(notebook).encode()[:3000],
    "not utf-8": lambda notebook, path: json.dumps(notebook).encode("utf-16"),
    "nested": lambda notebook, path: b"[" * 10**6,
    "link": _link,
    "fifo": _fifo,
    "folder": _folder,
    "odd name": _odd_name,
    "another": _another,
    "nbformat 3": _nbformat_3,
    "no kernelspec": _without_kernel,
    "another kernel": _another_kernel,
    "metadata": _metadata,
    "tags": _tags,
    "reordered": _reordered,
    "deleted": _deleted,
    "copied": _copied,
    "scripts": _scripts,
    "large": _large,
    "timestamp fifo": _timestamp_fifo,
}


# ---------------------------------------------------------------- the run


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if "__pycache__" not in path.parts)


class Batch:
    """A run over everything, with the state before and after it."""

    def __init__(self, root, listener):
        self.root, self.said, self.listener = root, [], listener
        shutil.copytree(ROOT / "solutions", root / "solutions")
        config = (ROOT / release.CONFIG).read_text(encoding="utf-8")
        (root / release.CONFIG).write_text(
            config.replace("c.Execute.limits = {}", f"c.Execute.limits = {LIMITS}"), encoding="utf-8"
        )
        release.release(root, ASSIGNMENTS, report=lambda line: None)
        for (name, assignment), student in HONEST.items():
            path = root / "submitted" / name / assignment / f"{assignment}.ipynb"
            path.parent.mkdir(parents=True)
            notebook = fill(released(root, assignment), work(student, assignment))
            path.write_text(json.dumps(notebook), encoding="utf-8")
        listener.settimeout(0)
        for attack in ATTACKS.values():
            lay(root, attack, listener.getsockname()[1])
        self.before = self.state()
        began = time.perf_counter(), sum(os.times()[:4])
        run = grade.grade(root, workers=2, seed=SEED, report=self.said.append)
        self.seconds = time.perf_counter() - began[0], sum(os.times()[:4]) - began[1]
        self.after = self.state()
        self.run, self.rows = run, list(run.rows())
        self.book = Ledger(root)

    def state(self):
        own = {name for name in listing(self.root) if name.split("/")[0] not in OURS}
        stamps = {name: (os.stat(f"/dev/{name}").st_mtime_ns) for name in ("null", "zero", "full", "urandom")}
        descriptors = [
            os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd") if _open(number)
        ]
        return {
            "files": own,
            "submitted": [
                (name, _content(self.root / "submitted" / name)) for name in listing(self.root / "submitted")
            ],
            "devices": stamps,
            "sockets": sum(one.startswith("socket:") for one in descriptors),
            "tmp": {name for name in os.listdir("/tmp") if name in SEEN_IN_TMP},
        }

    def marks(self, student, assignment):
        return {
            row["cell"]: row["score"]
            for row in self.rows
            if row["student"] == student and row["assignment"] == assignment
        }

    def entry(self, attack):
        return self.book.entry(attack["name"], attack.get("assignment", "00-start"))

    def shown(self, attack):
        """The texts of the student's page and of the instructor's graded notebook."""
        name = attack.get("assignment", "00-start")
        page = self.root / "feedback" / attack["name"] / name / f"{name}.html"
        graded = self.root / "autograded" / attack["name"] / name / f"{name}.ipynb"
        return page.read_text(encoding="utf-8"), graded.read_text(encoding="utf-8")


#: What grading makes in a course, and names that attacks would leave in /tmp.
OURS = ("autograded", "feedback", "gradebook.db", "_build")
SEEN_IN_TMP = ("seen", "large", "results.json", "probe", "0", "1")


def _open(number):
    return os.path.lexists(f"/proc/self/fd/{number}")


def _content(path):
    about = path.lstat()
    return stat.S_IFMT(about.st_mode), about.st_size if stat.S_ISREG(about.st_mode) else 0


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Batch(tmp_path_factory.mktemp("attacked"), listener)


# ---------------------------------------------------------------- what became of it


def due(attack):
    """cell -> the marks that an attack must earn."""
    name = attack.get("assignment", "00-start")
    marks = dict(graded_cells(name))
    if explanation := catalogue.ASSIGNMENTS[name].explanation:
        marks[explanation] = None  # a person reads it
    lost = attack.get("marks", {})
    if isinstance(lost, str):
        lost = {f"{exercise}-{aspect}": 0 for exercise in lost.split() for aspect in EXERCISES[exercise].points}
    assert set(lost) <= set(marks)
    return marks | lost


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if "reason" not in attack])
def test_an_attack_earns_what_its_honest_part_earns(batch, name):
    attack = ATTACKS[name]
    entry = batch.entry(attack)
    assert entry.get("reason") is None
    assert batch.marks(name, attack.get("assignment", "00-start")) == due(attack)
    remarks = "\n".join(entry.get("remarks", ()))
    assert re.search(attack.get("says", "^"), remarks), remarks
    page, graded = batch.shown(attack)
    assert re.search(attack.get("feedback", "^"), page)
    for remark in entry.get("remarks", ()):
        assert any(line.endswith(f"{name}: {remark}") for line in batch.said)
    assert not re.search(r"<script>(EVIL|alert)|<[^>]*onerror=", page)
    assert "FOUND" not in printed(graded)


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if "reason" not in attack])
def test_nbgrader_reads_the_same_marks_from_the_outputs(batch, name):
    assignment = ATTACKS[name].get("assignment", "00-start")
    results = kept_results(batch.entry(ATTACKS[name]))
    assert judged_by_nbgrader(batch.root, name, assignment) == {
        cell: (result.points, result.max_points) for cell, result in results.items()
    }


def printed(graded):
    """The text that the cells of a graded notebook printed."""
    cells = nbformat.reads(graded, as_version=4).cells
    return "".join(out.get("text", "") for cell in cells for out in cell.get("outputs", ()))


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if "reason" in attack])
def test_what_is_no_submission_is_no_zero(batch, name):
    attack = ATTACKS[name]
    assert set(batch.marks(name, "00-start").values()) == {None}
    assert re.search(attack["reason"], batch.entry(attack)["reason"])
    assert not (batch.root / "feedback" / name).exists()


@pytest.mark.parametrize(("name", "assignment"), list(HONEST))
def test_honest_submissions_have_their_marks(batch, name, assignment):
    assert batch.marks(name, assignment) == expected_marks(HONEST[name, assignment], assignment)[0]
    assert batch.book.entry(name, assignment).get("remarks") is None


def test_the_run_finished(batch):
    assert batch.run.left == 0
    assert batch.run.done == len(ATTACKS) + len(HONEST)


def test_nothing_is_left(batch):
    assert batch.after == batch.before
    with pytest.raises(BlockingIOError):
        batch.listener.accept()


def test_no_process_is_left(batch):
    """Every sandbox of the run ends with its worker; what runs as the sandbox's user would be one of it."""
    deadline = time.monotonic() + 5
    while (left := strangers()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def strangers():
    """Processes below this one, or of a sandbox's user, that belong to a run."""
    mine, found = os.getpid(), []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            parents = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"inside.fork_server" in command and int(parents) in (1, mine):
            found.append((entry.name, command[:200]))
    return found


def test_the_seed_and_the_hidden_data_are_in_nothing_that_is_shown(batch):
    hidden = given("window_sum", SEED) | given("conv2d_torch", SEED)
    hidden -= given("window_sum", PUBLIC_SEED) | given("conv2d_torch", PUBLIC_SEED)
    assert hidden
    shown = [*(batch.root / "feedback").rglob("*.html"), *(batch.root / "autograded").rglob("*.ipynb")]
    assert len(shown) > len(ATTACKS)
    for path in shown:
        text = path.read_text(encoding="utf-8")
        assert SEED not in text
        assert not [value for value in hidden if value in text], path
    # The attack that shows what it was given does show the public data, so it would show the hidden ones too.
    for name in ("keeps-what-it-was-given", "keeps-tensors"):
        assert "CAUGHT [[" in batch.shown(ATTACKS[name])[1]


def given(name, seed):
    """The arguments of an exercise's values, as Python would print them."""
    values = [value for case in cases.draw(EXERCISES[name], "values", seed) for value in case.args]
    return {str(value.tolist()) for value in values if isinstance(value, np.ndarray)}


def test_the_gradebook_has_nobody_else(batch):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{batch.root / 'gradebook.db'}") as gradebook:
        graded = {
            (one.student.id, one.assignment.name)
            for name in ASSIGNMENTS
            for one in gradebook.assignment_submissions(name)
        }
        assert {student.id for student in gradebook.students} == {student for student, _ in graded}
        late = [
            one.student.id
            for name in ASSIGNMENTS
            for one in gradebook.assignment_submissions(name)
            if one.late_submission_penalty
        ]
    wanted = set(HONEST) | {
        (name, one.get("assignment", "00-start")) for name, one in ATTACKS.items() if "reason" not in one
    }
    assert graded == wanted
    assert late == []


# ---------------------------------------------------------------- by nbgrader's own command


#: One of each kind: what would reach nbgrader before our plug-ins, what reads and forges, and what ends a process.
BY_NBGRADER = [
    *("not-json", "a-link", "a-fifo", "a-folder", "a-name-that-is-no-text", "another-assignment", "old-format"),
    *("changed-metadata", "skips-execution", "a-copied-cell", "outputs-with-scripts", "a-timestamp-of-nonsense"),
    *("a-timestamp-that-never-comes", "patches-what-tests-use", "equal-to-everything", "hooks-into-ipython"),
    *("leaves-the-process", "packages-beside-the-notebook", "loops-when-called", "kills", "keeps-what-it-was-given"),
]


@pytest.fixture(scope="module")
def nbgraders(batch, tmp_path_factory):
    """The same course with some of the attacks, graded by ``nbgrader autograde``; and what the command printed."""
    root = tmp_path_factory.mktemp("by-nbgrader") / "course"
    shutil.copytree(batch.root, root, ignore=shutil.ignore_patterns("submitted", "autograded", "feedback"))
    honest_ones = [(name, assignment) for name, assignment in HONEST if assignment == "00-start"]
    for name, assignment in honest_ones:
        shutil.copytree(batch.root / "submitted" / name / assignment, root / "submitted" / name / assignment)
    for name in BY_NBGRADER:
        lay(root, ATTACKS[name], batch.listener.getsockname()[1])
    (root / "submitted" / "kills" / "00-start" / "link.txt").symlink_to(root / "nbgrader_config.py")
    (root / "gradebook.db").unlink()
    nbgrader(root, "generate_assignment", "00-start", "--force")
    said = nbgrader(root, "autograde", "00-start", fails=True, seed=SEED)
    nbgrader(root, "export")
    return root, said


def test_nbgraders_own_command_copies_nothing_that_is_linked(nbgraders):
    """As nbgrader is shipped it copies what a link leads to, and from there into the student's feedback."""
    root, _ = nbgraders
    assert (root / "autograded" / "packages-beside-the-notebook" / "00-start" / "numpy.py").is_file()
    assert not (root / "autograded" / "kills" / "00-start" / "link.txt").exists()
    assert not (root / "autograded" / "a-timestamp-that-never-comes" / "00-start" / "timestamp.txt").exists()


def test_nbgraders_own_command_gives_the_same_marks(batch, nbgraders):
    root, said = nbgraders
    found = gradebook(root)
    with open(root / "grades.csv", encoding="utf-8", newline="") as file:
        exported = {row["student_id"]: row for row in csv.DictReader(file)}
    for name in BY_NBGRADER:
        if "reason" in ATTACKS[name]:
            assert exported[name]["score"] == "" and exported[name]["could_not_grade"], name
            assert name in said
            continue
        graded = found["00-start", name]["grades"]
        assert {cell: grades[0] for cell, grades in graded.items()} == batch.marks(name, "00-start"), name
    for name, assignment in HONEST:
        if assignment == "00-start":
            marks = {cell: grades[0] for cell, grades in found[assignment, name]["grades"].items()}
            assert marks == expected_marks(HONEST[name, assignment], assignment)[0]
