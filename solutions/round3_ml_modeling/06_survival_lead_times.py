# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Survival and lead times: what the open orders know
#
# **Time:** 150 minutes, of which 70 are exercises. **Needs:** maximum likelihood, numpy; for the last part, Bayes' rule and the idea of a posterior sample.
#
# > **The question, as you will hear it.**
# > "Here is a table of purchase orders: when each was placed, and how long it took to arrive.
# > Many have not arrived yet. Give me the mean lead time with a 95 % interval, and tell me what you assumed."
#
# **What they listen for**
#
# - You do not drop the open orders, and you can say in which direction that would be wrong.
# - You know what each row contributes to the likelihood, and write it down.
# - You say that the mean depends on a tail nobody has seen, and offer a number that does not.
# - You name the assumption about *why* an order is still open, and how it could fail.
#
# **Ask first:** why is an order open: only because we look today, or also because some are cancelled? Did lead times drift during the period?
# Is an order's arrival its first or its last piece? Mean over orders, or over suppliers? And what decision will use the number?
#
# The answers here: only because we look today; no drift; the whole order; over orders. The decision comes at the end: how early to order.

# %% [markdown]
# ## Look at the table as it stands today
#
# The data are simulated, so for once we know the truth and can say how wrong a method is.

# %% tags=["setup"]
import numpy as np
from scipy import optimize, stats

from sixrounds import data


def as_arrays(t, observed):
    """Check and convert: float64 times, bool flags (True = it happened).

    Raises:
        ValueError: empty, of unequal length, or a time that is not above 0.
    """
    t = np.asarray(t, dtype=np.float64)
    observed = np.asarray(observed, dtype=bool)
    if t.ndim != 1 or t.size == 0 or t.shape != observed.shape:
        raise ValueError("t and observed must be equally long and not empty")
    if not (t > 0).all():
        raise ValueError("every time must be above 0")
    return t, observed

# %%
orders = data.load("lead_times")
days = orders["days"].to_numpy()
arrived = orders["arrived"].to_numpy()
print(orders.head(4).to_string())
print(f"{len(days)} orders, {(~arrived).sum()} still open today")

# %%
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()

# %% mystnb={"figure": {"caption": "Every thirtieth order from the day it was placed; a dot marks its arrival, an arrow an order still open on day 120."}, "image": {"alt": "Horizontal lines, one per order, starting at the order day. Most lines of early orders end in a dot; many lines of the last five weeks run to day 120 and end in an arrow."}}
some = orders.iloc[::30].reset_index()
fig, ax = plt.subplots()
ends = some["ordered"] + some["days"]
ax.hlines(some.index, some["ordered"], ends, color="gray")
done = some["arrived"]
ax.plot(ends[done], some.index[done], "o", label="arrived")
ax.plot(ends[~done], some.index[~done], ">", label="still open")
ax.axvline(120, color="gray", linestyle=":")
ax.set_title("Most open orders are new ones")
ax.set(xlabel="day", ylabel="order (every thirtieth)")
ax.legend(loc="upper left");

# %% [markdown]
# An open order tells us one thing: its lead time is **longer** than the time it has been open.
# Such a row is **right-censored**. It is not missing, and it is not a short lead time.
#
# Here are the two answers most candidates give first, beside the truth of this simulation.

# %%
known = data.truth("lead_times")
log_median = orders["supplier"].map(known["log_medians"]).to_numpy()
true_mean = np.exp(log_median + known["sigma"] ** 2 / 2).mean()
print(f"truth                        {true_mean:5.1f} days")
print(f"drop the open orders         {days[arrived].mean():5.1f} days")
print(f"count them as arrived today  {days.mean():5.1f} days")

# %% [markdown]
# Both are too low, and by days.
# Dropping keeps mostly short ones: a slow order from last week has had no chance to arrive.
# Counting open orders as closed cuts each of them off at today.

# %% [markdown]
# ## The survival curve, without any model
#
# Let $S(x) = P(T > x)$ be the share of orders that take longer than $x$ days.
# With open orders we cannot count "longer than 40" directly. But we can go from one arrival to the next.
#
# At each time $t_j$ at which something arrives, look only at the orders still **at risk**: those that have been open at least that long, whatever happens to them afterwards. Of $n_j$ at risk, $d_j$ arrive.
# The share $1 - d_j/n_j$ that passes estimates $P(T > t_j \mid T \ge t_j)$, and multiplying these conditional chances gives $S$:
#
# $$\hat S(x) = \prod_{t_j \le x} \left(1 - \frac{d_j}{n_j}\right).$$
#
# This is the **Kaplan–Meier** estimate. An open order counts in every $n_j$ up to its age, and in none beyond.
# If an arrival and a censoring carry the same time, the arrival comes first: the censored order was still at risk.
#
# By hand, for 2, 3, 3 and 5 days where one of the 3s is open: on day 2, one of four arrives, so $S$ falls to 3/4.
# On day 3, three are at risk and one arrives: $3/4 \cdot 2/3 = 1/2$. On day 5 the last one arrives: 0.

# %% [markdown]
# ## Exercise 1: Kaplan–Meier by hand (20 min)
#
# Write `kaplan_meier(t, observed)`.
#
# - `t`: durations above 0; `observed`: whether the order arrived (1, True) or is censored at that time (0, False). Array-likes of equal length, in any order; `as_arrays` from above checks and converts them, and raises ValueError if they are empty or unequal.
# - Returns `(times, survival)`, two float64 arrays: the **distinct times of arrivals** in ascending order, and $\hat S$ just after each.
# - An order censored at the time of an arrival is still at risk there.
# - No arrivals at all: two empty arrays.

# %% exercise="kaplan_meier"
def kaplan_meier(t, observed):
    """Kaplan-Meier estimate of the survival function.

    Args:
        t: durations, shape (n,), above 0.
        observed: True where the duration ended, False where it is censored.

    Returns:
        (times, survival): distinct event times ascending, and the estimate
        just after each; both float64 of shape (k,).

    Raises:
        ValueError: empty or unequal lengths, or a time that is not above 0.

    >>> kaplan_meier([2, 3, 3, 5], [1, 1, 0, 1])
    (array([2., 3., 5.]), array([0.75, 0.5 , 0.  ]))
    """
    ### BEGIN SOLUTION
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t[observed], return_counts=True)
    at_risk = t.size - np.searchsorted(np.sort(t), times, side="left")
    return times, np.cumprod(1 - arrivals / at_risk)
    ### END SOLUTION

# %% tests="kaplan_meier" points=4
times, survival = kaplan_meier([5, 2, 3, 3], [1, 1, 0, 1])
assert list(times) == [2, 3, 5], "distinct times of arrivals, ascending"
assert np.allclose(survival, [0.75, 0.5, 0]), "the open 3 is at risk at 3"
times, survival = kaplan_meier([2, 2, 4.5, 9], [1, 1, 1, 0])
assert list(times) == [2, 4.5], "two arrivals on one day are one time"
assert np.allclose(survival, [0.5, 0.25]), "and one step"
times, survival = kaplan_meier([4, 7], [0, 0])
assert len(times) == 0 and len(survival) == 0, "no arrivals, no steps"
### BEGIN HIDDEN TESTS
from fractions import Fraction

from sixrounds.testing import rng

draw = rng("kaplan_meier")


def product_limit(t, observed):
    """From the definition, in exact fractions."""
    steps, left = [], Fraction(1)
    for time in sorted({x for x, o in zip(t, observed) if o}):
        risk = sum(x >= time for x in t)
        ends = sum(x == time and bool(o) for x, o in zip(t, observed))
        left *= 1 - Fraction(ends, risk)
        steps.append((time, float(left)))
    return steps


def right_curve(t, observed):
    want = product_limit(list(t), list(observed))
    times, survival = kaplan_meier(t, observed)
    if not (isinstance(times, np.ndarray) and isinstance(survival, np.ndarray)):
        return False
    return (
        len(times) == len(survival) == len(want)
        and np.allclose(times, [a for a, _ in want], rtol=0, atol=1e-12)
        and np.allclose(survival, [b for _, b in want], rtol=0, atol=1e-9)
    )


for case in range(60):
    n = int(draw.integers(1, 25))
    t = draw.integers(1, 9, n) / 2
    observed = draw.random(n) < (0.3, 0.6, 0.9)[case % 3]
    assert right_curve(t, observed), "random durations with ties"
    assert right_curve(list(t), [int(o) for o in observed]), "the same, as lists with 0 and 1"
for case in range(12):
    t = draw.permutation([1.0, 2, 2, 2, 3, 3, 4, 6])
    assert right_curve(t, np.isin(t, [1, 3])), "censorings between arrivals and after the last"
    observed = np.array([1, 0, 1, 0, 1, 0, 1, 1]) == 1
    assert right_curve(t, observed), "arrivals and censorings at the same time"
    assert right_curve(t, np.ones(8, bool)), "no censoring"
t = draw.exponential(30, 5000).round(1) + 0.1
observed = draw.random(5000) < 0.7
given = t.copy()
times, survival = kaplan_meier(t, observed)
assert np.array_equal(t, given), "the caller's array must not change"
assert times.size == np.unique(t[observed]).size and (np.diff(times) > 0).all(), "5,000 orders"
for bad in (([], []), ([1.0, 2.0], [1])):
    try:
        kaplan_meier(*bad)
    except ValueError:
        continue
    raise AssertionError("empty or unequal input must raise ValueError")
### END HIDDEN TESTS

# %% mistake="kaplan_meier" active="py" name="drops the open orders"
# An order has been open for 80 days. At the arrivals on day 40, was it at risk? Where is it in your denominator?
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t[observed], return_counts=True)
    at_risk = observed.sum() - np.searchsorted(np.sort(t[observed]), times, side="left")
    return times, np.cumprod(1 - arrivals / at_risk)

