"""The assumptions of `nbgrader_compat` about nbgrader and nbconvert, each with a change that its test must notice.

With another nbgrader a test fails here first; its message says what has changed and what depends on it.
"""

import contextlib
import datetime
import logging
import os
import subprocess
from types import SimpleNamespace

import nbformat
import nbgrader.api
import pytest
from nbconvert.exporters import NotebookExporter
from nbconvert.filters import markdown_mistune
from nbgrader import preprocessors, utils
from nbgrader.converters import Autograde, BaseConverter, base
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from places import ROOT
from small_course import NAME, POINTS, SOLUTIONS, begin_record, config, notebook, results, small_course
from tornado.log import app_log

from autograder.grading import nbgrader_compat as compat
from autograder.grading import safe_html
from autograder.releasing.release import nbgrader_config, quiet_nbgrader

own_timestamp, own_files = CourseDirectory.get_existing_timestamp, base.find_all_files


@pytest.fixture(autouse=True)
def nbgrader_as_it_was(monkeypatch):
    """`guard` replaces parts of nbgrader in this process, and these tests replace more."""
    monkeypatch.setattr(CourseDirectory, "get_existing_timestamp", own_timestamp)
    monkeypatch.setattr(base, "find_all_files", own_files)


@contextlib.contextmanager
def depends(who, text):
    """Whatever fails in the block has this message: what was assumed, and who depends on it."""
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        raise AssertionError(f"{who} assumes of nbgrader {nbgrader.__version__}: {text}") from error


# ---------------------------------------------------------------- `nbgrader autograde`, with an exporter that looks


class Looks(NotebookExporter):
    """An exporter that keeps what it is told."""

    seen = ()

    def from_filename(self, filename, resources=None, **options):
        Looks.seen.append(
            {
                "stage": compat.is_sanitizing(self),
                "coursedir": compat.course_directory(self),
                "names": dict(resources["nbgrader"]),
            }
        )
        return super().from_filename(filename, resources=resources, **options)


class LooksToo(NbGraderPreprocessor):
    """A step that keeps where it stands."""

    seen = ()

    def preprocess(self, nb, resources):
        LooksToo.seen.append(compat.course_directory(compat.exporter_of(self)))
        return nb, resources


def autograded(folder, timestamp="soon"):
    """A course whose only submission has files that are none of ours, after nbgrader's own `autograde`."""
    Looks.seen, LooksToo.seen = [], []
    small_course(folder).__exit__()
    place = folder / "submitted" / "ada" / NAME
    place.mkdir(parents=True)
    nbformat.write(notebook(), place / f"{NAME}.ipynb")
    (place / "timestamp.txt").write_text(timestamp)
    (folder / "secret").write_text("the solutions")
    (place / "link").symlink_to(folder / "secret")
    (place / "data.csv").write_text("1, 2")
    settings = config()
    settings.CourseDirectory.root = str(folder)
    settings.CourseDirectory.assignment_id = NAME
    settings.Autograde.sanitize_preprocessors = settings.Autograde.autograde_preprocessors = [LooksToo]
    settings.Autograde.exporter_class = Looks
    log = logging.Logger("silent")
    coursedir = CourseDirectory(config=settings, log=log)
    with quiet_nbgrader(), contextlib.suppress(base.NbGraderException):
        Autograde(coursedir=coursedir, config=settings, log=log).start()
    return SimpleNamespace(folder=folder / "autograded" / "ada" / NAME, coursedir=coursedir)


def timestamp_is_read_through_the_course_directory(folder):
    compat.guard()
    after_guard()
    with depends(
        "nbgrader_compat.guard",
        "`autograde` reads timestamp.txt with CourseDirectory.get_existing_timestamp, and only with it. A text that is "
        "no time would stop the submission, and a FIFO the whole run",
    ):
        assert (autograded(folder).folder / f"{NAME}.ipynb").is_file()


def files_are_listed_with_find_all_files(folder):
    compat.guard()
    after_guard()
    with depends(
        "nbgrader_compat.guard",
        "nbgrader.converters.base copies the files that find_all_files lists. A link in a submission would be "
        "followed, and what it leads to copied into feedback",
    ):
        copied = {path.name for path in autograded(folder, "2026-11-18").folder.iterdir()}
        assert copied == {f"{NAME}.ipynb", "timestamp.txt", "data.csv"}


def the_stage_is_told_by_sanitizing(folder):
    with depends(
        "nbgrader_steps.Converted",
        "Autograde._sanitizing is True while a submission is cleaned and False while it is graded. Else it would be "
        "rebuilt twice or never, and the ledger would not be kept",
    ):
        autograded(folder, "2026-11-18")
        assert [seen["stage"] for seen in Looks.seen] == [True, False]


