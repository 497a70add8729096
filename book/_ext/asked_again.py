"""Questions of earlier chapters, asked again: which ones come back on a page, and in which form."""

import hashlib
import itertools

from docutils import nodes
from question_nodes import LETTERS, ChoiceNode

#: The numbers of chapters after which a question comes back: soon, then after longer and longer gaps.
GAPS = (1, 2, 4)


def reading_order(env):
    """All pages in the order of the table of contents."""
    pages, waiting = [], [env.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        if page not in pages:
            pages.append(page)
            waiting = env.toctree_includes.get(page, []) + waiting
    return pages


def scatter(items, salt):
    """Put items into an order that looks like chance and is the same at every build.

    Examples
    --------
    >>> scatter("abcd", "one") == scatter("abcd", "one")
    True
    >>> sorted(scatter("abcd", "two"))
    ['a', 'b', 'c', 'd']
    """
    return sorted(items, key=lambda item: hashlib.sha256(f"{salt} {item}".encode()).digest())


def mixed(count, salt):
    """An order of ``count`` things in which none is where it was.

    Examples
    --------
    >>> any(before == now for now, before in enumerate(mixed(4, "start-slice")))
    False
    """
    for attempt in itertools.count():
        order = scatter(range(count), f"{salt} {attempt}")
        if all(before != now for now, before in enumerate(order)):
            return order


def due(chapters, page):
    """Choose the questions that come back on a page.

    One of the chapter before, one of two before, one of four before. What a chapter asked is drawn once and then
    shown in that order, so that no question comes back twice while there are others.

    Parameters
    ----------
    chapters : list of (page, names of its questions), in reading order
    page : str

    Returns
    -------
    list of (page, name), the oldest first

    Examples
    --------
    >>> chapters = [("00", ["a", "b"]), ("01", ["c", "d"]), ("02", ["e"]), ("03", [])]
    >>> [page for page, _ in due(chapters, "02")]
    ['00', '01']
    >>> due(chapters, "00")
    []
    """
    here = [name for name, _ in chapters].index(page)
    found = []
    for index, gap in enumerate(GAPS):
        earlier, names = chapters[here - gap] if gap <= here else (None, [])
        if names:
            found.append((earlier, scatter(names, earlier)[index % len(names)]))
    return found[::-1]


def again(node, page, title):
    """The same question on a later page: its options in another order, with letters to match."""
    node = node.deepcopy()
    uid = f"{page}-{node['name']}"
    node["kind"], node["title"], node["uid"], node["name"] = "revisit", title, uid, f"{page}/{node['name']}"
    options, fold = [part for part in node if isinstance(part, ChoiceNode)], node[-1]
    order = mixed(len(options), uid)
    for part in [*options, fold]:
        node.remove(part)
    whys = list(fold)
    fold.clear()
    for letter, number in zip(LETTERS, order, strict=False):
        options[number]["letter"] = whys[number]["letter"] = letter
        node += options[number]
        fold += whys[number]
    node += fold
    for part in node.findall(nodes.Element):
        part["ids"], part["names"] = [], []  # an address leads to where the question is written
        if "refdoc" in part:
            part["refdoc"] = page
    return node