# %% mistake="kaplan_meier" active="py" name="counts open orders as arrived"
# Should the curve step down at a time at which nothing arrived?
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t, return_counts=True)
    at_risk = t.size - np.searchsorted(np.sort(t), times, side="left")
    return times, np.cumprod(1 - arrivals / at_risk)

# %% mistake="kaplan_meier" active="py" name="censored first at ties"
# An order was last seen open on day 30, and another arrived on day 30. Was the first one still at risk at that moment?
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t[observed], return_counts=True)
    at_risk = np.array([(t > x).sum() + n for x, n in zip(times, arrivals)])
    return times, np.cumprod(1 - arrivals / at_risk)

# %% mistake="kaplan_meier" active="py" name="never shrinks the risk set"
# On day 60, are the orders that arrived on day 10 still waiting to arrive?
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t[observed], return_counts=True)
    return times, np.cumprod(1 - arrivals / t.size)

# %% mistake="kaplan_meier" active="py" name="open orders never leave the risk set"
# An order censored on day 20 is at risk until when? Do you know anything about it on day 50?
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t[observed], return_counts=True)
    before = np.concatenate([[0], np.cumsum(arrivals)[:-1]]) if times.size else arrivals
    return times, np.cumprod(1 - arrivals / (t.size - before))

# %% mistake="kaplan_meier" active="py" name="survival just before each time"
# At the first arrival, has the curve stepped down yet in your result? The question asks for the value just after.
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t[observed], return_counts=True)
    at_risk = t.size - np.searchsorted(np.sort(t), times, side="left")
    after = np.cumprod(1 - arrivals / at_risk)
    return times, np.concatenate([[1.0], after[:-1]]) if times.size else after

# %% mistake="kaplan_meier" active="py" name="a step per arrival"
# Three orders arrive on the same day. How many distinct times is that?
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    order = np.lexsort((~observed, t))
    t, observed = t[order], observed[order]
    at_risk = t.size - np.arange(t.size)
    survival = np.cumprod(1 - observed / at_risk)
    return t[observed], survival[observed]

# %% mistake="kaplan_meier" active="py" name="Nelson–Aalen"
# You sum d/n and take exp of minus that. Is exp(−d/n) the share that passes, when half of those at risk arrive at once?
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times, arrivals = np.unique(t[observed], return_counts=True)
    at_risk = t.size - np.searchsorted(np.sort(t), times, side="left")
    return times, np.exp(-np.cumsum(arrivals / at_risk))

# %% accepts="kaplan_meier" active="py" name="plain loop"
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    pairs = sorted(zip(t.tolist(), observed.tolist()))
    times, survival, left, place = [], [], 1.0, 0
    while place < len(pairs):
        now, risk, ends = pairs[place][0], len(pairs) - place, 0
        while place < len(pairs) and pairs[place][0] == now:
            ends += pairs[place][1]
            place += 1
        if ends:
            left *= (risk - ends) / risk
            times.append(now)
            survival.append(left)
    return np.array(times), np.array(survival)

# %% accepts="kaplan_meier" active="py" name="from the definition"
def kaplan_meier(t, observed):
    t, observed = as_arrays(t, observed)
    times = np.array(sorted(set(t[observed])))
    at_risk = np.array([np.sum(t >= x) for x in times], dtype=float)
    ends = np.array([np.sum((t == x) & observed) for x in times], dtype=float)
    with np.errstate(divide="ignore"):
        return times, np.exp(np.cumsum(np.log1p(-ends / at_risk)))

# %% [markdown]
# ## A published curve, reproduced
#
# Before we trust our own function, we run it on a data set with a published answer: how long 21 leukemia patients treated with 6-MP stayed in remission (Freireich and others, *Blood* 21, 1963, pages 699–716).
# Chap T. Le prints the Kaplan–Meier estimate in *Introductory Biostatistics* (Wiley 2003), Table 11.1.

# %%
from lifelines import datasets

patients = datasets.load_leukemia().query("Rx == 0")
weeks, survival = kaplan_meier(patients["t"], patients["status"])
published = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
for row in zip(weeks, survival, published):
    print("week {:4.0f}   ours {:.4f}   published {:.4f}".format(*row))
naive = patients["t"][patients["status"] == 1].mean()
print(f"mean of the {patients['status'].sum()} relapses: {naive:.1f} weeks")

# %% [markdown]
# All seven values agree to the four digits printed.
# The mean of the observed relapses, the answer without censoring, is 12 weeks. The curve is still above 0.5 at week 22: more than half of the patients stayed in remission for longer than that.

# %% mystnb={"figure": {"caption": "Share of orders that take longer than x days: the truth of the simulation, Kaplan–Meier with all orders, and the share among arrived orders alone."}, "image": {"alt": "Three falling curves. Kaplan-Meier lies on the true curve until about day 100; the curve of arrived orders alone lies below both almost everywhere."}}
x = np.linspace(0.5, 119, 300)
true_curve = [
    stats.norm.sf((np.log(d) - log_median) / known["sigma"]).mean() for d in x
]
fig, ax = plt.subplots()
ax.plot(x, true_curve, "k", lw=1, label="truth")
ax.step(*kaplan_meier(days, arrived), where="post", label="Kaplan–Meier")
closed = kaplan_meier(days[arrived], np.ones(arrived.sum()))
ax.step(*closed, "--", where="post", label="arrived orders only")
ax.set_title("Open orders hold the curve up")
ax.set(xlabel="x (days)", ylabel="share longer than x")
ax.legend();

# %% [markdown]
# ## A mean that stops where the data stop
#
# The mean is the area under the survival curve, $E[T] = \int_0^\infty S(x)\,dx$.
# No order is older than 120 days, so nobody has seen the rest of that area.
#
# What we can have without a model is the **restricted mean** $E[\min(T, \tau)] = \int_0^\tau S(x)\,dx$: the mean if every order were cut off at day $\tau$.
# With a step function the integral is a sum of rectangles, and the first one, of height 1, reaches from 0 to the first arrival.

# %% [markdown]
# ## Exercise 2: the restricted mean (10 min)
#
# Write `restricted_mean(t, observed, tau)` with your `kaplan_meier`.
#
# - `tau` is a finite number. Returns $\int_0^\tau \hat S(x)\,dx$ as a float; 0.0 for `tau = 0`.
# - Beyond the longest duration in `t`, the estimate is known only if **every** order with that longest duration arrived: the curve is then 0 from there on. Otherwise a `tau` above the longest duration raises ValueError. So does a negative `tau`.
# - If nothing arrived, the curve is 1 as far as the data reach.

# %% exercise="restricted_mean" needs="kaplan_meier"
def restricted_mean(t, observed, tau):
    """Area under the Kaplan-Meier curve from 0 to tau.

    Args:
        t, observed: as for kaplan_meier.
        tau: where to stop, at least 0, in the units of t.

    Returns:
        float, E[min(T, tau)] under the estimate.

    Raises:
        ValueError: tau is negative, or beyond the last duration while an
            order of that duration is censored; empty or unequal input.

    >>> restricted_mean([2, 3, 3, 5], [1, 1, 0, 1], 4)
    3.25
    """
    ### BEGIN SOLUTION
    t, observed = as_arrays(t, observed)
    if tau < 0:
        raise ValueError("tau must be at least 0")
    last = t == t.max()
    if tau > t.max() and not observed[last].all():
        raise ValueError("the curve is unknown beyond the last duration")
    times, survival = kaplan_meier(t, observed)
    inside = times < tau
    edges = np.concatenate([[0.0], times[inside], [tau]])
    heights = np.concatenate([[1.0], survival[inside]])
    return float(np.sum(np.diff(edges) * heights))
    ### END SOLUTION

# %% tests="restricted_mean" points=3
four = ([2, 3, 3, 5], [1, 1, 0, 1])
assert abs(restricted_mean(*four, 4) - 3.25) < 1e-9, "2·1 + 1·0.75 + 1·0.5"
assert abs(restricted_mean(*four, 1.5) - 1.5) < 1e-9, "before any arrival"
assert restricted_mean(*four, 0) == 0, "no time, no area"
assert abs(restricted_mean(*four, 9) - 3.75) < 1e-9, "the last one arrived"
assert abs(restricted_mean([2, 5], [1, 0], 4) - 3) < 1e-9, "2·1 + 2·0.5"
assert restricted_mean([4, 7], [0, 0], 7) == 7, "nothing arrived yet"
try:
    restricted_mean([2, 5], [1, 0], 6)
except ValueError:
    pass
else:
    raise AssertionError("beyond day 5 nothing is known: ValueError")
### BEGIN HIDDEN TESTS
import itertools
from fractions import Fraction

from sixrounds.testing import rng

draw = rng("restricted_mean")


def exact_area(t, observed, tau):
    """The same area in exact fractions, one small interval after the other."""
    marks = sorted({Fraction(0), Fraction(tau), *(Fraction(x) for x in t if x < tau)})
    area, left = Fraction(0), Fraction(1)
    for start, end in itertools.pairwise(marks):
        risk = sum(x >= start for x in t)
        ends = sum(x == start and bool(o) for x, o in zip(t, observed))
        if ends:
            left *= 1 - Fraction(ends, risk)
        area += left * (end - start)
    return float(area)


for case in range(80):
    n = int(draw.integers(1, 20))
    t = [float(v) for v in draw.integers(1, 30, n) / 2]
    observed = [bool(v) for v in draw.random(n) < (0.2, 0.5, 0.8)[case % 3]]
    tau = float(draw.integers(1, int(2 * max(t)) + 1)) / 2
    got = restricted_mean(t, observed, tau)
    assert abs(got - exact_area(t, observed, tau)) <= 1e-9 * max(1, got), "a tau within the data"
    got = restricted_mean(t, observed, max(t))
    assert abs(got - exact_area(t, observed, max(t))) <= 1e-9 * max(1, got), "tau at the longest duration"
    t = [*t, 20.0, 20.0]
    got = restricted_mean(t, [*observed, True, True], 31.5)
    assert abs(got - exact_area(t, [*observed, True, True], 31.5)) <= 1e-9 * max(1, got), "a tau beyond a curve that reached 0"
    try:
        restricted_mean(t, [*observed, True, False], 20.5)
    except ValueError:
        continue
    raise AssertionError("beyond the longest duration with one order of it open: ValueError")
