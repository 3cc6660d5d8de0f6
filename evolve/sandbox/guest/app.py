"""The bench as a WebAssembly component: imported once when the component is built, with all that answers may import.

Nothing can be imported from files at run time, for there are none; so every module of the standard library that loads
without a system is loaded here. Built by evolve/sandbox/component.py, never imported by the package itself.
"""

import contextlib
import gc
import importlib
import sys

import wit_world
from bench import Bench

LEFT_OUT = {"antigravity", "this", "idlelib", "turtle", "turtledemo", "tkinter", "ensurepip", "venv", "lib2to3"}
"""They open windows, print, or install."""

for name in sorted(sys.stdlib_module_names - LEFT_OUT):
    if name not in {"_android_support", "_apple_support", "_ios_support"}:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
for name in (
    "xml.etree.ElementTree",
    "xml.dom.minidom",
    "email.message",
    "html.parser",
    "unittest.mock",
    "urllib.parse",
):
    importlib.import_module(name)

_BENCH = Bench()
gc.collect()
gc.freeze()  # no collection ever walks through, and so copies, the pages that all instances share


class WitWorld(wit_world.WitWorld):
    def ask(self, request: str) -> str:
        return _BENCH.ask(request)
