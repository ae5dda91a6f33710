"""A new release's cells with a learner's work in them. Pure: nothing is read or written.

The new release gives the order. Answers go to their exercise, by grade id; what the learner added
or changed stays behind the cell it stood behind; what they did not touch becomes the new release's.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from sixrounds.editions.notebook import RawCell
from sixrounds.workspace import cells

Key = tuple[str, ...]  # of a release's cell: its grade id, or its kind, text and number


@dataclass
class Merged:
    """The cells, and what the learner must be told, each with exercises or grade ids."""

    cells: list[RawCell] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)  # the stub of a written answer changed
    added: list[str] = field(default_factory=list)  # exercises that are new
    removed: list[str] = field(default_factory=list)  # written, and no longer in the release
    restored: list[str] = field(default_factory=list)  # locked cells that the learner had edited
    both: int = 0  # lesson cells that the learner and the release changed


@dataclass(frozen=True)
class Release:
    """A release's cells by key."""

    cells: dict[Key, RawCell]
    order: dict[Key, int]

    @classmethod
    def of(cls, listed: list[RawCell]) -> "Release":
        """Index the cells of a release."""
        keys = keys_of(listed)
        return cls(
            dict(zip(keys, listed, strict=True)), {key: place for place, key in enumerate(keys)}
        )

    def stub(self, key: Key) -> list[RawCell]:
        """The release's cell of a key, for an exercise its stub; nothing if it has none."""
        return [self.cells[key]] if key in self.cells else []


def keys_of(listed: list[RawCell]) -> list[Key]:
    """A key for each cell of a release; equal lesson cells are told apart by their number."""
    seen: dict[Key, int] = defaultdict(int)
    keys: list[Key] = []
    for cell in listed:
        name = cells.grade_id(cell)
        key: Key = ("id", name) if name else (cell["cell_type"], cells.bare(cell))
        seen[key] += 1
        keys.append((*key, str(seen[key])))
    return keys


def merge(
    mine: list[RawCell], new: list[RawCell], old: list[RawCell] | None, version: str
) -> Merged:
    """Bring a new release into a learner's cells.

    Args:
        mine: the learner's cells.
        new: the new release's.
        old: those of the release that `mine` was made from; None if nobody has them any more:
            then every cell that the new release does not have is taken for the learner's.
        version: the new release's name, for the notes left in the notebook.
    """
    return Merge(mine, Release.of(new), Release.of(old) if old is not None else None, version).run()


class Merge:
    """One merge: first what each of the learner's cells is, then where each goes."""

    def __init__(
        self, mine: list[RawCell], new: Release, old: Release | None, version: str
    ) -> None:
        self.mine, self.new, self.old, self.version = mine, new, old, version
        self.base = old or new
        self.roles = roles_of(mine, self.base, new, old)
        self.landing = landings(self.base, new)
        self.done = Merged()
        self.answers: dict[Key, RawCell] = {}
        self.lessons: dict[Key, RawCell] = {}
        self.behind: dict[int, list[RawCell]] = defaultdict(list)
        self.leftover: list[RawCell] = []

    def run(self) -> Merged:
        """Place the learner's cells, then go through the new release's."""
        anchor = -1
        for cell, role in zip(self.mine, self.roles, strict=True):
            if role is None:
                self.behind[anchor].append(self.own(cell))
                continue
            anchor = self.landing.get(role, anchor)
            self.place(cell, role, anchor)
        self.done.cells += self.behind[-1]
        for key, place in self.new.order.items():
            self.done.cells += [*self.released(key), *self.behind[place]]
        self.done.cells += self.leftover
        return self.done

    def place(self, cell: RawCell, role: Key, anchor: int) -> None:
        """Sort one cell that has a role in a release."""
        known = self.base.cells.get(role) or self.new.cells.get(role)
        if known is None or cells.is_answer(known):
            self.place_answer(cell, role)
        elif cells.grade_id(known):
            if differs(cell, known, *self.new.stub(role)):
                self.done.restored.append(role[1])
        elif role in self.new.cells:
            self.lessons[role] = cell
        elif differs(cell, known):
            self.behind[anchor].append(cell)
            self.done.both += 1

    def place_answer(self, cell: RawCell, role: Key) -> None:
        """Keep an answer for its exercise, or at the end if that is gone."""
        stubs = [*self.base.stub(role), *self.new.stub(role)]
        if not cells.is_written(cell, *stubs):
            return
        if role in self.new.cells:
            self.answers[role] = cell
            return
        said = (
            f"**`{role[1]}` is no longer part of this notebook** (since release {self.version}). "
            "Your answer is kept below; nothing grades it."
        )
        self.leftover += [cells.note(said), self.own(cell)]
        self.done.removed.append(role[1])

    def released(self, key: Key) -> list[RawCell]:
        """What stands in the notebook for one cell of the new release."""
        cell = self.new.cells[key]
        if cells.is_answer(cell):
            if self.old and key not in self.old.cells:
                self.done.added.append(key[1])
            return self.answered(key, cell)
        if cells.grade_id(cell) or self.old is None or key not in self.old.cells:
            return [self.lessons.get(key, cell)]
        # The learner deleted a lesson cell that did not change: it stays deleted.
        return [self.lessons[key]] if key in self.lessons else []

    def answered(self, key: Key, stub: RawCell) -> list[RawCell]:
        """An exercise's cell: the learner's text under the new release's marks."""
        if key not in self.answers:
            return [stub]
        theirs = self.answers[key]
        marked = theirs | {
            "metadata": theirs["metadata"] | {"nbgrader": stub["metadata"]["nbgrader"]}
        }
        before = self.old.stub(key) if self.old else []
        if not any(differs(stub, one) for one in before):
            return [marked]
        self.done.conflicts.append(key[1])
        said = (
            f"**The exercise `{key[1]}` changed in release {self.version}.** Your answer is "
            "below as you wrote it; read the question again. This is how the exercise starts now:"
        )
        return [cells.note(said, stub), marked]

    def own(self, cell: RawCell) -> RawCell:
        """A learner's cell; of a copied locked cell the marks go: graders want each id once."""
        known = self.new.cells.get(("id", cells.grade_id(cell), "1"))
        if not cells.marks(cell) or (known and cells.is_answer(known)):
            return cell
        rest = {name: value for name, value in cell["metadata"].items() if name != "nbgrader"}
        return cell | {"metadata": rest}


