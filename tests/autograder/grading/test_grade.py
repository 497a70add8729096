"""One folder of submissions, good and bad, through `autograder.grading.grade`.

The marks of whole notebooks are tested in test_nbgrader_cycle.
"""

import json
import os
import runpy
import shutil
import threading

import pytest
from nbgrader.api import Gradebook, MissingEntry
from places import ROOT
from rich.console import Console

from autograder.course import graded_cells
from autograder.grading import grade, results, worker
from autograder.grading.watch import Watch
from autograder.releasing import release

write = runpy.run_path(str(ROOT / "tests" / "submissions" / "write.py"))["write"]
NAME = "00-start"
CELLS = list(graded_cells(NAME))


def path(root, student):
    return root / "submitted" / student / NAME / f"{NAME}.ipynb"


def change(notebook, do):
    """Rewrite a submission: ``do`` gets its cells by id."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    do(content["cells"], {cell["id"]: cell for cell in content["cells"]})
    notebook.write_text(json.dumps(content), encoding="utf-8")


def run_first(code):
    """Put a cell of the student's own in front."""
    own = {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": None, "source": code}
    return lambda cells, _: cells.insert(0, own)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder in which one folder of submissions was graded; what was returned and said."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / release.CONFIG, root)
    shutil.copytree(ROOT / "solutions", root / "solutions")
    release.release(root, [NAME], report=lambda line: None)
    for student in ("ann", "crashes", "[1]", "copies", "deletes", "not json", "other name"):
        write(root / "here", [NAME], ["flips-the-kernel"])
        path(root, student).parent.mkdir(parents=True)
        shutil.move(root / "here" / "flips-the-kernel" / NAME / f"{NAME}.ipynb", path(root, student))
    change(path(root, "crashes"), run_first("import os\nos._exit(0)"))
    change(path(root, "copies"), lambda cells, by_id: cells.append(by_id["window_sum"] | {"id": "copy"}))
    change(path(root, "deletes"), lambda cells, by_id: cells.remove(by_id["window_sum-values"]))
    path(root, "not json").write_text("{", encoding="utf-8")
    path(root, "other name").rename(path(root, "other name").with_name("00-start (1).ipynb"))
    (root / "submitted" / "loose").mkdir()
    (root / "submitted" / "loose" / "Untitled.ipynb").write_text("{}", encoding="utf-8")
    (root / "submitted" / "list of students.txt").write_text("ann")
    said = []
    run = grade.grade(root, report=said.append)
    assert (run.done, run.left, run.changed) == (7, 0, [])
    return root, run.rows(), said


@pytest.fixture
def copy(course, tmp_path):
    """The graded course, to do something to; only ann's submission is left in it."""
    root = shutil.copytree(course[0], tmp_path / "course")
    for folder in (root / "submitted").iterdir():
        if folder.is_dir() and folder.name != "ann":
            shutil.rmtree(folder)
    return root


def of(rows, student):
    return {row["cell"]: row for row in rows if row["student"] == student}


def again(root, **options):
    """Grade once more; the rows of ann, what was said, and what the run came to."""
    said = []
    run = grade.grade(root, report=said.append, **options)
    return of(run.rows(), "ann"), said, run


# --- what is handed back ---------------------------------------------------------------------------------------


def test_rows(course):
    _, rows, _ = course
    assert of(rows, "ann")["window_sum-values"] == {
        "student": "ann",
        "assignment": NAME,
        "cell": "window_sum-values",
        "score": 1,
        "max_score": 1,
        "status": "graded",
        "reason": "",
    }
    assert list(of(rows, "ann")) == CELLS


def test_json(course, tmp_path):
    _, rows, _ = course
    path = tmp_path / "rows.json"
    for few in (rows, rows[:1], []):
        results.write_json(few, path)
        assert json.loads(path.read_text(encoding="utf-8")) == few
    assert list(tmp_path.iterdir()) == [path]


def test_json_into_what_is_no_file(course, tmp_path):
    """A pipe, or /dev/stdout: as root it would be replaced by a file, for everybody on the machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    results.write_json(course[1][:2], pipe)
    assert pipe.is_fifo()
    reader.join(10)
    assert json.loads(read[0]) == course[1][:2]


def test_feedback_is_written(course):
    root, _, _ = course
    assert (root / "feedback" / "ann" / NAME / f"{NAME}.html").is_file()
    assert not (root / "feedback" / "not json").exists()


def test_what_is_said(course):
    _, _, said = course
    assert said[0].startswith("student code runs behind walls: files, network, processes, ")
    said = sorted(said[1:])
    assert said.pop(0) == "00-start copies: the cells stand in another order"
    assert said[0] == "00-start copies: there is more than one cell window_sum; the last counts"
    assert said[1].startswith("00-start crashes: cell [1]: the notebook's process ended: a crash, os._exit")
    assert said[2] == "00-start deletes: the course's cell window_sum-values is missing; it is put back"
    assert said[3].startswith("00-start not json: could not be graded: 00-start.ipynb is not a notebook: it ends too")
    assert said[4].startswith("00-start other name: could not be graded: there is no ")
    assert len(said) == 5


def test_progress(copy):
    told = []

    class Told(Watch):
        def begin(self, what, total):
            told.append((what, total))

        def advance(self):
            told.append("one")

    grade.grade(copy, report=lambda line: None, watch=Told())
    assert told == [("grading", 1), "one", ("feedback", 1), "one"]


def test_table(course):
    _, rows, _ = course
    console = Console(width=100, color_system=None, markup=False)  # as the command line makes it
    with console.capture() as capture:
        console.print(results.table([*rows, *waiting()]))
    lines = capture.get().splitlines()
    assert [cell.strip() for cell in lines[1].strip("┃").split("┃")] == ["student", "00-start (2)", "02-regular (20)"]
    shown = {
        line.split("│")[1].strip(): [cell.strip() for cell in line.split("│")[2:4]] for line in lines if "│" in line
    }
    assert shown["ann"] == ["2", "-"]
    assert shown["not json"] == ["not graded", "-"]
    assert shown["[1]"] == ["2", "-"]
    assert shown["zoe"] == ["-", "1 +3"]


def waiting():
    """Rows with something for a person to do."""
    common = {"student": "zoe", "assignment": "02-regular", "reason": ""}
    yield common | {"cell": "conv2d-values", "score": 1, "max_score": 1, "status": "graded"}
    yield common | {"cell": "explain-regular", "score": None, "max_score": 3, "status": "needs-manual-grade"}


# --- what cannot be graded -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("student", "reason"),
    [
        ("not json", "00-start.ipynb is not a notebook: it ends too early, not JSON at line 1"),
        ("other name", f"{NAME}.ipynb, but 00-start (1).ipynb"),
    ],
)
def test_what_cannot_be_graded_is_no_zero(course, student, reason):
    root, rows, _ = course
    theirs = of(rows, student)
    assert list(theirs) == CELLS
    for row in theirs.values():
        assert (row["score"], row["status"]) == (None, "could-not-grade")
        assert reason in row["reason"]
    assert any(line.startswith(f"00-start {student}: ") and reason in line for line in results.problems(rows))
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook, pytest.raises(MissingEntry):
        gradebook.find_submission(NAME, student)


def test_a_notebook_in_no_assignments_folder_is_listed(course):
    _, rows, _ = course
    [row] = of(rows, "loose").values()
    assert row["status"] == "could-not-grade"
    assert "Untitled.ipynb is in no assignment's folder; it belongs in loose/ASSIGNMENT/" in row["reason"]
    assert len(results.problems(rows)) == 3


@pytest.mark.parametrize("student", ["copies", "crashes", "deletes", "[1]"])
def test_an_accident_costs_nothing(course, student):
    _, rows, _ = course
    assert [row["score"] for row in of(rows, student).values()] == [1, 1]


# --- once more -------------------------------------------------------------------------------------------------


def test_unchanged_submissions_are_not_run_again(copy):
    autograded = copy / "autograded" / "ann" / NAME / f"{NAME}.ipynb"
    page = copy / "feedback" / "ann" / NAME / f"{NAME}.html"
    before = autograded.stat().st_mtime_ns, page.stat().st_mtime_ns
    rows, _, run = again(copy)
    assert run.done == 0
    assert [row["score"] for row in rows.values()] == [1, 1]
    assert (autograded.stat().st_mtime_ns, page.stat().st_mtime_ns) == before
    assert again(copy, force=True)[2].done == 1
    assert autograded.stat().st_mtime_ns > before[0]


@pytest.mark.parametrize("gone", ["gradebook.db", f"autograded/ann/{NAME}/{NAME}.ipynb", "autograded/.graded.jsonl"])
def test_what_is_gone_is_made_again(copy, gone):
    (copy / gone).unlink()
    rows, _, run = again(copy)
    assert run.done == 1
    assert [row["score"] for row in rows.values()] == [1, 1]
    assert (copy / gone).is_file()


@pytest.mark.parametrize("change_rule", ["seed", "limit", "due date", "code"])
def test_other_rules_run_it_again(copy, change_rule, monkeypatch):
    options = {}
    if change_rule == "seed":
        options["seed"] = 3
    elif change_rule == "limit":
        with (copy / release.CONFIG).open("a") as file:
            file.write('c.Execute.limits = {"cell_seconds": 19}\n')
    elif change_rule == "due date":
        with Gradebook(f"sqlite:///{copy / 'gradebook.db'}") as gradebook:
            gradebook.update_or_create_assignment(NAME, duedate="2026-12-01")
    else:
        monkeypatch.setattr(worker, "own_code", lambda: "other files")
    assert again(copy, **options)[2].done == 1


def test_a_changed_submission_is_run_again_and_each_changed_mark_is_said(copy):
    before = path(copy, "ann").read_bytes()
    # As many bytes as before: only what is in them says that it is another submission.
    path(copy, "ann").write_bytes(before.replace(b'prediction = \\"c\\"', b'prediction = \\"x\\"'))
    assert path(copy, "ann").read_bytes() != before
    rows, said, run = again(copy)
    assert run.changed == [(NAME, "ann", "predict-start", 1, 0)]
    assert said[1:] == ["00-start ann: predict-start was 1, is 0 now"]
    row = rows["predict-start"]
    assert row["score"] == 0
    assert row["reason"] == "predict-start: 'x' is not one of the options; choose one of 'a', 'b', 'c', 'd'"


def test_what_could_not_be_graded_is_tried_again(copy):
    sound = path(copy, "ann").read_bytes()
    path(copy, "ann").write_bytes(b"{")
    rows, _, _ = again(copy)
    assert [(row["score"], row["status"]) for row in rows.values()] == [(None, "could-not-grade")] * 2
    # The marks of what was handed in before stay in the gradebook; its page would be taken for this one's.
    assert not (copy / "feedback" / "ann" / NAME / f"{NAME}.html").exists()
    assert again(copy)[2].done == 1
    path(copy, "ann").write_bytes(sound)
    assert [row["score"] for row in again(copy)[0].values()] == [1, 1]


def test_marks_and_comments_by_hand_stay(copy):
    with Gradebook(f"sqlite:///{copy / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("window_sum-values", NAME, NAME, "ann").manual_score = 0.5
        gradebook.find_comment("window_sum", NAME, NAME, "ann").manual_comment = "Nicely done."
        gradebook.db.commit()
    rows, _, _ = again(copy, force=True)
    row = rows["window_sum-values"]
    assert (row["score"], row["status"]) == (0.5, "needs-manual-grade")
    assert row["reason"] == "graded by hand before, and submitted again since"
    page = (copy / "feedback" / "ann" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Nicely done." in page
    assert "<strong>1.5</strong> of 2 points" in page


def test_changed_cells_need_another_gradebook(copy):
    source = copy / "solutions" / NAME / f"{NAME}.md"
    text = source.read_text(encoding="utf-8")
    source.write_text(text + "\n```{code-cell}\nprint('a locked cell more')\n```\n", encoding="utf-8")
    with pytest.raises(
        grade.GradeError, match=r"holds submissions of an earlier 00-start, with other cells. Grade with"
    ):
        grade.grade(copy, report=lambda line: None)


def test_an_exercise_that_is_not_current_is_said(copy):
    exercise = copy / "exercises" / NAME / f"{NAME}.ipynb"
    exercise.write_text(exercise.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    said = []
    grade.grade(copy, report=said.append)
    (line,) = said  # nothing is run, so nothing is said of walls
    assert line.endswith("00-start.ipynb is not what solutions/ gives now; run `make exercises`")


# --- what cannot start -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"submitted": "nowhere"}, r"no folder .*nowhere; put the submissions there as STUDENT/ASSIGNMENT/ASSIGNMENT"),
        ({"submitted": "empty"}, r"no submission in .*empty; they should lie there as STUDENT/ASSIGNMENT/"),
        ({"assignments": ["01-window"]}, r"no submission of 01-window in .*submitted; they should lie there as"),
        ({"assignments": ["window"]}, r"no assignment is named 'window'; there are 00-start, 01-window"),
    ],
)
def test_it_says_why_it_cannot_start(copy, options, said):
    (copy / "empty").mkdir()
    options = {key: copy / value if isinstance(value, str) else value for key, value in options.items()}
    with pytest.raises(grade.GradeError, match=said):
        grade.grade(copy, **options)


def test_a_gradebook_that_is_none(copy):
    (copy / "gradebook.db").write_text("These are not the marks you are looking for.\n" * 100)
    with pytest.raises(grade.GradeError, match=r"the gradebook could not be opened: .*file is not a database"):
        grade.grade(copy, report=lambda line: None)