def the_parents_lead_to_the_course(folder):
    with depends(
        "every step and exporter of ours",
        "a step's parent is its exporter, and the exporter's parent the converter, which has `coursedir`",
    ):
        found = autograded(folder, "2026-11-18")
        assert [seen["coursedir"] for seen in Looks.seen] == LooksToo.seen == [found.coursedir] * 2


def an_exporter_is_told_whose_submission_it_is(folder):
    with depends(
        "nbgrader_steps and feedback.Grades",
        "resources['nbgrader'] has the names of student, assignment and notebook, and db_url",
    ):
        found = autograded(folder, "2026-11-18")
        names = {"student": "ada", "assignment": NAME, "notebook": NAME, "db_url": found.coursedir.db_url}
        assert [seen["names"] for seen in Looks.seen] == [names] * 2


# ---------------------------------------------------------------- converters without a course, steps by themselves


def the_steps_around_ours(folder):
    with depends(
        "worker.grade_one",
        "Autograde can be made without a course directory; its lists are sanitize_preprocessors and "
        "autograde_preprocessors; and around Rebuild and Execute they have these steps, which a rebuilt notebook goes "
        "through on both roads. If nbgrader has another step now, decide if it goes into LEFT_OUT",
    ):
        around = compat.steps_around(nbgrader_config(ROOT))
        assert [[type(step).__name__ for step in steps] for steps in around] == [
            ["ClearOutput"],
            ["IgnorePattern", "ClearMetadataPreprocessor", "LimitOutput"],
        ]
        made, resources = notebook(), {"nbgrader": {"notebook": NAME, "assignment": NAME, "student": "ada"}}
        for step in (*around[0], *around[1]):
            made, resources = step(made, resources)
        assert [cell.source for cell in made.cells] == [cell.source for cell in notebook().cells]


def the_exporter_of_feedback(folder):
    with depends(
        "feedback.render",
        "GenerateFeedback can be made without a course directory, has exporter_class and preprocessors, and an "
        "exporter needs nothing else of it",
    ):
        resources = {"nbgrader": {"score": 1, "max_score": 6, "late_penalty": 0, "assignment": NAME, "student": "ada"}}
        exporter = compat.feedback_exporter(nbgrader_config(ROOT))
        page, _ = exporter.from_notebook_node(notebook(), resources=resources)
        assert "Feedback for ada" in page


def an_untouched_cell_has_its_checksum(folder):
    with depends(
        "marking and gradebook",
        "ComputeChecksums writes utils.compute_checksum into a solution cell's metadata under `checksum`. An "
        "explanation that nobody touched would wait for a person, and no cell would get the comment 'No response.'",
    ):
        [cell] = [cell for cell in notebook().cells if cell.metadata.nbgrader["grade_id"] == "blur"]
        del cell.metadata.nbgrader["checksum"]
        released, _ = preprocessors.ComputeChecksums().preprocess_cell(cell, {}, 0)
        assert compat.is_untouched(released)
        released.source += "\nmine"
        assert not compat.is_untouched(released)


def a_timestamp_is_in_utc(folder):
    with depends("the late penalty", "utils.parse_utc gives a time in UTC without a time zone"):
        for text in ("2026-11-20 10:00:00 UTC", "2026-11-20 10:00:00", "2026-11-20T11:00:00+01:00"):
            (folder / "timestamp.txt").write_text(text)
            assert compat.timestamp(folder) == datetime.datetime(2026, 11, 20, 10)


# ---------------------------------------------------------------- the gradebook


def the_tables_of_the_gradebook(folder):
    with (
        depends(
            "gradebook.Gradebook",
            "Grade and Comment have cell_id, notebook_id and the columns that are read and written, GradeCell and "
            "SolutionCell are cells of a Notebook; and a record of a submission has an empty row for each of its cells",
        ),
        small_course(folder) as book,
    ):
        begin_record(book, "ada")
        session, record = book.records.db, book.records.find_submission_notebook(NAME, NAME, "ada")
        assert compat.points_of(session, NAME) == POINTS and compat.points_of(session, "02-sharpen") == {}
        assert compat.solutions_of(session, NAME) == set(SOLUTIONS)
        grades, comments = dict(compat.grades_in(session, record.id)), dict(compat.comments_in(session, record.id))
        assert set(grades) == set(POINTS) and set(comments) == set(SOLUTIONS)
        for name, grade in grades.items():
            assert grade is book.records.find_grade(name, NAME, NAME, "ada")
            assert (grade.auto_score, grade.manual_score, grade.extra_credit) == (None, None, None)
        for name, comment in comments.items():
            assert comment is book.records.find_comment(name, NAME, NAME, "ada")
            assert (comment.comment, comment.auto_comment, comment.manual_comment) == (None, None, None)


