"""A file that is checked: what runs, which functions are asked, and what a row says."""

import json

import pytest
from own_files import MACS, PAIR, PARAMS, TORCH, message, outcomes
from places import ROOT

from autograder.__main__ import main
from autograder.course import EXERCISES
from autograder.own_file.check_file import check_file
from autograder.own_file.reading import UnreadableError


def test_a_known_mistake_has_its_id_and_costs_its_own_aspect(look, write):
    file = write("a.py", PAIR, PARAMS, MACS.replace("return ", "return 2 * "))
    report = look(file)
    assert report.exit_code == 1
    rows = {row["aspect"]: row for row in report.rows if row["exercise"] == "conv2d_macs"}
    assert rows["values"]["mistake"] == "flops-not-macs"
    assert [row["passed"] for row in rows.values()] == [False, True, True]
    assert set(outcomes(report, "conv2d_params").values()) == {True}


def test_a_function_asked_for_and_not_there_could_not_be_checked(look, write):
    report = look(write("a.py", PAIR, MACS), "conv2d_macs", "conv2d_params")
    assert report.exit_code == 2
    assert set(outcomes(report, "conv2d_macs").values()) == {True}
    assert set(outcomes(report, "conv2d_params").values()) == {None}
    assert message(report, "conv2d_params") == "conv2d_params, values: a.py does not define conv2d_params"


def test_the_seed_draws_other_data(look, write):
    file = write("a.py", "def conv2d_macs(*sizes): return 0")
    first, again, other = (message(look(file, seed=seed), "conv2d_macs") for seed in (1, 1, 2))
    assert first == again != other


def test_a_failing_further_aspect_fails_the_run_and_costs_nothing(look, write):
    file = write(
        "a.py",
        "import numpy as np",
        "from convolution.reference import correlate2d as right",
        "def correlate2d(image, kernel, stride=1, padding=0, dilation=1):",
        "    return right(image, kernel, stride, padding)",
    )
    report = look(file)
    assert [row["aspect"] for row in report.rows if not row["passed"]] == ["dilation"]
    assert report.exit_code == 1
    assert sum(row["points"] for row in report.rows) == sum(EXERCISES["correlate2d"].points.values())


