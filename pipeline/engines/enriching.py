"""The stages that fill a section of an event, built from the settings. A process of one stage loads no other's code and models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.settings import Settings
from pipeline.stages.enriching import EnrichingStage
from pipeline.topology import STAGE_NAMES

if TYPE_CHECKING:
    from pipeline.stages.alerts.ruleset import RuleSet


def load_rules(settings: Settings) -> RuleSet:
    """Load the rules that the settings name; raises RuleError with every problem at once."""
    from pipeline.stages.alerts.ruleset import RuleSet

    return RuleSet.load(settings.rules.directory, shipped=settings.rules.shipped)


def enriching_stages(settings: Settings, names: Sequence[str] = STAGE_NAMES, rules: RuleSet | None = None) -> list[EnrichingStage]:
    """Build those of the stages language, entities and alerts that are named, in their order.

    Without ``rules`` those of the settings are in force, read anew when they change.
    """
    stages: list[EnrichingStage] = []
    if "language" in names:
        from pipeline.stages.language.stage import LanguageStage

        stages.append(LanguageStage(settings.language))
    if "entities" in names:
        from pipeline.stages.entities.stage import EntitiesStage

        stages.append(EntitiesStage(settings.entities))
    if "alerts" in names:
        from pipeline.engines.live_rules import LiveAlerts
        from pipeline.stages.alerts.stage import AlertsStage

        stages.append(AlertsStage(rules) if rules is not None else LiveAlerts(settings.rules))
    return stages