for case in range(20):
    t = draw.exponential(20, 12) + 0.01
    observed = draw.random(12) < 0.7
    tau = float(draw.uniform(0.3, 1) * t.max())
    want = exact_area(list(t), list(observed), tau)
    assert abs(restricted_mean(t, observed, tau) - want) <= 1e-9 * max(1, want), "times and tau that are no round numbers"
assert restricted_mean([3, 4], [0, 0], 4) == 4, "nothing arrived"
for bad in (([3, 4], [1, 1], -1), ([], [], 1), ([1, 2], [1], 1)):
    try:
        restricted_mean(*bad)
    except ValueError:
        continue
    raise AssertionError("a negative tau, empty or unequal input must raise ValueError")
### END HIDDEN TESTS

# %% mistake="restricted_mean" active="py" name="starts at the first arrival"
# How high is the curve before anything arrives, and how much area lies there?
def restricted_mean(t, observed, tau):
    t, observed = as_arrays(t, observed)
    if tau < 0 or (tau > t.max() and not observed[t == t.max()].all()):
        raise ValueError("tau")
    times, survival = kaplan_meier(t, observed)
    inside = times < tau
    edges = np.concatenate([times[inside], [tau]])
    return float(np.sum(np.diff(edges) * survival[inside]))

# %% mistake="restricted_mean" active="py" name="height after the step"
# Between 0 and the first arrival, is the curve at 1 or already at its value after that arrival?
def restricted_mean(t, observed, tau):
    t, observed = as_arrays(t, observed)
    if tau < 0 or (tau > t.max() and not observed[t == t.max()].all()):
        raise ValueError("tau")
    times, survival = kaplan_meier(t, observed)
    inside = times < tau
    edges = np.concatenate([[0.0], times[inside], [tau]])
    heights = np.concatenate([survival[inside], survival[inside][-1:] if inside.any() else [1.0]])
    return float(np.sum(np.diff(edges) * heights))

# %% mistake="restricted_mean" active="py" name="stops at the last arrival"
# The last arrival before tau is on day 50 and tau is 60. Is the curve zero in between?
def restricted_mean(t, observed, tau):
    t, observed = as_arrays(t, observed)
    if tau < 0 or (tau > t.max() and not observed[t == t.max()].all()):
        raise ValueError("tau")
    times, survival = kaplan_meier(t, observed)
    inside = times <= tau
    edges = np.concatenate([[0.0], times[inside]])
    heights = np.concatenate([[1.0], survival[inside]])[:-1]
    return float(np.sum(np.diff(edges) * heights))

# %% mistake="restricted_mean" active="py" name="ignores tau"
# tau is 30 days and your longest order took 90. Where must the area end?
def restricted_mean(t, observed, tau):
    t, observed = as_arrays(t, observed)
    if tau < 0 or (tau > t.max() and not observed[t == t.max()].all()):
        raise ValueError("tau")
    if tau == 0:
        return 0.0
    times, survival = kaplan_meier(t, observed)
    edges = np.concatenate([[0.0], times, [max(t.max(), tau)]])
    heights = np.concatenate([[1.0], survival])
    return float(np.sum(np.diff(edges) * heights))

# %% mistake="restricted_mean" active="py" name="mean of the cut-off durations"
# An order has been open for 10 days and tau is 60. What does min(10, 60) say about its lead time?
def restricted_mean(t, observed, tau):
    t, observed = as_arrays(t, observed)
    if tau < 0 or (tau > t.max() and not observed[t == t.max()].all()):
        raise ValueError("tau")
    return float(np.minimum(t, tau).mean())

# %% mistake="restricted_mean" active="py" name="only the mass that arrived"
# Half of the orders are longer than tau. With which value do they enter your sum?
def restricted_mean(t, observed, tau):
    t, observed = as_arrays(t, observed)
    if tau < 0 or (tau > t.max() and not observed[t == t.max()].all()):
        raise ValueError("tau")
    times, survival = kaplan_meier(t, observed)
    drops = -np.diff(np.concatenate([[1.0], survival]))
    return float(np.sum(np.minimum(times, tau) * drops))

# %% mistake="restricted_mean" active="py" name="straight lines between steps"
# Between two arrivals, does the Kaplan–Meier curve slope or stay level?
def restricted_mean(t, observed, tau):
    t, observed = as_arrays(t, observed)
    if tau < 0 or (tau > t.max() and not observed[t == t.max()].all()):
        raise ValueError("tau")
    times, survival = kaplan_meier(t, observed)
    x = np.concatenate([[0.0], times])
    y = np.concatenate([[1.0], survival])
    grid = np.concatenate([x[x < tau], [tau]])
    return float(np.trapezoid(np.interp(grid, x, y), grid))

# %% accepts="restricted_mean" active="py" name="loop over the steps"
def restricted_mean(t, observed, tau):
    times, survival = kaplan_meier(t, observed)
    t, observed = as_arrays(t, observed)
    if tau < 0:
        raise ValueError("negative tau")
    if tau > max(t) and any(not o for x, o in zip(t, observed) if x == max(t)):
        raise ValueError("unknown beyond the data")
    area, before, height = 0.0, 0.0, 1.0
    for time, after in zip(times, survival):
        if time >= tau:
            break
        area += height * (time - before)
        before, height = time, after
    return area + height * (tau - before)

# %% [markdown]
# ## A model for the tail: log-normal
#
# For a mean over *all* lead times we must say something about the tail. Many lead times are skewed and positive, and their logarithms look normal: $\ln T \sim N(\mu, \sigma^2)$. That is an assumption, and we will shake it below.
#
# What does each row contribute to the likelihood? Whatever we know about it:
#
# - arrived after $t$ days: the density $f(t)$;
# - open after $t$ days: the probability of that, $P(T > t) = S(t)$.
#
# With $z_i = (\ln t_i - \mu)/\sigma$, and without $-\sum \ln t_i$ over the arrived rows, which does not depend on $\mu$ and $\sigma$,
#
# $$\ell(\mu, \sigma) = \sum_{\text{arrived}} \big(\ln\varphi(z_i) - \ln\sigma\big) + \sum_{\text{open}} \ln\big(1 - \Phi(z_i)\big).$$
#
# Two habits for the maximization: search over $\ln\sigma$, so that $\sigma$ stays positive, and take $\ln(1-\Phi)$ from `stats.norm.logsf`, since $1-\Phi$ itself rounds to 0 far out.

# %%
z = np.array([3.0, 9.0, 40.0])
with np.errstate(divide="ignore"):
    print("log(1 - cdf):", np.log(1 - stats.norm.cdf(z)))
print("logsf       :", stats.norm.logsf(z))

# %% [markdown]
# ## Exercise 3: fit with open orders (20 min)
#
# Write `lognormal_fit(t, observed)`.
#
# - Returns `(mu, sigma)`, floats: the maximum-likelihood estimates of the mean and the **standard deviation** of $\ln T$ (natural logarithm), with censored rows as above.
# - Both within $10^{-4}\cdot\max(1, |\text{value}|)$ of the values at the maximum. Optimizers stop early by default: set a tight tolerance. For Nelder–Mead that is `options={"xatol": 1e-9, "fatol": 1e-9}`.
# - Fewer than two distinct times among the **arrivals**: ValueError. With a single one the maximum need not exist: if no order is open beyond it, put $\mu$ on it and let $\sigma$ shrink, and the likelihood grows without bound. Empty or unequal input: ValueError, as before.

# %% exercise="lognormal_fit"
def lognormal_fit(t, observed):
    """Maximum-likelihood log-normal fit with right-censored durations.

    Args:
        t: durations, shape (n,), above 0.
        observed: True where the duration ended, False where it is censored.

    Returns:
        (mu, sigma): mean and standard deviation of ln T.

    Raises:
        ValueError: fewer than two distinct event times; empty or unequal.

    >>> mu, sigma = lognormal_fit([10, 20, 40, 40], [1, 1, 1, 0])
    >>> round(mu, 3), round(sigma, 3)
    (3.281, 0.72)
    """
    ### BEGIN SOLUTION
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)

    def loss(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        arrived = stats.norm.logpdf(z[observed]) - theta[1]
        return -arrived.sum() - stats.norm.logsf(z[~observed]).sum()

    start = np.array([y.mean(), np.log(y.std())])
    tight = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000, "maxfev": 5000}
    best = optimize.minimize(loss, start, method="Nelder-Mead", options=tight)
    return float(best.x[0]), float(np.exp(best.x[1]))
    ### END SOLUTION

# %% tests="lognormal_fit" points=5
mu, sigma = lognormal_fit([10, 20, 40], [1, 1, 1])
logs = np.log([10, 20, 40])
assert abs(mu - logs.mean()) < 1e-4, "nothing open: the mean of the logs"
assert abs(sigma - logs.std()) < 1e-4, "and their standard deviation, over n"
mu, sigma = lognormal_fit([10, 20, 40, 40], [1, 1, 1, 0])
assert abs(mu - 3.28125) < 3e-4, "an open order pulls mu up"
assert abs(sigma - 0.71987) < 1e-4, "and makes sigma larger"
### BEGIN HIDDEN TESTS
from scipy import optimize as solver
from scipy.stats import norm

from sixrounds.testing import rng

draw = rng("lognormal_fit")


