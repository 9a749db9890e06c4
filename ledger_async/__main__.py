"""Entry point of `ledger-async` and of `python -m ledger_async`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from ._support import interrupts
from .cli.exits import Exit
from .cli.streams import replace_closed

_EXTRA = ("cyclopts", "rich")


def main() -> NoReturn:
    """Run the command line and exit; one line says what to install where its extra is missing."""
    replace_closed()
    with _terminable() as stopped_by:
        try:
            code = _run()
        except KeyboardInterrupt:
            sys.stderr.write(f"{interrupts.farewell()}\n")
            interrupts.will_say("")  # once is enough
            code = stopped_by()
    sys.exit(code)


def _run() -> Exit:
    try:
        from .cli.run import run  # noqa: PLC0415 - it needs the extra

        with _interruptible():
            return run()
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("error: this needs an extra: pip install 'ledger-async[cli]'\n")
        return Exit.USAGE


@contextmanager
def _interruptible() -> Iterator[None]:
    """Have Ctrl-C raise `KeyboardInterrupt`, or cancel what asyncio runs, within the block."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _terminable() -> Iterator[Callable[[], Exit]]:
    """Let SIGTERM end the block as Ctrl-C would; gives what tells the exit code of either."""
    code = Exit.INTERRUPTED

    def terminate(number: int, frame: FrameType | None) -> None:
        nonlocal code
        code = Exit.TERMINATED
        interrupt = signal.getsignal(signal.SIGINT)
        (interrupt if callable(interrupt) else signal.default_int_handler)(number, frame)

    _keep_ctrl_c_ignored()
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield lambda: code
    finally:
        signal.signal(signal.SIGTERM, before)


def _keep_ctrl_c_ignored() -> None:
    """Have SIGINT ignored by a mask, where it is, as by what runs in the background.

    asyncio ends its tasks in order on a SIGINT, or on what stands for one, only where that has
    the usual handler.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    main()
