"""The course on convolution, as code: everything that another course would replace.

- `reference`: the right functions, as plain as the formula
- `catalogue`: assignments and exercises, with kind, right function, cases and points
- `predictions`: the questions that students answer before they read on
- `cases`: the data that each aspect is asked with
- `mistakes`: wrong thoughts, each with the sentence that explains it
- `aspects`, `rules`, `layers`, `factors`, `worked`: what the catalogue's entries are made of

`autograder.course` is where the engine finds it.
"""
