# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Sliding windows: forget what cannot matter, and never look ahead
#
# **Time:** 120 minutes, of which 70 are exercises. **Needs:** Python lists and `collections.deque`; the notebook on streams helps.
#
# > **The question, as you will hear it.**
# > "A sensor in a battery pack reports its temperature once a second, all day.
# > For every minute, give me the highest value in it: the minute ending now, then the one ending a second later, and so on.
# > Now make it fast enough for ten thousand packs."
#
# **What they listen for**
#
# - You give the simple version first, with its cost in n *and* in k, and only then ask how much of its work is repeated.
# - You find what can be thrown away: a sample that is older *and* smaller can never be the answer again.
# - You say why the clever version is linear although it has a loop in a loop.
# - You never let a sample judge itself, and never let the future answer a question about now.
#
# **Ask first:** is a window a number of samples, or a span of time? (Samples first; spans of time later in the notebook.)
# Does the first, incomplete minute have an answer? (No.) Can samples be missing, late or twice? (Not before the last exercise.)
# May I keep a minute of data for each pack? (Yes.)

# %% [markdown]
# ## Look at the samples
#
# An hour of one sensor, simulated: a slow drift, noise, and a coolant valve that sticks for a few minutes.

# %% tags=["setup"]
import math
import random
from bisect import bisect_right
from collections import deque


def pack_temperature(seconds, seed):
    """Temperatures in degrees Celsius, one a second, with a stuck valve."""
    draw = random.Random(seed)
    values = []
    for second in range(seconds):
        stuck = max(0.0, 8 * math.sin(math.pi * (second - 1500) / 400))
        stuck = stuck if 1500 <= second < 1900 else 0.0
        drift = 25 + 2 * math.sin(second / 900)
        values.append(round(drift + stuck + draw.gauss(0, 0.4), 2))
    return values


# %% mystnb={"figure": {"caption": "Simulated temperature of one sensor over an hour, and the highest value of the 60 samples that end at each second."}, "image": {"alt": "A noisy line that drifts between 22 and 28 degrees Celsius with one bump to about 36 degrees near second 1,700. A second line follows its upper edge in flat steps and stays up for a minute after each peak."}}
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()
temperature = pack_temperature(3600, seed=3)
highest = [max(temperature[i - 59 : i + 1]) for i in range(59, 3600)]
fig, ax = plt.subplots()
ax.plot(temperature, lw=0.7, label="sample")
ax.plot(range(59, 3600), highest, "--", label="maximum of the last 60")
ax.set_title("The maximum of a window moves in steps")
ax.set(xlabel="time (s)", ylabel="temperature (°C)")
ax.legend();

# %% [markdown]
# The line of maxima is flat most of the time. A peak holds it up for a minute, and the smaller samples before that peak never mattered again.
# The one-liner in that cell looks at all 60 samples for each second. What does that cost when the window grows?

# %%
import time

import numpy as np


