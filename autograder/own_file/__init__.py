"""Checking a file of one's own: `python -m autograder check FILE`, and pytest in a student's folder.

The file runs as it is, in a child process with a time limit. That is for one's own work; a stranger's is graded, behind
walls, by `autograder.grading`.

    check_file.py      a file checked, by as many child processes as it takes
    child_process.py   a child process seen from its parent
    job.py             the messages between the two: a job, events, rows
    child.py           the child process
    cells.py           running the cells
    asking.py          asking the functions every check
    sentences.py       the sentences about cells that do not run
    reading.py         a notebook or a .py file as Python source
    report.py          the text for people
    pytest_plugin.py   each check as a test of pytest
"""
