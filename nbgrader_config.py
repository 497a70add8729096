"""Where nbgrader finds things in this course, and which plug-ins it runs.

Every command of nbgrader reads this file when it is started in this folder; so does ``python -m autograder``.
"""

from nbgrader import preprocessors
from nbgrader.converters import GenerateAssignment

from autograder.release import ClearSolutions

c = get_config()  # noqa: F821 - traitlets provides it

c.CourseDirectory.course_id = "convolution"
# Made from solutions/ by `make exercises` and `make grade`; nobody edits it.
c.CourseDirectory.source_directory = "_build/source"
c.CourseDirectory.release_directory = "exercises"
# submitted, autograded, feedback and gradebook.db lie in this folder too; git ignores them.

# nbgrader's own steps, with our ClearSolutions in the place of its own.
c.GenerateAssignment.preprocessors = [
    ClearSolutions if step is preprocessors.ClearSolutions else step
    for step in GenerateAssignment.preprocessors.default()
]
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# Seconds for one cell. c.ExecutePreprocessor.timeout would be ignored.
c.Execute.timeout = 60
# Without this every kernel warns that it talks to this process unencrypted, on a port of this machine.
c.Execute.extra_arguments = ["--log-level=ERROR"]
