"""Grades an attack as a course would, with honest answers beside and after it."""

import hashlib
import json
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import psutil

from sixrounds import testing
from sixrounds.book.attacks import NOT_TRIED, RESULTS, Attack
from sixrounds.grading.executor import Task, WarmProcesses
from sixrounds.grading.grade import grade
from sixrounds.grading.jail import Jail
from sixrounds.grading.key import Keys
from sixrounds.grading.plan import Plan, plan
from sixrounds.grading.submission import Answer, Submission
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import parse

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TARGET = HERE / "lessons" / "round2_coding" / "05_target.py"
LIMIT = 0.5  # seconds of computing for a tests cell
HIDDEN = ("987654321", "HIDDENPART")
SHARED_FOLDERS = ("/tmp", "/dev/shm", "/var/tmp", tempfile.gettempdir())
QUIET = 5.0  # seconds in which all processes of an attack must be gone


@dataclass
class World:
    """What an attack could want of this machine: files, sockets, secrets; and their names."""

    folder: Path
    token: str = field(default_factory=lambda: f"sixrounds-{secrets.token_hex(8)}")
    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    port: int = 0

    @contextmanager
    def alive(self) -> Iterator[Self]:
        """While the block runs, the files are there and the sockets listen."""
        course = self.folder / "course"
        other = course / "submitted" / "other" / "round2_coding"
        other.mkdir(parents=True)
        (course / ".sixrounds").mkdir()
        (course / "gradebook.db").write_text("gradebook")
        (course / ".sixrounds" / "seed").write_bytes(self.seed)
        (other / "05_target.ipynb").write_text("answers")
        with ExitStack() as stack:
            tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=50))
            self.port = tcp.getsockname()[1]
            for name in (str(self.folder / "socket"), f"\0{self.token}"):
                local = stack.enter_context(socket.socket(socket.AF_UNIX))
                local.bind(name)
                local.listen(50)
            yield self
        for folder in SHARED_FOLDERS:  # what an attack left by way of the other grader
            Path(folder, self.token).unlink(missing_ok=True)

    def filled(self, text: str) -> str:
        """A text with the names in it."""
        names = {
            "COURSE": self.folder / "course",
            "SOLUTIONS": TARGET.parents[1],
            "HOME": Path.home(),
            "TOKEN": self.token,
            "PORT": self.port,
            "SOCKET": self.folder / "socket",
            "KEY": int(self.token[-7:], 16),
            "LIMIT": LIMIT,
            "SEED_FORMS": forms(self.seed),
        }
        return re.sub(r"@([A-Z_]+)@", lambda found: str(names[found[1]]), text)

    def secrets(self) -> tuple[str, ...]:
        """Texts that no message may hold."""
        return (
            *HIDDEN,
            self.seed.hex(),
            repr(self.seed),
            str(testing.derive(self.seed, "shelved")),
        )


def forms(seed: bytes) -> list[tuple[list[int], int, str]]:
    """The ways in which a seed could lie in memory: first bytes, size and SHA-256 of each."""
    derived = testing.derive(seed, "shelved")
    digits = [derived >> 30 * place & (1 << 30) - 1 for place in range(9)]
    found = [
        seed,
        seed.hex().encode(),
        derived.to_bytes(32, "big"),
        derived.to_bytes(32, "little"),
        b"".join(digit.to_bytes(4, "little") for digit in digits),  # as Python keeps an int
        str(derived).encode(),
    ]
    return [(list(one[:4]), len(one), hashlib.sha256(one).hexdigest()) for one in found]


@dataclass(frozen=True)
class Seen:
    """What came of an attack: for itself, for those beside and after it, and what is left."""

    verdict: Verdict
    neighbor: Status
    then: Status | None
    next_student: Status
    processes: list[str]
    files: list[str]


