# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Streams and inventory: one pass, the right state, nothing lost
#
# **Time:** 110 minutes, of which 70 are exercises. **Needs:** Python dicts and `heapq`; numpy and matplotlib for the plots.
#
# > **The question, as you will hear it.**
# > "Our warehouse sends a stream of part movements: a part id and how many were added or taken.
# > Tell me every part whose stock was ever below zero, in the order in which that first happened.
# > The stream does not fit in memory, and you get to read it once."
#
# **What they listen for**
#
# - You say what state one pass needs *before* you write the loop, and what it costs per event and per part.
# - You notice that "ever" is about every moment, not about the final balance.
# - You name the edge cases aloud: a part that returns to zero, one that goes negative twice, an empty stream, an iterator that cannot be rewound.
#
# **Ask first:** where does each part start? Is zero negative? Once per part or once per crossing? Are events in time order, and can one arrive twice?
# And the question that shows you have seen a warehouse: how can a quantity be negative at all?
# (On the shelf it cannot. A *book balance* below zero means wrong opening stock, a late, missing or doubled scan, or a wrong part or unit: the query finds broken records.)
#
# The answers here: every part starts at 0, only below zero counts, once per part, and each event comes once and in order.
# Later in this notebook that last assumption falls.

# %% [markdown]
# ## Look at the stream before you write the loop
#
# For a plot we may keep the whole stream, which the answer must not.
# We make a small shift's worth of movements: receipts in lots, withdrawals one or two at a time.
# The generator is seeded, so you see the same shift as this page.

# %% tags=["setup"]
import heapq
import itertools
import random
from collections import Counter, defaultdict


def shift(n, parts, seed):
    """n movements (part_id, delta): lots come in, ones and twos go out."""
    draw = random.Random(seed)
    ids = [f"P{number:03d}" for number in range(parts)]
    for _ in range(n):
        part = draw.choice(ids)
        lot = draw.random() < 0.25
        yield part, draw.randint(3, 6) if lot else -draw.randint(1, 2)


# %%
movements = list(shift(400, 12, seed=4))
stock = Counter()
path = {part: [0] for part, _ in movements}  # running quantity of each part
for part, delta in movements:
    stock[part] += delta
    for other, quantities in path.items():
        quantities.append(stock[other])
below = {part: sum(q < 0 for q in path[part]) for part in path}
ever = {part for part in path if below[part]}
final = {part for part in path if stock[part] < 0}
print(f"{len(path)} parts: {len(ever)} were below zero at some moment,")
print(f"{len(final)} are below zero at the end")

# %% [markdown]
# Most parts that went below zero have recovered by the end.
# A query on the final balance, the first thing many candidates write, would miss all of those.
# The figure shows the part that was below zero the longest and still did not end there, beside one that never was.

# %% mystnb={"figure": {"caption": "Book balance of two parts over one shift of 400 movements; below zero is shaded."}, "image": {"alt": "Step plot of book balance against movement number for two parts. One spends a long stretch in the shaded region below zero and ends above it; the other never enters it."}}
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()

short = max(ever - final, key=below.get)
never = max(set(path) - ever, key=stock.get)
fig, ax = plt.subplots()
ax.step(range(401), path[short], where="post", label=short)
ax.step(range(401), path[never], "--", where="post", label=never)
ax.axhspan(min(path[short]), 0, color="gray", alpha=0.2)
ax.set_title("The end of a shift hides what happened in it")
ax.set(xlabel="movement number", ylabel="book balance (units)")
ax.legend(loc="lower right");

# %% [markdown]
# ## State first, loop second
#
# What must be remembered after each event so that the rest of the stream can be judged?
#
# - The running quantity of each part seen: a dict.
# - Which parts were reported already, in order: a dict, used as an ordered set.
#
# Per event that is a constant amount of work; memory grows with the number of *parts*, never with the number of events.
# Say both sentences aloud before you write code.
#
# A list would also keep the order, but asking a list whether it holds a part means looking through it.
# Here is what that costs when every part goes below zero.

# %%
import time


def seconds(reported, n):
    """Time n membership questions while `reported` grows to n ids."""
    start = time.perf_counter()
    for number in range(n):
        if number not in reported:
            if isinstance(reported, dict):
                reported[number] = True
            else:
                reported.append(number)
    return time.perf_counter() - start


# %%
import numpy as np

sizes = np.array([500, 1000, 2000, 4000, 8000])
timings = {
    "list": [min(seconds([], n) for _ in range(2)) for n in sizes],
    "dict": [min(seconds({}, n) for _ in range(5)) for n in sizes],
}
for name, spent in timings.items():
    slope, start = np.polyfit(np.log(sizes), np.log(spent), 1)
    later = np.exp(start + slope * np.log(1e5))
    print(f"{name}: grows like n^{slope:.1f}; for 100,000: {later:.0e} s")

# %% mystnb={"figure": {"caption": "Time to ask n membership questions of a container that grows to n ids, on logarithmic axes."}, "image": {"alt": "Log-log plot of seconds against n: the line of the list rises about twice as steeply as the line of the dict and lies above it."}}
fig, ax = plt.subplots()
for (name, spent), style in zip(timings.items(), ("o-", "s--")):
    ax.loglog(sizes, spent, style, label=name)
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_title("A list makes the one-pass loop quadratic")
ax.set(xlabel="distinct parts, n", ylabel="time (s)")
ax.legend();

# %% [markdown]
# The printed exponent is near 1 for the dict and near 2 for the list: ten times the parts, a hundred times the time.
# The last number of each line is extrapolated by that exponent, not measured: take it as right within a factor of two or three.

# %% [markdown]
# ## Exercise 1: parts that were ever negative (10 min)
#
# Write `parts_ever_negative(events)`.
#
# - `events`: any iterable of `(part_id, delta)`; `part_id` is a string, `delta` a whole number, perhaps 0. It may be a generator, which can be read only once.
# - Every part starts at 0. A part counts when its running quantity is **strictly** below zero after some event.
# - Returns a list of part ids, each once, in the order of their **first crossing** below zero. No events: an empty list.
# - If `events` is a list, it must not be changed.
# - Size: 100,000 events of 100,000 parts that all go below zero. Each exercise names its largest test like this; the grader stops an answer after 10 seconds of computing.
#
# The tests you can see are a sample. The hidden ones ask nothing that the text does not say.

# %% exercise="parts_ever_negative"
def parts_ever_negative(events):
    """Parts whose running quantity is ever below zero.

    Args:
        events: iterable of (part_id: str, delta: int), in time order; may
            be one-shot.

    Returns:
        list[str], each part once, in order of its first crossing.

    >>> parts_ever_negative([("a", -1), ("b", 2), ("b", -3), ("a", 5)])
    ['a', 'b']
    """
    ### BEGIN SOLUTION
    on_hand = defaultdict(int)
    negative = {}  # a dict keeps the order in which its keys came
    for part, delta in events:
        on_hand[part] += delta
        if on_hand[part] < 0:
            negative[part] = True
    return list(negative)
    ### END SOLUTION

# %% tests="parts_ever_negative" points=4
events = [("bolt", 2), ("nut", -1), ("bolt", -3), ("nut", 5), ("nut", -9)]
assert parts_ever_negative(events) == ["nut", "bolt"], "each part once"
assert parts_ever_negative([("seal", 3), ("seal", -3)]) == [], "0 is not < 0"
assert parts_ever_negative([("clip", -1), ("clip", 5)]) == ["clip"], "ever"
assert parts_ever_negative(iter(events)) == ["nut", "bolt"], "read it once"
assert parts_ever_negative([]) == [], "no events, no parts"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("parts_ever_negative")


