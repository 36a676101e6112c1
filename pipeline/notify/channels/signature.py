"""Signatures after Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, timestamp and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime


def decode_secret(secret: str) -> bytes:
    """Read a signing secret: base64 after ``whsec_``.

    Raises ValueError with a remedy for what is no base64.
    """
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"))
    except (binascii.Error, ValueError):
        raise ValueError("the secret is no base64 after whsec_; `openssl rand -base64 32` makes one") from None
    if not key:
        raise ValueError("the secret is empty; `openssl rand -base64 32` makes one")
    return key


def sign(secrets: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Make the three headers; with several secrets, several signatures, while a key is being rotated."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [
        "v1," + base64.b64encode(hmac.digest(decode_secret(secret), content, hashlib.sha256)).decode() for secret in secrets
    ]
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}
