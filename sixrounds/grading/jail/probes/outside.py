"""Lays out what there is to find, starts the attempts, and looks whether anything was touched."""

import contextlib
import ctypes
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sixrounds.grading.jail import Jail, Limits
from sixrounds.grading.jail.probes import files
from sixrounds.grading.jail.probes.inside import ESCAPES

PACKAGE = Path(__file__).parents[3]
LIMITS = Limits(memory_mb=512, cpu_seconds=1, processes=32, file_mb=4, open_files=128, box_mb=16)
SLACK = 100  # that this user's others may be more or fewer meanwhile, where all are counted
SECONDS = 120.0
# What a rung does not withhold, and says so.
UNPROMISED = {"landlock": {"names of files", "box size"}, "none": {one.name for one in ESCAPES}}
COMMON = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/usr", "/usr/local/lib")
PRIVATE = (
    "/etc/shadow",
    "/etc/hostname",
    "/etc/ssh",
    "/home",
    "/root",
    "/var/log",
    "/boot",
    "/sys",
)
PROGRAM = (sys.executable, "-m", "sixrounds.grading.jail.probes.inside")
WAIT = "import signal; signal.pause()"
IPC_REMOVE = 0


@dataclass(frozen=True)
class Result:
    """What became of one attempt."""

    name: str
    promised: bool  # the rung says that it holds
    got: tuple[str, ...]  # in spite of it

    @property
    def held(self) -> bool:
        """Whether it got nothing."""
        return not self.got


def examine(
    jail: Jail, readable: Sequence[Path] = (), program: Sequence[str] = PROGRAM
) -> list[Result]:
    """Make every attempt on a rung.

    Args:
        jail: the rung.
        readable: what `program` must see, besides this package and Python.
        program: makes the attempts; it gets the rung's name as its last argument.

    Raises:
        OSError: nothing was tried, since the rung's shell or server did not start; why is told.
    """
    with Scene() as scene:
        said = scene.attempts(jail, readable, program)
        touched = scene.touched()
    weak = UNPROMISED.get(jail.name, set())
    return [Result(name, name not in weak, (*got, *touched.get(name, ()))) for name, got in said]


