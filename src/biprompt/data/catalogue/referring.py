"""Sentences that mean something in a photograph."""

from __future__ import annotations

from biprompt.data.catalogue.card import DatasetCard

_ARCHIVE = "https://web.archive.org/web/"
_ORIGINAL = "https://bvisionweb1.cs.unc.edu/licheng/referit/data/"
_COCO_PAGE = "https://cocodataset.org/#download"
_TRAIN2014 = "http://images.cocodataset.org/zips/train2014.zip"
_REFER = "https://github.com/lichengunc/refer"
_PHOTOGRAPHS = f"unpack {_TRAIN2014} (13 GB) in images/mscoco"
_COCO_TERMS = (
    "sentences: not stated; COCO's annotations CC BY 4.0, photographs under their Flickr licences"
)
_UNC = ("val", "testA", "testB", "train")
_HELD_OUT = ("val", "test", "train")


def _refer(
    name: str, title: str, folder: str, split_by: str, splits: tuple[str, ...], snapshot: str
) -> DatasetCard:
    url = f"{_ARCHIVE}{snapshot}/{_ORIGINAL}{folder}.zip"
    return DatasetCard(
        name=name,
        title=title,
        kind="referring",
        splits=splits,
        pages=(_REFER, url, _COCO_PAGE),
        steps=(f"unpack {url} (the original host is gone)", _PHOTOGRAPHS),
        layout=(
            f"{folder}/refs({split_by}).p",
            f"{folder}/instances.json",
            "images/mscoco/train2014/COCO_train2014_*.jpg",
        ),
        size="13 GB of photographs, shared by all sets on COCO",
        terms=_COCO_TERMS,
    )


def _clef(name: str, split_by: str, splits: tuple[str, ...]) -> DatasetCard:
    sentences = f"{_ARCHIVE}20220413011817/{_ORIGINAL}refclef.zip"
    bvision = "http://bvisionweb1.cs.unc.edu/licheng/referit/data/images/saiapr_tc-12.zip"
    photographs = f"{_ARCHIVE}20220515000000/{bvision}"
    return DatasetCard(
        name=name,
        title=f"RefCLEF, the {split_by} split (Kazemzadeh et al., 2014)",
        kind="referring",
        splits=splits,
        pages=(_REFER, sentences, photographs),
        steps=(f"unpack {sentences}", f"unpack {photographs} in images"),
        layout=(
            f"refclef/refs({split_by}).p",
            "refclef/instances.json",
            "images/saiapr_tc-12/*/images/*.jpg",
        ),
        size="19,997 photographs; size not stated",
    )


def _robust(name: str, folder: str, splits: tuple[str, ...]) -> DatasetCard:
    page = "https://github.com/jianzongwu/robust-ref-seg"
    return DatasetCard(
        name=name,
        title=f"{name.replace('refcoco', 'RefCOCO').replace('r-', 'R-')} (Wu et al., 2022)",
        kind="referring",
        splits=splits,
        pages=(page, _COCO_PAGE),
        steps=(f"unpack what {page} links under 'Download data'", _PHOTOGRAPHS),
        layout=(
            f"{folder}/refs(*).p",
            f"{folder}/instances.json",
            "images/mscoco/train2014/COCO_train2014_*.jpg",
        ),
        size="13 GB of photographs, shared by all sets on COCO",
        terms=_COCO_TERMS,
    )


_GREF = "RefCOCOg, the {} split (Mao et al., 2016; Nagaraja et al., 2016)"
_GREFCOCO = "https://github.com/henghuiding/gRefCOCO"
_PHRASECUT = "https://github.com/ChenyunWu/PhraseCutDataset"
_LISA = "https://github.com/dvlab-research/LISA#dataset"
_SNAPSHOTS = {
    "refcoco": "20220413011718",
    "refcoco+": "20220413011656",
    "refcocog": "20220413012904",
}

CARDS = (
    _refer("refcoco", "RefCOCO, the UNC split (Yu et al., 2016)", "refcoco", "unc", _UNC,
           _SNAPSHOTS["refcoco"]),
    _refer("refcoco-google", "RefCOCO, the Google split", "refcoco", "google", _HELD_OUT,
           _SNAPSHOTS["refcoco"]),
    _refer("refcoco+", "RefCOCO+, the UNC split (Yu et al., 2016)", "refcoco+", "unc", _UNC,
           _SNAPSHOTS["refcoco+"]),
    _refer("refcocog-umd", _GREF.format("UMD"), "refcocog", "umd", _HELD_OUT,
           _SNAPSHOTS["refcocog"]),
    _refer("refcocog-google", _GREF.format("Google"), "refcocog", "google", ("val", "train"),
           _SNAPSHOTS["refcocog"]),
    _clef("refclef", "unc", ("val", "testA", "testB", "testC", "train")),
    _clef("refclef-berkeley", "berkeley", _HELD_OUT),
    DatasetCard(
        name="grefcoco",
        title="gRefCOCO: no target, one or several (Liu et al., 2023)",
        kind="referring",
        splits=_UNC,
        pages=(_GREFCOCO, "https://henghuiding.github.io/GRES/", _COCO_PAGE),
        steps=(f"put the files that {_GREFCOCO} links into grefcoco", _PHOTOGRAPHS),
        layout=(
            "grefcoco/grefs(unc).json",
            "grefcoco/instances.json",
            "images/mscoco/train2014/COCO_train2014_*.jpg",
        ),
        size="13 GB of photographs, shared by all sets on COCO",
        terms="see its page; COCO's annotations CC BY 4.0, photographs under their Flickr licences",
    ),
    _robust("r-refcoco", "rrefcoco", _UNC),
    _robust("r-refcoco+", "rrefcoco+", _UNC),
    _robust("r-refcocog", "rrefcocog", _HELD_OUT),
    DatasetCard(
        name="phrasecut",
        title="PhraseCut, on Visual Genome (Wu et al., 2020)",
        kind="referring",
        splits=("test", "val", "train", "miniv"),
        pages=(_PHRASECUT, "https://people.cs.umass.edu/~chenyun/phrasecut/"),
        steps=(
            f"clone {_PHRASECUT} and run `python download_dataset.py -s val_test`",
            "the data's folder is then its data/VGPhraseCut_v0",
        ),
        layout=("refer_test.json", "image_data_split3000.json", "images/*.jpg"),
        size="11 GB of photographs for all splits; 47 MB of phrases for test",
        terms="phrases: not stated; Visual Genome CC BY 4.0",
    ),
    DatasetCard(
        name="reasonseg",
        title="ReasonSeg (Lai et al., 2023)",
        kind="referring",
        splits=_HELD_OUT,
        pages=(_LISA,),
        steps=(f"unpack the zip files of the folder that {_LISA} links in ReasonSeg",),
        layout=("ReasonSeg/val/*.jpg", "ReasonSeg/val/*.json"),
        size="239 train, 200 val, 779 test photographs; size not stated",
    ),
)  # fmt: skip
"""In the order of the tables that use them."""
