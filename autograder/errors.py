"""The base of the errors that a person can mend."""


class FixableError(ValueError):
    """Something that a person can mend; the message says what to do, and the command line shows nothing else."""
