"""Formulas are MathML when the book is built. What one of them may ask for, formulas.py's examples say."""

import re

import pytest
from built import build_pages

PAGES = {
    "good": "# Good\n\nA kernel is $k_H \\times k_W$, so\n\n$$\nk < H\n$$\n",
    "unknown": "# Unknown\n\n$\\kernel{3}$\n",
    "open": "# Open\n\n$$\nw_\n$$\n",
    "letter": "# Letter\n\n$\\aleph$\n",
    "number": "# Number\n\n$$\nk\n$$ (first)\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A build of a good page and of three others: its exit code, its folder and its complaints."""
    folder = tmp_path_factory.mktemp("formulas")
    code, printed = build_pages(folder, PAGES)
    printed = re.sub("\x1b[^m]*m", "", printed)  # colours
    return code, folder / "_build" / "html", [line for line in printed.splitlines() if "WARNING: " in line]


def test_a_formula_needs_no_script(built):
    html = (built[1] / "good.html").read_text(encoding="utf-8")
    inline = "<mrow><msub><mi>k</mi><mi>H</mi></msub><mo>×</mo><msub><mi>k</mi><mi>W</mi></msub></mrow>"
    assert f'<span class="keep"><span class="math"><math>{inline}</math></span>,</span> so' in html
    assert '<div class="math"><math display="block"><mrow><mi>k</mi><mo>&lt;</mo><mi>H</mi></mrow></math></div>' in html
    assert not re.search("<script[^>]*mathjax", html, re.I) and not list(built[1].rglob("*mathjax*"))


def test_a_formula_that_cannot_be_shown_fails_the_build_and_says_where(built):
    code, _, complaints = built
    assert code != 0
    assert [re.sub(r".*/(\w+)\.md:(\d+): WARNING: ", r"\1, line \2: ", line) for line in sorted(complaints)] == [
        "letter, line 3: formula \\aleph: the book's font has no ℵ",
        "number, line 3: formula first: formulas have no numbers in this book",
        "open, line 3: formula w_: latex2mathml cannot read it (MissingSuperScriptOrSubscriptError)",
        "unknown, line 3: formula \\kernel{3}: \\kernel is no command that latex2mathml knows",
    ]
