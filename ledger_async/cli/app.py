"""The commands."""

from __future__ import annotations

import sys
from typing import Annotated

import anyio
from cyclopts import App, CycloptsError, CycloptsPanel, Parameter
from cyclopts.types import NonNegativeFloat, NonNegativeInt, Port, PositiveFloat, PositiveInt
from rich.console import RenderableType

from ledger_async import ConfigurationError, PageSize, __version__
from ledger_async._support import interrupts
from ledger_async.mirror import Mode, store_at
from ledger_async.sandbox import Sandbox

from . import workspace
from .connection import ConnectionOptions
from .fleets import Limit, Workers, together
from .formats import Format, Style
from .getting import Get, readable
from .log import logged
from .mirroring import Accounts, Options, PagesRead, alone, mirror_listing
from .options import (
    ConsistencyOption,
    FilterOptions,
    Flag,
    FormatOption,
    NoProgressOption,
    NumbersOption,
    OutputOption,
    PlainOption,
    SandboxOption,
    VerboseOption,
    with_offsets,
)
from .output import opened
from .reading import read_accounts, read_nfts
from .text import say, without_passwords


def _told(error: CycloptsError) -> RenderableType:
    """The fault of a command line, without the password in a URL that stands there."""
    said = str(error)
    return CycloptsPanel(error if without_passwords(said) == said else without_passwords(said))


_FIRST_OTHER = max(workspace.uneven()) + 1

app = App(
    name="ledger-async",
    help="Read a Ledger Enterprise workspace.",
    help_epilogue=(
        "LEDGER_BASE_URL, LEDGER_API_KEY and LEDGER_API_USER name the workspace to read; "
        "--auth reporting takes LEDGER_WORKSPACE and LEDGER_REPORTING_API_KEY, "
        "and --auth bearer takes LEDGER_WORKSPACE, LEDGER_API_KEY_ID and LEDGER_API_KEY_SECRET.\n\n"
        "Exit codes: 0 all was read, 1 some or all of it failed, 2 wrong usage or settings, "
        "130 stopped by Ctrl-C, 141 nobody reads the output any more, 143 stopped by SIGTERM."
    ),
    version=__version__,
    group_parameters="Options",
    default_parameter=Parameter(negative=()),
    error_formatter=_told,
    suppress_keyboard_interrupt=False,  # `main` turns it into an exit code, of imports too
)


@app.command(usage="Usage: ledger-async nfts [OPTIONS] [ACCOUNT_ID...]")
async def nfts(
    *account_ids: Annotated[int, Parameter(help="Accounts to read.")],
    all_accounts: Annotated[Flag, Parameter(help="Read every account there is.")] = False,
    format_: FormatOption = None,
    numbers_as_strings: NumbersOption = False,
    plain: PlainOption = False,
    output: OutputOption = None,
    page_size: Annotated[
        PageSize, Parameter(help="NFTs to a page.", metavar="N|max", show_choices=False)
    ] = 100,
    consistency: ConsistencyOption = "exact",
    concurrency: Annotated[PositiveInt, Parameter(help="Requests in flight at once.")] = 16,
    connection: ConnectionOptions = None,
    sandbox: SandboxOption = False,
    verbose: VerboseOption = False,
    no_progress: NoProgressOption = False,
) -> bool:
    """Read every NFT of many accounts.

    NDJSON and CSV have a line for each NFT, written as its page arrives. The table comes at the
    end: that of one account shows its newest NFTs, and that of many has a row for each account.
    """
    every = all_accounts or (sandbox and not account_ids)
    if every == bool(account_ids):
        raise ConfigurationError("give either account ids or --all-accounts")
    style, draws = Style(numbers_as_strings, plain), not (verbose or no_progress)
    with logged(on=verbose), opened(output, format_, style=style, draws=draws) as out:
        async with workspace.client(
            sandbox=sandbox, concurrency=concurrency, connection=connection
        ) as ledger:
            return await read_nfts(
                ledger, out, account_ids, page_size=page_size, consistency=consistency
            )