class Scene:
    """Files, sockets, memory and a process that a learner's code must not reach."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._marker = f"sixrounds-{secrets.token_hex(8)}"
        self._token = secrets.token_hex(16)
        self._readable: list[Path] = []

    def __enter__(self) -> "Scene":
        with self._stack as stack:
            self._lay_out(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _lay_out(self, stack: contextlib.ExitStack) -> None:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sixrounds-"))
        self._folder = Path(folder)
        for name in ("course", "given", "work"):
            Path(folder, name).mkdir()
        self._secret = Path(folder, "course", "secret.txt")
        self._given = Path(folder, "given", "given.txt")
        self._before = {}
        for path in (self._secret, self._given):
            path.write_text(self._token)
            self._before[path] = state(path)
        self._folders = [*(self._folder / name for name in ("course", "given", "work")), PACKAGE]
        self._folders += [Path(sys.prefix), Path.home(), *map(Path, COMMON)]
        stack.callback(self._clear)
        self._shared = Path("/dev/shm", self._marker + ".shared")
        with contextlib.suppress(OSError):
            self._shared.write_text(self._token)
            stack.callback(self._shared.unlink)
        self._victim = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", WAIT], env={"SIXROUNDS_PROBE": self._token}
        )
        stack.callback(self._victim.wait)
        stack.callback(self._victim.kill)
        self._sockets(stack)
        self._memory(stack)

    def _sockets(self, stack: contextlib.ExitStack) -> None:
        path = str(self._folder / "course" / "socket")
        kinds = ((path, socket.SOCK_STREAM), ("\0" + self._marker, socket.SOCK_STREAM))
        for address, kind in kinds:
            one = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            one.bind(address)
            one.listen()
        self._mailbox = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self._mailbox.bind("\0" + self._marker + ".datagram")
        self._mailbox.setblocking(False)
        self._server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

    def _memory(self, stack: contextlib.ExitStack) -> None:
        self._libc = ctypes.CDLL(None)
        self._key, self._new_key = (secrets.randbelow(1 << 30) | 1 << 30 for _ in range(2))
        number = self._libc.shmget(self._key, 4096, 0o1600)
        stack.callback(self._libc.shmctl, number, IPC_REMOVE, None)

    def content(self) -> dict[str, Any]:
        """What the attempts may know."""
        return {
            "marker": self._marker,
            "token": self._token,
            "secret": str(self._secret),
            "given": str(self._given),
            "socket": str(self._folder / "course" / "socket"),
            "port": self._server.getsockname()[1],
            "key": self._key,
            "new_key": self._new_key,
            "shared": str(self._shared),
            "victim": self._victim.pid,
            "warden": os.getpid(),
            "hidden": [str(path) for path in self._hidden()],
            "folders": [str(path) for path in self._folders],
            "limits": asdict(LIMITS),
            "slack": SLACK,
        }

    def _hidden(self) -> list[Path]:
        """What is not to be read: the course, what lies beside this package, in homes, and more."""
        near = [path for place in (PACKAGE.parent, Path.home()) for path in below(place)]
        wanted = {self._secret, self._secret.parent, self._folder / "work", *near}
        wanted |= {Path(name) for name in PRIVATE}
        shown = [Path(sys.prefix), Path(sys.base_prefix), *self._readable]
        return sorted(path for path in wanted if not any(related(path, one) for one in shown))

    def attempts(
        self, jail: Jail, readable: Sequence[Path], program: Sequence[str]
    ) -> list[tuple[str, list[str]]]:
        """Make them; the name of each, and what it got.

        Raises:
            OSError: they were not made, and why.
        """
        self._readable = [PACKAGE, self._given.parent, *readable]
        os.environ["SIXROUNDS_PROBE"] = self._token  # which no shell may pass on
        try:
            environment = jail.environment()
        finally:
            os.environ.pop("SIXROUNDS_PROBE", None)
        try:
            done = subprocess.run(
                jail.command([*program, jail.name], self._readable),
                input=json.dumps(self.content()),
                capture_output=True,
                text=True,
                errors="replace",
                cwd=self._folder / "work",
                env=environment,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OSError(f"no end within {SECONDS:g} s") from None
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise OSError(lines[-1])
        return [(name, got) for name, got in map(json.loads, done.stdout.splitlines())]

    def touched(self) -> dict[str, list[str]]:
        """What attempts did to us, by their names."""
        left = [str(folder) for folder in self._folders if (folder / self._marker).exists()]
        changed = [path.name for path, was in self._before.items() if state(path) != was]
        seen: dict[str, list[str]] = {"writing elsewhere": left, "changing files": changed}
        if self._victim.poll() is not None:
            seen["signals"] = ["a process of ours was ended"]
        with contextlib.suppress(BlockingIOError):
            self._mailbox.recv(1)
            seen["local sockets"] = ["a datagram came"]
        number = self._libc.shmget(self._new_key, 0, 0)
        if number >= 0:
            self._libc.shmctl(number, IPC_REMOVE, None)
            seen["shared memory"] = ["some was left"]
        return seen

    def _clear(self) -> None:
        """Remove what attempts made."""
        for folder in [*self._folders, *files.places()]:
            for name in (self._marker, f"{self._marker}.left"):
                with contextlib.suppress(OSError):
                    (folder / name).unlink()


def state(path: Path) -> tuple[object, ...] | None:
    """A file's content and what is known of it; None if it is not there."""
    try:
        found = path.stat()
        return (
            path.read_bytes(),
            found.st_mode,
            found.st_mtime_ns,
            found.st_nlink,
            found.st_ino,
            os.listxattr(path),
        )
    except OSError:
        return None


def below(folder: Path) -> list[Path]:
    """What lies in a folder; nothing if it cannot be listed."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def related(path: Path, shown: Path) -> bool:
    """Whether something that is shown lies there, or above."""
    return path.is_relative_to(shown) or shown.is_relative_to(path)
