"""A kernel's text is compiled and launched in the jail, and judged outside of it."""

import pytest

from sixrounds import testing
from sixrounds.grading import Status
from sixrounds.grading.executor import WarmProcesses
from sixrounds.grading.grade import grade
from sixrounds.grading.hints import hints_of
from sixrounds.grading.jail import choose
from sixrounds.grading.key import Keys
from sixrounds.grading.plan import Plan, plan
from sixrounds.grading.replay import SHORT, replay
from sixrounds.grading.submission import Answer, Submission
from sixrounds.grading.verdict import Verdict
from sixrounds.source import Lesson, parse

LESSON = '''# %% [markdown]
# # Kernels

# %% tags=["setup"]
import numpy as np

import sixrounds
from sixrounds import cuda


def launched(size, rng):
    """A launch in blocks of 32."""
    values = cuda.numbers(rng, size)
    args = {"values": values, "out": np.zeros_like(values)}
    return cuda.Call(cuda.over(size, 32), 32, args | {"n": np.int32(size)})


def in_place(size, rng):
    """A launch whose input is its output."""
    call = launched(size, rng)
    return cuda.Call(call.grid, call.block, {**call.args, "out": call.args["values"]})


def wanted(values, **_):
    """What the kernel must compute."""
    return {"out": 3 * values.astype(float)}


# %% [markdown]
# ## Exercise

# %% exercise="triple"
### BEGIN SOLUTION
triple = """
extern "C" __global__ void triple(const float* x, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = 3 * x[i];
}
"""
### END SOLUTION

# %% tests="triple" points=2
kernel = cuda.RawKernel(triple, "triple")
cuda.expect(kernel, launched).correct(wanted, sizes=(5,)).no_reports()
### BEGIN HIDDEN TESTS
draw = testing.rng("triple")
cuda.expect(kernel, launched, rng=draw).correct(wanted).no_reports()
cuda.expect(kernel, in_place, rng=draw).correct(wanted)
for size in (64, 96, 128, 256, 512):
    cuda.expect(kernel, launched, rng=draw, measured=size).sectors_per_request("out") <= 4.5
### END HIDDEN TESTS

# %% mistake="triple" active="py" name="no guard"
# Who takes the elements past the end?
triple = """
extern "C" __global__ void triple(const float* x, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 3 * x[i];
}
"""

# %% mistake="triple" active="py" name="far apart"
# How far apart are the addresses of neighbors?
triple = """
extern "C" __global__ void triple(const float* x, float* out, int n) {
  int i = threadIdx.x * gridDim.x + blockIdx.x;
  if (i < n) out[i] = 3 * x[i];
}
"""

# %% accepts="triple" active="py" name="names of their own"
triple = """
template <class T> __device__ T thrice(T v) { return v + v + v; }
extern "C" __global__ void triple(const float* given, float* made, int many) {
  for (int at = blockIdx.x * blockDim.x + threadIdx.x; at < many; at += blockDim.x * gridDim.x)
    made[at] = thrice(given[at]);
}
"""
'''


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """A lesson with one kernel."""
    path = tmp_path_factory.mktemp("kernels") / "solutions" / "optimization_role" / "01_triple.py"
    path.parent.mkdir(parents=True)
    path.write_text(LESSON.replace("import cuda\n", "import cuda, testing\n"))
    return parse(path)


@pytest.fixture(scope="module")
def recipe(lesson: Lesson) -> Plan:
    """How it is graded."""
    return plan(lesson)


@pytest.fixture(scope="module")
def executor() -> WarmProcesses:
    """The best jail of this machine."""
    with WarmProcesses(choose(unsafe=True)) as made:
        yield made


@pytest.fixture(scope="module")
def keys(executor: WarmProcesses) -> Keys:
    """What known mistakes answer: made once."""
    return Keys(executor)


def graded(recipe: Plan, executor: WarmProcesses, keys: Keys, source: str) -> Verdict:
    """The verdict on an answer, under a secret seed."""
    submission = Submission("one", {"triple": Answer(source)})
    return grade(recipe, submission, seed=b"secret", executor=executor, keys=keys)[0]


