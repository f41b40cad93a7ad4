"""`biprompt segment` of volumes: files, lines, statuses, and that nothing tells who it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.io.medical.knowing import Knowing
from tests.io.medical.phantoms import AFFINES, SECRETS, abdomen, in_memory, save_dicom, save_nifti

import biprompt
from biprompt.cli.volume.telling import NOTICE
from biprompt.io.medical.files import open_volume
from biprompt.segmenter.volumes import Scan

nibabel = pytest.importorskip("nibabel")
pydicom = pytest.importorskip("pydicom")

SHAPE = (60, 50, 24)
NAMES = ["liver", "spleen"]
# Of the liver on axial slice 12: I 0.68 of 60 from the left is column 19 from the right.
LIVER, OUTSIDE = "19,22", "0,0"
ML = 1.5 * 1.25 * 3.0 / 1000
OWN = ["--model", "runs/scans"]
"""The stand-in answers under any name; models that come by name refuse words about scans."""


@pytest.fixture
def nifti(folder: Path) -> Path:
    return save_nifti(folder / "HUSHFILE.nii.gz", abdomen(SHAPE)[0], AFFINES["RAS"])


@pytest.fixture
def dicom(folder: Path) -> Path:
    save_dicom(folder / "HUSHFILE", abdomen(SHAPE)[0])
    return folder / "HUSHFILE"


@pytest.fixture
def knowing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Answer from the truth about a volume; returns what the model was loaded with."""

    def use(path: Path, axis: str = "axial") -> dict[str, Any]:
        from biprompt.io.medical.views import Axis

        volume = open_volume(path)
        truth = in_memory(abdomen(SHAPE)[1], AFFINES["RAS"])
        labels = np.zeros(volume.shape, np.uint8)
        seen = truth.view(Axis.AXIAL).stack(np.asarray(truth.voxels))
        volume.view(Axis.AXIAL).stack(labels)[:] = seen
        scan = Scan.of(volume.loaded(), Axis(axis))
        loaded: dict[str, Any] = {"model": Knowing(scan, labels, NAMES), "labels": labels}

        def load(model: str, **options: object) -> Knowing:
            loaded["options"] = options
            return loaded["model"]

        monkeypatch.setattr("biprompt.load", load)
        return loaded

    return use


def test_a_slice_of_nifti(run, folder, nifti, knowing) -> None:
    known = knowing(nifti)
    result = run("segment", nifti, "--slice", 12, "--point", LIVER, "-o", "s.png", "--overlay",
                 "o.png", "--card", "c.png")  # fmt: skip
    assert (result.status, result.err) == (0, NOTICE + "\n")
    expected = Scan.of(open_volume(nifti).loaded()).stack(known["labels"])[12] == 1
    np.testing.assert_array_equal(np.asarray(Image.open("s.png")) > 0, expected)
    assert "looked at   axial slice 12 of 24; RAS, 1.5 x 1.25 x 3 mm" in result.out
    assert f"{expected.sum()} pixels" in result.out
    assert f"{expected.sum() * ML:.2f} ml in this slice" in result.out
    assert known["options"]["cache"] is False
    assert {path.name for path in folder.iterdir()} == {nifti.name, "s.png", "o.png", "c.png"}


def test_a_slice_on_the_grid_of_its_volume(run, folder, nifti, knowing) -> None:
    known = knowing(nifti, "coronal")
    result = run("segment", nifti, "--axis", "coronal", "--slice", 28, "--text", "liver", *OWN,
                 "-o", "s.nii.gz", "--json")  # fmt: skip
    assert result.status == 0
    image = nibabel.load("s.nii.gz")
    expected = np.zeros(SHAPE, bool)
    expected[:, 28] = known["labels"][:, 28] == 1
    np.testing.assert_array_equal(np.asarray(image.dataobj) > 0, expected)
    assert image.affine.tobytes() == nibabel.load(nifti).affine.tobytes()
    told = json.loads(result.out)
    assert (told["slice"], told["volume"]["axis"]) == (28, "coronal")
    assert told["image"]["path"] is None
    assert told["organs"][0]["name"] == "liver"
    assert told["organs"][0]["voxels"] == expected.sum()


