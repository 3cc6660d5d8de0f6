"""`evolve teacher`: the offline teacher as a server of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evolve.errors import ConfigError


def teacher(
    *,
    port: Annotated[int, typer.Option(help="0: any free port; it is printed as JSON.")] = 8399,
    seeds: Annotated[Path | None, typer.Option("--seeds", help="Folder of seeds with solutions and tests.")] = None,
    limit: Annotated[int | None, typer.Option(help="Read this many of them at most.")] = None,
    faults: Annotated[float, typer.Option(help="Multiplies the rates of bad content; 0 for none.")] = 1.0,
    rate_429: Annotated[float, typer.Option("--rate-429", help="Share of requests answered 429.")] = 0.0,
    rate_500: Annotated[float, typer.Option("--rate-500", help="Share of requests answered 500.")] = 0.0,
    rate_reset: Annotated[float, typer.Option(help="Share of connections reset.")] = 0.0,
    rate_garbage: Annotated[float, typer.Option(help="Share of replies that are no JSON.")] = 0.0,
    rate_hang: Annotated[float, typer.Option(help="Share of requests that get no reply.")] = 0.0,
    slots: Annotated[int | None, typer.Option(help="Answer 429 to more requests at a time.")] = None,
    rpm: Annotated[int | None, typer.Option(help="Answer 429 to more requests in a minute.")] = None,
    latency: Annotated[float, typer.Option(help="Median seconds a reply takes.")] = 0.0,
    sigma: Annotated[float, typer.Option(help="Log-normal shape of the latency.")] = 0.0,
    batch_delay: Annotated[float, typer.Option(help="Seconds that a batch takes.")] = 0.0,
    batches: Annotated[bool, typer.Option(help="Take batches of requests (/v1/files and /v1/batches).")] = True,
    no_schema: Annotated[bool, typer.Option("--no-schema", help="Refuse calls with a response_format.")] = False,
    key: Annotated[str | None, typer.Option(help="Accept only this API key.")] = None,
    until_eof: Annotated[bool, typer.Option("--until-eof", help="End when standard input ends.")] = False,
) -> None:
    """Serve the offline teacher on loopback: an OpenAI-compatible endpoint for tests, without weights."""
    from evolve.offline import Options, Trouble, main
    from evolve.seeds import bundled

    folder = bundled() if seeds is None else seeds
    if not folder.exists():
        raise ConfigError(f"{folder}: no such file or folder of seeds")
    main(
        Options(
            seeds=folder,
            limit=limit,
            port=port,
            faults=faults,
            trouble=Trouble(rate_429, rate_500, rate_reset, rate_garbage, rate_hang, slots, rpm),
            latency_s=latency,
            sigma=sigma,
            batch_s=batch_delay if batches else None,
            no_schema=no_schema,
            key=key,
            until_eof=until_eof,
        )
    )
