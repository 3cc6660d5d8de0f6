"""`evolve push`: a finished run's dataset into a repo of the Hugging Face Hub, in one commit."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from evolve.cli.app import AsJson, ConfigFile, err, out, settings_of
from evolve.cli.options import Quiet
from evolve.text import plain


def push(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run's folder.")],
    *,
    repo: Annotated[str, typer.Option("--repo", help="USER/NAME of the dataset; it is made if it is not there.")],
    pr: Annotated[bool, typer.Option("--pr", help="Open a pull request instead of committing.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Anyone may see it. Default: private.")] = False,
    license_: Annotated[
        str | None, typer.Option("--license", help="Of the dataset: an identifier of the Hub, such as apache-2.0.")
    ] = None,
    license_link: Annotated[
        str | None, typer.Option("--license-link", help="Where a licence can be read that the Hub does not know.")
    ] = None,
    seeds_license: Annotated[
        str | None, typer.Option("--seeds-license", help="Of the seeds, in a few words or as a URL.")
    ] = None,
    teacher_terms: Annotated[
        str | None, typer.Option("--teacher-terms", help="What the models' providers allow, in words or as a URL.")
    ] = None,
    config: ConfigFile = None,
    patience: Annotated[
        float, typer.Option("--patience", min=0, help="Wait so many seconds in all for a Hub that is busy.")
    ] = 300.0,
    quiet: Quiet = False,
    json_: AsJson = False,
) -> None:
    """Publish a finished run on the Hugging Face Hub: all of it in one commit, or nothing.

    The token comes from HF_TOKEN or the login. Pushing the same run again makes no commit. The licence of the dataset,
    that of the seeds and the models' terms must be given once, here or as `publish` in the config; the run keeps them.
    """
    from evolve.config import load

    given = {"license": license_, "license_link": license_link}
    given |= {"seeds_license": seeds_license, "teacher_terms": teacher_terms}
    named = {f"--{key.replace('_', '-')}": (f"publish.{key}", value) for key, value in given.items()}
    terms = load(config, settings_of(named, [])).publish
    from evolve.hub import check_name, connect
    from evolve.hub import push as bring
    from evolve.release import made_release

    def say(what: str) -> None:
        if not quiet and not json_:
            err.print(Text(f"evolve: {plain(what)}"), soft_wrap=True)

    check_name(repo)
    hub = connect(bars=err.is_terminal and not quiet and not json_)
    with made_release(folder, terms, hub.token) as bundle:
        pushed = bring(hub, bundle, repo, pr=pr, public=public, patience_s=patience, say=say)
    if json_:
        out.print(json.dumps(asdict(pushed)), soft_wrap=True)
        return
    seen = "private" if pushed.private else "public"
    if pushed.made == "nothing":
        where = f"in {plain(pushed.url)}" if pushed.url else "there"
        out.print(f"nothing  all {pushed.files} files are {where} already; no commit was made", soft_wrap=True)
    else:
        out.print(f"{pushed.made:8} {plain(pushed.url or pushed.sha)}", soft_wrap=True)
    out.print(
        f"dataset  {plain(pushed.repo)} ({seen}), {pushed.files} files, commit {plain(pushed.sha)}", soft_wrap=True
    )
    if public and pushed.private:
        out.print("         it was there before, and stays private: see its settings on the Hub", soft_wrap=True)
