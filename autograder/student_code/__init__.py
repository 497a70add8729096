"""Where a student's function runs: in this process for one's own work, behind walls for everybody else's.

A check calls a `subject`. Of the two there are, `inside.calling.Local` is a function of this process, and
`remote.Remote` one in a process of the sandbox. `inside/` is the package that stands beside student code there; it
imports nothing of ours, and nothing it says is believed.
"""