def crossings(rows):
    """First crossing of each part, from the balance of every prefix."""
    first = {}
    for part in {name for name, _ in rows}:
        for end in range(1, len(rows) + 1):
            if sum(delta for name, delta in rows[:end] if name == part) < 0:
                first[part] = end
                break
    return sorted(first, key=first.get)


for case in range(400):
    names = draw.sample(["a", "B", "c", "d10", "d9", "e"], draw.randrange(1, 7))
    rows = [(draw.choice(names), draw.randint(-3, 3)) for _ in range(draw.randrange(25))]
    want = crossings(rows)
    if case % 2:
        assert parts_ever_negative(iter(rows)) == want, "a random stream, given as a one-shot iterator"
    else:
        given = list(rows)
        assert parts_ever_negative(given) == want, "a random stream, given as a list"
        assert given == rows, "the caller's list must stay as it was"
for case in range(40):
    rows = [("x", 1), ("x", -1), ("y", 1 + case), ("y", -1 - case)] * 2
    assert parts_ever_negative(rows) == [], "parts that come back to exactly zero"
    rows = [("late", 5), ("soon", -1 - case), ("late", -6), ("soon", 9), ("soon", -99)]
    assert parts_ever_negative(rows) == ["soon", "late"], "the first event and the first crossing differ in order"
wide = [(f"p{number}", draw.choice((-1, -2))) for number in range(100_000)]
assert parts_ever_negative(wide) == [part for part, _ in wide], "100,000 parts that all go below zero"
### END HIDDEN TESTS

# %% mistake="parts_ever_negative" active="py" name="final balance"
# A part goes to -2 at noon and a lot of 10 arrives at one. What does the balance at night still know about noon?
def parts_ever_negative(events):
    on_hand = {}
    for part, delta in events:
        on_hand[part] = on_hand.get(part, 0) + delta
    return [part for part, quantity in on_hand.items() if quantity < 0]

# %% mistake="parts_ever_negative" active="py" name="flags zero"
# Three seals came in and three went out. Was the shelf ever short of one?
def parts_ever_negative(events):
    on_hand = defaultdict(int)
    negative = {}
    for part, delta in events:
        on_hand[part] += delta
        if on_hand[part] <= 0:
            negative[part] = True
    return list(negative)

# %% mistake="parts_ever_negative" active="py" name="reports every crossing"
# Your reader wants one line per part to act on. What happens to a part that dips below zero twice?
def parts_ever_negative(events):
    on_hand = defaultdict(int)
    negative = []
    for part, delta in events:
        before = on_hand[part]
        on_hand[part] += delta
        if before >= 0 and on_hand[part] < 0:
            negative.append(part)
    return negative

# %% mistake="parts_ever_negative" active="py" name="order of first event"
# Part a moves first but part b falls below zero first. Which of the two must your list name first?
def parts_ever_negative(events):
    on_hand = {}
    negative = set()
    for part, delta in events:
        on_hand[part] = on_hand.get(part, 0) + delta
        if on_hand[part] < 0:
            negative.add(part)
    return [part for part in on_hand if part in negative]

# %% mistake="parts_ever_negative" active="py" name="sorts first"
# After sorting, does a receipt at nine still come before a withdrawal at ten?
def parts_ever_negative(events):
    on_hand = defaultdict(int)
    negative = {}
    for part, delta in sorted(events):
        on_hand[part] += delta
        if on_hand[part] < 0:
            negative[part] = True
    return list(negative)

# %% mistake="parts_ever_negative" active="py" name="reads the stream twice"
# If events is a generator, what is left in it after your first loop?
def parts_ever_negative(events):
    on_hand = {part: 0 for part, _ in events}
    negative = {}
    for part, delta in events:
        on_hand[part] += delta
        if on_hand[part] < 0:
            negative[part] = True
    return list(negative)

# %% mistake="parts_ever_negative" active="py" name="looks parts up in a list"
# How much work does your event number 50,000 cost, compared with the first? What does asking a list for a part cost?
def parts_ever_negative(events):
    on_hand = defaultdict(int)
    reported = []
    for part, delta in events:
        on_hand[part] += delta
        if on_hand[part] < 0 and part not in reported:
            reported.append(part)
    return reported

# %% accepts="parts_ever_negative" active="py" name="set and list, with get"
def parts_ever_negative(events):
    balance, seen, order = {}, set(), []
    for part, delta in events:
        now = balance.get(part, 0) + delta
        balance[part] = now
        if now < 0 and part not in seen:
            seen.add(part)
            order.append(part)
    return order

# %% accepts="parts_ever_negative" active="py" name="helper generator"
def crossings_below_zero(events):
    total = Counter()
    for part, delta in events:
        was = total[part]
        total[part] = was + delta
        if was >= 0 > total[part]:
            yield part


def parts_ever_negative(events):
    return list(dict.fromkeys(crossings_below_zero(events)))

# %% [markdown]
# ## From watching to deciding: reservations
#
# > "Now orders arrive. Each asks for several parts at once, and half an order is worthless:
# > either we reserve all of it or we leave the stock alone. Go through them in sequence."
#
# The trap is a failure in the middle.
# Take from stock part by part and stop at the first shortage, and the parts already taken are gone although the order was refused.

# %%
on_hand = {"cell": 10, "busbar": 1}
order = {"cell": 8, "busbar": 2}
for part, quantity in order.items():
    if on_hand[part] < quantity:
        print(f"refused: {part} is short")
        break
    on_hand[part] -= quantity
print("left on the shelf:", on_hand)

# %% [markdown]
# We observe 8 cells missing and no order that has them.
# One cure: **check everything, then change everything**. The check only reads, so a refusal needs no undoing.
# The other, which databases use, is to change at once and keep a log from which a failed order is undone.
#
# **Ask first:** may an order name a part we do not stock? May it be empty? May a later, smaller order overtake a refused one?
# The answers here: an unknown part means none on hand; an empty order is accepted; later orders are still tried.

# %% [markdown]
# ## Exercise 2: all or nothing (10 min)
#
# Write `reserve_inventory(inv, orders)`.
#
# - `inv`: dict from part id to units on hand, whole numbers of at least 0.
# - `orders`: list of dicts from part id to units wanted, whole numbers of at least 1; two orders may be equal. A part that is not in `inv` counts as 0 on hand. An empty order `{}` is accepted.
# - In sequence, accept an order if everything it asks for is still there, and reserve it; otherwise leave the stock alone and go on.
# - Returns `(accepted, remaining)`: the ascending list of positions (from 0) of accepted orders (a tuple of them is fine, too), and a **new** dict with exactly the keys of `inv`, in any order: parts that reached 0 included, unknown parts never added.
# - Neither `inv` nor any order may be changed, and the result never is `inv` itself, even if nothing was reserved.
# - Size: 2,000 orders over 1,000 parts.

# %% exercise="reserve_inventory"
def reserve_inventory(inv, orders):
    """Reserve orders in sequence, each in full or not at all.

    Args:
        inv: dict[str, int], units on hand, each >= 0; not changed.
        orders: list of dict[str, int], units wanted, each >= 1.

    Returns:
        (list[int], dict[str, int]): positions of accepted orders, and what
        remains of every part of inv (a new dict).

    >>> reserve_inventory({"a": 3, "b": 1}, [{"a": 2, "b": 1}, {"a": 2}])
    ([0], {'a': 1, 'b': 0})
    """
    ### BEGIN SOLUTION
    remaining = dict(inv)
    accepted = []
    for position, order in enumerate(orders):
        # Check all of it before taking any: a refusal has nothing to undo.
        if all(remaining.get(p, 0) >= n for p, n in order.items()):
            for part, wanted in order.items():
                remaining[part] -= wanted
            accepted.append(position)
    return accepted, remaining
    ### END SOLUTION

