"""Every error that the package raises on purpose, named by the boundary that was crossed.

    EvolveError
    ├── UsageError              the user can mend it: config, seeds, templates, folders (exit 2)
    │   ├── ConfigError         a key, a file, a run of another identity
    │   ├── SeedError           a seed source that cannot be read at all
    │   ├── PairError           a line of parent and child that cannot be used
    │   ├── FolderError         what is to be written to: not writable, full, locked, on a network file system
    │   └── PushError           a run that cannot be published as it is
    ├── TeacherError            what a call to an endpoint can end in
    │   ├── RetryableError      429, 408, 409, 5xx, resets, time-outs, garbage: ask again later
    │   ├── RefusedError        400, 404, 413, 422: this item will never work
    │   └── StopError           401, 402, 403, no quota, no such model, no cluster: no item will work; stop, resumable
    ├── HubError                the Hub said no, or something that makes no sense
    │   └── HubBusyError        the Hub is busy or out of reach: the same push again goes on
    ├── SandboxError            a tier could not hold a command, so the command did not run
    ├── StageError              an actor was lost, and so was what it was doing
    │   └── DeadlyError         it is lost whenever it does just that
    └── HaltedError             the run is being stopped; what was not asked yet will not be

Errors are classified once, where they enter. Each takes one message and defaulted keywords, so that it crosses
process boundaries by pickling and keeps its type.
"""


class EvolveError(Exception):
    """Base of all errors raised on purpose: one message for a person."""


class UsageError(EvolveError):
    """Something that the user can mend; the command exits with status 2 and writes nothing."""


class ConfigError(UsageError):
    """A config key, file or identity; the message names file, key and what to do."""


class SeedError(UsageError):
    """A seed source that cannot be read at all; bad rows alone are set aside, not raised."""


class PairError(UsageError):
    """A line of a file of pairs that cannot be used; the message names file, line and key."""


class FolderError(UsageError):
    """The run's folder, or a file to be written, cannot be used: not writable, full, held by another driver, or on a
    network file system."""


class PushError(UsageError):
    """A run that cannot be published as it is: unfinished, without a licence, its files not as they were written; or no
    token to do it with."""


class TeacherError(EvolveError):
    """A call to an endpoint that brought no usable reply.

    status: the HTTP status, or None where there was none. message: the server's own words, cleaned. billed: whether
    the endpoint may have done the work, and charge for it, all the same.
    """

    def __init__(
        self,
        message: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
        billed: bool = False,
    ) -> None:
        super().__init__(message, status, retry_after_s, billed)
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.billed = billed

    def __str__(self) -> str:
        return self.message if self.status is None else f"HTTP {self.status}: {self.message}"


class RetryableError(TeacherError):
    """Worth asking again after a pause; `retry_after_s` holds the server's wish where it gave one."""


class RefusedError(TeacherError):
    """This request will never be answered; its item fails, the run goes on."""


class StopError(TeacherError):
    """No request will be answered: wrong key, no quota, no such model, or a cluster that is gone. The run stops and can
    be resumed."""


class HubError(EvolveError):
    """The Hub refused, or answered with something that makes no sense. Nothing was committed, or the message says what
    was."""


class HubBusyError(HubError):
    """The Hub is busy or out of reach: the same push again goes on.

    retry_after_s: how long it asks to be left alone, or None where it does not say.
    """

    def __init__(self, message: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, retry_after_s)
        self.message = message
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return self.message


class SandboxError(EvolveError):
    """A tier could not hold a command: a step of its confinement was refused, or no slot is free. Nothing was run."""


class StageError(EvolveError):
    """A worker died or cannot be reached; what it was doing must be given out again by the driver."""


class DeadlyError(StageError):
    """What was to be done ended one worker after the other, and would end the next: whoever asked for it must do
    without. Of a batch, that one of its items did."""


class HaltedError(EvolveError):
    """The run is being stopped, or its budget is spent: this call was not made, and a later start will make it."""