def a_late_penalty_can_be_assigned_alone(folder):
    with (
        depends(
            "gradebook.Gradebook.save",
            "AssignLatePenalties works outside an exporter, from the four names in resources['nbgrader'], and reads "
            "nothing of the notebook",
        ),
        small_course(folder, penalty="zero") as book,
    ):
        (folder / "timestamp.txt").write_text("2026-11-20")
        book.save(NAME, "ada", notebook(), folder, results())
        assert book.records.find_submission_notebook(NAME, NAME, "ada").late_submission_penalty == 3


def errors_of_the_database_are_logged_by_tornado(folder):
    with (
        depends(
            "gradebook.Gradebook.save",
            "nbgrader.api logs a database's error to tornado's app_log, and raises InvalidEntry",
        ),
        small_course(folder) as book,
    ):
        heard = Heard()
        nbgraders_log().addHandler(heard)
        try:
            for context, times in ((contextlib.nullcontext(), 1), (compat.database_errors_unlogged(), 1)):
                with quiet_nbgrader(), context, pytest.raises(nbgrader.api.InvalidEntry):
                    book.records.add_assignment(NAME)  # which is there already
                assert heard.times == times
        finally:
            nbgraders_log().removeHandler(heard)
        assert nbgraders_log() is app_log and not app_log.disabled


class Heard(logging.Handler):
    times = 0

    def emit(self, record):
        self.times += 1


def nbgraders_log():
    return nbgrader.api.app_log


def alembic_is_called_by_name(folder):
    with depends(
        "release.quiet_nbgrader", "nbgrader asks for the version of a new gradebook with a program `alembic` in PATH"
    ):
        before = os.environ["PATH"]
        os.environ["PATH"] = ""
        try:
            with quiet_nbgrader():
                assert nbgrader.api.get_alembic_version()
            with pytest.raises(OSError):
                nbgrader.api.get_alembic_version()
        finally:
            os.environ["PATH"] = before


# ---------------------------------------------------------------- nbconvert's text cells


def a_picture_that_is_not_there(folder):
    with depends(
        "safe_html.Renderer",
        "nbconvert's IPythonRenderer takes escape, attachments and exclude_anchor_links, and asks "
        "_embed_image_or_attachment for a picture's address, where a missing one would cost the whole page",
    ):
        text = "![gone](attachment:gone.png) **bold**"
        ours = markdown_mistune.MarkdownWithMath(renderer=compat.MarkdownRenderer()).render(text)
        assert 'alt="gone"' in ours and "<strong>bold</strong>" in ours
        theirs = markdown_mistune.IPythonRenderer(escape=False, attachments={})
        with pytest.raises(markdown_mistune.InvalidNotebook):
            markdown_mistune.MarkdownWithMath(renderer=theirs).render(text)


def formulas_and_headings_are_asked_for_one_by_one(folder):
    with depends(
        "safe_html.Renderer",
        "nbconvert's MarkdownWithMath asks the renderer's inline_math, block_math and heading. A formula would stand "
        "there as TeX, or as whatever TeX holds",
    ):
        html = safe_html.html_of("# Title\n\n$a$\n\n$$b$$", deeper=1, with_formulas=True)
        assert html.count("<math") == 2 and "<h2>Title</h2>" in html and "$" not in html


# ---------------------------------------------------------------- each holds, and a change is noticed


def after_guard():
    """A change of nbgrader that comes after the guard; a test below replaces it."""


def same_again(owner, name, value):
    return lambda patch: patch.setitem(globals(), "after_guard", lambda: patch.setattr(owner, name, value))


def needs_a_course(self, coursedir=None, **options):
    if coursedir is None:
        raise TypeError("a converter needs a course directory")
    was_made(self, coursedir=coursedir, **options)


was_made = BaseConverter.__init__


def with_another_step(patch):
    default = [*Autograde.autograde_preprocessors.default(), preprocessors.ClearHiddenTests]
    patch.setattr(Autograde.autograde_preprocessors, "default", lambda obj=None: default)


def another_log(patch):
    patch.setattr(nbgrader.api, "app_log", logging.Logger("another"))


def another_program(patch):
    def output(command, **options):
        return subprocess.check_output(["sqlalchemy-migrations", *command[1:]], **options)

    patch.setattr(nbgrader.api, "sp", SimpleNamespace(check_output=output))