@app.command(usage="Usage: ledger-async mirror [OPTIONS] LISTING [ACCOUNT_ID...]")
async def mirror(
    listing: Annotated[str, Parameter(help="Listing to mirror, such as nfts or transactions.")],
    /,
    *account_ids: Annotated[int, Parameter(help="Accounts to read, if each has a listing.")],
    all_accounts: Annotated[Flag, Parameter(help="Read every account there is.")] = False,
    to: Annotated[
        str,
        Parameter(
            help="sqlite:FILE, postgresql://USER@HOST/DATABASE or parquet:DIRECTORY.",
            metavar="STORE",
        ),
    ] = "sqlite:ledger.db",
    schema: Annotated[
        str | None, Parameter(help="PostgreSQL schema of the tables.", metavar="NAME")
    ] = None,
    mode: Annotated[
        Mode,
        Parameter(help="Read all, or of transactions and requests what is new or was not final."),
    ] = "full",
    no_resume: Annotated[
        Flag, Parameter(help="Begin anew where an earlier run was not finished.")
    ] = False,
    forget: Annotated[
        Flag, Parameter(help="Mark what accounts held as gone where the API has them no more.")
    ] = False,
    workers: Annotated[
        PositiveInt | None,
        Parameter(help="Processes of this machine that share the accounts.", metavar="N"),
    ] = None,
    scheduler: Annotated[
        str | None,
        Parameter(
            help="Dask cluster whose workers share the accounts, such as tcp://HOST:8786.",
            metavar="ADDRESS",
        ),
    ] = None,
    limiter: Annotated[
        str | None,
        Parameter(
            help="Redis or Valkey server, redis://HOST, in which all processes that read the"
            " workspace keep one rate limit.",
            metavar="URL",
            env_var="LEDGER_LIMITER",
        ),
    ] = None,
    rate: Annotated[
        PositiveFloat | None,
        Parameter(help="Requests a second of that limit, where no headers tell.", metavar="N"),
    ] = None,
    json: Annotated[Flag, Parameter(help="Write the outcome as one JSON object.")] = False,
    concurrency: Annotated[
        PositiveInt, Parameter(help="Requests in flight at once, of each process.")
    ] = 16,
    connection: ConnectionOptions = None,
    sandbox: SandboxOption = False,
    verbose: VerboseOption = False,
    no_progress: NoProgressOption = False,
) -> bool:
    """Let a table hold what a listing holds: new rows, changed ones, and those that are gone.

    The table is called as the listing is, and its differences are kept beside it. Each account is
    written as a whole or not at all: stopped at any moment and run again, it goes on with those
    that were not finished; run again the next day, it writes what has changed since.

    ```
    ledger-async mirror nfts --all-accounts
    ledger-async mirror nfts 101 102 --to sqlite:nfts.db
    ledger-async mirror transactions --mode incremental
    ledger-async mirror nfts --all-accounts --to postgresql://me@db.example/ledger
    ledger-async mirror accounts --to parquet:ledger --json
    ledger-async mirror nfts --all-accounts --to parquet:ledger --workers 4
    ```

    The password of a database belongs in PGPASSWORD or ~/.pgpass, and the URL of a limiter that
    has one in LEDGER_LIMITER: a command line is there for every user of the machine to read.
    """
    crew, limit = Workers(workers, scheduler), Limit(limiter, rate)
    is_fleet = crew.are_asked_for(to)
    store = store_at(to, schema=schema)
    asked = Accounts(account_ids, all_accounts, every_by_default=sandbox)
    options = Options(mode, resume=not no_resume, forget=forget)
    format_: Format = "ndjson" if json else "table"
    with logged(on=verbose), opened(None, format_, draws=not (verbose or no_progress)) as out:
        async with workspace.settings(sandbox=sandbox, connection=connection) as settings:
            shared, read = limit.limiter(settings), PagesRead()
            if is_fleet:
                fleet = crew.fleet(
                    settings, concurrency=concurrency, limiter=shared, verbose=verbose
                )
                mirrors = together(fleet, to, schema)
            else:
                mirrors = alone(store)
            async with workspace.opened(
                crew.own(settings, asked),
                concurrency=concurrency,
                observer=read.observe,
                limiter=shared,
            ) as ledger:
                return await mirror_listing(
                    ledger,
                    out,
                    listing,
                    asked,
                    mirrors=mirrors,
                    options=options,
                    read=None if is_fleet else read,
                )


@app.command
async def accounts(
    *,
    filters: FilterOptions = None,
    format_: FormatOption = None,
    numbers_as_strings: NumbersOption = False,
    plain: PlainOption = False,
    output: OutputOption = None,
    consistency: ConsistencyOption = "exact",
    connection: ConnectionOptions = None,
    sandbox: SandboxOption = False,
    verbose: VerboseOption = False,
    no_progress: NoProgressOption = False,
) -> None:
    """List the accounts that match every filter."""
    style, draws = Style(numbers_as_strings, plain), not (verbose or no_progress)
    with logged(on=verbose), opened(output, format_, style=style, draws=draws) as out:
        async with workspace.client(sandbox=sandbox, connection=connection) as ledger:
            await read_accounts(ledger, out, with_offsets(filters or {}), consistency=consistency)


