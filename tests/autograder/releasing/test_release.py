"""What students get: current, without a solution in it, the same byte for byte, and worth nothing as it comes."""

import json
import re
import shutil
import subprocess

import pytest
from places import ROOT

from autograder.course import ASSIGNMENTS, exercises_of, graded_cells
from autograder.releasing import release


def course(folder):
    """The files a release is made from, in a folder of their own."""
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    shutil.copy(ROOT / release.CONFIG, folder)
    return folder


def quiet(line):
    """No report."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course folder with a fresh release of everything."""
    folder = course(tmp_path_factory.mktemp("course"))
    release.release(folder, report=quiet)
    return folder


def notebook(path):
    return json.loads(path.read_text(encoding="utf-8"))


def released(root, assignment):
    return notebook(root / "exercises" / assignment / f"{assignment}.ipynb")


def source(root, assignment):
    return notebook(root / release.SOURCE / assignment / f"{assignment}.ipynb")


def nbgrader(cell):
    return cell["metadata"].get("nbgrader", {})


def text(cell):
    return "".join(cell["source"])


def kind(cell):
    """What nbgrader does with a cell."""
    about = nbgrader(cell)
    return tuple(key for key in ("grade", "solution", "locked") if about.get(key))


# --- current ---------------------------------------------------------------------------------------------------


def not_current(made, root):
    """The files of exercises/ that are not what solutions/ gives."""

    def files(folder):
        found = [path for path in (folder / "exercises").rglob("*") if path.is_file()]
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in found
            if ".ipynb_checkpoints" not in path.parts
        }

    new, old = files(made), files(root)
    return sorted(name for name in new | old if new.get(name) != old.get(name))


def test_exercises_are_current(made):
    assert not not_current(made, ROOT), "run `make exercises` and commit"


def test_an_outdated_exercise_is_found(made, tmp_path):
    root = shutil.copytree(made, tmp_path / "course")
    path = root / "exercises" / "01-window" / "01-window.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("A window that slides", "A window"), encoding="utf-8")
    (root / "exercises" / "00-start" / "left-over.csv").write_text("1,2")
    found = not_current(made, root)
    assert found == ["exercises/00-start/left-over.csv", "exercises/01-window/01-window.ipynb"]


def test_released_twice_is_the_same(made, tmp_path):
    again = course(tmp_path)
    (again / "nowhere").mkdir()
    release.release(again, destination=again / "nowhere", report=quiet)
    for assignment in ASSIGNMENTS:
        name = f"{assignment}/{assignment}.ipynb"
        assert (again / "nowhere" / name).read_bytes() == (made / "exercises" / name).read_bytes()
    assert not (again / "exercises").exists()


def test_unchanged_files_are_left_alone(made, tmp_path):
    root = shutil.copytree(made, tmp_path / "course")
    before = {path: path.stat().st_mtime_ns for path in root.glob("exercises/*/*")}
    said = []
    release.release(root, report=said.append)
    assert {path: path.stat().st_mtime_ns for path in root.glob("exercises/*/*")} == before
    assert len(said) == 2 * len(ASSIGNMENTS)
    assert all(line.endswith("(unchanged)") for line in said)


def test_only_the_assignments_asked_for(tmp_path):
    root = course(tmp_path)
    paths = release.release(root, ["00-start"], report=quiet)
    assert paths == [root / "exercises" / "00-start" / "00-start.ipynb"]
    assert [path.name for path in (root / "exercises").iterdir()] == ["00-start"]


# --- nothing of a solution -------------------------------------------------------------------------------------


def secret_lines(assignment, folder=ROOT):
    """Lines that stand only in solution regions, or in the sample answer that a person marks by."""
    secret, public, inside = set(), set(), False
    for cell in release.convert(
        (folder / "solutions" / assignment / f"{assignment}.md").read_text(encoding="utf-8"), assignment, assignment
    ).cells:
        answer = kind(cell) == ("grade", "solution")
        for line in cell.source.splitlines():
            if release.BEGIN in line or release.END in line:
                inside = release.BEGIN in line
                secret.add(line.strip())
            else:
                (secret if inside or answer else public).add(line.strip())
    return {line for line in secret - public if line}


