"""Where nbgrader finds things in this course, and which plug-ins it runs.

Every command of nbgrader reads this file when it is started in this folder; so does ``python -m autograder``.
"""

from nbgrader import preprocessors
from nbgrader.converters import Autograde, GenerateAssignment

from autograder.grading import feedback, nbgrader_compat, nbgrader_steps, safe_html
from autograder.grading.exchange import nbgrader_csv
from autograder.releasing.clear_solutions import ClearSolutions

c = get_config()  # noqa: F821 - traitlets provides it

c.CourseDirectory.course_id = "convolution"
# Made from solutions/ by `make exercises` and `make grade`; nobody edits it.
c.CourseDirectory.source_directory = "_build/source"
c.CourseDirectory.release_directory = "exercises"
# submitted, autograded, feedback and gradebook.db lie in this folder too; git ignores them.

# nbgrader's own steps, with ours in the place of some of them.
ours = {preprocessors.ClearSolutions: ClearSolutions, preprocessors.Execute: nbgrader_steps.Execute}
c.GenerateAssignment.preprocessors = [ours.get(step, step) for step in GenerateAssignment.preprocessors.default()]
# A submission is rebuilt before anything of it is believed; what nbgrader does about copied cells is part of that.
sanitize = [step for step in Autograde.sanitize_preprocessors.default() if step is not preprocessors.DeduplicateIds]
c.Autograde.sanitize_preprocessors = [nbgrader_steps.Rebuild, *sanitize]
c.Autograde.autograde_preprocessors = [ours.get(step, step) for step in Autograde.autograde_preprocessors.default()]
c.Autograde.exporter_class = nbgrader_steps.Converted
nbgrader_compat.guard()
c.ExportApp.plugin_class = nbgrader_csv.Export
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# What student code may use: autograder/student_code/limits.py has the names and the defaults.
c.Execute.limits = {}
# True: each student's work is checked with data of its own, drawn from the course's seed and the student's name.
c.Execute.own_data = False

# The page of feedback is ours; without these two lines it is nbgrader's.
c.GenerateFeedback.preprocessors = [feedback.Grades]
c.GenerateFeedback.exporter_class = feedback.Page

# What students write in text cells is HTML to a browser; formgrader shows none of its scripts, and feedback neither.
c.HTMLExporter.filters = {"markdown2html": safe_html.markdown2html}
c.HTMLExporter.sanitize_html = True
