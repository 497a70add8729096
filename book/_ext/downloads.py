"""Downloads for readers: each chapter as a notebook, and one zip with these, the exercises and the package.

    {built}`02-regular-chapter.ipynb`   {built}`student.zip`   {built}`convolution_course-1.0.0-py3-none-any.whl`

The role is a link to a file that the build makes, in `downloads/` beside the pages. A book in which nothing is offered
makes none of them, and a file that is offered and not made is an error. `notebooks` writes the chapters,
`autograder.releasing.student_zip` the zip. The theme's download button, which offers the page's source, offers the
notebooks instead.
"""

import re
import shutil
import zipfile
from pathlib import Path

import nbformat
from docutils import nodes
from line_orders import INDENT
from notebooks import chapter_notebook
from parsons import LinesNode, ParsonsNode
from progress import PROGRESS
from pybtex.database import parse_file
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole

from autograder.course import ASSIGNMENTS
from autograder.releasing import student_zip

FOLDER = "downloads"


class Built(SphinxRole):
    """A link with the markup of Sphinx's own `{download}`, which knows only files that are there before the build."""

    def run(self):
        offered_by(self.env).setdefault(self.env.docname, set()).add(self.text)
        link = f'<a class="reference download internal" download="" href="{FOLDER}/{self.text}">'
        code = f'<code class="xref download docutils literal notranslate"><span class="pre">{self.text}</span></code>'
        return [nodes.raw("", f"{link}{code}</a>", format="html")], []


def offered_by(env):
    """The files that pages offer: page -> names."""
    if not hasattr(env, "offered"):
        env.offered = {}
    return env.offered


def forget(app, env, page):
    offered_by(env).pop(page, None)


def merge(app, env, pages, other):
    offered_by(env).update({page: names for page, names in offered_by(other).items() if page in pages})


# ---------------------------------------------------------------- the files


def chapters_of(app):
    return [name for name in ASSIGNMENTS if name in app.env.found_docs]


def outputs_of(doctree):
    """The HTML that each code cell of a page shows."""
    cells = [cell for cell in doctree.findall(nodes.container) if cell.get("nb_element") == "cell_code"]
    return ["".join(raw.astext() for raw in cell.findall(nodes.raw)) for cell in cells]


def loops_of(doctree):
    """The lines of each Parsons problem of a page, in the order and with the indentation that the book shows."""
    return {
        problem["name"]: [
            " " * INDENT * line["level"] + line.astext() for box in problem.findall(LinesNode) for line in box
        ]
        for problem in doctree.findall(ParsonsNode)
    }


def sources_of(app):
    """The bibliography: key -> (authors, year, address or None)."""
    found = {}
    for path in app.config.bibtex_bibfiles:
        for key, entry in parse_file(Path(app.srcdir, path)).entries.items():
            names = [" ".join(str(part) for part in person.rich_last_names) for person in entry.persons["author"]]
            authors = names[0] + (" and others" if len(names) > 2 else f" and {names[1]}" if len(names) == 2 else "")
            found[key] = (authors, entry.fields["year"], address_of(entry.fields))
    return found


def address_of(fields):
    """The address of a source: its DOI, else arXiv's, else whatever it has."""
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    return fields.get("url")


def notebooks_of(app, wheel):
    """Every chapter as a notebook: file name -> text."""
    chapters = chapters_of(app)
    texts = {name: Path(app.env.doc2path(name)).read_text(encoding="utf-8") for name in chapters}
    sources, written = sources_of(app), {}
    for name in chapters:
        doctree = app.env.get_doctree(name)
        notebook = chapter_notebook(name, texts, outputs_of(doctree), loops_of(doctree), sources, wheel)
        written[f"{name}-chapter.ipynb"] = nbformat.writes(notebook) + "\n"
    return written


def make_files(app, exception):
    offered = set().union(*offered_by(app.env).values()) if exception is None else set()
    if not offered or app.builder.name != "html":
        return
    course = Path(app.srcdir).parent
    wheel = student_zip.wheel_name(course)
    made = {"student.zip", wheel, *(f"{name}-chapter.ipynb" for name in chapters_of(app))}
    if missing := offered - made:
        raise ExtensionError(f"downloads: offered, and not made by the build: {', '.join(sorted(missing))}")
    folder = Path(app.outdir) / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    PROGRESS.line("Packing the notebooks and student.zip")
    PROGRESS.end()
    chapters = notebooks_of(app, wheel)
    for name, text in chapters.items():
        (folder / name).write_text(text, encoding="utf-8")
    archive = student_zip.build_zip(course, folder / "student.zip", report=lambda line: None, chapters=chapters)
    with zipfile.ZipFile(archive) as content:
        (folder / wheel).write_bytes(content.read(f"{student_zip.FOLDER}/{wheel}"))


# ---------------------------------------------------------------- the theme's button


def offer_notebooks(app, pagename, templatename, context, doctree):
    """In the download button's list: the notebooks of a chapter in place of the page's source."""
    for button in context.get("header_buttons", []):
        if button["label"] == "download-buttons":
            rest = [entry for entry in button["buttons"] if entry["label"] != "download-source-button"]
            button["buttons"] = [*notebook_entries(pagename, context.get("body", "")), *rest]


def notebook_entries(pagename, body):
    """The notebooks that a page offers in its text.

    Examples
    --------
    >>> body = 'href="downloads/02-a-chapter.ipynb", href="_downloads/1/02-a.ipynb", href="_downloads/2/03-b.ipynb"'
    >>> [entry["url"] for entry in notebook_entries("02-a", body)]
    ['downloads/02-a-chapter.ipynb', '_downloads/1/02-a.ipynb']
    """
    name = re.escape(pagename)
    entries = (
        (f"{FOLDER}/{name}-chapter", "chapter", "This chapter as a notebook"),
        (f"_downloads/[0-9a-f]+/{name}", "assignment", "The notebook of its assignment"),
    )
    return [
        {
            "type": "link",
            "url": found[1],
            "text": f"{kind} .ipynb",
            "tooltip": tooltip,
            "icon": "fas fa-file",
            "label": f"download-{kind}-button",
        }
        for address, kind, tooltip in entries
        if (found := re.search(rf'href="({address}\.ipynb)"', body))
    ]


def setup(app):
    app.add_role("built", Built())
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-page-context", offer_notebooks, priority=900)  # after the theme has made its buttons
    app.connect("build-finished", make_files)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
