"""Whole runs on a cluster that is up: submitted to its job server, found again, followed to their end.

Invariant: one payer. A run has one name, its attempts are numbered, and the server refuses a number that was used: of
two who submit at once one starts and the other follows, and an attempt is made only when none before it is running.
Nothing of the environment is sent (Ray writes `runtime_env` to a log in clear): the parcel of files is all. Following
ends without harm to the job, which only the server can stop. What a run does is decided elsewhere. The client needs
plain Ray; the head needs ray[default], or it has no job server.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from evolve.config import forget_ray_address, prepare_environment
from evolve.errors import ConfigError, EvolveError, HaltedError

prepare_environment()
import ray  # noqa: E402
from ray.exceptions import AuthenticationError  # noqa: E402
from ray.job_submission import JobSubmissionClient  # noqa: E402

MIN_RAY = (2, 60)
"""The oldest Ray that evolve works with, as in pyproject.toml."""
CONNECT_S, ANSWER_S = 10.0, 120.0
"""Longest waits for the server to be there, and for it to answer; a parcel of hundreds of MB takes it a while."""
MAX_BYTES = 500 * 2**20
"""Ray keeps a parcel in the head's memory and takes no more than 512 MiB."""
LOST_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Pauses between tries to reach a server that does not answer any more; after the last it counts as gone."""
KILLED = frozenset({137, 143, -9, -15})
"""Exit codes of a run that was killed, by its shell's count and by Python's."""
LOST = frozenset({"JOB_SUPERVISOR_ACTOR_DIED", "JOB_SUPERVISOR_ACTOR_UNKNOWN_FAILURE"})
"""Ways in which the command went down with its machine."""


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    status: str
    """PENDING, RUNNING, STOPPED, SUCCEEDED or FAILED."""
    exit_code: int | None
    """Of the command; None while it runs, or where it was stopped or lost."""
    message: str
    fault: str
    """What Ray calls the way in which the job failed, such as JOB_SUPERVISOR_ACTOR_DIED; "" where it did not."""

    @property
    def ended(self) -> bool:
        return self.status in {"STOPPED", "SUCCEEDED", "FAILED"}

    @property
    def resumable(self) -> bool:
        """Whether it was stopped, killed or lost: whatever it was doing, its folder knows how far it came."""
        return self.status == "STOPPED" or self.exit_code == 3 or self.exit_code in KILLED or self.fault in LOST

    @classmethod
    def of(cls, details: Any) -> Self:  # noqa: ANN401 - Ray's own class, without types
        code = details.driver_exit_code if details.driver_exit_code is None else int(details.driver_exit_code)
        return cls(details.submission_id, details.status.value, code, details.message or "", details.error_type or "")


class _Client(JobSubmissionClient):  # type: ignore[misc]
    """Ray's client, which would wait for ever."""

    def _do_request(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        return super()._do_request(*arguments, **{"timeout": (CONNECT_S, ANSWER_S)} | named)


class Jobs:
    """The job server of one cluster. Every method raises ConfigError where it cannot be used,
    EvolveError where it cannot be reached any more."""

    def __init__(self, address: str) -> None:
        """Connect to `address`, the URL of the head's dashboard."""
        self.address = _url(address)
        forget_ray_address()
        for name in ("ray.dashboard.modules.dashboard_sdk", "ray.dashboard.modules.job.sdk"):
            logging.getLogger(name).setLevel(logging.ERROR)  # it tells of uploads that are none
        self._client = self._connect()

    def attempts(self, name: str) -> list[Job]:
        """The run's jobs that the cluster knows of, oldest first. A cluster that was started anew knows none."""
        pattern = re.compile(rf"{re.escape(name)}-(\d+)")
        jobs = (Job.of(details) for details in self._asked(self._client.list_jobs) if details.submission_id)
        found = ((int(match[1]), job) for job in jobs if (match := pattern.fullmatch(job.id)))
        return [job for _, job in sorted(found, key=lambda pair: pair[0])]

    def submit(self, name: str, command: str, parcel: Path) -> tuple[Job, bool]:
        """Start the run's next attempt, in a folder made of the zip file `parcel`; the job, and whether this began it.

        One that is running is not started again: it comes back.
        """
        before = self.attempts(name)
        if before and not before[-1].ended:
            return before[-1], False
        if (size := parcel.stat().st_size) > MAX_BYTES:
            raise ConfigError(
                f"seeds: the files of this run come to {size >> 20} MiB, packed, and Ray takes {MAX_BYTES >> 20}; put "
                "them on the Hub, or start `evolve run` on the head itself"
            )
        number = int(before[-1].id.rpartition("-")[2]) + 1 if before else 1
        id_, environment = f"{name}-{number}", {"working_dir": str(parcel)}
        try:
            self._client.submit_job(entrypoint=command, submission_id=id_, runtime_env=environment)
        except (RuntimeError, OSError) as error:
            if not (other := [job for job in self.attempts(name) if job.id == id_]):
                raise ConfigError(f"{self.address}: the job was not accepted: {_first_line(error)}") from None
            return other[0], False
        return self.job(id_), True

    def job(self, id_: str) -> Job:
        return Job.of(self._asked(lambda: self._client.get_job_info(id_)))

    async def follow(self, id_: str, show: Callable[[str], None]) -> Job:
        """Give what the job prints to `show` as it comes, and the job when it has ended.

        Raises HaltedError if the server cannot be reached any more: the job may be running all the same.
        """
        shown, lost = 0, 0
        while True:
            come = 0
            try:
                async with aclosing(self._client.tail_job_logs(id_)) as texts:
                    async for text in texts:  # from the beginning again, when the connection was lost
                        new = text[max(0, shown - come) :]
                        come += len(text)
                        shown, lost = max(shown, come), 0
                        if new:
                            show(new)
                job = await asyncio.to_thread(self.job, id_)
                if job.ended:
                    return job
            except (
                Exception
            ) as error:  # whatever broke, the client's words for it differ, and the job does not depend on it
                if lost == len(LOST_S):
                    raise HaltedError(
                        f"{self.address}: the head cannot be reached any more ({_first_line(error)}); the run's folder "
                        "has every reply: submit again when the cluster is up"
                    ) from None
            await asyncio.sleep(LOST_S[min(lost, len(LOST_S) - 1)])
            lost += 1

    def _connect(self) -> Any:  # noqa: ANN401
        try:
            client = _Client(self.address)
            version = str(client._do_request("GET", "/api/version").json()["ray_version"])
        except AuthenticationError as error:
            right = "this one is wrong" if error.message.startswith("Authentication failed") else "none was sent"
            raise ConfigError(
                f"{self.address}: the cluster asks for a token, and {right}: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN"
            ) from None
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ConfigError(
                f"{self.address}: no Ray job server there: {_first_line(error)}; give the URL of the head's dashboard, "
                "such as http://HEAD:8265 (on Kubernetes: kubectl port-forward svc/NAME-head-svc 8265); a head without "
                "ray[default], the extra `cluster` of evolve-instruct, has no job server"
            ) from None
        if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < MIN_RAY:
            least = ".".join(map(str, MIN_RAY))
            raise ConfigError(
                f"{self.address}: the cluster runs Ray {version}, and evolve needs {least} or newer there (here: "
                f"{ray.__version__}); use an image with the same versions as here"
            )
        return client

    def _asked(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401
        try:
            return ask()
        except (RuntimeError, OSError) as error:
            raise EvolveError(f"{self.address}: {_first_line(error)}") from None


def _url(address: str) -> str:
    """`address` with its scheme; raises ConfigError for what is no dashboard's URL."""
    match = re.fullmatch(r"(?:(https?)://)?([^\s/:@?#]+|\[[0-9a-fA-F:]+\])(:\d+)?/?", address)
    if match is None or address in {"auto", "local"}:
        raise ConfigError(
            f"--address {address}: the URL of the head's dashboard is needed, such as http://HEAD:8265; a run on a "
            "cluster of which this machine is a part is started by `evolve run --address auto`"
        )
    scheme, host, port = match.groups()
    return f"{scheme or 'http'}://{host}{port or ('' if scheme else ':8265')}"


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]
