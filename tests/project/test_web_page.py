"""docs/web.md by the letter: its applications are served, its tasks and its cells run."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import nbformat
import pytest
from nbclient import NotebookClient

from ledger_async import NFT, json
from ledger_async.sandbox import Sandbox

PAGE = (Path(__file__).parents[2] / "docs/web.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))

pytestmark = pytest.mark.real_time


def blocks_of(section: str) -> list[str]:
    return re.findall(r"```python.*?\n(.*?)```", SECTIONS[section], re.DOTALL)


@pytest.fixture
async def environment() -> AsyncIterator[Mapping[str, str]]:
    """The variables of a process whose client reads 250 NFTs of an account 101, and 7 of 103."""
    async with Sandbox({101: 250, 103: 7}) as box:
        yield {
            **os.environ,
            "LEDGER_BASE_URL": box.url,
            "LEDGER_API_KEY": box.api_key,
            "LEDGER_API_USER": box.api_user,
        }


@asynccontextmanager
async def served(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `application:app` of a folder, which uvicorn serves until the block ends."""
    flags = ("--port", "0", "--no-access-log", "--app-dir", str(folder))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "uvicorn", "application:app", *flags, env=environment, stderr=PIPE
    )
    said = ""
    while (at := re.search(r"running on (http://\S+)", said)) is None:
        said += await line(process)
    try:
        async with httpx.AsyncClient(base_url=at[1]) as client:
            yield client
    finally:
        process.terminate()
        _, rest = await process.communicate()
    assert b"shutdown complete" in rest
    assert b"Traceback" not in rest


async def line(process: Process) -> str:
    """The next line that a process says on stderr; it says more."""
    assert process.stderr is not None
    said = await process.stderr.readline()
    assert said
    return said.decode()


@pytest.mark.parametrize("framework", ["FastAPI", "Starlette", "Litestar"])
async def test_an_application_of_the_page_serves_json_lines_and_errors(
    framework: str, environment: Mapping[str, str], tmp_path: Path
) -> None:
    (application,) = blocks_of(framework)
    (tmp_path / "application.py").write_text(application)
    async with served(tmp_path, environment) as client:
        whole = await client.get("/accounts/103/nfts")
        lines = await client.get("/accounts/101/nfts.ndjson")
        missing = [
            (await client.get(f"/accounts/999/nfts{suffix}")).status_code
            for suffix in ("", ".ndjson")
        ]
    assert whole.headers["Content-Type"] == "application/json"
    assert len(json.decode(whole.content, type=list[NFT])) == 7
    assert lines.headers["Content-Type"].startswith("application/x-ndjson")
    assert len({*lines.text.splitlines()}) == 250
    assert missing == [404, 404]


async def test_an_id_that_no_account_has_is_the_visitors_mistake(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    (application,) = blocks_of("FastAPI")
    (tmp_path / "application.py").write_text(application)
    async with served(tmp_path, environment) as client:
        answers = [await client.get(f"/accounts/{each}/nfts") for each in (-1, 2**63)]
    assert [each.status_code for each in answers] == [422, 422]


CALLING = """
import tasks
print([each.get(timeout=60) for each in [tasks.tokens.delay(each) for each in (101, 103, 101)]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Celery forks")
async def test_the_tasks_of_the_page_share_the_client_of_their_process(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tasks,) = blocks_of("Celery")
    folders = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(tmp_path))
    (tmp_path / "tasks.py").write_text(tasks)
    (tmp_path / "settings.py").write_text(
        "broker_url = 'filesystem://'\n"
        f"broker_transport_options = {folders!r}\n"
        f"result_backend = 'file://{tmp_path}'\n"
    )
    surroundings = {**environment, "CELERY_CONFIG_MODULE": "settings", "PYTHONPATH": str(tmp_path)}
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "2"),
        env=surroundings,
        stdout=DEVNULL,
        stderr=PIPE,
    )
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALLING, env=surroundings, stdout=PIPE
    )
    found, _ = await caller.communicate()
    worker.terminate()
    _, said = await worker.communicate()
    assert found == b"[250, 7, 250]\n"
    assert b"Traceback" not in said


EMPTY = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}}


def code_cell(source: str) -> dict[str, object]:
    empty: dict[str, object] = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "source": source, **empty}


async def test_the_cells_of_the_page_run_in_a_notebook(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [code_cell(each) for each in blocks_of("Jupyter")]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.from_dict({**EMPTY, "cells": cells})
    await NotebookClient(notebook, timeout=60).async_execute()
    (output,) = notebook.cells[0].outputs
    assert output.text.startswith("250 ")
