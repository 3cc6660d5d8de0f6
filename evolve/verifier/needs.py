"""What a Python program needs that the WebAssembly tier has not: other people's modules, or a system.

Every name in the tables was imported and used in that tier once; what is not in them worked there (sqlite3 in memory,
zlib, gzip, locks, queues, coroutines driven by hand, sleeping, dates, logging to a stream). It reads names, so a thing
reached through `getattr` or a variable is not seen; what stands below `if __name__ == "__main__"` never runs and is
not asked for. It never raises: a program that does not parse needs nothing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

_LACKING = {
    "network": "ssl http.client http.server http.cookiejar urllib.request urllib.error urllib.response"
    " urllib.robotparser xmlrpc.client xmlrpc.server wsgiref.simple_server wsgiref.handlers smtplib nntplib telnetlib"
    " smtpd asyncore asynchat socket socketserver ftplib imaplib poplib",
    "processes": "multiprocessing subprocess concurrent.futures.process pty",
    "threads": "concurrent.futures.thread",
    "files": "shelve dbm mmap fcntl",
    "a window": "tkinter turtle turtledemo idlelib",
    "a terminal": "curses readline termios tty",
    "a system": "pwd grp spwd resource syslog nis ctypes winreg winsound msvcrt msilib nt ossaudiodev ensurepip venv",
}
"""What is lacking -> modules of which nothing works."""
ABSENT = {
    *("bz2", "lzma", "crypt", "audioop", "aifc", "sunau", "sndhdr", "imghdr", "chunk", "uu", "xdrlib", "cgi", "cgitb"),
    *("mailcap", "pipes", "imp", "lib2to3", "distutils", "antigravity", "this", "http.cookies", "importlib.resources"),
    *("importlib.abc", "importlib.metadata", "email.policy", "email.parser", "email.mime", "email.headerregistry"),
    *("email.feedparser", "email.contentmanager", "logging.handlers", "logging.config", "json.tool", "sqlite3.dump"),
    *("unittest.async_case", "wsgiref.util", "wsgiref.headers", "wsgiref.validate", "wsgiref.types", "xml.sax"),
    *("xml.dom.pulldom", "xml.dom.minidom", "xml.etree.ElementInclude", "string.templatelib", "compression.zstd"),
}
"""Modules that were not built in, or fall over in use (xml.dom.minidom lacks its parser); each is its own name."""
MODULES = {name: word for word, names in _LACKING.items() for name in names.split()} | {name: name for name in ABSENT}
"""Module -> what a person calls that which is lacking; the modules inside a package go with it."""

_USES = {
    "an event loop": "asyncio.run asyncio.Runner asyncio.new_event_loop asyncio.get_event_loop asyncio.to_thread"
    " unittest.IsolatedAsyncioTestCase",
    "threads": "threading.Thread threading.Timer concurrent.futures.ThreadPoolExecutor _thread.start_new_thread",
    "processes": "concurrent.futures.ProcessPoolExecutor os.system os.popen os.fork os.spawnv os.execv os.kill os.wait"
    " asyncio.create_subprocess_exec asyncio.create_subprocess_shell",
    "network": "asyncio.open_connection asyncio.start_server",
    "files": "os.listdir os.scandir os.walk os.mkdir os.makedirs os.remove os.unlink os.rename os.replace os.rmdir"
    " os.stat os.chdir os.open os.link os.symlink os.path.getsize os.path.getmtime io.open codecs.open glob.glob"
    " glob.iglob shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.move shutil.rmtree fileinput.input"
    " logging.FileHandler tempfile.TemporaryDirectory tempfile.NamedTemporaryFile tempfile.TemporaryFile"
    " tempfile.mkdtemp tempfile.mkstemp tempfile.gettempdir",
    "time zones": "zoneinfo.ZoneInfo",
    "signals": "signal.alarm signal.setitimer",
    "users": "os.getuid os.getlogin getpass.getuser",
    "OpenSSL": "hashlib.pbkdf2_hmac hashlib.scrypt",
    "tracing": "sys.settrace sys.setprofile sys.monitoring doctest.testmod cProfile.run cProfile.Profile trace.Trace",
    "a terminal": "os.get_terminal_size",
    "email.policy": "email.message.EmailMessage",
}
USES = {name: word for word, names in _USES.items() for name in names.split()}
"""Names in modules that are there, but cannot do this one thing."""
_PATHS = {
    *("write_text", "write_bytes", "read_text", "read_bytes", "touch", "mkdir", "unlink", "rmdir", "iterdir", "glob"),
    *("rglob", "stat", "rename", "open"),
}
"""Methods of pathlib.Path that go to a disk."""
OWN = frozenset(("answer", "solution", "pytest"))
"""What the bench calls the answer itself, and the part of pytest that it has."""


def needs(source: str) -> tuple[str, ...]:
    """What is lacking, in the order of its first use: "numpy", "files", "threads", ...; () where nothing is."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    nodes = list(running(tree))
    known = aliases(nodes)
    found = [word for node in nodes for word in _words(node, known)]
    return tuple(dict.fromkeys(found))


