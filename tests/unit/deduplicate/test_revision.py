"""Which revision is the newer one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.stages.deduplicate.revision import Order, order_of

EARLY, LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("revision", "known", "expected"),
    [
        ("2", "1", Order.NEWER),
        ("10", "9", Order.NEWER),
        ("0009", "10", Order.OLDER),
        ("17", "17", Order.SAME),
        ("007", "7", Order.SAME),
        ("1.10", "1.9", Order.NEWER),
        ("20260301T120000+0100", "20260301T113000Z", Order.OLDER),
        ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", Order.SAME),
        ("v3", "v2", Order.NEWER),
        ("", "", Order.SAME),
        ("7f3a", "91bc", Order.NEWER),
        ("0001-01-01T00:00:00+01:00", "2026-03-01T12:00:00Z", Order.OLDER),
        ("9999-12-31T23:59:59-05:00", "2026-03-01T12:00:00Z", Order.NEWER),
    ],
)
def test_order_of_revisions(revision, known, expected):
    """Numbers are numbers, times are times, and of two opaque tags the later arrival is newer."""
    assert order_of(revision, None, known, None) is expected


def test_opaque_revisions_by_publication():
    """Etags do not tell their order, the time of publication does."""
    assert order_of("ab12", EARLY, "ff00", LATE) is Order.OLDER
    assert order_of("ab12", LATE, "ff00", EARLY) is Order.NEWER
