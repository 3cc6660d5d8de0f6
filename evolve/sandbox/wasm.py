"""The first tier: Python in WebAssembly. Inside there is a processor, memory and a clock, and nothing else.

The component is given a dozen functions, all written here: two clocks, random bytes, an empty environment, no folders,
and waiting. Every other import is a trap, so there are no files, sockets, processes, threads or signals to misuse,
whatever the code does to the interpreter. Each trial has an instance of its own (a few milliseconds), memory up to a
limit, and ends at its deadline wherever it is, inside a regular expression as well. Waiting takes no time: the clock
is moved on instead.

Not covered: modules that need a system (MISSING) or were not built in; side channels of the processor; a fault in
wasmtime itself.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import ClassVar

from wasmtime import Store, WasmtimeError
from wasmtime.component import Component, Func, Linker, Record, ResourceAny, ResourceHost, ResourceType

from evolve.sandbox.component import compiled, engine
from evolve.sandbox.python import Stopped, killed, observe, verify
from evolve.sandbox.trial import Limits, Outcome, Seen, Trial

FOREVER = 2**40
"""Epochs that never pass."""
POLLABLE = 1
"""Number of the one kind of resource that we make: something that can be waited for."""
START_NS = 1_700_000_000_000_000_000
"""The wall clock's start inside, in nanoseconds: the same for all trials, so a date in an answer repeats."""
_ASKED = re.compile(r"unknown import: `([^`]*)`")
_TRAP = re.compile(r"wasm trap: ([^\n]*)")


class Wasm:
    """Tries Python answers in fresh instances of one component. For one thread at a time; cheap to keep."""

    tier = "wasm"

    def __init__(self, cache: Path) -> None:
        """`cache`: the folder of the compiled component; a first start there takes the time of a build."""
        self._engine = engine()
        self._component = Component.deserialize_file(self._engine, str(compiled(cache)))
        self._world = World(0)
        self._linker = self._link()
        self._clock = Clock(self._engine.increment_epoch)

    def verify(self, trial: Trial, limits: Limits, seed: int = 0) -> Outcome:
        """Raises UnfitTestsError where the tests cannot be read."""
        return verify(self._instance(limits, seed), trial, limits, self.tier, seed)

    def killed(self, broken: Sequence[Trial], limits: Limits) -> int:
        """How many of these trials fail. Raises UnfitTestsError."""
        return killed(lambda: self._instance(limits, 0), broken, limits)

    def observe(self, trial: Trial, calls: Sequence[str], limits: Limits, seed: int = 0) -> list[Seen]:
        """What each call, a Python expression, comes to in the answer."""
        return observe(lambda: self._instance(limits, seed), trial, calls, limits, seed)

    def _instance(self, limits: Limits, seed: int) -> Instance:
        self._world = World(seed)
        store = Store(self._engine)
        store.set_limits(memory_size=limits.memory)
        store.set_epoch_deadline(FOREVER)
        function = self._linker.instantiate(store, self._component).get_func(store, "ask")
        return Instance(store, function, self._clock)

    def close(self) -> None:
        self._clock.close()

    def _link(self) -> Linker:
        linker = Linker(self._engine)
        linker.allow_shadowing = True
        linker.define_unknown_imports_as_traps(self._component)
        full = {name.split("@")[0]: name for name in self._component.type.imports(self._engine)}
        with linker.root() as root:
            for interface, names in World.OFFERED.items():
                with root.add_instance(full[interface]) as instance:
                    if interface == "wasi:io/poll":
                        instance.add_resource("pollable", ResourceType.host(POLLABLE), lambda store, number: None)
                    for name, method in names.items():
                        instance.add_func(name, self._forward(method))
        return linker

    def _forward(self, method: str) -> Callable[..., object]:
        def answer(store: Store, *given: object) -> object:
            said = getattr(self._world, method)(*given)
            for lent in given[0] if given and isinstance(given[0], list) else given:
                if isinstance(lent, ResourceAny):
                    lent.drop(store)
            return said

        return answer


class Clock:
    """Calls `ring` at the end of a time, from a thread that sleeps until then and while nothing is timed."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._end: float | None = None
        self._closed = False
        self._changed = threading.Condition()
        threading.Thread(target=self._wait, name="sandbox-clock", daemon=True).start()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is done in this block is rung for if it takes longer; what is done after it never is."""
        with self._changed:
            self._end = time.monotonic() + seconds
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._end = None

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _wait(self) -> None:
        with self._changed:
            while not self._closed:
                left = None if self._end is None else self._end - time.monotonic()
                if left is not None and left <= 0:
                    self._ring()
                    left = self._end = None
                self._changed.wait(left)


class Instance:
    """One trial's interpreter, asked through its one export."""

    def __init__(self, store: Store, function: Func | None, clock: Clock) -> None:
        assert function is not None  # the component was built with it
        self._store, self._function, self._clock = store, function, clock

    def ask(self, request: str, seconds: float) -> str:
        self._store.set_epoch_deadline(1)
        try:
            with self._clock.within(seconds):
                reply: str = self._function(self._store, request)
                self._function.post_return(self._store)
        except WasmtimeError as error:
            raise Stopped(reason(error)) from None
        return reply


def reason(error: WasmtimeError) -> str:
    """Why an instance ended, in words for a person; wasmtime's own tell of addresses."""
    said = str(error)
    if "wasm trap: interrupt" in said:
        return "it ran longer than it may"
    if asked := _ASKED.search(said):
        return f"it asked for {asked[1]}, which is not there"
    if trap := _TRAP.search(said):
        return f"it crashed the interpreter ({trap[1]})"
    return f"it crashed the interpreter ({said.strip().splitlines()[-1][:200]})"


class World:
    """What an instance can ask of outside: nothing that says where or when it runs."""

    OFFERED: ClassVar = {
        "wasi:io/poll": {"poll": "poll", "[method]pollable.block": "block"},
        "wasi:clocks/monotonic-clock": {
            "now": "passed",
            "resolution": "resolution",
            "subscribe-duration": "wait",
            "subscribe-instant": "wait_until",
        },
        "wasi:clocks/wall-clock": {"now": "date"},
        "wasi:random/random": {"get-random-bytes": "random", "get-random-u64": "number"},
        "wasi:cli/environment": {"get-environment": "nothing", "get-arguments": "nothing"},
        "wasi:filesystem/preopens": {"get-directories": "nothing"},
    }
    """Interface -> function -> the method here that answers it."""

    def __init__(self, seed: int) -> None:
        self._now = 0
        self._random = Random(seed)

    def passed(self) -> int:
        """Nanoseconds since the start: a microsecond goes by at each look, so that loops on a clock end."""
        self._now += 1_000
        return self._now

    def resolution(self) -> int:
        return 1_000

    def wait(self, length: int) -> ResourceHost:
        return self.wait_until(self._now + length)

    def wait_until(self, moment: int) -> ResourceHost:
        self._now = max(self._now, moment)
        return ResourceHost.own(0, POLLABLE)

    def poll(self, waited: list[object]) -> list[int]:
        return list(range(len(waited)))

    def block(self, waited: object) -> None:
        """Waiting is over as soon as it begins."""

    def date(self) -> Record:
        moment = Record()
        vars(moment).update(zip(("seconds", "nanoseconds"), divmod(START_NS + self.passed(), 10**9), strict=True))
        return moment

    def random(self, count: int) -> bytes:
        return self._random.randbytes(min(count, 2**20))

    def number(self) -> int:
        return self._random.getrandbits(64)

    def nothing(self) -> list[object]:
        return []
