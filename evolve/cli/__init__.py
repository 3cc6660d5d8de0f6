"""The command `evolve`: run, submit, estimate, check, eliminate, show, report, view, export, push, teacher.

Exit codes: 0 done, 1 failed, 2 usage or config, 3 stopped by an endpoint, the Hub or a signal
and resumable. Every error is one message for a person. Importing this package pulls in no heavy package.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from rich.text import Text

from evolve.cli.app import DONE, FAILED, STOPPED, USAGE, app, err
from evolve.cli.checking import check
from evolve.cli.elimination import eliminate
from evolve.cli.estimating import estimate
from evolve.cli.exporting import export
from evolve.cli.looking import report, show, view
from evolve.cli.offline import teacher
from evolve.cli.pushing import push
from evolve.cli.starting import run
from evolve.cli.submitting import submit
from evolve.errors import EvolveError, HaltedError, HubBusyError, StopError, UsageError
from evolve.text import plain

__all__ = ["main"]

for verb in (run, submit, estimate, check, eliminate, show, report, view, export, push, teacher):
    app.command()(verb)


def main() -> NoReturn:
    """Run the command; every error is one message for a person and the right exit code."""
    try:
        code = app(args=sys.argv[1:] or ["--help"], standalone_mode=False)
    except typer.Exit as exit_:
        code = exit_.exit_code
    except UsageError as error:
        code = _complain(str(error), USAGE)
    except (StopError, HaltedError, HubBusyError) as error:
        code = _complain(str(error), STOPPED)
    except EvolveError as error:
        code = _complain(str(error), FAILED)
    except KeyboardInterrupt:
        code = _complain("stopped; type the same command again to go on", STOPPED)
    except Exception as error:
        code = _usage_or_raise(error)
    sys.exit(code if isinstance(code, int) else DONE)


def _usage_or_raise(error: Exception) -> int:
    """Typer's own complaints about the command line carry a way to show themselves; a bug is left to be seen."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        return _complain(f"{error.format_message()} (see --help)", USAGE)
    if type(error).__name__ == "Abort":
        return STOPPED
    raise error


def _complain(message: str, code: int) -> int:
    err.print(Text(f"evolve: {plain(message)}"), soft_wrap=True)
    return code