def running(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but those below a guard on `__name__` or TYPE_CHECKING, and imports that may fail; in their order."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        inside = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr_context)]
        if isinstance(node, ast.If) and is_guard(node):
            inside = list(node.orelse)
        elif isinstance(node, ast.Try) and any(map(_spares_imports, node.handlers)):
            inside = [child for child in inside if not isinstance(child, ast.Import | ast.ImportFrom)]
        waiting += reversed(inside)


def _spares_imports(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and bool({"ImportError", "ModuleNotFoundError"} & names(handler.type))


def names(tree: ast.AST) -> set[str]:
    """Every name in it, wherever."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def is_guard(node: ast.If) -> bool:
    """`if __name__ == ...` and `if TYPE_CHECKING`: what is below does not run when the program is imported."""
    named = node.test.left if isinstance(node.test, ast.Compare) else node.test
    name = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
    return name in {"__name__", "TYPE_CHECKING"}


def aliases(nodes: list[ast.AST]) -> dict[str, str]:
    """Name in the program -> the module, or the name in a module, that it was imported as."""
    known: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for a in node.names:
                top = a.name.split(".")[0]
                known[a.asname or top] = a.name if a.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return known


def dotted(node: ast.expr, known: dict[str, str]) -> str:
    """The full name of `os.path.join`, `p.join` or `join`, whatever it was imported as; "" where it is no such name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in known:
        return ""
    return ".".join([known[node.id], *reversed(parts)])


def _words(node: ast.AST, known: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (word for a in node.names if (word := _module(a.name)))
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        if word := _module(node.module):
            yield word
        else:
            yield from (word for a in node.names if (word := MODULES.get(f"{node.module}.{a.name}", "")))
    elif isinstance(node, ast.Attribute | ast.Name):
        if word := USES.get(dotted(node, known), ""):
            yield word
    elif isinstance(node, ast.Call):
        yield from _calls(node, known)


def _module(name: str) -> str:
    """What an import of the module is short of, or ""."""
    parts = name.split(".")
    for length in range(1, min(len(parts), 3) + 1):
        if word := MODULES.get(".".join(parts[:length])):
            return word
    return "" if parts[0] in OWN or parts[0] in sys.stdlib_module_names else parts[0]


def _calls(node: ast.Call, known: dict[str, str]) -> Iterator[str]:
    called = node.func
    if isinstance(called, ast.Name) and called.id == "open" and "open" not in known:
        yield "files"
    elif isinstance(called, ast.Attribute) and called.attr in _PATHS:
        if any(name.startswith("pathlib") for name in known.values()) and not dotted(called, known):
            yield "files"
    elif dotted(called, known) == "sqlite3.connect":
        where = node.args[0] if node.args else None
        if not (isinstance(where, ast.Constant) and where.value in {":memory:", ""}):
            yield "files"