def root_of_score(t, observed):
    """The maximum as the root of the score, from a start found by EM."""
    y, o = np.log(t), np.asarray(observed, bool)
    mu, sigma = y.mean(), y.std()
    for _ in range(300):
        z = (y - mu) / sigma
        h = np.exp(norm.logpdf(z) - norm.logsf(z))
        first = np.where(o, y, mu + sigma * h)
        second = np.where(o, y**2, mu**2 + sigma**2 + sigma * h * (y + mu))
        mu = first.mean()
        sigma = np.sqrt(second.mean() - mu**2)

    def score(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        h = np.exp(norm.logpdf(z) - norm.logsf(z))
        return [np.where(o, z, h).sum(), np.where(o, z**2 - 1, z * h).sum()]

    found = solver.root(score, [mu, np.log(sigma)], tol=1e-12)
    return found.x[0], np.exp(found.x[1])


def right_fit(t, observed):
    pairs = zip(lognormal_fit(t, observed), root_of_score(t, observed))
    return all(abs(got - want) <= 1e-4 * max(1, abs(want)) for got, want in pairs)


def sample(n, share):
    """n log-normal durations of which about `share` are censored."""
    mu, sigma = draw.uniform(-1, 5), draw.uniform(0.2, 1.2)
    while True:
        lead = np.exp(draw.normal(mu, sigma, n))
        limit = np.exp(draw.normal(mu + sigma * 1.4 * norm.ppf(1 - share), sigma, n))
        t, observed = np.minimum(lead, limit), lead <= limit
        if np.unique(t[observed]).size >= 2:
            return t, observed


for case in range(24):
    t, observed = sample(int(draw.integers(8, 60)), (0.15, 0.35, 0.6)[case % 3])
    assert right_fit(t, observed), "random durations, up to 60 % open"
    if case % 4 == 0:
        assert right_fit(list(t), [int(o) for o in observed]), "the same, as lists with 0 and 1"
t, observed = sample(2000, 0.4)
assert right_fit(t, observed), "2,000 orders"
assert right_fit(np.round(t + 1), observed), "whole days, with ties"
assert right_fit(t[:40], np.ones(40, bool)), "nothing open"
far = ([10.0, 10.1, 10.2, 1000.0], [1, 1, 1, 0])
assert right_fit(*far), "an open order far beyond the arrivals"
few = np.zeros(12, bool)
few[:3] = True
assert right_fit(np.r_[2.0, 5.0, 3.0, np.full(9, 6.0)], few), "mostly open"
for bad in (([3.0, 3.0, 4.0], [1, 1, 0]), ([3.0, 5.0], [0, 0]), ([], []), ([1.0, 2.0], [1])):
    try:
        lognormal_fit(*bad)
    except ValueError:
        continue
    raise AssertionError("fewer than two distinct arrival times, empty or unequal: ValueError")
### END HIDDEN TESTS

# %% mistake="lognormal_fit" active="py" name="drops the open orders"
# Which orders had time to arrive before today, the fast or the slow ones? What is left after you drop the rest?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t[observed])
    return float(y.mean()), float(y.std())

# %% mistake="lognormal_fit" active="py" name="open orders as arrived"
# An order has been open for 12 days. Does its row say "12 days" or "more than 12 days"?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)
    return float(y.mean()), float(y.std())

# %% mistake="lognormal_fit" active="py" name="open rows contribute the cdf"
# What is the probability of what you know about an open order: that it took at most t days, or more than t?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)

    def loss(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        return -(stats.norm.logpdf(z[observed]) - theta[1]).sum() - stats.norm.logcdf(z[~observed]).sum()

    tight = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000, "maxfev": 5000}
    best = optimize.minimize(loss, [y.mean(), np.log(y.std())], method="Nelder-Mead", options=tight)
    return float(best.x[0]), float(np.exp(best.x[1]))

# %% mistake="lognormal_fit" active="py" name="variance instead of sigma"
# In which units is the second number you return: those of ln T, or their square?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)

    def loss(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        return -(stats.norm.logpdf(z[observed]) - theta[1]).sum() - stats.norm.logsf(z[~observed]).sum()

    tight = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000, "maxfev": 5000}
    best = optimize.minimize(loss, [y.mean(), np.log(y.std())], method="Nelder-Mead", options=tight)
    return float(best.x[0]), float(np.exp(2 * best.x[1]))

# %% mistake="lognormal_fit" active="py" name="forgets 1/sigma in the density"
# The density of y is φ(z)/σ. What stops σ from growing in your likelihood if that factor is missing?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)

    def loss(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        return -stats.norm.logpdf(z[observed]).sum() - stats.norm.logsf(z[~observed]).sum()

    best = optimize.minimize(loss, [y.mean(), np.log(y.std())], method="Nelder-Mead")
    return float(best.x[0]), float(np.exp(best.x[1]))

# %% mistake="lognormal_fit" active="py" name="arrived rows get S, too"
# You know the day on which an arrived order came. Should its row also say "longer than that"?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)

    def loss(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        arrived = stats.norm.logpdf(z[observed]) - theta[1] + stats.norm.logsf(z[observed])
        return -arrived.sum() - stats.norm.logsf(z[~observed]).sum()

    tight = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000, "maxfev": 5000}
    best = optimize.minimize(loss, [y.mean(), np.log(y.std())], method="Nelder-Mead", options=tight)
    return float(best.x[0]), float(np.exp(best.x[1]))

# %% mistake="lognormal_fit" active="py" name="open rows give the hazard"
# The hazard is a rate among those still open. Is it the probability of being open?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)

    def loss(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        density = stats.norm.logpdf(z) - theta[1]
        return -density[observed].sum() - (density - stats.norm.logsf(z))[~observed].sum()

    tight = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 5000, "maxfev": 5000}
    best = optimize.minimize(loss, [y.mean(), np.log(y.std())], method="Nelder-Mead", options=tight)
    return float(best.x[0]), float(np.exp(best.x[1]))

# %% mistake="lognormal_fit" active="py" name="open orders filled in once per step"
# You fill in the mean of an open order's log time. How far could it be from that mean, and where does that spread enter sigma?
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("two distinct event times are needed")
    y = np.log(t)
    mu, sigma = y.mean(), y.std()
    for _ in range(3000):
        z = (y - mu) / sigma
        filled = np.where(observed, y, mu + sigma * np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z)))
        mu, sigma = filled.mean(), filled.std()
    return float(mu), float(sigma)

# %% accepts="lognormal_fit" active="py" name="BFGS with the gradient"
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if len(set(t[observed])) < 2:
        raise ValueError("not enough arrivals")
    y = np.log(t)

    def loss(theta):
        mu, s = theta
        z = (y - mu) / np.exp(s)
        h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
        value = -np.where(observed, stats.norm.logpdf(z) - s, stats.norm.logsf(z)).sum()
        to_mu = -np.where(observed, z, h).sum() / np.exp(s)
        to_s = -np.where(observed, z**2 - 1, z * h).sum()
        return value, np.array([to_mu, to_s])

    best = optimize.minimize(loss, [y.mean(), np.log(y.std())], jac=True, method="BFGS", options={"gtol": 1e-8})
    return best.x[0], np.exp(best.x[1])

# %% accepts="lognormal_fit" active="py" name="scipy's censored data"
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("not enough arrivals")
    y = stats.CensoredData(uncensored=np.log(t[observed]), right=np.log(t[~observed]))

    def careful(func, x0, args=(), disp=0):
        return optimize.fmin(func, x0, args=args, disp=0, xtol=1e-10, ftol=1e-12, maxiter=9000, maxfun=9000)

    mu, sigma = stats.norm.fit(y, loc=np.log(t).mean(), scale=np.log(t).std() + 0.1, optimizer=careful)
    return mu, sigma

# %% accepts="lognormal_fit" active="py" name="EM"
def lognormal_fit(t, observed):
    t, observed = as_arrays(t, observed)
    if np.unique(t[observed]).size < 2:
        raise ValueError("not enough arrivals")
    y = np.log(t)
    mu, sigma = y.mean(), y.std()
    for _ in range(20000):
        z = (y - mu) / sigma
        h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
        first = np.where(observed, y, mu + sigma * h).mean()
        second = np.where(observed, y**2, mu**2 + sigma**2 + sigma * h * (y + mu)).mean()
        moved = abs(first - mu)
        mu, sigma = first, np.sqrt(second - first**2)
        if moved < 1e-10:
            break
    return mu, sigma

# %% [markdown]
# ## The mean, and how sure we are
#
# The mean of a log-normal is $m = e^{\mu + \sigma^2/2}$, not $e^\mu$: that is the **median**, and for skewed times it is a good deal smaller.
#
# For the interval we need the uncertainty of both estimates together. The **observed information** is the negative of the matrix of second derivatives of $\ell$, taken at the maximum. Its inverse estimates the covariance $V$ of $(\hat\mu, \hat\sigma)$.
# For $\mu$ an open row bends the likelihood less than an arrived one; for $\sigma$, far out, it can bend it more. The formula knows, as long as it is the curvature of *this* likelihood.
#
# The **delta method** carries $V$ to $\ln m = \mu + \sigma^2/2$, whose gradient in $(\mu, \sigma)$ is $g = (1, \sigma)$. With $q = \Phi^{-1}\big((1 + \text{level})/2\big)$, the quantile of the standard normal,
#
# $$\mathrm{se}(\ln \hat m) = \sqrt{g^\top V g}, \qquad \text{interval: } \exp\!\big(\ln \hat m \pm q\,\mathrm{se}\big).$$
#
# This is a **Wald interval**. We build it for $\ln m$ and not for $m$, because $\ln \hat m$ is closer to normal, and the interval cannot become negative.
#
# Central differences of your log-likelihood are good enough for the second derivatives. One trap: if you differentiate over $\ln\sigma$ instead of $\sigma$, the gradient $g$ must be taken over the same pair.
# With pencil: for an open row let $h(z) = \varphi(z)/(1-\Phi(z))$. Then $\frac{d}{dz}\ln(1-\Phi(z)) = -h$ and $h' = h\,(h - z)$, and the chain rule through $z = (\ln t - \mu)/\sigma$ gives the rest.

