"""Servers of their own for the tests that need one, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a throw-away PostgreSQL; tests that need it are skipped by name where none can be started."""
    pytest.importorskip("psycopg", reason="postgres: the psycopg driver is not installed")
    programs = _programs()
    if programs is None:
        pytest.skip("postgres: initdb and pg_ctl are not installed")
    # Not under pytest's own folders: those are closed to the unprivileged user that PostgreSQL insists on.
    with tempfile.TemporaryDirectory(prefix="patron-postgres-", ignore_cleanup_errors=True) as name:
        server = _Server(programs, Path(name), _unprivileged(Path(name)))
        server.start()
        yield server.url
        server.stop()


class _Server:
    """One PostgreSQL cluster in a folder of its own, listening on loopback only."""

    def __init__(self, programs: Path, folder: Path, as_user: list[str]) -> None:
        self._programs, self._data, self._as_user = programs, folder / "data", as_user
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"postgresql://patron@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        initdb = [str(self._programs / "initdb"), "-D", str(self._data), "-U", "patron", "-A", "trust", "-E", "UTF8"]
        self._run([*initdb, "--locale=C", "--no-sync"])
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._control("-o", options, "-l", str(self._data / "log"), "-w", "start")

    def stop(self) -> None:
        self._control("-m", "immediate", "-w", "stop")

    def _control(self, *arguments: str) -> None:
        self._run([str(self._programs / "pg_ctl"), "-D", str(self._data), *arguments])

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            [*self._as_user, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd="/"
        )
        if done.returncode:
            pytest.skip(f"postgres: the server could not be started: {done.stdout.decode()[-300:]}")


def _programs() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def _unprivileged(folder: Path) -> list[str]:
    """Return how to become a user that is not root (PostgreSQL refuses root), and give that user the folder."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("postgres: refuses to run as root, and setpriv is not installed")
    nobody = 65534
    os.chown(folder, nobody, nobody)
    return ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"]
