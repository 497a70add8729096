"""Running student code: the subject of a check, here or in a process behind walls.

- `subject` is what a check asks; `remote` is one behind the wall.
- `fork_server`, `sandbox` and `notebook_process` are the three processes there, seen from this side: one for the run,
  one for each worker, one for each notebook.
- `walls` keep student code from the machine, `probes` try them, `limits` bound what it uses, `outputs` what it shows.
- `inside` is the other side: all that stands beside student code.
"""
