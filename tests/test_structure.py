"""The plan of the house: who may import what, how long things are, how they are named, and where their tests are.

Each finder takes sources, a dict of paths relative to the root and Python texts, and returns complaints, empty where
all is well. Each has a break below, an offender that it must find.
"""

import ast
import functools
import graphlib
import re
from collections import defaultdict
from pathlib import PurePosixPath

import pytest
from places import ROOT

from autograder.course import ASSIGNMENTS, EXERCISES

ENGINE = ("autograder",)
PACKAGES = ("autograder", "convolution")
PRODUCT = ("autograder", "convolution", "book/drawings", "book/_ext", "book/_pdf")


@functools.cache
def sources(folders):
    """The Python files below folders, path -> text."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def walk(named):
    """Every node of every source, as (path, node)."""
    return ((path, node) for path, text in named.items() for node in ast.walk(ast.parse(text)))


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (*FUNCTIONS, ast.ClassDef, ast.Module)


def docstring_node(node):
    """The statement that is a node's docstring, or None."""
    has_one = isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None
    return node.body[0] if has_one else None


def strings(named):
    """String constants that are not docstrings, as (path, line, text)."""
    for path, text in named.items():
        tree = ast.parse(text)
        docstrings = {id(found.value) for node in ast.walk(tree) if (found := docstring_node(node))}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield path, node.lineno, node.value


def test_there_is_something_to_look_at():
    assert len(sources(PACKAGES)) > 60 and len(sources(PRODUCT)) > 100


# ---------------------------------------------------------------- imports


def module_name(path):
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(named):
    """The imports of each module, at its top or in a function, as (path, line, dotted name), relative ones resolved."""
    modules = set(map(module_name, named))
    for path, node in walk(named):
        if isinstance(node, ast.Import):
            yield from ((path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = PurePosixPath(path).parts[: -node.level]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield path, node.lineno, whole if whole in modules else base


def names_of_the_course(named):
    """Modules other than course.py that import the course's package or name it in a string."""
    found = [(path, line, name) for path, line, name in imports(named)] + list(strings(named))
    return [
        f"{path}:{line}: {text}"
        for path, line, text in found
        if path != "autograder/course.py" and (text == "convolution" or text.startswith("convolution."))
    ]


def test_only_course_names_the_courses_package():
    assert names_of_the_course(sources(ENGINE)) == []


@pytest.mark.parametrize(
    "line",
    [
        "import convolution",
        "from convolution import rules",
        "def f():\n    from convolution.reference import pair",
        'importlib.import_module("convolution.catalogue")',
        'NAME = "convolution"',
    ],
)
def test_a_name_of_the_course_is_found(line):
    assert len(names_of_the_course({"autograder/checks/cases.py": line})) == 1
    assert names_of_the_course({"autograder/course.py": line}) == []
    assert names_of_the_course({"autograder/a.py": f'"""convolution"""\n# {line!r}\n'}) == []


#: The rooms from the top to the bottom; a room imports from lower levels only, and rooms of a level not each other.
LEVELS = (
    {"__main__"},
    {"grading"},
    {"notebook", "own_file"},
    {"releasing", "checks"},
    {"course"},
    {"convolution"},
    {"kinds"},
    {"student_code", "sampling", "untrusted_notebook"},
    {"model", "files", "errors"},
)


def room(module):
    """The package or single module at the top that a module is in; None for `autograder` itself, which is aside."""
    parts = module.split(".")
    if parts[0] == "autograder":
        return parts[1] if len(parts) > 1 else None
    return parts[0] if parts[0] == "convolution" else None


def edges(named):
    """Imports of ours, as (module, module); and course -> convolution, which `course` imports by its name."""
    found = {(module_name(path), name) for path, _, name in imports(named) if name.split(".")[0] in PACKAGES}
    return found | {("autograder.course", "convolution.catalogue")}


def imports_upwards(named, levels=LEVELS):
    level = {name: number for number, names in enumerate(levels) for name in names}
    complaints = {f"{room(module_name(path))} is on no level" for path in named} - {"None is on no level"}
    complaints -= {f"{name} is on no level" for name in level}
    for module, imported in edges(named):
        above, below = room(module), room(imported)
        if above and below and above != below and {above, below} <= set(level) and level[above] >= level[below]:
            complaints.add(f"{module} imports {imported}")
    return sorted(complaints)


def circles_within(named):
    """Circles among the modules of one room, and among the rooms; each as a list of names that begins where it ends."""
    graphs = defaultdict(lambda: defaultdict(set))
    for module, imported in edges(named):
        above, below = room(module), room(imported)
        if above and above == below and module != imported:
            graphs[above][module].add(imported)
        elif above and below and above != below:
            graphs["rooms"][above].add(below)
    found = []
    for graph in graphs.values():
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as error:
            found.append(error.args[1])
    return found


def test_imports_point_down():
    assert imports_upwards(sources(PACKAGES)) == []


def test_imports_make_no_circle():
    assert circles_within(sources(PACKAGES)) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("autograder/model.py", "from autograder import files"),
        ("autograder/student_code/walls.py", "from autograder.course import NAME"),
        ("autograder/kinds/base.py", "def f():\n    import convolution.reference"),
        ("autograder/checks/how.py", "from ..releasing import release"),
        ("convolution/rules.py", "import autograder.course"),
        ("autograder/attic.py", "import os"),
    ],
)
def test_an_import_that_points_up_is_found(path, line):
    assert len(imports_upwards(sources(PACKAGES) | {path: line})) == 1


