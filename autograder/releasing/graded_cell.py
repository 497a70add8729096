"""A graded code cell: one line that names a check. It is taken apart here, and never run."""

import ast

#: Ends the name of the cell where a student makes a prediction: "predict-window-answer" answers "predict-window".
ANSWER = "-answer"


def graded_call(code):
    """Take a graded cell apart: the checker, what it checks, the ID; None for any other code.

    Examples
    --------
    >>> graded_call('check(conv2d, "conv2d-stride")')
    ('check', 'conv2d', 'conv2d-stride')
    >>> graded_call('print(1); check(conv2d, "conv2d-stride")') is None
    True
    """
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return None
    match body:
        case [
            ast.Expr(
                ast.Call(
                    ast.Name("check" | "check_answer" as checker),
                    [ast.Name(subject), ast.Constant(str(grade_id))],
                    [],
                )
            )
        ]:
            # The form is one line with nothing beside it, no comment either.
            return (checker, subject, grade_id) if ast.unparse(body[0]) == code.replace('"', "'") else None
    return None
