"""`pytest` in a student's folder: each notebook's checks as named tests, `02-regular.ipynb::conv2d-stride`.

A notebook is collected where its name is an assignment's or it writes one of the course's functions. It runs once,
as in `python -m autograder check`, and every test reads its verdict. A failure is the check's message and nothing
else. What could not be checked is skipped, and so is a further aspect that is not done: it carries no points.
"""

import pytest

from autograder.course import ASSIGNMENTS, EXERCISES, exercises_of
from autograder.own_file.reading import known_names, read
from autograder.untrusted_notebook import UnreadableError


def pytest_collect_file(file_path, parent):
    if file_path.suffix != ".ipynb":
        return None
    if file_path.stem in ASSIGNMENTS or _known(file_path):
        return NotebookFile.from_parent(parent, path=file_path)
    return None


def _known(path):
    try:
        return known_names(read(path))
    except UnreadableError:
        return []  # somebody else's notebook, for all we know


class CheckFailure(Exception):
    """A check that failed; its text is what the student reads."""


class NotebookFile(pytest.File):
    """One notebook and the verdicts on it."""

    rows = None

    def collect(self):
        try:
            known = known_names(read(self.path))
        except UnreadableError as error:
            raise self.CollectError(str(error)) from None
        expected = [exercise.name for exercise in exercises_of(self.path.stem)]
        for name in dict.fromkeys([*known, *expected]):
            for aspect in EXERCISES[name].points:
                yield CheckItem.from_parent(self, name=f"{name}-{aspect}", exercise=name, aspect=aspect)

    def row(self, item):
        """The verdict an item asks for. The first one runs the file, for the functions that were chosen."""
        if self.rows is None:
            from autograder.own_file.check_file import check_file

            asked = [other for other in self.session.items if getattr(other, "parent", None) is self] or [item]
            printed = []
            try:
                report = check_file(
                    self.path, list(dict.fromkeys(other.exercise for other in asked)), show=printed.append
                )
            except UnreadableError as error:  # it was readable when it was collected
                pytest.skip(str(error))
            self.rows = {(row["exercise"], row["aspect"]): row for row in report.rows}
            self.notes = "\n".join(report.notes)
            self.printed = "".join(printed)
        return self.rows[item.exercise, item.aspect]

    def besides(self):
        """What else there is to say about the file; only the first failure says it."""
        said = [("cells that stopped", self.notes), ("printed by the notebook", self.printed)]
        self.notes = self.printed = ""
        return [(title, text) for title, text in said if text]


class CheckItem(pytest.Item):
    """One aspect of one function."""

    def __init__(self, *, exercise, aspect, **other):
        super().__init__(**other)
        self.exercise, self.aspect = exercise, aspect

    def runtest(self):
        row = self.parent.row(self)
        self.user_properties += [(key, row[key]) for key in ("points", "max_points")]
        if row["passed"] is None:
            pytest.skip(row["message"])
        if not row["passed"] and not row["max_points"]:
            pytest.skip(f"further: {row['message']}")
        if not row["passed"]:
            for title, text in self.parent.besides():
                self.add_report_section("call", title, text)
            raise CheckFailure(row["message"])

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, CheckFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, self.name


def pytest_terminal_summary(terminalreporter):
    """The points, and why something was not checked: a skip would say neither."""
    from autograder.own_file.report import last_line

    rows, open_ = [], []
    for outcome, passed in (("passed", True), ("failed", False), ("skipped", None)):
        for report in terminalreporter.stats.get(outcome, []):
            properties = dict(getattr(report, "user_properties", ()))
            if "max_points" not in properties or report.when != "call":
                continue
            reason = report.longrepr[2].removeprefix("Skipped: ") if outcome == "skipped" else ""
            if not reason.startswith("further: "):
                rows.append({"passed": passed, **properties})
            if reason:
                open_.append(reason.splitlines()[0])
    if not rows:
        return
    terminalreporter.section("autograder")
    for reason in _said_once(open_):
        terminalreporter.line(reason)
    terminalreporter.line(last_line(rows))


def _said_once(reasons):
    """Reasons like "NAME, ASPECT: why", those with the same why for one function in one line.

    Examples
    --------
    >>> _said_once(["f, values: no torch", "f, bias: no torch", "further: g, dilation: not written yet"])
    ['f: no torch (2 checks)', 'further: g, dilation: not written yet']
    """
    alike = {}
    for reason in reasons:
        check, _, why = reason.partition(": ")
        alike.setdefault((check.split(",")[0], why), []).append(reason)
    return [same[0] if len(same) == 1 else f"{who}: {why} ({len(same)} checks)" for (who, why), same in alike.items()]