def test_a_volume_followed_from_a_box(run, folder, nifti, knowing) -> None:
    known = knowing(nifti)
    result = run("segment", nifti, "--slice", 12, "--box", "6,8,32,36", "--volume", "-o", "l.nii",
                 "--overlay", "o.png", "--json")  # fmt: skip
    assert result.status == 0
    found = np.asarray(nibabel.load("l.nii").dataobj) > 0
    truth = known["labels"] == 1
    organ = json.loads(result.out)["organs"][0]
    assert organ["ml"] == pytest.approx(found.sum() * ML)
    assert organ["ml"] == pytest.approx(truth.sum() * ML, rel=0.01)
    assert (organ["name"], len(organ["ends"])) == ("object", 2)
    assert Image.open("o.png").size == (60, 50)


def test_a_dicom_series_into_a_segmentation(run, folder, dicom, knowing) -> None:
    highdicom = pytest.importorskip("highdicom")
    known = knowing(dicom)
    result = run("segment", dicom, "--text", "spleen", *OWN, "--volume", "-o", "s.dcm")
    assert result.status == 0
    assert "volume      spleen: " in result.out
    found = highdicom.seg.segread("s.dcm")
    assert found.SegmentSequence[0].SegmentLabel == "spleen"
    assert found.SegmentSequence[0].SegmentAlgorithmType == "AUTOMATIC"
    assert found.get_volume().array.sum() == (known["labels"] == 2).sum()


@pytest.mark.parametrize("whole", [True, False])
def test_an_honest_no(run, folder, nifti, knowing, whole) -> None:
    knowing(nifti)
    asked = ["--volume"] if whole else ["--slice", 12]
    result = run("segment", nifti, "--text", "gallbladder", *OWN, *asked, "-o", "g.nii.gz")
    assert result.status == 3
    assert "It is not there." in result.out
    assert not np.asarray(nibabel.load("g.nii.gz").dataobj).any()


@pytest.mark.parametrize("model", ["compact", "evf-sam", "biprompt-h"])
@pytest.mark.parametrize("more", [[], ["--domain", "organs"]])
def test_words_alone_are_refused_by_a_model_of_photographs(
    run, folder, nifti, knowing, model, more
) -> None:
    known = knowing(nifti)
    words = ["--text", "the liver", "--slice", 12, "--model", model, "-o", "l.png", *more]
    refused = run("segment", nifti, *words)
    assert (refused.status, refused.out, known["model"].asked) == (2, "", [])
    assert "expected a model trained on scans (--model DIR), a mark, or --untrained" in refused.err
    assert f"got {model}, which learnt its words from photographs" in refused.err
    assert not Path("l.png").exists()


def test_a_guess_of_a_model_of_photographs_says_so(run, nifti, knowing) -> None:
    knowing(nifti)
    words = ["--text", "liver", "--slice", 12]
    for more in (["--untrained"], ["--point", LIVER]):
        result = run("segment", nifti, *words, *more)
        assert result.status == 0 and "learnt its words from photographs" in result.out
    assert "photographs" not in run("segment", nifti, *words, "--model", "organs").out
    clicked = run("segment", nifti, "--point", LIVER, "--slice", 12, "--json")
    assert "photographs" not in clicked.out


def test_every_nth_slice(run, folder, nifti, knowing) -> None:
    known = knowing(nifti)
    assert run("segment", nifti, "--text", "liver", *OWN, "--volume", "--every", 4).status == 0
    words = [index for index, prompt in known["model"].asked if prompt.text is not None]
    assert words == list(range(0, 24, 4))


QUESTION = "which organ stores bile?"


@pytest.mark.parametrize("whole", [["--volume", "--every", "3"], ["--slice", "12"]])
def test_a_question_about_an_organ_that_is_not_there(run, folder, nifti, knowing, whole) -> None:
    knowing(nifti)
    result = run("segment", nifti, "--text", QUESTION, *OWN, "--domain", "organs", *whole, "-o",
                 "g.nii.gz", "--json")  # fmt: skip
    assert result.status == 3
    told = json.loads(result.out)
    assert [organ["name"] for organ in told["organs"]] == ["gallbladder"]
    assert "It is not there." in told["reason"]
    assert not np.asarray(nibabel.load("g.nii.gz").dataobj).any()


@pytest.mark.parametrize("whole", [["--volume"], ["--slice", "12"]])
def test_a_question_that_names_no_organ(run, folder, nifti, knowing, whole) -> None:
    known = knowing(nifti)
    question = "what is the capital of France?"
    result = run("segment", nifti, "--text", question, "--domain", "organs", *whole)
    assert result.status == 3
    assert known["model"].asked == []