# %% [markdown]
# ## Exercise 4: mean lead time with an interval (20 min)
#
# Write `mean_lead_time(t, observed, level)` with your `lognormal_fit`.
#
# - Returns `(mean, low, high)`, floats: $e^{\mu+\sigma^2/2}$ and the interval above, from the inverse **observed information** of $(\mu, \sigma)$ at the maximum.
# - `level` strictly between 0 and 1 is the two-sided central coverage: 0.95 leaves 2.5 % on each side. Anything else raises ValueError.
# - Hidden tests allow 1 % of each number, so that numerical second derivatives pass. Errors of `lognormal_fit` pass through.

# %% exercise="mean_lead_time" needs="lognormal_fit"
def mean_lead_time(t, observed, level):
    """Log-normal mean of right-censored durations with a Wald interval.

    Args:
        t, observed: as for lognormal_fit.
        level: two-sided coverage, strictly between 0 and 1.

    Returns:
        (mean, low, high) in the units of t.

    Raises:
        ValueError: level outside (0, 1), or too few event times.

    >>> [round(x, 1) for x in mean_lead_time([10, 20, 40], [1, 1, 1], 0.9)]
    [23.5, 13.2, 41.9]
    """
    ### BEGIN SOLUTION
    if not 0 < level < 1:
        raise ValueError("level must lie strictly between 0 and 1")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    z = (np.log(t) - mu) / sigma
    h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    dh = h * (h - z)
    # Minus the second derivatives, a row's share in each.
    mm = np.where(observed, 1, dh)
    ms = np.where(observed, 2 * z, h + z * dh)
    ss = np.where(observed, 3 * z**2 - 1, 2 * z * h + z**2 * dh)
    information = np.array([[mm.sum(), ms.sum()], [ms.sum(), ss.sum()]])
    gradient = np.array([1.0, sigma])
    se = sigma * np.sqrt(gradient @ np.linalg.solve(information, gradient))
    half = stats.norm.ppf((1 + level) / 2) * se
    log_mean = mu + sigma**2 / 2
    return tuple(float(np.exp(log_mean + d)) for d in (0, -half, half))
    ### END SOLUTION

# %% tests="mean_lead_time" points=5
mean, low, high = mean_lead_time([10, 20, 40], [1, 1, 1], 0.9)
assert abs(mean - 23.47) < 0.1, "exp(mu + sigma²/2), not exp(mu)"
assert abs(low - 13.16) < 0.1, "the lower end: 5 % below it"
assert abs(high - 41.88) < 0.3, "the upper end: 5 % above it"
mean, low, high = mean_lead_time([10, 20, 40, 40], [1, 1, 1, 0], 0.9)
assert abs(mean - 34.48) < 0.2, "with one open order"
few = ([10, 20, 40, 15, 15, 30, 30, 30], [1, 1, 1, 0, 0, 0, 0, 0])
mean, low, high = mean_lead_time(*few, 0.9)
assert abs(mean - 44.34) < 0.005 * mean, "five of eight open"
assert abs(low - 19.64) < 0.01 * low, "the lower end, from all eight rows"
assert abs(high - 100.10) < 0.01 * high, "the upper end"
### BEGIN HIDDEN TESTS
from scipy.stats import norm

from sixrounds.testing import rng

draw = rng("mean_lead_time")


def by_differences(t, observed, level):
    """The same numbers from central differences of the log-likelihood."""
    y, o = np.log(t), np.asarray(observed, bool)
    mu, sigma = lognormal_fit_reference(y, o)

    def loss(m, s):
        z = (y - m) / s
        return -(norm.logpdf(z[o]) - np.log(s)).sum() - norm.logsf(z[~o]).sum()

    e = 1e-4 * sigma
    mm = (loss(mu + e, sigma) - 2 * loss(mu, sigma) + loss(mu - e, sigma)) / e**2
    ss = (loss(mu, sigma + e) - 2 * loss(mu, sigma) + loss(mu, sigma - e)) / e**2
    ms = (loss(mu + e, sigma + e) - loss(mu + e, sigma - e) - loss(mu - e, sigma + e) + loss(mu - e, sigma - e)) / (4 * e**2)
    g = np.array([1.0, sigma])
    se = np.sqrt(g @ np.linalg.inv([[mm, ms], [ms, ss]]) @ g)
    centre = mu + sigma**2 / 2
    return [np.exp(centre + k * norm.ppf((1 + level) / 2) * se) for k in (0, -1, 1)]


def lognormal_fit_reference(y, o):
    """Maximum of the likelihood by Newton's method on the score, from EM."""
    mu, sigma = y.mean(), y.std()
    for _ in range(4000):
        z = (y - mu) / sigma
        h = np.exp(norm.logpdf(z) - norm.logsf(z))
        first = np.where(o, y, mu + sigma * h).mean()
        second = np.where(o, y**2, mu**2 + sigma**2 + sigma * h * (y + mu)).mean()
        moved = abs(first - mu)
        mu, sigma = first, np.sqrt(second - first**2)
        if moved < 1e-11:
            break
    return mu, sigma


for case in range(24):
    n = int(draw.integers(20, 80))
    mu, sigma = draw.uniform(0, 4), draw.uniform(0.2, 1.0)
    lead = np.exp(draw.normal(mu, sigma, n))
    limit = np.exp(draw.normal(mu + sigma * (1.2, 0.4, -0.2)[case % 3], sigma, n))
    t, observed = np.minimum(lead, limit), lead <= limit
    observed[:2] = True
    level = (0.5, 0.8, 0.9, 0.95, 0.99)[case % 5]
    want = by_differences(t, observed, level)
    got = mean_lead_time(t, observed, level)
    assert len(got) == 3, "three numbers"
    assert abs(got[0] - want[0]) <= 0.01 * want[0], "the mean of random durations, some open"
    assert abs(got[1] - want[1]) <= 0.01 * want[1], "the lower end"
    assert abs(got[2] - want[2]) <= 0.01 * want[2], "the upper end"
t = np.exp(draw.normal(3, 0.5, 60))
got, want = mean_lead_time(t, np.ones(60), 0.95), by_differences(t, np.ones(60), 0.95)
assert np.allclose(got, want, rtol=0.01), "nothing open"
for bad in (0, 1, -0.5, 95):
    try:
        mean_lead_time(t, np.ones(60), bad)
    except ValueError:
        continue
    raise AssertionError("a level outside (0, 1) must raise ValueError")
try:
    mean_lead_time([3.0, 4.0], [1, 0], 0.9)
except ValueError:
    pass
else:
    raise AssertionError("too few arrivals must raise ValueError")
### END HIDDEN TESTS

# %% mistake="mean_lead_time" active="py" name="exp(mu) as the mean"
# Half of the orders take longer than exp(mu). Is that the mean of a skewed distribution?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    z = (np.log(t) - mu) / sigma
    h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    dh = h * (h - z)
    mm = np.where(observed, 1, dh).sum()
    ms = np.where(observed, 2 * z, h + z * dh).sum()
    ss = np.where(observed, 3 * z**2 - 1, 2 * z * h + z**2 * dh).sum()
    se = sigma * np.sqrt(np.linalg.inv([[mm, ms], [ms, ss]])[0, 0])
    half = stats.norm.ppf((1 + level) / 2) * se
    return tuple(float(np.exp(mu + d)) for d in (0, -half, half))

# %% mistake="mean_lead_time" active="py" name="variance as if nothing were open"
# Ten rows are open and ten arrived. Do you know as much as from twenty arrivals?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    se = np.sqrt(sigma**2 / len(t) + sigma**4 / (2 * len(t)))
    half = stats.norm.ppf((1 + level) / 2) * se
    return tuple(float(np.exp(mu + sigma**2 / 2 + d)) for d in (0, -half, half))

# %% mistake="mean_lead_time" active="py" name="only arrived rows count in the variance"
# An order open for 90 days says a lot about the tail. Which term of your variance knows about it?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    n = int(np.sum(observed))
    se = np.sqrt(sigma**2 / n + sigma**4 / (2 * n))
    half = stats.norm.ppf((1 + level) / 2) * se
    return tuple(float(np.exp(mu + sigma**2 / 2 + d)) for d in (0, -half, half))

# %% mistake="mean_lead_time" active="py" name="symmetric about the mean"
# Your interval is mean ± z·se. On which scale did the exercise build it, and can your lower end be negative?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    z = (np.log(t) - mu) / sigma
    h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    dh = h * (h - z)
    mm = np.where(observed, 1, dh).sum()
    ms = np.where(observed, 2 * z, h + z * dh).sum()
    ss = np.where(observed, 3 * z**2 - 1, 2 * z * h + z**2 * dh).sum()
    g = np.array([1.0, sigma])
    se = sigma * np.sqrt(g @ np.linalg.inv([[mm, ms], [ms, ss]]) @ g)
    mean = np.exp(mu + sigma**2 / 2)
    half = stats.norm.ppf((1 + level) / 2) * se * mean
    return float(mean), float(mean - half), float(mean + half)

# %% mistake="mean_lead_time" active="py" name="sigma taken as known"
# The mean depends on σ² through the exponent. Where does the uncertainty of σ enter your interval?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    z = (np.log(t) - mu) / sigma
    h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    se = sigma / np.sqrt(np.where(observed, 1, h * (h - z)).sum())
    half = stats.norm.ppf((1 + level) / 2) * se
    return tuple(float(np.exp(mu + sigma**2 / 2 + d)) for d in (0, -half, half))

