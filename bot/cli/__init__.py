"""The command line: click commands, one module each; builds the adapters, runs the pipeline, prints, picks exit codes.

No logic of detection, editing or reporting lives here. Modules are imported when their command runs, so that
`k8s-auto-fix --version` costs no more than click.
"""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 nothing to say, 1 findings or changes, 2 wrong use or unreadable, 3 a defect."""
    try:
        from bot.cli.run import run

        code = run(arguments)
    except KeyboardInterrupt:  # while the modules are imported, or once more while the first one is dealt with
        code = 130
    sys.exit(code)