def test_a_circle_is_found():
    pair = {"autograder/kinds/a.py": "from autograder.kinds import b", "autograder/kinds/b.py": "from . import a"}
    assert len(circles_within(pair)) == 1
    rooms = {"convolution/a.py": "def f():\n    from autograder.course import EXERCISES"}
    assert len(circles_within(rooms)) == 1  # course -> convolution is an edge, though no import says so


INSIDE = "autograder/student_code/inside"


def inside_reaches_out(named):
    """Imports of ours from outside the folder that also runs behind the wall."""
    return [
        f"{path}:{line}: {name}"
        for path, line, name in imports(named)
        if path.startswith(f"{INSIDE}/")
        and name.split(".")[0] in PACKAGES
        and not f"{name}.".startswith(INSIDE.replace("/", ".") + ".")
    ]


def test_inside_imports_nothing_of_ours_from_outside():
    assert inside_reaches_out(sources(PACKAGES)) == []


@pytest.mark.parametrize("line", ["from autograder import model", "from ..limits import Limits", "import convolution"])
def test_an_import_from_inside_to_outside_is_found(line):
    assert len(inside_reaches_out({f"{INSIDE}/wire.py": f"from . import data\n{line}"})) == 1


# ---------------------------------------------------------------- lengths

MODULE_LINES = 350
FUNCTION_LINES = 42

#: The definitions that everything is measured against are read in one piece, each with its docstring and examples.
LONG_MODULES = {"convolution/reference.py"}


def too_long(named):
    complaints = [
        f"{path} has {len(text.splitlines())} lines"
        for path, text in named.items()
        if len(text.splitlines()) > MODULE_LINES and path not in LONG_MODULES
    ]
    for path, node in walk(named):
        if isinstance(node, FUNCTIONS):
            docstring = docstring_node(node)
            lines = node.end_lineno - node.lineno + 1
            lines -= docstring.end_lineno - docstring.lineno + 1 if docstring else 0
            if lines > FUNCTION_LINES:
                complaints.append(f"{path}: {node.name} has {lines} lines")
    return complaints


def test_nothing_is_too_long():
    assert too_long(sources(PRODUCT)) == []


def test_a_long_module_and_a_long_function_are_found():
    lines = "    x = 1\n" * FUNCTION_LINES
    docstring = '    """A.\n\n    B.\n    """\n'
    assert too_long({"a.py": f"def f():\n{docstring}{lines}"}) == [f"a.py: f has {FUNCTION_LINES + 1} lines"]
    assert too_long({"a.py": f"def f():\n{docstring}{lines[10:]}"}) == []
    assert too_long({"a.py": "#\n" * (MODULE_LINES + 1)}) == [f"a.py has {MODULE_LINES + 1} lines"]


# ---------------------------------------------------------------- nothing is done for one exercise only


def _is_kind_of_an_exercise(node):
    """True for `exercise.kind`, `verdicts.exercise.kind` and `EXERCISES[name].kind`."""
    if not (isinstance(node, ast.Attribute) and node.attr == "kind"):
        return False
    return bool(re.search(r"exercise|EXERCISES", ast.unparse(node.value).rpartition(".")[2]))


