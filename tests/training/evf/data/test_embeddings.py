from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from biprompt.errors import DataError, OutputError
from biprompt.training.evf.data import embeddings
from biprompt.training.evf.data.embeddings import Dtype, EmbeddingStore, Features
from biprompt.training.evf.data.values import Spoken


def store(root: Path, weights: str = "sam", dtype: Dtype = "float16") -> EmbeddingStore:
    return EmbeddingStore(root, weights=weights, preprocessing="longest 1024", dtype=dtype)


def features(seed: int) -> Features:
    rng = torch.Generator().manual_seed(seed)
    return {
        "image": torch.randn(4, 3, 3, generator=rng),
        "fine": torch.randn(2, 5, generator=rng),
    }


def filled(root: Path, count: int = 5, **more: str) -> EmbeddingStore:
    made = store(root, **more)  # type: ignore[arg-type]
    with made.writing() as out:
        for i in range(count):
            assert out.add(f"c{i}", "", features(i))
    return made


def same(found: Features | None, expected: Features, dtype: torch.dtype = torch.float16) -> None:
    assert found is not None and list(found) == list(expected)
    for name, value in expected.items():
        assert found[name].dtype == dtype
        torch.testing.assert_close(found[name], value.to(dtype), rtol=0, atol=0)


def test_round_trip(tmp_path: Path) -> None:
    made = filled(tmp_path)
    for again in (made, store(tmp_path), pickle.loads(pickle.dumps(made))):
        assert len(again) == 5
        for i in (3, 0, 4, 3):
            same(again.get(f"c{i}"), features(i))
        assert again.get("c9") is None and again.get("c1", "flip") is None
    assert made.nbytes == 5 * (128 + 64)  # 36 and 10 numbers of 2 bytes, each filled up to 64


def test_float32_is_exact(tmp_path: Path) -> None:
    made = filled(tmp_path, dtype="float32")
    same(store(tmp_path, dtype="float32").get("c1"), features(1), torch.float32)
    assert made.get("c1")["image"].equal(features(1)["image"])  # type: ignore[index]


def test_what_comes_back_may_be_changed(tmp_path: Path) -> None:
    made = filled(tmp_path)
    found = made.get("c0")
    assert found is not None
    found["image"].zero_()
    same(made.get("c0"), features(0))


def test_by_sample(tmp_path: Path) -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    sample = Spoken("a", pixels, ("cup",), np.zeros((1, 2, 4), bool))
    mirror = Spoken("a", pixels[:, ::-1], ("cup",), np.zeros((1, 2, 4), bool), "flip")
    made = store(tmp_path)
    with made.writing() as out:
        out.add(sample.content, "", features(1))
    same(made.of(sample), features(1))
    assert made.of(mirror) is None
    renamed = Spoken("b", pixels.copy(), ("dog",), np.zeros((1, 2, 4), bool))
    same(made.of(renamed), features(1))
    changed = Spoken("a", pixels + 1, ("cup",), np.zeros((1, 2, 4), bool))
    assert made.of(changed) is None
    assert made.variants == {""}


def test_one_folder_holds_many_encoders(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    other = store(tmp_path, weights="another sam")
    assert len(other) == 0 and other.get("c0") is None
    with other.writing() as out:
        out.add("c0", "", features(7))
    same(other.get("c0"), features(7))
    same(store(tmp_path).get("c0"), features(0))
    facts = json.loads((other.folder / "store.json").read_text())
    assert facts["weights"] == "another sam" and facts["preprocessing"] == "longest 1024"


def test_another_dtype_is_refused(tmp_path: Path) -> None:
    made = filled(tmp_path, 1)
    with pytest.raises(DataError, match=r"store\.json: dtype: expected float16, got float32"):
        store(tmp_path, dtype="float32")
    (made.folder / "store.json").write_text("{}")
    with pytest.raises(DataError, match=r"store\.json: store: expected its description"):
        store(tmp_path)


def test_numbers_that_do_not_fit(tmp_path: Path) -> None:
    made = store(tmp_path)
    for value in (1e6, float("nan"), float("inf")):
        with (
            made.writing() as out,
            pytest.raises(DataError, match=r"'x': expected finite .*float16"),
        ):
            out.add("c", "", {"x": torch.tensor([1.0, value])})
    assert len(store(tmp_path)) == 0
    assert list(made.folder.glob("*.embeddings")) == []


def test_shards_of_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "PER_SHARD", 2)
    made = filled(tmp_path)
    assert len(list(made.folder.glob("*.embeddings"))) == 3
    assert not list(made.folder.glob("*.part"))
    for again in (made, store(tmp_path)):
        for i in range(5):
            same(again.get(f"c{i}"), features(i))


