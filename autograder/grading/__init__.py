"""From a folder of submissions to marks: what `python -m autograder grade` and nbgrader's own commands run.

The coordinator (`grade`) finds what there is to do, hands it to workers over any executor (`workers`, `processes`,
`worker`), and alone writes: the gradebook, the graded notebooks, the feedback and the ledger. A worker rebuilds a
submission (`submission`), walks through it (`marking`) and returns the results of its cells as data (`results`).
"""
