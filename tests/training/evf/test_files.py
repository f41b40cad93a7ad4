"""Runs that start from files of weights: SAM and BEiT-3, or an EVF-SAM; embeddings beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.zoo.tiny import tiny, write_safetensors_file

from biprompt.cli import main
from biprompt.models.beit3 import Beit3, Beit3Config
from biprompt.segmenter import load
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.evf.vocabulary import write_vocabulary
from biprompt.zoo.families import Family
from biprompt.zoo.words import WordTable

from .conftest import TEN, losses, same_state

BEIT3 = Beit3Config(64, 16, 400, 64, 1, 128, 2, 64)
FIELDS = {
    "steps": 2, "batch": 4, "micro_batch": 2, "warmup": 1, "rate": 0.001, "log_every": 1,
    "save_every": 1, "workers": 0, "threads": 1, "precision": '"no"',
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small checkpoint of each SAM, one of BEiT-3, and its tokenizer."""
    root = tmp_path_factory.mktemp("files")
    for family in (Family.SAM, Family.EFFICIENT_SAM, Family.SAM2, Family.MOBILE_SAM):
        (root / family.value).mkdir()
        made = write_safetensors_file(tiny(family), root / family.value)
        made.rename(root / f"{family.value}.safetensors")
    write_vocabulary(root / "beit3.spm", ["head", "the red cup", "[semantic] eye"], 300)
    torch.manual_seed(3)
    state = {f"beit3.{name}": value for name, value in Beit3(BEIT3).state_dict().items()}
    state["mlm_head.weight"] = torch.zeros(400, 64)
    torch.save({"model": state}, root / "beit3.pth")
    return root


@pytest.fixture
def train(files: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def train(out: Path, *more: str, family: str = "sam", **changes: Any) -> tuple[int, str, str]:
        fields = [f"--set={name}={value}" for name, value in (FIELDS | changes).items()]
        weights = [f"--sam={files / family}.safetensors", f"--beit3={files / 'beit3.pth'}"]
        if "--resume" in more or any(one.startswith("--start") for one in more):
            weights = []
        capsys.readouterr()
        where = ["--data", str(TEN), "--out", str(out)]
        status = main(["train", "evf-sam", *where, *weights, *fields, *more])
        printed = capsys.readouterr()
        return int(status), printed.out, printed.err

    return train


@pytest.mark.parametrize("family", ["efficient-sam", "sam2"])
def test_with_embeddings_it_is_the_same_run(
    train: Any, files: Path, tmp_path: Path, family: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path / "looking", family=family, flip=0.5, rate=1e-5)[0] == 0
    embed = ["train", "embed", "--data", str(TEN), f"--sam={files / family}.safetensors"]
    embed += ["--out", str(tmp_path / "seen"), "--dtype", "float32", "--set", "flip=0.5"]
    assert main(embed) == 0 and "20 embeddings" in capsys.readouterr().out
    assert main(embed) == 0 and "0 of them new" in capsys.readouterr().out
    seen = f"--embeddings={tmp_path / 'seen'}"
    assert train(tmp_path / "reading", seen, family=family, flip=0.5, rate=1e-5)[0] == 0
    pairs = zip(losses(tmp_path / "looking"), losses(tmp_path / "reading"), strict=True)
    for (_, loss, norm, _), (_, again, norm_again, _) in pairs:
        assert again == pytest.approx(loss, rel=1e-4)
        assert norm_again == pytest.approx(norm, rel=1e-2)  # steep: of random golden weights


def test_only_what_learns_has_changed(train: Any, files: Path, tmp_path: Path) -> None:
    status, out, _ = train(tmp_path / "run", train_mask_decoder="false")
    assert status == 0 and "BEiT-3, 2 layers of 64; 1 tensors unused" in out
    before = {f"visual_model.{n}": t for n, t in load_file(files / "sam.safetensors").items()}
    after = load_file(tmp_path / "run" / "best" / "model.safetensors")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"visual_model.prompt_encoder.no_mask_embed.weight"}
    given = torch.load(files / "beit3.pth", weights_only=True)["model"]
    name = "beit3.encoder.layers.0.self_attn.q_proj.A.weight"
    assert not torch.equal(given[name], after[f"mm_extractor.{name}"])
    kept = load_checkpoint(tmp_path / "run" / "checkpoint.pt")["model"]
    assert not any(name.startswith("visual_model.image_encoder") for name in kept)


def test_a_run_goes_on_without_naming_its_files_again(train: Any, tmp_path: Path) -> None:
    assert train(tmp_path / "once")[0] == 0
    run = tmp_path / "twice"
    assert train(run, save_every=1)[0] == 0
    state = load_checkpoint(run / "checkpoint.pt")
    assert state["sources"]["sam"].endswith("sam.safetensors")
    assert train(run, "--resume")[0] == 0  # nothing is left to do
    assert same_state(tmp_path / "once", run)


