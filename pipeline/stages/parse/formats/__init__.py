"""The wire formats, in the order in which their claims are heard: the strictest first."""

from __future__ import annotations

from pipeline.stages.parse.formats import (
    anpa1312,
    ap_media_api,
    dpa_digitalwires,
    email_rfc822,
    feed,
    iptc7901,
    newsml_1,
    newsml_g2,
    ninjs,
    nitf,
    plain_pressrelease,
    plain_text,
    telex,
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
    Format("rss_atom", feed.claims, feed.parse),
    Format("anpa1312", anpa1312.claims, anpa1312.parse),
    Format("iptc7901", iptc7901.claims, iptc7901.parse),
    Format("zczc_text", telex.claims, telex.parse),
    Format("email_rfc822", email_rfc822.claims, email_rfc822.parse),
    Format("plain_pressrelease", plain_pressrelease.claims, plain_pressrelease.parse),
    Format("plain_text", plain_text.claims, plain_text.parse),
)