def leaks(root, assignment):
    """The lines of an exercise that are lines of its solution."""
    lines = {line.strip() for cell in released(root, assignment)["cells"] for line in text(cell).splitlines()}
    return lines & secret_lines(assignment)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_line_of_a_solution_is_released(assignment):
    secret = secret_lines(assignment)
    assert len(secret) >= 3 * len(exercises_of(assignment)), "too few to prove anything"
    assert not leaks(ROOT, assignment)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_leak_is_found(made, tmp_path, assignment):
    root = shutil.copytree(made, tmp_path / "course")
    solved, path = source(root, assignment), root / "exercises" / assignment / f"{assignment}.ipynb"
    given = notebook(path)
    name = exercises_of(assignment)[-1].name
    [solution] = [cell for cell in solved["cells"] if nbgrader(cell).get("grade_id") == name]
    [stub] = [cell for cell in given["cells"] if nbgrader(cell).get("grade_id") == name]
    stub["source"] = solution["source"]
    path.write_text(json.dumps(given), encoding="utf-8")
    assert leaks(root, assignment)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_solution_cells_keep_signature_and_docstring(assignment):
    cells = {nbgrader(cell).get("grade_id"): text(cell) for cell in released(ROOT, assignment)["cells"]}
    for exercise in exercises_of(assignment):
        code = cells[exercise.name]
        keyword, indent = ("class", " " * 8) if exercise.kind.keyword == "class" else ("def", " " * 4)
        assert f"{keyword} {exercise.name}(" in code
        assert '"""' in code
        assert code.rstrip().endswith(f"\n{indent}# YOUR CODE HERE\n{indent}raise NotImplementedError()")
        compile(code, exercise.name, "exec")
    prediction = cells[ASSIGNMENTS[assignment].prediction + release.ANSWER]
    assert prediction == "prediction = None\n# YOUR ANSWER HERE"


