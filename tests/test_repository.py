"""The files around the course: versions, licences, commands, links, and that no machine's own paths are in them.

Each guard takes texts and returns complaints, empty where all is well. Each has a break below, a change that it must
complain about.
"""

import functools
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from places import ROOT

from autograder import check
from autograder.course import ASSIGNMENTS
from autograder.notebook import CheckFailed
from convolution.reference import correlate2d

PAPERS = ("README.md", "CONTRIBUTING.md", "LICENSE", "CITATION.cff")


@functools.cache
def files():
    """The files in git or about to be, relative to the root, without those that git ignores."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed; it says which files belong to the repository")
    # CI may run as another user than the one who cloned; git would refuse to look then.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def pages():
    """Names of the Markdown files for people, relative to the root. Collecting needs them, so git is not asked."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "book").glob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


@functools.cache
def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def is_text(name):
    return b"\0" not in (ROOT / name).read_bytes()[:8000]


@functools.cache
def texts():
    return {name: text(name) for name in files() if is_text(name)}


def project():
    return tomllib.loads(text("pyproject.toml"))["project"]


def joined(*parts):
    """A forbidden word, put together so that this file does not hold it."""
    return "".join(parts)


# ---------------------------------------------------------------- versions


def loose_requirements(requirements):
    """Lines that leave a version open; the local package is the one exception."""
    lines = [line.partition("#")[0].strip() for line in requirements.splitlines()]
    pinned = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?==[\w.!+]+")
    local = re.compile(r"-e \.(\[[\w,]+\])?")
    return [line for line in lines if line and not pinned.fullmatch(line) and not local.fullmatch(line)]


def test_every_version_is_pinned():
    assert loose_requirements(text("requirements.txt")) == []
    assert len(re.findall("^-e ", text("requirements.txt"), re.M)) == 1


@pytest.mark.parametrize("line", ["numpy", "numpy>=2", "numpy==2.*", "-e ./other", "--pre", "torch @ file:torch.whl"])
def test_a_loose_version_is_found(line):
    assert loose_requirements(f"rich==15.0.0\n{line}  # a comment\n") == [line]


OLDEST = "3.11.0"


def needs_a_newer_python(requirements, needed):
    """Pinned versions that the oldest Python we promise cannot install; ``needed`` maps a name to what it asks for."""
    return [name for name in pinned(requirements) if OLDEST not in SpecifierSet(needed(name) or "")]


def pinned(requirements):
    """The names of the packages that are pinned."""
    return re.findall(r"^([\w.-]+)(?:\[.*\])?==", requirements, re.M)


def test_every_pinned_version_takes_the_oldest_python():
    assert OLDEST in SpecifierSet(project()["requires-python"])
    # Asked with get: a package that says nothing is None here, and a KeyError where importlib_metadata is imported too.
    asked = {name: metadata.metadata(name).get("Requires-Python") for name in pinned(text("requirements.txt"))}
    assert needs_a_newer_python(text("requirements.txt"), asked.get) == []


def test_a_version_that_needs_a_newer_python_is_found():
    needed = {"rich": ">=3.8", "six": None, "soupsieve": ">=3.11.5"}
    assert needs_a_newer_python("rich==15.0.0\nsix==1\n# a comment\nsoupsieve==4.1.2\n", needed.get) == ["soupsieve"]


def unpinned_actions(workflow):
    """Actions that are not named by a commit; a tag can be moved."""
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    return [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)]


def workflow():
    return yaml.safe_load(text(".github/workflows/test.yml"))


def test_actions_are_pinned():
    assert unpinned_actions(workflow()) == []


def test_an_unpinned_action_is_found():
    steps = [{"run": "true"}, {"uses": "actions/checkout@v6"}, {"uses": "actions/checkout@main"}]
    assert len(unpinned_actions({"jobs": {"a": {"steps": steps}}})) == 2


# ---------------------------------------------------------------- what belongs to a machine

