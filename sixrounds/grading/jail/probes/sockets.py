"""Attempts on sockets, and on memory that processes share."""

import socket
from functools import partial
from pathlib import Path

from sixrounds.grading.jail.probes.attempt import Scene, call, libc, reached

SECONDS = 2.0
CREATE = 0o1600  # IPC_CREAT, and only for its owner
# Families of sockets that know other machines, the host of a virtual one, or the kernel.
FAMILIES = {"netlink": (16, 3, 0), "packets": (17, 3, 0), "vsock": (40, 1, 0), "crypto": (38, 5, 0)}
# Addresses that are kept for examples.
FAR = {"IPv4": (socket.AF_INET, "192.0.2.1"), "IPv6": (socket.AF_INET6, "2001:db8::1")}


def network(_scene: Scene) -> list[str]:
    """Find a way to other machines, or ask the kernel about the network."""
    ways = [(name, partial(way_out, *far)) for name, far in FAR.items()]
    kinds = [(name, partial(made, *kind)) for name, kind in FAMILIES.items()]
    return reached([*ways, *kinds])


def way_out(family: int, address: str) -> None:
    """Connect where nothing is sent: it fails if no way leads there."""
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.connect((address, 53))


def made(*kind: int) -> None:
    """Make a socket."""
    socket.socket(*kind).close()


def localhost(scene: Scene) -> list[str]:
    """Connect to a service of this machine, or offer one."""
    where = ("127.0.0.1", scene["port"])
    return reached(
        [
            ("TCP", lambda: socket.create_connection(where, SECONDS).close()),
            ("UDP", partial(way_out, socket.AF_INET, where[0])),
            ("a service", lambda: socket.create_server(("127.0.0.1", 0)).close()),
        ]
    )


def local_sockets(scene: Scene) -> list[str]:
    """Connect, or send, to a Unix socket of another process."""
    name = "\0" + scene["marker"]
    return reached(
        [
            ("by its path", partial(connect, scene["socket"])),
            ("by its name", partial(connect, name)),
            ("datagram", partial(send, name + ".datagram")),
        ]
    )


def connect(address: str) -> None:
    """Connect to a Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.settimeout(SECONDS)
        one.connect(address)


def send(address: str) -> None:
    """Send from one of a pair to somewhere else."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"x", address)


def shared_memory(scene: Scene) -> list[str]:
    """Reach memory that another process shares, or leave some (which is looked for outside)."""
    reached([("new", partial(call, libc.shmget, scene["new_key"], 4096, CREATE))])
    return reached(
        [
            ("System V", partial(call, libc.shmget, scene["key"], 0, 0)),
            ("POSIX", Path(scene["shared"]).read_bytes),
        ]
    )
