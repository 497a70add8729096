"""What nbgrader plugs in, where its own step does not do for this course; nbgrader_config.py says where."""

from nbgrader import preprocessors
from traitlets import Unicode

from autograder.release import ANSWER


class ClearSolutions(preprocessors.ClearSolutions):
    """nbgrader's own, but a prediction is replaced by a comment: a stub that raises would stop its cell."""

    answer_stub = Unicode("# YOUR ANSWER HERE", help="What replaces a prediction.").tag(config=True)

    def preprocess_cell(self, cell, resources, cell_index):
        code_stub = self.code_stub
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith(ANSWER):
            self.code_stub = {**code_stub, "python": self.answer_stub}
        try:
            return super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = code_stub


class DeduplicateIds(preprocessors.DeduplicateIds):
    """nbgrader's own, of copied cells the last counts; but the others become the student's own cells.

    nbgrader leaves them empty metadata, takes these for those of an old version, and gives up.
    """

    def preprocess_cell(self, cell, resources, cell_index):
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
        return cell, resources