# %% tests="reserve_inventory" points=4
inv = {"cell": 10, "busbar": 2}
orders = [{"cell": 8, "busbar": 3}, {"cell": 10}, {"lid": 1}, {}]
accepted, remaining = reserve_inventory(inv, orders)
assert list(accepted) == [1, 3], "only orders 1 and 3 fit"
assert remaining == {"cell": 0, "busbar": 2}, "a refusal changes nothing"
twice = [{"busbar": 2}, {"busbar": 2}, {"cell": 1}]
accepted, remaining = reserve_inventory(inv, twice)
assert list(accepted) == [0, 2], "the first order took all busbars"
assert remaining == {"cell": 9, "busbar": 0}
assert inv == {"cell": 10, "busbar": 2}, "the caller's dict must not change"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("reserve_inventory")


def replay(stock, wishes):
    """Each order judged from the original stock and the orders accepted before it."""
    good = []
    for number, wish in enumerate(wishes):
        left = {part: stock.get(part, 0) - sum(wishes[k].get(part, 0) for k in good) for part in wish}
        if all(left[part] >= wish[part] for part in wish):
            good.append(number)
    rest = {part: stock[part] - sum(wishes[k].get(part, 0) for k in good) for part in stock}
    return good, rest


for _ in range(400):
    stock = {part: draw.randrange(6) for part in draw.sample("abcdef", draw.randrange(1, 6))}
    wishes = []
    for _ in range(draw.randrange(1, 9)):
        names = draw.sample("abcdefg", draw.choice((0, 1, 1, 2, 2, 3)))
        wishes.append({part: draw.randrange(1, 4) for part in names})
    before, asked = dict(stock), [dict(wish) for wish in wishes]
    accepted, remaining = reserve_inventory(stock, wishes)
    good, rest = replay(before, asked)
    assert list(accepted) == good, "which of some random orders are accepted"
    assert remaining == rest, "what remains after some random orders"
    assert stock == before, "the caller's stock must stay as it was"
    assert wishes == asked, "the caller's orders must stay as they were"
for units in range(1, 30):
    accepted, remaining = reserve_inventory({"a": units, "b": 0}, [{"a": units}, {"a": 1}, {"b": 1}])
    assert (list(accepted), remaining) == ([0], {"a": 0, "b": 0}), "a part that is used up stays listed at 0"
    accepted, remaining = reserve_inventory({"a": units}, [{"a": units + 1}, {"a": 1, "zz": 1}, {"a": 1}])
    assert (list(accepted), remaining) == ([2], {"a": units - 1}), "an order refused for its last part leaves the stock alone"
    accepted, remaining = reserve_inventory({}, [{}] * units + [{"a": 1}])
    assert (list(accepted), remaining) == (list(range(units)), {}), "empty orders, and no stock at all"
for stock, wishes in (({"a": 1}, []), ({"a": 1}, [{}]), ({"a": 1}, [{"a": 2}]), ({}, [])):
    accepted, remaining = reserve_inventory(stock, wishes)
    assert list(accepted) == [n for n, wish in enumerate(wishes) if not wish], "nothing to reserve"
    assert remaining == stock, "nothing to reserve"
    assert remaining is not stock, "nothing to reserve: the result must still be a new dict"
many = [{f"p{number}": 1} for number in range(2_000)]
accepted, remaining = reserve_inventory({f"p{number}": 1 for number in range(0, 2_000, 2)}, many)
assert list(accepted) == list(range(0, 2_000, 2)), "2,000 orders over 1,000 parts"
### END HIDDEN TESTS

# %% mistake="reserve_inventory" active="py" name="no way back"
# The third part of an order is short. Who gives back the first two that you already took?
def reserve_inventory(inv, orders):
    remaining = dict(inv)
    accepted = []
    for position, order in enumerate(orders):
        for part, wanted in order.items():
            if remaining.get(part, 0) < wanted:
                break
            remaining[part] -= wanted
        else:
            accepted.append(position)
    return accepted, remaining

# %% mistake="reserve_inventory" active="py" name="changes the caller's stock"
# After your function returns, what does the caller's own `inv` say? Who else might be reading it?
def reserve_inventory(inv, orders):
    accepted = []
    for position, order in enumerate(orders):
        if all(inv.get(p, 0) >= n for p, n in order.items()):
            for part, wanted in order.items():
                inv[part] -= wanted
            accepted.append(position)
    return accepted, dict(inv)

# %% mistake="reserve_inventory" active="py" name="drops parts at zero"
# How does your reader tell a part that has run out from a part that was never stocked?
def reserve_inventory(inv, orders):
    remaining = dict(inv)
    accepted = []
    for position, order in enumerate(orders):
        if all(remaining.get(p, 0) >= n for p, n in order.items()):
            for part, wanted in order.items():
                remaining[part] -= wanted
            accepted.append(position)
    return accepted, {p: left for p, left in remaining.items() if left > 0}

# %% mistake="reserve_inventory" active="py" name="unknown part crashes"
# A sales system sends a part number you do not stock. Should the orders behind it go unanswered?
def reserve_inventory(inv, orders):
    remaining = dict(inv)
    accepted = []
    for position, order in enumerate(orders):
        if all(remaining[p] >= n for p, n in order.items()):
            for part, wanted in order.items():
                remaining[part] -= wanted
            accepted.append(position)
    return accepted, remaining

# %% mistake="reserve_inventory" active="py" name="unknown parts appear"
# Which keys may the result have? Look at what merely asking a defaultdict for a part does to it.
def reserve_inventory(inv, orders):
    remaining = defaultdict(int, inv)
    accepted = []
    for position, order in enumerate(orders):
        if all(remaining[p] >= n for p, n in order.items()):
            for part, wanted in order.items():
                remaining[part] -= wanted
            accepted.append(position)
    return accepted, dict(remaining)

# %% mistake="reserve_inventory" active="py" name="stops at the first refusal"
# One customer wants more than you have. Why should the next customer, who wants less, leave empty-handed?
def reserve_inventory(inv, orders):
    remaining = dict(inv)
    accepted = []
    for position, order in enumerate(orders):
        if not all(remaining.get(p, 0) >= n for p, n in order.items()):
            break
        for part, wanted in order.items():
            remaining[part] -= wanted
        accepted.append(position)
    return accepted, remaining

# %% mistake="reserve_inventory" active="py" name="checks the original stock"
# Two orders each want the last ten cells. Which number does your check look at for the second one?
def reserve_inventory(inv, orders):
    remaining = dict(inv)
    accepted = []
    for position, order in enumerate(orders):
        if all(inv.get(p, 0) >= n for p, n in order.items()):
            for part, wanted in order.items():
                remaining[part] -= wanted
            accepted.append(position)
    return accepted, remaining

# %% accepts="reserve_inventory" active="py" name="trial copy per order"
def reserve_inventory(inv, orders):
    stock, taken = dict(inv), []
    for number, order in enumerate(orders):
        missing = [p for p in order if order[p] > stock.get(p, 0)]
        if missing:
            continue
        taken.append(number)
        stock.update({p: stock[p] - order[p] for p in order})
    return taken, stock

# %% accepts="reserve_inventory" active="py" name="backup and restore"
import copy


def reserve_inventory(inv, orders):
    stock = copy.deepcopy(inv)
    done = []
    for i in range(len(orders)):
        backup = copy.deepcopy(stock)
        try:
            for part in orders[i]:
                stock[part] -= orders[i][part]
                if stock[part] < 0:
                    raise KeyError(part)
            done.append(i)
        except KeyError:
            stock = backup
    return done, stock

# %% [markdown]
# ## When events arrive late, twice, or out of order
#
# So far events came in order. Scanners lose the network and send their backlog later, and a queue that promises *at least once* delivers some rows twice.
# Then "the last row that arrived" and "the last thing that happened" are two different rows.
#
# Here 20 vehicles pass stations; at each one a row is sent on entering and one on leaving, within the same minute.
# Each row carries the vehicle, its **event time** in minutes, a **sequence** number that the scanner counts from 0 within the minute, and what happened; delivery takes 8 minutes on average.

