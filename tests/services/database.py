"""A throw-away PostgreSQL from Debian's package, run by an unprivileged user, with the faults that tests need."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from tests.services.ports import free_ports


def binaries() -> Path | None:
    """Folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path and shutil.which("pg_ctl") else None


class PostgresServer:
    """One PostgreSQL server on loopback."""

    def __init__(self, programs: Path, port: int | None = None) -> None:
        self._programs = programs
        self.port = port or free_ports(1)[0]
        self.folder = Path(tempfile.mkdtemp(prefix="wirefeed-postgres-"))
        self.folder.chmod(0o755)
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "test", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self, *, durable: bool = False) -> None:
        """Start, and wait until it answers; only a durable one waits for the disk at every commit."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1" + ("" if durable else " -F")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self.folder / "server.log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; the mode `immediate` is a crash."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/{database}"

    def remove(self) -> None:
        """Stop and delete everything."""
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", "nobody", "--", *command]
        log = self.folder.parent / f"{self.folder.name}.log"
        with log.open("ab") as output:  # a pipe would be held open by the server
            done = subprocess.run(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/", check=False)
        text = log.read_text()
        log.unlink()
        if done.returncode:
            raise RuntimeError(f"{program} failed: {text}")


def create_database(server_url: str) -> str:
    """Create an empty database beside that of the URL; return its URL."""
    import psycopg

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server_url.rsplit('/', 1)[0]}/{name}"


def drop_database(server_url: str, url: str) -> None:
    """Delete a database, whoever is connected to it."""
    import psycopg

    with psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')
