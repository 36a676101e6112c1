"""A throw-away Apache Kafka (KRaft, one combined node) from plain jars, with the faults that tests need."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
import uuid
from pathlib import Path

from tests.services.ports import free_ports

HERE = Path(__file__).parent
_METADATA_V1_ALL_TOPICS = struct.pack(">hhih", 3, 1, 1, -1) + struct.pack(">i", -1)


def jars() -> Path | None:
    """Folder of Kafka's jars; None where `tests/services/install` has not fetched them."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    services = Path(os.environ.get("WIREFEED_SERVICES") or cache / "wirefeed" / "services")
    found = sorted(services.glob("kafka-*/complete"))
    return found[-1].parent if found and shutil.which("java") else None


class Broker:
    """One broker on loopback; `settings` are lines of server.properties that win over the defaults.

    One that `lasts` compiles what it does often as well as Java can, and begins a file of a log as seldom (each time its answers
    stand still for a tenth of a second) as brokers in production do; others are up sooner and take less of the disk.
    """

    def __init__(
        self,
        folder: Path,
        libraries: Path,
        settings: dict[str, str] | None = None,
        heap: str = "256m",
        port: int | None = None,
        *,
        lasts: bool = False,
    ) -> None:
        self.folder = folder
        free, controller, internal = free_ports(3)
        self.port = port or free
        self._ready_port = self.port
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._classpath = ":".join(str(path) for path in sorted(libraries.glob("*.jar")))
        self._heap = heap
        self._compiler = [] if lasts else ["-XX:TieredStopAtLevel=1"]
        self._process: subprocess.Popen[bytes] | None = None
        self._properties = folder / "server.properties"
        properties = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(folder / "data"),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            "log.segment.bytes": "1073741824" if lasts else "16777216",
            "log.cleaner.dedupe.buffer.size": "8388608",
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
        }
        self.internal = f"127.0.0.1:{internal}"
        ports = {"port": self.port, "controller": controller, "internal": internal}
        replaced = {key: value.format(**ports) for key, value in (settings or {}).items()}
        if any("{internal}" in value for value in (settings or {}).values()):
            self._ready_port = internal
        folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text("".join(f"{key}={value}\n" for key, value in (properties | replaced).items()))

    def format(self, *extra: str) -> None:
        """Prepare the data folder; `extra` are options of the storage tool, such as SCRAM users."""
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        command = ["format", "--ignore-formatted", "-t", cluster, "-c", str(self._properties), *extra]
        done = subprocess.run(
            [*self._java("128m"), "kafka.tools.StorageTool", *command], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"Kafka's storage tool failed: {done.stdout}{done.stderr}")

    def start(self, *, wait: bool = True) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "broker.log").open("ab") as log:
            command = [*self._java(self._heap), "kafka.Kafka", str(self._properties)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        if wait:
            self.wait_ready()

    def stop(self) -> None:
        """Stop as an operator does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Die at once."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stop answering without closing connections."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        os.kill(self.pid, signal.SIGCONT)

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        assert self._process is not None, "the broker does not run"
        return self._process.pid

    def wait_ready(self, seconds: float = 60) -> None:
        """Wait until the broker knows itself."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process is not None and self._process.poll() is not None:
                break
            if _answers(self._ready_port):
                return
            time.sleep(0.05)
        raise RuntimeError(f"Kafka did not start:\n{(self.folder / 'broker.log').read_text()[-4000:]}")

    def _java(self, heap: str) -> list[str]:
        options = [f"-Xmx{heap}", "-XX:+UseSerialGC", *self._compiler, "-XX:-UsePerfData"]
        return ["java", *options, f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}", "-cp", self._classpath]

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _answers(port: int) -> bool:
    """Whether a Metadata request is answered with at least one broker."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(2)
            connection.sendall(struct.pack(">i", len(_METADATA_V1_ALL_TOPICS)) + _METADATA_V1_ALL_TOPICS)
            size = struct.unpack(">i", connection.recv(4, socket.MSG_WAITALL))[0]
            answer = connection.recv(size, socket.MSG_WAITALL)
            return bool(struct.unpack(">i", answer[4:8])[0] > 0)
    except (OSError, struct.error):
        return False