# %%
draw = random.Random(11)
sent = []
for minute in range(150):
    vehicle = f"V{draw.randrange(20)}"
    for step, verb in enumerate(("enters", "leaves")):
        event = f"{verb} station {minute % 9}"
        sent.append((vehicle, minute, step, event))
arrived = sorted(sent, key=lambda row: row[1] + draw.expovariate(1 / 8))
truth = {row[0]: row[3] for row in sent}
by_arrival = {row[0]: row[3] for row in arrived}
by_minute = {row[0]: row[3] for row in sorted(arrived, key=lambda r: r[1])}
for rule, state in (("arrival", by_arrival), ("event time", by_minute)):
    wrong = sum(state[key] != truth[key] for key in truth)
    print(f"last by {rule}: {wrong} of {len(truth)} vehicles wrong")

# %% [markdown]
# We observe that arrival gets most vehicles wrong, and that event time alone still gets half of them wrong: entering and leaving share a minute, and only the sequence tells which came later.
# The sequence alone would not do either, because the scanner starts it again.
#
# So the rule, if each key has one source: **the largest (event time, sequence) wins.**
# If rows with an equal pair also carry equal values, this update is *commutative* (the order of arrival does not matter) and *idempotent* (twice is the same as once), which is what lets you replay a day without fear.

# %% [markdown]
# ## Exercise 3: the latest state (10 min)
#
# Write `latest_state(events)`.
#
# - `events`: any iterable, perhaps one-shot, of `(key, event_time, sequence, value)`; `key` is a string, `event_time` and `sequence` are whole numbers and may be negative.
# - For each key keep the value of the row with the largest `(event_time, sequence)`: later event time first, and at equal event time the larger sequence.
# - If two rows of a key have an equal pair, keep **the one that arrived first**, even if their values differ: the later one is taken for a redelivery, which must change nothing. Only here does arrival matter.
# - `None` is a value like any other, not a deletion.
# - Returns a dict from key to value; no events: an empty dict. You may hold all rows in memory, but need not.
# - Size: 100,000 rows of 1,000 keys.

# %% exercise="latest_state"
def latest_state(events):
    """The last known value of each key; of equal pairs the first to arrive.

    Args:
        events: iterable of (key: str, event_time: int, sequence: int,
            value: any), in order of arrival; may be one-shot.

    Returns:
        dict[str, any], the value of the largest (event_time, sequence).

    >>> latest_state([("v1", 9, 1, "paint"), ("v1", 7, 2, "body")])
    {'v1': 'paint'}
    """
    ### BEGIN SOLUTION
    stamp = {}
    state = {}
    for key, event_time, sequence, value in events:
        # Strictly later, so that a redelivery changes nothing.
        if key not in stamp or (event_time, sequence) > stamp[key]:
            stamp[key] = (event_time, sequence)
            state[key] = value
    return state
    ### END SOLUTION

# %% tests="latest_state" points=4
rows = [("v1", 5, 1, "body"), ("v2", 5, 1, "body"), ("v1", 4, 9, "stamping")]
assert latest_state(rows) == {"v1": "body", "v2": "body"}, "late row ignored"
rows += [("v2", 5, 2, None), ("v1", 5, 1, "a redelivery")]
want = {"v1": "body", "v2": None}
assert latest_state(iter(rows)) == want, "None is a value; first of a pair"
rows = [("v3", -4, 8, "body"), ("v3", -3, 1, "paint"), ("v3", -9, 9, "x")]
assert latest_state(rows) == {"v3": "paint"}, "time first, then sequence"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("latest_state")


def newest(rows):
    """The first arrival among the rows with the largest pair, key by key."""
    found = {}
    for key in {row[0] for row in rows}:
        mine = [row for row in rows if row[0] == key]
        top = max((row[1], row[2]) for row in mine)
        found[key] = next(row[3] for row in mine if (row[1], row[2]) == top)
    return found


for case in range(400):
    low = draw.choice((-9, -3, 0, 100))
    rows = [
        (draw.choice("abcd"), low + draw.randrange(4), draw.randint(-2, 2), draw.choice((None, 0, "x", "y", "z", 7)))
        for _ in range(draw.randrange(16))
    ]
    given = iter(rows) if case % 2 else list(rows)
    assert latest_state(given) == newest(rows), "random rows, out of order and with redeliveries"
for case in range(40):
    base = draw.randrange(-50, 50)
    rows = [("k", base, case, "first"), ("k", base, case, "again")]
    assert latest_state(rows) == {"k": "first"}, "an equal pair: the first arrival is kept"
    rows = [("k", base, 5, "old"), ("k", base + 1, 0, None)]
    assert latest_state(rows) == {"k": None}, "the latest value is None"
    rows = [("k", -2 - case, 3, "only")]
    assert latest_state(rows) == {"k": "only"}, "negative times"
    rows = [("k", -(10**12) - case, -(10**12), "only")]
    assert latest_state(rows) == {"k": "only"}, "times far below zero"
    rows = [("k", base + 1, -(10**9), "new"), ("k", base, 10**9 + case, "old")]
    assert latest_state(rows) == {"k": "new"}, "a huge sequence at an earlier time"
long = [(f"k{number % 1000}", number * 7919 % 100_003, 0, number) for number in range(100_000)]
assert len(latest_state(long)) == 1000, "100,000 rows"
### END HIDDEN TESTS

# %% mistake="latest_state" active="py" name="last arrival wins"
# A scanner was offline for an hour and now sends its backlog. Which of its rows should move the vehicle?
def latest_state(events):
    return {key: value for key, _, _, value in events}

# %% mistake="latest_state" active="py" name="redelivery overwrites"
# The queue delivers a row again. If the state may change then, can you still replay yesterday safely?
def latest_state(events):
    stamp, state = {}, {}
    for key, event_time, sequence, value in events:
        if key not in stamp or (event_time, sequence) >= stamp[key]:
            stamp[key] = (event_time, sequence)
            state[key] = value
    return state

# %% mistake="latest_state" active="py" name="ignores the sequence"
# Two rows carry the same second. What did the source send along to tell which came later?
def latest_state(events):
    stamp, state = {}, {}
    for key, event_time, _sequence, value in events:
        if key not in stamp or event_time > stamp[key]:
            stamp[key] = event_time
            state[key] = value
    return state

# %% mistake="latest_state" active="py" name="None deletes"
# Is "we know that there is no value" the same as "we know nothing about this key"?
def latest_state(events):
    stamp, state = {}, {}
    for key, event_time, sequence, value in events:
        if key not in stamp or (event_time, sequence) > stamp[key]:
            stamp[key] = (event_time, sequence)
            state[key] = value
    return {key: value for key, value in state.items() if value is not None}

# %% mistake="latest_state" active="py" name="starts at minus one"
# Your first comparison is against a made-up time. Which real rows lose against it?
def latest_state(events):
    stamp, state = {}, {}
    for key, event_time, sequence, value in events:
        if (event_time, sequence) > stamp.get(key, (-1, -1)):
            stamp[key] = (event_time, sequence)
            state[key] = value
    return state

# %% mistake="latest_state" active="py" name="both must be larger"
# A row is one minute later but its sequence is smaller. Which of the two numbers decides?
def latest_state(events):
    stamp, state = {}, {}
    for key, event_time, sequence, value in events:
        old = stamp.get(key)
        if old is None or (event_time >= old[0] and sequence > old[1]):
            stamp[key] = (event_time, sequence)
            state[key] = value
    return state

# %% accepts="latest_state" active="py" name="stable sort, later rows overwrite"
def latest_state(events):
    arrived = list(events)
    # Of equal pairs the first arrival must come last to win, so reverse
    # before sorting: sorting is stable.
    ordered = sorted(reversed(arrived), key=lambda row: (row[1], row[2]))
    return {key: value for key, _, _, value in ordered}