def _variables_of_kinds(tree):
    """Names of variables that hold the kind of an exercise, `kind = exercise.kind` or `a, kind = b, exercise.kind`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            targets, values = (part.elts if isinstance(part, ast.Tuple) else [part] for part in (target, value))
            pairs = zip(targets, values, strict=False)  # a tuple may be unpacked from one value
            yield from (ast.unparse(name) for name, of in pairs if _is_kind_of_an_exercise(of))


def questions_of_kind(named):
    """Comparisons with the kind of an exercise, and tests of its class."""
    complaints = []
    variables = {path: set(_variables_of_kinds(ast.parse(text))) for path, text in named.items()}
    for path, node in walk(named):
        asked = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "type"):
            asked = node.args[:1]
        elif isinstance(node, ast.Match):
            asked = [node.subject]
        if any(_is_kind_of_an_exercise(part) or ast.unparse(part) in variables[path] for part in asked):
            complaints.append(f"{path}:{node.lineno}: {ast.unparse(node).splitlines()[0]}")
    return complaints


def names_of_exercises(named, names):
    return [f"{path}:{line}: {text}" for path, line, text in strings(named) if text in names]


def test_no_kind_is_compared():
    assert questions_of_kind(sources(ENGINE)) == []


def test_no_exercise_is_named():
    assert names_of_exercises(sources(ENGINE), {*EXERCISES, *ASSIGNMENTS}) == []


@pytest.mark.parametrize(
    "line",
    [
        "if exercise.kind == 'layer': pass",
        "x = verdicts.exercise.kind is LAYER",
        "isinstance(EXERCISES[name].kind, Layer)",
        "match exercise.kind:\n    case 'layer': pass",
        "kind = exercise.kind\nif kind is not LAYER: pass",
        "trial, kind = verdicts.trial, verdicts.exercise.kind\nif LAYER == kind: pass",
    ],
)
def test_a_comparison_of_a_kind_is_found(line):
    assert len(questions_of_kind({"autograder/checks/a.py": line})) == 1


def test_a_use_of_a_kind_is_no_comparison():
    assert (
        questions_of_kind({"a.py": "'torch' in exercise.kind.imports\ndtype.kind == 'f'\nold.kind != new.kind"}) == []
    )


def test_a_name_of_an_exercise_is_found():
    named = {"autograder/a.py": '"""conv2d"""\nif exercise.name == "conv2d":\n    y = f"{x}02-regular"\n'}
    assert len(names_of_exercises(named, {*EXERCISES, *ASSIGNMENTS})) == 2


# ---------------------------------------------------------------- tests mirror the modules

#: Tests of several modules at once, with the reason; every module else has its own in the mirrored folder.
TESTED_IN = {
    # The command line is tested as people type it.
    "autograder/__main__.py": "tests/autograder/test_command_line.py",
    # A base class without a line of code: what is tested is that those derived from it are shown as one sentence.
    "autograder/errors.py": "tests/autograder/test_command_line.py",
    # Tests of exchange/ are so few that the folder is not repeated.
    "autograder/grading/exchange/nbgrader_csv.py": "tests/autograder/grading/test_nbgrader_csv.py",
    # Needs nbgrader's gradebook with submissions in it, which these make.
    "autograder/grading/register.py": "tests/autograder/grading/test_faults.py",
    "autograder/grading/watch.py": "tests/autograder/grading/test_grade.py",
    # The settings are tested where nbgrader's own commands read them.
    "autograder/grading/settings.py": "tests/autograder/grading/test_nbgrader_steps.py",
    # A child process and the messages to it are tested from its parent's side.
    "autograder/own_file/cells.py": "tests/autograder/own_file/test_check_file.py",
    "autograder/own_file/child.py": "tests/autograder/own_file/test_child_process.py",
    "autograder/own_file/job.py": "tests/autograder/own_file/test_asking.py",
    # A step of nbgrader's, tested by the notebooks that the release makes.
    "autograder/releasing/clear_solutions.py": "tests/autograder/releasing/test_release.py",
    # The two halves of a sandbox work only together, and are tested by what student code can and cannot do.
    "autograder/student_code/fork_server.py": "tests/autograder/student_code/test_notebook_process.py",
    "autograder/student_code/sandbox.py": "tests/autograder/student_code/test_notebook_process.py",
    "autograder/student_code/limits.py": "tests/autograder/student_code/test_notebook_process.py",
    "autograder/student_code/probes.py": "tests/autograder/student_code/test_walls.py",
    "autograder/student_code/inside/answering.py": "tests/autograder/student_code/test_remote.py",
    "autograder/student_code/inside/cells.py": "tests/autograder/student_code/test_notebook_process.py",
    "autograder/student_code/inside/confine.py": "tests/autograder/student_code/test_walls.py",
    "autograder/student_code/inside/fork_server.py": "tests/autograder/student_code/test_notebook_process.py",
    # The names of what `inside` defines; Remote and Local are tested to be such subjects.
    "autograder/student_code/subject.py": "tests/autograder/student_code/test_remote.py",
    # Data, packed on one side and unpacked on the other.
    "autograder/student_code/inside/packing.py": "tests/autograder/student_code/inside/test_wire.py",
    # Data of the course, which its own tests hold against the engine.
    "convolution/aspects.py": "tests/convolution/cases/test_every_exercise.py",
    "convolution/rules.py": "tests/convolution/test_catalogue.py",
    "convolution/predictions.py": "tests/solutions/test_predictions.py",
    # Every mistake of every module is asked the same: that its check finds it, and no other.
    **{
        f"convolution/mistakes/{name}.py": "tests/convolution/mistakes/test_bank.py"
        for name in ("channels", "counting", "geometry", "groups", "separable", "values")
    },
}


def mirrored(path):
    return str(PurePosixPath("tests", path).with_name(f"test_{PurePosixPath(path).name}"))


def untested(modules, tests, mapping):
    """Modules without a test, and entries of the mapping that are not needed or lead nowhere."""
    complaints = [
        f"{path} has no {mirrored(path)}"
        for path in modules
        if not path.endswith("/__init__.py") and path not in mapping and mirrored(path) not in tests
    ]
    complaints += [f"{path} is no module" for path in mapping if path not in modules]
    complaints += [f"{test} does not exist" for test in set(mapping.values()) if test not in tests]
    complaints += [f"{path} has a test of its own" for path in mapping if mirrored(path) in tests]
    return complaints


def test_every_module_has_its_test():
    assert untested(sources(PACKAGES), sources(("tests",)), TESTED_IN) == []


def test_a_module_without_a_test_is_found():
    modules = ("autograder/__init__.py", "autograder/a.py", "autograder/checks/b.py", "autograder/c.py")
    tests = ("tests/autograder/test_a.py", "tests/autograder/test_b.py")
    assert untested(modules, tests, {"autograder/c.py": tests[1]}) == [
        "autograder/checks/b.py has no tests/autograder/checks/test_b.py"
    ]
    needless = {"autograder/a.py": "tests/none.py", "autograder/d.py": tests[0]}
    assert untested(modules[:2], tests, needless) == [
        "autograder/d.py is no module",
        "tests/none.py does not exist",
        "autograder/a.py has a test of its own",
    ]


# ---------------------------------------------------------------- words

#: Parts of names that say nothing, or that had to be explained.
POOR_WORDS = {"place", "crew", "nursery", "warden", "kills"}


def identifiers(named):
    """All names that are given or used: of modules, functions, classes, parameters, variables and attributes."""
    for path in named:
        yield path, 1, PurePosixPath(path).stem
    for path, node in walk(named):
        line = getattr(node, "lineno", 1)
        for field in ("name", "id", "attr", "arg", "asname"):
            if isinstance(name := getattr(node, field, None), str):
                yield path, getattr(node, "lineno", line), name


def poor_names(named):
    complaints = []
    for path, line, name in identifiers(named):
        parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
        if POOR_WORDS.intersection(parts) or name == "sides":
            complaints.append(f"{path}:{line}: {name}")
    return complaints


#: Openings of docstrings that make a riddle of a noun phrase or an imperative.
POOR_OPENING = re.compile(r"(What|Whether|How|Where|Why|Who|One)\b|Tell if\b")


def poor_docstrings(named):
    return [
        f"{path}:{getattr(node, 'lineno', 1)}: {ast.get_docstring(node).splitlines()[0]}"
        for path, node in walk(named)
        if docstring_node(node) and POOR_OPENING.match(ast.get_docstring(node))
    ]


def test_names_say_what_they_mean():
    assert poor_names(sources(PACKAGES)) == []


def test_docstrings_open_with_a_noun_phrase_or_an_imperative():
    assert poor_docstrings(sources(PRODUCT)) == []


@pytest.mark.parametrize(
    "line",
    [
        "place = 1",
        "def of_place(): pass",
        "def f(warden_pid): pass",
        "class NurseryError(Exception): pass",
        "worker.crew",
        "f(kills=2)",
        "import a as sides",
    ],
)
def test_a_poor_name_is_found(line):
    assert len(poor_names({"a.py": line})) == 1
    assert len(poor_names({"autograder/warden.py": "placed = replaced = two_sides = 1"})) == 1


@pytest.mark.parametrize("opening", ["What came of it.", "One call.", "How it ends.", "Tell if it ends.", "Why: x."])
@pytest.mark.parametrize("code", ['"""{}"""', 'class A:\n    """{}"""', 'def f():\n    """{}\n\n    More.\n    """'])
def test_a_poor_opening_is_found(opening, code):
    assert len(poor_docstrings({"a.py": code.format(opening)})) == 1
    assert poor_docstrings({"a.py": code.format("Whatever is there.")}) == []
