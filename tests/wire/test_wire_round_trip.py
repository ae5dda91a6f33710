"""Every value that the wire promises arrives unchanged, and every change comes back in place."""

import collections
import copy
import datetime
import decimal
import fractions
import itertools
import random
import sys
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from crossing import Guarded, Link, Order, Pair, Place, Solved, Tree, call, encoder, same, there
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sixrounds.grading.wire import NotPlainError
from sixrounds.grading.wire.nodes import MAX_DIGITS, pack

settings.register_profile("wire", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("wire")

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # surrogates too
ZONES = (
    st.none()
    | st.sampled_from([datetime.UTC, datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))])
    | st.sampled_from(["Europe/Berlin", "America/New_York"]).map(zoneinfo.ZoneInfo)
)
PRIMITIVE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.binary(max_size=20)
    | st.integers(64, 3000).flatmap(lambda bits: st.sampled_from([1 << bits, -(1 << bits) - 1]))
)
FIXED = (
    st.complex_numbers()
    | st.decimals()
    | st.fractions()
    | st.uuids()
    | st.dates()
    | st.times(timezones=ZONES)
    | st.datetimes(timezones=ZONES)
    | st.timedeltas()
    | st.builds(range, st.integers(), st.integers(), st.integers(1))
    | st.just(...)
    | st.sampled_from([datetime.UTC, zoneinfo.ZoneInfo("Asia/Tokyo")])
)
DTYPES = (
    arrays.boolean_dtypes()
    | arrays.integer_dtypes(endianness="?")
    | arrays.unsigned_integer_dtypes(endianness="?")
    | arrays.floating_dtypes(endianness="?", sizes=(16, 32, 64))
    | arrays.complex_number_dtypes(endianness="?")
    | arrays.datetime64_dtypes(endianness="<")
    | arrays.timedelta64_dtypes(endianness="<")
    | arrays.unicode_string_dtypes(endianness="<", max_len=4)
    | arrays.byte_string_dtypes(endianness="<", max_len=4)
)
SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
ARRAYS = DTYPES.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES))
HASHABLE = st.recursive(
    (PRIMITIVE | FIXED).filter(lambda value: repr(value).lower().find("nan") < 0),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)
NESTED = st.recursive(
    PRIMITIVE | FIXED | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.lists(inner, max_size=4).map(lambda items: collections.deque(items, maxlen=9))
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.dictionaries(HASHABLE, inner, max_size=4).map(collections.OrderedDict)
        | st.dictionaries(HASHABLE, inner, max_size=4).map(
            lambda items: collections.defaultdict(list, items)
        )
        | st.builds(Pair, inner, inner)
        | st.builds(Solved, inner, inner)
        | st.builds(Order, TEXT, st.lists(inner, max_size=2))
    ),
    max_leaves=10,
)


@given(NESTED)
@settings(max_examples=150)
def test_a_nested_value_arrives_with_its_exact_types(value: Any) -> None:
    """An answer that returns 1.0 where 1 is asked for would be told from it, or not, by chance."""
    assert same(value, there(value))


@given(HASHABLE, st.sets(HASHABLE, max_size=4))
def test_keys_arrive_hashable(key: Any, keys: set[Any]) -> None:
    """A dict with tuples, dates or frozensets as keys would not arrive."""
    assert there({key: keys}) == {key: keys}


@given(ARRAYS)
def test_an_array_arrives_to_the_bit(array: Any) -> None:
    """Rounding, another byte order or a lost dimension would fail right answers."""
    assert same(array, there(array))


@given(ARRAYS.filter(lambda array: array.ndim > 0))
def test_a_view_that_is_not_contiguous_arrives(array: Any) -> None:
    """A transposed or reversed array would arrive scrambled."""
    view = array.T[::-1]
    assert same(view, there(view))


@given(ARRAYS.filter(lambda array: array.size > 0))
def test_numpy_scalars_arrive_as_such(array: Any) -> None:
    """`np.float32(0.1)` would compare unequal to what our own code computes."""
    scalar = array.ravel()[0]
    items = list(array.ravel()[:5])
    assert same(scalar, there(scalar))
    assert same(items, there(items))


@pytest.mark.parametrize("size", [MAX_DIGITS - 1, MAX_DIGITS])
def test_an_integer_may_be_as_long_as_the_limit(size: int) -> None:
    """A factorial of a few thousand would not arrive; a longer one would be cut silently."""
    largest = (1 << (8 * (MAX_DIGITS - 1) + 7)) - 1
    value = min(1 << (8 * size - 2), largest)
    assert there(value) == value
    with pytest.raises(NotPlainError):
        pack(encoder().dump(largest + 1))


