"""Results as data: through JSON and back, and as rows beside the marks that count; and what earlier versions left."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from courses import course
from nbgrader.api import Gradebook

from autograder.course import graded_cells
from autograder.grading import grade, results, worker
from autograder.grading.ledger import Ledger
from autograder.grading.results import CellResult, kept_results, rows_of, ungraded
from autograder.grading.watch import Watch
from autograder.model import PUBLIC_SEED

NAME = "00-start"
FAILED = CellResult(
    "window_sum-values", "failed", 0, 1, "window_sum, values: wrong\n  expected 1", "zeros", "window_sum, values: wrong"
)
EVERY = [
    CellResult("predict-start", "passed", 1, 1),
    FAILED,
    CellResult("window_sum-values", "by hand", None, 3),
    CellResult("window_sum-values", "failed", 0, 0, reason="no answer"),
    *ungraded(NAME, "no memory"),
]


@pytest.mark.parametrize("result", EVERY)
def test_a_result_survives_json(result):
    assert CellResult.from_data(json.loads(json.dumps(result.as_data()))) == result


def test_a_result_of_a_later_version_is_read():
    assert CellResult.from_data(FAILED.as_data() | {"hints": 3}) == FAILED


def test_what_could_not_be_graded_is_no_zero():
    assert [result.cell for result in ungraded(NAME, "no memory")] == list(graded_cells(NAME))
    for result in ungraded(NAME, "no memory"):
        assert (result.outcome, result.points, result.reason) == ("could not grade", None, "no memory")


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course with one graded submission, in which a cell failed."""
    root = course(tmp_path_factory.mktemp("results") / "course", [NAME], ["flips-the-kernel", "stops-half-way"])
    path = root / "submitted" / "flips-the-kernel" / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (own,) = (cell for cell in notebook["cells"] if cell["id"] == "window_sum")
    own["source"] = "def window_sum(values, weights):\n    return 0.0\n"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    grade.grade(root, seed=PUBLIC_SEED, report=lambda line: None, feedback=False)
    return root


@pytest.fixture
def root(graded, tmp_path):
    return shutil.copytree(graded, tmp_path / "course")


ADA, BOB = "flips-the-kernel", "stops-half-way"


def row(root, cell="window_sum-values", student=ADA):
    """(score, status, reason) of a cell."""
    (found,) = (each for each in grade.rows(root, [(student, NAME)]) if each["cell"] == cell)
    return found["score"], found["status"], found["reason"]


def by_hand(root, **marks):
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        record = book.find_grade("window_sum-values", NAME, NAME, ADA)
        for name, value in marks.items():
            setattr(record, name, value)
        book.db.commit()


def test_a_row_has_the_gradebooks_mark_and_the_ledgers_reason(root):
    score, status, reason = row(root)
    assert (score, status) == (0, "graded")
    assert reason.startswith("window_sum, values: ")
    assert row(root, "predict-start") == (1, "graded", "")


def test_rows_read_no_notebook(root):
    before = grade.rows(root, [(ADA, NAME)])
    (root / "autograded" / ADA / NAME / f"{NAME}.ipynb").unlink()
    assert grade.rows(root, [(ADA, NAME)]) == before


@pytest.mark.parametrize(
    ("marks", "score", "status", "reason"),
    [
        ({"manual_score": 1.0}, 1, "graded", ""),
        ({"manual_score": 0.5}, 0.5, "graded", "window_sum, values: "),
        ({"manual_score": 0.5, "needs_manual_grade": True}, 0.5, "needs-manual-grade", "graded by hand before, and"),
        ({"auto_score": None, "needs_manual_grade": True}, None, "needs-manual-grade", "to be graded by hand"),
        ({"auto_score": None, "manual_score": 0.5}, 0.5, "graded", "graded by hand"),
        ({"extra_credit": 1.0}, 1, "graded", ""),
        ({"auto_score": 0.25}, 0.25, "graded", results.NOT_KEPT),
    ],
)
def test_what_a_person_did_in_the_gradebook_counts(root, marks, score, status, reason):
    by_hand(root, **marks)
    found = row(root)
    assert found[:2] == (score, status)
    assert found[2].startswith(reason) and bool(found[2]) == bool(reason)


def test_what_could_not_be_graded_has_the_ledgers_reason_in_each_row(root):
    Ledger(root).note(ADA, NAME, reason="no memory")
    for found in grade.rows(root, [(ADA, NAME)]):
        assert (found["score"], found["status"], found["reason"]) == (None, "could-not-grade", "no memory")


def test_what_was_not_looked_at_says_so(root):
    Ledger(root).note("eve", NAME, fingerprint="f")
    (found, _) = rows_of("eve", NAME, {}, NoMarks())
    assert (found["score"], found["status"]) == (None, "could-not-grade")
    assert found["reason"] == "not graded yet: the run was stopped before"


