"""`evolve push`: a finished run's dataset into a repo of the Hugging Face Hub, in one commit; or what that would be."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from evolve.cli.app import AsJson, ConfigFile, err, out, settings_of
from evolve.cli.options import Quiet
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.hub import Bundle, Pushed

_Repo = Annotated[str, typer.Option("--repo", help="USER/NAME of the dataset; it is made if it is not there.")]
_Try = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what would be published, and stop before the token and the network."),
]
_Replace = Annotated[
    bool, typer.Option("--replace-readme", help="Put the card in place of a README.md that evolve did not write.")
]
_License = Annotated[
    str | None, typer.Option("--license", help="Of the dataset: an identifier of the Hub, such as apache-2.0.")
]
_Link = Annotated[
    str | None, typer.Option("--license-link", help="Where a licence can be read that the Hub does not know.")
]
_Seeds = Annotated[str | None, typer.Option("--seeds-license", help="Of the seeds, in a few words or as a URL.")]
_Terms = Annotated[
    str | None, typer.Option("--teacher-terms", help="What the models' providers allow, in words or as a URL.")
]
_Patience = Annotated[
    float, typer.Option("--patience", min=0, help="Wait so many seconds in all for a Hub that is busy.")
]


def push(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run's folder.")],
    *,
    repo: _Repo,
    dry_run: _Try = False,
    pr: Annotated[bool, typer.Option("--pr", help="Open a pull request instead of committing.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Anyone may see it. Default: private.")] = False,
    replace_readme: _Replace = False,
    license_: _License = None,
    license_link: _Link = None,
    seeds_license: _Seeds = None,
    teacher_terms: _Terms = None,
    config: ConfigFile = None,
    patience: _Patience = 300.0,
    quiet: Quiet = False,
    json_: AsJson = False,
) -> None:
    """Publish a finished run on the Hugging Face Hub: all of it in one commit, or nothing.

    Published are the card and the configs default, preference, rejected, lineage and derived, where they have rows.
    None can be left out: for a part of it, upload what `evolve export` writes.

    The token comes from HF_TOKEN or the login, and is asked for last. Pushing the same run again makes no commit. The
    licence of the dataset, that of the seeds and the models' terms must be given once, here or as `publish` in the
    config; the run keeps them.
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
    with made_release(folder, terms) as bundle:
        if dry_run:
            _announce(bundle, repo, public=public, pr=pr, as_json=json_)
            return
        hub = connect(bars=err.is_terminal and not quiet and not json_)
        wish = {"pr": pr, "public": public, "replace_readme": replace_readme}
        pushed = bring(hub, bundle, repo, **wish, patience_s=patience, say=say)
    _report(pushed, public=public, as_json=json_)


def _announce(bundle: Bundle, repo: str, *, public: bool, pr: bool, as_json: bool) -> None:
    """What a push would publish."""
    parts, sizes = bundle.parts(), {path: file.size for path, file in bundle.files.items()}
    if as_json:
        configs = {config: asdict(part) for config, part in parts.items()}
        found = {"repo": repo, "made": "nothing", "private": not public, "pr": pr, "configs": configs, "files": sizes}
        out.print(json.dumps(found), soft_wrap=True)
        return
    seen, how = "public" if public else "private", "in a pull request" if pr else "in one commit"
    out.print("dry run  nothing was sent, and neither a token nor the Hub was asked for")
    out.print(f"dataset  {repo} ({seen}), {len(sizes)} files {how}, {bundle.size:,} bytes", soft_wrap=True)
    for config, part in parts.items():
        rows = f"{part.rows:,} row{'s' if part.rows != 1 else ''}"
        out.print(f"config   {config}: {rows}, {part.size:,} bytes; {part.holds}", soft_wrap=True)
    for path, size in sizes.items():
        out.print(f"file     {path}, {size:,} bytes", soft_wrap=True)


def _report(pushed: Pushed, *, public: bool, as_json: bool) -> None:
    if as_json:
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