def test_objects_in_arrays_keep_their_kind() -> None:
    """Ragged arrays, and arrays of lists or of arrays, would lose what they hold."""
    ragged = np.empty(3, dtype=object)
    ragged[0], ragged[1], ragged[2] = [1, 2], np.arange(3.0), (4, "x")
    found = there([ragged, ragged[1]])
    assert same(ragged, found[0])
    assert found[1] is found[0][1]
    assert same(np.array(None, dtype=object), there(np.array(None, dtype=object)))


def test_containers_share_and_close_circles() -> None:
    """Two names for one list would become two lists; a list in itself would never end."""
    row = [0]
    ring: list[Any] = [row, row]
    ring.append(ring)
    table: dict[str, Any] = {"ring": ring}
    table["self"] = table
    found = there((ring, table))
    assert found[0] is found[1]["ring"] is found[0][2]
    assert found[0][0] is found[0][1]
    assert found[1]["self"] is found[1]


def test_links_trees_and_graphs_of_setup_classes_arrive() -> None:
    """Linked lists and trees, the bread and butter of interviews, could not be graded."""
    head = None
    for number in range(3000):
        head = Link(number, head)
    first = found = there(head)
    values = []
    while found is not None:
        assert type(found) is Link
        values.append(found.value)
        found = found.next
    assert values == list(range(2999, -1, -1))
    assert type(first) is Link
    ring = Link(1)
    ring.next = Link(2, ring)
    assert there(ring).next.next.value == 1
    tree = there(Tree(1, Tree(2), Tree(3)))
    assert (tree.left.value, tree.right.value, tree.left.left) == (2, 3, None)
    assert tree.hidden() == "h"  # a private slot


def test_an_object_of_a_setup_class_can_be_a_key_or_in_a_set() -> None:
    """A grid of frozen dataclasses, as in path search, would not arrive."""
    place = Place(1, 2)
    value = [{place: 1, (place, 3): 2}, {place}, frozenset({place}), [place]]
    assert there(value) == value
    nested = {frozenset({Place(0, 0), frozenset({Place(1, 1)})}): [Order("a")]}
    assert there(nested) == nested


def test_a_setup_class_runs_no_code_of_its_own_when_it_arrives() -> None:
    """A property or a check in the class would run on data that nobody has checked."""
    assert there(Guarded(3)).level == 3


def test_named_tuples_arrive_with_their_fields() -> None:
    """`result.cost` would fail on a right answer."""
    found = there([Solved(1.5, [1]), Solved(2.5, []), Pair(1, 2)])
    assert (found[0].cost, found[0].path) == (1.5, [1])
    assert type(found[0]) is type(found[1])
    assert type(found[2]) is Pair
    odd = collections.namedtuple("odd", ["class", "x"], rename=True)(1, 2)
    assert there(odd) == (1, 2)


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset, dict, collections.Counter])
@pytest.mark.parametrize("size", [0, 1, 3])
def test_subclasses_of_containers_arrive_as_their_base(kind: Any, size: int) -> None:
    """A subclass with an `__eq__` or `__iter__` of its own could say that it is anything."""
    lying = type("Lying", (kind,), {"__iter__": lambda _: iter([9]), "__eq__": lambda *_: True})
    lying.__hash__ = kind.__hash__
    honest = kind([(number, 1) for number in range(size)])
    found = there([lying(honest)])[0]
    assert type(found) is kind
    assert found == honest


def test_subclasses_of_numbers_and_texts_arrive_as_their_base() -> None:
    """A number that is equal to everything would pass every test."""
    equal = {"__eq__": lambda *_: True, "__hash__": lambda _: 0}
    for base, value in ((int, 7), (float, 0.5), (str, "ab"), (bytes, b"ab"), (complex, 1 + 2j)):
        lying = type("Lying", (base,), equal)(value)
        assert same(there(lying), value)


def test_views_of_dicts_and_counters_arrive() -> None:
    """`d.keys()` or a Counter as a result would need grading by hand."""
    items = {"a": 1, "b": (2, 3)}
    assert there(items.keys()) == items.keys()
    assert there(items.items()) == items.items()
    assert list(there(items.values())) == [1, (2, 3)]
    counter = collections.Counter("abca")
    assert there(counter).most_common(1) == [("a", 2)]


def test_a_defaultdict_still_makes_what_is_missing() -> None:
    """A graph passed as a defaultdict would raise KeyError in a right answer."""
    graph = collections.defaultdict(list, {1: [2]})
    found = there(graph)
    found[5].append(6)
    assert found == {1: [2], 5: [6]}
    own = there(collections.defaultdict(lambda: 7, {1: 2}))
    assert type(own) is dict
    assert own == {1: 2}


