"""Files that are written whole, and fingerprints of what decides a result."""

import contextlib
import hashlib
from pathlib import Path


def write_whole(path, data):
    """Write a file so that it always has its whole old or its whole new content.

    Parameters
    ----------
    path : path of the file; its folder is made where there is none
    data : str or bytes
    """
    with written_whole(path) as part:
        part.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)


def write_if_changed(path, data):
    """`write_whole`, unless the file has this content already; False where it had."""
    path, data = Path(path), data.encode("utf-8") if isinstance(data, str) else data
    if path.is_file() and path.read_bytes() == data:
        return False
    write_whole(path, data)
    return True


@contextlib.contextmanager
def written_whole(path):
    """The path of a file to write, which takes the place of ``path`` once the block has ended without an error.

    After an error, what was there stays, and nothing of the new file does.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with written_whole(Path(folder, "new", "marks.txt")) as part:
    ...         _ = part.write_text("20")
    ...     Path(folder, "new", "marks.txt").read_text(), len(list(Path(folder, "new").iterdir()))
    ('20', 1)
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # left by a writer that was killed, perhaps as a link
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def fingerprint(*parts):
    """A short text that another value of any part changes: a path counts by the file's content, the rest by its repr.

    Examples
    --------
    >>> fingerprint(1, "a") == fingerprint(1, "a") != fingerprint("1a")
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            digest.update(b"file")
            if part.is_file():
                with part.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        else:
            data = repr(part).encode()
            digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]
