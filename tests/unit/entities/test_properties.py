"""Whatever comes in: nothing raises, every place is in its field, and the batch around a dispatch changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.entities.stage import EntitiesStage
from tests.unit.entities.conftest import make_event

_PIECES = st.sampled_from(
    [
        "NATO", "Kyiv", "İstanbul", "ǅ", "ẞ", "ﬁ", "U.N.", "President José Ruiz", "\n", "\n\n", " ", "\t", "\u00a0", "北京", "الأمم المتحدة",
        "भारत", "Москвы", "'s", "-based", "Corp.", "(", ")", ",", ".", "12", "\U0001f600", "e\u0301", "LONDON MEETS PARIS", "\u200f", "\x00",
        "Paris, Texas", "said", "Ankara'da", "THE U.S. AND ΑΘΉΝΑ",
    ]
)  # fmt: skip
_TEXTS = st.one_of(st.lists(_PIECES, max_size=25).map(" ".join), st.lists(_PIECES, max_size=15).map("".join), st.text(max_size=80))


_LANGUAGES = st.sampled_from(["en", "es", "de", "fr", "ru", "ar", "zh", "tr", "und", "zxx", "", "x-odd"])


@settings(max_examples=150, deadline=None)
@given(text=_TEXTS, headline=st.none() | _TEXTS, language=_LANGUAGES)
def test_every_place_lies_in_its_field(stage: EntitiesStage, text: str, headline: str | None, language: str):
    """Places are code points, not empty, inside the field, and no two mentions overlap."""
    event = make_event(text, headline, language)
    (tagged,) = stage.process([event])
    taken: set[tuple[str, int]] = set()
    for entity in tagged.entities or []:
        for mention in entity.mentions:
            content = getattr(event.dispatch, mention.field)
            assert 0 <= mention.start < mention.end <= len(content)
            assert "\n" not in content[mention.start : mention.end]
            places = {(mention.field, place) for place in range(mention.start, mention.end)}
            assert taken.isdisjoint(places)
            taken |= places


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(_TEXTS, min_size=2, max_size=4), language=_LANGUAGES)
def test_what_came_before_changes_nothing(stage: EntitiesStage, texts: list[str], language: str):
    """A dispatch gets the same entities alone, in a batch, and again."""
    events = [make_event(text, language=language) for text in texts]
    together = stage.process(events)
    for event, tagged in zip(reversed(events), reversed(together), strict=True):
        assert stage.process([event]) == [tagged]
