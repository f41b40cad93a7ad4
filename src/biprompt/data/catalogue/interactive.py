"""Objects to click."""

from __future__ import annotations

from biprompt.data.catalogue.card import DatasetCard

_RITM = "https://github.com/SamsungLabs/ritm_interactive_segmentation#datasets"
_RELEASE = "https://github.com/saic-vul/fbrs_interactive_segmentation/releases/download/v1.0/"
_COCO = "http://images.cocodataset.org/"
_COCO_TERMS = "annotations CC BY 4.0, photographs under their Flickr licences"
_SBD = "http://home.bharathh.info/pubs/codes/SBD/download.html"


def _package(
    name: str, title: str, package: str, layout: tuple[str, str], size: str, terms: str
) -> DatasetCard:
    url = f"{_RELEASE}{package}.zip"
    return DatasetCard(
        name=name,
        title=title,
        kind="interactive",
        splits=("test",),
        pages=(_RITM, url),
        steps=(f"unpack {url}",),
        layout=tuple(f"{package}/{part}/*" for part in layout),
        size=size,
        terms=terms,
    )


CARDS = (
    _package("grabcut", "GrabCut, 50 objects with a trimap (Rother et al., 2004)", "GrabCut",
             ("data_GT", "boundary_GT"), "11 MB", "see the original release"),
    _package("berkeley", "Berkeley, 100 objects (McGuinness and O'Connor, 2010)", "Berkeley",
             ("images", "masks"), "7 MB", "as BSDS: non-commercial research and education"),
    _package("davis", "DAVIS, 345 frames (Perazzi et al., 2016), as RITM picks them", "DAVIS",
             ("img", "gt"), "43 MB", "see https://davischallenge.org"),
    _package("coco-mval", "COCO_MVal, objects of COCO val2017, as RITM picks them", "COCO_MVal",
             ("img", "gt"), "127 MB", _COCO_TERMS),
    DatasetCard(
        name="sbd",
        title="SBD, every instance (Hariharan et al., 2011)",
        kind="interactive",
        splits=("val", "train"),
        pages=(_SBD, _RITM),
        steps=(f"unpack the archive of {_SBD}; the data's folder is its benchmark_RELEASE",),
        layout=("dataset/val.txt", "dataset/img/*.jpg", "dataset/inst/*.mat"),
        size="1.4 GB",
        terms="see the page; photographs of Pascal VOC, under Flickr's terms of use",
    ),
    DatasetCard(
        name="coco",
        title="COCO, every instance that is no crowd (Lin et al., 2014)",
        kind="interactive",
        splits=("val2017", "train2017", "val2014", "train2014"),
        pages=("https://cocodataset.org/#download",),
        steps=(
            f"unpack {_COCO}annotations/annotations_trainval2017.zip",
            f"unpack {_COCO}zips/val2017.zip",
        ),
        layout=("annotations/instances_val2017.json", "val2017/*.jpg"),
        size="0.25 GB of annotations, 1 GB of photographs for val2017",
        terms=_COCO_TERMS,
    ),
    DatasetCard(
        name="objects365",
        title="Objects365 v1, the only one of its kind in its image (Shao et al., 2019)",
        kind="interactive",
        splits=("train", "val"),
        pages=("https://www.objects365.org/",),
        steps=(
            "unpack the 2019-08-02 release; its annotations are boxes",
            "write a mask for each box as `segmentation` into its annotation, for example with a"
            " SAM prompted by the box; EVF-SAM did so with SAM-2 and published no masks",
        ),
        layout=("objects365_train.json", "train/*.jpg"),
        size="600 thousand photographs, 10 million boxes; size not stated",
    ),
    DatasetCard(
        name="coco-folder",
        title="any folder of your own in COCO layout",
        kind="interactive",
        splits=("all",),
        pages=("https://cocodataset.org/#format-data",),
        steps=("put photographs in images and write instances.json beside it",),
        layout=("instances.json", "images/*"),
        size="yours",
        terms="yours",
    ),
)  # fmt: skip
"""In the order of the tables that use them."""