@app.command(usage="Usage: ledger-async get [OPTIONS] [PATH [KEY=VALUE...]]")
async def get(
    path: Annotated[
        str | None,
        Parameter(help="Path of the API, such as /accounts/101/balances; none lists them all."),
    ] = None,
    /,
    *arguments: Annotated[
        str, Parameter(name="KEY=VALUE", help="Parameters under their contract names.")
    ],
    format_: FormatOption = None,
    numbers_as_strings: NumbersOption = False,
    plain: PlainOption = False,
    output: OutputOption = None,
    consistency: ConsistencyOption = "exact",
    connection: ConnectionOptions = None,
    sandbox: SandboxOption = False,
    currency: Annotated[
        tuple[str, ...],
        Parameter(
            help=f"With --sandbox: an account more on this chain, from id {_FIRST_OTHER} on;"
            " repeatable.",
            metavar="NAME",
            show_default=False,
        ),
    ] = (),
    verbose: VerboseOption = False,
    no_progress: NoProgressOption = False,
) -> None:
    """Read whatever the API answers to a GET.

    A listing comes whole, as NDJSON with a line for each node, or with page= or page_size= just
    that page. Everything else is one JSON document, in which secrets are masked. As CSV each
    field is a column, and what is more than one value is JSON in its cell. A key is
    repeated for more than one value; a time without an offset is local. Without a path, every
    path that can be read is listed.

    ```
    ledger-async get /accounts/101/balances
    ledger-async get /transactions status=SUBMITTED status=CONFIRMED account=101
    ledger-async get /transactions created_after=2025-01-31 --output new.ndjson
    ledger-async get /requests page=2 page_size=50
    ledger-async get /accounts/101/balances/history start=2025-01-01
    ledger-async get /cardano/accounts/141/stakes --sandbox --currency cardano
    ```
    """
    if path is None:
        with opened(output, "ndjson") as out:
            await out.write_text(readable())
        return
    wanted = Get(path, arguments, consistency)
    style, draws = Style(numbers_as_strings, plain), not (verbose or no_progress)
    with (
        logged(on=verbose),
        opened(output, format_, style=style, draws=draws, on_a_terminal="ndjson") as out,
    ):
        async with workspace.client(
            sandbox=sandbox, currencies=currency, connection=connection
        ) as ledger:
            await wanted.write(ledger, out)


@app.command(name="sandbox", help_epilogue="")
async def serve(
    *,
    port: Annotated[Port, Parameter(help="Port to listen on; 0 takes a free one.")] = 0,
    accounts: Annotated[PositiveInt, Parameter(help="How many accounts.")] = workspace.ACCOUNTS,
    nfts: Annotated[NonNegativeInt, Parameter(help="How many NFTs in all.")] = workspace.NFTS,
    rate_limit: Annotated[
        PositiveFloat | None, Parameter(help="Requests a second that may pass, if not all.")
    ] = None,
    latency: Annotated[NonNegativeFloat, Parameter(help="Seconds to an answer.")] = 0.0,
    seed: Annotated[int, Parameter(help="The same seed makes the same data.")] = 0,
    currency: Annotated[
        tuple[str, ...],
        Parameter(
            help="An account more on this chain, such as cardano; repeatable.",
            metavar="NAME",
            show_default=False,
        ),
    ] = (),
) -> None:
    """Serve a made-up workspace on this machine, until Ctrl-C.

    Prints the settings with which a client in another terminal reads it.
    """
    sizes, others = workspace.with_currencies(workspace.uneven(accounts, nfts, seed), currency)
    sandbox = Sandbox(
        sizes,
        rate_limit=rate_limit,
        latency=latency,
        seed=seed,
        port=port,
        record=False,
        currencies=others,
    )
    async with workspace.served(sandbox, port) as made:
        for account_id, name in others.items():
            say(f"Account {account_id} is in {name}.")
        interrupts.will_say("stopped")
        say("Paste this into another terminal; Ctrl-C stops the sandbox.")
        sys.stdout.write(workspace.exports(made))
        sys.stdout.flush()
        await anyio.sleep_forever()