def test_several_organs_get_numbers_of_their_own(run, folder, nifti, knowing) -> None:
    known = knowing(nifti)
    question = ["--text", "the liver and the spleen", *OWN, "--domain", "organs"]
    assert run("segment", nifti, *question, "--volume", "-o", "v.nii.gz").status == 0
    np.testing.assert_array_equal(np.asarray(nibabel.load("v.nii.gz").dataobj), known["labels"])
    result = run("segment", nifti, *question, "--slice", 12, "-o", "s.nii", "--overlay", "o.png")
    assert result.status == 0
    found = np.asarray(nibabel.load("s.nii").dataobj)
    np.testing.assert_array_equal(found[..., 12], known["labels"][..., 12])
    assert found[..., :12].max() == 0
    assert {p.name for p in folder.glob("*.png")} == {"o-liver.png", "o-spleen.png"}
    assert "volume      liver: " in result.out and "volume      spleen: " in result.out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--point", LIVER], r"--slice: expected which slice, 0 to 23 \(axial, from the feet up"),
        (["--point", LIVER, "--slice", 24], "slice: expected a whole number from 0 to 23"),
        (["--point", LIVER, "--slice", -1], "slice: expected a whole number from 0 to 23"),
        (["--point", "60,3", "--slice", 12], "point: expected 0 <= x < 60 and 0 <= y < 50"),
        (["--point", LIVER, "--slice", 12, "--axis", "upward"], "--axis"),
        (["--point", LIVER, "--slice", 12, "--window", "kidney"], "window: expected soft-tissue"),
        (["--point", LIVER, "--slice", 12, "--window", "9,1"], "LOW < HIGH"),
        (["--point", LIVER, "--slice", 12, "--window", "2000,3000"], "got black only"),
        (["--point", LIVER, "--slice", 12, "--every", 2], "--every: expected --volume and words"),
        (["--text", "liver", *OWN, "--volume", "--every", 0], "--every: expected a whole number"),
        (
            ["--text", "liver", *OWN, "--volume", "--slice", 3],
            "--slice: expected a mark on the slice",
        ),
        (["--text", "liver", *OWN, "--volume", "-o", "s.png"], r"ends in \.nii, \.nii\.gz, \.dcm"),
        (["--text", "liver", *OWN, "--volume", "--card", "c.png"], "--card: expected one slice"),
        (["--text", "liver", *OWN, "--volume", "-o", "s.dcm"], "got .dcm for a NIfTI volume"),
        (
            ["--text", "liver", *OWN, "--volume", "-o", "s.nii", "--format", "coco"],
            "--format: expected",
        ),
        (["--text", "liver", *OWN, "--series", "2", "--volume"], "NIfTI has no series"),
        (["--example", "a.png:b.png", "--slice", 12], "--example: expected a photograph"),
        (["--text", "liver", *OWN, "--volume", "--domain", "nowhere"], "nowhere"),
        (
            ["--point", LIVER, "--slice", 12, "--domain", "organs"],
            "--domain: expected --text alone",
        ),
        (["--slice", 12], "prompt: expected a point, box,"),
    ],
)
def test_what_makes_no_sense_is_one_line(run, folder, nifti, knowing, arguments, named) -> None:
    knowing(nifti)
    result = run("segment", nifti, *arguments)
    assert result.status == 2
    assert result.err.count("\n") == 1 and result.out == ""
    assert re.search(named, result.err), result.err
    assert "HUSHFILE" not in result.err
    assert [path.name for path in folder.iterdir()] == [nifti.name]


@pytest.mark.parametrize(
    "option",
    ["--slice=3", "--axis=axial", "--volume", "--window=lung", "--series=1", "--every=2",
     "--modality=CT", "--slice=0", "--untrained"],
)  # fmt: skip
def test_a_photograph_has_no_slices(run, folder, photo, fake, option) -> None:
    result = run("segment", photo, "--point", "20,20", option)
    name = option.split("=")[0]
    assert result.status == 2
    assert f"{name}: expected a NIfTI or DICOM volume to go with it, got a photograph" in result.err


@pytest.mark.parametrize(
    ("place", "said"), [("none", "no such file or folder"), (".", "a folder without a DICOM file")]
)
def test_where_there_is_no_volume_the_line_says_what_is_there(run, folder, place, said) -> None:
    result = run("segment", place, "--point", "20,20", "--slice", 3)
    assert result.status == 2 and result.err.endswith(f"to go with it, got {said}\n")