# %% accepts="latest_state" active="py" name="one tuple per key"
def latest_state(events):
    best = {}
    for arrival, (key, event_time, sequence, value) in enumerate(events):
        rank = (event_time, sequence, -arrival)
        if key not in best or rank > best[key][0]:
            best[key] = (rank, value)
    return {key: value for key, (_, value) in best.items()}

# %% [markdown]
# ## Many feeds, one timeline
#
# > "Each plant sends its own feed, sorted by time. Give me one sorted feed.
# > They never end, so do not read them into memory."
#
# Appending all feeds and sorting needs all rows at once.
# But at any moment the next row of the result can only be one of the *heads* of the feeds: each feed is sorted, so nothing behind a head is earlier.
# With $k$ feeds, a **heap** of $k$ heads gives the smallest in $O(\log k)$.

# %%
heads = [(7, "Fremont"), (3, "Austin"), (5, "Berlin")]
heapq.heapify(heads)
while heads:
    print(heapq.heappop(heads))

# %% [markdown]
# Tuples compare element by element, and that is where it breaks: at equal times the heap goes on to compare what comes next.

# %%
heads = [(5, {"part": "cell"}), (5, {"part": "lid"})]
try:
    heapq.heapify(heads)
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# We observe a crash that no test with distinct times would have shown.
# If the payloads were strings it would be worse: no crash, and ties ordered by payload.
# So put something between time and row that is unique, and that means the order you promised. What could it be?

# %% [markdown]
# ## Exercise 4: merge feeds (15 min)
#
# Write `merge_feeds(feeds)`.
#
# - `feeds`: a list, possibly `[]`, of different iterables; each may be empty, one-shot or endless. Rows are tuples `(ts, …)` whose first element is a whole number; each feed is sorted by `ts`, and what follows in a row need not be comparable.
# - Returns an **iterator** of all rows, unchanged (equal rows stay as often as they came), sorted by `ts`. At equal `ts` all rows of the feed that comes first in the list come first, in that feed's own order.
# - **Lazy:** at any moment at most one row of each feed has been read but not returned.
# - Size: three feeds of 20,000 rows. (With so few feeds a scan of the heads passes as well as a heap; say what a thousand feeds would cost.)
#
# `heapq.merge` is allowed; be ready to write it by hand, because that is the next thing they ask.

# %% exercise="merge_feeds"
def merge_feeds(feeds):
    """Merge sorted feeds into one, reading as little as possible.

    Args:
        feeds: list of iterables of tuples (ts: int, ...), each sorted by ts.

    Returns:
        iterator of the same tuples, sorted by ts; ties by feed index.

    >>> list(merge_feeds([[(1, "a"), (4, "b")], [(1, "c"), (2, "d")]]))
    [(1, 'a'), (1, 'c'), (2, 'd'), (4, 'b')]
    """
    ### BEGIN SOLUTION
    heap = []
    for index, feed in enumerate(feeds):
        rows = iter(feed)
        for row in rows:  # the first row only; an empty feed has none
            heap.append((row[0], index, row, rows))
            break
    heapq.heapify(heap)
    while heap:
        _, index, row, rows = heap[0]
        yield row
        # The index is unique in the heap, so rows are never compared.
        following = next(rows, None)
        if following is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (following[0], index, following, rows))
    ### END SOLUTION

# %% tests="merge_feeds" points=5
left = [(1, "left"), (5, {"qty": 1})]
right = [(1, "a"), (5, {"qty": 2}), (6, None)]
merged = merge_feeds([iter(left), right, []])
assert next(merged) == (1, "left"), "an iterator; the first feed wins a tie"
rest = [(1, "a"), (5, {"qty": 1}), (5, {"qty": 2}), (6, None)]
assert list(merged) == rest, "rows that cannot be compared"
same = merge_feeds([[(5, "a1"), (5, "a2")], [(5, "b1")]])
assert [name for _, name in same] == ["a1", "a2", "b1"], "a whole feed first"


def clock(step, limit):
    """Rows at 0, step, 2*step …; complains when it is read too far."""
    for number in range(limit):
        yield (number * step, f"every {step}")
    raise RuntimeError("this feed was read too far ahead")


ticks = itertools.islice(merge_feeds([clock(2, 4), clock(3, 3)]), 5)
assert [ts for ts, _ in ticks] == [0, 0, 2, 3, 4], "lazy: one row ahead"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("merge_feeds")


def random_feed(rows, span, number):
    """A sorted feed; payloads say nothing about the order of the feeds."""
    times = sorted(draw.randrange(span) for _ in range(rows))
    return [(ts, draw.randrange(100), number) for ts in times]


def guarded(rows, allowed):
    """The rows, as a feed that complains when more than `allowed` of them are asked for."""
    yield from rows[:allowed]
    if allowed < len(rows):
        raise RuntimeError("read too far ahead")


def in_order(feeds):
    """(feed, row) by time, then feed, then place."""
    keyed = [(row[0], index, place, row) for index, feed in enumerate(feeds) for place, row in enumerate(feed)]
    return [(index, row) for _, index, _, row in sorted(keyed, key=lambda item: item[:3])]


for case in range(200):
    count = draw.randrange(6)
    feeds = [random_feed(draw.randrange(9), draw.choice((2, 5, 40)), number) for number in range(count)]
    want = [row for _, row in in_order(feeds)]
    got = list(merge_feeds([iter(feed) for feed in feeds]))
    assert got == want, "random feeds with many ties, some of them empty"
for case in range(60):
    feeds = [random_feed(30, 60, number) for number in range(draw.randrange(2, 5))]
    want = in_order(feeds)
    wanted = draw.randrange(1, 20)
    taken = [sum(index == number for index, _ in want[:wanted]) for number in range(len(feeds))]
    merged = merge_feeds([guarded(feed, used + 1) for feed, used in zip(feeds, taken)])
    got = list(itertools.islice(merged, wanted))
    assert got == [row for _, row in want[:wanted]], "endless feeds, of which only the first rows are wanted"
for case in range(20):
    feeds = [[(case, {"n": 1}), (case, {"n": 2})], [(case, [3])], [(case, None)]]
    got = list(merge_feeds(feeds))
    assert got == [row for feed in feeds for row in feed], "equal times with payloads that cannot be compared"
assert list(merge_feeds([])) == [], "no feeds"
long = [[(ts, number) for ts in range(number, 60_000, 3)] for number in range(3)]
assert [ts for ts, _ in merge_feeds(long)] == list(range(60_000)), "three feeds of 20,000 rows"
### END HIDDEN TESTS

# %% mistake="merge_feeds" active="py" name="sorts everything"
# The feed never ends. When does your sort return its first row?
def merge_feeds(feeds):
    rows = (row for feed in feeds for row in feed)
    yield from sorted(rows, key=lambda row: row[0])

# %% mistake="merge_feeds" active="py" name="compares whole rows"
# Two plants send a row in the same second. What does your heap compare next, and is that the order you promised?
def merge_feeds(feeds):
    heap = []
    for feed in feeds:
        rows = iter(feed)
        for row in rows:
            heap.append((row, len(heap), rows))
            break
    heapq.heapify(heap)
    while heap:
        row, index, rows = heap[0]
        yield row
        following = next(rows, None)
        if following is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (following, index, rows))

# %% mistake="merge_feeds" active="py" name="later feed wins ties"
# At equal times, which of two feeds did the text put first?
def merge_feeds(feeds):
    heap = []
    for index, feed in enumerate(feeds):
        rows = iter(feed)
        for row in rows:
            heap.append((row[0], -index, row, rows))
            break
    heapq.heapify(heap)
    while heap:
        _, index, row, rows = heap[0]
        yield row
        following = next(rows, None)
        if following is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (following[0], index, following, rows))

