"""Facts about pay, interviews, the company and the world: each with a source and two dates.

`book/claims.csv` holds a row per fact, in our own words:

    id              a short name in lower case, by which a page cites it: {claim}`id`
    claim           one sentence
    source          who says so
    url             where; may be empty if the source has no address
    date_reported   when they said it: 2024, 2024-11 or 2024-11-11, or "undated"
    date_checked    when one of us last read it there: 2026-11-22
    pages           the pages that cite it, separated by spaces, without suffix

`check(root)` refuses a table that is wrong, a row that no page cites, a citation without a row,
and prose that states such a fact without citing it. `write_claims(root)` makes the page.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from sixrounds.book.toc import CLAIMS_PAGE, GENERATED, pages
from sixrounds.editions.claim_links import CITED, TABLE
from sixrounds.errors import SixRoundsError

UNDATED = "undated"
ID = re.compile(r"[a-z][a-z0-9-]*\Z")
REPORTED = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z")

# What a sentence about the world outside of this book looks like. A guess: it is meant to stop an
# author who forgot a source, not one who hides a claim.
SUSPICIOUS = (
    (re.compile(r"[$€£] ?\d"), "an amount of money"),
    (re.compile(r"\b\d[\d,.]* ?(USD|EUR|dollars|euros)\b", re.I), "an amount of money"),
    (re.compile(r"\b\d+(\.\d+)? ?(%|percent\b|per cent\b)", re.I), "a percentage"),
    (
        re.compile(
            r"\bTesla(?:'s)? (?:\w+ ){0,4}?(asks?|pays?|requires?|expects?|offers?|hires?|wants?|"
            r"interviews?|rejects?|uses?|prefers?|looks? for|takes?|gives?|employs?|grants?)\b"
        ),
        "what Tesla does",
    ),
    (
        re.compile(r"\b(reportedly|according to|on average|typically|studies show)\b", re.I),
        "a report",
    ),
    (
        re.compile(
            r"(?=.*\b(interview\w*|recruiter\w*|round|call|loop|offer)\b)"
            r".*\b(\d+|half an|an) (to \d+ )?(minutes?|hours?|days?|weeks?|months?)\b",
            re.I,
        ),
        "how long something takes",
    ),
)
CODE = re.compile(r"`[^`]*`")

INTRODUCTION = """\
# What is claimed, and by whom