class NoMarks:
    """A gradebook in which there is nothing."""

    def marks(self, assignment, student):
        return None


def test_a_fault_of_ours_is_one_line_in_the_table_and_a_traceback_in_the_record(root, monkeypatch):
    def breaks(*arguments):
        raise KeyError("ours")

    monkeypatch.setattr(worker.submission, "rebuild", breaks)
    with ThreadPoolExecutor(1) as executor:  # in this process, where it was broken
        run = grade.grade(root, seed="other", walls=(), report=lambda line: None, executor=executor)
    assert results.problems(run.rows()) == [f"{NAME} {who}: the grader failed: KeyError: 'ours'" for who in (ADA, BOB)]
    entry = Ledger(root).entry(ADA, NAME)
    assert entry["reason"] == "the grader failed: KeyError: 'ours'"
    assert entry["traceback"].startswith("Traceback (most recent call last)") and "in breaks" in entry["traceback"]


def test_the_table_explains_only_the_signs_that_are_in_it():
    def row(student, assignment, score=1, status=results.GRADED):
        keys = ("student", "assignment", "cell", "score", "max_score", "status", "reason")
        return dict(zip(keys, (student, assignment, "a cell", score, 3, status, ""), strict=True))

    everything = [row("ada", "00-start"), row("bob", "00-start")]
    waits = [row("ada", "00-start", None, results.NEEDS_PERSON)]
    somebody_missing = [row("ada", "00-start"), row("bob", "01-window")]
    assert results.table(everything).caption is None
    assert results.table(waits).caption == "+3: points that wait for a person."
    assert results.table(somebody_missing).caption == "-: nothing submitted."


# --- what the version before left -------------------------------------------------------------------------------------

#: What `Ledger.note` was given by version 1 of the ledger: no results, and no traceback.
OLD_KEYS = ("fingerprint", "reason", "remarks", "seed", "walls", "device", "feedback")


@pytest.fixture
def old(root):
    """The course as the version before would have left it: other code, and a ledger without results."""
    by_hand(root, manual_score=0.5)
    lines = []
    for key, entry in Ledger(root).entries.items():
        kept = {name: entry[name] for name in OLD_KEYS if name in entry} | {
            "fingerprint": "0" * 32,
            "feedback": "1" * 32,
        }
        lines.append(json.dumps({"submission": key, **kept}) + "\n")
    lines.append('{"submission": "gone/00-start", "reason": "00-start.ipynb is empty", "seed": 20261122}\n')
    lines.append('{"submission": "cut/00-')
    (root / "autograded" / ".graded.jsonl").write_text("".join(lines), encoding="utf-8")
    assert not kept_results(Ledger(root).entry(ADA, NAME))
    return root


def test_rows_of_the_version_before_have_its_marks_and_an_honest_reason(old):
    assert row(old) == (0.5, "graded", "graded by hand")
    assert row(old, "predict-start") == (1, "graded", "")
    by_hand(old, manual_score=None)
    assert row(old) == (0, "graded", results.NOT_KEPT)


class Stops(Watch):
    def stop(self):
        return True


def test_what_is_left_of_a_run_that_is_stopped_is_counted_and_said(root):
    (root / "gradebook.db").unlink()
    (root / "autograded" / ".graded.jsonl").unlink()
    Ledger(root).note(BOB, NAME, reason="no memory")
    run = grade.grade(root, seed=PUBLIC_SEED, report=lambda line: None, watch=Stops())
    assert (run.done, run.left) == (0, 1)
    assert row(root)[2] == "not graded yet: the run was stopped before"
    assert row(root, student=BOB)[2] == "no memory"


def test_a_run_that_is_stopped_at_once_loses_nothing_of_it(old):
    before, marks = Ledger(old).entries, grade.rows(old, [(ADA, NAME), (BOB, NAME)])
    run = grade.grade(old, seed=PUBLIC_SEED, report=lambda line: None, watch=Stops())
    assert (run.done, run.left) == (0, 0)
    assert run.rows() == marks
    assert Ledger(old).entries == before


def test_all_of_it_is_graded_again_to_the_same_marks_and_manual_marks_stay(old):
    run = grade.grade(old, seed=PUBLIC_SEED, report=lambda line: None)
    assert (run.done, run.changed) == (2, [])
    assert row(old)[:2] == (0.5, "needs-manual-grade")
    assert kept_results(Ledger(old).entry(ADA, NAME))["window_sum-values"].message
    assert Ledger(old).entry("gone", NAME)["reason"] == "00-start.ipynb is empty"
    assert grade.grade(old, seed=PUBLIC_SEED, report=lambda line: None).done == 0
