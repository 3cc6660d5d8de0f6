"""The Hub as a push needs it: look at a repo, make one, commit to it, list its pull requests.

Errors are classified here, and nowhere else: HubBusyError (429, 408, 5xx, a broken connection) may be asked again,
HubError may not, MovedError is a repo that someone else has committed to. The client's own repetitions are cut short,
for they wait as long as any header says; who may wait how long is the caller's business. Invariant: the token is in no
message. Uploads through Xet have their own connections, and so their own patience.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import huggingface_hub as hf
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
from huggingface_hub.utils import (
    disable_progress_bars,
    get_session,
    logging,
    parse_ratelimit_headers,
    set_client_factory,
)

from evolve import __version__
from evolve.errors import HubBusyError, HubError, PushError
from evolve.hub.bundle import File
from evolve.text import plain, shorten

TIMEOUT_S = 60.0
"""Longest silence of a connection; the Hub's own gateway gives up earlier."""
BUSY = frozenset({408, 429, 500, 502, 503, 504})
MOVED = frozenset({409, 412})
"""What a commit ends in whose parent is not the last one any more."""
_MEANS = {401: "the Hub does not take the token, ", 403: "the token may not do that, "}
_REPO = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")


class MovedError(HubError):
    """Someone else has committed since the repo was looked at."""


@dataclass(frozen=True, slots=True)
class Repo:
    """A revision of one, as it was when it was looked at."""

    sha: str
    private: bool
    files: Mapping[str, frozenset[str]]
    """Path -> the names by which its content is known."""

    def has(self, path: str, file: File) -> bool:
        return not self.files.get(path, frozenset()).isdisjoint({file.sha256, file.git})


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    url: str
    revision: str
    """Where it is: a branch, or a pull request's reference."""


def connect(*, bars: bool = False) -> Hub:
    """With the token of the environment (HF_TOKEN) or of the login. Raises PushError where there is none.

    `bars`: whether the client may draw how far its uploads are on standard error.
    """
    logging.set_verbosity_error()  # what it has to say comes out as errors; its lines would name signed addresses
    if not bars:
        disable_progress_bars()
    try:
        token = hf.get_token()
    except Exception as error:  # of the exchange of tokens that CI systems have
        raise PushError(f"there is no token for the Hub: {plain(shorten(str(error), 300))}") from None
    if token is None:
        raise PushError("there is no token for the Hub: set HF_TOKEN, or log in with `hf auth login`")
    session = get_session()
    hooks = {"request": session.event_hooks["request"], "response": [_raise_if_busy]}
    set_client_factory(lambda: type(session)(event_hooks=hooks, follow_redirects=True, timeout=TIMEOUT_S))
    return Hub(token)


