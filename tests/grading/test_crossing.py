"""What crosses between an answer and its tests, through both processes, and what does not.

Each case is an exercise of its own: a stub, a right answer, and tests that a plain notebook would
pass. Where crossing costs something of the meaning, right answers would lose points.
"""

import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue

import pytest

from sixrounds import testing
from sixrounds.grading.executor import Run, Task, WarmProcesses
from sixrounds.grading.grade import grade
from sixrounds.grading.outcome import Outcome
from sixrounds.grading.plan import ExercisePlan, Plan, TestsPlan
from sixrounds.grading.submission import Answer, Submission
from sixrounds.grading.trusted.stand_ins import BATCH, ONE_BY_ONE
from sixrounds.grading.verdict import Status
from sixrounds.source import code

SETUP = '''
import collections
import contextlib
import datetime
import decimal
import enum
import io
import itertools
import math
import operator
import types
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch


class Link:
    """A linked list."""

    def __init__(self, value, next=None):
        self.value, self.next = value, next


@dataclass
class Order:
    item: str
    tags: list = field(default_factory=list)


class Fit(NamedTuple):
    slope: float
    errors: object


class Color(enum.Enum):
    RED = 1
    BLUE = "b"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class OutOfStock(LookupError):
    def __init__(self, item, left):
        super().__init__(f"{item}: {left} left")
        self.item, self.left = item, left


def tax(x):
    return x * 1.19


TABLE = pd.DataFrame({"k": list("aab"), "v": [1, 2, 3]})


def raised(function, *args):
    try:
        function(*args)
    except Exception as error:
        return error
    raise SystemError("nothing was raised")
'''


@dataclass(frozen=True)
class Case:
    """An exercise, an answer to it, and tests."""

    about: str
    stub: str
    answer: str
    tests: str
    probe: str = ""
    needs: str = ""


def name_of(stub: str) -> str:
    """The exercise's name."""
    (name,) = code.bound_names(stub)
    return name


def exercise_of(case: Case, *more: str) -> ExercisePlan:
    """The plan of a case: one tests cell, and more."""
    name = name_of(case.stub)
    cells = tuple(
        TestsPlan(f"test-{name}-{place}", source, 1)
        for place, source in enumerate((case.tests, *more), 1)
    )
    probes = (case.probe,) if case.probe else ()
    needs = (case.needs,) if case.needs else ()
    return ExercisePlan(name, case.stub, case.stub, needs, probes, cells, ())


PLAN = Plan("round2_coding/00_crossing", (SETUP,), (), (), ())


@pytest.fixture(scope="module")
def processes() -> Iterator[WarmProcesses]:
    """Both processes with the setup run."""
    with WarmProcesses() as processes:
        yield processes


def run(processes: WarmProcesses, case: Case, *more: str, before: tuple[str, ...] = ()) -> Run:
    """Run a case."""
    task = Task(exercise_of(case, *more), Answer(case.answer, before))
    return processes.run(PLAN, [task], testing.PUBLIC_SEED)[0]


