"""Files that are written whole or not at all, and fingerprints."""

from pathlib import Path

import pytest

from autograder.files import fingerprint, write_if_changed, write_whole, written_whole


def listing(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("data", "written"), [("größer\n", "größer\n".encode()), (b"\x00\xff", b"\x00\xff"), ("", b"")]
)
def test_a_file_is_written_and_its_folder_made(tmp_path, data, written):
    write_whole(tmp_path / "new" / "file", data)
    assert listing(tmp_path / "new") == {"file": written}


def test_after_an_error_the_old_file_stays_and_nothing_else(tmp_path):
    write_whole(tmp_path / "file", "old")
    with pytest.raises(OSError, match="full"), written_whole(tmp_path / "file") as part:
        part.write_text("half of the n")
        assert (tmp_path / "file").read_text() == "old"
        raise OSError("full")
    assert listing(tmp_path) == {"file": b"old"}


def test_what_a_killed_writer_left_is_no_way_to_another_file(tmp_path):
    """A link in the place of the part would be written through."""
    (tmp_path / "other").write_text("theirs")
    (tmp_path / ".file.part").symlink_to(tmp_path / "other")
    write_whole(tmp_path / "file", "new")
    assert listing(tmp_path) == {"other": b"theirs", "file": b"new"}
    assert not (tmp_path / "file").is_symlink()


def test_an_unchanged_file_is_not_written(tmp_path):
    path = tmp_path / "file"
    assert write_if_changed(path, "one") is True
    before = path.stat()
    assert write_if_changed(path, b"one") is False
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert write_if_changed(path, "two") is True
    assert path.read_text() == "two"


def test_every_part_counts_in_a_fingerprint(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    (tmp_path / "empty").write_text("")
    parts = [
        (),
        (1,),
        ("1",),
        (1, 1),
        ((1, 1),),
        ("a", "b"),
        ("ab",),
        (b"1",),
        (tmp_path / "a",),
        (str(tmp_path / "a"),),
        (tmp_path / "empty",),
        (tmp_path / "not there",),
        (tmp_path / "a", "x"),
        ("x", tmp_path / "a"),
    ]
    assert len({fingerprint(*each) for each in parts}) == len(parts)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert fingerprint(Path(tmp_path, "a"), 1.5, {"b": None}) == fingerprint(Path(tmp_path, "b"), 1.5, {"b": None})


def test_a_folder_has_no_content(tmp_path):
    assert fingerprint(tmp_path) == fingerprint(tmp_path / "not there")
