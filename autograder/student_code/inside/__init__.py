"""The code beside student code: it calls it, watches it, and carries data to it and back.

A notebook uses this package in the student's own process; the grader puts the same files behind a wall, where
nothing else of this project exists. So nothing here imports anything of ours from outside this folder, and nothing
here is trusted: its replies are read as data by `autograder.student_code.remote`.
"""
