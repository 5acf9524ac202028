"""The command line: `patron`. stdout is for data, stderr for talk; no traceback reaches the user.

Exit codes: 0 ok, 1 error, 2 usage, 3 refused by data quality.
"""

from __future__ import annotations

import sys
import tempfile
import traceback

from patron.cli import compiling, explaining, reading, segmenting, streaming, working
from patron.cli.app import app
from patron.cli.talk import complain
from patron.ground.errors import DataRefused, PatronError

__all__ = [
    "app",
    "compiling",
    "explaining",
    "main",
    "reading",
    "segmenting",
    "streaming",
    "working",
]  # the modules register their commands on `app`


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        app()
    except DataRefused as refusal:
        complain("Refused", refusal)
        sys.exit(3)
    except PatronError as error:
        complain("Error", error)
        sys.exit(1)
    except KeyboardInterrupt:
        complain("Stopped", "finished stages are kept; the same command goes on from there.")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        complain(
            "Error",
            f"{error.filename or 'A file'}: {error.strerror or error}.\nNext: check the path and its permissions.",
        )
        sys.exit(1)
    except MemoryError:
        complain(
            "Error", "not enough memory.\nNext: set --memory-limit, such as 4GB, so that the engine spills to disk."
        )
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user never sees a traceback
        complain("Bug", f"{type(error).__name__}: {error}\nThis should not have happened. Please report {_trace()}")
        sys.exit(1)


def _trace() -> str:
    """Keep the traceback in a file of its own, and return where."""
    with tempfile.NamedTemporaryFile("w", prefix="patron-bug-", suffix=".txt", delete=False, encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return file.name