@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_keeps_its_zone_and_its_fold(fold: int) -> None:
    """Adding a day across a clock change would give another hour than in one process."""
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    moment = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=berlin, fold=fold)
    found = there(moment)
    assert found.tzinfo == berlin
    assert (found.fold, found.utcoffset()) == (fold, moment.utcoffset())


def test_slices_types_and_the_rest_arrive() -> None:
    """A slice, an ellipsis or a dtype as a result would need grading by hand."""
    for value in (slice(1, None, 2), slice("a", (1, 2)), ..., NotImplemented, uuid.UUID(int=5)):
        assert there(value) == value
    assert there(range(0, 10**30, 7)) == range(0, 10**30, 7)
    for name in ("<f8", ">i4", "|b1", "<M8[ns]", "<U5"):
        assert there(np.dtype(name)) == np.dtype(name)
    for text in ("-0.10", "NaN", "-Infinity", "1E+7"):
        assert str(there(decimal.Decimal(text))) == text
    assert there(fractions.Fraction(10**30, 3)) == fractions.Fraction(10**30, 3)


def test_random_generators_go_on_where_they_were() -> None:
    """An answer that draws from a generator of the tests would draw other numbers."""
    rng, drawer = np.random.default_rng(1), random.Random(2)
    rng.random(3)
    drawer.gauss()
    expected = copy.deepcopy(rng).normal(size=3), copy.deepcopy(drawer).random()
    trip = call(lambda rng, drawer: (rng.normal(size=3), drawer.random()), rng, drawer)
    assert same(trip.result, expected)
    twin = np.random.default_rng(1)
    twin.random(3)
    twin.normal(size=3)
    assert rng.random() == twin.random()  # ours has moved on too


BERLIN = pd.date_range("2024-03-30", periods=3, freq="D", tz="Europe/Berlin")
INDEXES = [
    pd.RangeIndex(2, 11, 3, name="n"),
    pd.Index([1.5, float("nan")], name=("a", 1)),
    pd.Index(["a", "b", None]),
    pd.Index([], dtype="float32"),
    pd.date_range("2024-01-01", periods=4, freq="W"),
    pd.date_range("2024-01-01", periods=4, freq="h", unit="s"),
    BERLIN,
    pd.DatetimeIndex(["2024-01-01"], tz=zoneinfo.ZoneInfo("Asia/Tokyo")),
    pd.DatetimeIndex(["2024-01-01"], tz=datetime.timezone(datetime.timedelta(minutes=-90))),
    pd.timedelta_range("1h", periods=3, freq="h"),
    pd.period_range("2024-01", periods=3, freq="M"),
    pd.interval_range(0, 3),
    pd.CategoricalIndex(["a", "b", "a"], ["b", "a", "c"], ordered=True),
    pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]),
    pd.MultiIndex.from_arrays([BERLIN, pd.Categorical(["u", "v", "u"])]),
    pd.MultiIndex.from_arrays([[], []]),
]
COLUMNS = [
    [1, 2, None],
    ["a", None, float("nan")],
    [[1], (2,), {"k": np.arange(2)}],
    np.array([1, 2, 3], dtype="uint8"),
    np.array([1, 2, 3], dtype="datetime64[s]"),
    np.array([True, False, True]),
    pd.Series(BERLIN),
    pd.to_timedelta([1, 2, None], unit="h"),
    pd.array([1, None, 2**62 + 1], dtype="Int64"),
    pd.array([1, None, 255], dtype="UInt8"),
    pd.array([1.5, None, 2], dtype="Float32"),
    pd.array([True, None, False], dtype="boolean"),
    pd.array(["a", None, "\udc80"], dtype="string"),
    pd.Categorical(["x", None, "x"], ["y", "x"], ordered=True),
    pd.cut([0.5, 1.5, 9], [0, 1, 2]),
    pd.period_range("2024", periods=3, freq="Q"),
    pd.interval_range(0, 3),
    [datetime.date(2024, 1, 1), decimal.Decimal("1.5"), pd.Timestamp("2024", tz="UTC")],
]


@pytest.mark.parametrize("index", INDEXES, ids=str)
def test_an_index_arrives_whole(index: Any) -> None:
    """`assert_frame_equal` would fail on a right answer: names, levels, zones, frequencies."""
    assert same(index, there(index))
    values = np.arange(len(index), dtype=float)
    assert same(pd.Series(values, index, name="v"), there(pd.Series(values, index, name="v")))
    assert same(pd.DataFrame(index=index), there(pd.DataFrame(index=index)))


