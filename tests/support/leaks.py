"""The lines of a solution, to look for them where they must not be."""

from places import ROOT

from autograder.releasing.convert import BEGIN, END


def secrets(name):
    """Lines of an assignment's solution regions that stand nowhere in what students are given to build on."""
    source = (ROOT / "solutions" / name / f"{name}.md").read_text(encoding="utf-8")
    first, *blocks = source.split(BEGIN)
    regions = [block.split(END)[0] for block in blocks]
    given = {line.strip() for part in (first, *(block.split(END)[1] for block in blocks)) for line in part.splitlines()}
    # Long enough to be nobody's by chance.
    secret = {line.strip() for region in regions for line in region.splitlines() if len(line.strip()) > 40} - given
    assert secret
    return secret