# --- form ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_graded_code_cells_are_one_check(assignment):
    for cell in released(ROOT, assignment)["cells"]:
        if kind(cell) == ("grade", "locked"):
            checker, subject, grade_id = release.graded_call(text(cell))
            assert grade_id == nbgrader(cell)["grade_id"]
            assert (checker == "check_answer") == (subject == "prediction") == grade_id.startswith("predict-")


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_points_are_the_catalogues(assignment):
    points = {
        nbgrader(cell)["grade_id"]: nbgrader(cell)["points"]
        for cell in released(ROOT, assignment)["cells"]
        if nbgrader(cell).get("grade")
    }
    assert points == graded_cells(assignment)
    assert sum(points.values()) == (2 if assignment == "00-start" else 20)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_students_write_in_solution_cells_and_cells_of_their_own(assignment):
    for cell in released(ROOT, assignment)["cells"]:
        if cell["cell_type"] == "code":
            free = kind(cell) in ((), ("solution",))
            assert cell["metadata"].get("editable", True) is free, cell["id"]
            assert free or cell["metadata"]["deletable"] is False


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_nothing_of_the_machine_is_in_it(assignment):
    made = released(ROOT, assignment)
    assert made["metadata"] == {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    for cell in made["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "deletable", "editable"}


def test_jupyter_finds_nothing_to_mend():
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    for assignment in ASSIGNMENTS:
        path = ROOT / "exercises" / assignment / f"{assignment}.ipynb"
        read = nbformat.read(path, as_version=4)
        nbformat.validate(read)
        MetadataValidator().validate_nb(read)
        # What Jupyter would save is what is there, so opening it changes nothing.
        assert nbformat.writes(read) + "\n" == path.read_text(encoding="utf-8")


def outputs_in(path):
    return [
        cell["id"] for cell in notebook(path)["cells"] if cell.get("outputs") or cell.get("execution_count") is not None
    ]


def test_no_notebook_in_git_has_outputs(tmp_path):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    paths = [ROOT / line for line in listed.stdout.split() if (ROOT / line).is_file()]
    if listed.returncode:  # an unpacked archive has no git
        paths = [path for path in ROOT.glob("*/*/*.ipynb") if not path.parts[-3].startswith((".", "_"))]
    assert len(paths) >= len(ASSIGNMENTS)
    given = [path for path in paths if "tests" not in path.relative_to(ROOT).parts]
    assert {path.name: outputs_in(path) for path in given} == {path.name: [] for path in given}
    run = notebook(given[0])
    next(cell for cell in run["cells"] if cell["cell_type"] == "code")["execution_count"] = 1
    (tmp_path / "run.ipynb").write_text(json.dumps(run), encoding="utf-8")
    assert len(outputs_in(tmp_path / "run.ipynb")) == 1


# --- ids -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_ids_are_unique_and_follow_from_names(assignment):
    ids = [cell["id"] for cell in released(ROOT, assignment)["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in released(ROOT, assignment)["cells"]:
        assert cell["id"] == nbgrader(cell).get("grade_id", cell["id"])
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])


def test_a_paragraph_more_renames_no_code_cell():
    path = ROOT / "solutions" / "01-window" / "01-window.md"
    before = path.read_text(encoding="utf-8")
    after = before.replace("\n## Predict\n", "\n## First of all\n\n+++\n\nA paragraph more.\n\n+++\n\n## Predict\n")
    assert after != before

    def code(md):
        return {
            cell.id: cell.source for cell in release.convert(md, "01-window", "x.md").cells if cell.cell_type == "code"
        }

    assert code(after) == code(before)


# --- worth nothing as it comes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_release_scores_nothing(assignment, capsys):
    """Every cell in one namespace, from top to bottom, as Jupyter's Run All Cells does when told to go on."""
    earned, space = {}, {}
    for cell in released(ROOT, assignment)["cells"]:
        if cell["cell_type"] != "code":
            continue
        try:
            exec(compile(text(cell), cell["id"], "exec"), space)
        except (NotImplementedError, AssertionError):
            continue  # a stub, or a check of one
        if nbgrader(cell).get("grade"):
            earned[cell["id"]] = nbgrader(cell)["points"]
    assert earned == {}


# --- what an author reads when a source is wrong ---------------------------------------------------------------

START = "solutions/00-start/00-start.md"


def broken(old, new):
    before = (ROOT / START).read_text(encoding="utf-8")
    assert before.count(old) == 1, (before.count(old), old)
    return before.replace(old, new)


CHECK = 'check(window_sum, "window_sum-values")'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (CHECK, 'check(window_sum, "window_sum-value")', "00-start has no graded cell 'window_sum-value'; it has"),
        (CHECK, f"{CHECK}\nprint('right')", "window_sum-values is not graded; add a cell of one line"),
        (CHECK, f"{CHECK}  # right?", "window_sum-values is not graded; add a cell of one line"),
        (CHECK, 'check(sum, "window_sum-values")', "check(sum, 'window_sum-values') should check window_sum"),
        (
            CHECK,
            'check_answer(window_sum, "window_sum-values")',
            "check_answer(window_sum, 'window_sum-values') should be check",
        ),
        (
            CHECK,
            f"{CHECK}\n```\n\n```{{code-cell}}\n{CHECK}",
            "a second cell for 'window_sum-values'; the first is at solutions/00-start/00-start.md, line ",
        ),
        (":tags: [solution:window_sum]", ":tags: [solution:window]", "00-start does not ask for solution:window, but"),
        (":tags: [solution:window_sum]", "", "a solution region in a cell that students get as it is"),
        (":tags: [solution:window_sum]", ":tags: [solution]", "00-start does not ask for solution:, but"),
        (
            ":tags: [solution:window_sum]",
            ":tags: [solution:window_sum, scratch]",
            "the cell has the tags solution:window_sum, scratch; one at most",
        ),
        (":tags: [scratch]", ":tags: [hide-input]", "the tag 'hide-input' is unknown; there are solution:NAME"),
        (":tags: [scratch]", ":collapsed: true", "collapsed is set; only tags may be"),
        (
            "    # A slice leaves its end out",
            "    ### BEGIN SOLUTION\n    # A slice leaves its end out",
            "solution:window_sum: `### BEGIN SOLUTION` and `### END SOLUTION` do not pair up",
        ),
        (
            "\n## Hand in\n",
            '\n+++ {"tags": ["explain:explain-start"]}\n\nBecause.\n\n+++\n\n## Hand in\n',
            "00-start does not ask for explain:explain-start, but for no explanation",
        ),
        ("\n## Hand in\n", '\n+++ {"tags": ["scratch"]}\n\nText.\n\n+++\n\n## Hand in\n', "scratch is for code cells"),
        ("\n## Hand in\n", '\n+++ {"tags: \n\n## Hand in\n', "tags are written as"),
    ],
)
def test_a_broken_source_is_explained(old, new, said):
    with pytest.raises(release.ReleaseError) as error:
        release.convert(broken(old, new), "00-start", START)
    assert said in str(error.value)
    assert START in str(error.value)