FORBIDDEN = {
    "an index's address": joined(
        r"pypi\.", "org|python", "hosted|download\\.py", "torch|npm", "js|--(extra-)?index", "-url|--find", "-links"
    ),
    "a path of a machine": joined(r"(?<![\w.$}>~*-])/", r"(work|root|home)(?![\w-])"),
    "a folder beside the repository": joined(r"\.\./", "shared"),
}


def forbidden(named_texts):
    return [
        f"{name}:{number}: {what}: {line.strip()[:80]}"
        for name, content in named_texts.items()
        for what, pattern in FORBIDDEN.items()
        for number, line in enumerate(content.splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_nothing_of_a_machine_is_in_the_repository():
    assert forbidden(texts()) == []
    assert len(texts()) > 60


@pytest.mark.parametrize(
    "line",
    [
        joined("pip install --index", "-url x torch"),
        joined("https://pypi.", "org/simple"),
        joined("see /", "root/notes"),
        joined("file:///", "home/ada/x"),
        joined("`..", "/shared/SEED.md`"),
        joined('Path("/', 'work")'),
    ],
)
def test_a_trace_of_a_machine_is_found(line):
    assert len(forbidden({"a.md": f"fine\n{line}\n"})) == 1


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_is_quiet(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_ruff_is_not_always_quiet():
    untidy = "import os\nprint( 1 )\n"
    for command, status in ((["check", "-"], 1), (["format", "--check", "-"], 1)):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command], cwd=ROOT, input=untidy, capture_output=True, text=True
        )
        assert done.returncode == status


def targets(makefile):
    return set(re.findall(r"^([a-z]+):.*## ", makefile, re.M))


def commands(markdown):
    """The `make` targets a page tells people to type, in code."""
    code = re.findall(r"```(?:bash|bat|console)\n(.*?)```", markdown, re.S) + re.findall(r"`([^`\n]+)`", markdown)
    return {target for piece in code for target in re.findall(r"(?m)^\s*make ([a-z]+)", piece)}


def wrong_commands(makefile, markdown):
    return sorted(commands(markdown) - targets(makefile))


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "book/intro.md", "book/students.md", "book/instructors.md"]
)
def test_the_targets_a_page_names_exist(page):
    assert wrong_commands(text("Makefile"), text(page)) == []


def test_the_readme_names_every_target():
    assert targets(text("Makefile")) == commands(text("README.md"))


def test_a_target_that_does_not_exist_is_found():
    makefile = "book: x ## build\n\t@make it\ntest: ## test\n"
    markdown = "Run `make all`, or\n\n```bash\nmake book  # builds\nmake install\n```\nto make sense.\n"
    assert wrong_commands(makefile, markdown) == ["all", "install"]


def run_lines(script):
    """The commands of a shell script that start with `make`."""
    return re.findall(r"(?m)^\s*(make\b.*)$", script)


def test_ci_runs_make_test_and_nothing_else():
    assert run_lines(text(".ci/run")) == ["make test"]
    assert text(".ci/run").startswith("#!/usr/bin/env bash\n") and "\nset -euo pipefail\n" in text(".ci/run")
    assert (ROOT / ".ci/run").stat().st_mode & 0o111, ".ci/run is not executable"
    assert [step["run"] for step in workflow()["jobs"]["everything"]["steps"] if "run" in step][-1] == ".ci/run"


def test_another_command_in_ci_is_found():
    assert run_lines("set -e\nmake book\n  make test || true\n") == ["make book", "make test || true"]


# The wrappers of subcommands and the options they take are Typer's; here only that they exist.
def subcommands(markdown):
    return set(re.findall(r"-m autograder ([a-z]+)", markdown))


def known_subcommands():
    from autograder.__main__ import app

    return {command.name or command.callback.__name__ for command in app.registered_commands}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "book/students.md", "book/instructors.md"])
