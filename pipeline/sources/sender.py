"""Who may push: a bearer token, or a signature over the body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Credentials:
    """What is demanded from a sender; either is enough, none demands nothing."""

    token: str | None = None
    signing_secret: str | None = None

    @property
    def demanded(self) -> bool:
        """Whether a sender must authenticate."""
        return self.token is not None or self.signing_secret is not None

    def accepts_token(self, headers: Mapping[str, str]) -> bool:
        """Whether the ``Authorization`` header bears the token."""
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        return self.token is not None and scheme.lower() == "bearer" and _equal(shown.strip(), self.token)

    def accepts_signature(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the body is signed: ``X-Hub-Signature-256: sha256=<hex>`` (WebSub), or after Standard Webhooks.

        A replayed request is harmless: it has the same position, hence the same receipt.
        """
        if self.signing_secret is None:
            return False
        if (hub := headers.get("x-hub-signature-256")) is not None:
            return _equal(hub, "sha256=" + hmac.new(self.signing_secret.encode(), body, hashlib.sha256).hexdigest())
        signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
        expected = base64.b64encode(hmac.new(self._webhook_key(), signed, hashlib.sha256).digest()).decode()
        return any(_equal(shown, f"v1,{expected}") for shown in headers.get("webhook-signature", "").split(" "))

    def _webhook_key(self) -> bytes:
        secret = self.signing_secret or ""
        if not secret.startswith("whsec_"):
            return secret.encode()
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return secret.encode()


def _equal(shown: str, expected: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), expected.encode())