# %% mistake="merge_feeds" active="py" name="ties by when they were pushed"
# Feed 0 has two rows at noon, feed 1 has one. Which of the three was pushed onto your heap last, and where does it belong?
def merge_feeds(feeds):
    heap, pushes = [], itertools.count()
    for feed in feeds:
        rows = iter(feed)
        for row in rows:
            heap.append((row[0], next(pushes), row, rows))
            break
    heapq.heapify(heap)
    while heap:
        _, _, row, rows = heap[0]
        yield row
        following = next(rows, None)
        if following is None:
            heapq.heappop(heap)
        else:
            entry = (following[0], next(pushes), following, rows)
            heapq.heapreplace(heap, entry)

# %% mistake="merge_feeds" active="py" name="ends with the shortest feed"
# One plant closes for the night. What should the other plants' rows do?
def merge_feeds(feeds):
    heap = []
    for index, feed in enumerate(feeds):
        rows = iter(feed)
        for row in rows:
            heap.append((row[0], index, row, rows))
            break
    heapq.heapify(heap)
    while heap:
        _, index, row, rows = heap[0]
        yield row
        following = next(rows, None)
        if following is None:
            return
        heapq.heapreplace(heap, (following[0], index, following, rows))

# %% mistake="merge_feeds" active="py" name="one feed after the other"
# Each feed is sorted. Is one feed appended to another sorted too?
def merge_feeds(feeds):
    return itertools.chain.from_iterable(feeds)

# %% accepts="merge_feeds" active="py" name="heapq.merge"
def merge_feeds(feeds):
    return heapq.merge(*feeds, key=lambda row: row[0])

# %% accepts="merge_feeds" active="py" name="list of heads and min"
class _Head:
    def __init__(self, index, feed):
        self.index, self.rows = index, iter(feed)
        self.advance()

    def advance(self):
        self.row = next(self.rows, None)


def merge_feeds(feeds):
    heads = list(itertools.starmap(_Head, enumerate(feeds)))
    heads = [head for head in heads if head.row is not None]
    while heads:
        first = min(heads, key=lambda head: (head.row[0], head.index))
        yield first.row
        first.advance()
        heads = [head for head in heads if head.row is not None]

# %% [markdown]
# ## What moved most?
#
# > "Which parts cause the most handling? Top k, please."
#
# *Handling* counts both directions: five in and five out is ten units touched and a net change of zero.
# The second trap is the tie: an order left to chance changes with the order of delivery, and somebody will chase that difference.

# %%
moves = [("lid", 5), ("seal", 8), ("cell", 9), ("lid", -5), ("seal", 1)]
net, handled = Counter(), Counter()
for part, delta in moves:
    net[part] += delta
    handled[part] += abs(delta)
print("net:    ", net.most_common())
print("handled:", handled.most_common())

# %% [markdown]
# We observe that the lid is last by net change and first by handling.
# Seal and cell are tied, and `most_common` lists the one that came first: shuffle the rows and the answer changes.

# %% [markdown]
# ## Exercise 5: the busiest parts (8 min)
#
# Write `top_k_parts(events, k)`.
#
# - `events`: any iterable, perhaps one-shot, of `(part_id, delta)`; `part_id` is a string, `delta` a whole number, perhaps 0.
# - Rank parts by the total of $|\text{delta}|$, largest first; equal totals by part id, ascending as Python compares strings (`"B"` before `"a"`, `"d10"` before `"d9"`). Every part that occurs is ranked, even with a total of 0.
# - Returns a list of at most `k` part ids; fewer parts than `k`: all of them; `k` of 0 or less: an empty list.
# - Size: 100,000 movements of 70,000 parts, small `k`.

# %% exercise="top_k_parts"
def top_k_parts(events, k):
    """The k parts with the most units handled.

    Args:
        events: iterable of (part_id: str, delta: int); may be one-shot.
        k: int, how many parts at most.

    Returns:
        list[str], by total |delta| descending, then by id ascending.

    >>> top_k_parts([("b", 2), ("a", -2), ("c", 1), ("c", -2)], 2)
    ['c', 'a']
    """
    ### BEGIN SOLUTION
    handled = Counter()
    for part, delta in events:
        handled[part] += abs(delta)
    ranked = heapq.nsmallest(
        max(k, 0), handled.items(), key=lambda item: (-item[1], item[0])
    )
    return [part for part, _ in ranked]
    ### END SOLUTION

# %% tests="top_k_parts" points=3
moves = [("seal", 8), ("lid", 5), ("cell", 9), ("lid", -5), ("seal", -1)]
assert top_k_parts(moves, 1) == ["lid"], "in and out both count"
assert top_k_parts(iter(moves), 9) == ["lid", "cell", "seal"], "ties by id"
tied = [("d9", 1), ("B", 1), ("d10", -1), ("a", 0)]
assert top_k_parts(tied, 2) == ["B", "d10"], "a tie at the cut-off"
assert top_k_parts(moves, 0) == [], "k of 0 or less: nothing"
assert top_k_parts(moves, -1) == [], "k of 0 or less: nothing"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("top_k_parts")
for case in range(400):
    names = draw.sample(["a", "B", "c", "d10", "d9", "e", "f"], draw.randrange(1, 8))
    rows = [(draw.choice(names), draw.randint(-3, 3)) for _ in range(draw.randrange(20))]
    wanted = draw.randint(-1, 8)
    total = {name: sum(abs(delta) for part, delta in rows if part == name) for name, _ in rows}
    want = sorted(sorted(total), key=lambda name: total[name], reverse=True)[: max(wanted, 0)]
    given = iter(rows) if case % 2 else list(rows)
    assert top_k_parts(given, wanted) == want, "random movements with ties"
for case in range(1, 120):
    names = draw.sample("abcdefgh", 6)
    rows = [(name, draw.choice((-case, case))) for name in names]
    assert top_k_parts(rows, 4) == sorted(names)[:4], "equal totals go by id"
    rows = [("out", -3 * case), ("in", case), ("both", 2 * case), ("both", -2 * case)]
    assert top_k_parts(rows, 3) == ["both", "out", "in"], "taking out counts as much as putting in"
    assert top_k_parts(rows, -case) == [], "k below zero"
wide = [(f"p{number % 70_000}", 1) for number in range(100_000)]
assert top_k_parts(wide, 3) == ["p0", "p1", "p10"], "100,000 movements of 70,000 parts"
### END HIDDEN TESTS

# %% mistake="top_k_parts" active="py" name="net instead of handled"
# Ten units come in and ten go out. How many did somebody carry, and what does your sum say?
def top_k_parts(events, k):
    total = Counter()
    for part, delta in events:
        total[part] += delta
    ranked = sorted(total, key=lambda part: (-total[part], part))
    return ranked[: max(k, 0)]

# %% mistake="top_k_parts" active="py" name="ties by arrival"
# Two parts have the same total. Would tomorrow's run, with the same rows in another order, list them alike?
def top_k_parts(events, k):
    total = Counter()
    for part, delta in events:
        total[part] += abs(delta)
    return [part for part, _ in total.most_common(max(k, 0))]

# %% mistake="top_k_parts" active="py" name="ties backward"
# Reversing a sort reverses every part of its key. Which of yours should have stayed ascending?
def top_k_parts(events, k):
    total = Counter()
    for part, delta in events:
        total[part] += abs(delta)
    ranked = sorted(total, key=lambda part: (total[part], part), reverse=True)
    return ranked[: max(k, 0)]

# %% mistake="top_k_parts" active="py" name="counts events"
# One movement of 50 units and one of 1 unit: do they mean the same amount of handling?
def top_k_parts(events, k):
    total = Counter(part for part, _ in events)
    return sorted(total, key=lambda part: (-total[part], part))[: max(k, 0)]