def test_the_subcommands_a_page_names_exist(page):
    assert subcommands(text(page)) and subcommands(text(page)) <= known_subcommands()


def test_a_subcommand_that_does_not_exist_is_found():
    assert not subcommands("`python -m autograder verify FILE`") <= known_subcommands()


# ---------------------------------------------------------------- licences and versions that must agree


def disagreements(package, licence, citation, pages):
    """Points at which the licence, the citation and the pages say other things than pyproject.toml."""
    complaints = []
    if str(citation["version"]) != package["version"]:
        complaints.append(f"CITATION.cff is of version {citation['version']}, the package of {package['version']}")
    if citation["license"] != package["license"]:
        complaints.append(f"CITATION.cff says {citation['license']}, the package {package['license']}")
    if f"\n{package['license']} License\n" not in licence:
        complaints.append(f"LICENSE does not hold the {package['license']} License")
    if "https://creativecommons.org/licenses/by/4.0/" not in licence:
        complaints.append("LICENSE does not say where CC BY 4.0 is")
    author = citation["authors"][0]["name"]
    year = str(citation["date-released"])[:4]
    if f"Copyright (c) {year} {author}" not in licence:
        complaints.append(f"LICENSE and CITATION.cff do not agree on {author}, {year}")
    wheel = f"{package['name'].replace('-', '_')}-{package['version']}-py3-none-any.whl"
    for name, page in pages.items():
        complaints += [
            f"{name} names {other}" for other in re.findall(r"[\w.]+-[\d.]+-py3\S*?\.whl", page) if other != wheel
        ]
    return complaints


def pages_with_the_wheel():
    return {name: text(name) for name in ("README.md", "book/students.md")}


def test_licence_citation_and_version_agree():
    citation = yaml.safe_load(text("CITATION.cff"))
    assert disagreements(project(), text("LICENSE"), citation, pages_with_the_wheel()) == []
    assert all(".whl" in page for page in pages_with_the_wheel().values())


def test_the_citation_has_what_the_format_asks_for():
    citation = yaml.safe_load(text("CITATION.cff"))
    # https://github.com/citation-file-format/citation-file-format, schema 1.2.0
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0" and citation["type"] in ("software", "dataset")
    assert all({"name"} == set(author) for author in citation["authors"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", citation["date-released"])
    assert all(isinstance(word, str) for word in citation["keywords"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "9.9.9"}, "CITATION.cff is of version"),
        ({"license": "Apache-2.0"}, "LICENSE does not hold the Apache-2.0 License"),
        ({"version": "9.9.9"}, "book/students.md names convolution_course-1.0.0-py3-none-any.whl"),
    ],
)
def test_a_disagreement_is_found(change, said):
    citation = yaml.safe_load(text("CITATION.cff"))
    found = disagreements(project() | change, text("LICENSE"), citation, pages_with_the_wheel())
    assert any(complaint.startswith(said) for complaint in found), found


# ---------------------------------------------------------------- links


def broken_links(name, markdown):
    """Relative links and pictures of a Markdown file that lead to no file."""
    without_code = re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code) + re.findall(r"{download}`[^`<]*<([^>]+)>`", markdown)
    local = [unquote(target.partition("#")[0]) for target in targets if not re.match(r"[a-z]+:|#", target)]
    return [target for target in local if not (ROOT / name).parent.joinpath(target).exists()]


@pytest.mark.parametrize("name", pages())
def test_links_lead_somewhere(name):
    assert broken_links(name, text(name)) == []


def test_a_broken_link_is_found():
    markdown = "[a](book/intro.md) [b](book/none.md#x) ![c](none.png) [d](#here) [e](https://none) `[f](g)`\n"
    assert broken_links("README.md", markdown) == ["book/none.md", "none.png"]
    assert broken_links("book/a.md", "{download}`x <../exercises/none.ipynb>`") == ["../exercises/none.ipynb"]


def labels(markdown):
    return set(re.findall(r"(?m)^\(([\w-]+)\)=$", markdown))