F = "def f(*args): ..."
CASES = [
    Case(
        "scalars keep their type",
        F,
        "def f(x): return x",
        """
        numbers = 0, True, 2**64, -(2**4000), 1.5, float("inf"), -0.0, 3j
        for x in (*numbers, None, "a\\udc80", b"\\x00"):
            assert f(x) == x and type(f(x)) is type(x)
        assert math.isnan(f(float("nan"))) and math.copysign(1, f(-0.0)) == -1
        """,
    ),
    Case(
        "containers",
        F,
        "def f(x): return {'a': {1, 2}, 'b': 2**80, 'c': [(x, 2.5)], (1, 2): frozenset('a')}",
        """
        assert f(1) == {"a": {1, 2}, "b": 2**80, "c": [(1, 2.5)], (1, 2): frozenset("a")}
        assert f([1]) is not f([1])
        """,
    ),
    Case(
        "containers of the library",
        F,
        """
        def f(s):
            return (collections.Counter(s), collections.deque(s, 2),
                    collections.defaultdict(list, {1: [2]}), collections.OrderedDict(b=1, a=2))
        """,
        """
        c, q, d, o = f("aab")
        assert c["a"] == 2 and c.most_common(1) == [("a", 2)] and c["z"] == 0
        q.append("c")
        assert list(q) == ["b", "c"] and d == {1: [2]} and list(o) == ["b", "a"]
        d[5].append(6)
        assert d[5] == [6]
        """,
    ),
    Case(
        "a defaultdict as an argument",
        F,
        "def f(graph): return sorted(graph[0]), graph[99]",
        "assert f(collections.defaultdict(list, {0: [2, 1]})) == ([1, 2], [])",
    ),
    Case(
        "views, ranges, maps and zips",
        F,
        "def f(d): return d.keys(), d.items(), range(3), map(str, d), zip(d, d.values())",
        """
        keys, items, r, m, z = f({"a": 1})
        assert keys == {"a"} and list(items) == [("a", 1)] and r == range(3)
        assert next(m) == "a" and list(m) == [] and dict(z) == {"a": 1}
        """,
    ),
    Case(
        "objects of setup classes",
        F,
        """
        def f(head, order):
            out = None
            while head:
                head.next, out, head = out, head, head.next
            return out, [Order(order.item + "!", [*order.tags, 1])]
        """,
        """
        head = last = Link(0)
        for n in range(1, 3000):
            last.next = last = Link(n)
        found, orders = f(head, Order("a"))
        assert found is last and head.next is None and isinstance(found, Link)
        assert orders == [Order("a!", [1])]
        """,
    ),
    Case(
        "a setup class that the answer writes again",
        F,
        """
        class Link:
            def __init__(self, value=0, next=None):
                self.value, self.next = value, next
        def f(n): return Link(n, Link(n + 1))
        """,
        "assert isinstance(f(1), Link) and f(1).next.value == 2",
    ),
    Case(
        "named tuples have fields",
        F,
        """
        R = collections.namedtuple("R", "low high")
        def f(x): return R(x, x + 1), Fit(0.5, [R(1, 2)])
        """,
        """
        r, fit = f(1)
        assert r == (1, 2) and r.low == 1 and r._asdict() == {"low": 1, "high": 2}
        assert isinstance(fit, Fit) and fit.errors[0].high == 2
        """,
    ),
    Case(
        "members of the setup's enums",
        F,
        "def f(c): return {Color.RED: Color.BLUE}[c], Access.READ | Access.WRITE",
        """
        assert f(Color.RED)[0] is Color.BLUE
        assert f(Color.RED)[1] == Access.READ | Access.WRITE
        """,
    ),
    Case(
        "dates, decimals, fractions",
        F,
        """
        from fractions import Fraction
        def f(d): return d + datetime.timedelta(days=1), decimal.Decimal("1.10"), Fraction(1, 3)
        """,
        """
        d, x, q = f(datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc))
        assert d == datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
        assert str(x) == "1.10" and q * 3 == 1
        """,
    ),
    Case(
        "arrays",
        F,
        "def f(x): return x / x.sum()",
        """
        np.testing.assert_allclose(f(np.arange(4.0)), np.arange(4) / 6)
        assert f(np.ones((2, 3), "f4").T).shape == (3, 2)
        assert f(np.ones(3, "f4")).dtype == np.float32
        """,
    ),
    Case(
        "numpy scalars compare as numbers",
        F,
        "def f(x): return np.mean(x), np.int64(3), np.argmax(x) == 1, [np.float64(0.5)] * 3",
        """
        mean, three, first, halves = f([1.0, 2.0])
        assert mean == 1.5 and three == 3 and first and halves == [0.5] * 3
        assert isinstance(mean, float) and {3: "x"}[three] == "x"
        """,
    ),
    Case(
        "types as results",
        F,
        "def f(): return int, np.float64, np.dtype('f4'), Link",
        "assert f() == (int, np.float64, np.float32, Link)",
    ),
    Case(
        "frames",
        F,
        """
        def f(d):
            d = d.assign(t=pd.to_datetime(d.t), c=d.k.astype("category"), n=d.v.astype("Int64"))
            return d.set_index(["k", "v"])
        """,
        """
        d = TABLE.assign(t=["2020-01-01"] * 3)
        expected = d.assign(t=pd.to_datetime(d.t), c=d.k.astype("category"), n=d.v.astype("Int64"))
        pd.testing.assert_frame_equal(f(d), expected.set_index(["k", "v"]))
        """,
    ),
    Case(
        "series on dates with a frequency",
        F,
        "def f(s): return s.resample('2D').sum()",
        """
        days = pd.date_range("2024-03-30", periods=5, tz="Europe/Berlin")
        s = pd.Series(range(5), days, name="z")
        pd.testing.assert_series_equal(f(s), s.resample("2D").sum())
        """,
    ),
    Case(
        "tensors",
        F,
        "def f(x): return torch.softmax(x, 0), x.half(), x > 1, list(x), torch.max(x, 0).indices",
        """
        x = torch.tensor([1.0, 2.0])
        soft, half, more, items, place = f(x)
        assert torch.allclose(soft, torch.softmax(x, 0)) and half.dtype is torch.float16
        assert more.tolist() == [False, True] and items[1] == 2 and place == 1
        """,
    ),
    Case(
        "random generators go on",
        F,
        "def f(rng): return rng.normal(size=2), rng.integers(9)",
        """
        mine, twin = np.random.default_rng(1), np.random.default_rng(1)
        a, b = f(mine)
        assert (a == twin.normal(size=2)).all() and b == twin.integers(9)
        assert mine.random() == twin.random()
        """,
    ),
    Case(
        "changes in place, and who is who",
        F,
        """
        def f(grid, a, frame, extra):
            grid[0][0] = 9
            grid[1].append(5)
            a += 1
            frame["z"] = frame.v * 2
            extra["grid"] = grid
            return grid
        """,
        """
        grid, a, frame, extra = [[1], [2]], np.zeros(3), TABLE.copy(), {}
        row = grid[0]
        result = f(grid, a, frame, extra)
        assert result is grid and extra["grid"] is grid and row == [9] and grid[1] == [2, 5]
        assert a.sum() == 3 and list(frame.z) == [2, 4, 6]
        """,
    ),
    Case(
        "changes before an error",
        F,
        """
        def f(items):
            items.append(1)
            raise ValueError("late")
        """,
        """
        items = []
        assert isinstance(raised(f, items), ValueError) and items == [1]
        """,
    ),
    Case(
        "a generator is lazy and may be endless",
        F,
        """
        def f(seen):
            n = 0
            while True:
                seen(n)
                yield n
                n += 1
        """,
        """
        seen = []
        g = f(seen.append)
        assert isinstance(g, types.GeneratorType) and seen == []
        assert next(g) == 0 and seen == [0]
        assert list(itertools.islice(g, 3)) == [1, 2, 3] and seen == [0, 1, 2, 3]
        """,
    ),
    Case(
        "a long generator, and an error at its end",
        F,
        """
        def f(n):
            for i in range(n):
                yield i
            raise KeyError("end")
        """,
        f"""
        found = []
        try:
            for item in f({ONE_BY_ONE + BATCH + 7}):
                found.append(item)
        except KeyError as error:
            assert error.args == ("end",)
        assert found == list(range({ONE_BY_ONE + BATCH + 7}))
        """,
    ),
    Case(
        "a generator that gives one list again and again",
        F,
        """
        def f(n):
            path = []
            for i in range(n):
                path.append(i)
                yield path
        """,
        f"""
        n = {ONE_BY_ONE + 20}
        kept = list(f(n))
        assert kept[0] is kept[-1] and kept[0] == list(range(n))
        assert [list(path) for path in f(n)][1] == [0, 1]
        assert [len(path) for path in f(n)] == list(range(1, n + 1))
        """,
    ),
    Case(
        "an iterator of a class, asked for twice",
        F,
        """
        class Countdown:
            def __init__(self, n): self.n = n
            def __iter__(self): return self
            def __next__(self):
                if not self.n: raise StopIteration
                self.n -= 1
                return self.n
        def f(n, kept={}): return kept.setdefault(n, Countdown(n))
        """,
        "assert next(f(4)) == 3 and next(f(4)) == 2 and list(f(4)) == [1, 0] and list(f(4)) == []",
    ),
    Case(
        "generators as arguments",
        F,
        "def f(n, items): return [x for _, x in zip(range(n), items)]",
        """
        def mine():
            yield 1
            yield [2]
            raise SystemError("read too far")
        assert f(3, itertools.count(5)) == [5, 6, 7] and f(9, iter([1, 2])) == [1, 2]
        assert f(2, mine()) == [1, [2]] and isinstance(raised(f, 3, mine()), SystemError)
        """,
    ),
    Case(
        "functions of tests as arguments",
        F,
        "def f(function, items): return [function(x) for x in items]",
        """
        seen = []
        assert f(lambda x: (seen.append(x), x + 1)[1], [1, 2]) == [2, 3] and seen == [1, 2]
        assert f(np.sqrt, [4.0]) == [2] and f(math.floor, [2.5]) == [2] and f(len, ["ab"]) == [2]
        assert f(tax, [100]) == [119.0] and f("-".join, ["ab"]) == ["a-b"]
        assert f(operator.itemgetter(1), ["ab"]) == ["b"] and f(int, ["7"]) == [7]
        rows = [[1], [2]]
        f(lambda row: row.append(0), rows)
        assert rows == [[1, 0], [2, 0]]
        """,
    ),
    Case(
        "a function of tests that raises",
        F,
        """
        def f(function, tries):
            for _ in range(tries):
                try:
                    return function()
                except OutOfStock as error:
                    left = error.left
            return left
        """,
        """
        calls = []
        def flaky():
            calls.append(1)
            if len(calls) < 3:
                raise OutOfStock("bolt", 7)
            return "done"
        assert f(flaky, 5) == "done" and len(calls) == 3
        calls.clear()
        assert f(flaky, 2) == 7
        mine = TypeError("mine")
        def wrong():
            raise mine
        assert raised(f, wrong, 1) is mine
        """,
    ),
    Case(
        "a function of tests that calls the answer",
        F,
        "def f(n, then): return then(n - 1, then) + 1 if n else 0",
        "assert f(30, lambda n, then: f(n, then)) == 30",
    ),
    Case(
        "functions as results",
        F,
        """
        def f(function):
            '''Remember.'''
            kept = {}
            def remembered(x):
                '''Asked once.'''
                remembered.calls += 1
                if x not in kept: kept[x] = function(x)
                return kept[x]
            remembered.calls = 0
            return remembered
        """,
        """
        asked = []
        g = f(lambda x: (asked.append(x), x * x)[1])
        assert g(3) == 9 == g(3) and asked == [3] and g.calls == 2
        assert g.__name__ == "remembered" and g.__doc__ == "Asked once."
        """,
    ),
    Case(
        "the answer as a decorator",
        "def f(function): ...",
        """
        import functools
        def f(function):
            @functools.wraps(function)
            def twice(*args, **kwargs): return 2 * function(*args, **kwargs)
            return twice
        """,
        """
        @f
        def add(a: int, b=1):
            "Add."
            return a + b
        assert add(1) == 4 and add(1, b=2) == 6 and (add.__name__, add.__doc__) == ("add", "Add.")
        """,
    ),
    Case(
        "a decorator that looks at what it decorates",
        F,
        """
        import inspect
        def f(function):
            signature = inspect.signature(function)
            def checked(*args):
                bound = signature.bind(*args)
                bound.apply_defaults()
                for name, value in bound.arguments.items():
                    wanted = function.__annotations__.get(name)
                    if wanted and not isinstance(value, wanted): raise TypeError(name)
                return function(*bound.args, **bound.kwargs)
            return checked
        """,
        """
        @f
        def add(a: int, b: float = 0.5, *rest): return a + b + sum(rest)
        assert add(1) == 1.5 and add(1, 2.0, 3) == 6 and str(raised(add, "x")) == "a"
        """,
    ),
    Case(
        "built-in errors, and what they carry",
        F,
        """
        def f(x):
            if x == 0: raise ValueError("bad", {"at": [1, 2]})
            if x == 1: return {}["k"]
            if x == 2: return open("/nowhere")
            if x == 3: return np.linalg.inv(np.zeros((2, 2)))
            return int("x", 99)
        """,
        """
        assert raised(f, 0).args == ("bad", {"at": [1, 2]})
        assert type(raised(f, 1)) is KeyError and raised(f, 1).args == ("k",)
        assert type(raised(f, 2)) is FileNotFoundError and raised(f, 2).errno == 2
        assert type(raised(f, 3)) is np.linalg.LinAlgError
        assert "99" not in str(raised(f, 3)) and isinstance(raised(f, 4), ValueError)
        """,
    ),
    Case(
        "errors of the setup and of the answer's own",
        F,
        """
        class Own(OutOfStock): pass
        def f(own): raise (Own if own else OutOfStock)("bolt", [3])
        """,
        """
        error = raised(f, False)
        assert type(error) is OutOfStock and error.left == [3] and str(error) == "bolt: [3] left"
        error = raised(f, True)
        assert isinstance(error, OutOfStock) and error.item == "bolt"
        assert type(error).__name__ == "Own"
        """,
    ),
    Case(
        "errors as values",
        F,
        "def f(error): return [error, KeyError('k')], str(error)",
        """
        found, said = f(OutOfStock("nut", 1))
        assert isinstance(found[0], OutOfStock) and found[0].left == 1 and said == "nut: 1 left"
        assert type(found[1]) is KeyError
        """,
    ),
    Case(
        "leaving the process is an error like any other",
        F,
        "def f(x): raise {0: SystemExit, 1: KeyboardInterrupt, 2: GeneratorExit}[x](3)",
        """
        for x, name in enumerate(("SystemExit", "KeyboardInterrupt", "GeneratorExit")):
            assert type(raised(f, x)).__name__ == name
        """,
    ),
    Case(
        "what is printed, in order",
        F,
        """
        import sys
        out = sys.stdout
        def f(x, function):
            print("hello", x)
            function()
            out.write("there")
            sys.stdout.buffer.write(b"!")
        """,
        """
        b = io.StringIO()
        with contextlib.redirect_stdout(b):
            f(1, lambda: print("test"))
        assert b.getvalue() == "hello 1\\ntest\\nthere!"
        """,
    ),
    Case(
        "the parameters of the stub",
        'def f(a, b=1, *, c):\n    """Add."""',
        "def f(a, b=1, *, c): return a + b + c",
        """
        import inspect
        assert list(inspect.signature(f).parameters) == ["a", "b", "c"] and f.__doc__ == "Add."
        assert f.__name__ == "f" and f(1, c=2) == 4
        """,
    ),
    Case("a lambda", F, "f = lambda x: x * x", "assert f(3) == 9"),
    Case("a partial", F, "import functools\nf = functools.partial(pow, 2)", "assert f(3) == 8"),
    Case(
        "an object that can be called",
        F,
        """
        class Adder:
            def __call__(self, x): return x + 1
        f = Adder()
        """,
        "assert f(3) == 4",
    ),
    Case("a variable", "f = None", "f = {'a': [1, 2.5]}", "assert f == {'a': [1, 2.5]}"),
    Case("a frame as a variable", "f = None", "f = TABLE.head(1)", "assert f.v.sum() == 1"),
    Case("a function as a variable", "f = None", "f = lambda x: -x", "assert f(1) == -1"),
    Case(
        "a probe runs beside the answer",
        F,
        "def f(x): return (x ** 2).sum()",
        "assert slope([1.0, 2.0]) == [2.0, 4.0]",
        probe="""
        def slope(values):
            x = torch.tensor(values, requires_grad=True)
            f(x).backward()
            return x.grad.tolist()
        """,
    ),
    Case(
        "async in a probe",
        "async def f(x): ...",
        "async def f(x): return x + 1",
        "assert run(2) == 3",
        probe="""
        import asyncio
        def run(x): return asyncio.run(f(x))
        """,
    ),
    Case(
        "an earlier exercise's reference",
        F,
        "def f(x): return earlier(x) + 1",
        "assert f(2) == 41 and earlier(1) == 20",
        needs="def earlier(x): return 20 * x",
    ),
    Case(
        "an object that holds items",
        F,
        """
        class Matrix:
            def __init__(self, rows): self.rows = rows
            def __iter__(self): return iter(self.rows)
            def __len__(self): return len(self.rows)
            def __getitem__(self, i): return self.rows[i]
        def f(rows): return Matrix(rows)
        """,
        """
        m = f([[1], [2]])
        assert len(m) == 2 and m[1] == [2] and list(m) == [[1], [2]] and [1] in m
        """,
    ),
]

