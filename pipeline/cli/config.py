"""`wirefeed config`: check and show the configuration, and its reference."""

from __future__ import annotations

import json
from typing import Any

import typer

from pipeline.cli.options import ConfigOption, settings_of

app = typer.Typer(
    help="Check and show the configuration.\n\nExample: wirefeed config check --config wirefeed.toml",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def check(config: ConfigOption = None) -> None:
    """Read the configuration, rules, profiles and subscribers, and say what is wrong with them.

    Example: wirefeed config check --config /etc/wirefeed.toml
    """
    from pipeline.engines.chain import load_rules
    from pipeline.notify.subscribers import load_subscribers
    from pipeline.stages.parse.profile import load_profiles

    settings = settings_of(config)
    rules = load_rules(settings)
    load_profiles(settings.parse.profiles)
    if settings.subscribers.file is not None:
        load_subscribers(settings.subscribers.file)
    typer.echo(f"configuration is good: {len(settings.sources)} sources, {len(rules.rules)} rules", err=True)


@app.command()
def show(config: ConfigOption = None) -> None:
    """Print the configuration in force as JSON; secrets are hidden.

    Example: wirefeed config show | jq .store
    """
    from sqlalchemy.engine import make_url

    settings = settings_of(config)
    shown = json.loads(settings.model_dump_json())
    shown["store"]["url"] = make_url(settings.store.url).render_as_string(hide_password=True)
    print(json.dumps(shown, indent=2, ensure_ascii=False))


@app.command()
def reference() -> None:
    """Print the reference of all options as Markdown.

    Example: wirefeed config reference > docs/configuration.md
    """
    print("# Configuration\n")
    print("Generated from `pipeline/settings.py` by `make schemas`.\n")
    print("Weakest first: defaults, `wirefeed.toml`, environment, command options. Unknown keys are errors.")
    for name, section in _sections():
        print(f"\n## `[{name}]`\n" if name != "sources" else "\n## `[[sources]]`\n")
        print(f"{(section.__doc__ or '').partition(': ')[2].strip() or (section.__doc__ or '').strip()}\n")
        print("| key | default | environment | what it is |\n|---|---|---|---|")
        for key, option in section.model_fields.items():
            variable = f"`WIREFEED_{name.upper()}__{key.upper()}`" if name != "sources" else "–"
            default = (
                "required"
                if option.is_required()
                else f"`{json.dumps(option.get_default(call_default_factory=True), default=str)}`"
            )
            print(f"| `{key}` | {default} | {variable} | {option.description} |")


def _sections() -> list[tuple[str, Any]]:
    from pipeline.settings import Settings, SourceSettings

    sections: list[tuple[str, Any]] = []
    for name, option in Settings.model_fields.items():
        sections.append((name, SourceSettings if name == "sources" else option.annotation))
    return sections
