"""Free memory as the system tells it, and what loading takes of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from biprompt.errors import ModelError
from biprompt.zoo import memory


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    return tmp_path


def test_a_system_that_does_not_tell(system: Path) -> None:
    assert memory.free_memory() is None
    memory.check_memory(2**60, "x")


def test_a_machine(system: Path) -> None:
    (system / "meminfo").write_text("MemTotal:  900 kB\nMemAvailable:   500 kB\n")
    assert memory.free_memory() == 500 * 1024


def test_a_container_with_a_limit(system: Path) -> None:
    (system / "meminfo").write_text("MemAvailable:   500 kB\n")
    (system / "memory.max").write_text("300000\n")
    (system / "memory.current").write_text("200000\n")
    (system / "memory.stat").write_text("anon 100\ninactive_file 30000\nactive_file 1000\n")
    assert memory.free_memory() == 131_000


def test_a_container_without_one(system: Path) -> None:
    (system / "memory.max").write_text("max\n")
    assert memory.free_memory() is None


def test_too_little(system: Path) -> None:
    (system / "meminfo").write_text("MemAvailable:   2000000 kB\n")
    memory.check_memory(2_000_000_000, "x.pth")
    with pytest.raises(ModelError) as caught:
        memory.check_memory(5_300_000_000, "x.pth")
    assert str(caught.value).startswith("x.pth: 5.3 GB of weights, 2.0 GB of memory free; ")


# Measured in processes of their own: one writes the files, each of the others loads one and looks
# at every weight. The peak counts pages of the file too, which the system could take back.
WRITE = """
import sys, torch
from safetensors.torch import save_file
from biprompt.models.sam import Sam, SamConfig, VitConfig

encoder = VitConfig(dim=1024, depth=4, heads=16, mlp=4096, global_blocks=(1, 3))
with torch.device("meta"):
    model = Sam(SamConfig(encoder))
state = {name: torch.ones(tensor.shape) for name, tensor in model.state_dict().items()}
save_file(state, sys.argv[1] + "/x.safetensors")
torch.save(state, sys.argv[1] + "/x.pth")
"""
LOAD = """
import os, sys, torch
from biprompt.models.sam import SamConfig
from biprompt.zoo.build import empty_model, load_checkpoint
from biprompt.zoo.families import Family
from biprompt.zoo.recognise import Recognised

def status(field):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024

def look(model):
    for tensor in model.state_dict().values():
        assert bool((tensor.view(-1)[:: 1000] == 1).all())

torch.set_num_threads(1)
empty_model(Recognised(Family.SAM, SamConfig.vit_b()))  # what torch loads on first use is not ours
before = status("VmRSS")
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
dtype = getattr(torch, sys.argv[2]) if len(sys.argv) > 2 else None
look(load_checkpoint(sys.argv[1], dtype=dtype).model)
print((status("VmHWM") - before) / os.path.getsize(sys.argv[1]))
"""


def run(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with 218 MB of weights in two kinds of file."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("the peak can be told on Linux alone")
    folder = tmp_path_factory.mktemp("large")
    run(WRITE, folder)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["x.safetensors", "x.pth"])
def test_loading_takes_little_more_than_the_weights(name: str, large: Path) -> None:
    assert (large / name).stat().st_size > 200_000_000
    assert 0.9 < float(run(LOAD, large / name)) < 1.15


def test_loading_in_half_precision_takes_half(large: Path) -> None:
    assert float(run(LOAD, large / "x.safetensors", "float16")) < 0.65
