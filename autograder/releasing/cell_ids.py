"""Names for the cells that the catalogue does not name, such as "01-window-code-pair".

A name follows from the cell itself: from its heading, from what it defines, or from its first words. So inserting,
removing or moving other cells changes no name, which nbgrader's gradebook depends on: it refuses an assignment with
other locked cells once there are submissions. Small changes further down in a cell leave its name alone, too.

The name begins with the assignment's, so that a cell copied from another notebook is not taken for a cell of this one.
"""

import hashlib
import re
from collections import defaultdict

#: Characters that nbformat allows in an id.
LONGEST = 64

#: Characters kept free for what tells cells with the same beginning apart.
SUFFIX = 10


def cell_ids(cells, assignment):
    r"""Name cells.

    Parameters
    ----------
    cells : list of (cell_type, source) pairs, of those cells that have no name yet
    assignment : the assignment's name

    Returns
    -------
    list of str, in the order of the cells, all different: at most 64 letters, digits, "-" and "_"

    Examples
    --------
    >>> cell_ids([("markdown", "## 1. The window slides"), ("code", "# Twice.\ndef pair(v):\n    ...")], "01-window")
    ['01-window-text-the-window-slides', '01-window-code-pair']

    Cells with the same beginning are told apart by what they hold; those that are the same are counted.

    >>> cell_ids([("code", "# The first.\nx = 1"), ("code", "x = 1"), ("code", "x = 1")], "01-window")
    ['01-window-code-x-1-11ff99', '01-window-code-x-1-8ff436', '01-window-code-x-1-8ff436-2']
    """
    contents = defaultdict(set)
    names = []
    for cell_type, source in cells:
        prefix = f"{assignment}-{'code' if cell_type == 'code' else 'text'}-"
        words = _words_of_code(source) if cell_type == "code" else _words_of_text(source)
        names.append(prefix + _joined(words, LONGEST - SUFFIX - len(prefix)))
        contents[names[-1]].add(source)
    counts, ids = defaultdict(int), []
    for (_, source), name in zip(cells, names, strict=True):
        if len(contents[name]) > 1:
            name += f"-{hashlib.sha256(source.encode()).hexdigest()[:6]}"
        counts[name] += 1
        ids.append(name if counts[name] == 1 else f"{name}-{counts[name]}")
    return ids


def _words_of_text(source):
    """The heading without its number, else all words; HTML tags are left out."""
    heading = re.search(r"^#+ +(?:\d+[.)]? +)?(.*)$", source, re.M)
    text = heading[1] if heading else re.sub(r"<[^>]*>", " ", source)
    return re.findall(r"\w+", text.lower(), re.A)


def _words_of_code(source):
    """The names of the functions and classes, else all words; comment lines are left out where there is code."""
    defined = re.findall(r"^(?:async +def|def|class) +(\w+)", source, re.M)
    if defined:
        return re.findall(r"\w+", " ".join(defined), re.A)
    code = " ".join(line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return re.findall(r"\w+", re.sub(r"(?<=\d)\.0*(?!\d)", "", code) or source, re.A)  # 1.0 is one word, as 1 is


def _joined(words, length):
    """The first words that fit, with "-" between them; "cell" where there is none.

    Examples
    --------
    >>> _joined(["one", "two", "three"], 10), _joined(["incomprehensible"], 10), _joined([], 10)
    ('one-two', 'incomprehe', 'cell')
    """
    joined = words[0][:length] if words else "cell"
    for word in words[1:]:
        if len(joined) + 1 + len(word) > length:
            break
        joined += f"-{word}"
    return joined
