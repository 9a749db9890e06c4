"""Makes docs/commands.md, every command and its options, from the command line's own help."""  # noqa: INP001 - a script

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from cyclopts import App
from models_pages import row

from ledger_async.cli.app import app

HEAD = """\
# Commands

The extra `cli` brings `ledger-async`: `pip install 'ledger_async[cli]'`. [On the command
line](command-line.md) says what is written where, and what stopping does."""


def command_page() -> str:
    """The page of all commands."""
    names = [name for name in app if not name.startswith("-")]
    contents = " · ".join(f"[{name}](#{name})" for name in names)
    commands = [part for name in names for part in _command(name, app[name])]
    return "\n\n".join([HEAD, contents, *commands, f"## Settings\n\n{app.help_epilogue}"]) + "\n"


def _command(name: str, command: App) -> Iterator[str]:
    yield f"## {name}"
    usage = (command.usage or f"Usage: ledger-async {name} [OPTIONS]").removeprefix("Usage: ")
    yield f"```\n{usage}\n```"
    yield inspect.cleandoc(command.help)
    arguments = command.assemble_argument_collection(
        default_parameter=app.default_parameter, parse_docstring=True
    )
    rows = [_row(each) for each in arguments if each.show]
    yield "\n".join([row(["argument", "meaning", "default"]), row(["---"] * 3), *rows])


def _row(argument: Any) -> str:
    return row([_names(argument), _meaning(argument), _default(argument)])


def _names(argument: Any) -> str:
    names = [each for each in argument.names if each.startswith("--")]
    shown = ", ".join(names) or argument.parameter.name[0].strip("-").replace("-", "_").upper()
    metavar = argument.parameter.metavar
    return f"`{shown} {metavar}`" if metavar and names else f"`{shown}`"


def _meaning(argument: Any) -> str:
    """The help, and the values if these are a few."""
    values = ", ".join(f"`{each}`" for each in argument.get_choices() or ())
    variables = ", ".join(f"`{each}`" for each in argument.parameter.env_var or ())
    known = [f"One of {values}." if values else "", f"Also {variables}." if variables else ""]
    return " ".join(filter(None, [argument.parameter.help, *known]))


def _default(argument: Any) -> str:
    default = argument.field_info.default
    hidden = argument.parameter.show_default is False or default in (None, ()) or argument.required
    return "" if hidden or default is argument.field_info.empty else f"`{default}`"