STACK = """
class Stack:
    def __init__(self, items=()): ...
    def push(self, x): ...
    def pop(self): ...
    def merged(self, other): ...
    @property
    def top(self): ...
    def __len__(self): ...
    def __iter__(self): ...
    def __contains__(self, x): ...
    def __getitem__(self, i): ...
    def __call__(self): ...
    def __repr__(self): ...
    def __enter__(self): ...
    def __exit__(self, *about): ...
"""
STACK_ANSWER = """
class Stack:
    def __init__(self, items=()): self.d = list(items)
    def push(self, x): self.d.append(x)
    def pop(self): return self.d.pop()
    def merged(self, other): return Stack(self.d + other.d)
    @property
    def top(self): return self.d[-1]
    def __len__(self): return len(self.d)
    def __iter__(self): return iter(self.d)
    def __contains__(self, x): return x in self.d
    def __getitem__(self, i): return self.d[i]
    def __call__(self): return sum(self.d)
    def __repr__(self): return f"Stack({self.d})"
    def __enter__(self): return self
    def __exit__(self, kind, error, trace):
        self.seen = (kind is OutOfStock, getattr(error, "left", None), trace is not None)
        return kind is OutOfStock
"""
VECTOR = """
class Vector:
    def __init__(self, x, y): ...
    def __add__(self, other): ...
    def __mul__(self, k): ...
    def __matmul__(self, other): ...
    def __neg__(self): ...
    def __eq__(self, other): ...
    def __lt__(self, other): ...
    def __hash__(self): ...
    @classmethod
    def zero(cls): ...
    @staticmethod
    def size(): ...
"""
VECTOR_ANSWER = """
class Vector:
    made = 7
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, other): return Vector(self.x + other.x, self.y + other.y)
    def __mul__(self, k): return Vector(self.x * k, self.y * k)
    def __matmul__(self, other): return self.x * other.x + self.y * other.y
    def __neg__(self): return Vector(-self.x, -self.y)
    def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)
    def __lt__(self, other): return self.x < other.x
    def __hash__(self): return hash((self.x, self.y))
    @classmethod
    def zero(cls): return cls(0, 0)
    @staticmethod
    def size(): return 2
"""
CLASSES = [
    Case(
        "methods, properties, containers",
        STACK,
        STACK_ANSWER,
        """
        s = Stack()
        s.push(1)
        s.push([2])
        assert len(s) == 2 and s.top == [2] and list(s) == [1, [2]] and isinstance(s, Stack) and s
        assert 1 in s and 9 not in s and s[0] == 1 and s.pop() == [2] and s() == 1
        assert not Stack() and repr(s) == "Stack([1])"
        assert isinstance(raised(Stack().pop), IndexError)
        s.note = "n"
        assert s.note == "n"
        """,
    ),
    Case(
        "objects as arguments, alone and in containers",
        STACK,
        STACK_ANSWER,
        """
        a, b = Stack([1]), Stack([2])
        assert list(a.merged(b)) == [1, 2]
        a.push(b)
        assert a.top is b and isinstance(a.top, Stack)
        a.push([b, {"k": b}])
        assert list(a.top[1]["k"]) == [2]
        """,
    ),
    Case(
        "a context manager sees the error",
        STACK,
        STACK_ANSWER,
        """
        with Stack([1]) as s:
            s.push(2)
        assert len(s) == 2 and s.seen == (False, None, False)
        with Stack() as s:
            raise OutOfStock("nut", 4)
        assert s.seen[:2] == (True, 4)
        def wrong():
            with Stack():
                raise KeyError("k")
        assert type(raised(wrong)) is KeyError
        """,
    ),
    Case(
        "operators between two objects",
        VECTOR,
        VECTOR_ANSWER,
        """
        a = Vector(1, 2)
        assert (a + a).x == 2 and (a * 3).y == 6 and a @ a == 5 and (-a).x == -1
        assert a + a == Vector(2, 4) and a != Vector(0, 0) and Vector(0, 9) < a
        assert len({a, Vector(1, 2)}) == 1 and sorted([Vector(2, 0), a])[0] == a
        """,
    ),
    Case(
        "the class itself",
        VECTOR,
        VECTOR_ANSWER,
        """
        zero = Vector.zero()
        assert zero.x == 0 and isinstance(zero, Vector) and Vector.size() == 2 and Vector.made == 7
        assert zero.size() == 2 and zero.zero() == zero and not hasattr(Vector, "missing")
        """,
    ),
    Case(
        "a dataclass as the answer",
        "@dataclass(order=True)\nclass Item:\n    weight: float\n    name: str = ''",
        "@dataclass(order=True)\nclass Item:\n    weight: float\n    name: str = ''",
        """
        assert Item(1.0, "a") == Item(1.0, "a") and Item(1.0) != Item(2.0) and Item(1.0) < Item(2.0)
        assert Item(3.5).weight == 3.5 and repr(Item(1.0)) == "Item(weight=1.0, name='')"
        """,
    ),
]