# %% mistake="mean_lead_time" active="py" name="one-sided quantile"
# For 95 % in the middle, how much probability lies above the upper end?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    z = (np.log(t) - mu) / sigma
    h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    dh = h * (h - z)
    mm = np.where(observed, 1, dh).sum()
    ms = np.where(observed, 2 * z, h + z * dh).sum()
    ss = np.where(observed, 3 * z**2 - 1, 2 * z * h + z**2 * dh).sum()
    g = np.array([1.0, sigma])
    se = sigma * np.sqrt(g @ np.linalg.inv([[mm, ms], [ms, ss]]) @ g)
    half = stats.norm.ppf(level) * se
    return tuple(float(np.exp(mu + sigma**2 / 2 + d)) for d in (0, -half, half))

# %% mistake="mean_lead_time" active="py" name="forgets the covariance"
# Where many orders are open, a larger μ goes with a larger σ. What do you lose if you add the two variances alone?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    z = (np.log(t) - mu) / sigma
    h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    dh = h * (h - z)
    mm = np.where(observed, 1, dh).sum()
    ms = np.where(observed, 2 * z, h + z * dh).sum()
    ss = np.where(observed, 3 * z**2 - 1, 2 * z * h + z**2 * dh).sum()
    v = np.linalg.inv([[mm, ms], [ms, ss]])
    se = sigma * np.sqrt(v[0, 0] + sigma**2 * v[1, 1])
    half = stats.norm.ppf((1 + level) / 2) * se
    return tuple(float(np.exp(mu + sigma**2 / 2 + d)) for d in (0, -half, half))

# %% mistake="mean_lead_time" active="py" name="gradient over the wrong parameter"
# You took second derivatives over ln σ. With respect to which parameter is your gradient (1, σ)?
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    z = (np.log(t) - mu) / sigma
    h = np.exp(stats.norm.logpdf(z) - stats.norm.logsf(z))
    dh = h * (h - z)
    mm = np.where(observed, 1, dh).sum() / sigma**2
    ms = np.where(observed, 2 * z, h + z * dh).sum() / sigma
    ss = np.where(observed, 2 * z**2, z * h + z**2 * dh).sum()
    g = np.array([1.0, sigma])
    se = np.sqrt(g @ np.linalg.inv([[mm, ms], [ms, ss]]) @ g)
    half = stats.norm.ppf((1 + level) / 2) * se
    return tuple(float(np.exp(mu + sigma**2 / 2 + d)) for d in (0, -half, half))

# %% accepts="mean_lead_time" active="py" name="central differences over ln sigma"
def mean_lead_time(t, observed, level):
    if not 0 < level < 1:
        raise ValueError("level")
    mu, sigma = lognormal_fit(t, observed)
    t, observed = as_arrays(t, observed)
    y = np.log(t)

    def loss(theta):
        z = (y - theta[0]) / np.exp(theta[1])
        return -(stats.norm.logpdf(z[observed]) - theta[1]).sum() - stats.norm.logsf(z[~observed]).sum()

    at, e = np.array([mu, np.log(sigma)]), 1e-4
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = np.eye(2)[i] * e, np.eye(2)[j] * e
            hessian[i, j] = (loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b)) / (4 * e * e)
    gradient = np.array([1.0, sigma**2])
    se = np.sqrt(gradient @ np.linalg.inv(hessian) @ gradient)
    center, half = mu + sigma**2 / 2, stats.norm.isf((1 - level) / 2) * se
    return np.exp(center), np.exp(center - half), np.exp(center + half)

# %% [markdown]
# ## The answer, checked against two libraries
#
# All orders together: our mean and its interval, the restricted mean, and our fit beside those of `lifelines` and of SciPy's `CensoredData`.

# %%
from lifelines import LogNormalFitter

mean, low, high = mean_lead_time(days, arrived, 0.95)
print(f"mean {mean:.1f} days, 95 % interval {low:.1f} to {high:.1f}", end=" ")
print(f"(truth {true_mean:.1f})")

# %%
x = np.linspace(0, 60, 601)
z = (np.log(x[1:]) - log_median[:, None]) / known["sigma"]
below_60 = np.trapezoid(np.r_[1, stats.norm.sf(z).mean(axis=0)], x)
print("cut off at 60 days, without a model: mean", end=" ")
print(f"{restricted_mean(days, arrived, 60):.1f} (truth {below_60:.1f})")

# %%
ours = lognormal_fit(days, arrived)
theirs = LogNormalFitter().fit(days, arrived)
rows = stats.CensoredData.right_censored(np.log(days), ~arrived)
print("ours      mu {:.4f}  sigma {:.4f}".format(*ours))
print(f"lifelines mu {theirs.mu_:.4f}  sigma {theirs.sigma_:.4f}")
print("scipy     mu {:.4f}  sigma {:.4f}".format(*stats.norm.fit(rows)))

# %% [markdown]
# The three fits agree, and the interval holds the truth this time. One data set proves little.
#
# Two limits. Orders of twenty suppliers with medians of their own are a mixture, so one log-normal for all is an approximation: its sigma holds the spread between suppliers as well as the 0.55 within one.
# And orders of one supplier are alike, so 900 orders are less than 900 independent facts. The interval speaks of *these* suppliers in this mix. For suppliers in general, resample suppliers and not orders.

# %%
rng = np.random.default_rng(4)
rows_of = orders.groupby("supplier").indices.values()
rows_of = list(rows_of)
means = []
for _ in range(200):
    chosen = rng.integers(0, 20, 20)  # suppliers, with replacement
    rows = np.concatenate([rows_of[k] for k in chosen])
    mu, sigma = lognormal_fit(days[rows], arrived[rows])
    means.append(np.exp(mu + sigma**2 / 2))
low, high = np.quantile(means, [0.025, 0.975])
print(f"resampling suppliers: {low:.1f} to {high:.1f} days")

# %% [markdown]
# Almost three times as wide. Which of the two is right depends on whose next orders you speak of.
#
# ## Does the interval keep its promise?
#
# We simulate 400 data sets of 150 orders whose truth we know, look at each on day 60, and count how often the interval holds the true mean. Beside it: the interval from arrived orders alone.

# %%
rng = np.random.default_rng(11)
center = np.exp(3.35 + 0.55**2 / 2)
hits, open_share = {"with open orders": 0, "arrived only": 0}, []
sides = {"truth above": 0, "truth below": 0}
for _ in range(400):
    lead = np.exp(rng.normal(3.35, 0.55, 150))
    age = rng.uniform(0, 60, 150)  # days since the order was placed
    seen = lead <= age
    _, low, high = mean_lead_time(np.minimum(lead, age), seen, 0.95)
    hits["with open orders"] += low <= center <= high
    sides["truth above"] += int(center > high)
    sides["truth below"] += int(center < low)
    _, low, high = mean_lead_time(lead[seen], np.ones(seen.sum()), 0.95)
    hits["arrived only"] += low <= center <= high
    open_share.append(1 - seen.mean())

# %%
print(f"open on day 60: {np.mean(open_share):.0%} of the orders;", sides)
for way, count in hits.items():
    sure = stats.binomtest(count, 400).proportion_ci(method="wilson")
    print(f"{way:17s} {count} of 400 hold it: {count / 400:.1%}", end=" ")
    print(f"(95 % interval {sure.low:.1%} to {sure.high:.1%})")

# %% [markdown]
# With open orders the interval covers as promised, up to the error of 400 repetitions, although so many rows are open. Where it misses, the truth lies mostly *above* it, which is the side that stops a line.
# Without them it never did: it is not a little off, it is sure of a wrong number.

# %% [markdown]
# ## The mean lives in the tail nobody has seen
#
# The interval above is honest *if* lead times are log-normal. Is a Weibull distribution any worse? We fit both to the orders of the last 40 days, the only ones we would have after a change of carrier.

# %%
young = orders["ordered"] >= 80
t40, seen40 = days[young], arrived[young]
mu40, sigma40 = lognormal_fit(t40, seen40)
rows = stats.CensoredData.right_censored(t40, ~seen40)
shape, _, scale = stats.weibull_min.fit(rows, floc=0)
lognormal = stats.lognorm(sigma40, scale=np.exp(mu40))
weibull = stats.weibull_min(shape, scale=scale)

# %%
times, survival = kaplan_meier(t40, seen40)
print(f"Kaplan-Meier P(T > 20) {survival[times <= 20][-1]:.3f}")
grid = np.linspace(40, 2000, 200_000)
for name, model in (("log-normal", lognormal), ("Weibull", weibull)):
    fit = model.logpdf(t40[seen40]).sum() + model.logsf(t40[~seen40]).sum()
    print(f"{name}: P(T > 20) {model.sf(20):.3f}, log-likelihood {fit:.1f}")
    beyond = np.trapezoid(model.sf(grid), grid)
    print(f"  mean {model.mean():.1f} = {model.mean() - beyond:.1f}", end=" ")
    print(f"to day 40 + {beyond:.1f} beyond")

# %% mystnb={"figure": {"caption": "Two models fitted to the orders of the last 40 days, with the Kaplan–Meier curve of the same orders; beyond day 40 there are no data."}, "image": {"alt": "Kaplan-Meier steps until day 40 with a log-normal and a Weibull curve close to it; beyond day 40, in a shaded region, the log-normal curve lies above the Weibull curve."}}
x = np.linspace(0.5, 130, 300)
fig, ax = plt.subplots()
curve = kaplan_meier(t40, seen40)
ax.step(*curve, "k", lw=1, where="post", label="Kaplan–Meier")
ax.plot(x, lognormal.sf(x), label="log-normal")
ax.plot(x, weibull.sf(x), "--", label="Weibull")
ax.axvspan(40, 130, color="gray", alpha=0.15)
ax.set_title("A tail that no order has tested")
ax.set(xlabel="x (days)", ylabel="share longer than x")
ax.legend();