@pytest.mark.parametrize("values", COLUMNS, ids=str)
def test_a_column_arrives_whole(values: Any) -> None:
    """`assert_series_equal` would fail on a right answer: dtypes, missing values, categories."""
    series = pd.Series(values, name="v")
    found = there(series)
    if series.dtype == object:
        assert same(series.tolist(), found.tolist())
    else:
        assert same(series, found)
    frame = pd.DataFrame({"v": series, "w": 1})
    assert list(there(frame).dtypes) == list(frame.dtypes)
    assert same(series[:0], there(series[:0]))


def test_columns_may_share_names_or_be_none() -> None:
    """The result of a join with equal names would lose a column."""
    twice = pd.DataFrame([[1, "a"], [2, "b"]], columns=["v", "v"])
    assert same(twice, there(twice))
    deep = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))
    assert same(deep, there(deep))
    assert same(pd.DataFrame(), there(pd.DataFrame()))


def test_values_of_pandas_arrive() -> None:
    """A Timestamp or NaT as a result would need grading by hand."""
    for value in (
        pd.Timestamp("2024-01-01 12:00:00.123456789"),
        pd.Timestamp("2024-01-01", tz="Europe/Berlin"),
        pd.Timestamp("2024-01-01").as_unit("s"),
        pd.Timedelta("3h 1ns"),
        pd.Period("2024-02", "M"),
        pd.Interval(0.0, 1.0, "left"),
    ):
        found = there(value)
        assert found == value
        assert type(found) is type(value)
        assert getattr(found, "unit", None) == getattr(value, "unit", None)
        assert str(getattr(found, "tz", None)) == str(getattr(value, "tz", None))
    assert there(pd.NaT) is pd.NaT
    assert there(pd.NA) is pd.NA


TENSORS = [torch.tensor(2.5), torch.empty(0, 3), torch.arange(6.0).reshape(2, 3).T] + [
    torch.tensor([[0, 1], [1, 3]]).to(kind)
    for kind in (
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.half,
        torch.bfloat16,
        torch.float64,
        torch.complex64,
    )
]


@pytest.mark.parametrize("tensor", TENSORS, ids=str)
def test_a_tensor_arrives_with_its_type(tensor: Any) -> None:
    """A right answer in half precision would be compared in another one."""
    assert same(tensor, there(tensor))


def test_what_belongs_to_tensors_arrives() -> None:
    """A tensor that asks for gradients would not; a shape would not equal another."""
    weights = torch.ones(2, requires_grad=True)
    assert there(weights).requires_grad
    assert not there(weights * 2).is_leaf or there(weights * 2).requires_grad
    assert there(torch.Size([2, 3])) == torch.Size([2, 3])
    assert isinstance(there(torch.Size([2])), torch.Size)
    assert there(torch.float16) is torch.float16
    largest = there(torch.max(torch.tensor([[1, 5], [7, 2]]), 1))
    assert largest.indices.tolist() == [1, 0]
    with pytest.raises(NotPlainError):
        there(torch.eye(3).to_sparse())


CHANGES: dict[str, tuple[Any, Any]] = {
    "list": ([3, 1], lambda it: it.sort()),
    "nested list": ([[1], [2]], lambda it: it[1].append(it[0])),
    "int to bool": ([1, 0], lambda it: it.__setitem__(slice(None), [True, False])),
    "int to float": ([1, 2], lambda it: it.__setitem__(0, 1.0)),
    "sign of zero": ([0.0], lambda it: it.__setitem__(0, -0.0)),
    "dict": ({"a": 1}, lambda it: it.update(b=it.pop("a"))),
    "order of a dict": ({"a": 1, "b": 2}, lambda it: it.update(a=it.pop("a"))),
    "set": ({1, 2}, lambda it: it.discard(1)),
    "deque": (collections.deque([1, 2], 3), lambda it: it.rotate()),
    "bytearray": (bytearray(b"ab"), lambda it: it.reverse()),
    "counter": (collections.Counter("ab"), lambda it: it.update("a")),
    "ordered": (collections.OrderedDict(a=1, b=2), lambda it: it.move_to_end("a")),
    "defaultdict": (collections.defaultdict(list), lambda it: it["k"].append(1)),
    "array": (np.zeros(3), lambda it: np.add(it, 1, out=it)),
    "array of objects": (np.array([None, [1]], object), lambda it: it.__setitem__(0, [2])),
    "object": (Order("a"), lambda it: it.tags.append(it)),
    "attribute gone": (Link(1, 2), lambda it: delattr(it, "next")),
    "slots": (Tree(1), lambda it: setattr(it, "left", Tree(2))),
    "slot gone": (Tree(1), lambda it: delattr(it, "left")),
    "frame": (pd.DataFrame({"v": [1, 2]}), lambda it: it.insert(0, "w", [3, 4])),
    "series": (pd.Series([1.0, 2.0]), lambda it: it.__setitem__(1, 9.0)),
    "tensor": (torch.zeros(2), lambda it: it.add_(1)),
    "tensor that grows": (torch.zeros(2), lambda it: it.resize_(3).fill_(2)),
    "generator": (np.random.default_rng(1), lambda it: it.random()),
    "random": (random.Random(1), lambda it: it.random()),
}


