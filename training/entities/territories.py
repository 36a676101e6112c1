"""Names of countries in the languages of the wires, from CLDR, and the forms that the press uses beside them."""

from __future__ import annotations

import re
from pathlib import Path

from babel import Locale

from pipeline.stages.entities.vocabulary import words

LANGUAGES = words(
    "en fr de es it pt nl sv da nb fi pl cs sk hu ro hr sl bg el tr ru uk be sr ar fa he ur hi bn ta th zh zh_Hant ja ko id vi"
)

_PRESS_NAMES = Path(__file__).parent / "names" / "press_names.tsv"
#: CLDR names that are more often something else: words, given names, and names that another place owns.
NOT_COUNTRIES = frozenset(words("Jersey Man Peru's Reunion Réunion Guam's Sint Curacao's Island Kongo Norge's"))


def names() -> dict[str, str]:
    """Every known name of a country → ISO 3166-1 alpha-2; English wins where languages disagree."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) != 2 or not code.isalpha() or code in ("EU", "UN", "EZ", "ZZ", "QO"):
                continue
            for form in sorted(_forms(name)):
                found.setdefault(form, code)
                if language == "de" and form[-1] not in "sxz)" and " " not in form:
                    found.setdefault(f"{form}s", code)
    for line in _PRESS_NAMES.read_text(encoding="utf-8").splitlines():
        code, forms = line.split("\t")
        found.update(dict.fromkeys(forms.split("|"), code))
    return {name: code for name, code in found.items() if code and name not in NOT_COUNTRIES and len(name) > 1}


def _forms(name: str) -> set[str]:
    """Give the name as CLDR writes it, with a plain apostrophe, and without what stands in brackets."""
    plain = re.sub(r"\s*[(（].*?[)）]", "", name).strip()
    return {form for base in (name, plain) for form in (base, base.replace("’", "'"), base.replace(" & ", " and ")) if form}