# %% [markdown]
# Within the data the two differ by at most seven percentage points, which the likelihood can judge: here it prefers the log-normal, and so it should, since we made the data.
# Beyond day 40 nothing can judge them, and there lies nearly all of the difference between the means. A shape that fits well *inside* is no evidence for the tail, and both means happen to lie below the truth of 31.7.
# Say so, give the restricted mean beside the mean, and look at the oldest open orders again next month.

# %% [markdown]
# ## Why is it open? Censoring that knows too much
#
# Everything so far assumed **independent censoring**: among orders open for $x$ days, those whose record ends at $x$ are like those that go on. Looking at all orders on one day grants that, if neither lead times nor the mix of suppliers drift.
#
# Now let purchasing cancel. Three worlds with the same true lead times: nobody cancels; half of the orders get a random day of cancellation; the supplier warns on day 20 of every order that will take longer than 40 days, and half of those are cancelled on the spot.

# %%
rng = np.random.default_rng(5)
n = 20_000
lead = np.exp(rng.normal(3.35, 0.55, n))
age = rng.uniform(0, 120, n)
half = rng.random(n) < 0.5
random_day = rng.uniform(0, 60, n)
worlds = {
    "nobody cancels": np.full(n, np.inf),
    "cancelled at random": np.where(half, random_day, np.inf),
    "slow ones cancelled": np.where(half & (lead > 40), 20, np.inf),
}

# %%
def describe(world, m, s):
    """Mean and tail of a log-normal."""
    tail = stats.norm.sf((np.log(60) - m) / s)
    mean = np.exp(m + s**2 / 2)
    print(f"{world:20s} mean {mean:.1f} days  P(T > 60) {tail:.1%}")


describe("truth", 3.35, 0.55)
for world, cancelled in worlds.items():
    end = np.minimum(age, cancelled)
    describe(world, *lognormal_fit(np.minimum(lead, end), lead <= end))

# %% [markdown]
# Random cancellation leaves the estimate where it was. Cancelling the slow ones makes the supplier look *faster*, most of all in the tail.
# A sharp eye would see a pile of cancellations on day 20 here. But the table cannot say what those orders would have become, and cancellations spread over many days leave no pile.
# The cure is outside of the table: record why an order ended, and ask purchasing what they look at before they cancel. Treating cancellation as a **competing** outcome answers another question, how many orders arrive by day x, and does not give back the lead time without cancellation.

# %% [markdown]
# ## Twenty suppliers, some with a handful of orders
#
# The decision is per supplier: how many days before the need do we order? A separate fit says little where there are seven orders, and one fit for all ignores that suppliers differ.

# %%
names = sorted(orders["supplier"].unique())
group = orders["supplier"].map({s: k for k, s in enumerate(names)}).to_numpy()
alone = {
    supplier: lognormal_fit(days[group == k], arrived[group == k])
    for k, supplier in enumerate(names)
}
size = orders["supplier"].value_counts()
for supplier in (*size.index[:2], *size.index[-3:]):
    mu, sigma = alone[supplier]
    print(
        f"{supplier}: {size[supplier]:3d} orders, separate fit: median "
        f"{np.exp(mu):4.1f} days, sigma {sigma:.2f}"
    )

# %% [markdown]
# A **hierarchical model** lets each supplier have its own median, drawn from a common distribution whose spread is learned from all of them:
#
# $$a_s \sim N(a_0, \omega^2), \qquad \ln T \sim N(a_s, \sigma^2).$$
#
# With many orders the log median $a_s$ follows its own data; with few it leans on $a_0$. How much it leans is not our choice: the data decide it through $\omega$, the spread between suppliers.
# The likelihood is the one you wrote above. PyMC has the density for arrived rows; for open rows we add $\ln S$ by a Potential, which is a term of the log-posterior. PyMC offers a log *cdf*, so we mirror: $P(Y > y) = P(-Y < -y)$.

# %%
import warnings

warnings.filterwarnings("ignore", message="PyTensor could not link")
import pymc as pm

y_done, g_done = np.log(days[arrived]), group[arrived]
y_open, g_open = np.log(days[~arrived]), group[~arrived]
with pm.Model() as model:
    a0 = pm.Normal("a0", 3.4, 1)
    omega = pm.HalfNormal("omega", 0.5)
    sigma = pm.HalfNormal("sigma", 1)
    a = pm.Normal("a", a0, omega, shape=len(names))
    pm.Normal("arrived", a[g_done], sigma, observed=y_done)
    longer = pm.logcdf(pm.Normal.dist(-a[g_open], sigma), -y_open)
    pm.Potential("open", longer.sum())

# %% [markdown]
# The priors say: a typical lead time of about 30 days, give or take a factor of 2.7, and suppliers that differ by perhaps a factor of 1.6. For $\sigma$ the data are 900 orders, for $a_0$ and $\omega$ only 20 suppliers: try another prior on $\omega$, and see whether the answer moves.
# `nutpie` samples PyMC models without a C compiler.

# %%
import nutpie

compiled = nutpie.compile_pymc_model(model)
trace = nutpie.sample(
    compiled, draws=500, tune=500, chains=4, cores=2, seed=7,
    progress_bar=False,
)

# %%
import arviz as az

top = ["a0", "omega", "sigma"]
summary = az.summary(trace, var_names=[*top, "a"], round_to=3)
print(summary.loc[top, ["mean", "sd", "r_hat", "ess_bulk", "ess_tail"]])
divergent = int(trace.sample_stats["diverging"].sum())
print(f"worst r_hat {summary['r_hat'].max():.3f}")
worst = summary[["ess_bulk", "ess_tail"]].min()
print("smallest", worst.to_dict(), "divergences", divergent)
print("truth: a0 {log_median}, omega {between}".format(**known), end=" ")
spread = np.std(list(known["log_medians"].values()), ddof=1)
print(f"(these twenty: {spread:.2f}), sigma {known['sigma']}")

# %% [markdown]
# Before reading a posterior: every $\hat R$ at most about 1.01, effective samples in the hundreds or more, in the tails as well where you read quantiles, and no divergences. Then the three population parameters, beside the truth.
# $\omega$ comes out below 0.35 because these twenty suppliers happen to differ by less: a posterior knows the sample, not the simulator.

# %%
draws = trace.posterior["a"].to_numpy().reshape(-1, len(names))
low, high = np.exp(np.quantile(draws, [0.05, 0.95], axis=0))
middle = np.exp(draws.mean(axis=0))

# %%
suppliers_log = np.array([known["log_medians"][s] for s in names])
own = np.array([alone[s][0] for s in names])
ranked = [names.index(s) for s in size.index[::-1]]
place = np.arange(len(names))

# %% mystnb={"figure": {"caption": "Median lead time of each supplier: separate fits, the hierarchy (exp of the posterior mean of the log median, with a 90 % interval), and truth; suppliers ordered by their number of orders."}, "image": {"alt": "Twenty suppliers from few orders on the left to many on the right. Separate fits scatter widely on the left; posterior means lie closer to the common level there, and agree with the separate fits on the right."}}
fig, ax = plt.subplots()
ax.vlines(place, low[ranked], high[ranked], color="C0", alpha=0.5)
ax.plot(place, middle[ranked], "o", label="hierarchy, 90 % interval")
ax.plot(place, np.exp(own)[ranked], "x", color="C1", label="separate fits")
ax.plot(place, np.exp(suppliers_log)[ranked], "k_", ms=9, label="truth")
ax.set_xticks(place[::2], [size[names[k]] for k in ranked[::2]])
ax.set_title("Few orders lean on the others, many stand alone")
ax.set(xlabel="orders of the supplier", ylabel="median (days)", yscale="log")
ax.set_yticks([15, 25, 40, 60], ["15", "25", "40", "60"])
ax.minorticks_off()
ax.legend();

# %%
few = np.array([size[s] <= 16 for s in names])
pooled = draws.mean(axis=0)
for label, which in (("16 orders or fewer", few), ("more", ~few)):
    a = np.abs(own - suppliers_log)[which].mean()
    b = np.abs(pooled - suppliers_log)[which].mean()
    print(f"{label:18s}: error of ln median {a:.3f} alone, {b:.3f} pooled")
k = names.index("S10")
print(f"S10: {own[k]:.2f} alone, {pooled[k]:.2f} pooled,", end=" ")
print(f"{suppliers_log[k]:.2f} true")

# %% [markdown]
# In this table pooling does not help the small suppliers on average, because the smallest, S10, really is far from the others: its seven orders said so, and the model had reason not to believe so few.
# One table proves nothing, here as little as with intervals. So we draw 2,000 tables with these numbers of orders, none open and $a_0$, $\omega$, $\sigma$ known, where the posterior mean is a formula: own mean and $a_0$, with weights in the ratio $\omega^2$ to $\sigma^2/n$.

# %%
rng = np.random.default_rng(2)
counts = np.array([size[s] for s in names])
worlds = rng.normal(3.35, 0.35, (2000, counts.size))
alone_2000 = rng.normal(worlds, 0.55 / np.sqrt(counts))
weight = 0.35**2 / (0.35**2 + 0.55**2 / counts)
pooled_2000 = 3.35 + weight * (alone_2000 - 3.35)
for label, which in (("16 orders or fewer", few), ("more", ~few)):
    a = np.abs(alone_2000 - worlds)[:, which].mean()
    b = np.abs(pooled_2000 - worlds)[:, which].mean()
    print(f"{label:18s}: error of ln median {a:.3f} alone, {b:.3f} pooled")

# %% [markdown]
# On average it helps, and most where there is least data. It is a bet on the population of suppliers, and a supplier that is truly special loses by it.