# %% mistake="top_k_parts" active="py" name="negative k slices"
# In Python, what is `ranked[:-1]`?
def top_k_parts(events, k):
    total = Counter()
    for part, delta in events:
        total[part] += abs(delta)
    return sorted(total, key=lambda part: (-total[part], part))[:k]

# %% mistake="top_k_parts" active="py" name="absolute value of the net"
# Ten in, ten out. At which moment must the sign be dropped so that this counts as twenty?
def top_k_parts(events, k):
    total = Counter()
    for part, delta in events:
        total[part] += delta
    ranked = sorted(total, key=lambda part: (-abs(total[part]), part))
    return ranked[: max(k, 0)]

# %% accepts="top_k_parts" active="py" name="two stable sorts"
def top_k_parts(events, k):
    if k <= 0:
        return []
    total = {}
    for part, delta in events:
        total[part] = total.get(part, 0) + (delta if delta > 0 else -delta)
    names = sorted(total)
    names.sort(key=total.get, reverse=True)
    return names[:k]

# %% [markdown]
# ## A statistic that keeps up with the stream
#
# > "Show the median cycle time of the line, updated with every vehicle."
#
# Sorting everything again for each vehicle costs $O(n \log n)$ per update; even sorting a list that is sorted but for one value looks at all $n$.
# All that the median needs is the boundary between the lower and the upper half:
#
# - a heap whose top is the **largest of the lower half**,
# - a heap whose top is the **smallest of the upper half**,
# - sizes that differ by at most one.
#
# %%
seen = []
for x in [61, 58, 75, 59, 60]:
    seen = sorted([*seen, x])
    cut = (len(seen) + 1) // 2
    print(f"after {x}: lower half {seen[:cut]}, upper half {seen[cut:]}")

# %% [markdown]
# We observe that only the last of the lower half and the first of the upper half ever matter, and that a new value moves at most one value across the boundary.
# With heaps that is a few operations of $O(\log n)$ each. Before Python 3.14 `heapq` has min-heaps only; store the lower half negated.
#
# **Ask first:** what is the median of an even number of values? What before the first value?
# The answers here: the mean of the two middle ones; before the first value there is none, and asking is an error.

# %% [markdown]
# ## Exercise 6: a running median (17 min)
#
# Write the class `RunningMedian`.
#
# - `add(x)` takes one number of magnitude at most $10^{12}$, `int` or `float` in any mix, and returns `None`.
# - `median()` returns the median of everything added so far, as a `float`; for an even count the mean of the two middle values. Before the first `add` it raises `ValueError`.
# - Calls come in any mix: `median()` may be asked after every `add`, or twice in a row.
# - Size: 100,000 calls of `add` and 100,000 of `median`. Floats are compared to a relative $10^{-9}$.
#
# A sorted list with `bisect.insort` is fast enough to pass at this size; say in the interview why its insertion is $O(n)$ all the same.

# %% exercise="RunningMedian"
class RunningMedian:
    """The median of a growing collection of numbers.

    >>> m = RunningMedian()
    >>> m.add(3)
    >>> m.add(8)
    >>> m.median()
    5.5
    """

    def __init__(self):
        ### BEGIN SOLUTION
        self._low = []  # the lower half, negated: its largest value on top
        self._high = []  # the upper half: its smallest value on top
        ### END SOLUTION

    def add(self, x):
        """Add one number."""
        ### BEGIN SOLUTION
        heapq.heappush(self._low, -x)
        heapq.heappush(self._high, -heapq.heappop(self._low))
        if len(self._high) > len(self._low):
            heapq.heappush(self._low, -heapq.heappop(self._high))
        ### END SOLUTION

    def median(self):
        """The median of all numbers so far, a float."""
        ### BEGIN SOLUTION
        if not self._low:
            raise ValueError("no values yet")
        if len(self._low) > len(self._high):
            return float(-self._low[0])
        return (self._high[0] - self._low[0]) / 2
        ### END SOLUTION

# %% [markdown]
# The next cell belongs to the tests: it asks your class for the median after each of many values. You need not edit it.

# %% probe="RunningMedian"
def medians_of(values):
    """The median after each value, from one RunningMedian."""
    line = RunningMedian()
    found = []
    for value in values:
        line.add(value)
        found.append(line.median())
    return found

# %% tests="RunningMedian" points=5
line = RunningMedian()
assert line.add(75) is None, "add returns nothing"
assert line.median() == 75.0, "one value is its own median"
line.add(58)
assert line.median() == 66.5, "an even count: the mean of the middle two"
assert isinstance(line.median(), float), "a float, not an int"
line.add(60)
assert line.median() == 60.0, "an odd count: the middle one"
assert line.median() == 60.0, "asking changes nothing"
assert medians_of([2, 1]) == [2.0, 1.5], "asked after every value"
assert medians_of([5, -5, 0.5, 7, 8]) == [5.0, 0.0, 0.5, 2.75, 5.0]
try:
    RunningMedian().median()
except ValueError:
    pass
else:
    raise AssertionError("no values yet: median() raises ValueError")
### BEGIN HIDDEN TESTS
import statistics

from sixrounds.testing import pyrandom

draw = pyrandom("RunningMedian")
for case in range(60):
    line, seen = RunningMedian(), []
    span = draw.choice((3, 20, 10**11))
    for _ in range(draw.randrange(1, 25)):
        value = draw.randint(-span, span)
        if case % 3 == 0 and draw.random() < 0.6:
            value += draw.randrange(8) / 8
        line.add(value)
        seen.append(value)
        if draw.random() < 0.7:
            got = line.median()
            assert isinstance(got, float), "the median is a float, whatever was added"
            want = statistics.median(seen)
            assert abs(got - want) <= 1e-9 * max(1, abs(want)), "random values, asked now and then"
for case in range(30):
    rising = list(range(case, case + 9))
    assert medians_of(rising) == [statistics.median(rising[: n + 1]) for n in range(9)], "values that only rise"
    falling = rising[::-1]
    assert medians_of(falling) == [statistics.median(falling[: n + 1]) for n in range(9)], "values that only fall"
    assert medians_of([case] * 6) == [case] * 6, "equal values"
first, second = RunningMedian(), RunningMedian()
first.add(1)
second.add(9)
assert (first.median(), second.median()) == (1.0, 9.0), "two objects do not share their values"
try:
    RunningMedian().median()
except ValueError:
    pass
else:
    raise AssertionError("the median before the first value must raise ValueError")
stream = [draw.randrange(10**6) for _ in range(100_000)]
found = medians_of(stream)
assert found[-1] == statistics.median(stream), "100,000 values, asked after each"
assert found[999] == statistics.median(stream[:1000]), "100,000 values, asked after each"
### END HIDDEN TESTS

# %% mistake="RunningMedian" active="py" name="whole-number mean"
# The middle two are 1 and 2. Which whole number lies between them?
class RunningMedian:
    def __init__(self):
        self._low, self._high = [], []

    def add(self, x):
        heapq.heappush(self._low, -x)
        heapq.heappush(self._high, -heapq.heappop(self._low))
        if len(self._high) > len(self._low):
            heapq.heappush(self._low, -heapq.heappop(self._high))

    def median(self):
        if not self._low:
            raise ValueError("no values yet")
        if len(self._low) > len(self._high):
            return float(-self._low[0])
        return (self._high[0] - self._low[0]) // 2

# %% mistake="RunningMedian" active="py" name="upper middle"
# With two vehicles of 50 s and 60 s, does half the line take at most 60 s, or do all?
class RunningMedian:
    def __init__(self):
        self._low, self._high = [], []

    def add(self, x):
        heapq.heappush(self._low, -x)
        heapq.heappush(self._high, -heapq.heappop(self._low))
        if len(self._high) > len(self._low):
            heapq.heappush(self._low, -heapq.heappop(self._high))

    def median(self):
        if not self._low:
            raise ValueError("no values yet")
        if len(self._low) > len(self._high):
            return float(-self._low[0])
        return float(self._high[0])

