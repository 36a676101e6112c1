"""The wire formats, in the order in which their claims are heard: the strictest first."""

from __future__ import annotations

from pipeline.stages.parse.formats import (
    ap_media_api,
    dpa_digitalwires,
    newsml_1,
    newsml_g2,
    ninjs,
    nitf,
    plain_pressrelease,
    plain_text,
    wirefeed_jsonl,
)
from pipeline.stages.parse.formats.format import Format

FORMATS: tuple[Format, ...] = (
    Format("newsml_g2", newsml_g2.claims, newsml_g2.parse),
    Format("newsml_1_2", newsml_1.claims, newsml_1.parse),
    Format("nitf", nitf.claims, nitf.parse),
    Format("wirefeed_jsonl", wirefeed_jsonl.claims, wirefeed_jsonl.parse),
    Format("ap_media_api", ap_media_api.claims, ap_media_api.parse),
    Format("dpa_digitalwires", dpa_digitalwires.claims, dpa_digitalwires.parse),
    Format("ninjs", ninjs.claims, ninjs.parse),
    Format("plain_pressrelease", plain_pressrelease.claims, plain_pressrelease.parse),
    Format("plain_text", plain_text.claims, plain_text.parse),
)
