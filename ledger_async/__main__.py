"""Entry point of `ledger-async` and of `python -m ledger_async`."""

from __future__ import annotations

import sys

from .cli.exits import Exit

_EXTRA = ("cyclopts", "rich")


def main() -> None:
    """Run the command line and exit; one line says what to install where its extra is missing."""
    try:
        from .cli.run import run  # noqa: PLC0415 - it needs the extra

        sys.exit(run())
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("error: this needs an extra: pip install 'ledger-async[cli]'\n")
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)


if __name__ == "__main__":
    main()