def test_the_line_is_the_cells():
    md = broken(CHECK, 'check(window_sum, "window_sum-value")')
    with pytest.raises(release.ReleaseError) as error:
        release.convert(md, "00-start", START)
    line = int(re.match(rf"{START}, line (\d+): ", str(error.value))[1])
    assert md.splitlines()[line - 1] == 'check(window_sum, "window_sum-value")'


def test_solution_cells_without_a_region_would_be_lost():
    md = broken("    ### BEGIN SOLUTION\n    # A slice", "    # A slice").replace(
        ".sum()\n    ### END SOLUTION", ".sum()"
    )
    with pytest.raises(release.ReleaseError, match="put the solution between"):
        release.convert(md, "00-start", START)


def test_a_check_before_its_function():
    md = broken(CHECK, "print()").replace("\n## Write: `window_sum`\n", f"\n```{{code-cell}}\n{CHECK}\n```\n")
    with pytest.raises(release.ReleaseError, match="no cell before it is tagged solution:window_sum"):
        release.convert(md, "00-start", START)


def test_what_is_missing_is_listed():
    front_matter = (ROOT / START).read_text(encoding="utf-8").split("# 00 Start")[0]
    with pytest.raises(release.ReleaseError) as error:
        release.convert(front_matter, "02-regular", "empty.md")
    lines = str(error.value).splitlines()
    assert "empty.md: no cell is tagged solution:conv2d; 02-regular asks for it" in lines
    assert "empty.md: no cell is tagged solution:predict-regular-answer; 02-regular asks for a prediction" in lines
    assert "empty.md: no Markdown cell is tagged explain:explain-regular; 02-regular asks for an explanation" in lines
    stride = 'empty.md: conv2d-stride is not graded; add a cell of one line: check(conv2d, "conv2d-stride")'
    assert stride in lines
    assert len(lines) == len(exercises_of("02-regular")) + 1 + len(graded_cells("02-regular"))


def test_unknown_assignment():
    with pytest.raises(release.ReleaseError, match="no assignment is named '01'; there are 00-start, 01-window"):
        release.release(ROOT, ["01"], report=quiet)


def test_missing_source(tmp_path):
    with pytest.raises(release.ReleaseError, match=r"01-window\.md does not exist; the source of 01-window belongs"):
        release.release(tmp_path, ["01-window"], report=quiet)


def test_missing_configuration(made, tmp_path):
    shutil.copytree(made / "solutions", tmp_path / "solutions")
    with pytest.raises(release.ReleaseError, match=r"there is no nbgrader_config\.py in .*; run this in the folder"):
        release.release(tmp_path, ["00-start"], report=quiet)


def test_a_broken_source_leaves_the_old_exercise(made, tmp_path):
    root = shutil.copytree(made, tmp_path / "course")
    (root / START).write_text(broken(CHECK, "print()"), encoding="utf-8")
    before = (root / "exercises" / "00-start" / "00-start.ipynb").read_bytes()
    with pytest.raises(release.ReleaseError):
        release.release(root, ["00-start"], report=quiet)
    assert (root / "exercises" / "00-start" / "00-start.ipynb").read_bytes() == before
    assert not list(root.rglob("*.part"))
