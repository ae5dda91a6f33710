"""Attempts on files, and on what is inherited with them."""

import contextlib
import os
import resource
import tempfile
import time
from functools import partial
from pathlib import Path

from sixrounds.grading.jail.probes.attempt import Scene, reached

PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/warm", "/box")


def read(scene: Scene) -> list[str]:
    """Read files, or list folders, that are no business of its."""
    return reached((path, partial(look, path)) for path in scene["hidden"])


def look(path: str) -> None:
    """List a folder, or read from a file."""
    try:
        os.scandir(path).close()
    except NotADirectoryError:
        with Path(path).open("rb") as stream:
            stream.read(1)


def names(scene: Scene) -> list[str]:
    """See that a file is there, and how large it is."""
    return reached([(scene["secret"], Path(scene["secret"]).stat)])


def write(scene: Scene) -> list[str]:
    """Make a file in folders of others; they look whether it is there."""
    reached((folder, Path(folder, scene["marker"]).touch) for folder in scene["folders"])
    return []


def change(scene: Scene) -> list[str]:
    """Change files, or what is known of them; their owners look whether they are as they were."""
    for path in (Path(scene["secret"]), Path(scene["given"])):
        reached(
            [
                ("write", partial(append, path)),
                ("cut", partial(os.truncate, path, 0)),
                ("mode", partial(path.chmod, 0o777)),
                ("times", partial(os.utime, path, (0, 0))),
                ("attribute", partial(os.setxattr, path, "user.sixrounds", b"x")),
                ("link", partial(os.link, path, "link")),
                ("name", partial(path.rename, f"{path}.moved")),
            ]
        )
    return []


def append(path: Path) -> None:
    """Write at the end of a file."""
    with path.open("a") as stream:
        stream.write("changed")


def places() -> list[Path]:
    """Folders in which something could be left for the next."""
    return [Path(name) for name in (*PLACES, ".", Path.home(), tempfile.gettempdir())]


def leave(scene: Scene) -> list[str]:
    """Leave a file wherever that is possible."""
    left = scene["marker"] + ".left"
    reached((str(place), Path(place, left).touch) for place in places())
    return []


def find(scene: Scene) -> list[str]:
    """Find what the one before left."""
    left = scene["marker"] + ".left"
    return reached((str(place), Path(place, left).stat) for place in places())


def stay(scene: Scene) -> list[str]:
    """Be the answer beside: write into the box, say where that is, and wait to be ended."""
    Path(scene["marker"] + ".beside").write_text(scene["token"])
    os.write(scene["writer"], f'["{os.getpid()}", "{Path.cwd()}"]\n'.encode())
    time.sleep(3600)
    return []


def environment(scene: Scene) -> list[str]:
    """Find in any environment what the grader's holds."""
    found = [name for name, value in os.environ.items() if scene["token"] in value]
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += [str(path)] if scene["token"].encode() in path.read_bytes() else []
    return found


def descriptors(scene: Scene) -> list[str]:
    """Find an open file that is not its own."""
    numbers = range(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    others = [number for number in numbers if number != scene["writer"]]
    return reached((str(number), partial(os.fstat, number)) for number in others)
