"""Checking a file of one's own: `python -m autograder check FILE`, and pytest in a student's folder.

The file runs as it is, in a child process with a time limit. That is for one's own work; a stranger's is graded, behind
walls, by `autograder.grading`.
"""
