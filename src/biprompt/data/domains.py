"""What each training folder labels, and so which names may be called absent in its photographs.

A folder that labels every car makes "no car here" a fact; a folder that never labels trees says
nothing about trees. `known_names` gives the names whose presence is certain, also for a picture
made of several folders' photographs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from biprompt.data.vocabulary import KIND, load_vocabulary


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
class Domain:
    """What is known about the labels of one folder.

    Attributes:
        labels: the labels every photograph of the folder was searched for.
        things: whether a mask is one instance (False: one mask holds the whole class).
        many: class-level labels whose mask usually holds several instances ("car" in street
            scenes), called in the plural.
        foreign: labels of other folders that are surely not in these photographs.
        kinds: wider names all of whose members are labelled here ("animal").
        never: own labels whose absence from a photograph is not certain.
        whole: name of what all `parts` together are ("person"), None when they are no one thing.
        parts: the labels whose union is the whole.
    """

    labels: frozenset[str]
    things: bool = True
    many: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    whole: str | None = None
    parts: frozenset[str] = frozenset()

    @property
    def regions(self) -> bool:
        """Whether the labels name nothing: masks drawn without a word."""
        return bool(self.labels) and self.labels <= load_vocabulary().unnamed

    def is_thing(self, label: str) -> bool:
        """Return whether a mask of `label` shows one instance."""
        return self.things or label == self.whole

    def is_many(self, label: str) -> bool:
        """Return whether a mask of `label` usually holds several instances."""
        return not self.things and label in self.many

    def known(self) -> frozenset[str]:
        """Return every name whose presence in a photograph of this folder is certain."""
        return _known(self)

    def absent(self, shown: Collection[str]) -> frozenset[str]:
        """Return what `ExpressionBuilder.build` takes as `absent_names` for one photograph.

        These are the known names but for those of the labels `shown` in it, or of labels too
        like them, and the names too loose ever to be called absent. The wider names of `kinds`
        stay: the builder uses them for what is there and never calls them absent.
        """
        vocabulary = load_vocabulary().with_labels(self.labels)
        close = vocabulary.too_close(shown)
        names = vocabulary.names
        return frozenset(
            text
            for text in self.known()
            if text in self.kinds or (text not in UNSURE and close.isdisjoint(names[text].labels))
        )


_STUDIO = _ORGANS | _WILD | _FOOD | _KITCHEN | _TRAVEL
DOMAINS: Mapping[str, Domain] = MappingProxyType(
    {
        "coco": Domain(
            _COCO,
            foreign=_ORGANS | {"tiger", "otter"},
            kinds=_labels(
                "animal,vehicle,food,fruit,vegetable,cutlery,furniture,appliance,luggage,"
                "electronics"
            ),
        ),
        "animals": Domain(
            _ANIMALS,
            foreign=_ORGANS | _FOOD | _KITCHEN | _HOME | _SPORT | _STREET | {"airplane", "train"},
            kinds=frozenset({"animal"}),
        ),
        "clothing": Domain(
            _WORN | _CARRIED,
            things=False,
            foreign=_STUDIO | {"toilet", "bed", "toothbrush", "hair drier"} | _SPORT,
            kinds=frozenset({"clothing", "clothes", "footwear", "legwear", "jewelry", "headwear"}),
            whole="person",
            parts=_WORN,
        ),
        "carparts": Domain(
            _CAR_PARTS,
            foreign=_STUDIO | _GREENS | _HOME | _SPORT,
            kinds=frozenset({"door", "mirror", "headlight", "taillight", "bumper"}),
        ),
        "faces": Domain(
            frozenset({"hair", "skin", "nose", "mouth", "eyes"}),
            things=False,
            foreign=_STUDIO | _GREENS | _HOME | _SPORT | _STREET | _RIDES | _PETS | _LEGS,
            whole="head",
            parts=frozenset({"hair", "skin", "nose", "mouth", "eyes"}),
        ),
        "camvid": Domain(
            _CAMVID_MANY | {"road", "sky", "pavement"},
            things=False,
            many=_CAMVID_MANY,
            foreign=_ORGANS | _WILD | _FOOD | _GREENS | _KITCHEN | _HOME | _SPORT
            | {"airplane", "boat"},
        ),
        "aerial": Domain(
            frozenset({"unpaved land", "water", "road", "building", "vegetation"}),
            things=False,
            many=frozenset({"building"}),
            foreign=_ORGANS | _WILD | _FOOD | _GREENS | _KITCHEN | _HOME | _SPORT | _STREET
            | _PETS | {"nose", "mouth", "eyes", "sky", "jeans", "hat"},
            never=frozenset({"unpaved land", "vegetation"}),
        ),
        "polyp": Domain(
            frozenset({"polyp"}),
            foreign=_EVERYDAY | _PETS | _WILD | _TOWN | _LEGS | {"tv", "book", "clock", "nose",
            "eyes", "hat", "wheel", "chair", "person", "umbrella", "hair"},
        ),
        "surgery": Domain(
            _SURGERY,
            things=False,
            many=frozenset({"surgical tool"}),
            foreign=_EVERYDAY | _PETS | _WILD | _TOWN | _LEGS | {"tv", "book", "clock", "nose",
            "eyes", "hat", "wheel", "chair", "person", "umbrella", "hair"},
        ),
    }
)  # fmt: skip


def domain_of(folder: str, labels: Iterable[str] = ()) -> Domain:
    """Return the domain of a folder by its name ("coco-train"), or a default.

    The default is for a user's own COCO-format folder: every label of `labels` is taken to be
    searched for in every photograph, one mask an instance; nothing is said about other names.
    """
    key = folder.rstrip("/").rsplit("/", 1)[-1].removesuffix("-train").removesuffix("-test")
    return DOMAINS.get(key) or Domain(frozenset(labels))


@lru_cache(maxsize=64)
def _known(domain: Domain) -> frozenset[str]:
    vocabulary = load_vocabulary().with_labels(domain.labels)
    sure = (domain.labels - domain.never) | domain.foreign
    return frozenset(
        name.text
        for name in vocabulary.names.values()
        if (name.text in domain.kinds if name.sort == KIND else bool(name.labels & sure))
    )


def known_names(domains: Sequence[Domain]) -> frozenset[str]:
    """Return the names whose presence is certain in a picture made from all of `domains`."""
    return frozenset.intersection(*(d.known() for d in domains)) if domains else frozenset()


_SIDES = {"left": "right", "right": "left"}


def flip_label(label: str) -> str:
    """Return the label of a mask after its photograph was mirrored: left and right change."""
    return " ".join(_SIDES.get(word, word) for word in label.split())