# %% [markdown]
# ## Could this model have made our data?
#
# A **posterior predictive check**: let the model make the table again, many times, with the same order days and the same day 120, and draw the survival curve of each. Ours should not stand out.

# %% mystnb={"figure": {"caption": "Kaplan–Meier curve of the data and of 60 tables that the fitted model made, each with its own open orders."}, "image": {"alt": "A thick step curve lies within a narrow band of 60 faint step curves over the whole range from 0 to 120 days."}}
rng = np.random.default_rng(3)
horizon = 120 - orders["ordered"].to_numpy()
sigmas, made = trace.posterior["sigma"].to_numpy().ravel(), []
fig, ax = plt.subplots()
for pick in rng.choice(len(draws), 60, replace=False):
    again = np.exp(rng.normal(draws[pick][group], sigmas[pick]))
    seen = again <= horizon
    curve = kaplan_meier(np.minimum(again, horizon).clip(0.1), seen)
    ax.step(*curve, color="C0", alpha=0.15, where="post")
    made.append((np.minimum(again, horizon).clip(0.1), seen))
ax.step(*kaplan_meier(days, arrived), "k", where="post", label="our orders")
ax.set_title("The model's tables look like ours")
ax.set(xlabel="x (days)", ylabel="share longer than x")
ax.legend();

# %% [markdown]
# That check is weak: the curve is what the model was fitted to. Ask what it did **not** see, such as a drift: are late orders slower than early ones, compared with tables in which nothing drifts?

# %%
late = (orders["ordered"] > 60).to_numpy()


def drift(t, seen):
    """Late orders minus early ones, mean days of at most 40."""
    after = restricted_mean(t[late], seen[late], 40)
    return after - restricted_mean(t[~late], seen[~late], 40)


ours = drift(days, arrived)
theirs = np.array([drift(*table) for table in made])
print(f"late minus early: {ours:+.2f} days in our table;")
print(f"{(theirs < ours).mean():.0%} of the model's tables have less")

# %% [markdown]
# A share near 0 or 1 would mean that lead times drift. Here nothing does, and we know it, because we made the data.
#
# ## The decision: how early to order
#
# Production needs a part on a fixed day and accepts one late order in twenty. Then order that many days ahead that 95 % of orders arrive: the 95 % quantile of the lead time.
# For a new order from supplier $s$ that quantile belongs to the **predictive** distribution: the spread of lead times *and* our uncertainty about the supplier. Plugging estimates into $e^{\mu + 1.645\,\sigma}$ leaves the second out.
#
# Three rules, judged by the truth: separate fits, plugged in; the hierarchy's posterior means, plugged in; the predictive quantile. With the days each quotes, how many orders of each supplier would really come in time?

# %%
def quantile_day(k, level=0.95):
    """Days within which a new order of supplier k comes, by the posterior."""

    def gap(log_day):
        z = (log_day - draws[:, k]) / sigmas
        return stats.norm.cdf(z).mean() - level

    return np.exp(optimize.brentq(gap, 0, 10))

# %%
predictive = np.array([quantile_day(k) for k in range(len(names))])
plugged = np.array([np.exp(mu + 1.645 * s) for mu, s in alone.values()])
pooled_plugged = np.exp(pooled + 1.645 * sigmas.mean())
rules = {
    "separate, plugged in": plugged,
    "pooled, plugged in": pooled_plugged,
    "predictive": predictive,
}

# %%
print("in time, mean and worst:   16 orders or fewer      more")
for label, quote in rules.items():
    z = (np.log(quote) - suppliers_log) / known["sigma"]
    a, b = stats.norm.cdf(z)[few], stats.norm.cdf(z)[~few]
    print(f"{label:22s}      {a.mean():.1%}  {a.min():.1%}", end="       ")
    print(f"{b.mean():.1%}  {b.min():.1%}")
k = names.index("S10")
print("days quoted for S10:", *(f"{q[k]:.0f}" for q in rules.values()), end="")
print(f" (truth {np.exp(suppliers_log[k] + 1.645 * known['sigma']):.0f})")

# %% [markdown]
# For the worst supplier pooling brings most of the gain: it takes back what a separate fit made of a few lucky or unlucky orders, most of all in its own sigma. The predictive quantile adds some days on top, most where we know least.
# For S10 even those are too few: the price of leaning on the others, again. Look at the worst supplier, not at the mean: that one stops the line.
# Early stock is a price: say what each extra day costs, and let the owner of the line choose the level.

# %% [markdown]
# ## The same curve in reliability
#
# Replace "arrives" by "fails" and "open today" by "still running": warranty data are right-censored, too, and vehicles enter service on different days (**staggered entry**), so each has its own limit of age.
# The usual model there is the **Weibull**, because its shape has a meaning: below 1, early failures, or a mix of good and bad units; at 1, no memory; above 1, wear.

# %%
rng = np.random.default_rng(21)
sold = rng.uniform(0, 36, 4000)  # month of sale; today is month 36
life = 150 * rng.weibull(0.7, 4000)  # months until a pump fails
limit = np.minimum(36 - sold, 24)  # today, or the end of the warranty
failed = life <= limit
rows = stats.CensoredData.right_censored(np.minimum(life, limit), ~failed)
shape, _, scale = stats.weibull_min.fit(rows, floc=0)
two_years = stats.weibull_min(shape, scale=scale).cdf(24)
print(f"{failed.sum()} of 4000 failed; shape {shape:.2f} (truth 0.7)")
print(f"share failing within 24 months: {two_years:.1%}", end=" ")
print(f"(truth {stats.weibull_min(0.7, scale=150).cdf(24):.1%})")
print(f"failures divided by vehicles sold: {failed.mean():.1%}")

# %% [markdown]
# Dividing failures by vehicles sold neglects the censoring in the other direction: a pump that runs today is counted as one that lasted two years, and most have not had two years to fail.
# (Two neighbors to name: **left truncation**, if a table holds only orders that were still open on its first day, and **interval censoring**, if arrivals are booked weekly.)

# %% [markdown]
# ## Defend it
#
# Answer each aloud, then open it.
#
# <details><summary>Why not drop the open orders? In which direction is that wrong, and does more data help? (everyone should get this)</summary>
#
# An order has arrived only if its lead time was shorter than its age, so the arrived orders are selected for short lead times: the estimate is too low.
# More orders make it more precise about the wrong number. Following the *same* orders longer helps; a longer table only dilutes the bias, with as many orders open as before. Restricting the sample to orders old enough that all have arrived helps, at the price of old news.
#
# </details>
#
# <details><summary>Your colleague drops the orders of the last 60 days, "because they are not finished". Is that better? (strong)</summary>
#
# Yes, much, if *every* order of that period is dropped, arrived or not: what is left is selected by the order date, which says nothing about the lead time (without drift). A few old orders may still be open, and those must stay in as censored rows.
# Dropping only the open ones of the last 60 days is the old mistake. And the cost is real: the newest information goes first, just when a drift would show in it.
#
# </details>
#
# <details><summary>What exactly did you assume about the open orders, and how would you check it? (strong)</summary>
#
# That being censored at age x carries no information about the remaining time, given what is in the model. Looking at one calendar day grants it if neither lead times nor the mix of suppliers change over the period.
# The table alone cannot prove it. Check what can be seen: estimate by month of order and compare the curves where they overlap (a drift shows); ask for cancellations and their reasons; bound the rest by assuming the worst for the cancelled orders, that they would all have been late, and the best.
#
# </details>
#
# <details><summary>Someone samples the orders that are open today and reports their mean age. What does it tell you? (top)</summary>
#
# In general neither the lead time nor half of it. An order is open today with a chance proportional to its length, so long ones are over-represented: **length bias**. In a steady state the mean *age* of open orders is $E[T^2] / (2 E[T])$, and their mean *total* length $E[T^2]/E[T]$, larger than $E[T]$ whenever lead times vary.
# The right use of open orders is beside the arrived ones of the same order dates, as here.
#
# </details>
#
# <details><summary>The median has a narrow interval and the mean a wide one. Which do you report? (strong)</summary>
#
# Ask what it is for. Money and pipeline stock follow the mean: by Little's law, units on order = demand rate × mean lead time. A promise follows a quantile.
# If the mean rests on a tail that nobody saw, say how much of it: the share of the area under the fitted curve beyond the last observation, and how the mean moves from one tail model to another. The restricted mean at a horizon somebody cares about needs no tail.
#
# </details>
#
# <details><summary>Your hierarchy shrinks a supplier with seven orders toward the others. The buyer says this supplier is special. Who is right? (top)</summary>
#
# The model assumes that suppliers are **exchangeable**: before the data, nothing told them apart. If the buyer knows why this one differs (it ships by sea, it makes castings), exchangeability is wrong, and that fact belongs in the model as a covariate: shrink toward suppliers like it.
# If it is only a feeling, the seven orders are what we have, and the interval shows how little they say. Until then quote the longer time, place a few orders early on purpose, and look again.
#
# </details>
#
# <details><summary>Why is your interval for ln of the mean and not for the mean? When do both fail? (top)</summary>
#
# The estimate of $m$ is an exponential of estimates, so its error is skewed; $\ln m$ is nearly linear in them, and its interval stays positive.
# Both are Wald intervals: they trust that parabola. With few arrivals or heavy censoring the log-likelihood is lopsided, and a profile-likelihood interval or the posterior is better. Simulate at your sample size, as above, before you promise a coverage.
#
# </details>

# %% [markdown]
# ## Take away
#
# - An open order says "longer than". Dropping it or closing it makes lead times look short.
# - Arrived rows give a density, open rows a survival probability; everything else is optimization.
# - The mean needs a tail model; the restricted mean and the quantiles inside the data do not.
# - Ask why a row is censored. If the answer has to do with lateness, no formula here is safe.
# - Few data per supplier: pool, then decide on the predictive quantile, not on a plugged-in one.
