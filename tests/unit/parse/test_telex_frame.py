"""Head and foot of the telex that Italian agencies send between ZCZC and NNNN; each sample is made up in the layout of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.messages import Dispatch
from pipeline.stages.parse.stage import Parsed
from tests.unit.parse.test_desks import first

Read = Callable[..., Parsed]

TEXT = 'Il porto di Valdora resta chiuso per la tempesta.\n\n"Riapre lunedi\'", ha detto la sindaca.'
SENT = datetime(2026, 3, 10, 11, 34, tzinfo=UTC)
SAMPLES = {
    "ansa": (
        "ZCZC4711/SXA\nXCI34567_SXA_QBXB\nU CRO S0A QBXB\nPORTO: VALDORA, CHIUSO PER LA TEMPESTA\n"
        "(ANSA) - VALDORA, 10 MAR - Il porto di Valdora resta chiuso per\nla tempesta.\n"
        "   \"Riapre lunedi'\", ha detto la sindaca. (ANSA).\n\n     ABC-DEF/GHI\n10-MAR-26 12:34 NNNN\n"
    ),
    "adnkronos": (
        "ZCZC\nADN0123 7 CRO 0 ADN CRO NAZ\n\n      PORTO: VALDORA, CHIUSO PER LA TEMPESTA =\n\n"
        "      Valdora, 10 mar. (Adnkronos) - Il porto di Valdora resta chiuso \nper la tempesta.\n\n"
        "      \"Riapre lunedi'\", ha detto la sindaca.\n\n      (Abc/Adnkronos)\n\nISSN 2465 - 1222\n10-MAR-26 12:34\nNNNN\n"
    ),
    "agi": (
        "ZCZC\nAGI0456 3 CRO 0 R01 /\n\nPorto: Valdora, chiuso per la tempesta =\n"
        "(AGI) - Valdora, 10 mar. - Il porto di Valdora resta chiuso per\nla tempesta.\n"
        "    \"Riapre lunedi'\", ha detto la sindaca. (AGI)\nAbc/Def (Segue)\n101234 MAR 26\n\nNNNN\n"
    ),
    "italpress": (
        "ZCZC IPN 123\nCRO --/T\nPORTO: VALDORA, CHIUSO PER LA TEMPESTA\nVALDORA (ITALPRESS) - Il porto di Valdora resta chiuso per\n"
        "la tempesta.\n   \"Riapre lunedi'\", ha detto la sindaca.\n(ITALPRESS).\nabc/def\n10-Mar-26 12:34\nNNNN\n"
    ),
    "dire": (
        "ZCZC DRS0042 4 CRO 0 DRS / WLF\nPORTO: VALDORA, CHIUSO PER LA TEMPESTA\n\n"
        "(DIRE) Valdora, 10 mar. - Il porto di Valdora resta chiuso per\nla tempesta.\n"
        "   \"Riapre lunedi'\", ha detto la sindaca.\n  (Abc/ Dire)\n12:34 10-03-26\n\nNNNN\n"
    ),
}  # fmt: skip
NUMBERS = {"ansa": ("SXA", "4711", 3), "adnkronos": ("ADN", "0123", 7), "agi": ("AGI", "0456", 3), "italpress": ("IPN", "123", None), "dire": ("DRS", "0042", 4)}  # fmt: skip


@pytest.fixture(params=SAMPLES)
def agency(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def dispatch(read: Read, agency: str) -> Dispatch:
    return first(read(SAMPLES[agency]))


def test_the_headline_stands_alone_above_the_dateline(dispatch: Dispatch) -> None:
    assert (dispatch.headline or "").casefold() == "porto: valdora, chiuso per la tempesta"
    assert "valdora" in (dispatch.dateline or "").casefold()


def test_head_and_foot_leave_the_text(dispatch: Dispatch) -> None:
    assert dispatch.text == TEXT


def test_service_number_rank_and_category_are_read(dispatch: Dispatch, agency: str) -> None:
    assert dispatch.provider == agency
    assert (dispatch.service, dispatch.sequence, dispatch.urgency) == NUMBERS[agency]
    assert dispatch.subjects == ["CRO"]


def test_the_time_below_is_the_agencys(dispatch: Dispatch) -> None:
    assert dispatch.published_at == SENT


def test_initials_of_the_desk_are_the_sign_off(dispatch: Dispatch) -> None:
    assert (dispatch.signoff or "").casefold().startswith("abc")


def test_a_name_with_a_stroke_ends_a_text_where_no_time_stands_below(read: Read) -> None:
    telex = "ZCZC\nOspiti\n\nVALDORA, 10 mar. (ANSA) - Il porto resta chiuso.\n\nAda/Bea\n\nNNNN\n"
    assert "Ada/Bea" in first(read(telex)).text


@pytest.mark.parametrize("before", ["\ufeff", "\n" * 30, "\ufeff\n"])
def test_no_message_of_a_telex_is_lost_behind_a_byte_order_mark_or_blank_lines(read: Read, before: str) -> None:
    telex = f"{before}{SAMPLES['agi']}{SAMPLES['ansa']}"
    assert [each.dispatch.provider for each in read(telex).dispatches] == ["agi", "ansa"]