#: An assumption -> what changes nbgrader so that it does not hold any more.
CHANGES = {
    timestamp_is_read_through_the_course_directory: same_again(
        CourseDirectory, "get_existing_timestamp", own_timestamp
    ),
    files_are_listed_with_find_all_files: same_again(base, "find_all_files", own_files),
    the_stage_is_told_by_sanitizing: lambda patch: patch.setattr(
        Autograde, "_sanitizing", property(lambda self: True, lambda self, value: None)
    ),
    the_parents_lead_to_the_course: lambda patch: patch.setattr(
        LooksToo, "parent", property(lambda self: None, lambda self, value: None)
    ),
    an_exporter_is_told_whose_submission_it_is: lambda patch: patch.setattr(CourseDirectory, "db_url", None),
    the_steps_around_ours: with_another_step,
    the_exporter_of_feedback: lambda patch: patch.setattr(BaseConverter, "__init__", needs_a_course),
    an_untouched_cell_has_its_checksum: lambda patch: patch.setattr(
        preprocessors.ComputeChecksums, "preprocess_cell", lambda self, cell, resources, at: (cell, resources)
    ),
    a_timestamp_is_in_utc: lambda patch: patch.setattr(utils, "parse_utc", datetime.datetime.fromisoformat),
    the_tables_of_the_gradebook: lambda patch: patch.setattr(compat, "BaseCell", nbgrader.api.SourceCell),
    a_late_penalty_can_be_assigned_alone: lambda patch: patch.setattr(
        preprocessors.AssignLatePenalties, "preprocess", lambda self, nb, resources: (nb.cells[0], resources)
    ),
    errors_of_the_database_are_logged_by_tornado: another_log,
    alembic_is_called_by_name: another_program,
    a_picture_that_is_not_there: lambda patch: patch.setattr(
        markdown_mistune.IPythonRenderer, "image", lambda self, text, url, title=None: ""
    ),
    formulas_and_headings_are_asked_for_one_by_one: lambda patch: patch.setattr(
        markdown_mistune.MathInlineParser, "parse_inline_math_tex", lambda self, match, state: match.end()
    ),
}


@pytest.mark.parametrize("assumption", CHANGES, ids=lambda assumption: assumption.__name__)
def test_it_holds(assumption, tmp_path):
    assumption(tmp_path)


@pytest.mark.parametrize("assumption", CHANGES, ids=lambda assumption: assumption.__name__)
def test_a_change_is_noticed(assumption, tmp_path, monkeypatch):
    CHANGES[assumption](monkeypatch)
    with pytest.raises(AssertionError, match=r"^\w.* assumes? of nbgrader [0-9.]+: "):
        assumption(tmp_path)


@pytest.mark.parametrize(("owner", "name"), [(CourseDirectory, "get_existing_timestamp"), (base, "find_all_files")])
def test_the_guard_refuses_an_nbgrader_without_what_it_replaces(owner, name, monkeypatch):
    monkeypatch.delattr(owner, name)
    with pytest.raises(compat.NbgraderChangedError, match=rf"nbgrader [0-9.]+ has no [\w.]+\.{name}, which"):
        compat.guard()


def test_no_file_stays_open(tmp_path):
    """Neither of a time, nor of what a student put in its place."""
    before = set(os.listdir("/proc/self/fd"))
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "timestamp.txt").write_text("2026-11-20")
    (tmp_path / "two" / "timestamp.txt").mkdir(parents=True)
    (tmp_path / "three").mkdir()
    os.mkfifo(tmp_path / "three" / "timestamp.txt")
    found = [compat.timestamp(tmp_path / name) for name in ("one", "two", "three", "none")]
    assert found == [datetime.datetime(2026, 11, 20), None, None, None]
    assert set(os.listdir("/proc/self/fd")) == before


def test_the_guard_can_stand_twice(tmp_path):
    """Each reading of nbgrader_config.py puts it up; what is replaced does not pile up."""
    compat.guard()
    first = CourseDirectory.get_existing_timestamp, base.find_all_files
    compat.guard()
    assert (CourseDirectory.get_existing_timestamp, base.find_all_files) == first
    (tmp_path / "timestamp.txt").write_text("2026-11-20")
    assert CourseDirectory().get_existing_timestamp(str(tmp_path)) == datetime.datetime(2026, 11, 20)
    assert base.find_all_files(str(tmp_path)) == [str(tmp_path / "timestamp.txt")]


def test_the_configuration_of_the_course_puts_up_the_guard():
    nbgrader_config(ROOT)
    assert CourseDirectory.get_existing_timestamp is not own_timestamp and base.find_all_files is not own_files