@pytest.mark.parametrize("case", CASES + CLASSES, ids=lambda case: case.about)
def test_a_right_answer_passes(processes: WarmProcesses, case: Case) -> None:
    """Right answers of this kind would lose points."""
    (outcome,) = run(processes, dedented(case)).outcomes
    assert outcome.status is Status.PASSED, outcome.message


def dedented(case: Case) -> Case:
    """A case without the indentation that it has here."""
    return Case(*(textwrap.dedent(text).strip("\n") for text in vars(case).values()))


WRONG = [
    Case(
        "an object equal to everything",
        F,
        """
        class Yes:
            def __eq__(self, other): return True
            def __iter__(self): return iter([3])
        def f(): return Yes()
        """,
        "assert f() == 3",
    ),
    Case(
        "a number equal to everything",
        F,
        """
        class Yes(int):
            def __eq__(self, other): return True
            def __hash__(self): return 3
        def f(): return Yes(4)
        """,
        "assert f() == 3",
    ),
    Case(
        "a list equal to everything",
        F,
        """
        class Yes(list):
            def __eq__(self, other): return True
            def __iter__(self): return iter([3])
            def __len__(self): return 1
        def f(): return Yes()
        """,
        "assert f() == [3]",
    ),
    Case(
        "an object of the answer's class equal to data",
        VECTOR,
        VECTOR_ANSWER.replace("return (self.x, self.y) ==", "return True or"),
        "assert Vector(1, 2) == (1, 2)",
    ),
    Case(
        "an object of the answer's class with its own idea of true",
        VECTOR,
        VECTOR_ANSWER.replace("return (self.x, self.y) ==", "return 'yes' or"),
        "assert Vector(1, 2) == Vector(1, 2)",
    ),
    Case(
        "another error than the one asked for",
        F,
        """
        class ValueError(Exception): pass
        def f(): raise ValueError("x")
        """,
        "import builtins; assert isinstance(raised(f), builtins.ValueError)",
    ),
    Case(
        "an AssertionError of its own",
        F,
        "def f(): raise AssertionError('passed')",
        "assert f() == 3",
    ),
    Case(
        "a generator that gives one list again and again",
        F,
        """
        def f(n):
            row = []
            for i in range(n):
                row.append(i)
                yield row
        """,
        "assert list(f(3)) == [[0], [0, 1], [0, 1, 2]]",
    ),
    Case(
        "a list made instead of a generator",
        F,
        "def f(seen): return iter([seen(i) for i in range(3)])",
        "seen = []; g = f(seen.append); next(g); assert len(seen) == 1",
    ),
    Case(
        "the same text printed to elsewhere",
        F,
        "import sys\ndef f(): print('hello', file=sys.stderr)",
        """
        b = io.StringIO()
        with contextlib.redirect_stdout(b): f()
        assert b.getvalue() == "hello\\n"
        """,
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.about)
def test_a_wrong_answer_fails(processes: WarmProcesses, case: Case) -> None:
    """Crossing would turn what is wrong in a plain notebook into points."""
    (outcome,) = run(processes, dedented(case)).outcomes
    assert outcome.status in (Status.FAILED, Status.ERROR, Status.UNSUPPORTED), outcome
    assert outcome.status is not Status.PASSED


UNSUPPORTED = [
    Case("a module", F, "import sys\ndef f(): return sys", "assert f().path"),
    Case("a file", F, "import os\ndef f(): return open(os.devnull)", "assert f().read() == ''"),
    Case("a lock", F, "import threading\ndef f(): return [threading.Lock()]", "assert f()"),
    Case(
        "an object of a class of its own",
        F,
        "class Own: x = 3\ndef f(): return Own()",
        "assert f().x == 3",
    ),
    Case(
        "more of an object than its items",
        F,
        "class Own:\n    x = 3\n    def __iter__(self): return iter('ab')\ndef f(): return Own()",
        "assert list(f()) == ['a', 'b'] and f().x == 3",
    ),
    Case(
        "an object that holds items, compared",
        F,
        "class Own:\n    def __getitem__(self, i): return i\ndef f(): return Own()",
        "assert f() == [0, 1]",
    ),
    Case(
        "a member of an enum of its own",
        F,
        "class Own(enum.Enum):\n    A = 1\ndef f(): return Own.A",
        "assert f().value == 1",
    ),
    Case(
        "one to a function of tests, past a careful except",
        F,
        """
        import threading
        def f(function):
            try:
                return function(threading.Lock())
            except Exception:
                return 3
        """,
        "assert f(lambda lock: 4) == 4",
    ),
    Case("as the value of a variable", "f = None", "import sys\nf = sys", "assert f"),
    Case("a coroutine", F, "async def f(): return 1", "assert f() == 1"),
    Case(
        "more than may cross at once",
        F,
        "def f(): return bytes(65_000_000)",
        "assert len(f()) == 65_000_000",
    ),
    Case(
        "an argument that cannot be sent",
        F,
        "def f(module): return 3",
        "import threading\nassert f(threading.Lock()) == 3",
    ),
    Case(
        "a special method that nobody forwards",
        "class V:\n    def __divmod__(self, other): ...",
        "class V:\n    def __divmod__(self, other): return 1, 2",
        "assert divmod(V(), 3) == (1, 2)",
    ),
]


@pytest.mark.parametrize("case", UNSUPPORTED, ids=lambda case: case.about)
def test_what_cannot_cross_waits_for_a_person(processes: WarmProcesses, case: Case) -> None:
    """A right answer would be a silent zero: nobody would look at it."""
    case = dedented(case)
    exercise = exercise_of(case)
    plan = Plan(PLAN.key, PLAN.setup, (), (exercise,), ())
    submission = Submission("s", {exercise.id: Answer(case.answer)})
    (verdict,) = grade(plan, submission, executor=processes)
    assert verdict.status is Status.UNSUPPORTED, verdict
    assert verdict.score == 0
    assert "by hand" in verdict.message


def test_the_next_cell_is_graded_after_one_that_cannot_be(processes: WarmProcesses) -> None:
    """One strange value would cost the points of the other tests."""
    case = Case("", F, "import sys\ndef f(x): return sys if x else 3", "assert f(1)")
    first, second = run(processes, case, "assert f(0) == 3").outcomes
    assert (first.status, second.status) == (Status.UNSUPPORTED, Status.PASSED)


def test_an_answer_not_written_yet_is_said_so(processes: WarmProcesses) -> None:
    """A stub would be called a failure, or lose its message."""
    todo = "import sixrounds\nf = sixrounds.todo('f')"
    plain = "def f(x):\n    raise NotImplementedError('f is not written yet')"
    for stub, answer in ((plain, plain), ("f = None", todo)):
        (outcome,) = run(processes, Case("", stub, answer, "assert f(1) == 2")).outcomes
        assert outcome.status is Status.UNWRITTEN
        assert outcome.message == "f is not written yet"


HELPERS = {
    "fails": "1 / 0",
    "is not Python": "def (",
    "leaves": "raise SystemExit",
    "ends the process": "import os\nos._exit(3)",
    "hangs": "while True: pass",
    "swallows what stops it": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    ),
}


