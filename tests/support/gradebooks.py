"""New gradebooks without a new process for each: nbgrader starts one to ask alembic for a number that never changes.

Once imported, it is asked in this process, once.
"""

import functools
from pathlib import Path

import nbgrader.api
from alembic.script import ScriptDirectory

asked_by_nbgrader = nbgrader.api.get_alembic_version


@functools.cache
def version():
    """The version of the tables that this nbgrader makes."""
    return ScriptDirectory(str(Path(nbgrader.api.__file__).parent / "alembic")).get_current_head()


nbgrader.api.get_alembic_version = version
