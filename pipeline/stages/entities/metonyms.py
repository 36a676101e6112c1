"""Names that stand for something else: a capital for its country's government, "the Alliance" for NATO.

A capital that acts keeps its GeoNames id, which is the town's, and gets the ISO 3166 code of the country that it stands for.
"""

from __future__ import annotations

from bisect import bisect_left

from pipeline.messages import EntityType
from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.linking import Linker
from pipeline.stages.entities.name import Link, Name, ids_of
from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.vocabulary import words

#: What governments do and towns do not.
_ACTS = frozenset(
    words(
        "said says accused accuses urged urges warned warns denied denies rejected rejects insisted insists wants wanted "
        "demanded demands vowed vows threatened threatens condemned condemns agreed agrees refused refuses imposed imposes "
        "recalled recalls expelled expels summoned summons announced announces blames blamed signed believes hopes "
        "fears supports supported backs backed would will considers considered describes described responded responds "
        "retaliated called calls offered offers pledged pledges advirtió acusó exigió rechazó negó anunció aseguró pidió "
        "afirmó condenó averti accusé accuse rejette dénonce exige estime warnte warf fordert forderte wies droht "
        "verurteilte kritisierte kündigte"
    )
)
_AGAINST = frozenset(words("between with against by urged accused pressed told entre avec contra contre mit zwischen gegen"))
_LOCATING = frozenset(words("in at from near to outside around en à de nach aus bei em a"))
_STANDS_FOR_NATO = frozenset(
    ("Alliance", "Atlantic Alliance", "North Atlantic Alliance", "Alianza", "Alianza Atlántica", "Allianz")
)


def mark_metonyms(reading: Reading, names: list[Name], gazetteer: Gazetteer, linker: Linker) -> None:
    """Mark capitals that act with their country, and "the Alliance" to NATO where the dispatch names NATO."""
    nato = linker.body("NATO")
    with_nato = any(name.link is not None and nato is not None and name.link.key == nato.key for name in names)
    for name in names:
        first = bisect_left(reading.starts, name.start)
        if first == len(reading.starts) or reading.starts[first] != name.start:
            continue
        if nato is not None and with_nato and name.surface.removeprefix("the ") in _STANDS_FOR_NATO:
            name.type, name.link = EntityType.ORGANISATION, nato._replace(
                key=("metonym", *nato.key), name=name.surface, metonym=True
            )  # fmt: skip
        elif name.type == EntityType.PLACE and name.link is not None and name.link.key[0] == "town" and _acts(reading, first, name):
            nation = gazetteer.nations.get(name.link.country or "")
            if nation is not None and nation.capital in (name.link.name, f"{name.link.name}, {nation.name}", name.surface):
                ids = ids_of(geonames=name.link.ids.geonames, iso3166=nation.code)
                key = ("metonym", nation.code)
                name.link = Link(key, name.link.name, ids, nation.code, name.link.confidence, EntityType.PLACE, metonym=True)


def _acts(reading: Reading, first: int, name: Name) -> bool:
    words = reading.words
    end = first + 1
    while end < len(words) and reading.starts[end] < name.end:
        end += 1
    before = words[first - 1].lower if first else ""
    after = words[end].lower if end < len(words) else ""
    if before in _LOCATING or before == "," or after == ",":
        return False
    return after in _ACTS or before in _AGAINST