def windows_by_slices(x, k):
    """The maximum of each window, looking at all of it every time."""
    return [max(x[i : i + k]) for i in range(len(x) - k + 1)]


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
draw = random.Random(0)
sizes = np.array([1000, 2000, 4000, 8000])
slow = []
for n in sizes:
    x = [draw.random() for _ in range(n)]
    slow.append(seconds(windows_by_slices, x, n // 10))
slope, _ = np.polyfit(np.log(sizes), np.log(slow), 1)
print(f"window of n/10 samples: time grows like n^{slope:.1f}")

# %% [markdown]
# About 2 (timings are noisy): nearly n windows of n/10 samples each, O(n·k).
#
# ## What can be forgotten
#
# Take two samples in the window, the left one smaller. The right one is larger and leaves later: **the left one is never the answer again**.
# Throw such samples away when the larger one arrives, and what is left is sorted: oldest and largest first.
# That is a **monotonic queue**. Its front is the maximum.
#
# Three lines a step: drop from the back what is not larger than the new sample; append the new one; drop the front if it has left the window.
# Here it is at work, window of 3. It holds *places*, and shows their values.

# %%
x, k = [4, 1, 3, 2, 5, 2, 1], 3
queue = deque()
for place, value in enumerate(x):
    while queue and x[queue[-1]] <= value:
        queue.pop()
    queue.append(place)
    if queue[0] <= place - k:
        queue.popleft()
    held = [x[p] for p in queue]
    answer = held[0] if place >= k - 1 else "-"
    print(f"x[{place}] = {value}   queue {held!s:10} maximum {answer}")

# %% [markdown]
# Why is that linear, with a loop in a loop? Do not count per step, count per **sample**: each is appended once and dropped at most once.
# So all steps together append n times and drop at most n times. A single step may drop many, a single sample may be compared often; the sum stays below a small multiple of n. This is **amortized** cost, and it is what they wait to hear.
#
# Why places? The front must leave when it is too *old*, and a place says how old it is.
# (A queue of values works, too, if equal values are all kept and the front leaves when the sample that falls out of the window equals it. Drop equal values and it breaks: try 2, 2, 1 with a window of 2.)

# %%
def windows_by_queue(x, k):
    """The maximum of each window with a monotonic queue."""
    queue, found = deque(), []
    for place, value in enumerate(x):
        while queue and x[queue[-1]] <= value:
            queue.pop()
        queue.append(place)
        if queue[0] <= place - k:
            queue.popleft()
        if place >= k - 1:
            found.append(x[queue[0]])
    return found


# %% mystnb={"figure": {"caption": "Time for all window maxima against n, with windows of n/10 samples, on logarithmic axes."}, "image": {"alt": "Log-log plot of seconds against n. The line of the slices rises about twice as steeply as the line of the queue and lies above it from 2,000 samples on."}}
quick = []
for n in sizes:
    x = [draw.random() for _ in range(n)]
    assert windows_by_queue(x, n // 10) == windows_by_slices(x, n // 10)
    quick.append(seconds(windows_by_queue, x, n // 10))
fig, ax = plt.subplots()
for name, spent, style in (("slices", slow, "o-"), ("queue", quick, "s--")):
    grows, _ = np.polyfit(np.log(sizes), np.log(spent), 1)
    ax.loglog(sizes, spent, style, label=f"{name}: n^{grows:.1f}")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_title("In the queue each sample enters and leaves once")
ax.set(xlabel="samples, n", ylabel="time (s)")
ax.legend();

# %% [markdown]
# ## Exercise 1: window maxima (10 min)
#
# You have just read it: write `window_max(x, k)` from memory.
#
# - `x`: a list of numbers; `k`: a whole number of samples.
# - Returns the list of maxima of `x[0:k]`, `x[1:k+1]`, and so on: `len(x) - k + 1` values. If `k` is larger than the list, there is no window: `[]`.
# - `k` < 1 raises ValueError, also for an empty list.
# - `x` is not changed. Size: 100,000 samples with windows of 30,000.

# %% exercise="window_max"
def window_max(x, k):
    """The maximum of every window of k samples.

    Args:
        x: list of numbers.
        k: int, samples in a window.

    Returns:
        list of len(x) - k + 1 numbers; [] if k > len(x).

    Raises:
        ValueError: k < 1.

    >>> window_max([4, 1, 3, 2, 5], 3)
    [4, 3, 5]
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError("a window has at least one sample")
    queue, found = deque(), []  # places; their values fall from front to back
    for place, value in enumerate(x):
        while queue and x[queue[-1]] <= value:
            queue.pop()
        queue.append(place)
        if queue[0] <= place - k:
            queue.popleft()
        if place >= k - 1:
            found.append(x[queue[0]])
    return found
    ### END SOLUTION

# %% tests="window_max" points=4
assert window_max([4, 1, 3, 2, 5], 3) == [4, 3, 5], "three windows of three"
assert window_max([2, 2, 1, 2], 2) == [2, 2, 2], "equal values"
assert window_max([7, 3], 1) == [7, 3], "each sample is its own window"
assert window_max([1, 2], 5) == [], "no window fits"
try:
    window_max([], 0)
    raise AssertionError("a window of 0 samples must raise ValueError")
except ValueError:
    pass
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("window_max")
for case in range(300):
    n = draw.randrange(0, 25)
    given = [draw.randint(-4, 4) for _ in range(n)]
    kept = list(given)
    k = draw.randrange(1, 9)
    want = [max(given[i : i + k]) for i in range(n - k + 1)]
    assert window_max(given, k) == want, "random samples with many equal values"
    assert given == kept, "the caller's list must stay as it was"
    floats = [draw.uniform(-1, 1) for _ in range(n)]
    assert window_max(floats, k) == [max(floats[i : i + k]) for i in range(n - k + 1)], "random fractions"
for k in (-3, 0):
    try:
        window_max([1.0, 2.0], k)
        raise AssertionError("a window of less than one sample")
    except ValueError:
        pass
falling = list(range(100_000, 0, -1))
assert window_max(falling, 30_000) == falling[:70_001], "100,000 samples that fall all the time"
rising = list(range(100_000))
assert window_max(rising, 30_000) == rising[29_999:], "100,000 samples that rise all the time"
### END HIDDEN TESTS

# %% mistake="window_max" active="py" name="looks at the whole window"
# How many samples does your code look at for each window? Multiply that by the number of windows of 30,000 in 100,000 samples.
def window_max(x, k):
    if k < 1:
        raise ValueError("a window has at least one sample")
    return [max(x[i : i + k]) for i in range(len(x) - k + 1)]

# %% mistake="window_max" active="py" name="queue of values"
# The maximum occurs twice in your window and the older one leaves. How does a queue of values know which of the two that was?
def window_max(x, k):
    if k < 1:
        raise ValueError("a window has at least one sample")
    queue, found = deque(), []
    for place, value in enumerate(x):
        while queue and queue[-1] <= value:
            queue.pop()
        queue.append(value)
        if place >= k and queue[0] == x[place - k]:
            queue.popleft()
        if place >= k - 1:
            found.append(queue[0] if queue else value)
    return found

# %% mistake="window_max" active="py" name="window of k + 1"
# At place 5 with k = 3: which places belong to the window? Is place 2 one of them?
def window_max(x, k):
    if k < 1:
        raise ValueError("a window has at least one sample")
    queue, found = deque(), []
    for place, value in enumerate(x):
        while queue and x[queue[-1]] <= value:
            queue.pop()
        queue.append(place)
        if queue[0] < place - k:
            queue.popleft()
        if place >= k - 1:
            found.append(x[queue[0]])
    return found

# %% mistake="window_max" active="py" name="answers before the first window"
# The first sample has arrived and k is 3. Is there a window yet?
def window_max(x, k):
    if k < 1:
        raise ValueError("a window has at least one sample")
    queue, found = deque(), []
    for place, value in enumerate(x):
        while queue and x[queue[-1]] <= value:
            queue.pop()
        queue.append(place)
        if queue[0] <= place - k:
            queue.popleft()
        found.append(x[queue[0]])
    return found

# %% mistake="window_max" active="py" name="one window for a short list"
# Two samples have arrived and k is 5. How many windows of five samples are there?
def window_max(x, k):
    if k < 1:
        raise ValueError("a window has at least one sample")
    k = min(k, len(x)) or 1
    queue, found = deque(), []
    for place, value in enumerate(x):
        while queue and x[queue[-1]] <= value:
            queue.pop()
        queue.append(place)
        if queue[0] <= place - k:
            queue.popleft()
        if place >= k - 1:
            found.append(x[queue[0]])
    return found

# %% accepts="window_max" active="py" name="prefix and suffix maxima of blocks"
def window_max(x, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    n = len(x)
    if k > n:
        return []
    ahead, behind = list(x), list(x)
    for i in range(1, n):
        if i % k:
            ahead[i] = max(ahead[i - 1], x[i])
    for i in range(n - 2, -1, -1):
        if (i + 1) % k:
            behind[i] = max(behind[i + 1], x[i])
    return [max(behind[i], ahead[i + k - 1]) for i in range(n - k + 1)]

# %% accepts="window_max" active="py" name="heap with late removal"
import heapq


def window_max(x, k):
    if k <= 0:
        raise ValueError(k)
    heap, found = [], []
    for place, value in enumerate(x):
        heapq.heappush(heap, (-value, place))
        while heap[0][1] <= place - k:
            heapq.heappop(heap)
        if place + 1 >= k:
            found.append(-heap[0][0])
    return found

# %% [markdown]
# ## A window that breathes
#
# > "How long was the longest stretch in which the temperature stayed within two degrees?"
#
# Now the window has no fixed size. Move its right end one sample at a time; whenever the stretch is too wide, move the left end until it is not.
#
# Why may the left end only ever move right? If the stretch from `left` to `right` is too wide, every longer stretch that contains it is too wide as well. So a left end that failed once fails for all later right ends.
# Both ends only move forward: 2n moves in all. To know how wide the stretch is we need its maximum *and* its minimum at any moment: two monotonic queues.
#
# A tempting shortcut starts again at the sample that broke the stretch. It loses what was still good:

# %%
def restarts(x, tol):
    """Wrong: begins anew at the sample that made the stretch too wide."""
    best = start = 0
    for i in range(len(x)):
        if max(x[start : i + 1]) - min(x[start : i + 1]) > tol:
            start = i
        best = max(best, i - start + 1)
    return best


stretch = [0, 1, 2, 2, 2]  # 1, 2, 2, 2 are within one
print("restarting finds a stretch of", restarts(stretch, 1))

# %% [markdown]
# ## Exercise 2: the longest stable run (15 min)
#
# Write `longest_stable_run(x, tol)`: the length of the longest contiguous stretch of `x` whose largest and smallest value differ by **at most** `tol`.
#
# - `x`: a list of numbers; `tol` ≥ 0 (nothing else is tested), and a difference of exactly `tol` is allowed. No rounding decides a test.
# - Returns an int: 0 for an empty list, otherwise at least 1.
# - `x` is not changed. Size: 100,000 samples, also when the longest run is all of them.

# %% exercise="longest_stable_run"
def longest_stable_run(x, tol):
    """Length of the longest stretch with max - min <= tol.

    Args:
        x: list of numbers.
        tol: number >= 0.

    Returns:
        int, 0 for an empty list.

    >>> longest_stable_run([0, 2, 2, 3, 3, 7], 1)
    4
    """
    ### BEGIN SOLUTION
    high, low = deque(), deque()  # places: values fall, values rise
    left = best = 0
    for right, value in enumerate(x):
        while high and x[high[-1]] <= value:
            high.pop()
        high.append(right)
        while low and x[low[-1]] >= value:
            low.pop()
        low.append(right)
        while x[high[0]] - x[low[0]] > tol:
            left += 1
            if high[0] < left:
                high.popleft()
            if low[0] < left:
                low.popleft()
        best = max(best, right - left + 1)
    return best
    ### END SOLUTION

# %% tests="longest_stable_run" points=4
assert longest_stable_run([0, 2, 2, 3, 3, 7], 1) == 4, "2, 2, 3, 3"
assert longest_stable_run([5, 1, 9], 0) == 1, "each sample alone"
assert longest_stable_run([1, 2, 3, 4], 1) == 2, "small steps add up"
assert longest_stable_run([0, 1, 2, 2, 2], 1) == 4, "keep what is good"
assert longest_stable_run([], 3) == 0, "no samples"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("longest_stable_run")


def longest(x, tol):
    """By trying all stretches."""
    fits = (
        j - i
        for i in range(len(x))
        for j in range(i + 1, len(x) + 1)
        if max(x[i:j]) - min(x[i:j]) <= tol
    )
    return max(fits, default=0)


for case in range(400):
    steps = draw.choice((1, 2, 3))
    value, walk = 0, []
    for _ in range(draw.randrange(0, 18)):
        value += draw.randint(-steps, steps)
        walk.append(value)
    kept, tol = list(walk), draw.randrange(0, 5)
    assert longest_stable_run(walk, tol) == longest(walk, tol), "random walks"
    assert walk == kept, "the caller's list must stay as it was"
    loose = [draw.randint(-3, 3) for _ in range(draw.randrange(0, 14))]
    assert longest_stable_run(loose, tol) == longest(loose, tol), "random samples with many equal values"
calm = [draw.choice((20, 21)) for _ in range(100_000)]
assert longest_stable_run(calm, 1) == 100_000, "100,000 samples that all fit"
slope = list(range(100_000))
assert longest_stable_run(slope, 40_000) == 40_001, "100,000 samples that rise, and a wide tolerance"
### END HIDDEN TESTS

# %% mistake="longest_stable_run" active="py" name="starts again where it broke"
# The stretch broke at a high value. Were the samples just before it too low as well, or only the oldest ones?
def longest_stable_run(x, tol):
    best = length = 0
    high = low = 0
    for value in x:
        high, low = (max(high, value), min(low, value)) if length else (value, value)
        if high - low <= tol:
            length += 1
        else:
            length, high, low = 1, value, value
        best = max(best, length)
    return best

# %% mistake="longest_stable_run" active="py" name="compares neighbors"
# The values 1, 2, 3, 4 rise by one at a time. What is the difference between the first and the last?
def longest_stable_run(x, tol):
    best = length = 0
    for place, value in enumerate(x):
        length = length + 1 if place and abs(value - x[place - 1]) <= tol else 1
        best = max(best, length)
    return best

# %% mistake="longest_stable_run" active="py" name="strictly below the tolerance"
# "At most tol": is a difference of exactly tol allowed?
def longest_stable_run(x, tol):
    high, low = deque(), deque()
    left = best = 0
    for right, value in enumerate(x):
        while high and x[high[-1]] <= value:
            high.pop()
        high.append(right)
        while low and x[low[-1]] >= value:
            low.pop()
        low.append(right)
        while left < right and x[high[0]] - x[low[0]] >= tol:
            left += 1
            if high[0] < left:
                high.popleft()
            if low[0] < left:
                low.popleft()
        best = max(best, right - left + 1)
    return best

# %% mistake="longest_stable_run" active="py" name="distance to the first sample"
# The first sample of a stretch is 5, then come 4 and 6. Each is within 1 of the first; how far are they from each other?
def longest_stable_run(x, tol):
    best = 0
    left = 0
    for right, value in enumerate(x):
        while abs(value - x[left]) > tol:
            left += 1
        best = max(best, right - left + 1)
    return best

# %% accepts="longest_stable_run" active="py" name="sorted window with bisect"
from bisect import bisect_left, insort


def longest_stable_run(x, tol):
    window, left, best = [], 0, 0
    for right, value in enumerate(x):
        insort(window, value)
        while window[-1] - window[0] > tol:
            del window[bisect_left(window, x[left])]
            left += 1
        best = max(best, right + 1 - left)
    return best

# %% accepts="longest_stable_run" active="py" name="window that never shrinks"
def longest_stable_run(x, tol):
    tops, bottoms, left = deque(), deque(), 0
    for value in x:
        while tops and tops[-1] < value:
            tops.pop()
        while bottoms and bottoms[-1] > value:
            bottoms.pop()
        tops.append(value)
        bottoms.append(value)
        if tops[0] - bottoms[0] > tol:
            if tops[0] == x[left]:
                tops.popleft()
            if bottoms[0] == x[left]:
                bottoms.popleft()
            left += 1
    return len(x) - left

# %% [markdown]
# ## Alarms that know only the past
#
# > "Raise an alarm when a sample is more than z standard deviations from the mean so far."
#
# Two things go wrong in most first answers. The first: the sample is put into the mean and the standard deviation **before** it is judged by them.
# It then pulls both towards itself. How much? Take n samples that are equal but for the last, which is off by any amount d.
# The mean moves by $d/n$, and the sample standard deviation is $d/\sqrt{n}$. So the score of the odd one is
#
# $$\frac{d - d/n}{d/\sqrt{n}} = \frac{n-1}{\sqrt{n}},$$
#
# whatever d > 0 is. It is also the most that any sample can score among n: of all samples with a given distance from the others' mean, those whose others are equal have the smallest spread.

# %%
for n in (5, 10, 11, 30):
    values = np.array([20.0] * (n - 1) + [1e6])
    itself = (values[-1] - values.mean()) / values.std(ddof=1)
    print(f"n = {n:2}: score {itself:.2f}, bound {(n - 1) / n**0.5:.2f}")

# %% [markdown]
# With ten samples or fewer, a rule of "three sigma" that includes the sample can **never** fire, not even at a million degrees.
#
# The second: the variance from $\sum x^2 - n\bar x^2$. For a sensor that counts from a large offset the two terms are huge and nearly equal, and their difference is what rounding left of it.

# %%
for offset in (0.0, 1e6, 1e9):
    x = offset + np.array([1.0, 2.0, 3.0, 4.0])
    naive = (np.sum(x**2) - len(x) * x.mean() ** 2) / (len(x) - 1)
    print(f"offset {offset:.0e}: naive {naive:12.4f}   "
          f"true {np.var(x - offset, ddof=1):.4f}")

# %% [markdown]
# **Welford's recurrence** (B. P. Welford, 1962) never forms the large numbers. Let $m_n$ be the mean of the first n samples and $S_n = \sum_{i \le n} (x_i - m_n)^2$. Then
#
# $$m_n = m_{n-1} + \frac{x_n - m_{n-1}}{n}, \qquad S_n = S_{n-1} + (x_n - m_{n-1})(x_n - m_n).$$
#
# The first is the definition of a mean, rearranged. For the second, write $\delta = x_n - m_{n-1}$, so that $x_n - m_n = \delta\,(1 - 1/n)$.
# The old samples are now measured from a mean that moved by $\delta/n$; as their distances from the old mean sum to zero, this adds $(n-1)\,\delta^2/n^2$.
# The new sample adds $\delta^2 (1 - 1/n)^2$. Together:
#
# $$\frac{(n-1)\,\delta^2}{n^2} + \frac{(n-1)^2\,\delta^2}{n^2} = \frac{(n-1)\,\delta^2}{n} = \delta \cdot \delta\left(1 - \frac1n\right).$$
#
# Two numbers and a count are all the state, per sensor, whatever the length of the stream.

# %% [markdown]
# ## Exercise 3: z-score alarms (20 min)
#
# Write `zscore_alarms(x, z, warmup)`: the places `i` at which sample `x[i]` is an alarm.
#
# - Let m be the mean and s the standard deviation, with n − 1 in the denominator, of **all** samples before it, `x[:i]`, earlier alarms included.
# - `i` is an alarm if `i >= warmup` and |x[i] − m| **>** z · s.
# - If all earlier samples are equal, then s = 0, and any other value is an alarm. (In the tests, flat stretches are whole numbers, so that no rounding hides that; apart from them no sample lies within rounding of the border m ± z · s.)
# - `z` is finite. `warmup` < 2 or `z` < 0 raises ValueError, also for an empty list.
# - Returns a list of ints in ascending order. `x` is a list of numbers and is not changed.
# - It must be right for values near 10⁹ that differ by a few units, and finish for 100,000 samples.

# %% exercise="zscore_alarms"
def zscore_alarms(x, z, warmup):
    """Places of samples that are far from the mean of the past.

    Args:
        x: list of numbers.
        z: number >= 0, allowed distance in standard deviations (ddof 1).
        warmup: int >= 2, samples before the first possible alarm.

    Returns:
        list[int], ascending.

    Raises:
        ValueError: warmup < 2 or z < 0.

    >>> zscore_alarms([20, 21, 19, 20, 35, 20], 3, 3)
    [4]
    """
    ### BEGIN SOLUTION
    if warmup < 2 or z < 0:
        raise ValueError("warmup must be at least 2 and z at least 0")
    alarms = []
    mean, squares = 0.0, 0.0  # Welford: of the samples before place i
    for i, value in enumerate(x):
        if i >= warmup:
            s = math.sqrt(squares / (i - 1))
            if abs(value - mean) > z * s:
                alarms.append(i)
        delta = value - mean
        mean += delta / (i + 1)
        squares += delta * (value - mean)
    return alarms
    ### END SOLUTION

# %% tests="zscore_alarms" points=5
calm = [20, 21, 19, 20]
assert zscore_alarms([*calm, 35, 20], 3, 3) == [4], "35 is far from about 20"
assert zscore_alarms([*calm, 35, 35], 3, 3) == [4], "35 is in the past now"
assert zscore_alarms([5, 5, 5, 5, 6], 3, 2) == [4], "after a flat stretch"
assert zscore_alarms([5, 5, 5, 5, 5], 0, 2) == [], "equal is not above"
assert zscore_alarms([1, 50], 1, 2) == [], "still warming up"
### BEGIN HIDDEN TESTS
from fractions import Fraction

from sixrounds.testing import pyrandom

draw = pyrandom("zscore_alarms")


def exact(x, z, warmup):
    """In exact arithmetic: the alarms, or None if rounding could decide one."""
    found = []
    for i in range(warmup, len(x)):
        past = [Fraction(value) for value in x[:i]]
        mean = sum(past) / i
        variance = sum((value - mean) ** 2 for value in past) / (i - 1)
        distance, allowed = (Fraction(x[i]) - mean) ** 2, Fraction(z) ** 2 * variance
        if variance and abs(distance - allowed) <= Fraction(1, 10**4) * max(1, allowed):
            return None
        if distance > allowed:
            found.append(i)
    return found


kinds = [
    ("random samples", lambda: draw.randint(-9, 9)),
    ("samples of which a few are far off", lambda: draw.choice((3, 4, 5, 4, 90))),
    ("long flat stretches", lambda: draw.choice((7, 7, 7, 7, 7, 7, 8))),
    ("values near 10**9", lambda: 1e9 + draw.randint(-3, 3)),
]
for kind, sample in kinds:
    for case in range(120):
        x = [sample() for _ in range(draw.randrange(0, 16))]
        z, warmup = draw.choice((0, 1, 1.5, 2, 3)), draw.randrange(2, 6)
        want, kept = exact(x, z, warmup), list(x)
        if want is None:
            continue
        got = zscore_alarms(x, z, warmup)
        if kind == "random samples":
            assert got == want, "random samples"
        elif kind == "long flat stretches":
            assert got == want, "long flat stretches"
        elif kind == "values near 10**9":
            assert got == want, "values near 10**9 that differ by a few units"
        else:
            assert got == want, "samples of which a few are far off"
        assert x == kept, "the caller's list must stay as it was"
for z, warmup in ((-0.5, 3), (1, 1), (1, 0), (2, -4)):
    try:
        zscore_alarms([1, 2, 3, 4], z, warmup)
        raise AssertionError("a warmup below 2 or a negative z")
    except ValueError:
        pass
many = [1e9 + draw.randint(0, 9) for _ in range(100_000)]
many[60_000] = 1e9 + 500
assert zscore_alarms(many, 20, 100) == [60_000], "100,000 samples with one far off"
### END HIDDEN TESTS

# %% mistake="zscore_alarms" active="py" name="judges a sample by itself"
# Your mean and standard deviation already contain the sample you judge. Among 10 samples, how large can its score get at most?
def zscore_alarms(x, z, warmup):
    if warmup < 2 or z < 0:
        raise ValueError("warmup must be at least 2 and z at least 0")
    alarms, mean, squares = [], 0.0, 0.0
    for i, value in enumerate(x):
        delta = value - mean
        mean += delta / (i + 1)
        squares += delta * (value - mean)
        if i >= warmup and abs(value - mean) > z * math.sqrt(squares / i):
            alarms.append(i)
    return alarms

# %% mistake="zscore_alarms" active="py" name="sum of squares"
# Near 10⁹ the squares are near 10¹⁸. How many digits does a float keep, and what is left after you subtract?
def zscore_alarms(x, z, warmup):
    if warmup < 2 or z < 0:
        raise ValueError("warmup must be at least 2 and z at least 0")
    alarms, total, squares = [], 0.0, 0.0
    for i, value in enumerate(x):
        if i >= warmup:
            mean = total / i
            s = math.sqrt(max(0.0, squares - i * mean * mean) / (i - 1))
            if abs(value - mean) > z * s:
                alarms.append(i)
        total += value
        squares += value * value
    return alarms

# %% mistake="zscore_alarms" active="py" name="divides by n"
# The text says n − 1 in the denominator. Which of the two does yours have, and for how many samples does that matter?
def zscore_alarms(x, z, warmup):
    if warmup < 2 or z < 0:
        raise ValueError("warmup must be at least 2 and z at least 0")
    alarms, mean, squares = [], 0.0, 0.0
    for i, value in enumerate(x):
        if i >= warmup and abs(value - mean) > z * math.sqrt(squares / i):
            alarms.append(i)
        delta = value - mean
        mean += delta / (i + 1)
        squares += delta * (value - mean)
    return alarms

# %% mistake="zscore_alarms" active="py" name="leaves alarms out of the past"
# The level of the plant has really changed. How long does your alarm go on if no alarmed sample may ever move the mean? What does the text say of earlier alarms?
def zscore_alarms(x, z, warmup):
    if warmup < 2 or z < 0:
        raise ValueError("warmup must be at least 2 and z at least 0")
    alarms, mean, squares, n = [], 0.0, 0.0, 0
    for i, value in enumerate(x):
        if i >= warmup and abs(value - mean) > z * math.sqrt(squares / (n - 1)):
            alarms.append(i)
            continue
        n += 1
        delta = value - mean
        mean += delta / n
        squares += delta * (value - mean)
    return alarms

# %% mistake="zscore_alarms" active="py" name="skips a flat past"
# All samples so far were 5, and now comes 6. By how many standard deviations is that off, and does your code dare to say so?
def zscore_alarms(x, z, warmup):
    if warmup < 2 or z < 0:
        raise ValueError("warmup must be at least 2 and z at least 0")
    alarms, mean, squares = [], 0.0, 0.0
    for i, value in enumerate(x):
        if i >= warmup and squares > 0:
            if abs(value - mean) / math.sqrt(squares / (i - 1)) > z:
                alarms.append(i)
        delta = value - mean
        mean += delta / (i + 1)
        squares += delta * (value - mean)
    return alarms

# %% mistake="zscore_alarms" active="py" name="warms up one too long"
# With warmup 3 there are three samples before place 3. May place 3 be an alarm?
def zscore_alarms(x, z, warmup):
    if warmup < 2 or z < 0:
        raise ValueError("warmup must be at least 2 and z at least 0")
    alarms, mean, squares = [], 0.0, 0.0
    for i, value in enumerate(x):
        if i > warmup and abs(value - mean) > z * math.sqrt(squares / (i - 1)):
            alarms.append(i)
        delta = value - mean
        mean += delta / (i + 1)
        squares += delta * (value - mean)
    return alarms

# %% accepts="zscore_alarms" active="py" name="sums shifted by the first sample"
def zscore_alarms(x, z, warmup):
    if warmup < 2 or z < 0:
        raise ValueError
    if not x:
        return []
    base, total, squares, found = x[0], 0, 0, []
    for i, value in enumerate(x):
        moved = value - base
        if i >= warmup:
            mean = total / i
            variance = max(0, squares - total * total / i) / (i - 1)
            if abs(moved - mean) > z * variance**0.5:
                found.append(i)
        total += moved
        squares += moved * moved
    return found

# %% accepts="zscore_alarms" active="py" name="a class that holds the past"
class Past:
    def __init__(self):
        self.n, self.mean, self.s2 = 0, 0.0, 0.0

    def add(self, value):
        self.n += 1
        step = (value - self.mean) / self.n
        self.s2 += (self.n - 1) * self.n * step * step
        self.mean += step

    def score_above(self, value, z):
        return (value - self.mean) ** 2 > z * z * self.s2 / (self.n - 1)


def zscore_alarms(x, z, warmup):
    if z < 0 or warmup < 2:
        raise ValueError("bad parameters")
    past, out = Past(), []
    for place, value in enumerate(x):
        if place >= warmup and past.score_above(value, z):
            out.append(place)
        past.add(value)
    return out

# %% [markdown]
# ## From samples to spans of time
#
# > "The plant's gateway may send at most 100 messages in any 60 seconds. Which messages go through?"
#
# The quick answer counts per calendar minute and forgets at the full minute. Its flaw sits at the border:

# %%
def by_the_minute(ts, limit, window):
    """Wrong: counts anew at each multiple of the window."""
    through, counts = [], {}
    for t in ts:
        counts[t // window] = counts.get(t // window, 0) + 1
        through.append(counts[t // window] <= limit)
    return through


burst = [59] * 100 + [60] * 100
passed = [t for t, ok in zip(burst, by_the_minute(burst, 100, 60)) if ok]
print("let through within two seconds:", len(passed), "where 100 are allowed")

# %% [markdown]
# A **sliding log** keeps the times of the messages that went through and are still younger than the window. It is a queue again, in order of time: new ones at the back, old ones leave at the front.
# One decision is left to the contract: does a message that was *refused* count? If it does, a sender who goes on faster than the limit is not heard again.

# %% [markdown]
# ## Exercise 4: a rate limiter (10 min)
#
# Write `admitted(ts, limit, window)`: for each message whether it goes through.
#
# - `ts`: a list of whole seconds, never falling; equal times are common. `limit` and `window` are whole.
# - A message at time t goes through if **fewer than** `limit` messages before it in the list **went through** at times in (t − window, t]: later than t − window, and not later than t. So t and t + window are never in one span.
# - `limit` = 0: nothing goes through. `limit` < 0 or `window` ≤ 0 raises ValueError, also for an empty list.
# - Returns a list of bools. `ts` is not changed. Size: 100,000 messages, also all at the same second and with a limit of 50,000.

# %% exercise="admitted"
def admitted(ts, limit, window):
    """Which messages a sliding-window rate limiter lets through.

    Args:
        ts: list of int, seconds, not falling.
        limit: int >= 0, messages in any window.
        window: int > 0, seconds.

    Returns:
        list[bool], True where the message goes through.

    Raises:
        ValueError: limit < 0 or window <= 0.

    >>> admitted([0, 1, 2, 10, 11], 2, 10)
    [True, True, False, True, True]
    """
    ### BEGIN SOLUTION
    if limit < 0 or window <= 0:
        raise ValueError("limit must not be negative, window must be positive")
    log, through = deque(), []
    for t in ts:
        while log and log[0] <= t - window:
            log.popleft()
        through.append(len(log) < limit)
        if through[-1]:
            log.append(t)
    return through
    ### END SOLUTION

# %% tests="admitted" points=3
assert admitted([0, 1, 2, 10, 11], 2, 10) == [True, True, False, True, True]
assert admitted([5, 5, 5], 2, 1) == [True, True, False], "the same second"
assert admitted([0, 0, 3], 0, 5) == [False] * 3, "a limit of 0"
assert admitted([], 3, 5) == [], "no messages"
assert admitted([9, 9, 10], 2, 10) == [True, True, False], "a border"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("admitted")


def by_looking_back(ts, limit, window):
    """Each message looks at all before it."""
    out = []
    for i, t in enumerate(ts):
        inside = sum(out[j] and t - window < ts[j] <= t for j in range(i))
        out.append(inside < limit)
    return out


for case in range(400):
    steps = draw.choice(((0, 1), (0, 0, 1, 2), (1, 3, 9)))
    now, ts = draw.randrange(-20, 70), []
    for _ in range(draw.randrange(0, 30)):
        now += draw.choice(steps)
        ts.append(now)
    limit, window = draw.randrange(0, 5), draw.randrange(1, 12)
    kept = list(ts)
    assert list(admitted(ts, limit, window)) == by_looking_back(ts, limit, window), "random messages, some at the same second"
    assert ts == kept, "the caller's list must stay as it was"
for case in range(60):
    window = draw.randrange(2, 40)
    start = draw.randrange(1, 9) * window
    ts = [start - 1] * 3 + [start] * 3 + [start + window - 1] * 3
    assert list(admitted(ts, 3, window)) == by_looking_back(ts, 3, window), "a burst on both sides of a full window"
for limit, window in ((-1, 5), (2, 0), (2, -3)):
    try:
        admitted([1, 2], limit, window)
        raise AssertionError("a negative limit, or a window that is not positive")
    except ValueError:
        pass
same = admitted([7] * 100_000, 50_000, 3)
assert list(same) == [True] * 50_000 + [False] * 50_000, "100,000 messages at the same second"
### END HIDDEN TESTS

# %% mistake="admitted" active="py" name="counts refused messages"
# A sender is refused and tries again every second. When does it get through, if its own refused tries count against it?
def admitted(ts, limit, window):
    if limit < 0 or window <= 0:
        raise ValueError("limit must not be negative, window must be positive")
    log, through = deque(), []
    for t in ts:
        while log and log[0] <= t - window:
            log.popleft()
        through.append(len(log) < limit)
        log.append(t)
    return through

# %% mistake="admitted" active="py" name="keeps the border"
# A message went through exactly `window` seconds ago. Is it later than t − window?
def admitted(ts, limit, window):
    if limit < 0 or window <= 0:
        raise ValueError("limit must not be negative, window must be positive")
    log, through = deque(), []
    for t in ts:
        while log and log[0] < t - window:
            log.popleft()
        through.append(len(log) < limit)
        if through[-1]:
            log.append(t)
    return through

# %% mistake="admitted" active="py" name="counts per calendar window"
# Your counter starts anew at every multiple of the window. How many messages can pass in the last second before and the first after?
def admitted(ts, limit, window):
    if limit < 0 or window <= 0:
        raise ValueError("limit must not be negative, window must be positive")
    through, counts = [], {}
    for t in ts:
        ok = counts.get(t // window, 0) < limit
        counts[t // window] = counts.get(t // window, 0) + ok
        through.append(ok)
    return through

# %% mistake="admitted" active="py" name="one more than the limit"
# `limit` messages are in the window already. Is that fewer than `limit`?
def admitted(ts, limit, window):
    if limit < 0 or window <= 0:
        raise ValueError("limit must not be negative, window must be positive")
    log, through = deque(), []
    for t in ts:
        while log and log[0] <= t - window:
            log.popleft()
        through.append(limit > 0 and len(log) <= limit)
        if through[-1]:
            log.append(t)
    return through

# %% mistake="admitted" active="py" name="looks through the whole log"
# With 50,000 messages in the window, how much work is one decision? Which of them can have become too old since the last?
def admitted(ts, limit, window):
    if limit < 0 or window <= 0:
        raise ValueError("limit must not be negative, window must be positive")
    log, through = [], []
    for t in ts:
        log = [old for old in log if old > t - window]
        through.append(len(log) < limit)
        if through[-1]:
            log.append(t)
    return through

# %% accepts="admitted" active="py" name="looks limit places back"
def admitted(ts, limit, window):
    if window <= 0 or limit < 0:
        raise ValueError("impossible")
    passed, out = [], []
    for t in ts:
        ok = limit > 0 and (len(passed) < limit or passed[-limit] <= t - window)
        if ok:
            passed.append(t)
        out.append(ok)
    return out

# %% [markdown]
# ## The last value known
#
# > "Put the sensors of a pack on one clock, a sample every ten seconds. Fill gaps, but never with something stale."
#
# **Sample and hold**: at each grid time take the last sample at or before it. Never the nearest one: about half of the time the nearest lies in the future, and a model trained on it sees what it will not see in production.
# Between samples the answer gets older; past `max_age` it is no answer any more.

# %%
ts = [2, 9, 14, 23, 30, 31, 74, 80, 95, 101, 112]
x = [20.1, 20.4, 20.2, 20.9, 21.3, 21.2, 23.0, 22.7, 22.9, 23.4, 23.1]
grid = list(range(0, 121, 10))
held = []
for g in grid:
    last = bisect_right(ts, g) - 1
    held.append(x[last] if last >= 0 and g - ts[last] <= 15 else None)
print(held)

# %% mystnb={"figure": {"caption": "Irregular samples put on a grid of ten seconds by sample and hold with a maximum age of 15 seconds; crosses mark grid times without an answer."}, "image": {"alt": "Dots of irregular samples over two minutes with a gap of about 40 seconds. Squares on a regular grid repeat the last sample before them. The first grid time has a cross, as nothing is known yet. In the gap the first grid time still has a square, the next ones have crosses at the bottom."}}
known = [(g, v) for g, v in zip(grid, held) if v is not None]
fig, ax = plt.subplots()
ax.plot(ts, x, "o", label="sample")
ax.plot(*zip(*known), "s", mfc="none", label="on the grid")
ax.plot([g for g, v in zip(grid, held) if v is None],
        [19.8] * held.count(None), "kx", label="no fresh value")
ax.set(xlabel="time (s)", ylabel="temperature (°C)",
       title="Hold, until it is stale")
ax.legend();

# %% [markdown]
# ## Exercise 5: sample and hold (15 min)
#
# Write `resample_hold(ts, x, grid, max_age)`: for each grid time the last sample known, or None.
#
# - `ts` and `x`: equally long lists; `ts` are whole seconds, never falling. Of samples with an equal time, the **later row** is the last one.
# - `grid`: a list of whole seconds, never falling; times may repeat.
# - The answer at g is the last `x` with `ts` ≤ g, if its age g − ts is **at most** `max_age`; otherwise None.
# - `max_age` < 0 raises ValueError, also without a grid. Nothing given is changed.
# - Looking each grid time up by itself, as the plot above does, is right and costs a search each. Both lists are in order: can you do without?
# - Size: 100,000 samples and 100,000 grid times.

# %% exercise="resample_hold"
def resample_hold(ts, x, grid, max_age):
    """The last sample at or before each grid time, if it is fresh enough.

    Args:
        ts: list of int, seconds, not falling.
        x: list of values, one for each time.
        grid: list of int, seconds, not falling.
        max_age: int >= 0, seconds.

    Returns:
        list, one value or None per grid time.

    Raises:
        ValueError: max_age < 0.

    >>> resample_hold([2, 9, 9], [20.1, 20.4, 20.6], [0, 5, 10, 30], 10)
    [None, 20.1, 20.6, None]
    """
    ### BEGIN SOLUTION
    if max_age < 0:
        raise ValueError("max_age must not be negative")
    held, seen = [], 0  # samples with ts <= g
    for g in grid:
        while seen < len(ts) and ts[seen] <= g:
            seen += 1
        fresh = seen > 0 and g - ts[seen - 1] <= max_age
        held.append(x[seen - 1] if fresh else None)
    return held
    ### END SOLUTION

# %% tests="resample_hold" points=4
ts, x = [2, 9, 9], [20.1, 20.4, 20.6]
assert resample_hold(ts, x, [0, 5, 10, 30], 10) == [None, 20.1, 20.6, None]
assert resample_hold(ts, x, [9, 9], 0) == [20.6, 20.6], "the later row, age 0"
assert resample_hold(ts, x, [19], 10) == [20.6], "exactly max_age old"
assert resample_hold([], [], [1, 2], 5) == [None, None], "no samples"
assert resample_hold(ts, x, [], 5) == [], "no grid"
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("resample_hold")


def by_search(ts, x, grid, max_age):
    """Each grid time looks at all samples."""
    out = []
    for g in grid:
        past = [i for i in range(len(ts)) if ts[i] <= g]
        out.append(x[past[-1]] if past and g - ts[past[-1]] <= max_age else None)
    return out


for case in range(400):
    ts = sorted(draw.randrange(0, 40) for _ in range(draw.randrange(0, 14)))
    x = [draw.randint(-5, 5) for _ in ts]
    grid = sorted(draw.randrange(-3, 50) for _ in range(draw.randrange(0, 14)))
    age = draw.choice((0, 1, 3, 10, 100))
    kept = (list(ts), list(x), list(grid))
    assert resample_hold(ts, x, grid, age) == by_search(*kept, age), "random times, some equal"
    assert (ts, x, grid) == kept, "what the caller gave must stay as it was"
for case in range(80):
    ts = [10 * i for i in range(6)]
    x = [draw.randint(0, 9) for _ in ts]
    grid = [10 * i + draw.choice((0, 4, 5, 6, 9)) for i in range(7)]
    assert resample_hold(ts, x, grid, 9) == by_search(ts, x, grid, 9), "grid times between regular samples"
try:
    resample_hold([1], [2], [3], -1)
    raise AssertionError("a negative max_age")
except ValueError:
    pass
many = list(range(100_000))
assert resample_hold(many, many, many, 0) == many, "100,000 samples and grid times"
### END HIDDEN TESTS

# %% mistake="resample_hold" active="py" name="nearest sample"
# It is 10:00:00 and the next sample comes at 10:00:01. Can anyone know it yet?
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("max_age must not be negative")
    held = []
    for g in grid:
        at = bisect_right(ts, g)
        near = [i for i in (at - 1, at) if 0 <= i < len(ts)]
        best = min(near, key=lambda i: abs(ts[i] - g), default=None)
        fresh = best is not None and abs(g - ts[best]) <= max_age
        held.append(x[best] if fresh else None)
    return held

# %% mistake="resample_hold" active="py" name="never stale"
# The sensor died an hour ago. What does your grid say about it now?
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("max_age must not be negative")
    held = []
    for g in grid:
        at = bisect_right(ts, g)
        held.append(x[at - 1] if at else None)
    return held

# %% mistake="resample_hold" active="py" name="stale at exactly max_age"
# "At most max_age": is a sample of exactly that age still an answer?
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("max_age must not be negative")
    held = []
    for g in grid:
        at = bisect_right(ts, g)
        held.append(x[at - 1] if at and g - ts[at - 1] < max_age else None)
    return held

# %% mistake="resample_hold" active="py" name="strictly before"
# A sample has the very time of the grid. Is it known at that time?
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("max_age must not be negative")
    held, seen = [], 0
    for g in grid:
        while seen < len(ts) and ts[seen] < g:
            seen += 1
        fresh = seen > 0 and g - ts[seen - 1] <= max_age
        held.append(x[seen - 1] if fresh else None)
    return held

# %% mistake="resample_hold" active="py" name="first of equal times"
# Two rows have the same time, and the second corrects the first. Which of them do you keep?
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("max_age must not be negative")
    first = {}
    for t, value in zip(ts, x):
        first.setdefault(t, value)
    times = sorted(first)
    held = []
    for g in grid:
        at = bisect_right(times, g)
        fresh = at and g - times[at - 1] <= max_age
        held.append(first[times[at - 1]] if fresh else None)
    return held

# %% mistake="resample_hold" active="py" name="each sample once"
# No new sample has arrived between two grid times. What is the last value known at the second one?
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("max_age must not be negative")
    held, seen = [], 0
    for g in grid:
        start = seen
        while seen < len(ts) and ts[seen] <= g:
            seen += 1
        fresh = seen > start and g - ts[seen - 1] <= max_age
        held.append(x[seen - 1] if fresh else None)
    return held

# %% accepts="resample_hold" active="py" name="binary search"
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("max_age")

    def at(g):
        i = bisect_right(ts, g) - 1
        return x[i] if i >= 0 and g - ts[i] <= max_age else None

    return [at(g) for g in grid]

# %% accepts="resample_hold" active="py" name="merges two iterators"
def resample_hold(ts, x, grid, max_age):
    if max_age < 0:
        raise ValueError("negative age")
    rows = iter(zip(ts, x))
    row = next(rows, None)
    last, out = None, []
    for g in grid:
        while row is not None and row[0] <= g:
            last, row = row, next(rows, None)
        out.append(last[1] if last is not None and last[0] >= g - max_age else None)
    return out

# %% [markdown]
# ## Defend it
#
# <details><summary>1. Your queue can hold k places. When does it, and does that hurt?</summary>
#
# When the samples fall for k steps: nothing can be forgotten. Memory is O(k) at worst, as it must be: any of the k could become the maximum.
# On a stream the values must be kept beside the places. With ten thousand packs and k = 60 that is at most 600,000 pairs.
# </details>
#
# <details><summary>2. Maximum needed a queue. Why does a sum not, and what about a median?</summary>
#
# A sum can be undone: add the new, subtract the old. (For floats errors pile up: recompute now and then, or use two stacks.) A maximum cannot be undone, so what it may become must be kept.
# A median cannot be undone either and has no dominated elements. A balanced tree gives O(log k) a step; a sorted list moves O(k), which is fast for a small k.
# Two heaps with late removal give O(log n), but what has left may pile up inside them: rebuild when half of a heap is dead.
# </details>
#
# <details><summary>3. Combine any two summaries: can you do windows for every associative operation?</summary>
#
# Yes, in amortized O(1) combinations: a queue made of two stacks, each of which keeps the running combination from its bottom. Push onto one, pop from the other; when that is empty, pour the first over.
# It needs no inverse, only associativity: it works for maxima, for products of matrices, for sketches that can be merged. For matrices mind the sides: one stack combines to the left, the other to the right.
# </details>
#
# <details><summary>4. After an outlier your z-score alarm is deaf for a while. Mend it.</summary>
#
# All of the past is in the mean, outliers included, and they inflate s. Choices: a window or exponential forgetting, so that it passes; a robust center and scale (median, MAD), which a few outliers move only a little; or leaving alarmed samples out, with a rule that accepts a new level after m of them in a row.
# Each trades deafness for something else: say what. The contract here fixed the simplest on purpose.
# </details>
#
# <details><summary>5. Ten thousand sensors, z = 3, one sample a second. How many alarms an hour if nothing is wrong?</summary>
#
# For independent normal samples a two-sided three-sigma rule fires with probability 0.0027: about 97,000 alarms an hour.
# So the threshold comes from the number of alarms that people can look at. And samples a second apart are not independent: alarms come in runs, so count episodes.
# </details>
#
# <details><summary>6. Samples arrive late and out of order. Which of the five functions survive?</summary>
#
# None as written: each trusts its order. With a bound on lateness, hold samples back in a heap until a **watermark** has passed them, and feed the functions from there; the answers come later by that bound.
# If the bound is broken, a sample comes after its watermark: it is counted, and dropped or sent to a correction. Welford alone does not care about order, up to rounding, if no alarms are asked of it.
# </details>
#
# <details><summary>7. The rate limiter keeps `limit` times for each sender, and there are ten million senders. Cheaper?</summary>
#
# A **token bucket** keeps two numbers: tokens, and when they were counted. Tokens grow with time up to a cap, a message takes one. It allows bursts up to the cap, and its rate holds in the long run, not in every window.
# Or count per bucket of a few seconds and weight the oldest one: constant memory, and wrong by at most that bucket. Say which promise the contract really needs.
# </details>

# %% [markdown]
# ## Take away
#
# - Ask of each sample: what could still make it the answer? Forget the rest.
# - Count operations per sample, not per step: amortized O(1).
# - Keep places or times: age decides who leaves.
# - Judge a sample by its past alone; include it afterwards.
# - Hold the last value, with an age limit; never the nearest.