This page is generated from `book/claims.csv`.
It lists every fact about pay, interviews, the company and the world that our pages state.
We were not there: each is what its source said, and may have changed since.
On the day named we read a stored copy of the source, not the live page.
What has no source is not stated, or is our own advice.
"""
EMPTY = "No page states such a fact yet.\n"


@dataclass(frozen=True)
class Claim:
    """A row of the table; the names of the fields are its header."""

    id: str
    claim: str
    source: str
    url: str
    date_reported: str
    date_checked: str
    pages: tuple[str, ...]

    @property
    def target(self) -> str:
        """The label of its place on the generated page."""
        return f"claim-{self.id}"


NOTEBOOK = re.compile(r"/\d\d_\w+$")  # a page that is made from a lesson
COLUMNS = tuple(field.name for field in fields(Claim))


def read_claims(root: Path) -> dict[str, Claim]:
    """The claims by id; none if there is no table.

    Raises:
        SixRoundsError: a row that is wrong; the message names its line.
    """
    path = root / TABLE
    if not path.is_file():
        return {}
    reader = csv.reader(path.read_text("utf-8").splitlines())
    if tuple(next(reader, ())) != COLUMNS:
        raise SixRoundsError(f"{path}:1: the header must be {','.join(COLUMNS)}; mend it")
    claims: dict[str, Claim] = {}
    for row in filter(None, reader):
        place = f"{path}:{reader.line_num}"
        if len(row) != len(COLUMNS):
            raise SixRoundsError(
                f"{place}: {len(row)} values for {len(COLUMNS)} columns; quote a value that holds "
                "a comma"
            )
        name, said, source, url, reported, checked, cited = (cell.strip() for cell in row)
        claim = Claim(name, said, source, url, reported, checked, tuple(cited.split()))
        fault = _fault(claim, claims)
        if fault:
            raise SixRoundsError(f"{place}: {fault}")
        claims[claim.id] = claim
    return claims


def _fault(claim: Claim, known: Mapping[str, Claim]) -> str:
    """What is wrong with a row, and the mend, or ""."""
    reported = claim.date_reported == UNDATED or _is_date(claim.date_reported)
    checked = len(claim.date_checked) == 10 and _is_date(claim.date_checked)
    sourced = claim.claim and claim.source
    rules = (
        (ID.match(claim.id), "is no id; use lower case, digits and hyphens"),
        (claim.id not in known, "is there twice; rename one"),
        (sourced, "lacks its claim or its source; add it, or drop the row"),
        (claim.url[:8] in ("", "https://"), "has a url that is no https:// address; mend it"),
        (reported, f"has no date_reported; write 2024, 2024-11, 2024-11-11 or {UNDATED}"),
        (checked, "has no date_checked; write a day like 2026-11-22"),
        (claim.pages, f"names no page; cite it with {{claim}}`{claim.id}`, or drop the row"),
    )
    return next((f"{claim.id!r} {fault}" for right, fault in rules if not right), "")


def _is_date(text: str) -> bool:
    if not REPORTED.match(text):
        return False
    try:
        date.fromisoformat(text + {4: "-01-01", 7: "-01"}.get(len(text), ""))
    except ValueError:
        return False
    return True


def check(root: Path) -> None:
    """Passes only a book whose claims all have a source, and whose sources are all used.

    Raises:
        SixRoundsError: it is not; one line per fault, with the mend.
    """
    claims = read_claims(root)
    cited: dict[str, set[str]] = {name: set() for name in claims}
    faults: list[str] = []
    for page in prose(root):
        text = (root / page).read_text("utf-8")
        for number, line in lines(text):
            for name in CITED.findall(line):
                if name not in claims:
                    faults.append(f"{page}:{number}: {name} has no row in {TABLE}; add one")
                cited.setdefault(name, set()).add(page.with_suffix("").as_posix())
        faults += [
            f"{page}:{number}: {what} without a source; cite a row of {TABLE} by {{claim}}`id`, "
            "word it as our own advice, or take it out"
            for number, what in unsourced(text)
        ]
    for page, source in lessons(root):
        for name in CITED.findall((root / source).read_text("utf-8")):
            if name not in claims:
                faults.append(f"{source}: {name} has no row in {TABLE}; add one")
            cited.setdefault(name, set()).add(page.with_suffix("").as_posix())
    for name, claim in claims.items():
        if set(claim.pages) != cited[name]:
            used = " ".join(sorted(cited[name])) or "none"
            said = " ".join(claim.pages)
            faults.append(f"{TABLE}: {name}: pages says {said}, it is cited by {used}; mend either")
    if faults:
        raise SixRoundsError("\n".join(faults))


def prose(root: Path) -> list[Path]:
    """The pages that a person writes, relative to `root`."""
    return [
        page
        for page in pages(root)
        if page.suffix == ".md" and page not in GENERATED and (root / page).is_file()
    ]


def lessons(root: Path) -> list[tuple[Path, Path]]:
    """The pages that are made from lessons, and the lessons' sources, relative to `root`."""
    found = []
    for page in pages(root):
        source = Path("solutions", *page.with_suffix(".py").parts[1:])
        if NOTEBOOK.search(page.with_suffix("").as_posix()) and (root / source).is_file():
            found.append((page, source))
    return found


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines of a page outside of fenced blocks and comments."""
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        elif not line.startswith("%"):
            yield number, line


def unsourced(text: str) -> list[tuple[int, str]]:
    """Lines of a page that look like a fact about the world and cite nothing, with the reason."""
    found = []
    for number, line in lines(text):
        if CITED.search(line):
            continue
        bare = CODE.sub("code", line)
        found += [(number, what) for pattern, what in SUSPICIOUS if pattern.search(bare)][:1]
    return found


def write_claims(root: Path) -> None:
    """Writes the page that lists all claims with their sources."""
    claims = read_claims(root).values()
    parts = (
        [INTRODUCTION, *(_entry(claim) for claim in claims)] if claims else [INTRODUCTION, EMPTY]
    )
    (root / CLAIMS_PAGE).write_text("\n".join(parts), "utf-8")


def _entry(claim: Claim) -> str:
    source = f"[{claim.source}]({claim.url})" if claim.url else claim.source
    said = UNDATED if claim.date_reported == UNDATED else f"reported {claim.date_reported}"
    cited = ", ".join(f"[{_title(page)}]({_relative(page)})" for page in claim.pages)
    return (
        f"({claim.target})=\n"
        f"**{claim.id}.** {_sentence(claim.claim)}\n"
        f"Source: {source}, {said}, read by us {claim.date_checked}.\n"
        f"Stated on: {cited}.\n"
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _relative(page: str) -> str:
    kind = ".ipynb" if NOTEBOOK.search(page) else ".md"
    return page.removeprefix("book/") + kind


def _title(page: str) -> str:
    return page.removeprefix("book/").removesuffix("/index")
