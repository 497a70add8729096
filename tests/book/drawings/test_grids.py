"""A grid shows its numbers, its indices and its region."""

import drawings
import pytest
from drawn import IMAGE, framed_cells, frames, part, rounded, texts, value

REGION = (1, 2, 3, 2)


def assert_grid(drawing, array, region):
    shown = texts(part(drawing, "grid"))
    rows, columns = array.shape
    assert [int(text) for text in shown[: rows + columns]] == [*range(columns), *range(rows)]
    assert [value(text) for text in shown[rows + columns :]] == rounded(array)
    row, column, height, width = region
    assert framed_cells(part(drawing, "grid")) == [(column, row, width, height)]


def test_a_grid_shows_its_numbers_its_indices_and_its_region():
    assert_grid(drawings.grid(IMAGE, highlight=REGION), IMAGE, REGION)
    assert not frames(part(drawings.grid(IMAGE), "grid"))


@pytest.mark.parametrize(
    ("array", "region"), [(IMAGE, (1, 2, 2, 3)), (IMAGE.T, REGION), (-IMAGE, REGION)], ids=["region", "turned", "sign"]
)
def test_a_wrong_grid_is_refused(array, region):
    wrong = drawings.grid(array, region)
    with pytest.raises(AssertionError):
        assert_grid(wrong, IMAGE, REGION)
