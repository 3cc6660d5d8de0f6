"""What a run needs elsewhere: its config, and the files that the config names, under names of their own.

Invariant: nothing else leaves this machine: no outputs, nothing that lies beside the files, no key (`refuse_secrets`),
and no secret that stands in the text of seeds, which is redacted as the run would do it. The same files make the same
bytes. What the config names and is not here keeps its name and is listed as `absent`: it has to be there. Nothing is
read as seeds or checked here, and nothing is sent.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from evolve.config import MIN_SECRET, Config, dump
from evolve.embedding import BUILTIN
from evolve.errors import ConfigError
from evolve.secrets import Screen, refuse_keys
from evolve.text import plain

CONFIG = "config.yaml"


@dataclass(frozen=True, slots=True)
class Parcel:
    config: Config
    """Names the files as they are called there."""
    files: Mapping[str, Path]
    """Name in the parcel, with slashes -> file here."""
    absent: tuple[str, ...]
    """Absolute paths that the config names and that are not on this machine."""

    @property
    def text(self) -> str:
        """The config, as it goes into the parcel."""
        return dump(self.config, short=True)

    def content(self, name: str) -> Iterator[bytes]:
        """That file's, in pieces; of seeds as text without secrets, where the policy is to redact them.

        Raises ConfigError where it is to reject them: rows that are left out would change the numbers of others.
        """
        path = self.files[name]
        with path.open("rb") as file:
            if not name.startswith("seeds/") or file.peek(4)[:4] == b"PAR1":
                yield from iter(lambda: file.read(2**20), b"")
                return
            screen = Screen(self.config.eliminator)
            for number, line in enumerate(file, 1):
                try:
                    yield screen.line(line.decode()).encode()
                except UnicodeDecodeError:
                    yield line
                except ValueError as error:
                    raise ConfigError(f"{plain(str(path))}:{number}: {error}; take it out before it is sent") from None


def make_parcel(config: Config, at: str = "") -> Parcel:
    """What `config` names, for a folder that will be called `at` (with its slash; "": the working folder).

    Raises ConfigError for a key in a setting, and for an embedder's folder that is named by a path which holds on this
    machine alone.
    """
    refuse_keys(config)
    files: dict[str, Path] = {}
    absent: list[str] = []

    def name(kind: str, source: str) -> str:
        path = Path(source)
        if not path.exists():
            absent.extend([source] if path.is_absolute() else [])
            return source  # a dataset of the Hub, or a path over there
        inside = f"{kind}/{path.resolve().name}"
        found = {inside: path} if path.is_file() else {f"{inside}/{part}": path / part for part in _parts(path)}
        files.update(found)
        return f"{at}{inside}"

    def names(kind: str, sources: list[str]) -> list[str]:
        return [name(f"{kind}/{number}", source) for number, source in enumerate(sources, 1)]

    method, eliminator = config.method, config.eliminator
    seeds = name("seeds", config.seeds) if config.seeds is not None else None
    folder = name("templates", method.folder) if method.folder is not None else None
    changed = {
        "benchmarks": names("benchmarks", eliminator.benchmarks),
        "against": names("against", eliminator.against),
    }
    model = Path(eliminator.embedder)
    if eliminator.embedder != BUILTIN and model.is_dir():
        _check_embedder(model)
        files.update({f"{model.as_posix()}/{part}": model / part for part in _parts(model)})
    elif model.is_absolute():
        absent.append(eliminator.embedder)
    return Parcel(
        config.model_copy(
            update={
                "seeds": seeds,
                "method": method.model_copy(update={"folder": folder}),
                "eliminator": eliminator.model_copy(update=changed),
            }
        ),
        files,
        tuple(absent),
    )


def pack(parcel: Parcel, target: Path) -> None:
    """Write the parcel as a zip file: the same bytes for the same contents."""
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        packed.writestr(_entry(CONFIG), parcel.text)
        for name in sorted(parcel.files):
            with packed.open(_entry(name), "w") as entry:
                entry.writelines(parcel.content(name))


def refuse_secrets(parcel: Parcel, secrets: Mapping[str, str], words: str = "") -> None:
    """Raise ConfigError if the value of a variable stands in a file, the config, or `words`, which go along."""
    for variable, value in secrets.items():
        if len(value) < MIN_SECRET:
            continue
        texts = [where for where, text in (("the config", parcel.text), ("the command", words)) if value in text]
        files = (plain(str(path)) for path in parcel.files.values() if _holds(path, value.encode()))
        for where in (*texts, *files):
            raise ConfigError(f"{where}: holds the value of ${variable}, which must not be sent; take it out")


def _parts(folder: Path) -> Iterator[PurePath]:
    """Files in a folder, relative to it; of a run's folder its ledger and its vectors, no hidden ones."""
    run = (folder / "ledger.db").is_file()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        part = path.relative_to(folder)
        kept = part.parts[0] in {"ledger.db", "embeddings"} if run else True
        if kept and not any(name.startswith(".") for name in part.parts):
            yield PurePath(part.as_posix())


def _check_embedder(model: Path) -> None:
    """Its name is part of the run's identity, so it cannot get another one on the way."""
    if model.is_absolute() or ".." in model.parts:
        raise ConfigError(
            f"eliminator.embedder: {plain(str(model))}: a folder of this machine; name it relative to this folder, "
            "in which it has to lie, or give a model's name on the Hub"
        )


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)  # 1980 in every archive: its bytes depend on what is in it alone
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _holds(path: Path, value: bytes) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(value) >= 0