def test_right_answers_pass(
    lesson: Lesson, recipe: Plan, executor: WarmProcesses, keys: Keys
) -> None:
    """A kernel with a learner's own names of things would lose points."""
    exercise = lesson.exercises[0]
    for source in (exercise.reference, exercise.accepts[0].source):
        assert graded(recipe, executor, keys, source).status is Status.PASSED


def test_mistakes_are_recognized_in_other_words(
    recipe: Plan, executor: WarmProcesses, keys: Keys
) -> None:
    """A learner whose kernel is wrong in a known way would get no hint unless it is ours."""
    unguarded = (
        "triple = '''extern \"C\" __global__ void triple(const float* in, float* to, int count) {\n"
        "  const unsigned at = threadIdx.x + blockIdx.x * blockDim.x;\n"
        "  to[at] = in[at] * 3.f;\n}'''"
    )
    verdict = graded(recipe, executor, keys, unguarded)
    assert verdict.score == 0
    assert verdict.hint == "Who takes the elements past the end?"
    assert "read out of bounds: in[5]; in has 5 elements" in verdict.message
    scattered = unguarded.replace(
        "threadIdx.x + blockIdx.x * blockDim.x", "blockIdx.x + gridDim.x * threadIdx.x"
    ).replace("to[at] =", "if (at < count) to[at] =")
    verdict = graded(recipe, executor, keys, scattered)
    assert verdict.hint == "How far apart are the addresses of neighbors?"
    assert verdict.message == "a hidden test failed: sectors per request of out"


def test_what_is_wrong_in_place_alone_fails(
    recipe: Plan, executor: WarmProcesses, keys: Keys
) -> None:
    """An input that is the output, too, would cross into the jail as two arrays."""
    again = (
        "triple = '''extern \"C\" __global__ void triple(const float* x, float* out, int n) {\n"
        "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
        "  if (i < n) { out[i] = 3 * x[i]; if (x[i] > 1) out[i] = 3 * x[i]; }\n}'''"
    )
    verdict = graded(recipe, executor, keys, again)
    assert verdict.score == 0
    assert "out has wrong values" in verdict.message


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("triple = 'int main() {}'", "has no kernel|no kernel"),
        ("triple = 'extern \"C\" __global__ void other() {}'", "no kernel 'triple'"),
        ("triple = 'extern \"C\" __global__ void triple(float* x) {}'", "takes 1 arguments"),
        ("triple = 'extern \"C\" __global__ void triple() { x = 1; }'", r"kernel\.cu:1:.*'x'"),
        ('triple = \'extern "C" __global__ void triple() { asm(""); }\'', "asm"),
        ("triple = 3", "no kernel"),
    ],
)
def test_what_is_no_such_kernel_is_told(
    recipe: Plan, executor: WarmProcesses, keys: Keys, source: str, said: str
) -> None:
    """A learner would not learn what the compiler says."""
    verdict = graded(recipe, executor, keys, source)
    assert verdict.score == 0
    assert verdict.status is Status.ERROR
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(verdict.message)


def test_a_forged_report_is_no_verdict(recipe: Plan, executor: WarmProcesses, keys: Keys) -> None:
    """An answer that says in Python what a launch should have said would be believed."""
    forging = (
        "import sixrounds.cuda.remote as remote, sixrounds.cuda.api as api\n"
        "remote.serve = lambda request: {'report': {}, 'arrays': []}\n"
        "api.RawModule.launch = lambda *a, **k: None\n"
        "triple = 'extern \"C\" __global__ void triple(float* x, float* out, int n) {}'"
    )
    verdict = graded(recipe, executor, keys, forging)
    assert verdict.score == 0
    assert "wrong values" in verdict.message


def test_shipped_launches_recognize_each_mistake(lesson: Lesson) -> None:
    """A learner's own check could not give a hint for a kernel."""
    testing.use_seed(testing.PUBLIC_SEED)
    item = hints_of(lesson)["triple"]
    assert item["inputs"]
    exercise = lesson.exercises[0]
    for variant, told in zip(exercise.mistakes, item["mistakes"], strict=True):
        names: dict[str, object] = {}
        exec(variant.source, names)
        found = replay(names["triple"], "triple", item["inputs"])
        again = [[step[:SHORT] for step in one] for one in found]
        assert again == told["results"]
        assert again != item["reference"]
