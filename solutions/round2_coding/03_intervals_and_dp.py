# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Intervals and dynamic programming: one sentence that defines the state
#
# **Time:** 130 minutes, of which 80 are exercises. **Needs:** Python lists and `bisect`; a little linear algebra for one proof.
#
# > **The question, as you will hear it.**
# > "Here is a list of routes that our truck could drive tomorrow: start, end, profit.
# > It drives one at a time.
# > Which routes do you take, and what do they earn together?"
#
# **What they listen for**
#
# - You try a greedy rule, and break it yourself with three routes.
# - You say what the table holds in one full sentence *before* you write a recurrence.
# - You return the choice, not only its value, and in the caller's numbering.
# - You say where each factor of the cost comes from.
#
# **Ask first:** may a route start at the very minute another ends?
# Can a profit be negative, and may the truck stay at home?
# Is the drive from one route to the next included?
# If several choices earn the same, which one do you want?
#
# The answers here: yes; yes, and yes; yes; any of them.

# %% [markdown]
# ## Look at the routes, and break the greedy rules
#
# Nine routes of one day, from hour to hour. They are **half-open**: a route [6, 10) is over when another starts at 10.

# %% tags=["setup"]
import math
import random
from bisect import bisect_right
from itertools import accumulate, combinations, pairwise


def fits(chosen):
    """Whether no two of these (start, end, profit) overlap."""
    chosen = sorted(chosen)
    return all(a[1] <= b[0] for a, b in pairwise(chosen))


def profit_of(chosen):
    """What these routes earn together."""
    return sum(profit for _, _, profit in chosen)


# %%
day = [(6, 10, 400), (7, 9, 100), (9, 14, 600), (10, 13, 450),
       (8, 15, 800), (13, 17, 500), (14, 18, 300), (16, 20, 450),
       (12, 14, 350)]


def best_of_all(routes):
    """The best of all subsets: slow, and the truth."""
    subsets = (some for size in range(len(routes) + 1)
               for some in combinations(routes, size))
    return max(filter(fits, subsets), key=profit_of)


# %%
best = best_of_all(day)
print(profit_of(best), "USD:", best)

# %% mystnb={"figure": {"caption": "Nine routes of one day and what each earns; the best choice of routes that do not overlap is filled."}, "image": {"alt": "Nine horizontal bars on an axis of hours from 6 to 20, each with its profit in dollars. Three bars that follow each other without overlap, 6 to 10, 10 to 13 and 13 to 17, are filled; the others are outlines."}}
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()
fig, ax = plt.subplots()
for place, (start, end, profit) in enumerate(day):
    chosen = (start, end, profit) in best
    ax.barh(place, end - start, left=start, edgecolor="C0",
            color="C0" if chosen else "none")
    ax.text((start + end) / 2, place, profit, ha="center", va="center",
            color="white" if chosen else "k")
ax.set(xlabel="hour of the day", ylabel="place in the list", yticks=range(9),
       title="Profit of each route (USD): which to take?")
ax.invert_yaxis();

# %% [markdown]
# A **greedy rule** takes the routes in some order, and each that still fits. Three such orders come to everybody's mind.

# %%
def greedy(routes, key):
    """Take routes in the order of a key, each that still fits."""
    taken = []
    for route in sorted(routes, key=key):
        if fits([*taken, route]):
            taken.append(route)
    return taken


# %%
rules = {"earliest end": lambda r: r[1], "largest profit": lambda r: -r[2],
         "profit per hour": lambda r: -r[2] / (r[1] - r[0])}
for name, key in rules.items():
    print(f"{name:16} {profit_of(greedy(day, key)):5} of {profit_of(best)}")

# %% [markdown]
# All three lose, each for its own reason.
# Earliest end is the right rule if every route earns the same, since it leaves the most of the day; it does not look at money.
# The other two look at a route, but not at what it pushes out.
#
# Trying all subsets is right, but each route more doubles them: 40 routes have $2^{40} \approx 10^{12}$.

# %% [markdown]
# ## The state, in one sentence
#
# Sort the routes by their **end** and number them 1 to n; route i has start $s_i$, end $e_i$ and profit $v_i$.
#
# > $V_i$ is the largest profit of non-overlapping routes among the first i.
#
# So $V_0 = 0$. For $i \ge 1$ take a best choice among the first i, and ask one question: is route i in it?
#
# - **No.** Then it is a choice among the first i − 1, and earns at most $V_{i-1}$.
# - **Yes.** Every other chosen route has a smaller number, so it ends no later than $e_i$; as it must not overlap route i, it ends at or before $s_i$.
#   Those are the routes $1, \dots, p_i$ with $p_i = \#\{j : e_j \le s_i\}$: a *prefix* of the order, and that is why we sorted by end.
#   Among them the choice is best possible, or we would exchange that part for a better one. So it earns $v_i + V_{p_i}$.
#
# Both values can be reached, hence
#
# $$V_i = \max\left(V_{i-1},\; v_i + V_{p_i}\right), \qquad p_i \le i - 1 .$$
#
# A problem whose best answer is made of best answers to smaller problems has **optimal substructure**; solving each of them once, in order, is **dynamic programming**.
# The ends are sorted, so $p_i$ is one `bisect_right`: the number of ends that are at most $s_i$.

# %%
ordered = sorted(day, key=lambda route: route[1])
ends = [end for _, end, _ in ordered]
V = [0]
for i, (start, end, profit) in enumerate(ordered, 1):
    p = bisect_right(ends, start)
    V.append(max(V[i - 1], profit + V[p]))
    print(f"i = {i}: [{start:2}, {end:2})  {profit} USD  p = {p}  "
          f"V = {V[i]:4} {'  leave' if V[i] == V[i - 1] else '  take'}")

# %% [markdown]
# The last V is the answer's value. The choice is read **backwards**: stand at i = n.
# If $V_i = V_{i-1}$, some best choice leaves route i out: go to i − 1. Otherwise every best choice takes it: note it, and jump to $p_i$, over all that overlap it.
#
# Do that with a finger in the table: 9 and 8 leave; 7 is taken, and p = 3; 3 is taken, and p = 2; 2 is taken, and p = 0.
# Row 1 says "take" as well, and is jumped over: it overlaps route 2. Taking every row that says "take" would be wrong.
#
# Now the cost. Sorting is O(n log n), n searches are O(n log n), the rest is O(n). A first version often counts the routes before $s_i$ by looking at each: O(n²).

# %%
import time

import numpy as np


def value_by_scan(routes):
    """Looks at all earlier routes for each route."""
    ordered = sorted(routes, key=lambda route: route[1])
    V = [0]
    for i, (start, _, profit) in enumerate(ordered, 1):
        p = sum(end <= start for _, end, _ in ordered[: i - 1])
        V.append(max(V[i - 1], profit + V[p]))
    return V[-1]


# %%
def value_by_bisect(routes):
    """Finds the earlier routes by binary search."""
    ordered = sorted(routes, key=lambda route: route[1])
    ends = [end for _, end, _ in ordered]
    V = [0]
    for i, (start, _, profit) in enumerate(ordered, 1):
        V.append(max(V[i - 1], profit + V[bisect_right(ends, start)]))
    return V[-1]


# %%
def seconds(function, *given):
    """The best of three runs."""
    spent = []
    for _ in range(3):
        start = time.perf_counter()
        function(*given)
        spent.append(time.perf_counter() - start)
    return min(spent)


