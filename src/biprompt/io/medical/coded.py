"""SNOMED CT codes of anatomy, for DICOM segmentations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coded:
    """What a segment is, in codes of SNOMED CT ("SCT").

    Attributes:
        value: the code.
        meaning: in words, as the code's own.
        side: "right" or "left" of a pair; None for what is single or unsaid.
    """

    value: str
    meaning: str
    side: str | None = None


SIDES = {"right": Coded("24028007", "Right"), "left": Coded("7771000", "Left")}
ANATOMY = Coded("91723000", "Anatomical Structure")
TISSUE = Coded("85756007", "Tissue")

_PAIRED = {
    "kidney": Coded("64033007", "Kidney"),
    "adrenal gland": Coded("23451007", "Adrenal gland"),
    "lung": Coded("39607008", "Lung"),
}
_SINGLE = {
    "liver": Coded("10200004", "Liver"),
    "spleen": Coded("78961009", "Spleen"),
    "pancreas": Coded("15776009", "Pancreas"),
    "aorta": Coded("15825003", "Aorta"),
    "inferior vena cava": Coded("64131007", "Inferior vena cava"),
    "gallbladder": Coded("28231008", "Gallbladder"),
    "esophagus": Coded("32849002", "Esophagus"),
    "stomach": Coded("69695003", "Stomach"),
    "duodenum": Coded("38848004", "Duodenum"),
    "heart": Coded("80891009", "Heart"),
    "brain": Coded("12738006", "Brain"),
    "colon": Coded("71854001", "Colon"),
    "prostate": Coded("41216001", "Prostate"),
    "uterus": Coded("35039007", "Uterus"),
}


def coded(name: str) -> Coded:
    """Return the code of an organ's English name; what is not known by name is "Tissue"."""
    words = " ".join(name.lower().split()).removeprefix("the ")
    for side in SIDES:
        if (paired := _PAIRED.get(words.removeprefix(f"{side} "))) and words.startswith(side):
            return Coded(paired.value, paired.meaning, side)
    return _SINGLE.get(words) or _PAIRED.get(words) or TISSUE