# %% mistake="RunningMedian" active="py" name="sorts on each call"
# How much of the order from the last call is still true after one more value? What does sorting again make of it?
class RunningMedian:
    def __init__(self):
        self._values = []

    def add(self, x):
        self._values.append(x)

    def median(self):
        if not self._values:
            raise ValueError("no values yet")
        ordered = sorted(self._values)
        middle = len(ordered) // 2
        if len(ordered) % 2:
            return float(ordered[middle])
        return (ordered[middle - 1] + ordered[middle]) / 2

# %% mistake="RunningMedian" active="py" name="balances sizes only"
# A value smaller than everything so far arrives, and it is the upper half's turn to grow. Where does it belong?
class RunningMedian:
    def __init__(self):
        self._low, self._high = [], []

    def add(self, x):
        if len(self._low) <= len(self._high):
            heapq.heappush(self._low, -x)
        else:
            heapq.heappush(self._high, x)

    def median(self):
        if not self._low:
            raise ValueError("no values yet")
        if len(self._low) > len(self._high):
            return float(-self._low[0])
        return (self._high[0] - self._low[0]) / 2

# %% mistake="RunningMedian" active="py" name="running mean"
# One vehicle waits on the line for an hour. By how much should a typical cycle time move?
class RunningMedian:
    def __init__(self):
        self._total, self._count = 0, 0

    def add(self, x):
        self._total += x
        self._count += 1

    def median(self):
        if not self._count:
            raise ValueError("no values yet")
        return self._total / self._count

# %% accepts="RunningMedian" active="py" name="sorted list with insort"
import bisect


class RunningMedian:
    def __init__(self):
        self.ordered = []

    def add(self, x):
        bisect.insort(self.ordered, x)

    def median(self):
        n = len(self.ordered)
        if n == 0:
            raise ValueError("empty")
        return (self.ordered[(n - 1) // 2] + self.ordered[n // 2]) / 2

# %% [markdown]
# ## What it costs
#
# Fill this in yourself before you unfold it: time per event, and memory, for each of the six.
#
# <details><summary>The table</summary>
#
# | exercise | time | memory |
# |---|---|---|
# | `parts_ever_negative` | $O(1)$ an event | $O(\text{parts})$ |
# | `reserve_inventory` | $O(1)$ a line of an order, after one copy of the stock | $O(\text{parts})$ |
# | `latest_state` | $O(1)$ a row | $O(\text{keys})$ |
# | `merge_feeds`, $k$ feeds | $O(\log k)$ a row | $O(k)$ |
# | `top_k_parts`, $p$ parts | $O(1)$ an event, then $O(p \log k)$ | $O(p)$ |
# | `RunningMedian`, $n$ values | $O(\log n)$ an `add`, $O(1)$ a `median` | $O(n)$ |
#
# Results are not counted, and the cost of a dict is the expected one.
# `parts_ever_negative` can do with less: a part at exactly 0 and a part already reported need no quantity.
#
# </details>

# %% [markdown]
# ## Defend it
#
# <details><summary>Your loop keeps a counter per part. There are a billion part ids. Now what? (everyone should get this)</summary>
#
# Size it first: a billion string ids with their counters take tens of gigabytes in a compact table and several times that in a Python dict.
# If not, split by part: hash the id to one of many workers, each with its own dict. Exact as long as the source keeps each part's events in order on their way to its worker.
# Only the *order of first crossings* over all parts is global: let each event carry its position in the stream, emit (position, part), and merge the workers' outputs by position.
# A worker with nothing to report would stall that merge, so each also says from time to time how far it has read.
#
# </details>
#
# <details><summary>Movements now arrive out of order. Which of your answers survive? (everyone should get this)</summary>
#
# `top_k_parts` and the final median do: a sum and a multiset do not care about order. `latest_state` does as long as equal pairs carry equal values.
# `reserve_inventory` does not: who came first decides who is served. `merge_feeds` assumes sorted feeds and silently gives unsorted output.
# `parts_ever_negative` does not either: whether a part was negative at noon depends on which receipts came before noon.
# It needs events sorted by event time, so either wait (a **watermark**: process up to time $t$ once you believe everything before $t$ has come) or keep each part's recent history, recompute it when a late row arrives, and be ready to take a report back.
#
# </details>
#
# <details><summary>The queue delivers some movements twice. What breaks, and what would you ask the source for? (strong)</summary>
#
# Deltas are not idempotent: a receipt counted twice hides a shortage, a withdrawal counted twice invents one. So `parts_ever_negative` and `top_k_parts` break, a running median counts a value twice, and an order sent twice is reserved twice; `merge_feeds` passes copies on. `latest_state` alone survives, if copies carry equal values or come second.
# Ask for a unique movement id and drop ids seen before, with a bound on how late a copy can come, or the set of ids grows forever.
# Or ask for absolute counts with a sequence number from one authoritative counter per part: a state, unlike a change, may be delivered any number of times, as long as stale ones are dropped.
#
# </details>
#
# <details><summary>Two processes reserve from the same stock at once. Is "check, then change" still enough? (strong)</summary>
#
# No. Both may check before either changes, and both succeed.
# The check and the change must be one atomic step: lock the rows first, or run a conditional update per part, `UPDATE stock SET qty = qty - 2 WHERE part = 'busbar' AND qty >= 2`, all in one transaction that rolls back unless every update hit its row.
# Either way touch the parts in a fixed order, by id. Two orders that take the same two rows in opposite order deadlock; the database then aborts one of them, so be ready to retry.
#
# </details>
#
# <details><summary>First come, first served gave the last stock to three small orders and refused a large one a minute later. Sales is furious. What do you propose? (top)</summary>
#
# First agree on what to maximize: orders, units, revenue, promised dates. Then the cheap options: a reserve for named customers, no overtaking, a partial shipment now and the rest as a backorder.
# Choosing the best set of all-or-nothing orders over several parts is a multidimensional knapsack: NP-hard, often solvable as an integer program at the size of one batch (measure yours), and possible only if orders may wait for a batch.
# Replay last quarter's orders under each rule, with the cost of waiting included, and say who loses by it.
#
# </details>
#
# <details><summary>One of your feeds is alive but silent: a plant on holiday. What does your merge do? (strong)</summary>
#
# It blocks. The next row can only be given when every feed has shown its head, and this one shows none. (A merge that refills *before* it yields even holds back a row that it already knows.)
# So a quiet source must send its clock (a heartbeat, "nothing up to 14:05"), which moves the merge on without a row; or you time out, go on without it, and treat what it sends later as late.
#
# </details>
#
# <details><summary>You need the 99th percentile of cycle time over the last hour, per station, at a million events a second. (top)</summary>
#
# At a million a second an hour holds 3.6 billion values: heaps are out, and forgetting a value means finding it in one.
# Cycle times have a range and a resolution that matter, so start with a fixed histogram per station and minute: adding is one increment, sixty of them add up to the hour, workers' histograms add up too, and the error is the width of a bin.
# If the range is unknown, use a mergeable sketch: DDSketch bounds the relative error of the value; t-digest is good in the tails but has no such bound.
# Say what you gave up: exactness, and a window that moves with every event, since it now moves by the minute.
#
# </details>

# %% [markdown]
# ## Take away
#
# - Say the state, its size, and the work per event before writing the loop.
# - "Ever" is about every prefix; the final balance has forgotten.
# - Check everything, then change everything: a refusal then has nothing to undo.
# - The largest (event time, sequence) wins: safe to reorder, safe to repeat.
# - Break ties on purpose, with a key that is unique and means something.
