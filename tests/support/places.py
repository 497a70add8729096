"""Paths in this repository, for tests in any folder."""

from pathlib import Path

#: The repository's root.
ROOT = Path(__file__).resolve().parents[2]

#: Where tests keep their data.
TESTS = ROOT / "tests"