class Hub:
    def __init__(self, token: str) -> None:
        self.token = token
        self._api = hf.HfApi(token=token, library_name="evolve", library_version=__version__)

    def look(self, name: str, revision: str | None = None) -> Repo | None:
        """The dataset of that name, or None where there is none that the token may see."""
        with self._asking(f"looking at {name}"):
            try:
                info = self._api.dataset_info(name, revision=revision, files_metadata=True)
            except RepositoryNotFoundError as error:
                if error.response.status_code == 404:
                    return None
                raise
        known = {
            sibling.rfilename: frozenset(filter(None, (sibling.lfs and sibling.lfs.sha256, sibling.blob_id)))
            for sibling in info.siblings or []
        }
        return Repo(info.sha or "", bool(info.private), known)

    def text(self, name: str, path: str, sha: str) -> str:
        """Of that file in that commit; what is not UTF-8 in it is replaced."""
        with self._asking(f"reading {path} of {name}"), TemporaryDirectory() as cache:
            file = self._api.hf_hub_download(name, path, repo_type="dataset", revision=sha, cache_dir=cache)
            return Path(file).read_text(encoding="utf-8", errors="replace")

    def make(self, name: str, *, private: bool) -> None:
        with self._asking(f"making {name}"):
            self._api.create_repo(name, repo_type="dataset", private=private, exist_ok=True)

    def commit(
        self, name: str, title: str, files: Mapping[str, File], deleted: Sequence[str], parent: str, *, pr: bool
    ) -> Commit:
        """Upload what the Hub does not have yet, then commit all of it at once. Raises MovedError if `parent` is not
        the last commit any more."""
        adding = [hf.CommitOperationAdd(path, str(file.path)) for path, file in files.items()]
        deleting = [hf.CommitOperationDelete(path) for path in deleted]
        with self._asking(f"sending files to {name}"):
            self._api.preupload_lfs_files(
                name,
                adding,
                repo_type="dataset",
                create_pr=pr,
                free_memory=False,
                gitignore_content="",  # else what the repo's own one names would be left out without a word
            )
        with self._asking(f"committing to {name}"), warnings.catch_warnings(record=True):
            made = self._api.create_commit(
                name,
                [*adding, *deleting],
                repo_type="dataset",
                commit_message=title,
                parent_commit=parent,
                create_pr=pr,
            )
        return Commit(made.oid, made.pr_url or made.commit_url, made.pr_revision or "main")

    def requests(self, name: str, title: str) -> Iterator[tuple[str, str]]:
        """(reference, address) of the open pull requests with that title."""
        with self._asking(f"looking at the pull requests of {name}"):
            found = list(
                self._api.get_repo_discussions(
                    name, repo_type="dataset", discussion_type="pull_request", discussion_status="open"
                )
            )
        for request in found:
            if request.title == title and request.git_reference:
                yield request.git_reference, request.url

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Whatever the client raises becomes one of our errors."""
        try:
            yield
        except Exception as error:
            raise self._classified(error, what) from None

    def _classified(self, error: Exception, what: str) -> HubError:
        chain: list[BaseException] = [error]
        while (cause := chain[-1].__cause__) is not None:
            chain.append(cause)
        for each in reversed(chain):
            if isinstance(each, HubBusyError):
                return HubBusyError(f"{what}: {self._clean(each.message)}", each.retry_after_s)
            if isinstance(each, HfHubHTTPError):
                return self._refused(each, what)
        words = self._clean(f"{type(chain[-1]).__name__}: {chain[-1]}")
        if any(isinstance(each, ValueError | TypeError | KeyError | OfflineModeIsEnabled) for each in chain):
            return HubError(f"{what}: {words}")
        return HubBusyError(f"{what}: the connection broke off ({words})")

    def _refused(self, error: HfHubHTTPError, what: str) -> HubError:
        status = error.response.status_code
        words = f"HTTP {status}: {self._clean(error.server_message or str(error))}"
        if status in MOVED:
            return MovedError(f"{what}: someone else has committed meanwhile ({words})")
        return HubError(f"{what}: {_MEANS.get(status, '')}{words}")

    def _clean(self, words: str) -> str:
        return plain(shorten(words.replace(self.token, "(token)"), 300))


def _raise_if_busy(response: Any) -> None:  # noqa: ANN401  (a response of the client's own HTTP library)
    """Before the client repeats by itself."""
    status = response.status_code
    if status in BUSY:
        said = response.read().decode("utf-8", "replace")
        words = said if "html" not in response.headers.get("content-type", "") else ""
        raise HubBusyError(f"HTTP {status}{f': {words}' if words else ''}", _wish(response.headers, status))


def _wish(headers: Any, status: int) -> float | None:  # noqa: ANN401  (likewise)
    """Seconds that the Hub asks to be left alone for."""
    limit = parse_ratelimit_headers(headers) if status == 429 else None
    if limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds)
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def check_name(name: str) -> str:
    """`name`, if a dataset can have it. Raises PushError."""
    if not _REPO.fullmatch(name) or ".." in name or "--" in name or name.endswith(".git"):
        raise PushError(f"--repo {plain(shorten(name, 200))}: give it as USER/NAME or ORGANISATION/NAME")
    return name
