"""What lies here is what students hand in, not tests."""

collect_ignore_glob = ["*.py", "*.ipynb"]