def test_other_frozen_weights_are_refused(train: Any, files: Path, tmp_path: Path) -> None:
    assert train(tmp_path / "run")[0] == 0
    other = {name: value + 0.01 for name, value in load_file(files / "sam.safetensors").items()}
    metadata = _metadata(files / "sam.safetensors")
    save_file(other, tmp_path / "other.safetensors", metadata)
    sam = f"--sam={tmp_path / 'other.safetensors'}"
    status, _, err = train(tmp_path / "run", "--resume", sam)
    assert status == 2 and "--resume: expected frozen weights as the run began with" in err


def _metadata(path: Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return dict(file.metadata())


def test_fine_tuning_starts_where_the_checkpoint_is(train: Any, tmp_path: Path) -> None:
    assert train(tmp_path / "one")[0] == 0
    start = f"--start={tmp_path / 'one' / 'best'}"
    assert train(tmp_path / "two", start, rate=0.0, held_out=0)[0] == 0
    a, b = (load_file(tmp_path / n / "best" / "model.safetensors") for n in ("one", "two"))
    assert a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
    status, _, err = train(tmp_path / "three", start, feature='"mean"')
    assert status == 2 and "--start: expected the recipe's early fusion, all layers, mean" in err


def test_lora_is_kept_small_goes_on_and_comes_out_merged(train: Any, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    more = {"train_mask_decoder": "false", "lora_rank": 2}
    assert train(tmp_path / "run", "--lora", **more)[0] == 0
    kept = load_checkpoint(tmp_path / "run" / "checkpoint.pt")["model"]
    beit3 = [name for name in kept if name.startswith("mm_extractor")]
    assert beit3 and all("lora_" in name for name in beit3)
    assert train(tmp_path / "run", "--resume")[0] == 0
    model = load(tmp_path / "run" / "best", device="cpu")
    answer = model.segment(TEN / "images" / "coffee-cup.jpg", text="[semantic] cup")
    assert answer.mask.shape == (160, 141)
    assert not any("lora" in name for name in load_file(tmp_path / "run/best/model.safetensors"))


def test_a_dry_run_says_what_it_takes_and_writes_nothing(train: Any, tmp_path: Path) -> None:
    status, out, _ = train(tmp_path / "run", "--dry-run", "--timed")
    assert status == 0 and not (tmp_path / "run").exists()
    for line in (
        "network: evf-sam, weights from files",
        "picture 128 x 128 (longest) -> image encoder -> 32 x 8 x 8",
        "picture 64 x 64 and phrase -> BEiT-3, 2 layers, 17 + T tokens x 64 (early fusion)",
        "memory of a process, estimated (float32):",
        "steps: 2 of 4 pictures (1 process x 2 x 2 passes) = 8 pictures",
        "ten: 10 pictures, 0.8 epochs",
        "held out: 0 pictures",
    ):
        assert line in out
    assert "s a step" in out.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sam=none.pth"], "or an existing file or folder, got none.pth"),
        (["--sam={files}/mobile-sam.safetensors"], "--sam: expected sam or efficient-sam or sam2"),
        (["--sam={files}/beit3.pth"], "checkpoint: expected SAM, SAM-HQ, MobileSAM"),
        (["--beit3={files}/sam.safetensors"], "--beit3: expected beit3."),
        (["--beit3={files}/short.pth"], "--beit3: expected 91 tensors, got no beit3.encoder.l"),
        (["--tokenizer={files}/sam.safetensors"], "tokenizer: expected a sentencepiece model"),
        (["--tokenizer={files}/large.spm"], "tokenizer: expected at most 400 ids"),
        (["--start={files}/sam.safetensors"], "--start: expected an EVF-SAM, got sam"),
        (["--set=batch=3"], "recipe field batch: expected a multiple of 2 in each of 1 processes"),
        (["--set=ratios={other=1}"], "recipe field ratios: expected ten, got other"),
        (["--embeddings=nowhere"], "--embeddings: expected embeddings of this image encoder"),
        (["--embeddings=x", "--set=train_image_encoder=true"], "an encoder that learns"),
        (["--data=none"], "none: data folder: expected a folder, got nothing there"),
        (["--set=encoder=\"vilt\""], "recipe field encoder: expected beit3 or clip, got vilt"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_line(
    train: Any, files: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    if "short" in arguments[0]:
        state = torch.load(files / "beit3.pth", weights_only=True)["model"]
        gone = [n for n in state if ".layers.1." in n and "q_proj" in n]
        torch.save({n: t for n, t in state.items() if n not in gone}, files / "short.pth")
    if "large" in arguments[0]:
        write_vocabulary(files / "large.spm", WordTable.load().words[:4000], 1200)
    given = [one.replace("{files}", str(files)) for one in arguments]
    status, _, err = train(tmp_path / "run", *given)
    assert status == 2 and len(err.splitlines()) == 1, err
    assert says in err
