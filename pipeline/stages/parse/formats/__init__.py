"""The wire formats, in the order in which their claims are heard: the strictest first."""

from __future__ import annotations

from pipeline.stages.parse.formats import newsml_1, newsml_g2, ninjs, plain_text, wirefeed_jsonl
from pipeline.stages.parse.formats.format import Format

FORMATS: tuple[Format, ...] = (
    Format("newsml_g2", newsml_g2.claims, newsml_g2.parse),
    Format("newsml_1_2", newsml_1.claims, newsml_1.parse),
    Format("wirefeed_jsonl", wirefeed_jsonl.claims, wirefeed_jsonl.parse),
    Format("ninjs", ninjs.claims, ninjs.parse),
    Format("plain_text", plain_text.claims, plain_text.parse),
)