class Arena:
    """A warm grader and a class: attacks come one after the other, honest students in between."""

    def __init__(self, jail: Jail, world: World) -> None:
        self.plan: Plan = plan(parse(TARGET))
        self.world = world
        self._processes = WarmProcesses(jail, LIMIT)
        self._keys = Keys(self._processes)
        self._by_id = {exercise.id: exercise for exercise in self.plan.exercises}
        assert self.honest("shares") == Status.PASSED  # warm from here on
        self._idle = self._children()

    def grade(self, attack: Attack) -> tuple[Verdict, Verdict]:
        """The verdicts on an attack and on an honest answer to another exercise beside it."""
        neighbor = "shares" if attack.exercise != "shares" else "running"
        before = (self.world.filled(attack.before),) if attack.before else ()
        answers = {
            attack.exercise: Answer(self.world.filled(attack.answer), before),
            neighbor: Answer(self._by_id[neighbor].reference),
        }
        verdicts = grade(
            self.plan,
            Submission("attack", answers),
            seed=self.world.seed,
            executor=self._processes,
            keys=self._keys,
        )
        by_id = {verdict.exercise: verdict for verdict in verdicts}
        return by_id[attack.exercise], by_id[neighbor]

    def honest(self, exercise: str) -> Status:
        """What the next student gets for a right answer."""
        return self.answer(exercise, self._by_id[exercise].reference)

    def answer(self, exercise: str, source: str) -> Status:
        """What any answer of the next student ends with: passed, or how it did not."""
        task = Task(self._by_id[exercise], Answer(self.world.filled(source)))
        outcomes = self._processes.run(self.plan, [task], self.world.seed)[0].outcomes
        return next((one.status for one in outcomes if one.status != Status.PASSED), Status.PASSED)

    def see(self, attack: Attack) -> "Seen":
        """All that comes of an attack."""
        verdict, neighbor = self.grade(attack)
        return Seen(
            verdict,
            neighbor.status,
            then=self.answer(attack.exercise, attack.then) if attack.then else None,
            next_student=self.honest(attack.exercise),
            processes=self.left_over(),
            files=[path for path in map(self.world.filled, attack.leaves) if Path(path).exists()],
        )

    def left_over(self) -> list[str]:
        """The processes under the grader that were not there when it was idle."""
        end = time.monotonic() + QUIET
        while (new := self._children() - self._idle) and time.monotonic() < end:
            time.sleep(0.05)
        return [f"{process.pid} {process.name()}" for process in new if process.is_running()]

    def _children(self) -> set[psutil.Process]:
        (worker,) = self._processes._workers.values()
        with suppress(psutil.NoSuchProcess):
            return set(psutil.Process(worker._process.pid).children(recursive=True))
        return set()

    def close(self) -> None:
        """End the grader."""
        self._processes.close()


class SharedProcess:
    """The grader of the usual kind; see `shared_process`."""

    def __init__(self, world: World, recipe: Plan) -> None:
        self._world = world
        self._plan = recipe
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "shared_process.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=tempfile.gettempdir(),
        )

    def earned(self, attack: Attack) -> str:
        """What an attack earns there, or why it is not tried; with `then`, what that earns."""
        if attack.shared.startswith(NOT_TRIED):
            return attack.shared
        exercise = next(one for one in self._plan.exercises if one.id == attack.exercise)
        answers = [attack.answer, attack.then] if attack.then else [attack.answer]
        job = {
            "wait": 2 if attack.shared == "no verdict" else 30,
            "seed": self._world.seed.hex(),
            "setup": list(self._plan.setup),
            "before": [attack.before] if attack.before else [],
            "answers": [self._world.filled(answer) for answer in answers],
            "tests": [test.source for test in exercise.tests],
        }
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return str(json.loads(self._process.stdout.readline())[-1])

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


class Findings:
    """What came of the attacks that ran, kept for the page of the book."""

    def __init__(self, jail: str) -> None:
        self._jail = jail
        self._found: dict[str, dict[str, dict[str, Any]]] = {}

    def note(self, attack: Attack, *, held: bool, status: str, shared: str) -> None:
        """Keep one."""
        row = {"held": held, "status": status, "shared": shared}
        self._found.setdefault(attack.group, {})[attack.name] = row

    def write(self, sizes: dict[str, int]) -> None:
        """Write the groups of which all attacks ran: part of a run says nothing of the rest."""
        for group, found in self._found.items():
            if len(found) == sizes[group]:
                path = ROOT / RESULTS / f"{group}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                when = datetime.now(UTC).isoformat(timespec="seconds")
                content = {"when": when, "jail": self._jail, "attacks": found}
                path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
