"""The released notebooks: current, without a solution in it, the same byte for byte, and worth nothing as it comes."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import get_alembic_version
from places import ROOT

from autograder.course import ASSIGNMENTS, exercises_of, graded_cells
from autograder.releasing import release
from autograder.releasing.convert import BEGIN, END, ReleaseError, convert
from autograder.releasing.graded_cell import ANSWER, graded_call


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
    """A cell's role, as nbgrader sees it."""
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
    for cell in convert(
        (folder / "solutions" / assignment / f"{assignment}.md").read_text(encoding="utf-8"), assignment, assignment
    ).cells:
        answer = kind(cell) == ("grade", "solution")
        for line in cell.source.splitlines():
            if BEGIN in line or END in line:
                inside = BEGIN in line
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
    prediction = cells[ASSIGNMENTS[assignment].prediction + ANSWER]
    assert prediction == "prediction = None\n# YOUR ANSWER HERE"


# --- form ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_graded_code_cells_are_one_check(assignment):
    for cell in released(ROOT, assignment)["cells"]:
        if kind(cell) == ("grade", "locked"):
            checker, subject, grade_id = graded_call(text(cell))
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


# --- what cannot be released ----------------------------------------------------------------------------------


def test_unknown_assignment():
    with pytest.raises(ReleaseError, match="no assignment is named '01'; there are 00-start, 01-window"):
        release.release(ROOT, ["01"], report=quiet)


def test_missing_source(tmp_path):
    with pytest.raises(ReleaseError, match=r"01-window\.md does not exist; the source of 01-window belongs"):
        release.release(tmp_path, ["01-window"], report=quiet)


def test_missing_configuration(made, tmp_path):
    shutil.copytree(made / "solutions", tmp_path / "solutions")
    with pytest.raises(ReleaseError, match=r"there is no nbgrader_config\.py in .*; run this in the folder"):
        release.release(tmp_path, ["00-start"], report=quiet)


def test_a_broken_source_leaves_the_old_exercise(made, tmp_path):
    root = shutil.copytree(made, tmp_path / "course")
    source = root / "solutions" / "00-start" / "00-start.md"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace('check(window_sum, "window_sum-values")', "print()"), encoding="utf-8")
    before = (root / "exercises" / "00-start" / "00-start.ipynb").read_bytes()
    with pytest.raises(ReleaseError):
        release.release(root, ["00-start"], report=quiet)
    assert (root / "exercises" / "00-start" / "00-start.ipynb").read_bytes() == before
    assert not list(root.rglob("*.part"))


# --- any place -------------------------------------------------------------------------------------------------


def test_a_course_in_a_folder_of_any_name(made, tmp_path):
    """`[1]` is a pattern to nbgrader, which found no notebook in such a folder."""
    root = tmp_path / "a b [1] 'q' ü *"
    root.mkdir()
    course(root)
    assert release.release(root, ["00-start"], report=quiet) == [root / "exercises" / "00-start" / "00-start.ipynb"]
    path = "exercises/00-start/00-start.ipynb"
    assert (root / path).read_bytes() == (made / path).read_bytes()


def test_a_gradebook_in_a_folder_of_any_name(tmp_path):
    root = tmp_path / "a b [1] 'q' ü *"
    root.mkdir()
    course(root)
    release.source(root, ["00-start"], report=quiet)
    notebook = release.generate(root, "00-start", root / "_build" / "registered", gradebook=True)
    assert notebook.is_file() and (root / "gradebook.db").is_file()


def test_nbgrader_finds_alembic_where_the_environments_own_script_does_not_start(tmp_path, monkeypatch):
    """As in an environment that was moved, or whose path the first line of a script cannot hold."""
    bin_ = tmp_path / """a b [c] 'd' "e" ü""" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").symlink_to(sys.executable)
    (bin_ / "alembic").write_text("#!/no/such/python\n", encoding="utf-8")
    (bin_ / "alembic").chmod(0o755)
    # A link to an environment's Python finds its libraries only beside its pyvenv.cfg.
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), bin_.parent)
    (bin_.parent / "lib").symlink_to(Path(sys.prefix, "lib"))
    monkeypatch.setattr(sys, "executable", str(bin_ / "python"))
    monkeypatch.setenv("PATH", str(bin_))
    with pytest.raises(OSError):
        get_alembic_version()
    with release.quiet_nbgrader():
        assert re.fullmatch(r"[0-9a-f]{12}", get_alembic_version())
