"""nbgrader's step that takes the solutions out, with another replacement for the answer to a prediction."""

from nbgrader import preprocessors
from traitlets import Unicode

from autograder.releasing.graded_cell import ANSWER


class ClearSolutions(preprocessors.ClearSolutions):
    """nbgrader's own, but a prediction is replaced by a comment: a stub that raises would stop its cell."""

    answer_stub = Unicode("# YOUR ANSWER HERE", help="The line that replaces a prediction.").tag(config=True)

    def preprocess_cell(self, cell, resources, cell_index):
        code_stub = self.code_stub
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith(ANSWER):
            self.code_stub = {**code_stub, "python": self.answer_stub}
        try:
            return super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = code_stub
