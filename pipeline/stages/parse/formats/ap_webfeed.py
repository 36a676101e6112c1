"""What AP's feeds add to Atom: management (``apnm``), metadata of the content (``apcm``) and a NITF document for a text."""

from __future__ import annotations

from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.formats.publishing_status import STATUSES
from pipeline.stages.parse.xmltree import Children, children, find, find_all, find_text


def read_additions(entry: Children, draft: Draft) -> None:
    """Put what an entry states beside Atom's own fields, which hold less: its title is AP's slug."""
    management, content = children(find(entry, "NewsManagement")), children(find(entry, "ContentMetadata"))
    draft.put("revision", find_text(management, "ManagementSequenceNumber"), "apnm:ManagementSequenceNumber")
    draft.put("status", STATUSES.get((find_text(management, "PublishingStatus") or "").lower()), "apnm:PublishingStatus")
    for field, name in (
        ("headline", "HeadLine"),
        ("headline", "ExtendedHeadLine"),
        ("slugline", "SlugLine"),
        ("dateline", "DateLine"),
        ("byline", "ByLine"),
        ("rights", "CopyrightLine"),
    ):
        draft.put(field, find_text(content, name), f"apcm:{name}")
    priority = find(content, "Priority")
    level = "" if priority is None else priority.get("Numeric", "")
    draft.put("urgency", int(level) if level in set("12345678") else None, "apcm:Priority/@Numeric")
    codes = (
        each.get("Id") or each.get("Value")
        for subject in find_all(content, "SubjectClassification")
        for each in (subject, *subject)
    )
    draft.put("subjects", list(dict.fromkeys(filter(None, codes))), "apcm:SubjectClassification")
    inside = find(entry, "content")
    for note in () if inside is None else find_all(inside, "//ed-msg"):
        draft.note(note.get("info"), "content/nitf/…/ed-msg@info")