def test_going_on_adds_only_what_is_missing(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    again = store(tmp_path)
    with again.writing() as out:
        assert [out.add(f"c{i}", "", features(i + 50)) for i in range(5)] == [False] * 3 + [
            True
        ] * 2
    same(store(tmp_path).get("c2"), features(2))
    same(store(tmp_path).get("c4"), features(54))


def test_an_error_in_the_block_keeps_what_was_added(tmp_path: Path) -> None:
    made = store(tmp_path)
    with pytest.raises(KeyboardInterrupt), made.writing() as out:
        out.add("c0", "", features(0))
        raise KeyboardInterrupt
    same(store(tmp_path).get("c0"), features(0))
    assert not list(made.folder.glob("*.part"))


def test_what_is_being_written_can_be_read(tmp_path: Path) -> None:
    made = store(tmp_path)
    with made.writing() as out:
        out.add("c0", "", features(0))
        out.add("c1", "", features(1))
        same(made.get("c0"), features(0))
        meanwhile = store(tmp_path)
        same(meanwhile.get("c1"), features(1))
        out.add("c2", "", features(2))
    fresh = pickle.loads(pickle.dumps(meanwhile))  # knows the file by its former name
    same(fresh.get("c0"), features(0))
    same(made.get("c2"), features(2))


SCRIPT = """
import sys, torch
from biprompt.training.evf.data.embeddings import EmbeddingStore
made = EmbeddingStore(sys.argv[1], weights="sam", preprocessing="longest 1024")
with made.writing() as out:
    for i in range(10**6):
        rng = torch.Generator().manual_seed(i)
        one = torch.randn(4, 3, 3, generator=rng)
        out.add(f"c{i}", "", {"image": one, "fine": torch.randn(2, 5, generator=rng)})
        print(i, flush=True)
"""


def test_kill_9_loses_nothing_that_was_written(tmp_path: Path) -> None:
    script = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(tmp_path)]
    run = subprocess.Popen(script, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    seen = [int(run.stdout.readline()) for _ in range(20)]
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    left = store(tmp_path)
    assert len(left) >= len(seen)
    (part,) = left.folder.glob("*.part")
    with left.writing() as out:
        assert not out.add("c3", "", features(0))
        assert out.add("new", "", features(1))
    again = store(tmp_path)
    assert len(again) == len(left) and part.exists()
    for i in (*seen, len(left) - 2):
        same(again.get(f"c{i}"), features(i))


def only(root: Path, pattern: str) -> Path:
    (path,) = root.glob(f"*/{pattern}")
    return path


@pytest.mark.parametrize("cut", [1, 9, 30, 200, 900])
def test_a_part_that_is_cut_off_keeps_its_whole_records(tmp_path: Path, cut: int) -> None:
    filled(tmp_path, 3)
    path = only(tmp_path, "*.embeddings")
    data = path.read_bytes()
    index = data.index(b"[[8,")
    path.with_suffix(".part").write_bytes(data[: index - cut])
    path.unlink()
    left = store(tmp_path)
    assert 0 <= len(left) <= 2
    for i in range(len(left)):
        same(left.get(f"c{i}"), features(i))
    if cut <= 30:
        assert len(left) == 2


@pytest.mark.parametrize(
    ("change", "actual"),
    [
        (lambda data: data[:-1], "cut off"),
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: b"", "another kind"),
        (lambda data: b"x" + data[1:], "another kind"),
        (lambda data: data[:-30] + bytes([data[-30] ^ 1]) + data[-29:], "index is damaged"),
    ],
)
def test_a_damaged_file_is_found_when_the_store_is_opened(
    tmp_path: Path, change: object, actual: str
) -> None:
    filled(tmp_path)
    path = only(tmp_path, "*.embeddings")
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DataError, match=f"{path}: embeddings: expected a whole file .*{actual}"):
        store(tmp_path)


def test_a_damaged_embedding_is_found_when_it_is_read(tmp_path: Path) -> None:
    filled(tmp_path)
    path = only(tmp_path, "*.embeddings")
    entry = store(tmp_path)._index["c2", ""]
    data = bytearray(path.read_bytes())
    data[entry.start + 5] ^= 1
    path.write_bytes(data)
    opened = store(tmp_path)
    same(opened.get("c1"), features(1))
    for _ in range(2):
        with pytest.raises(DataError, match=rf"{path}: .*delete it.*embedding c2 is damaged"):
            opened.get("c2")


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    opened = filled(tmp_path)
    only(tmp_path, "*.embeddings").unlink()
    with pytest.raises(DataError, match=r"\.embeddings: embeddings: expected a whole file"):
        opened.get("c0")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError), store(tmp_path / "file").writing():
        pass


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = filled(tmp_path, 2)
    with pytest.raises(OutputError, match="No space left"), made.writing() as out:
        out.add("fits", "", features(7))
        monkeypatch.setattr(out._shard, "_file", Full(out._shard._file))  # type: ignore[union-attr]
        out.add("does not", "", features(8))
    left = store(tmp_path)
    same(left.get("c1"), features(1))
    same(left.get("fits"), features(7))
    assert left.get("does not") is None


class Full:
    """A file on a disk without room."""

    def __init__(self, file: object) -> None:
        self.file = file

    def tell(self) -> int:
        return self.file.tell()  # type: ignore[attr-defined,no-any-return]

    def write(self, data: bytes) -> int:
        self.file.write(data[:10])  # type: ignore[attr-defined]
        self.file.flush()  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        self.file.close()  # type: ignore[attr-defined]
