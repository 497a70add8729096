"""The files in this folder are students' work, not tests."""

collect_ignore_glob = ["*.py", "*.ipynb"]
