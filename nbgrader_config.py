"""Where nbgrader finds things in this course, and which plug-ins it runs.

Every command of nbgrader reads this file when it is started in this folder; so does ``python -m autograder``.
"""

from nbgrader import preprocessors
from nbgrader.converters import Autograde, GenerateAssignment

from autograder import plugins

c = get_config()  # noqa: F821 - traitlets provides it

c.CourseDirectory.course_id = "convolution"
# Made from solutions/ by `make exercises` and `make grade`; nobody edits it.
c.CourseDirectory.source_directory = "_build/source"
c.CourseDirectory.release_directory = "exercises"
# submitted, autograded, feedback and gradebook.db lie in this folder too; git ignores them.

# nbgrader's own steps, with ours in the place of two of them.
ours = {
    preprocessors.ClearSolutions: plugins.ClearSolutions,
    preprocessors.DeduplicateIds: plugins.DeduplicateIds,
}
c.GenerateAssignment.preprocessors = [ours.get(step, step) for step in GenerateAssignment.preprocessors.default()]
c.Autograde.sanitize_preprocessors = [ours.get(step, step) for step in Autograde.sanitize_preprocessors.default()]
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# Seconds for one cell. c.ExecutePreprocessor.timeout would be ignored.
c.Execute.timeout = 60
# Without this every kernel warns that it talks to this process unencrypted, on a port of this machine.
c.Execute.extra_arguments = ["--log-level=ERROR"]