def test_a_file_with_none_of_the_functions_has_nothing_to_check(write, capsys):
    assert main(["check", str(write("a.py", "def convolution(x): return x")), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"results": []}
    assert "a.py defines none of the course's functions (window_sum, output_size, " in err


def test_a_python_file_with_a_syntax_error_does_not_run_at_all(write, capsys):
    assert main(["check", str(write("a.py", PAIR, MACS, "x = = 1")), "--json"]) == 2
    out, err = capsys.readouterr()
    assert [row["passed"] for row in json.loads(out)["results"]] == [None, None, None]
    assert err.count("syntax error") == 1
    assert "a.py does not run at all: syntax error in a.py, line 8: invalid syntax" in err


def test_a_cell_that_fails_does_not_stop_the_others(look, write):
    file = write("a.ipynb", "import nowhere_to_be_found", PAIR + "1 / 0\nleft = out", MACS, "conv2d_macs(3, 2)")
    report = look(file)
    assert report.exit_code == 0
    assert report.notes[1] == "code cell 2, line 3: ZeroDivisionError: division by zero\n      1 / 0"
    assert [note.split(",")[0] for note in report.notes] == ["code cell 1", "code cell 2", "code cell 4"]


def test_a_python_file_goes_on_after_an_error(look, write):
    report = look(write("a.py", PAIR, "1 / 0", MACS, "", "oops", PARAMS))
    assert report.exit_code == 0
    assert [note.splitlines()[0] for note in report.notes] == [
        "a.py, line 4: ZeroDivisionError: division by zero",
        "a.py, line 10: NameError: name 'oops' is not defined",
    ]


def test_a_cell_that_stops_before_its_function_says_so(look, write):
    report = look(write("a.ipynb", "1 / 0\n" + PAIR + MACS))
    assert report.exit_code == 1
    assert message(report, "conv2d_macs") == (
        "conv2d_macs, values: conv2d_macs was never defined, because its cell stopped before. "
        "code cell 1, line 1: ZeroDivisionError: division by zero\n      1 / 0"
    )


def test_an_emptied_solution_cell_is_failed(look, write):
    report = look(write("a.ipynb", PAIR, ("conv2d_macs", "# later"), ("conv2d_params", PARAMS)))
    assert "code cell 2 does not define conv2d_macs" in message(report, "conv2d_macs")
    assert set(outcomes(report, "conv2d_macs").values()) == {False}
    assert set(outcomes(report, "conv2d_params").values()) == {True}


def test_a_name_that_is_no_function_any_more_is_explained(look, write):
    report = look(write("a.ipynb", PAIR, MACS, "conv2d_macs = conv2d_macs(3, 5, 7, 11)"))
    assert "conv2d_macs is 88935 (a int), not a function" in message(report, "conv2d_macs")


def test_a_variable_with_a_functions_name_is_no_exercise(look, write):
    report = look(write("a.ipynb", PAIR, MACS, "output_size = 4"))
    assert {row["exercise"] for row in report.rows} == {"conv2d_macs"}


def test_what_is_imported_from_the_course_is_a_tool_unless_it_is_all_there_is(look, write):
    tool = "from convolution.reference import conv2d_params\n"
    assert {row["exercise"] for row in look(write("a.py", tool, PAIR, MACS)).rows} == {"conv2d_macs"}
    assert {row["exercise"] for row in look(write("b.py", tool)).rows} == {"conv2d_params"}


def test_what_a_locked_cell_gives_is_a_tool(look):
    """02-regular builds on output_size, and gives it."""
    report = look(ROOT / "exercises" / "02-regular" / "02-regular.ipynb")
    assert {row["exercise"] for row in report.rows if row["message"].endswith("not written yet")} == {
        "conv2d",
        "conv2d_torch",
        "conv2d_params",
        "conv2d_macs",
    }
    assert {row["exercise"] for row in report.rows} == {name for name in EXERCISES if name.startswith("conv2d")}


def test_graded_cells_and_the_scripts_own_part_are_left_out(look, write, printed):
    file = write(
        "a.ipynb",
        "from autograder import check, check_answer, progress, reveal\nprediction = None",
        'check(conv2d_macs, "conv2d_macs-values")',
        'check_answer(prediction, "predict-regular")',
        'reveal(prediction, "predict-regular")',
        'progress("02-regular", globals())',
        PAIR + MACS + 'if __name__ == "__main__":\n    print("as a script")\n',
    )
    report = look(file)
    assert (report.exit_code, report.notes, printed) == (0, [], [])


def test_magics_shell_lines_and_notebook_tools_do_no_harm(look, write, printed):
    file = write(
        "a.ipynb",
        "%matplotlib inline\n%load_ext autoreload\n!ls /\nfiles = !ls\nimport math",
        "%%bash\nrm -rf /tmp/nothing",
        "%%time\n" + PAIR,
        "display('shown')\nget_ipython().run_line_magic('matplotlib', 'inline')\n" + MACS,
    )
    report = look(file)
    assert (report.exit_code, report.notes) == (0, [])
    assert "".join(printed) == "shown\n"


def test_input_says_that_nobody_is_there(look, write):
    report = look(write("a.py", "size = int(input('size? '))", "def conv2d_macs(*sizes): return input()"))
    assert "input('size? ') waits for somebody to type, and nobody is there" in report.notes[0]
    assert "nobody is there" in message(report, "conv2d_macs")


def test_files_beside_it_are_found_and_do_not_replace_the_courses_modules(look, write, tmp_path):
    write("mine.py", PAIR)
    write("random.py", "raise ImportError('not the real one')")
    (tmp_path / "data.csv").write_text("1,2")
    report = look(write("a.py", "from mine import pair", "open('data.csv').close()", MACS))
    assert (report.exit_code, report.notes) == (0, [])


def test_a_future_import_and_dataclasses_work_as_in_one_piece(look, write):
    file = write(
        "a.ipynb",
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Layer:\n    next: Layer | None = None\n" + PAIR + MACS,
    )
    report = look(file)
    assert (report.exit_code, report.notes) == (0, [])


def test_a_plot_needs_no_screen(look, write):
    pytest.importorskip("matplotlib")
    file = write("a.py", PAIR, MACS, "import matplotlib", "assert matplotlib.get_backend().lower() == 'agg'")
    assert look(file).notes == []


def test_tracebacks_show_the_cell(look, write):
    report = look(write("a.ipynb", PAIR, "def conv2d_macs(*sizes):\n    return sizes[17]"))
    assert "at line 2: return sizes[17]" in message(report, "conv2d_macs")


def test_what_a_function_prints_is_shown_once(look, write, printed):
    look(write("a.py", PAIR, "def conv2d_params(*sizes, bias=True): print('again'); return 0"))
    assert "".join(printed) == "(conv2d_params printed)\nagain\n"


def test_a_check_that_fails_itself_is_never_the_students_fault(write, monkeypatch, capsys, tmp_path_factory):
    """Our own bug: could not be made, exit 2, and the message says whose fault it is."""
    folder = tmp_path_factory.mktemp("broken")
    broken = "import autograder.checks\ndef judge(*a, **k): raise KeyError('ours')\nautograder.checks.judge = judge\n"
    (folder / "breaks_the_checks.py").write_text(broken)
    file = write("a.py", "import breaks_the_checks", PAIR, MACS)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    assert main(["check", str(file), "--json"]) == 2
    rows = json.loads(capsys.readouterr().out)["results"]
    assert [row["passed"] for row in rows] == [None] * 3
    assert "the check itself failed (KeyError: 'ours'); please report this" in rows[0]["message"]


def test_no_known_function_and_not_readable_are_different_things(write):
    with pytest.raises(UnreadableError, match="neither a notebook"):
        check_file(write("a.md", "# nothing"))


# --- torch ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def without_torch(tmp_path_factory, monkeypatch):
    """A machine where torch cannot be imported."""
    folder = tmp_path_factory.mktemp("no_torch")
    (folder / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.usefixtures("without_torch")
def test_without_torch_its_exercises_could_not_be_checked_and_the_others_count(look, write):
    report = look(write("a.ipynb", PAIR + MACS, TORCH))
    assert report.exit_code == 2
    assert set(outcomes(report, "conv2d_macs").values()) == {True}
    assert set(outcomes(report, "conv2d_torch").values()) == {None}
    assert "torch cannot be imported" in message(report, "conv2d_torch")
    assert "python -m pip install torch" in message(report, "conv2d_torch")


@pytest.mark.usefixtures("without_torch")
def test_a_numpy_function_in_a_cell_that_imports_torch_could_not_be_checked(look, write):
    report = look(write("a.ipynb", "import torch\n" + PAIR + MACS))
    assert report.exit_code == 2
    assert "No module named 'torch'" in message(report, "conv2d_macs")
    assert "move the import out of the cell of conv2d_macs" in message(report, "conv2d_macs")


@pytest.mark.usefixtures("without_torch")
def test_a_failed_check_outweighs_one_that_could_not_be_made(look, write):
    assert look(write("a.py", TORCH, "def conv2d_macs(*sizes): return 0")).exit_code == 1


def test_without_a_gpu_cuda_could_not_be_checked(look, write, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("torch_without_cuda")
    (folder / "torch.py").write_text("class cuda:\n    is_available = staticmethod(lambda: False)\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    report = look(write("a.py", TORCH, PAIR, MACS), device="cuda")
    assert set(outcomes(report, "conv2d_torch").values()) == {None}
    assert "no CUDA device" in message(report, "conv2d_torch")
    assert set(outcomes(report, "conv2d_macs").values()) == {True}