def differs(cell: RawCell, *others: RawCell) -> bool:
    """Whether a cell's text is none of the others'."""
    return cells.bare(cell) not in {cells.bare(other) for other in others}


def roles_of(
    mine: list[RawCell], base: Release, new: Release, old: Release | None
) -> list[Key | None]:
    """The key of the release's cell that each of the learner's cells is; None for their own."""
    roles = lesson_roles(mine, base)
    for key, known in (base.cells | new.cells).items():
        if cells.is_answer(known):
            for place in answer_roles(mine, known, [*base.stub(key), *new.stub(key)]):
                roles[place] = roles[place] or key
        elif cells.grade_id(known):
            for place in locked_roles(mine, known, base.stub(key)):
                roles[place] = key
    if old is None:  # an answer that the new release does not know comes from the one before
        for place, cell in enumerate(mine):
            key = ("id", cells.grade_id(cell), "1")
            if cells.is_answer(cell) and key not in new.cells and key not in roles:
                roles[place] = key
    return roles


def answer_roles(mine: list[RawCell], stub: RawCell, stubs: list[RawCell]) -> list[int]:
    """The cell that is the answer, and copies of it in which nothing was written."""
    marked = cells.marked_places(mine, stub)
    written = [place for place in marked if cells.is_written(mine[place], *stubs)]
    if marked:
        return [place for place in marked if place not in written[:-1]]
    # Without any mark (Colab, copy and paste) the cell counts that defines the exercise's name.
    loose = cells.answer_place(mine, stub)
    return [] if loose is None else [loose]


def locked_roles(mine: list[RawCell], known: RawCell, was: list[RawCell]) -> list[int]:
    """A setup, tests, probe, question or rubric cell and its untouched copies."""
    name = cells.grade_id(known)
    found = [place for place, cell in enumerate(mine) if cells.grade_id(cell) == name]
    untouched = [place for place in found if not differs(mine[place], known, *was)]
    return untouched or found[:1]


def lesson_roles(mine: list[RawCell], base: Release) -> list[Key | None]:
    """Find lesson cells by their text, and those that the learner changed by their id."""
    roles: list[Key | None] = [None] * len(mine)
    free = [place for place, cell in enumerate(mine) if not cells.grade_id(cell)]
    for place, key in zip(free, keys_of([mine[place] for place in free]), strict=True):
        if key in base.cells:
            roles[place] = key
    left = {
        cell.get("id"): key
        for key, cell in base.cells.items()
        if not cells.grade_id(cell) and key not in roles
    }
    for place in free:
        if roles[place] is None:
            roles[place] = left.pop(mine[place].get("id"), None)
    return roles


def landings(base: Release, new: Release) -> dict[Key, int]:
    """Where each cell of the old release lies in the new one; -1 is before the first.

    A changed lesson cell has no name by which to find it again: between two cells that are in
    both releases, the first that is gone is taken for the first that came, and so on.
    """
    places = dict(new.order)
    came = {place for key, place in new.order.items() if key not in base.cells}
    last = -1
    for key in base.order:
        if key in new.order:
            last = new.order[key]
            continue
        if last + 1 in came:
            last += 1
        places[key] = last
    return places
