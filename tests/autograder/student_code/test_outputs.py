"""A cell's outputs, from whatever the other side says they are."""

import nbformat
import pytest

from autograder.student_code.outputs import MAX_OUTPUTS, MAX_PICTURE, MAX_TEXT, clean_outputs, output

SOUND = [
    {"output_type": "stream", "name": "stdout", "text": "3\n"},
    {"output_type": "stream", "name": "stderr", "text": "careful"},
    {"output_type": "error", "ename": "KeyError", "evalue": "'a'", "traceback": ["line 1"]},
    {"output_type": "display_data", "data": {"text/plain": "a", "image/png": "aGk="}, "metadata": {}},
    {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 4},
]


def test_what_is_sound_is_kept_and_is_a_notebook():
    kept = clean_outputs(SOUND)
    assert kept == SOUND
    cell = nbformat.v4.new_code_cell("", outputs=kept)
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize(
    "outputs",
    [
        *(None, 3, "text", {"output_type": "stream"}, (SOUND[0],), True),
        *([None], [3], ["stream"], [[]], [{}]),
        [{"output_type": "stream", "name": "stdin", "text": "a"}],
        [{"output_type": "stream", "name": "stdout", "text": ["a"]}],
        [{"output_type": "stream", "name": "stdout"}],
        [{"output_type": "stream", "name": None, "text": "a"}],
        [{"output_type": "error", "ename": "E", "evalue": "e", "traceback": "line"}],
        [{"output_type": "error", "ename": 3, "evalue": "e", "traceback": []}],
        [{"output_type": "display_data", "data": "text"}],
        [{"output_type": "display_data", "data": [["text/plain", "a"]]}],
        [{"output_type": "update_display_data", "data": {"text/plain": "a"}}],
        [{"output_type": ["stream"], "name": "stdout", "text": "a"}],
    ],
)
def test_what_is_no_output_is_dropped(outputs):
    assert clean_outputs(outputs) == []


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": "<script>"},
        {"image/svg+xml": "<svg>"},
        {"application/javascript": "alert(1)"},
        {"text/plain": 3},
        {"text/plain": "x" * (MAX_TEXT + 1)},
        {"image/png": "not base64!"},
        {"image/png": '"><script>'},
        {"image/png": ""},
        {"image/jpeg": "A" * (MAX_PICTURE + 1)},
        {"image/png": ["aGk="]},
        {1: "text/plain"},
    ],
)
def test_of_a_display_text_and_pictures_are_kept(data):
    for kind in ("display_data", "execute_result"):
        (kept,) = clean_outputs([{"output_type": kind, "data": data | {"image/jpeg2": ""}}])
        assert kept["data"] == {}
        (kept,) = clean_outputs([{"output_type": kind, "data": {"image/png": "aGk=\n"} | data}])
        assert set(kept["data"]) <= {"image/png"}


def test_nothing_of_metadata_is_kept():
    (kept,) = clean_outputs([{"output_type": "display_data", "data": {}, "metadata": {"a": 1}, "transient": {"b": 2}}])
    assert kept == {"output_type": "display_data", "data": {}, "metadata": {}}


@pytest.mark.parametrize("number", [None, "3", True, 1.5])
def test_an_execution_count_is_a_whole_number_or_none(number):
    (kept,) = clean_outputs([{"output_type": "execute_result", "data": {}, "execution_count": number}])
    assert kept["execution_count"] is None


def test_everything_is_bounded():
    text = "x" * (MAX_TEXT + 1)
    assert len(clean_outputs([SOUND[0]] * (MAX_OUTPUTS + 1))) == MAX_OUTPUTS
    (stream,) = clean_outputs([{"output_type": "stream", "name": "stdout", "text": text}])
    (error,) = clean_outputs(
        [{"output_type": "error", "ename": text, "evalue": text, "traceback": [text, 3, *["a"] * 60]}]
    )
    assert len(stream.text) == len(error.ename) == len(error.evalue) == len(error.traceback[0]) == MAX_TEXT
    assert error.traceback[1:] == ["a"] * 48


def test_an_output_is_as_nbformats_own():
    assert output("stream", name="stdout", text="a") == nbformat.v4.new_output("stream", name="stdout", text="a")
