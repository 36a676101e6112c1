"""What caches of wire text promise."""

from pipeline.stages.remembering import remembered


def test_a_piece_is_computed_once_and_one_longer_than_the_bound_each_time():
    """Else a sender of long words fills the memory."""
    computed: list[str] = []

    @remembered(10, letters=5)
    def length(word: str) -> int:
        computed.append(word)
        return len(word)

    for word in ("flash", "flash", "bulletin", "bulletin"):
        assert length(word) == len(word)
    assert computed == ["flash", "bulletin", "bulletin"]


def test_no_more_pieces_are_kept_than_said():
    """The oldest one goes."""
    computed: list[str] = []
    length = remembered(2)(lambda word: computed.append(word) or len(word))
    for word in ("a", "b", "c", "a"):
        length(word)
    assert computed == ["a", "b", "c", "a"]
