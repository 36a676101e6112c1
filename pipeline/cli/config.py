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
    """Read the configuration and what it names, and say all that is wrong; nothing is asked over the network.

    Example: wirefeed config check --config /etc/wirefeed.toml
    """
    from pipeline.operate.diagnosis import configuration_checks

    settings = settings_of(config)
    checks = list(configuration_checks(settings))
    for check in checks:
        if not check.good:
            typer.echo(f"wirefeed: {check.detail}", err=True)
    if not all(check.good for check in checks):
        raise typer.Exit(2)
    good = "; ".join(f"{check.name}: {check.detail}" for check in checks)
    typer.echo(f"configuration is good: {good}", err=True)


@app.command()
def show(config: ConfigOption = None) -> None:
    """Print the configuration in force as JSON; secrets are hidden.

    Example: wirefeed config show | jq .store
    """
    from pipeline.store.database import shown_url, store_url

    settings = settings_of(config)
    shown = json.loads(settings.model_dump_json())
    shown["store"]["url"] = shown_url(store_url(settings.store))
    print(json.dumps(shown, indent=2, ensure_ascii=False))


@app.command()
def reference() -> None:
    """Print the reference of all options as Markdown.

    Example: wirefeed config reference > docs/configuration.md
    """
    print("# Configuration\n")
    print("Generated from `pipeline/settings.py` by `make schemas`.\n")
    print("Weakest first: defaults, `wirefeed.toml`, environment, command options. Unknown keys are errors.")
    print("A variable that is empty counts as not set. Lists and tables are given as JSON in variables.")
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
