"""Entry point of `ledger-async` and of `python -m ledger_async`."""

from __future__ import annotations

import sys

_EXTRA = ("cyclopts", "rich")


def main() -> None:
    """Run the command line and exit with its code, which is 2 where its extra is missing."""
    try:
        from .cli.run import run  # noqa: PLC0415 - what it imports may not be installed
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in _EXTRA:
            raise
        print("error: the command line needs: pip install 'ledger-async[cli]'", file=sys.stderr)
        sys.exit(2)
    sys.exit(run())


if __name__ == "__main__":
    main()
