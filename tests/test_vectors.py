"""The vectors on disk: what was saved comes back byte by byte; what is damaged or foreign is left out, never wrong."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.embedding import VectorStore
from evolve.records import digest

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
"""Every code point, lone surrogates included."""
SLOW_DISK = settings(deadline=None)


def vector(number: float) -> np.ndarray:
    return (np.arange(8) * 0.1 + number).astype(np.float16)


def fill(folder: Path, *numbers: int) -> VectorStore:
    """One segment that holds the texts t0, t1, ... of these numbers."""
    store = VectorStore(folder)
    for number in numbers:
        store.put(f"t{number}", vector(number))
    store.save()
    return store


def held(store: VectorStore, *numbers: int) -> list[int]:
    """Which of these texts it knows; none of them wrongly."""
    found = {number: store.get(f"t{number}") for number in numbers}
    assert all(got.tobytes() == vector(number).tobytes() for number, got in found.items() if got is not None)
    return [number for number, got in found.items() if got is not None]


def segments(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def packed(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # the stub takes the names for allow_pickle
    return file.getvalue()


@SLOW_DISK
@given(st.dictionaries(ANY_TEXT, st.lists(st.floats(-1, 1, width=16), min_size=4, max_size=4), max_size=6))
def test_what_was_saved_is_there_after_reopening(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, list[float]]
) -> None:
    folder = tmp_path_factory.mktemp("embeddings")
    store = VectorStore(folder)
    for text, values in content.items():
        store.put(text, np.array(values, np.float16))
    store.save()
    again = VectorStore(folder)
    assert {text: got.tobytes() for text in content if (got := again.get(text)) is not None} == {
        text: np.array(values, np.float16).tobytes() for text, values in content.items()
    }


def test_a_vector_can_be_had_before_it_is_saved(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    store.put("t1", vector(1))
    assert held(store, 1) == [1]


def test_an_unknown_text_has_no_vector(tmp_path: Path) -> None:
    assert fill(tmp_path, 1).get("t2") is None


def test_the_folder_is_made(tmp_path: Path) -> None:
    fill(tmp_path / "run" / "embeddings", 1)
    assert held(VectorStore(tmp_path / "run" / "embeddings"), 1) == [1]


def test_a_vector_is_not_put_twice(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    before = segments(tmp_path)
    fill(tmp_path, 1)
    assert segments(tmp_path) == before


def test_saving_nothing_writes_nothing(tmp_path: Path) -> None:
    VectorStore(tmp_path).save()
    assert segments(tmp_path) == {}


def test_each_save_adds_a_segment_and_changes_none(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    before = segments(tmp_path)
    fill(tmp_path, 2)
    after = segments(tmp_path)
    assert (list(after), after | before) == (["000001.npz", "000002.npz"], after)


def test_all_segments_are_read(tmp_path: Path) -> None:
    fill(tmp_path, 1, 2)
    fill(tmp_path, 3)
    assert held(VectorStore(tmp_path), 1, 2, 3) == [1, 2, 3]


def test_its_length_is_the_number_of_texts(tmp_path: Path) -> None:
    fill(tmp_path, 1, 2)
    assert len(VectorStore(tmp_path)) == 2


def test_a_full_segment_is_saved_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evolve.embedding.vectors.SEGMENT", 2)
    store = VectorStore(tmp_path)
    for number in (1, 2, 3):
        store.put(f"t{number}", vector(number))
    assert held(VectorStore(tmp_path), 1, 2, 3) == [1, 2]


# -- damage ------------------------------------------------------------------------------------------------------------

KEYS = np.array([digest("t1"), digest("t2")])
VECTORS = np.stack([vector(1), vector(2)])


def array_file() -> bytes:
    file = io.BytesIO()
    np.save(file, VECTORS)
    return file.getvalue()


def objects() -> bytes:
    return packed(keys=np.array([{"t1"}, None], object), vectors=VECTORS)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00" * 4096, id="zeros"),
        pytest.param(b"these are not vectors\n", id="text"),
        pytest.param(b"PK\x03\x04", id="the-beginning-of-an-archive"),
        pytest.param(b"PK\x05\x06" + b"\x00" * 18, id="an-archive-of-nothing"),
        pytest.param(array_file(), id="a-bare-array"),
        pytest.param(packed(keys=KEYS), id="without-vectors"),
        pytest.param(packed(vectors=VECTORS), id="without-keys"),
        pytest.param(packed(keys=KEYS, vectors=VECTORS.astype(np.float32)), id="of-another-precision"),
        pytest.param(packed(keys=KEYS, vectors=VECTORS[0]), id="one-vector-without-rows"),
        pytest.param(packed(keys=KEYS[:1], vectors=VECTORS), id="fewer-keys-than-vectors"),
        pytest.param(packed(keys=np.array("t1"), vectors=VECTORS), id="a-key-without-a-list"),
        pytest.param(packed(keys=np.stack([KEYS, KEYS]), vectors=VECTORS), id="a-table-of-keys"),
        pytest.param(objects(), id="pickled-objects"),
    ],
)
def test_a_damaged_or_foreign_segment_is_left_out(tmp_path: Path, content: bytes) -> None:
    fill(tmp_path, 3)
    (tmp_path / "000007.npz").write_bytes(content)
    assert (len(VectorStore(tmp_path)), held(VectorStore(tmp_path), 3)) == (1, [3])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_truncated_segment_is_left_out(tmp_path: Path, share: float) -> None:
    fill(tmp_path, 1)
    fill(tmp_path, 2)
    whole = tmp_path / "000001.npz"
    os.truncate(whole, int(whole.stat().st_size * share))
    assert held(VectorStore(tmp_path), 1, 2) == [2]


@SLOW_DISK
@given(st.data())
def test_a_damaged_byte_never_makes_a_wrong_vector(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("embeddings")
    fill(folder, 1, 2)
    content = bytearray((folder / "000001.npz").read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (folder / "000001.npz").write_bytes(content)
    held(VectorStore(folder), 1, 2)


@pytest.mark.parametrize("name", ["notes.npz", "².npz", "-1.npz", "000002.tmp", "readme.txt"])
def test_files_of_other_names_do_no_harm(tmp_path: Path, name: str) -> None:
    fill(tmp_path, 1)
    (tmp_path / name).write_bytes(b"something else")
    fill(tmp_path, 2)
    assert held(VectorStore(tmp_path), 1, 2) == [1, 2]


def test_a_folder_in_a_segments_place_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "000001.npz").mkdir()
    fill(tmp_path, 1)
    assert held(VectorStore(tmp_path), 1) == [1]


def test_a_damaged_segment_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "000004.npz").write_bytes(b"damaged")
    fill(tmp_path, 1)
    assert segments(tmp_path).keys() == {"000004.npz", "000005.npz"}


# -- interruptions -----------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from evolve.embedding.vectors import VectorStore
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
store = VectorStore(Path(sys.argv[1]))
store.put("t2", np.zeros(8, np.float16))
store.save()
"""


def test_a_writer_that_is_killed_leaves_no_segment(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    assert (killed.returncode, held(VectorStore(tmp_path), 1, 2)) == (-9, [1])


def test_what_a_killed_writer_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "000001.tmp").write_bytes(b"half a segm")
    fill(tmp_path, 1)
    assert list(segments(tmp_path)) == ["000001.npz"]


def test_an_error_while_saving_leaves_no_segment(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    store.put("short", np.zeros(4, np.float16))
    store.put("long", np.zeros(8, np.float16))
    with pytest.raises(ValueError, match="shape"):
        store.save()
    assert len(VectorStore(tmp_path)) == 0
