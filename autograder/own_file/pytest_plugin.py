"""`pytest` in a student's folder: each notebook's checks as named tests, `02-regular.ipynb::conv2d-stride`.

A notebook is collected if it is named as an assignment, or writes a function of the course. It runs once, as in
`python -m autograder check`, and every test reads its verdict. A failure is the check's message and nothing else. What
could not be checked is skipped, and so is a further aspect that is not done: it carries no points.
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
        return []  # most likely no notebook of this course


class CheckFailure(Exception):
    """A check that failed; its text is what the student reads."""


class NotebookFile(pytest.File):
    """A notebook, its tests, and the verdicts on it once it has run."""

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
        """The verdict that an item asks for. The first item runs the file, for all functions that were chosen."""
        if self.rows is None:
            from autograder.own_file.check_file import check_file

            chosen = [other for other in self.session.items if getattr(other, "parent", None) is self] or [item]
            names, printed = list(dict.fromkeys(other.exercise for other in chosen)), []
            try:
                report = check_file(self.path, names, show=printed.append)
            except UnreadableError as error:  # it was readable when it was collected
                pytest.skip(str(error))
            self.rows = {(row["exercise"], row["aspect"]): row for row in report.rows}
            self.notes = "\n".join(report.notes)
            self.printed = "".join(printed)
        return self.rows[item.exercise, item.aspect]

    def sections(self):
        """(title, text) of the sections beside the first failure of the file; nothing for later ones."""
        sections = [("cells that stopped", self.notes), ("printed by the notebook", self.printed)]
        self.notes = self.printed = ""
        return [(title, text) for title, text in sections if text]


class CheckItem(pytest.Item):
    """The test of one aspect of one function."""

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
            for title, text in self.parent.sections():
                self.add_report_section("call", title, text)
            raise CheckFailure(row["message"])

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, CheckFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, self.name


def pytest_terminal_summary(terminalreporter):
    """Print the points, and why something was not checked: pytest's own lines say neither."""
    from autograder.own_file.report import last_line

    rows, reasons = [], []
    for outcome, passed in (("passed", True), ("failed", False), ("skipped", None)):
        for report in terminalreporter.stats.get(outcome, []):
            properties = dict(getattr(report, "user_properties", ()))
            if "max_points" not in properties or report.when != "call":
                continue
            reason = report.longrepr[2].removeprefix("Skipped: ") if outcome == "skipped" else ""
            if not reason.startswith("further: "):
                rows.append({"passed": passed, **properties})
            if reason:
                reasons.append(reason.splitlines()[0])
    if not rows:
        return
    terminalreporter.section("autograder")
    for reason in _merged(reasons):
        terminalreporter.line(reason)
    terminalreporter.line(last_line(rows))


def _merged(reasons):
    """Lines "NAME, ASPECT: reason", with one line for the aspects of a function that have the same reason.

    Examples
    --------
    >>> _merged(["f, values: no torch", "f, bias: no torch", "further: g, dilation: not written yet"])
    ['f: no torch (2 checks)', 'further: g, dilation: not written yet']
    """
    groups = {}
    for line in reasons:
        check, _, reason = line.partition(": ")
        groups.setdefault((check.split(",")[0], reason), []).append(line)
    return [
        lines[0] if len(lines) == 1 else f"{name}: {reason} ({len(lines)} checks)"
        for (name, reason), lines in groups.items()
    ]
