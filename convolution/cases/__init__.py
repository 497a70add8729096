"""The data that every aspect is asked with, drawn from a seed.

The data hide no mistake: sizes differ from one another, values are signed and without symmetry, and one case among the
rectangular ones is square, because some mistakes show only there. Each function here takes (aspect, rng) and
returns cases from the smallest to the ugliest.
"""