DISASTERS = {
    "hangs": "while True: pass",
    "sleeps": "import time\n    time.sleep(10**6)",
    "does not let itself be stopped": (
        "while 1:\n        try:\n            while True: pass\n        except BaseException: pass"
    ),
    "ends the process": "import os\n    os._exit(0)",
    "crashes": "import ctypes\n    ctypes.string_at(0)",
    "kills itself": "import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
    "takes all memory": "kept = [bytearray(1 << 28) for _ in range(10**6)]",
}
Ends = dict[tuple[str, str], tuple[Outcome, ...]]


@pytest.fixture(scope="module")
def ends() -> Ends:
    """What becomes of right answers below bad cells, and of disasters; run side by side."""
    tasks = {}
    right = "def f(x): return x + 1"
    for about, source in HELPERS.items():
        exercise = exercise_of(Case("", F, right, "assert f(1) == 2"))
        tasks["above", about] = Task(exercise, Answer(right, ("base = 1", source)))
    for about, source in DISASTERS.items():
        answer = f"def f(x):\n    if x == 1: return 2\n    {source}"
        exercise = exercise_of(Case("", F, answer, "assert f(0) == 1"), "assert f(1) == 2")
        tasks["within", about] = Task(exercise, Answer(answer))

    small = Plan("round2_coding/00_small", (), (), (), ())
    free: SimpleQueue[WarmProcesses] = SimpleQueue()

    def outcomes(task: Task) -> tuple[Outcome, ...]:
        quick = free.get()
        try:
            return quick.run(small, [task], testing.PUBLIC_SEED)[0].outcomes
        finally:
            free.put(quick)

    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            free.put(stack.enter_context(WarmProcesses(limit=1.0)))
        return dict(zip(tasks, pool.map(outcomes, tasks.values()), strict=True))


@pytest.mark.parametrize("about", HELPERS)
def test_a_cell_above_the_answer_costs_nothing_by_itself(ends: Ends, about: str) -> None:
    """Scratch cells that fail, hang or crash would cost the points of a right answer."""
    (outcome,) = ends["above", about]
    assert outcome.status is Status.PASSED, outcome


@pytest.mark.parametrize("about", DISASTERS)
def test_a_disaster_costs_only_its_cell(ends: Ends, about: str) -> None:
    """A hang or a crash in one tests cell would cost the points of the others."""
    first, second = ends["within", about]
    assert first.status is not Status.PASSED
    assert second.status is Status.PASSED, second