def lost_labels(pages):
    """Links to a label, `[text](#label)`, that no page has."""
    known = set().union(*map(labels, pages.values()))
    used = {(name, label) for name, page in pages.items() for label in re.findall(r"\]\(#([\w-]+)\)", page)}
    return sorted(f"{name}: {label}" for name, label in used if label not in known)


def book_pages():
    return {name: text(name) for name in pages() if name.startswith("book/")}


def test_labels_exist():
    assert lost_labels(book_pages()) == []


def test_a_lost_label_is_found():
    assert lost_labels({"a.md": "(here)=\n# A\n[x](#here) [y](#there)"}) == ["a.md: there"]


# ---------------------------------------------------------------- the same topics everywhere


def lost_topics(assignments, pages, contents):
    """Complaints about topics that are missing among the chapters, the assignments or in the table of contents."""
    complaints = []
    chapters = {page for page in pages if re.match(r"\d\d-", page)}
    complaints += [f"book/{name}.md is missing" for name in sorted(set(assignments) - chapters)]
    complaints += [f"{name} has no assignment" for name in sorted(chapters - set(assignments))]
    complaints += [f"{page} is not in _toc.yml" for page in sorted(pages - contents)]
    return complaints


def topics():
    contents = yaml.safe_load(text("book/_toc.yml"))
    return {
        "assignments": set(ASSIGNMENTS),
        "pages": {Path(name).stem for name in book_pages()},
        "contents": {contents["root"], *(page["file"] for part in contents["parts"] for page in part["chapters"])},
    }


def test_every_topic_is_everywhere():
    assert lost_topics(**topics()) == []


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("assignments", "02-regular has no assignment"),
        ("pages", "book/02-regular.md is missing"),
        ("contents", "02-regular is not in _toc.yml"),
    ],
)
def test_a_lost_topic_is_found(where, said):
    found = topics()
    assert said in lost_topics(**found | {where: found[where] - {"02-regular"}})


def lost_folders(readme, names):
    """Folders and files of the README's map that do not exist, and top-level folders it does not show."""
    mapped = {
        item.rstrip("/") for row in re.findall(r"(?m)^\| (`.*?) \|", readme) for item in re.findall(r"`([^`]+)`", row)
    }
    top = {name.partition("/")[0] for name in names if "/" in name and not name.startswith(".")}
    return sorted(mapped - {name.partition("/")[0] for name in names}) + sorted(top - mapped)


def test_the_map_is_right():
    assert lost_folders(text("README.md"), files()) == []


def test_a_wrong_map_is_found():
    assert lost_folders("| `book/` | a |\n| `lib/` | b |\n", ["book/a.md", "tests/a.py"]) == ["lib", "tests"]


# ---------------------------------------------------------------- what the pages quote


def quoted_message():
    """The message of a check for a flipped kernel, as the README shows it in part."""
    with pytest.raises(CheckFailed) as failed:
        check(lambda image, kernel: correlate2d(image, kernel[::-1, ::-1]), "correlate2d-values")
    return str(failed.value)


def test_the_readme_quotes_what_a_check_says():
    quoted = [line.strip() for line in re.findall(r"(?m)^    (\S.*)$", text("README.md"))]
    assert len(quoted) == 2
    assert [line for line in quoted if line not in quoted_message()] == []
    assert quoted[0].replace("9.886", "9.887") not in quoted_message()


#: Sentences of our own that the students' page quotes, and where they are written.
SAID = {
    "get the values right first": "autograder/checks/__init__.py",
    "not written yet": "autograder/checks/verdicts.py",
    "so it was stopped": "autograder/own_file/child_process.py",
    "does not define": "autograder/own_file/asking.py",
}


@pytest.mark.parametrize("sentence", SAID)
def test_the_students_page_quotes_what_is_said(sentence):
    assert sentence in text("book/students.md")
    assert sentence in text(SAID[sentence])
