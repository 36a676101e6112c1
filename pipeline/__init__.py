"""Wirefeed: from raw news-agency dispatches to enriched events and alerts."""

__version__ = "0.1.0"
