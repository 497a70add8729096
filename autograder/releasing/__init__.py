"""From an assignment's source to what students get: the released notebooks, and the zip with the wheel.

convert.py           MyST text as a notebook with nbgrader's metadata, or the list of its faults
cell_ids.py          names of cells that follow from the cells
graded_cell.py       the one line of a graded cell, taken apart
clear_solutions.py   nbgrader's step that takes the solutions out
release.py           both steps, for all assignments
student_zip.py       everything a student needs in one file
"""
