"""What every client is told of the broker."""

from pathlib import Path

import pytest

from pipeline.engines.kafka.connection import Connection
from pipeline.settings import KafkaSettings, SettingsError


def test_a_certificate_file_that_cannot_be_used_is_named_not_taken_for_a_silent_broker(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    absent = KafkaSettings(security_protocol="SSL", ssl_ca_file=tmp_path / "ca.pem")
    with pytest.raises(SettingsError, match=r"kafka\.ssl_ca_file .*ca\.pem: No such file or directory; give PEM files"):
        Connection(absent).options()
    empty = KafkaSettings(security_protocol="SSL", ssl_certificate_file=tmp_path / "empty.pem")
    with pytest.raises(SettingsError, match=r"kafka\.ssl_certificate_file .*empty\.pem"):
        Connection(empty).options()