# %%
def random_routes(n, draw, hours=10_000):
    """n routes of up to a tenth of the time, in random order."""
    starts = [draw.randrange(hours) for _ in range(n)]
    return [(start, start + draw.randint(1, hours // 10),
             draw.randint(1, 999)) for start in starts]


draw = random.Random(1)
sizes = np.array([500, 1000, 2000, 4000])
spent = {value_by_scan: [], value_by_bisect: []}
for n in sizes:
    routes = random_routes(n, draw)
    assert value_by_scan(routes) == value_by_bisect(routes)
    for function, times in spent.items():
        times.append(seconds(function, routes))

# %% mystnb={"figure": {"caption": "Time for the best profit against the number of routes, by scan and by binary search, on logarithmic axes."}, "image": {"alt": "Log-log plot of seconds against n. The line of the scan rises about twice as steeply as the line of the binary search and lies far above it."}}
fig, ax = plt.subplots()
for (function, times), style in zip(spent.items(), ("o-", "s--")):
    slope, start = np.polyfit(np.log(sizes), np.log(times), 1)
    name = function.__name__.removeprefix("value_by_")
    ax.loglog(sizes, times, style, label=f"{name}: n^{slope:.1f}")
    later = np.exp(start + slope * np.log(1e5))
    print(f"{name}: n^{slope:.1f}; for 100,000 routes about {later:.1g} s")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_title("The search is where the square hides")
ax.set(xlabel="routes, n", ylabel="time (s)")
ax.legend();

# %% [markdown]
# The slopes are near 2 and near 1: n log n looks like n with a little on top. The times for 100,000 are extrapolated along those lines, not measured.
#
# ## Exercise 1: choose the routes (20 min)
#
# Write `select_routes(routes)`: the best total profit, and which routes earn it.
#
# - `routes`: a list of triples `(start, end, profit)` of whole numbers, start < end, in any order. Times may be negative; two routes may be equal.
# - Routes are half-open, [start, end): one may start when another ends.
# - A profit may be 0 or negative. Choosing nothing is allowed and earns 0.
# - Returns a pair `(profit, chosen)`. `chosen` lists the **places in `routes`**, counted from 0, of routes that do not overlap and whose profits sum to `profit`; places in ascending order.
#   If several choices earn the most, any of them is right.
# - No routes: `(0, [])`. `routes` is not changed.
# - Size: 100,000 routes, many of which overlap half of the others. In all exercises here the grader stops an answer after 10 seconds of computing. A recursion with a level for each route is deeper than Python allows by default.

# %% exercise="select_routes"
def select_routes(routes):
    """The routes without overlap that earn the most.

    Args:
        routes: list of (start, end, profit), int, half-open, any order.

    Returns:
        (profit, chosen): int, and the ascending list of places in routes.

    >>> select_routes([(9, 12, 5), (7, 10, 4), (10, 14, 6)])
    (10, [1, 2])
    """
    ### BEGIN SOLUTION
    order = sorted(range(len(routes)), key=lambda place: routes[place][1])
    ends = [routes[place][1] for place in order]
    best, before = [0], []  # best[i]: the most that the first i by end earn
    for i, place in enumerate(order):
        start, _, profit = routes[place]
        before.append(bisect_right(ends, start))
        best.append(max(best[i], profit + best[before[i]]))
    chosen, i = [], len(order)
    while i:
        if best[i] == best[i - 1]:
            i -= 1
        else:
            chosen.append(order[i - 1])
            i = before[i - 1]
    return best[-1], sorted(chosen)
    ### END SOLUTION

# %% tests="select_routes" points=5
routes = [(10, 14, 6), (9, 12, 5), (7, 10, 4)]
profit, chosen = select_routes(routes)
assert (profit, chosen) == (10, [0, 2]), "places in the list, ascending"
profit, chosen = select_routes([(3, 5, 1), (1, 3, 1), (2, 4, 9)])
assert (profit, chosen) == (9, [2]), "one route earns more than two"
assert select_routes([(1, 2, -3), (4, 5, -1)])[0] == 0, "or stay at home"
assert select_routes([])[0] == 0, "no routes"
tie = [(0, 2, 4), (1, 3, 4), (3, 5, 2)]  # two best choices: either is right
profit, chosen = select_routes(tie)
taken = [tie[place] for place in chosen]
assert fits(taken), "the routes you chose must not overlap"
assert profit == 6 == profit_of(taken), "and earn what you say"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("select_routes")


def most(routes):
    """The most that can be earned: each route in or out, in order of start."""

    def earn(at, free):
        if at == len(queue):
            return 0
        start, end, profit = queue[at]
        out = earn(at + 1, free)
        return max(out, profit + earn(at + 1, end)) if start >= free else out

    queue = sorted(routes)
    return earn(0, -math.inf)


def right(routes, best):
    """Whether the answer is ascending places, feasible, and earns the most."""
    answer = select_routes(list(routes))
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        return False
    profit, chosen = answer
    if not isinstance(chosen, (list, tuple)):
        return False
    places = list(chosen)
    if any(place not in range(len(routes)) for place in places):
        return False
    taken = sorted(routes[int(place)] for place in places)
    apart = all(a[1] <= b[0] for a, b in pairwise(taken))
    ascending = all(a < b for a, b in pairwise(places))
    return apart and ascending and profit == best == sum(r[2] for r in taken)


def some_routes(n, hours, longest, lowest, highest):
    starts = [draw.randrange(-3, hours) for _ in range(n)]
    return [(s, s + draw.randint(1, longest), draw.randint(lowest, highest)) for s in starts]


for case in range(150):
    routes = some_routes(draw.randrange(1, 10), 12, 5, 50, 999)
    assert right(routes, most(routes)), "random routes with different profits"
    routes = some_routes(draw.randrange(0, 10), 8, 4, -2, 4)
    assert right(routes, most(routes)), "random routes with equal, zero and negative profits"
    routes = some_routes(draw.randrange(2, 10), 12, 5, -300, 300)
    assert right(routes, most(routes)), "random routes, some of which lose money"
for case in range(30):
    stops = sorted(draw.sample(range(50), 7))
    chain = [(a, b, draw.randint(10, 99)) for a, b in pairwise(stops)]
    draw.shuffle(chain)
    assert right(chain, sum(r[2] for r in chain)), "routes that start when another ends"
    long = (stops[0], stops[-1], sum(r[2] for r in chain) + draw.choice((-1, 1)))
    mixed = [*chain, long]
    draw.shuffle(mixed)
    assert right(mixed, most(mixed)), "one long route against a chain of short ones"
    losers = some_routes(draw.randrange(1, 6), 12, 5, -99, -1)
    assert right(losers, 0), "routes that all lose money"
    given = list(mixed)
    select_routes(given)
    assert given == mixed, "the caller's list must stay as it was"
    twice = some_routes(4, 9, 4, 1, 99) * 2
    draw.shuffle(twice)
    assert right(twice, most(twice)), "equal routes"
    far = [(s * 10**12, e * 10**12, v * 10**12) for s, e, v in some_routes(8, 12, 5, 50, 999)]
    assert right(far, most(far)), "times and profits near 10**13"
assert right([], 0), "no routes"
# 100,000 routes whose best profit is known: each hour has a toll, no route earns more than its
# tolls, and the routes of one tiling of the day earn exactly theirs.
tolls = [draw.randrange(1, 50) for _ in range(4000)]
paid = [0]
for toll in tolls:
    paid.append(paid[-1] + toll)
cuts = [0, *sorted(draw.sample(range(1, 4000), 500)), 4000]
many = [(a, b, paid[b] - paid[a]) for a, b in pairwise(cuts)]
while len(many) < 100_000:
    a = draw.randrange(0, 3900)
    b = min(4000, a + draw.randint(1, 3000))
    many.append((a, b, paid[b] - paid[a] - draw.randrange(1, 3000)))
draw.shuffle(many)
assert right(many, paid[-1]), "100,000 routes, many of which overlap half of the others"
### END HIDDEN TESTS

# %% mistake="select_routes" active="py" name="greedy by end"
# One route from 9 to 12 earns 5 and the next, from 10 to 14, earns 600. Which of them does your rule take, and does it ever look at the money?
def select_routes(routes):
    chosen, free = [], -math.inf
    for place in sorted(range(len(routes)), key=lambda place: routes[place][1]):
        start, end, profit = routes[place]
        if start >= free and profit > 0:
            chosen.append(place)
            free = end
    return sum(routes[place][2] for place in chosen), sorted(chosen)

# %% mistake="select_routes" active="py" name="greedy by profit"
# The most profitable route lasts all day and earns 10. What if three short ones earn 9 each?
def select_routes(routes):
    chosen = []
    for place in sorted(range(len(routes)), key=lambda place: -routes[place][2]):
        start, end, profit = routes[place]
        clear = all(end <= routes[c][0] or routes[c][1] <= start for c in chosen)
        if clear and profit > 0:
            chosen.append(place)
    return sum(routes[place][2] for place in chosen), sorted(chosen)

# %% mistake="select_routes" active="py" name="touching routes forbidden"
# One route ends at 10 and the next starts at 10. Is the truck free? Which side of equal ends does your search stop at?
from bisect import bisect_left


def select_routes(routes):
    order = sorted(range(len(routes)), key=lambda place: routes[place][1])
    ends = [routes[place][1] for place in order]
    best, before = [0], []
    for i, place in enumerate(order):
        start, _, profit = routes[place]
        before.append(bisect_left(ends, start))
        best.append(max(best[i], profit + best[before[i]]))
    chosen, i = [], len(order)
    while i:
        if best[i] == best[i - 1]:
            i -= 1
        else:
            chosen.append(order[i - 1])
            i = before[i - 1]
    return best[-1], sorted(chosen)

# %% mistake="select_routes" active="py" name="places in the sorted list"
# You sorted the routes and then noted places. In whose list will the dispatcher look them up?
def select_routes(routes):
    ordered = sorted(routes, key=lambda route: route[1])
    ends = [route[1] for route in ordered]
    best, before = [0], []
    for i, (start, _, profit) in enumerate(ordered):
        before.append(bisect_right(ends, start))
        best.append(max(best[i], profit + best[before[i]]))
    chosen, i = [], len(ordered)
    while i:
        if best[i] == best[i - 1]:
            i -= 1
        else:
            chosen.append(i - 1)
            i = before[i - 1]
    return best[-1], sorted(chosen)

# %% mistake="select_routes" active="py" name="order of driving"
# Your routes are listed in the order in which the truck drives them. Which order does the text ask for?
def select_routes(routes):
    order = sorted(range(len(routes)), key=lambda place: routes[place][1])
    ends = [routes[place][1] for place in order]
    best, before = [0], []
    for i, place in enumerate(order):
        start, _, profit = routes[place]
        before.append(bisect_right(ends, start))
        best.append(max(best[i], profit + best[before[i]]))
    chosen, i = [], len(order)
    while i:
        if best[i] == best[i - 1]:
            i -= 1
        else:
            chosen.append(order[i - 1])
            i = before[i - 1]
    return best[-1], chosen[::-1]

# %% mistake="select_routes" active="py" name="takes every improvement"
# Route 3 improved the best, and then route 5, which overlaps it, improved it again. Is route 3 still part of the best choice?
def select_routes(routes):
    order = sorted(range(len(routes)), key=lambda place: routes[place][1])
    ends = [routes[place][1] for place in order]
    best, chosen = [0], []
    for i, place in enumerate(order):
        start, _, profit = routes[place]
        best.append(max(best[i], profit + best[bisect_right(ends, start)]))
        if best[i + 1] > best[i]:
            chosen.append(place)
    return best[-1], sorted(chosen)

# %% mistake="select_routes" active="py" name="must drive something"
# Every route of the day loses money. What does the truck earn if it stays at home?
def select_routes(routes):
    if not routes:
        return 0, []
    if all(profit <= 0 for _, _, profit in routes):
        place = max(range(len(routes)), key=lambda place: routes[place][2])
        return routes[place][2], [place]
    order = sorted(range(len(routes)), key=lambda place: routes[place][1])
    ends = [routes[place][1] for place in order]
    best, before = [0], []
    for i, place in enumerate(order):
        start, _, profit = routes[place]
        before.append(bisect_right(ends, start))
        best.append(max(best[i], profit + best[before[i]]))
    chosen, i = [], len(order)
    while i:
        if best[i] == best[i - 1]:
            i -= 1
        else:
            chosen.append(order[i - 1])
            i = before[i - 1]
    return best[-1], sorted(chosen)

# %% mistake="select_routes" active="py" name="scans the earlier routes"
# How many routes does your code look at to find the last one that ends in time? Multiply that by 100,000. Are their ends sorted?
def select_routes(routes):
    order = sorted(range(len(routes)), key=lambda place: routes[place][1])
    best, before = [0], []
    for i, place in enumerate(order):
        start, _, profit = routes[place]
        j = i
        while j and routes[order[j - 1]][1] > start:
            j -= 1
        before.append(j)
        best.append(max(best[i], profit + best[j]))
    chosen, i = [], len(order)
    while i:
        if best[i] == best[i - 1]:
            i -= 1
        else:
            chosen.append(order[i - 1])
            i = before[i - 1]
    return best[-1], sorted(chosen)

# %% accepts="select_routes" active="py" name="from the evening, by start"
from bisect import bisect_left


def select_routes(routes):
    order = sorted(range(len(routes)), key=lambda place: routes[place][0])
    starts = [routes[place][0] for place in order]
    n = len(order)
    best, take = [0] * (n + 1), [None] * (n + 1)
    for i in reversed(range(n)):
        _, end, profit = routes[order[i]]
        after = bisect_left(starts, end)
        best[i] = best[i + 1]
        if profit + best[after] >= best[i]:
            best[i], take[i] = profit + best[after], after
    chosen, i = [], 0
    while i < n:
        if take[i] is None:
            i += 1
        else:
            chosen.append(order[i])
            i = take[i]
    return best[0], sorted(chosen)

# %% accepts="select_routes" active="py" name="sweep over starts and ends"
def select_routes(routes):
    events = []
    for place, (start, end, _) in enumerate(routes):
        events.append((start, 1, place))
        events.append((end, 0, place))
    now, last = 0, None  # the most earned so far, and a linked list of it
    ready = {}
    for _, starts, place in sorted(events):
        if starts:
            ready[place] = (now + routes[place][2], (place, last))
        elif ready[place][0] > now:
            now, last = ready[place]
    chosen = []
    while last is not None:
        place, last = last
        chosen.append(place)
    return now, sorted(chosen)

# %% accepts="select_routes" active="py" name="list of records, ties taken"
def select_routes(routes):
    ends, earned, link = [-math.inf], [0], [None]
    for place in sorted(range(len(routes)), key=lambda place: routes[place][1]):
        start, end, profit = routes[place]
        before = bisect_right(ends, start) - 1
        total = earned[before] + profit
        if total >= earned[-1]:
            ends.append(end)
            earned.append(total)
            link.append((place, link[before]))
    chosen, rest = [], link[-1]
    while rest is not None:
        place, rest = rest
        chosen.append(place)
    return [earned[-1], sorted(chosen)]

# %% [markdown]
# ## A solver finds the same, and needs no rounding
#
# > "We have a linear programming solver. Could it do this?"
#
# Let $x_i = 1$ if route i is taken, else 0, and maximize $\sum_i v_i x_i$. A **linear program** allows every $0 \le x_i \le 1$, so it may answer with half a route.
# Whether it does depends on how you write "no overlap". The first idea is a row $x_i + x_j \le 1$ for each pair that overlaps.
# The second is a row for each time: the routes then on the road sum to at most 1.
# Three routes that are all under way at noon, each worth 1:

# %%
from scipy.optimize import linprog


def relaxed(profits, rows):
    """Maximize profits @ x over rows @ x <= 1 and x >= 0."""
    return linprog(-np.array(profits), A_ub=rows, b_ub=np.ones(len(rows)),
                   method="highs-ds")


pairs = [[1, 1, 0], [1, 0, 1], [0, 1, 1]]
noon = [[1, 1, 1]]
print("a row for each pair:", relaxed([1, 1, 1], pairs).x)
print("a row for noon:     ", relaxed([1, 1, 1], noon).x)

# %% [markdown]
# Pairs allow three halves, worth 1.5: more than the one route that can be driven. The row for noon forbids it.
# Not every minute needs a row: the set of routes on the road only grows when a route starts, so one row for each start says everything.

# %%
def on_the_road(routes):
    """A row for each start, a column for each route: 1 if it runs then."""
    starts = sorted({start for start, _, _ in routes})
    return np.array([[float(s <= t < e) for s, e, _ in routes]
                     for t in starts])


A = on_the_road(day)
print(A.astype(int))

# %% [markdown]
# In each **column** the ones stand together, since a route runs from its start to its end without a break. Such a matrix is an **interval matrix**.
#
# **Every square part B of it has determinant 0, 1 or −1** (the matrix is **totally unimodular**). Why:
#
# 1. Leaving out rows and columns keeps the ones of each column together. So B is itself an interval matrix.
# 2. From each row of B but the last subtract the row below it. The determinant stays.
#    A column with ones in rows a to b now has a 1 in row b, a −1 in row a − 1 if there is one, and zeros: at most one 1 and at most one −1.
# 3. Now by induction on the size. If a column is all zeros, the determinant is 0.
#    If a column has one entry that is not 0, expand along it: ± a smaller determinant of the same kind.
#    Otherwise each column has a 1 and a −1, so the rows sum to zero and the determinant is 0.
#    (The induction is over all matrices with at most one 1 and at most one −1 in a column; those with one entry start it.)
#
# A vertex of $\{x : Ax \le 1,\; x \ge 0\}$ is the solution of as many independent equations as there are routes, each a row of A set to 1 or an $x_i$ set to 0.
# Adding unit rows keeps the matrix totally unimodular (expand along them). By **Cramer's rule** each $x_i$ is a quotient of two determinants of whole numbers, and the lower one is ±1: **every vertex is whole**.
# Some optimum lies in a vertex, and the simplex method returns one. So the linear program is the integer program. Check it against the dynamic program:

# %%
draw = random.Random(7)
gap = fraction = 0.0
for _ in range(200):
    routes = random_routes(40, draw, hours=60)
    found = relaxed([r[2] for r in routes], on_the_road(routes))
    profit, _ = select_routes(routes)
    gap = max(gap, abs(-found.fun - profit))
    fraction = max(fraction, np.abs(found.x - found.x.round()).max())
print("200 days: largest difference of the profits", round(gap, 6))
print("largest distance of an x from 0 or 1       ", round(fraction, 6))

# %% [markdown]
# The solver gives one thing more: a **proof** that its answer is best. The **dual** program sets a toll of **at least 0** for each row, as low as possible in sum, such that no route earns more than the tolls of the rows it runs in.
# Any choice of routes uses each row at most once, so it earns at most the sum of all tolls. If some choice earns exactly that sum, nothing can beat it.

# %%
found = relaxed([r[2] for r in day], A)
tolls = -found.ineqlin.marginals
for start, toll in zip(sorted({r[0] for r in day}), tolls):
    print(f"hour {start:2}: toll {toll:5.0f} USD")
print("sum of tolls", round(tolls.sum()), "= best", profit_of(best))
assert all(tolls >= -1e-9)  # or the argument would not hold
assert all(tolls @ A + 1e-9 >= [r[2] for r in day])

# %% [markdown]
# That is also how a test can know the best profit of 100,000 routes without computing it: invent the tolls first, then routes that earn no more than theirs, and hide among them a chain that runs through every row with a toll and earns exactly the sum.

# %% [markdown]
# ## How many docks?
#
# > "Trucks come to our plant and stay for a while. We know when each arrives and leaves.
# > How many docks do we need so that none ever waits?"
#
# At least as many as there are trucks at the fullest moment. Why are that many **enough**?
# Give docks in the order of arrival, any free one. If a truck finds D docks taken, then D trucks that came before it are still there: with it, D + 1 are present at that moment.
# So dock number D + 1 is opened only if D + 1 trucks really are there at once.
# The question about docks has become a question about a count.
#
# The count rises only at arrivals, so its peak is reached at one. A **sweep** walks through all arrivals and departures in order of time and keeps the count.

# %% mystnb={"figure": {"caption": "Trucks at a plant over a day: each line is a stay, and the steps count the trucks present."}, "image": {"alt": "Above, twelve horizontal line segments of different length on an axis of hours from 4 to 21. Below, on the same axis, a step curve of the number of trucks present, which rises from 0 to a peak in the middle of the day and falls back to 0."}}
draw = random.Random(6)
arrivals = sorted(round(draw.gauss(11, 2.5)) for _ in range(12))
stays = [(hour, hour + draw.randint(1, 4)) for hour in arrivals]
hours = range(4, 22)
present = [sum(a <= hour < b for a, b in stays) for hour in hours]
fig, (above, below) = plt.subplots(2, 1, sharex=True)
for place, (arrive, leave) in enumerate(stays):
    above.plot((arrive, leave), (place, place), "-", lw=3, color="C0")
above.set(ylabel="truck", title="The peak of the count is the answer")
below.step(hours, present, where="post", color="C1")
below.set(xlabel="hour of the day", ylabel="present",
          xticks=range(4, 22, 2))
print("fullest hour:", max(present), "trucks")

# %% [markdown]
# That cell counts all trucks for each hour. In minutes, or with times like timestamps, there is a row for every tick of the clock, of which nearly all change nothing: n trucks have only 2n moments that matter.
#
# One detail decides right or wrong. A truck leaves at 9:00 and another arrives at 9:00. Which of the two events does your sort put first?

# %%
stays = [(8, 9), (9, 10), (10, 11)]
for name, order in (("arrivals first", -1), ("departures first", 1)):
    events = [(a, order, 1) for a, _ in stays]
    events += [(b, 0, -1) for _, b in stays]
    count = [change for _, _, change in sorted(events)]
    print(f"{name:16} at most {max(accumulate(count))} docks taken")

# %% [markdown]
# ## Exercise 2: docks at the plant (10 min)
#
# Write `min_docks(intervals)`: the smallest number of docks such that no truck waits.
#
# - `intervals`: a list of pairs `(arrive, leave)` of whole numbers, arrive < leave, in any order; equal pairs are different trucks. Times may be as large as $10^{12}$, or negative.
# - A dock that is freed at time t serves a truck that arrives at t.
# - Returns an int; 0 for an empty list. `intervals` is not changed.
# - Size: 100,000 trucks, also when all are there at the same time.

# %% exercise="min_docks"
def min_docks(intervals):
    """The smallest number of docks with which no truck waits.

    Args:
        intervals: list of (arrive, leave), int, arrive < leave, any order.

    Returns:
        int, 0 for an empty list.

    >>> min_docks([(8, 10), (9, 11), (10, 12)])
    2
    """
    ### BEGIN SOLUTION
    changes = [(arrive, 1) for arrive, _ in intervals]
    changes += [(leave, -1) for _, leave in intervals]
    changes.sort()  # at equal times -1 comes first: the dock is free
    return max(accumulate(change for _, change in changes), default=0)
    ### END SOLUTION

# %% tests="min_docks" points=3
assert min_docks([(8, 10), (9, 11), (10, 12)]) == 2, "8-10 and 9-11"
assert min_docks([(8, 9), (9, 10), (10, 11)]) == 1, "one after the other"
assert min_docks([(9, 10), (8, 12), (11, 12)]) == 2, "in any order"
assert min_docks([(1, 9), (1, 9), (1, 9)]) == 3, "three equal stays"
assert min_docks([]) == 0, "no trucks"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("min_docks")


def fullest(stays):
    """Look around at each arrival."""
    return max((sum(a <= now < b for a, b in stays) for now, _ in stays), default=0)


for case in range(250):
    span, length = draw.choice(((6, 3), (20, 6), (20, 20)))
    stays = []
    for _ in range(draw.randrange(0, 13)):
        arrive = draw.randrange(-2, span)
        stays.append((arrive, arrive + draw.randint(1, length)))
    kept = list(stays)
    assert min_docks(stays) == fullest(kept), "random stays with equal times"
    assert stays == kept, "the caller's list must stay as it was"
    stays.sort()
    assert min_docks(stays) == fullest(stays), "random stays in order of arrival"
for case in range(40):
    times = sorted(draw.sample(range(40), 8))
    chain = list(pairwise(times))
    draw.shuffle(chain)
    assert min_docks(chain) == 1, "trucks that arrive when another leaves"
    around = [*chain, (times[0], times[-1])]
    draw.shuffle(around)
    assert min_docks(around) == 2, "one long stay over many short ones"
    nested = [(-i, i) for i in range(1, 3 + case % 6)]
    assert min_docks(nested) == len(nested), "stays inside each other"
    late = [(10**12 + a * 10**9, 10**12 + b * 10**9) for a, b in around]
    assert min_docks(late) == 2, "times near 10**12"
crowd = [(i, 200_000 - i) for i in range(100_000)]
draw.shuffle(crowd)
assert min_docks(crowd) == 100_000, "100,000 trucks that are all there at once"
row = [(i, i + 1) for i in range(50_000)] * 2
draw.shuffle(row)
assert min_docks(row) == 2, "100,000 short stays"
### END HIDDEN TESTS

# %% mistake="min_docks" active="py" name="arrivals before departures"
# A truck leaves at 9:00 and the next arrives at 9:00. Do they ever stand there together? Which of the two events does your sort put first?
def min_docks(intervals):
    events = [(arrive, 0, 1) for arrive, _ in intervals]
    events += [(leave, 1, -1) for _, leave in intervals]
    return max(accumulate(change for _, _, change in sorted(events)), default=0)

# %% mistake="min_docks" active="py" name="counts all that meet one truck"
# A truck stays all day and meets one in the morning and one in the evening. Do those two need a dock each?
from bisect import bisect_left


def min_docks(intervals):
    arrivals = sorted(arrive for arrive, _ in intervals)
    leaves = sorted(leave for _, leave in intervals)
    met = (bisect_left(arrivals, leave) - bisect_right(leaves, arrive) for arrive, leave in intervals)
    return max(met, default=0)

# %% mistake="min_docks" active="py" name="looks at the truck before only"
# Truck 1 stays all day, truck 2 leaves at once, then comes truck 3. Which trucks do you compare truck 3 with?
def min_docks(intervals):
    most = run = 0
    last = -math.inf
    for arrive, leave in sorted(intervals):
        run = run + 1 if arrive < last else 1
        last = leave
        most = max(most, run)
    return most

# %% mistake="min_docks" active="py" name="trusts the order of the list"
# The first truck in the list comes at noon and the second at eight. Which of them does your loop let in first?
import heapq


def min_docks(intervals):
    docks, most = [], 0
    for arrive, leave in intervals:
        while docks and docks[0] <= arrive:
            heapq.heappop(docks)
        heapq.heappush(docks, leave)
        most = max(most, len(docks))
    return most

# %% mistake="min_docks" active="py" name="docks taken at the end"
# Your heap shrinks when trucks leave. What does its size after the last arrival say about noon?
import heapq


def min_docks(intervals):
    docks = []
    for arrive, leave in sorted(intervals):
        while docks and docks[0] <= arrive:
            heapq.heappop(docks)
        heapq.heappush(docks, leave)
    return len(docks)

# %% mistake="min_docks" active="py" name="gives a truck the last dock or a new one"
# Dock 2 is taken, and dock 1 has been free for an hour. Which docks do you look at before you build a third?
def min_docks(intervals):
    free_at = []
    for arrive, leave in sorted(intervals):
        if free_at and free_at[-1] <= arrive:
            free_at[-1] = leave
        else:
            free_at.append(leave)
    return len(free_at)

# %% accepts="min_docks" active="py" name="heap of departures that never shrinks"
import heapq


def min_docks(intervals):
    docks = []
    for arrive, leave in sorted(intervals):
        if docks and docks[0] <= arrive:
            heapq.heapreplace(docks, leave)
        else:
            heapq.heappush(docks, leave)
    return len(docks)

# %% accepts="min_docks" active="py" name="two sorted lists"
def min_docks(intervals):
    leaves = sorted(b for _, b in intervals)
    gone = most = 0
    for here, arrive in enumerate(sorted(a for a, _ in intervals), 1):
        while leaves[gone] <= arrive:
            gone += 1
        most = max(most, here - gone)
    return most

# %% accepts="min_docks" active="py" name="sum of changes per moment"
from collections import Counter


def min_docks(intervals):
    change = Counter()
    for arrive, leave in intervals:
        change[arrive] += 1
        change[leave] -= 1
    here = most = 0
    for moment in sorted(change):
        here += change[moment]
        most = max(most, here)
    return most

# %% [markdown]
# ## When to charge: the state is not a place in a list
#
# > "A battery at a site may buy and sell energy every hour at that hour's price.
# > Fill it by the evening, as cheaply as you can."
#
# A day of prices, with some below zero at noon, when there is more sun than anyone can use. The quick rule buys what is missing in the cheapest hours, as fast as it can:

# %%
cents = [9, 8, 7, 7, 8, 11, 16, 21, 19, 12, 5, 1,
         -2, -3, -1, 3, 9, 17, 26, 31, 28, 20, 14, 11]  # for a kWh, by hour
battery = {"start": 20, "target": 80, "capacity": 100, "rate": 20}  # kWh


def cheapest_hours(prices, missing, rate):
    """Buy what is missing where it is cheapest; never sell."""
    moves = [0] * len(prices)
    for hour in sorted(range(len(prices)), key=prices.__getitem__):
        moves[hour] = min(rate, missing - sum(moves))
    return moves


# %%
bought = cheapest_hours(cents, 80 - 20, 20)
quick_cost = sum(price * move for price, move in zip(cents, bought))
print("cost", quick_cost, "cents")

# %% [markdown]
# It even earns something. But it leaves most of the battery idle: buy at night, sell in the morning, buy at noon, sell in the evening.
# How much is that worth? Each hour there are 2 · 20 + 1 = 41 moves, so trying every day is hopeless.
#
# What must be known at an hour to decide the rest of the day? Not the moves made before. Only **how full the battery is**:
#
# > $V_t(c)$ is the least cost of hours t, t + 1, … , T − 1, if the battery holds c at the start of hour t.
#
# With a capacity C and a rate R, one move m now and the best of the rest:
#
# $$V_T(c) = \begin{cases} 0 & c \ge \text{target} \\ \infty & \text{otherwise} \end{cases}
# \qquad
# V_t(c) = \min_{\substack{|m| \le R \\ 0 \le c + m \le C}} \Big( p_t\, m + V_{t+1}(c + m) \Big).$$
#
# This is **Bellman's equation**. It holds since after the move the rest of the day does not care how c + m was reached: whatever plan begins with m costs $p_t m$ plus the cost of a plan from c + m, and the cheapest such plan costs $V_{t+1}(c+m)$.
# No plan at all is a plan of infinite cost: then the recurrence needs no case of its own for infeasible days; only at the end is an infinite cost told from a price.
#
# Written down as a recursion, that is right and useless. We count how often it asks for each state:

# %%
from collections import Counter

asked = Counter()


def least_cost(hour, charge, day, top=6, rate=2, target=4):
    """Bellman's equation, word for word; `asked` counts the calls."""
    asked[hour, charge] += 1
    if hour == len(day):
        return 0 if charge >= target else math.inf
    moves = range(max(-rate, -charge), min(rate, top - charge) + 1)
    return min(day[hour] * move + least_cost(hour + 1, charge + move, day)
               for move in moves)


# %%
for hours in range(1, 9):
    asked.clear()
    cost = least_cost(0, 1, cents[12 : 12 + hours])
    print(f"{hours} h: cost {cost:4}   {asked.total():7,} calls "
          f"for {len(asked):2} different states")

# %% [markdown]
# Each hour multiplies the calls by about four. It adds at most C + 1 states, 7 here. (After one hour the target is still out of reach: the cost is infinite.)
# **Overlapping subproblems**: a table of (T + 1)(C + 1) values, filled from the last hour backwards, replaces it all. Each takes at most 2R + 1 moves, so the time is O(T · C · R).
#
# Then walk **forwards** through the table, from `start`: in each hour make a move that attains the minimum.
#
# **Ask first:** may it sell? May prices be negative? Is energy lost on the way in and out? Must it end at exactly the target?
# The answers here: yes, at the same price; yes; no (a simplification: real batteries lose some); no, at least.

# %% [markdown]
# ## Exercise 3: charge and sell (20 min)
#
# Write `charge_schedule(prices, start, target, capacity, rate)`.
#
# - `prices`: a list with one whole price per kWh for each hour; it may be zero or negative. `start`, `target` and `capacity`: whole kWh, at least 0. `rate`: the most whole kWh that can move in an hour, in either direction.
# - Returns a pair `(cost, moves)`: `moves` lists one whole number for each hour, positive to buy, negative to sell at the same price, from −rate to rate; `cost` is the sum of price · move, and may be negative.
# - After every hour the charge, `start` plus the moves so far, is from 0 to `capacity`; after the last it is **at least** `target`.
# - `cost` is the smallest possible. If several schedules reach it, any of them is right.
# - ValueError if `rate` ≤ 0 or `start` > `capacity`, whatever the prices, also without any; and if there is no such schedule, as when `target` > `capacity`.
# - Otherwise, with no hours: `(0, [])` if `start` ≥ `target`. `prices` is not changed.
# - Size: a week of 168 hours, capacity 100, rate 20. Floats are not needed anywhere.

# %% exercise="charge_schedule"
def charge_schedule(prices, start, target, capacity, rate):
    """The cheapest way to end with at least the target.

    Args:
        prices: list of int, per kWh, one for each hour.
        start, target, capacity: int >= 0, kWh.
        rate: int, most kWh moved in an hour, either way.

    Returns:
        (cost, moves): int, and a list of one int for each hour.

    Raises:
        ValueError: no schedule, rate <= 0, or start > capacity.

    >>> charge_schedule([5, 2, 9], 1, 1, 4, 2)
    (-14, [0, 2, -2])
    """
    ### BEGIN SOLUTION
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")

    def moves_from(charge):
        return range(max(-rate, -charge), min(rate, capacity - charge) + 1)

    levels = range(capacity + 1)
    value = [0 if charge >= target else math.inf for charge in levels]
    plan = []  # for each hour, from the last: the best move at each charge
    for price in reversed(prices):
        later = value
        best = [
            min(moves_from(c), key=lambda m, c=c: price * m + later[c + m])
            for c in levels
        ]
        value = [price * m + later[c + m] for c, m in zip(levels, best)]
        plan.append(best)
    if value[start] == math.inf:
        raise ValueError("no schedule reaches the target")
    moves, charge = [], start
    for best in reversed(plan):
        moves.append(best[charge])
        charge += best[charge]
    return value[start], moves
    ### END SOLUTION

# %% tests="charge_schedule" points=5
cost, moves = charge_schedule([5, 2, 9], 1, 1, 4, 2)
assert (cost, moves) == (-14, [0, 2, -2]), "buy 2 at 2, sell 2 at 9"
cost, moves = charge_schedule([7, 3, 8], 0, 3, 9, 2)
assert (cost, moves) == (12, [2, 2, -1]), "buy one more at 7, sell at 8"
cost, moves = charge_schedule([4, -3], 0, 1, 2, 2)
assert (cost, moves) == (-6, [0, 2]), "paid to take more than the target"
cost, moves = charge_schedule([2, 2], 0, 1, 5, 3)  # several are right
assert cost == 2 == 2 * sum(moves), "one kWh more at the end"
assert all(0 <= sum(moves[:t]) <= 5 for t in (1, 2)), "0 to capacity"
try:
    charge_schedule([1, 1], 0, 5, 9, 2)
    raise AssertionError("5 kWh in two hours of 2: ValueError")
except ValueError:
    pass
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("charge_schedule")


def least(prices, start, target, capacity, rate):
    """The least cost of all schedules, by trying each; None if there is none."""
    if not prices:
        return 0 if start >= target else None
    costs = []
    for move in range(-rate, rate + 1):
        if 0 <= start + move <= capacity:
            rest = least(prices[1:], start + move, target, capacity, rate)
            if rest is not None:
                costs.append(prices[0] * move + rest)
    return min(costs, default=None)


def right(answer, want, prices, start, target, capacity, rate):
    """Whether the schedule is feasible and costs what it says, the least possible."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        return False
    cost, moves = answer
    if not isinstance(moves, (tuple, list)) or len(moves) != len(prices):
        return False
    charge = start
    for move in moves:
        if move not in range(-rate, rate + 1):
            return False
        charge += int(move)
        if not 0 <= charge <= capacity:
            return False
    paid = sum(price * int(move) for price, move in zip(prices, moves))
    return charge >= target and cost == want == paid


def kept(prices, *rest):
    """Whether the prices are the same after the call."""
    given = list(prices)
    charge_schedule(given, *rest)
    return given == prices


kinds = ((1, 60), (-60, 60), (-2, 2))
for case in range(360):
    low, high = kinds[case % 3]
    prices = [draw.randint(low, high) for _ in range(draw.randrange(1, 5))]
    capacity, rate = draw.randint(0, 6), draw.randint(1, 3)
    start, target = draw.randint(0, capacity), draw.randint(0, capacity)
    given = (start, target, capacity, rate)
    want = least(prices, *given)
    if want is None:
        try:
            charge_schedule(prices, *given)
            raise AssertionError("a target that is out of reach")
        except ValueError:
            continue
    answer = charge_schedule(list(prices), *given)
    if low > 0:
        assert right(answer, want, prices, *given), "random positive prices"
    elif high == 60:
        assert right(answer, want, prices, *given), "random prices, some negative"
    else:
        assert right(answer, want, prices, *given), "small prices with many equal ones and zeros"
for case in range(30):
    prices = [draw.randint(1, 60) for _ in range(4)]
    given = (9, draw.randint(0, 2), 9, draw.randint(1, 2))
    answer = charge_schedule(prices, *given)
    assert right(answer, least(prices, *given), prices, *given), "more in the battery than can be sold"
    prices = [draw.randint(-60, -1) for _ in range(3)]
    given = (1, 2, 6, draw.randint(1, 3))
    answer = charge_schedule(prices, *given)
    assert right(answer, least(prices, *given), prices, *given), "prices that are all negative"
    low = draw.randint(1, 20)
    prices, given = [low, low + draw.randint(1, 30), low - 40], (0, 1, 3, 3)
    answer = charge_schedule(prices, *given)
    assert right(answer, least(prices, *given), prices, *given), "buy, sell, and be paid to take it back"
    assert kept(prices, *given), "the caller's list must stay as it was"
assert right(charge_schedule([], 3, 2, 5, 1), 0, [], 3, 2, 5, 1), "no hours"
for given in (([1, 2], 1, 1, 3, 0), ([1, 2], 1, 1, 3, -1), ([1, 2], 4, 1, 3, 1), ([], 1, 2, 3, 1), ([1, 1, 1], 0, 4, 3, 2)):
    try:
        charge_schedule(*given)
        raise AssertionError("a rate that is not positive, too full a start, or no schedule")
    except ValueError:
        pass
from scipy.optimize import linprog
import numpy as np

week = [draw.randint(-9, 60) for _ in range(168)]
sums = np.tril(np.ones((168, 168)))  # the charge after each hour, less the start
floor = np.full(168, 50.0)  # how far the charge may fall
floor[-1] = 50 - 70
found = linprog(week, A_ub=np.vstack((sums, -sums)), b_ub=np.concatenate((np.full(168, 50.0), floor)), bounds=(-20, 20))
answer = charge_schedule(list(week), 50, 70, 100, 20)
assert right(answer, round(found.fun), week, 50, 70, 100, 20), "a week of 168 hours"
### END HIDDEN TESTS

# %% mistake="charge_schedule" active="py" name="cheapest hours only"
# Your rule buys what is missing where it is cheapest. What does it do in an hour that pays you to take energy, when nothing is missing?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    missing = max(0, target - start)
    if target > capacity or missing > rate * len(prices):
        raise ValueError("no schedule reaches the target")
    moves = [0] * len(prices)
    for hour in sorted(range(len(prices)), key=prices.__getitem__):
        moves[hour] = min(rate, missing - sum(moves))
    return sum(price * move for price, move in zip(prices, moves)), moves

# %% mistake="charge_schedule" active="py" name="never sells"
# The price is 2 at night and 9 in the morning, and the battery is full. What could it do at nine?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    value = [0 if charge >= target else math.inf for charge in range(capacity + 1)]
    plan = []
    for price in reversed(prices):
        later = value
        best = [
            min(range(min(rate, capacity - c) + 1), key=lambda m, c=c: price * m + later[c + m])
            for c in range(capacity + 1)
        ]
        value = [price * m + later[c + m] for c, m in enumerate(best)]
        plan.append(best)
    if value[start] == math.inf:
        raise ValueError("no schedule reaches the target")
    moves, charge = [], start
    for best in reversed(plan):
        moves.append(best[charge])
        charge += best[charge]
    return value[start], moves

# %% mistake="charge_schedule" active="py" name="ends at exactly the target"
# In the last hour somebody pays you to take energy, and the target is reached. Does the text forbid you to end above it?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    value = [0 if charge == target else math.inf for charge in range(capacity + 1)]
    plan = []
    for price in reversed(prices):
        later = value
        best = [
            min(range(max(-rate, -c), min(rate, capacity - c) + 1), key=lambda m, c=c: price * m + later[c + m])
            for c in range(capacity + 1)
        ]
        value = [price * m + later[c + m] for c, m in enumerate(best)]
        plan.append(best)
    if value[start] == math.inf:
        raise ValueError("no schedule reaches the target")
    moves, charge = [], start
    for best in reversed(plan):
        moves.append(best[charge])
        charge += best[charge]
    return value[start], moves

# %% mistake="charge_schedule" active="py" name="full rate or nothing"
# One kWh is missing and the rate is 2. Which moves does your loop try?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    value = [0 if charge >= target else math.inf for charge in range(capacity + 1)]
    plan = []
    for price in reversed(prices):
        later = value
        best = [
            min((m for m in (-rate, 0, rate) if 0 <= c + m <= capacity), key=lambda m, c=c: price * m + later[c + m])
            for c in range(capacity + 1)
        ]
        value = [price * m + later[c + m] for c, m in enumerate(best)]
        plan.append(best)
    if value[start] == math.inf:
        raise ValueError("no schedule reaches the target")
    moves, charge = [], start
    for best in reversed(plan):
        moves.append(best[charge])
        charge += best[charge]
    return value[start], moves

# %% mistake="charge_schedule" active="py" name="sells what it does not have"
# The first hour has the highest price and the battery is empty. How much can you sell in it?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    low = min(0, start - rate * len(prices))
    value = {c: 0 if c >= target else math.inf for c in range(low, capacity + 1)}
    plan = []
    for price in reversed(prices):
        later = value
        best = {
            c: min(range(max(-rate, low - c), min(rate, capacity - c) + 1), key=lambda m, c=c: price * m + later[c + m])
            for c in later
        }
        value = {c: price * m + later[c + m] for c, m in best.items()}
        plan.append(best)
    if value[start] == math.inf:
        raise ValueError("no schedule reaches the target")
    moves, charge = [], start
    for best in reversed(plan):
        moves.append(best[charge])
        charge += best[charge]
    return value[start], moves

# %% mistake="charge_schedule" active="py" name="fills beyond the capacity"
# The battery is full at noon and the evening pays well. Where do you put what you buy at one o'clock?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity or target > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    top = capacity + rate * len(prices)
    value = [0 if target <= charge <= capacity else math.inf for charge in range(top + 1)]
    plan = []
    for price in reversed(prices):
        later = value
        best = [
            min(range(max(-rate, -c), min(rate, top - c) + 1), key=lambda m, c=c: price * m + later[c + m])
            for c in range(top + 1)
        ]
        value = [price * m + later[c + m] for c, m in enumerate(best)]
        plan.append(best)
    if value[start] == math.inf:
        raise ValueError("no schedule reaches the target")
    moves, charge = [], start
    for best in reversed(plan):
        moves.append(best[charge])
        charge += best[charge]
    return value[start], moves

# %% mistake="charge_schedule" active="py" name="sells without a limit"
# The evening pays well for one hour. How much can leave the battery in that hour?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    value = [0 if charge >= target else math.inf for charge in range(capacity + 1)]
    plan = []
    for price in reversed(prices):
        later = value
        best = [
            min(range(-c, min(rate, capacity - c) + 1), key=lambda m, c=c: price * m + later[c + m])
            for c in range(capacity + 1)
        ]
        value = [price * m + later[c + m] for c, m in enumerate(best)]
        plan.append(best)
    if value[start] == math.inf:
        raise ValueError("no schedule reaches the target")
    moves, charge = [], start
    for best in reversed(plan):
        moves.append(best[charge])
        charge += best[charge]
    return value[start], moves

# %% mistake="charge_schedule" active="py" name="moves from last to first"
# You followed the table from the last hour to the first. In which order are the moves in your list?
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate must be positive, start at most the capacity")
    value = {start: (0, ())}
    for price in prices:
        later = {}
        for c, (cost, moves) in value.items():
            for m in range(max(-rate, -c), min(rate, capacity - c) + 1):
                step = (cost + price * m, (m, *moves))
                if c + m not in later or step[0] < later[c + m][0]:
                    later[c + m] = step
        value = later
    ends = [value[c] for c in value if c >= target]
    if not ends:
        raise ValueError("no schedule reaches the target")
    cost, moves = min(ends, key=lambda end: end[0])
    return cost, list(moves)

# %% accepts="charge_schedule" active="py" name="forwards, with parents"
def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("impossible")
    costs, parents = {start: 0}, []
    for price in prices:
        reached, parent = {}, {}
        for charge, cost in costs.items():
            for after in range(max(0, charge - rate), min(capacity, charge + rate) + 1):
                total = cost + price * (after - charge)
                if total < reached.get(after, math.inf):
                    reached[after], parent[after] = total, charge
        costs = reached
        parents.append(parent)
    ends = [charge for charge in costs if charge >= target]
    if not ends:
        raise ValueError("out of reach")
    charge = min(ends, key=costs.get)
    cost, levels = costs[charge], [charge]
    for parent in reversed(parents):
        levels.append(parent[levels[-1]])
    levels.reverse()
    return cost, [b - a for a, b in pairwise(levels)]

# %% accepts="charge_schedule" active="py" name="memoized recursion"
from functools import cache


def charge_schedule(prices, start, target, capacity, rate):
    if rate < 1 or start > capacity:
        raise ValueError("bad parameters")

    @cache
    def best(hour, charge):
        if hour == len(prices):
            return (0, 0) if charge >= target else (math.inf, 0)
        options = []
        for move in range(-rate, rate + 1):
            if 0 <= charge + move <= capacity:
                options.append((prices[hour] * move + best(hour + 1, charge + move)[0], move))
        return min(options)

    cost, _ = best(0, start)
    if cost == math.inf:
        raise ValueError("no schedule")
    moves, charge = [], start
    for hour in range(len(prices)):
        moves.append(best(hour, charge)[1])
        charge += moves[-1]
    return cost, moves

# %% accepts="charge_schedule" active="py" name="minimum of a sliding window"
from collections import deque


def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("impossible")
    value = [math.inf if c < target else 0 for c in range(capacity + 1)]
    plan = []
    for price in prices[::-1]:
        after = [price * c + v for c, v in enumerate(value)]
        queue, seen, go = deque(), 0, []
        for c in range(capacity + 1):
            while seen <= min(capacity, c + rate):
                while queue and after[queue[-1]] >= after[seen]:
                    queue.pop()
                queue.append(seen)
                seen += 1
            if queue[0] < c - rate:
                queue.popleft()
            go.append(queue[0])
        value = [after[to] - price * c for c, to in enumerate(go)]
        plan.append(go)
    if math.isinf(value[start]):
        raise ValueError("out of reach")
    moves, c = [], start
    for go in plan[::-1]:
        moves.append(go[c] - c)
        c = go[c]
    return value[start], moves

# %% accepts="charge_schedule" active="py" name="linear program, whole by itself"
import numpy as np
from scipy.optimize import linprog


def charge_schedule(prices, start, target, capacity, rate):
    if rate <= 0 or start > capacity:
        raise ValueError("rate or start")
    n = len(prices)
    if n == 0:
        if start < target:
            raise ValueError("too late")
        return 0, []
    total = np.tril(np.ones((n, n)))
    fall = np.full(n, float(start))
    fall[-1] = min(start, start - target)
    found = linprog(
        prices,
        A_ub=np.vstack([total, -total]),
        b_ub=np.concatenate([np.full(n, float(capacity - start)), fall]),
        bounds=(-rate, rate),
        method="highs-ds",
    )
    if found.status != 0:
        raise ValueError("infeasible")
    moves = [int(move) for move in found.x.round()]
    return sum(p * m for p, m in zip(prices, moves)), moves

# %% [markdown]
# Your function on the day above:

# %% mystnb={"figure": {"caption": "A day's price of energy and the charge of the battery under the cheapest schedule; the dashed line is the target at the end."}, "image": {"alt": "Above, a step curve of the price: low at night, a morning peak near 20 cents, below zero at noon, an evening peak near 30 cents. Below, the charge rises to 100 kWh at night, falls to 0 in the morning peak, rises to 100 at noon, falls to 40 in the evening peak and rises again to end at the target of 80."}}
cost, moves = charge_schedule(cents, **battery)
charge = list(accumulate(moves, initial=battery["start"]))
fig, (above, below) = plt.subplots(2, 1, sharex=True)
above.step(range(25), [*cents, cents[-1]], where="post", color="C1")
above.axhline(0, color="gray", lw=0.8)
above.set(ylabel="price\n(cents per kWh)",
          title="Charge low, sell high, end at the target")
below.plot(range(25), charge, "o-", ms=3)
below.axhline(battery["target"], color="gray", ls="--", lw=1)
below.set(xlabel="hour of the day", ylabel="charge (kWh)")
print(f"cost {cost} cents; with the quick rule {quick_cost} cents")

# %% [markdown]
# It fills up at night, empties in the morning peak, is paid to fill up at noon, sells in the evening, and buys back what the target asks for in the last hours.
# How low to go in the evening is the hard part: each kWh sold must be bought back at a rate of 20 an hour, and the table has weighed that for every charge.

# %% [markdown]
# ## Where did the level change?
#
# > "This is the coolant pressure of a test stand over four minutes. Somebody changed something, more than once. When?"

# %%
draw = random.Random(12)
levels = [(60, 30), (25, 34), (75, 31), (15, 37), (65, 33)]  # seconds, kPa
truth = [level for count, level in levels for _ in range(count)]
pressure = [round(level + draw.gauss(0, 1.2), 2) for level in truth]
jumps = [i for i in range(1, len(pressure))
         if abs(pressure[i] - pressure[i - 1]) > 3]
changes = [60, 85, 160, 175]
missed = sorted(set(changes) - set(jumps))
print(f"{len(jumps)} pairs of neighbors are 3 kPa apart;")
print(f"of the true changes {changes} they miss {missed}")

# %% [markdown]
# Comparing neighbors looks at two samples, and the noise of two samples is not much smaller than the jumps: many false alarms, and yet a change is missed. A level is known well only from *many* samples.
# So give each cut of the series into segments a cost, and look for the cheapest: the squared deviations from the mean of each segment, plus a **penalty** β for each change.
# Without a penalty every sample would be its own segment, at cost 0.
#
# The second greedy idea: find the one best cut, keep it if it saves more than β, and go on in both halves. A short bump defeats it:

# %%
def deviations(part):
    """Sum of squared deviations from the mean."""
    mean = sum(part) / len(part)
    return sum((x - mean) ** 2 for x in part)


bump, penalty = [0, 0, 0, 5, 5, 0, 0, 0], 10
whole = deviations(bump)
one = min(deviations(bump[:i]) + deviations(bump[i:]) for i in range(1, 8))
two = deviations(bump[:3]) + deviations(bump[3:5]) + deviations(bump[5:])
print("no cut           ", whole)
print("the best cut     ", one + penalty)
print("both cuts at once", two + 2 * penalty)

# %% [markdown]
# One cut costs 40, more than none at 37.5, so greedy splitting stops. Two cuts cost 20.
#
# The last segment is what a dynamic program should ask about.
#
# > $F_j$ is the least cost of the first j samples, cut in any way.
#
# If the last segment holds the samples i to j − 1, the first i samples are cut in a cheapest way, at cost $F_i$; or exchange them. Try all i, and write $C(i, j)$ for the squared deviations of those samples:
#
# $$F_j = \min_{0 \le i < j} \big( F_i + C(i, j) + \beta \big), \qquad F_0 = -\beta .$$
#
# $F_0 = -\beta$ since k segments have k − 1 changes: the first segment is free.
# To read the cut off, keep the best i of each j, and follow these from n back to 0.
#
# There are n²/2 pairs, so each $C(i, j)$ should take constant time. It does, from **prefix sums**: with $S_j$ the sum of the first j samples, $Q_j$ the sum of their squares and $m = j - i$,
#
# $$C(i, j) = \sum_{i \le t < j} x_t^2 - \frac1m \Big( \sum_{i \le t < j} x_t \Big)^{2} = Q_j - Q_i - \frac{(S_j - S_i)^2}{j - i} .$$
#
# (The notebook on sliding windows showed what is wrong with that difference for values near $10^9$. Subtract the mean of the series first; the deviations stay the same.)

# %%
S = [0, *accumulate(bump)]
Q = [0, *accumulate(x * x for x in bump)]
for i, j in ((0, 8), (3, 5), (2, 5)):
    quick = Q[j] - Q[i] - (S[j] - S[i]) ** 2 / (j - i)
    print(f"C({i}, {j}) = {quick:.3f} = {deviations(bump[i:j]):.3f}")

# %% [markdown]
# ## Exercise 4: cut a series into levels (15 min)
#
# Write `segment(series, penalty)`: where the segments of a cheapest cut begin.
#
# - `series`: a list of numbers, at most 1,000 in magnitude; `penalty`: a number of at least 0. In the tests differences and penalties are 0 or well above rounding, so that prefix sums of squares are exact enough.
# - A cut divides the series into contiguous segments, none of them empty. Its cost is the sum over all samples of (sample − mean of its segment)², plus `penalty` · (segments − 1).
# - Returns the **starts of all segments but the first**: ascending places, counted from 0. A single segment: `[]`.
# - The cost of your cut must be the smallest possible, within $10^{-6}$ · max(1, smallest cost). If several cuts are cheapest, any of them is right.
# - An empty series: `[]`. `penalty` < 0 raises ValueError, also for an empty series. `series` is not changed.
# - Size: 2,000 samples. O(n²) is fine.

# %% exercise="segment"
def segment(series, penalty):
    """The change points of a cheapest piecewise constant fit.

    Args:
        series: list of numbers.
        penalty: number >= 0, cost of each change.

    Returns:
        list[int], ascending: the start of each segment but the first.

    Raises:
        ValueError: penalty < 0.

    >>> segment([0, 0, 0, 5, 5, 0, 0, 0], 10)
    [3, 5]
    """
    ### BEGIN SOLUTION
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    n = len(series)
    sums = [0, *accumulate(series)]
    squares = [0, *accumulate(x * x for x in series)]
    least, begins = [-penalty], [0]  # of the first j samples; last segment
    for j in range(1, n + 1):
        best, begin = math.inf, 0
        for i in range(j):
            inside = sums[j] - sums[i]
            cost = squares[j] - squares[i] - inside * inside / (j - i)
            if least[i] + cost < best:
                best, begin = least[i] + cost, i
        least.append(best + penalty)
        begins.append(begin)
    starts, j = [], begins[n]
    while j:
        starts.append(j)
        j = begins[j]
    return starts[::-1]
    ### END SOLUTION

# %% tests="segment" points=5
assert segment([0, 0, 0, 5, 5, 0, 0, 0], 10) == [3, 5], "a bump of two"
assert segment([0, 0, 0, 5, 5, 0, 0, 0], 19) == [], "too dear to cut"
assert segment([1, 2, 9, 8], 3) == [2], "two levels with noise"
assert segment([5, 2, 0, 0], 6) == [1], "one cut, but where?"
assert segment([4, 4, 4], 1) == [], "one level"
assert segment([1, 2, 4], 0) == [1, 2], "cuts are free"
assert segment([7], 2) == [] and segment([], 2) == [], "one sample, none"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("segment")


def deviation(part):
    """Sum of squared deviations from the mean."""
    mean = sum(part) / len(part)
    return sum((x - mean) ** 2 for x in part)


def cheapest(series, penalty):
    """The least cost, by trying every set of cuts."""
    n = len(series)
    cost = {(i, j): deviation(series[i:j]) for j in range(n + 1) for i in range(j)}

    def all_costs(i):
        """The costs of all ways to cut what begins at i."""
        for j in range(i + 1, n):
            for rest in all_costs(j):
                yield cost[i, j] + penalty + rest
        yield cost[i, n]

    return min(all_costs(0))


def by_count(series, penalty):
    """The least cost, from the best cut into each number of segments."""
    n = len(series)
    cost = [[deviation(series[i:j]) if i < j else 0.0 for j in range(n + 1)] for i in range(n)]
    row = [cost[0][j] for j in range(n + 1)]
    best = row[n]
    for changes in range(1, n):
        row = [min((row[i] + cost[i][j] for i in range(changes, j)), default=math.inf) for j in range(n + 1)]
        best = min(best, row[n] + penalty * changes)
    return best


def right(starts, least, series, penalty):
    """Whether the starts are ascending places inside, and their cost is the least."""
    if not isinstance(starts, (list, tuple)):
        return False
    if any(place not in range(1, len(series)) for place in starts):
        return False
    edges = [0, *(int(place) for place in starts), len(series)]
    if any(a >= b for a, b in pairwise(edges)):
        return False
    cost = sum(deviation(series[a:b]) for a, b in pairwise(edges))
    cost += penalty * (len(edges) - 2)
    return cost <= least + 1e-6 * max(1, least)


def steps(n, high, noise):
    """Levels that change now and then, with whole-number noise."""
    out, level = [], draw.randint(-high, high)
    for _ in range(n):
        if draw.random() < 0.3:
            level = draw.randint(-high, high)
        out.append(level + draw.randint(-noise, noise))
    return out


for case in range(120):
    series, penalty = steps(draw.randrange(1, 10), 20, 3), draw.choice((1, 5, 17, 60, 200))
    kept = list(series)
    assert right(segment(series, penalty), cheapest(series, penalty), series, penalty), "random levels with noise"
    assert series == kept, "the caller's list must stay as it was"
    series, penalty = [draw.randint(-3, 3) for _ in range(draw.randrange(1, 9))], draw.choice((0, 1, 2, 4, 8))
    assert right(segment(series, penalty), cheapest(series, penalty), series, penalty), "small random values with ties"
for case in range(40):
    side, wide, height = draw.randint(3, 9), draw.randint(1, 3), draw.choice((-9, -5, 5, 9))
    series = [draw.randint(0, 1) for _ in range(side)]
    series += [height + draw.randint(0, 1) for _ in range(wide)]
    series += [draw.randint(0, 1) for _ in range(side)]
    penalty = wide * height * height * draw.choice((0.2, 0.35, 0.45))
    assert right(segment(series, penalty), by_count(series, penalty), series, penalty), "a short bump between equal levels"
    ramp = [draw.randint(2, 4) * i for i in range(draw.randint(5, 14))]
    assert right(segment(ramp, 15), by_count(ramp, 15), ramp, 15), "a slow rise in small steps"
    fractions = [draw.uniform(-5, 5) + (i > 4) * 6 for i in range(12)]
    assert right(segment(fractions, 9.5), by_count(fractions, 9.5), fractions, 9.5), "random fractions"
for case in range(8):
    series, penalty = steps(40, 15, 4), draw.choice((10, 40, 90))
    assert right(segment(series, penalty), by_count(series, penalty), series, penalty), "forty samples"
assert list(segment([], 3)) == [] and list(segment([], 0)) == [], "an empty series"
for given in ([], [1, 2, 3]):
    try:
        segment(given, -0.5)
        raise AssertionError("a negative penalty")
    except ValueError:
        pass
# Levels without noise, at least 2 samples long and 100 apart. The two samples around a change that
# is not cut deviate by at least 100**2 / 2 together, so with a smaller penalty all are cut.
long, changes, level = [], [], 0
while len(long) < 1980:
    if long:
        changes.append(len(long))
    level = level - 100 if level > 0 else level + draw.choice((100, 150))
    long += [level] * draw.randint(2, 90)
long += [level] * (2000 - len(long))
assert list(segment(long, 4000)) == changes, "2,000 samples"
### END HIDDEN TESTS

# %% mistake="segment" active="py" name="splits in two, greedily"
# A short bump lies between two equal levels. What does one cut alone save there, and what do both?
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    sums = [0, *accumulate(series)]
    squares = [0, *accumulate(x * x for x in series)]

    def cost(i, j):
        return squares[j] - squares[i] - (sums[j] - sums[i]) ** 2 / (j - i)

    starts, todo = [], [(0, len(series))]
    while todo:
        i, j = todo.pop()
        cut = min(range(i + 1, j), key=lambda k: cost(i, k) + cost(k, j), default=None)
        if cut is not None and cost(i, cut) + cost(cut, j) + penalty < cost(i, j):
            starts.append(cut)
            todo += [(i, cut), (cut, j)]
    return sorted(starts)

# %% mistake="segment" active="py" name="compares neighbors"
# The level rises by one at every sample, for an hour. Do any two neighbors ever differ by much?
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    return [i for i in range(1, len(series)) if (series[i] - series[i - 1]) ** 2 > penalty]

# %% mistake="segment" active="py" name="fills a segment until it is too dear"
# You cut when the samples so far deviate by more than the penalty. Was this the best place, or would a cut some samples earlier have saved more?
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    starts, begin = [], 0
    for j in range(1, len(series) + 1):
        part = series[begin:j]
        mean = sum(part) / len(part)
        if sum((x - mean) ** 2 for x in part) > penalty:
            begin = j - 1
            starts.append(begin)
    return starts

# %% mistake="segment" active="py" name="mean of the squares, not their sum"
# A segment of 100 samples and one of 2 have the same variance. Which of them deviates more in sum?
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    n = len(series)
    sums = [0, *accumulate(series)]
    squares = [0, *accumulate(x * x for x in series)]
    least, begins = [-penalty], [0]
    for j in range(1, n + 1):
        best, begin = math.inf, 0
        for i in range(j):
            mean = (sums[j] - sums[i]) / (j - i)
            cost = (squares[j] - squares[i]) / (j - i) - mean * mean
            if least[i] + cost < best:
                best, begin = least[i] + cost, i
        least.append(best + penalty)
        begins.append(begin)
    starts, j = [], begins[n]
    while j:
        starts.append(j)
        j = begins[j]
    return starts[::-1]

# %% mistake="segment" active="py" name="places where segments end"
# A level lasts from place 0 to place 2 and a new one begins. At which place does the new segment start?
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    n = len(series)
    sums = [0, *accumulate(series)]
    squares = [0, *accumulate(x * x for x in series)]
    least, begins = [-penalty], [0]
    for j in range(1, n + 1):
        best, begin = math.inf, 0
        for i in range(j):
            inside = sums[j] - sums[i]
            cost = squares[j] - squares[i] - inside * inside / (j - i)
            if least[i] + cost < best:
                best, begin = least[i] + cost, i
        least.append(best + penalty)
        begins.append(begin)
    ends, j = [], begins[n]
    while j:
        ends.append(j - 1)
        j = begins[j]
    return ends[::-1]

# %% mistake="segment" active="py" name="lists the first segment too"
# Every cut has a segment that starts at place 0. Is that a change, and does the text ask for it?
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    n = len(series)
    sums = [0, *accumulate(series)]
    squares = [0, *accumulate(x * x for x in series)]
    least, begins = [-penalty], [0]
    for j in range(1, n + 1):
        best, begin = math.inf, 0
        for i in range(j):
            inside = sums[j] - sums[i]
            cost = squares[j] - squares[i] - inside * inside / (j - i)
            if least[i] + cost < best:
                best, begin = least[i] + cost, i
        least.append(best + penalty)
        begins.append(begin)
    starts, j = [], n
    while j:
        j = begins[j]
        starts.append(j)
    return starts[::-1]

# %% mistake="segment" active="py" name="sums each segment anew"
# How many samples does your code add up for all pairs of a beginning and an end together? What do sums of the first i and the first j samples tell about those between?
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty must not be negative")
    n = len(series)
    least, begins = [-penalty], [0]
    for j in range(1, n + 1):
        best, begin = math.inf, 0
        for i in range(j):
            part = series[i:j]
            inside = sum(part)
            cost = sum(x * x for x in part) - inside * inside / (j - i)
            if least[i] + cost < best:
                best, begin = least[i] + cost, i
        least.append(best + penalty)
        begins.append(begin)
    starts, j = [], begins[n]
    while j:
        starts.append(j)
        j = begins[j]
    return starts[::-1]

# %% accepts="segment" active="py" name="numpy, a row at a time"
import numpy as np


def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty")
    x = np.asarray(series, dtype=float)
    n = len(x)
    if n == 0:
        return []
    x = x - x.mean()
    s = np.concatenate([[0.0], np.cumsum(x)])
    q = np.concatenate([[0.0], np.cumsum(x**2)])
    best, last = np.zeros(n + 1), np.zeros(n + 1, dtype=int)
    best[0] = -penalty
    for j in range(1, n + 1):
        lengths = np.arange(j, 0, -1)
        total = best[:j] + q[j] - q[:j] - (s[j] - s[:j]) ** 2 / lengths
        last[j] = np.argmin(total)
        best[j] = total[last[j]] + penalty
    cuts = []
    while last[n] > 0:
        n = last[n]
        cuts.append(int(n))
    return cuts[::-1]

# %% accepts="segment" active="py" name="free first segment by hand, later starts at ties"
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("penalty")
    s, q = [0], [0]
    for value in series:
        s.append(s[-1] + value)
        q.append(q[-1] + value * value)
    table = [(0.0, ())]
    for j in range(1, len(series) + 1):
        options = []
        for i in range(j):
            cost = table[i][0] + q[j] - q[i] - (s[j] - s[i]) ** 2 / (j - i)
            options.append((cost + (penalty if i else 0), -i))
        least, i = min(options)
        table.append((least, (*table[-i][1], -i) if i else ()))
    return list(table[-1][1])

# %% accepts="segment" active="py" name="pruned candidates, from the end"
def segment(series, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    n = len(series)
    tail = [0.0] * n + [-penalty]  # the least cost of what begins at i
    following, candidates = [n] * (n + 1), []
    total = [0.0] * (n + 1)
    power = [0.0] * (n + 1)
    for i in reversed(range(n)):
        total[i] = total[i + 1] + series[i]
        power[i] = power[i + 1] + series[i] ** 2
        candidates.append(i + 1)
        scored = []
        for j in candidates:
            gap = total[i] - total[j]
            scored.append((tail[j] + power[i] - power[j] - gap * gap / (j - i), j))
        least, following[i] = min(scored)
        tail[i] = least + penalty
        candidates = [j for value, j in scored if value <= tail[i] + 1e-9]
    starts, i = [], 0
    while n and following[i] < n:
        i = following[i]
        starts.append(i)
    return starts

# %% [markdown]
# Your function on the pressure, with a few penalties. A common choice is $\beta = 2 \sigma^2 \ln n$, where σ is the standard deviation of the noise, 1.2 kPa here.
# It is the Bayesian information criterion as it is usually counted, with two parameters for each change: its place and its level.

# %%
n = len(pressure)
usual = 2 * 1.2**2 * math.log(n)
for name, penalty in (("a tenth", usual / 10), ("2 s² ln n", usual),
                      ("ten times", usual * 10), ("a hundred", usual * 100)):
    starts = segment(pressure, penalty)
    shown = starts if len(starts) < 9 else "..."
    print(f"{name:10} {len(starts):3} changes {shown}")

# %% mystnb={"figure": {"caption": "Simulated pressure of a test stand, its true levels, and the levels of the cheapest cut with a penalty of 2σ² ln n."}, "image": {"alt": "Noisy samples over 240 seconds around five levels between 30 and 37 kilopascals. A dashed line of the true levels and a solid step line of the fitted levels nearly coincide, and both jump at about 60, 85, 160 and 175 seconds."}}
edges = [0, *segment(pressure, usual), n]
fitted = [sum(pressure[a:b]) / (b - a)
          for a, b in pairwise(edges) for _ in range(a, b)]
fig, ax = plt.subplots()
ax.plot(pressure, ".", ms=3, color="C0", label="sample")
ax.plot(truth, "--", color="k", lw=1, label="true level")
ax.step(range(n), fitted, where="mid", color="C1", label="cheapest cut")
ax.set(xlabel="time (s)", ylabel="pressure (kPa)",
       title="The cheapest cut, among all of them")
ax.legend();

# %% [markdown]
# The penalty is the only knob, and it has a meaning: a change must explain more than that much squared deviation. Too small, and noise becomes changes; too large, and changes become noise.
#
# ## Two curves that are out of step
#
# > "A press records the force while it seats a bearing. Compare today's curve with a good one.
# > Today's stroke began a little later; that is fine."
#
# The **pointwise** distance $\sum_i |a_i - b_i|$ compares sample i with sample i, whatever the delay.

# %%
def stroke(delay, n=60, dent=0.0):
    """Force in kN: a rise, a plateau, a fall; dent: a dip on the way."""
    force = []
    for i in range(n):
        t = i - delay
        up = 1 / (1 + math.exp(-(t - 15) / 2))
        down = 1 / (1 + math.exp((t - 40) / 2))
        dip = dent * math.exp(-((t - 27) / 3) ** 2)
        force.append(20 * up * down - dip)
    return force


# %%
good, late, bad = stroke(0), stroke(5), stroke(0, dent=8)
for name, curve in (("late, but good", late), ("on time, but bad", bad)):
    off = sum(abs(a - b) for a, b in zip(good, curve))
    print(f"pointwise, {name:16}: {off:5.1f}")

# %% mystnb={"figure": {"caption": "Force of a press over a stroke: a good part, a good part whose stroke began later, and a bad part."}, "image": {"alt": "Three curves over 60 samples that rise to about 20 kilonewtons and fall again. The second has the same shape as the first but lies five samples to the right. The third lies on the first but for a dip of eight kilonewtons on its plateau."}}
fig, ax = plt.subplots()
for (name, curve), style in zip((("good", good), ("late", late),
                                 ("bad", bad)), ("-", "--", ":")):
    ax.plot(curve, style, label=name)
ax.set(xlabel="sample", ylabel="force (kN)",
       title="A delay looks worse than a defect")
ax.legend();

# %% [markdown]
# The late curve is the good one, and scores worse than the bad one.
#
# **Dynamic time warping** (H. Sakoe and S. Chiba, 1978) lets each curve wait for the other. It pairs samples along a **path** of pairs (i, j) from (0, 0) to the last samples of both.
# Each step goes on in a, in b, or in both: (1, 0), (0, 1) or (1, 1). A path costs the sum of $|a_i - b_j|$ over **all** its pairs, the first and the last included, and the distance is the least cost of a path.
#
# > $D(i, j)$ is the least cost of a path from (0, 0) to (i, j).
#
# The last step into (i, j) came from one of three pairs, and what came before it is a cheapest path to that pair:
#
# $$D(i, j) = |a_i - b_j| + \min \big( D(i - 1, j),\; D(i, j - 1),\; D(i - 1, j - 1) \big), \qquad D(0, 0) = |a_0 - b_0| ,$$
#
# where pairs outside the table count as infinite.
#
# Free to wait for as long as it likes, a path may pair a whole stretch of one curve with a single sample of the other: that forgives a lot, and costs time, since all pairs must be looked at. A **band** limits both: only pairs with $|i - j| \le w$ are allowed.

# %% mystnb={"figure": {"caption": "The difference of each pair of samples of the good and the late curve, dark where it is large, and a band of 8 samples."}, "image": {"alt": "A gray map, with samples of the good curve across and of the late one upward. White valleys of small difference run along a line that lies five samples above the diagonal where the curves rise and fall, between two parallel lines that mark the band."}}
gap = np.abs(np.subtract.outer(late, good))
fig, ax = plt.subplots()
shown = ax.imshow(gap, origin="lower", cmap="Greys", aspect="auto")
fig.colorbar(shown, label="difference (kN)")
for side, label in ((8, "band"), (-8, None)):
    ax.axline((0, side), slope=1, color="C1", label=label)
ax.set(xlabel="sample of the good curve", ylabel="sample of the late one",
       xlim=(0, 59), ylim=(0, 59), title="A path looks for a white valley")
ax.legend(loc="lower right");

# %% [markdown]
# The path may use the white areas. The valleys of the rise and of the fall lie five samples off the diagonal, inside the band.
#
# **Ask first:** may the lengths differ? Is the band around the diagonal $i = j$, or around the line that joins the two corners? Squared or absolute differences? Is the sum divided by the path's length?
# The answers here: yes; around i = j, so that lengths that differ by more than the band have no path; absolute; no.

# %% [markdown]
# ## Exercise 5: dynamic time warping (15 min)
#
# Write `dtw_distance(a, b, band)`.
#
# - `a`, `b`: lists of numbers, perhaps of different length; `band`: a whole number.
# - Returns the least sum of |a[i] − b[j]| over the pairs of a path from (0, 0) to (len(a) − 1, len(b) − 1), both ends included, with steps (1, 0), (0, 1) and (1, 1), on which every pair has |i − j| ≤ `band`.
# - If there is no such path: `math.inf`.
# - ValueError if `a` or `b` is empty, or if `band` < 0. Neither list is changed.
# - A float is compared within $10^{-9}$ · max(1, distance). Size: 150 samples each.

# %% exercise="dtw_distance"
def dtw_distance(a, b, band):
    """Dynamic time warping with a band around i = j.

    Args:
        a, b: lists of numbers, not empty.
        band: int >= 0, largest |i - j| of a pair.

    Returns:
        number, the least sum of absolute differences; math.inf if the band
        allows no path.

    Raises:
        ValueError: a or b is empty, or band < 0.

    >>> dtw_distance([0, 5, 5, 1], [0, 0, 5, 1], 1)
    0
    >>> dtw_distance([0, 5, 5, 1], [0, 0, 5, 1], 0)
    5
    """
    ### BEGIN SOLUTION
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    above = [math.inf] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        for j in range(max(0, i - band), min(len(b), i + band + 1)):
            if i == j == 0:
                best = 0
            else:
                left = row[j - 1] if j else math.inf
                corner = above[j - 1] if j else math.inf
                best = min(left, corner, above[j])
            row[j] = abs(x - b[j]) + best
        above = row
    return above[-1]
    ### END SOLUTION

# %% tests="dtw_distance" points=4
assert dtw_distance([0, 5, 5, 1], [0, 0, 5, 1], 1) == 0, "one waits"
assert dtw_distance([0, 5, 5, 1], [0, 0, 5, 1], 0) == 5, "nobody may wait"
assert dtw_distance([1, 2, 3], [3, 3], 1) == 3, "2 + 1 + 0, unequal lengths"
assert dtw_distance([1, 2, 3, 4], [1, 4], 1) == math.inf, "|3 - 1| > 1"
assert dtw_distance([2], [5, 5], 1) == 6, "each pair on the path counts"
try:
    dtw_distance([], [1], 3)
    raise AssertionError("an empty list: ValueError")
except ValueError:
    pass
### BEGIN HIDDEN TESTS
import heapq

from sixrounds.testing import pyrandom

draw = pyrandom("dtw_distance")


def all_paths(a, b, band, i=0, j=0):
    """The costs of all paths from (i, j) to the end."""
    if i == len(a) or j == len(b) or abs(i - j) > band:
        return
    here = abs(a[i] - b[j])
    if (i, j) == (len(a) - 1, len(b) - 1):
        yield here
    for down, right in ((1, 0), (0, 1), (1, 1)):
        for rest in all_paths(a, b, band, i + down, j + right):
            yield here + rest


def shortest(a, b, band):
    """As a shortest path between pairs, by Dijkstra."""
    heap, done = [(abs(a[0] - b[0]), 0, 0)], set()
    while heap:
        cost, i, j = heapq.heappop(heap)
        if (i, j) == (len(a) - 1, len(b) - 1):
            return cost
        if (i, j) in done:
            continue
        done.add((i, j))
        for k, m in ((i + 1, j), (i, j + 1), (i + 1, j + 1)):
            if k < len(a) and m < len(b) and abs(k - m) <= band:
                heapq.heappush(heap, (cost + abs(a[k] - b[m]), k, m))
    return math.inf


def near(got, want):
    if want == math.inf:
        return got == math.inf
    return got == want or abs(got - want) <= 1e-9 * max(1, abs(want))


def values(n, high=9):
    return [draw.randint(-high, high) for _ in range(n)]


for case in range(150):
    a, b = values(draw.randint(1, 5)), values(draw.randint(1, 5))
    band, kept = draw.randrange(0, 5), (list(a), list(b))
    want = min(all_paths(a, b, band), default=math.inf)
    got = dtw_distance(a, b, band)
    if want == math.inf:
        assert got == want, "lengths that differ by more than the band"
    else:
        assert near(got, want), "short random lists"
    assert (a, b) == kept, "the caller's lists must stay as they were"
    a, b = values(draw.randint(6, 14), 30), values(draw.randint(3, 9), 30)
    band = max(0, len(a) - len(b) + draw.randint(-3, 4))
    assert near(dtw_distance(a, b, band), shortest(a, b, band)), "a list that is longer than the other"
    assert near(dtw_distance(b, a, band), shortest(a, b, band)), "a list that is shorter than the other"
    b = values(len(a), 30)
    band = draw.randint(0, 4)
    assert near(dtw_distance(a, b, band), shortest(a, b, band)), "equal lengths and a narrow band"
for case in range(30):
    a = [draw.uniform(-1, 1) for _ in range(8)]
    b = [draw.uniform(-1, 1) for _ in range(9)]
    assert near(dtw_distance(a, b, 3), shortest(a, b, 3)), "random fractions"
    shape = values(6)
    slow = [x for x in shape for _ in range(draw.randint(1, 3))]
    assert dtw_distance(shape, slow, 20) == 0, "the same shape, stretched"
    a, b = [case], values(4)
    assert near(dtw_distance(a, b, 3), sum(abs(case - x) for x in b)), "one sample against several"
for given in (([], [1], 2), ([1], [], 2), ([], [], 0), ([1], [1], -1), ([1, 2], [1, 2, 3], -2)):
    try:
        dtw_distance(*given)
        raise AssertionError("an empty list, or a negative band")
    except ValueError:
        pass
walk = list(accumulate(values(150, 3)))
other = list(accumulate(values(150, 3)))
assert near(dtw_distance(walk, other, 150), shortest(walk, other, 150)), "150 samples, all pairs allowed"
assert near(dtw_distance(walk, other, 10), shortest(walk, other, 10)), "150 samples and a band of 10"
### END HIDDEN TESTS

# %% mistake="dtw_distance" active="py" name="widens the band"
# One list is longer by more than the band. Which pair must every path end with, and does the text allow it?
def dtw_distance(a, b, band):
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    band = max(band, abs(len(a) - len(b)))
    above = [math.inf] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        for j in range(max(0, i - band), min(len(b), i + band + 1)):
            best = min(row[j - 1] if j else math.inf, above[j - 1] if j else math.inf, above[j])
            row[j] = abs(x - b[j]) + (0 if i == j == 0 else best)
        above = row
    return above[-1]

# %% mistake="dtw_distance" active="py" name="slanted band"
# The lists have 10 and 5 samples. Is your band around i = j, or around the line from corner to corner?
def dtw_distance(a, b, band):
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    above = [math.inf] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        center = i * len(b) / len(a)
        for j in range(len(b)):
            if abs(center - j) <= band:
                best = min(row[j - 1] if j else math.inf, above[j - 1] if j else math.inf, above[j])
                row[j] = abs(x - b[j]) + (0 if i == j == 0 else best)
        above = row
    return above[-1]

# %% mistake="dtw_distance" active="py" name="no band"
# The band is 0. Which pairs may a path use then?
def dtw_distance(a, b, band):
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    above = [math.inf] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        for j in range(len(b)):
            best = min(row[j - 1] if j else math.inf, above[j - 1] if j else math.inf, above[j])
            row[j] = abs(x - b[j]) + (0 if i == j == 0 else best)
        above = row
    if abs(len(a) - len(b)) > band:
        return math.inf
    return above[-1]

# %% mistake="dtw_distance" active="py" name="squared differences"
# One pair differs by 3. What does it add to the sum: 3, or 9?
def dtw_distance(a, b, band):
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    above = [math.inf] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        for j in range(max(0, i - band), min(len(b), i + band + 1)):
            best = min(row[j - 1] if j else math.inf, above[j - 1] if j else math.inf, above[j])
            row[j] = (x - b[j]) ** 2 + (0 if i == j == 0 else best)
        above = row
    return above[-1]

# %% mistake="dtw_distance" active="py" name="no diagonal step"
# Two equal curves, in step. How many pairs does the best path have if it may not move in both at once?
def dtw_distance(a, b, band):
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    above = [math.inf] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        for j in range(max(0, i - band), min(len(b), i + band + 1)):
            best = min(row[j - 1] if j else math.inf, above[j])
            row[j] = abs(x - b[j]) + (0 if i == j == 0 else best)
        above = row
    return above[-1]

# %% mistake="dtw_distance" active="py" name="starts anywhere in b"
# Your first row has no costs to its left. May a path begin in the middle of b, and leave out what came before?
def dtw_distance(a, b, band):
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    above = [0] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        for j in range(max(0, i - band), min(len(b), i + band + 1)):
            best = above[j] if i == 0 else min(row[j - 1] if j else math.inf, above[j - 1] if j else math.inf, above[j])
            row[j] = abs(x - b[j]) + best
        above = row
    return above[-1]

# %% mistake="dtw_distance" active="py" name="diagonal counts twice"
# A step in both lists at once adds one pair to the path. How often does your sum count its difference?
def dtw_distance(a, b, band):
    if not a or not b or band < 0:
        raise ValueError("a and b need samples, the band must not be negative")
    above = [math.inf] * len(b)
    for i, x in enumerate(a):
        row = [math.inf] * len(b)
        for j in range(max(0, i - band), min(len(b), i + band + 1)):
            gap = abs(x - b[j])
            best = min(row[j - 1] if j else math.inf, (above[j - 1] if j else math.inf) + gap, above[j])
            row[j] = gap + (0 if i == j == 0 else best)
        above = row
    return above[-1]

# %% accepts="dtw_distance" active="py" name="memoized recursion"
from functools import cache


def dtw_distance(a, b, band):
    if len(a) == 0 or len(b) == 0 or band < 0:
        raise ValueError("empty, or a negative band")

    @cache
    def cost(i, j):
        if i < 0 or j < 0 or abs(i - j) > band:
            return math.inf
        gap = abs(a[i] - b[j])
        if i == 0 and j == 0:
            return gap
        return gap + min(cost(i - 1, j - 1), cost(i - 1, j), cost(i, j - 1))

    return cost(len(a) - 1, len(b) - 1)

# %% accepts="dtw_distance" active="py" name="full table with a border"
import numpy as np


def dtw_distance(a, b, band):
    n, m = len(a), len(b)
    if n * m == 0 or band < 0:
        raise ValueError("bad input")
    table = np.full((n + 1, m + 1), np.inf)
    table[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(max(1, i - band), min(m, i + band) + 1):
            before = min(table[i - 1, j], table[i, j - 1], table[i - 1, j - 1])
            table[i, j] = abs(a[i - 1] - b[j - 1]) + before
    return float(table[n, m])

# %% accepts="dtw_distance" active="py" name="along the diagonals"
def dtw_distance(a, b, band):
    if not len(a) or not len(b) or band < 0:
        raise ValueError("nothing to compare")
    reached = {(0, 0): abs(a[0] - b[0])}
    older = {}
    for both in range(1, len(a) + len(b) - 1):
        newer = {}
        for i in range(max(0, both - len(b) + 1), min(both, len(a) - 1) + 1):
            j = both - i
            if abs(i - j) <= band:
                came = [reached.get((i - 1, j)), reached.get((i, j - 1)), older.get((i - 1, j - 1))]
                came = [cost for cost in came if cost is not None]
                if came:
                    newer[i, j] = abs(a[i] - b[j]) + min(came)
        older, reached = reached, newer
    return reached.get((len(a) - 1, len(b) - 1), float("inf"))

# %% [markdown]
# Your function on the press, with wider and wider bands:

# %%
print("band   late, but good   on time, but bad")
for band in (0, 2, 5, 8, 59):
    print(f"{band:4} {dtw_distance(good, late, band):14.1f} "
          f"{dtw_distance(good, bad, band):16.1f}")

# %% [markdown]
# At band 0 it is the pointwise distance. A wider band allows more paths, so the distance can only fall or stay.
# Once the band is as wide as the delay, the late curve costs next to nothing, and the bad one still pays for most of its dip. Choose a band from the delays that are normal, not from what looks good.

# %% [markdown]
# ## Defend it
#
# <details><summary>1. Why sort the routes by end? Would sorting by start do? (everyone should get this)</summary>
#
# Sorted by end, the routes that fit before route i are a prefix, so one number, $p_i$, describes them. Sorted by start, those that fit *after* route i are a suffix: define $W_i$ as the best of routes i to n and go backwards. Both are right.
# Mixed up, they are not: in order of start, the routes that end before $s_i$ are no prefix, and "the last one that fits" is not enough.
# </details>
#
# <details><summary>2. The drive from one route's end to the next one's start depends on both places. What is left of your method? (everyone should get this)</summary>
#
# The prefix goes: whether j may precede i now depends on the pair. The state becomes "route i is the last one", $L_i = v_i + \max(0, \max_j L_j)$ over all j that allow i after it: a longest path in an acyclic graph, O(n²).
# With few places, keep for each place the ends and the best so far of the routes that end there, and search in each: O(n · places · log n).
# </details>
#
# <details><summary>3. Now there are three trucks. Run your function three times? (strong)</summary>
#
# That is greedy again: the best day of one truck may leave two routes for the second truck that overlap.
# With two trucks and the routes [0, 2) for 2, [1, 3) for 1, [2, 4) for 1 and [3, 5) for 4, the first truck's best is 2 + 4, and what is left gives the second only 1: together 7. But [0, 2) with [2, 4), and [1, 3) with [3, 5), drive all four for 8.
# The linear program needs two changes: each row sums to at most 3, and each $x_i$ is at most 1, which the row of a route's own start no longer says (without it, one good route is driven three times). Unit rows leave the matrix totally unimodular, so the vertices stay whole; and "at most 3 at any time" is enough for three trucks, by the argument of the docks. As a flow: three units from morning to night through a network of times, each route an arc of capacity 1 and cost $-v_i$.
# </details>
#
# <details><summary>4. The battery takes O(T · C · R). Get rid of R. And is a whole-number schedule ever worse than a fractional one? (top)</summary>
#
# Write c' = c + m for where the hour ends. Then $V_t(c) = -p_t c + \min_{|c' - c| \le R} \big( p_t c' + V_{t+1}(c') \big)$: the minimum of one list over a window that slides with c, a monotonic queue, O(T · C) in all. (And $V_t$ is convex in c, so there are faster ways still.)
# Fractions gain nothing: the charge after each hour is a running sum of moves, the matrix of these sums has its ones together in each column, and all bounds are whole. The vertices are whole, as for the routes. With losses that ends: efficiencies multiply, and the columns are no longer zeros and ones.
# </details>
#
# <details><summary>5. A million samples: O(n²) is out of the question. Make `segment` faster without losing the optimum. (top)</summary>
#
# Cutting a segment never raises its squared deviations: $C(i, j) + C(j, k) \le C(i, k)$. So if at j it holds that $F_i + C(i, j) \ge F_j$, then for every later k: $F_i + C(i, k) \ge F_i + C(i, j) + C(j, k) \ge F_j + C(j, k)$. Start i is never better than start j again: forget it.
# That is **PELT** (R. Killick, P. Fearnhead and I. Eckley, 2012). It is exact; if changes keep coming at a steady rate, few candidates survive and the time is about linear. On pure noise without changes it is quadratic still.
# </details>
#
# <details><summary>6. Is dynamic time warping a metric? Why does it matter for a search in a million curves? (top)</summary>
#
# No. Different curves can be at distance 0, [0, 1] and [0, 0, 1], and the triangle inequality fails. With x = [0], y = [0, 1] and z = [1, 1, 1], whatever the wide band: d(x, z) = 3, but d(x, y) + d(y, z) = 1 + 1 = 2.
# So indexes that prune by the triangle inequality give wrong neighbors. Prune by a lower bound instead: for equal lengths, every sample of a meets at least one sample of b within the band, so the distance from a's samples to the running minimum and maximum of b over the band (two sliding windows) is never more than the distance itself.
# </details>

# %% [markdown]
# ## Take away
#
# - Say what the table holds in one sentence; the recurrence is then a question about the last decision.
# - Break your own greedy rule before somebody else does.
# - The state is what the future needs to know of the past, and nothing more.
# - Keep for each state which decision was best, and read the answer backwards from the end.
# - Ones that stand together make a linear program whole, and its tolls prove the optimum.
