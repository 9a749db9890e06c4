"""`interrupts`: the end of a process that is stopped while nothing is under way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ledger_async._support import interrupts

END = """
import os, signal
from ledger_async._support import interrupts
{before}
interrupts.catch()
os.kill(os.getpid(), signal.{number})
print("went on")
"""


def ended(number: str, before: str = "") -> tuple[int, str, str]:
    program = END.format(number=number, before=before)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_the_process_with_the_line_of_that_moment(number: str, code: int) -> None:
    said = "interrupts.will_say('stopped: a.csv is as it was')"
    assert ended(number, said) == (code, "", "stopped: a.csv is as it was\n")


def test_a_process_that_has_said_its_line_says_it_once() -> None:
    assert ended("SIGINT", "interrupts.will_say('')") == (130, "", "")


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    assert ended("SIGINT", before) == (0, "went on\n", "")


def test_the_line_is_the_latest() -> None:
    interrupts.will_say("stopped: one")
    interrupts.will_say("stopped: two")
    assert interrupts.farewell() == "stopped: two"
