"""`wirefeed purge` and `wirefeed expire`: take dispatches out of the store."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Annotated

import typer

from pipeline.cli.options import ConfigOption, StoreOption, settings_of


def purge(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="Id of a dispatch, or provider:item-id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this, nothing is removed.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove an item for good, as after a legal takedown: store, search, dead letters, outbox, and the archive that is configured.

    Shows first what would go. Bytes go whole, with whatever else stood in the same file. What Kafka's topics still hold, and until
    when, is said at the end.

    Example: wirefeed purge afp:urn:newsml:afp.com:20260101:TX-PAR-ABC12 --yes
    """
    from pipeline.store.database import Store, StoreError
    from pipeline.store.removal import purge_item
    from pipeline.topology import TOPICS

    settings = settings_of(config, store=store)
    directory = settings.archive.directory
    with (
        closing(Store.open(settings.store, create=False)) as opened,
        opened.engine.connect() as connection,
        connection.begin() as transaction,
    ):
        removed = purge_item(connection, item, directory, only_count=not yes)
        if not yes:
            transaction.rollback()
    if not any(vars(removed).values()):
        where = "the store" if directory is None else f"the store or in {directory}"
        raise StoreError(f"nothing in {where} has the id {item}; give a dispatch's id or provider:item-id")
    counted = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in vars(removed).items())
    print(f"{'removed' if yes else 'would remove (give --yes)'}: {counted}", file=sys.stderr)
    if yes:
        print("Kafka topics keep their records for their retention:", file=sys.stderr)
        for topic in TOPICS:
            kept = (
                "until a newer state of its key"
                if topic.compacted
                else f"{topic.retention.days} days"
                if topic.retention
                else "for ever"
            )
            print(f"  {topic.name}: {kept}", file=sys.stderr)


def expire(store: StoreOption = None, config: ConfigOption = None) -> None:
    """Remove what is older than store.keep_days, and store.keep_days_by_provider; run it daily.

    What deduplication knows of old texts goes with the first of these times, though never what it still compares with.

    Example: wirefeed expire --store sqlite:///wirefeed.db
    """
    from datetime import UTC, datetime, timedelta

    from pipeline.store.database import Store, StoreError
    from pipeline.store.progress import forget_verdicts
    from pipeline.store.removal import expire as remove

    settings = settings_of(config, store=store)
    kept = [*settings.store.keep_days_by_provider.values(), *([settings.store.keep_days] if settings.store.keep_days else [])]
    if not kept:
        raise StoreError("nothing says how long to keep dispatches: set store.keep_days, or store.keep_days_by_provider")
    now = datetime.now(UTC)
    total = 0
    with closing(Store.open(settings.store, create=False)) as opened, opened.writing() as connection:
        for provider, days in settings.store.keep_days_by_provider.items():
            total += remove(connection, now - timedelta(days=days), [provider]).dispatches
        if settings.store.keep_days is not None:
            total += remove(connection, now - timedelta(days=settings.store.keep_days)).dispatches
        forget_verdicts(connection, now - timedelta(days=min(kept)), timedelta(hours=settings.deduplicate.window_hours))
    print(f"removed {total} dispatches", file=sys.stderr)
