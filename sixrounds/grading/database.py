"""Where a course's gradebook is: a file in its folder, or any database that SQLAlchemy knows.

    ""                      gradebook.db in the course's folder
    env:NAME                the URL is in an environment variable, and is written nowhere
    dialect://user@host/db  as it is; a password in it is kept in `.sixrounds/database` (mode 600)

A password is never in course.json, in messages or in arguments of other programs.
"""

import os
from pathlib import Path

import sqlalchemy as sql

from sixrounds.errors import SixRoundsError
from sixrounds.grading.files import write_secret

VARIABLE = "env:"
EXAMPLE = "postgresql+psycopg://user@host/database"


def sqlite(path: Path) -> sql.URL:
    """The URL of a file."""
    return sql.URL.create("sqlite", database=str(path.resolve()))


def parsed(text: str) -> sql.URL:
    """A URL as SQLAlchemy reads it.

    Raises:
        SixRoundsError: it is none; the message does not repeat it, as it may hold a password.
    """
    try:
        url = sql.make_url(text)
    except sql.exc.ArgumentError:
        raise SixRoundsError(
            f"--db: not a database URL; write it like {EXAMPLE}, or env:NAME for a variable "
            "that holds it"
        ) from None
    if url.drivername == "sqlite" and url.database:
        return url.set(database=str(Path(url.database).resolve()))
    return url


def shown(url: sql.URL) -> str:
    """A URL without its password."""
    return url.render_as_string(hide_password=True)


def keep(own: Path, setting: str) -> str:
    """Keep a course's choice; returns what of it may be read by others.

    Args:
        own: the course's private folder.
        setting: as typed after --db, one that `locate` understood.
    """
    secret = own / "database"
    url = None if setting.startswith(VARIABLE) else parsed(setting)
    if url is None or url.password is None:
        secret.unlink(missing_ok=True)
        return setting if url is None else shown(url)
    write_secret(secret, url.render_as_string(hide_password=False).encode())
    return shown(url)


def locate(folder: Path, setting: str) -> sql.URL:
    """The gradebook's URL.

    Args:
        folder: of the course.
        setting: from `keep`, or as typed after --db.

    Raises:
        SixRoundsError: the variable or the file that holds it is missing, or it is no URL.
    """
    if not setting:
        return sqlite(folder / "gradebook.db")
    if setting.startswith(VARIABLE):
        name = setting.removeprefix(VARIABLE)
        if not os.environ.get(name):
            raise SixRoundsError(
                f"{name}: the gradebook's URL is to be in this environment variable, which is "
                f"not set; run `export {name}={EXAMPLE}`"
            )
        return parsed(os.environ[name])
    url = parsed(setting)
    if url.password != "***":
        return url
    secret = folder / ".sixrounds" / "database"
    if not secret.is_file():
        raise SixRoundsError(
            f"{secret}: is missing, and holds the password of {shown(url)}; put it back, or run "
            f"`sixrounds course init {folder} --db …`"
        )
    return parsed(secret.read_text(encoding="utf-8").strip())


def require(url: sql.URL) -> None:
    """Connect once.

    Raises:
        SixRoundsError: it cannot be reached, or its driver is not installed.
    """
    try:
        engine = sql.create_engine(url)
        try:
            engine.connect().close()
        finally:
            engine.dispose()
    except ModuleNotFoundError as error:
        raise SixRoundsError(
            f"{shown(url)}: {error.name} is not installed; run `pip install {error.name}`"
        ) from None
    except sql.exc.NoSuchModuleError:
        raise SixRoundsError(
            f"{shown(url)}: no such kind of database; write it like {EXAMPLE}"
        ) from None
    except sql.exc.SQLAlchemyError as error:
        raise SixRoundsError(
            f"{shown(url)}: cannot be opened ({reason(error, url)}); check host, name and rights"
        ) from None


def reason(error: Exception, url: sql.URL) -> str:
    """An error's first line, without the password."""
    said = str(error.args[0] if error.args else error).strip().splitlines() or [""]
    line = " ".join(said[0].split())
    return line.replace(str(url.password), "***") if url.password else line