def test_nothing_is_replaced_by_accident(run, folder, dicom, nifti, knowing) -> None:
    knowing(nifti)
    Path("l.nii").write_bytes(b"mine")
    arguments = ["--text", "liver", *OWN, "--volume", "-o"]
    assert run("segment", nifti, *arguments, "l.nii").status == 2
    assert Path("l.nii").read_bytes() == b"mine"
    before = nifti.read_bytes()
    assert run("segment", nifti, *arguments, nifti, "--force").status == 2
    assert nifti.read_bytes() == before
    source = next(dicom.iterdir())
    result = run("segment", dicom, *arguments, source, "--force")
    assert result.status == 2 and "a file other than what is read" in result.err
    assert pydicom.dcmread(source).Modality == "CT"


def test_a_slice_of_air(run, folder, knowing) -> None:
    values = abdomen(SHAPE)[0]
    values[..., 5] = -1000
    values[..., 6] = -1000 + np.arange(50, dtype=np.int16)
    path = save_nifti(folder / "a.nii", values, AFFINES["RAS"])
    for index, said in ((5, "one value everywhere"), (6, "air only, all below -500 HU")):
        result = run("segment", path, "--slice", index, "--point", LIVER)
        assert result.status == 2
        expected = f"slice: expected something to see on axial slice {index}, got {said}"
        assert result.err == f"biprompt: error: {expected}\n"


def everything_written(folder: Path, *besides: Path) -> bytes:
    files = [p for p in folder.rglob("*") if p.is_file() and not set(besides) & {p, *p.parents}]
    return b"".join(p.name.encode() + p.read_bytes() for p in files)


def told(data: bytes) -> list[str]:
    return [secret for secret in SECRETS if secret.encode() in data]


def _once(load: Callable[..., Any]) -> Callable[..., Any]:
    """The true `biprompt.load`, which takes longer than an answer, called once."""
    kept: dict[str, Any] = {}

    def once(name: str, **options: Any) -> Any:
        key = str(options)
        if key not in kept:
            kept[key] = load(name, **options, threads=1)
        return kept[key]

    return once


def test_nothing_tells_who_it_is(run, folder, monkeypatch, caplog, recwarn) -> None:
    """With the embedded model itself: output, files, caches, logs, warnings and errors."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("HOME", str(folder / "home"))
    for name in ("cache", "home"):
        (folder / name).mkdir()
    caplog.set_level("DEBUG")
    monkeypatch.setattr("biprompt.load", _once(biprompt.load))
    dicom = folder / "HUSHFILE"
    save_dicom(dicom, abdomen((60, 50, 5))[0])
    common = ["segment", dicom, "--slice", 2, "--point", LIVER]
    outputs = ["--overlay", "o.png", "--card", "c.png", "-o", "m.json", "--force"]
    runs = [
        run(*common, *outputs),
        run(*common, "--json"),
        run(*common, "--volume", "-o", "v.nii.gz", "--json"),
        run("segment", dicom, "--text", "liver", "--untrained", "--volume", "--every", 3),
        run(*common, "--series", "9.9"),
        run(*common, "-o", "m.png", "--series", "7"),
    ]
    assert [one.status for one in runs[:4]] in ([0, 0, 0, 0], [0, 0, 0, 3])
    assert [one.status for one in runs[4:]] == [2, 2]
    for path in dicom.iterdir():  # and damaged, with a traceback
        path.write_bytes(path.read_bytes()[:-700])
    runs.append(run(*common, "--debug"))
    assert runs[-1].status == 2
    said = "".join(one.out + one.err for one in runs)
    assert told(said.encode()) == []
    assert "biprompt: error: series" in runs[-1].err
    assert told(everything_written(folder, dicom)) == []
    assert told(caplog.text.encode()) == []
    assert told("".join(str(w.message) for w in recwarn).encode()) == []
    # No embedding of a patient is kept on disk.
    assert not [p for p in (folder / "cache").rglob("*") if p.is_file()]


def test_a_segmentation_repeats_only_patient_and_study(run, folder, dicom, knowing) -> None:
    pytest.importorskip("highdicom")
    knowing(dicom)
    assert run("segment", dicom, "--text", "liver", *OWN, "--volume", "-o", "s.dcm").status == 0
    assert "HUSHFILE" not in told(Path("s.dcm").read_bytes())
    found = pydicom.dcmread("s.dcm")
    assert str(found.PatientID) == "PID-7741993"
    assert "SECRETWARD" not in str(found.SeriesDescription)
