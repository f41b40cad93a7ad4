"""What each training folder labels, and so which names may be called absent in its photographs.

A folder that labels every car makes "no car here" a fact; a folder that never labels trees says
nothing about trees. `known_names` gives the names whose presence is certain, also for a picture
made of several folders' photographs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from biprompt.data.vocabulary import KIND, Vocabulary, load_vocabulary


def _labels(names: str) -> frozenset[str]:
    return frozenset(names.split(","))


# Foreign things, by theme: what is surely not in photographs of another theme.
_ORGANS = frozenset({"polyp", "gallbladder", "cystic duct", "cystic artery", "cystic plate"})
_FOOD = frozenset({"sandwich", "hot dog", "pizza", "donut", "cake"})
_GREENS = frozenset({"banana", "apple", "orange", "broccoli", "carrot"})
_WILD = _labels("elephant,bear,zebra,giraffe,tiger,otter,turtle,deer,rhesus monkey,sheep,cow")
_KITCHEN = _labels("microwave,oven,toaster,refrigerator,fork,spoon,wine glass")
_HOME = _labels("toilet,bed,couch,hair drier,toothbrush,teddy bear,laptop,keyboard,mouse,vase")
_SPORT = _labels("frisbee,skis,snowboard,baseball bat,baseball glove,surfboard,tennis racket")
_STREET = frozenset({"traffic light", "fire hydrant", "stop sign", "parking meter"})
_TRAVEL = frozenset({"airplane", "train", "boat"})
_RIDES = frozenset({"car", "bus", "truck", "motorcycle", "bicycle"})
_PETS = frozenset({"dog", "cat", "horse", "bird"})
_LEGS = frozenset({"pants", "jeans", "skirt", "shoes", "boots", "socks", "shorts"})
_TOWN = frozenset({"road", "building", "pavement", "fence", "sky"})
_EVERYDAY = _FOOD | _GREENS | _KITCHEN | _HOME | _SPORT | _STREET | _TRAVEL | _RIDES
_COCO = (
    _EVERYDAY
    | _PETS
    | _labels(
        "person,bench,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,"
        "sports ball,kite,skateboard,bottle,cup,knife,bowl,chair,potted plant,dining table,tv,"
        "remote,cell phone,sink,book,clock,scissors"
    )
)
_ANIMALS = frozenset({"elephant", "bear", "rhesus monkey", "tiger", "turtle", "otter", "deer"})
_SHOES = _labels("shoes,sandals,boots,loafers,heels,pumps,sneakers,flats,wedges")
_WORN = _SHOES | _labels(
    "hair,skin,pants,sunglasses,dress,coat,blouse,accessories,belt,shirt,skirt,jeans,sweater,hat,"
    "t shirt,blazer,stockings,suit,scarf,jacket,bracelet,socks,shorts,vest,top,leggings,"
    "sweatshirt,necklace,watch,cape,romper,tie,jumper,glasses,gloves,cardigan,bodysuit,tights,"
    "ring,hoodie,bra,earrings"
)
_FACE = frozenset({"skin", "nose", "mouth", "eyes"})
_CARRIED = frozenset({"bag", "purse", "wallet"})
_CAR_PARTS = _labels(
    "wheel,front glass,hood,front bumper,front right light,front left light,right mirror,"
    "left mirror,front right door,front left door,back left door,back right door,back glass,"
    "back left light,back right light,back bumper,trunk,tailgate"
)
_CAMVID_MANY = frozenset(
    {"building", "car", "pole", "sign", "tree", "pedestrian", "fence", "bicyclist"}
)
_SURGERY = frozenset(
    {"gallbladder", "surgical tool", "cystic duct", "cystic artery", "cystic plate",
     "calot's triangle"}
)  # fmt: skip

# Names too wide or too loose for "not here" to be certain, whatever the folder.
UNSURE = _labels(
    "food,furniture,electronics,appliance,vegetable,luggage,table,desk,dish,glass,ball,computer,"
    "screen,monitor,seat,stool,blade,vessel,house,tower,post,barrier,instrument,tool,duct,artery,"
    "burger,hamburger,toast,pie,magazine,novel,plant,plants,dirt,soil,grass,trees,bushes,forest,tree,"
    "coach,van,pickup,cap,growth,basin,bat,auto,individual,heaven,controller,cycle,clothes,"
    "clothing,top,accessories,accessory,skin,lips,visage,person walking,walker"
)


@dataclass(frozen=True, slots=True)
class DatasetProfile:
    """What is known about the labels of one folder.

    Attributes:
        labels: the labels every photograph of the folder was searched for.
        things: whether a mask is one instance (False: one mask holds the whole class).
        many: class-level labels whose mask usually holds several instances ("car" in street
            scenes), called in the plural.
        foreign: labels of other folders that are surely not in these photographs.
        kinds: wider names all of whose members are labelled here ("animal").
        never: own labels whose absence from a photograph is not certain.
        wholes: name of a whole -> the labels whose union it is ("person": hair, skin, clothes).
    """

    labels: frozenset[str]
    things: bool = True
    many: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    wholes: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def is_thing(self, label: str) -> bool:
        """Return whether a mask of `label` shows one instance."""
        return self.things or label in self.wholes

    def is_many(self, label: str) -> bool:
        """Return whether a mask of `label` usually holds several instances."""
        return not self.things and label in self.many


_STUDIO = _ORGANS | _WILD | _FOOD | _KITCHEN | _TRAVEL
PROFILES: Mapping[str, DatasetProfile] = MappingProxyType(
    {
        "coco": DatasetProfile(
            _COCO,
            foreign=_ORGANS | {"tiger", "otter"},
            kinds=_labels(
                "animal,vehicle,food,fruit,vegetable,cutlery,furniture,appliance,luggage,"
                "electronics"
            ),
        ),
        "animals": DatasetProfile(
            _ANIMALS,
            foreign=_ORGANS | _FOOD | _KITCHEN | _HOME | _SPORT | _STREET | {"airplane", "train"},
            kinds=frozenset({"animal"}),
        ),
        "clothing": DatasetProfile(
            _WORN | _CARRIED,
            things=False,
            foreign=_STUDIO | {"toilet", "bed", "toothbrush", "hair drier"} | _SPORT,
            kinds=frozenset({"clothing", "clothes", "footwear", "legwear", "jewelry", "headwear"}),
            wholes=MappingProxyType({"person": _WORN}),
        ),
        "carparts": DatasetProfile(
            _CAR_PARTS,
            foreign=_STUDIO | _GREENS | _HOME | _SPORT,
            kinds=frozenset({"door", "mirror", "headlight", "taillight", "bumper"}),
        ),
        "faces": DatasetProfile(
            frozenset({"hair", "skin", "nose", "mouth", "eyes"}),
            things=False,
            foreign=_STUDIO | _GREENS | _HOME | _SPORT | _STREET | _RIDES | _PETS | _LEGS,
            wholes=MappingProxyType({"face": _FACE, "head": _FACE | {"hair"}}),
        ),
        "camvid": DatasetProfile(
            _CAMVID_MANY | {"road", "sky", "pavement"},
            things=False,
            many=_CAMVID_MANY,
            foreign=_ORGANS | _WILD | _FOOD | _GREENS | _KITCHEN | _HOME | _SPORT
            | {"airplane", "boat"},
        ),
        "aerial": DatasetProfile(
            frozenset({"unpaved land", "water", "road", "building", "vegetation"}),
            things=False,
            many=frozenset({"building"}),
            foreign=_ORGANS | _WILD | _FOOD | _GREENS | _KITCHEN | _HOME | _SPORT | _STREET
            | _PETS | {"nose", "mouth", "eyes", "sky", "jeans", "hat"},
            never=frozenset({"unpaved land", "vegetation"}),
        ),
        "polyp": DatasetProfile(
            frozenset({"polyp"}),
            foreign=_EVERYDAY | _PETS | _WILD | _TOWN | _LEGS | {"tv", "book", "clock", "nose",
            "eyes", "hat", "wheel", "chair", "person", "umbrella", "hair"},
        ),
        "surgery": DatasetProfile(
            _SURGERY,
            things=False,
            many=frozenset({"surgical tool"}),
            foreign=_EVERYDAY | _PETS | _WILD | _TOWN | _LEGS | {"tv", "book", "clock", "nose",
            "eyes", "hat", "wheel", "chair", "person", "umbrella", "hair"},
        ),
    }
)  # fmt: skip


def profile_for(folder: str, labels: Iterable[str] = ()) -> DatasetProfile:
    """Return the profile of a folder by its name ("coco-train"), or a default.

    The default is for a user's own COCO-format folder: every label of `labels` is taken to be
    searched for in every photograph, one mask an instance; nothing is said about other names.
    """
    key = folder.rstrip("/").rsplit("/", 1)[-1].removesuffix("-train").removesuffix("-test")
    return PROFILES.get(key) or DatasetProfile(frozenset(labels))


def _known(profile: DatasetProfile, vocabulary: Vocabulary) -> frozenset[str]:
    sure = (profile.labels - profile.never) | profile.foreign
    return frozenset(
        name.text
        for name in vocabulary.names.values()
        if (name.text in profile.kinds if name.sort == KIND else bool(name.labels & sure))
    )


def known_names(
    profiles: Sequence[DatasetProfile], vocabulary: Vocabulary | None = None
) -> frozenset[str]:
    """Return the names known to be there or not in a picture made from `profiles`' photographs.

    The picture's own labels among them are there. `ExpressionBuilder.build` takes these names as
    `absent_names` and itself leaves out those that are present, or too like a present one.
    """
    vocabulary = load_vocabulary() if vocabulary is None else vocabulary
    vocabulary = vocabulary.with_labels(label for p in profiles for label in p.labels)
    sets = [_known(profile, vocabulary) for profile in profiles]
    return frozenset.intersection(*sets) if sets else frozenset()


_SIDES = {"left": "right", "right": "left"}


def flip_label(label: str) -> str:
    """Return the label of a mask after its photograph was mirrored: left and right change."""
    return " ".join(_SIDES.get(word, word) for word in label.split())
