"""A bundle into a repo of the Hub: one commit that holds all of it, or none.

Invariant: the repo is whole or as it was. Files are uploaded first, where nobody sees them; the commit names its
parent, so that it fails if someone else was faster; then the repo is looked at once more. Doing it again is always
right: what the Hub has already is not sent again, and a repo that holds the bundle gets no commit. So a push that
meets trouble is simply begun anew, for as long as its patience lasts; so is one whose commit was made and whose reply
was lost. Of two pushes that overtake each other, the second looks again; where that changed a file that it is about to
replace, it stops. A README.md that is no card of ours is replaced only where that is wished.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Literal

from evolve.dataset import CARD, is_card
from evolve.errors import HubBusyError, HubError, PushError
from evolve.hub.bundle import STALE, Bundle, refuse_secrets
from evolve.hub.client import Hub, MovedError, Repo
from evolve.text import plain

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""Between two tries, doubled each time, where the Hub says nothing of it."""
PAUSES = 20
"""At most, whatever patience is left: a Hub may ask to be asked again at once."""
OVERTAKEN = 5
"""Times that others may commit in between; more often is no accident."""
Say = Callable[[str], None]
Made = Literal["commit", "pull request", "nothing"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push came to."""

    repo: str
    made: Made
    """Nothing: the repo, or an open pull request, had it all."""
    sha: str
    url: str | None
    """Of what was made, or of the pull request that has it."""
    private: bool
    files: int
    """In the bundle."""


def push(
    hub: Hub,
    bundle: Bundle,
    name: str,
    *,
    pr: bool = False,
    public: bool = False,
    replace_readme: bool = False,
    patience_s: float = 300.0,
    say: Say = lambda what: None,
) -> Pushed:
    """Bring it there. `replace_readme`: also one that somebody else wrote. `patience_s`: how long pauses may be,
    together. Raises PushError, HubError, HubBusyError."""
    refuse_secrets(bundle, {"the Hub's token": hub.token})
    patience = _Patience(patience_s, say)
    attempt = _Push(hub, bundle, name, say, pr=pr, public=public, replace_readme=replace_readme)
    overtaken = 0
    while True:
        try:
            return attempt.once()
        except HubBusyError as busy:
            patience.wait(busy)
        except MovedError:
            overtaken += 1
            if overtaken > OVERTAKEN:
                raise
            say("someone else has committed meanwhile; looking again")


class _Push:
    """What is to be done, and what was seen when it began."""

    def __init__(
        self, hub: Hub, bundle: Bundle, name: str, say: Say, *, pr: bool, public: bool, replace_readme: bool
    ) -> None:
        self._hub = hub
        self._bundle = bundle
        self._name = name
        self._pr = pr
        self._public = public
        self._replace_readme = replace_readme
        self._say = say
        self._title = f"evolve run {bundle.name}"
        self._seen: Repo | None = None
        self._sent = False
        """Whether a commit was sent, so that it may have been made even if no reply came."""

    def once(self) -> Pushed:
        hub, name = self._hub, self._name
        repo = hub.look(name)
        if repo is None:
            if self._pr:
                raise HubError(f"{name}: there is no such dataset, or the token may not see it; --pr needs one")
            self._say(f"making {name}, {'public' if self._public else 'private'}")
            hub.make(name, private=not self._public)
            repo = hub.look(name)
            if repo is None:
                raise HubBusyError(f"{name}: it was made, and is not there yet")
        if not repo.private and not self._public:
            raise PushError(f"{name}: it is public, so what is pushed would be; give --public, or another --repo")
        self._check_unchanged(repo)
        self._check_readme(repo)
        return self._bring(repo)

    def _bring(self, repo: Repo) -> Pushed:
        hub, name, bundle = self._hub, self._name, self._bundle
        changed = {path: file for path, file in bundle.files.items() if not repo.has(path, file)}
        stale = self._stale(repo)
        if not changed and not stale:
            return self._pushed("commit" if self._sent and not self._pr else "nothing", repo, repo.sha, None)
        if self._pr:
            for reference, url in hub.requests(name, self._title):
                there = hub.look(name, reference)
                if there is not None and self._holds(there):
                    return self._pushed("pull request" if self._sent else "nothing", repo, there.sha, url)
        size = sum(file.size for file in changed.values())
        self._say(f"to {name}: {len(changed)} of {len(bundle.files)} files, {size:,} bytes")
        self._sent = True
        made = hub.commit(name, self._title, changed, stale, repo.sha, pr=self._pr)
        there = hub.look(name, made.revision)
        if there is None or not (self._holds(there) or there.sha != made.sha):
            raise HubError(f"{name}: committed ({made.url}), but what is there now is not what was sent; look at it")
        return self._pushed("pull request" if self._pr else "commit", repo, made.sha, made.url)

    def _pushed(self, made: Made, repo: Repo, sha: str, url: str | None) -> Pushed:
        return Pushed(self._name, made, sha, url, repo.private, len(self._bundle.files))

    def _stale(self, repo: Repo) -> list[str]:
        """Tables of an earlier push that are not among this one's."""
        tables = (path for path in repo.files if any(fnmatch(path, pattern) for pattern in STALE))
        return sorted(path for path in tables if path not in self._bundle.files)

    def _holds(self, repo: Repo) -> bool:
        return all(repo.has(path, file) for path, file in self._bundle.files.items()) and not self._stale(repo)

    def _check_unchanged(self, repo: Repo) -> None:
        """Raise HubError where a file that is to be replaced is not what it was when this push began."""
        seen = self._seen = self._seen or repo
        replaced = [path for path, file in self._bundle.files.items() if not repo.has(path, file)]
        for path in (*replaced, *self._stale(repo)):
            if repo.files.get(path) != seen.files.get(path):
                raise HubError(
                    f"{self._name}: someone else has changed {plain(path)} meanwhile; nothing was committed. "
                    "Type the same command again to replace it"
                )

    def _check_readme(self, repo: Repo) -> None:
        """Raise PushError where the card would replace what somebody wrote."""
        if self._replace_readme or CARD not in repo.files or repo.has(CARD, self._bundle.files[CARD]):
            return
        if not is_card(self._hub.text(self._name, CARD, repo.sha)):
            raise PushError(
                f"{self._name}: its {CARD} is no card of evolve's, and the dataset's card would replace it; keep a "
                "copy, and give --replace-readme, or another --repo"
            )


class _Patience:
    """Pauses between tries, and their end."""

    def __init__(self, seconds: float, say: Say) -> None:
        self._left = seconds
        self._pause = FIRST_PAUSE_S
        self._pauses = 0
        self._say = say

    def wait(self, busy: HubBusyError) -> None:
        """Pause for as long as the Hub wishes; raise `busy` where that is longer than patience lasts."""
        pause = self._pause if busy.retry_after_s is None else max(busy.retry_after_s, 0.1)
        self._pauses += 1
        if pause > self._left or self._pauses > PAUSES:
            wish = "" if busy.retry_after_s is None else f"; it asks to be left alone for {busy.retry_after_s:.0f} s"
            raise HubBusyError(f"{busy.message}{wish}. Type the same command again to go on", busy.retry_after_s)
        self._say(f"{busy.message}; again in {pause:.0f} s")
        time.sleep(pause)
        self._left -= pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_S)