def state(value: Any) -> Any:
    """What can be compared of a value that can be changed."""
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state["state"]
    if isinstance(value, random.Random):
        return value.getstate()
    if isinstance(value, Tree):
        return [state(getattr(value, name, "unset")) for name in ("value", "left", "right")]
    if isinstance(value, Link | Order):
        return sorted(name for name in vars(value)), len(getattr(value, "tags", ()))
    return value


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_arrives_in_the_same_object(name: str) -> None:
    """In-place answers (sort, reverse, rotate, fill) could not be graded."""
    value, change = CHANGES[name]
    ours, twin = copy.deepcopy(value), copy.deepcopy(value)
    change(twin)
    trip = call(lambda it, other: (change(it), it, other)[1:], ours, [ours])
    assert trip.result[0] is ours
    assert trip.result[1][0] is ours
    assert same(state(ours), state(twin))


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_not_changed_is_not_sent_again(name: str) -> None:
    """Each call on a large table would send it twice."""
    value = copy.deepcopy(CHANGES[name][0])
    trip = call(lambda it: len(str(it)) > 0, value)
    assert trip.sent_again == ()


@given(st.lists(st.integers(0, 3), max_size=6), st.sets(TEXT, max_size=5))
def test_equal_content_written_again_is_no_change(items: list[int], texts: set[str]) -> None:
    """An answer that sorts a sorted list, or rebuilds a set, would cost as much as a change."""
    trip = call(lambda a, b: (a.sort(), b.update(set(b))), sorted(items), texts)
    assert trip.sent_again == ()


def test_aliases_among_arguments_are_kept_both_ways() -> None:
    """A grid whose rows are one list would change differently than in one process."""
    row = [0]
    grid = [row, row]
    extra: list[Any] = []
    trip = call(lambda grid, extra: (grid[0].append(1), extra.append(grid), grid)[2], grid, extra)
    assert trip.result is grid
    assert extra[0] is grid
    assert grid[0] is row
    assert grid == [[0, 1], [0, 1]]


def test_an_array_seen_through_a_view_changes_too() -> None:
    """A test that holds a row of a matrix would miss what an answer does to the matrix."""
    matrix = np.zeros((2, 2))
    row = matrix[0]
    call(lambda it: it.fill(5), matrix)
    assert row.tolist() == [5, 5]


def test_a_small_frame_of_everything_still_fits_a_message() -> None:
    """Limits made against forged messages would refuse honest ones."""
    scalars = [torch.tensor(float(number)) for number in range(3000)]
    assert len(there(scalars)) == 3000
    missing = pd.Series([pd.NA, pd.NaT, "x"] * 10_000, dtype=object)
    assert there(missing).tolist()[:2] == [pd.NA, pd.NaT]
    pairs = [Solved(float(number), []) for number in range(3000)]
    assert there(pairs)[-1].cost == 2999.0
    assert there(list(itertools.product(range(30), repeat=2)))[-1] == (29, 29)


class Helper:
    """A class that no setup defines."""


@pytest.mark.parametrize(
    "value",
    [
        Helper(),
        sys,
        object(),
        np.array([(1, 2.0)], dtype="i4,f8"),
        np.ma.masked_array([1, 2], [True, False]),
        np.random.Generator(np.random.MT19937(1)),
        random.SystemRandom(),
        memoryview(b"ab"),
        decimal.Decimal("1" * 20_000),
        [{"deep": (1, Helper())}],
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_plain_form_is_refused_by_name(value: Any) -> None:
    """It would arrive as something else, and a right answer would silently fail."""
    with pytest.raises(NotPlainError, match="be sent"):
        there(value)


def test_tuples_nested_too_deep_are_refused() -> None:
    """The other side could only answer that the message is damaged."""
    deep: Any = ()
    for _ in range(150):
        deep = (deep,)
    with pytest.raises(NotPlainError):
        there(deep)
