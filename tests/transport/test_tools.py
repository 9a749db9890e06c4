"""Real tools that look on, each in a process of its own: calls work, and what they add arrives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from watched_calls import PAGES, TOOLS

SCRIPT = Path(__file__).parents[1] / "helpers/watched_calls.py"
REST = 2  # a POST, and a GET whose answer is cut off


def run(tool: str) -> Any:
    done = subprocess.run(
        [sys.executable, SCRIPT, tool], capture_output=True, check=True, text=True, timeout=60
    )
    return json.loads(done.stdout)


def added(seen: Any, header: str) -> list[str]:
    """The values of a header, which each request at the server has."""
    values = [each[header] for each in seen["sent"]]
    assert len(values) >= PAGES + REST
    return values


@pytest.mark.parametrize("tool", TOOLS)
def test_every_kind_of_call_works_before_the_eyes_of(tool: str) -> None:
    seen = run(tool)
    assert seen["tokens"] == ["1", "2", "3"]
    assert seen["user"] == "anna"
    assert "cut off" in seen["error"]


def test_what_sentry_puts_on_a_request_arrives_and_it_sees_each() -> None:
    seen = run("sentry")
    assert len({*added(seen, "sentry-trace")}) == seen["spans"] == len(seen["sent"])
    assert all("sentry-trace_id=" in each for each in added(seen, "baggage"))


def test_what_opentelemetry_puts_on_a_request_arrives_and_it_sees_each() -> None:
    seen = run("opentelemetry")
    assert len({*added(seen, "traceparent")}) == seen["spans"] == len(seen["sent"])


def test_vcrpy_plays_a_stream_back_without_the_server() -> None:
    seen = run("vcrpy")
    assert seen["played"] == ["1", "2", "3"]
    assert seen["asked again"] == 0


def test_aioresponses_is_shown_the_headers() -> None:
    seen = run("aioresponses")
    assert {*seen["keys"]} == {"key"}
    assert seen["sent"] == []
