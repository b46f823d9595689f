import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from emoconv.service.admission import Held, Rate
from emoconv.service.problems import STATUS, Problem
from emoconv.service.reading import check_limits, parse
from emoconv.service.schemas import DetectRequest
from emoconv.service.settings import Limits

SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from([*DetectRequest.model_fields, "txt", ""])


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_understood_or_is_a_problem(body):
    _understood_or_a_problem(body)


@given(st.dictionaries(KEYS, JSON, max_size=6))
def test_any_object_is_understood_or_is_a_problem(body):
    _understood_or_a_problem(json.dumps(body).encode())


def _understood_or_a_problem(body):
    problem, found = refused(lambda: _understood(body))
    if problem is None:
        texts = found.all_texts()
        assert 1 <= len(texts) <= 3
        assert max(map(len, texts)) <= 5
        json.dumps(texts, ensure_ascii=False).encode()  # there is no lone surrogate in them
    else:
        assert STATUS[problem.kind].value == json.loads(problem.body("abc"))["status"]
        assert STATUS[problem.kind].value in {400, 422}
        assert len(problem.faults) <= 10


def _understood(body):
    found = parse(bytearray(body))
    check_limits(found, Limits(texts=3, characters=5))
    return found


def refused(call):
    """Return the problem that something is, if it is one, and what it is otherwise."""
    try:
        return None, call()
    except Problem as problem:
        return problem, None


class Clients(RuleBasedStateMachine):
    """Clients that send texts at any time, and what each was allowed."""

    AMOUNT, SECONDS = 10, 60

    def __init__(self):
        super().__init__()
        self.now = 1_000.0
        self.rate = Rate(
            Limits(rate=f"{self.AMOUNT}/minute", texts=self.AMOUNT), clock=lambda: self.now
        )
        self.allowed = {}

    def ask(self, client, texts):
        """Return the seconds to wait, 0 for none."""
        problem, _ = refused(lambda: self.rate.take(client, texts))
        if problem is not None:
            return int(problem.headers["Retry-After"])
        self.allowed.setdefault(client, []).append((self.now, texts))
        return 0

    @rule(seconds=st.floats(0, 100))
    def time_goes(self, seconds):
        self.now += seconds

    @rule(client=st.sampled_from("ab"), texts=st.integers(1, AMOUNT))
    def asks(self, client, texts):
        self.ask(client, texts)

    @rule(client=st.sampled_from("ab"), texts=st.integers(1, AMOUNT))
    def asks_again_when_it_is_told_to(self, client, texts):
        wait = self.ask(client, texts)
        if wait:
            self.now += wait - 1.001
            assert wait <= 1 or 0 < self.ask(client, texts), "it could have asked a second earlier"
            self.now += 1.001
            assert 0 == self.ask(client, texts)

    @invariant()
    def nobody_was_allowed_more_than_a_burst_and_what_comes_back(self):
        for sent in self.allowed.values():
            for first, (start, _) in enumerate(sent):
                total = sum(texts for _, texts in sent[first:])
                since = sent[-1][0] - start
                assert total <= self.AMOUNT * (1 + since / self.SECONDS) + 1e-3


TestClients = Clients.TestCase
TestClients.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


@given(st.lists(st.lists(st.integers(0, 40), max_size=5), max_size=8), st.integers(1, 100))
def test_bodies_never_hold_more_than_they_may_and_all_is_given_back(bodies, count):
    held, kept, taken = Held(count), [], 0
    for chunks in bodies:
        context = held.body()
        body = context.__enter__()
        kept.append(context)
        for size in chunks:
            try:
                held.add(body, bytes(size))
            except Problem:
                assert taken + size > count
            else:
                taken += size
        assert taken == held.taken <= count
    for context in kept:
        context.__exit__(None, None, None)
    assert 0 == held.taken


@given(st.integers(1, 10**6), st.sampled_from(["second", "minute", "hour", "day"]))
def test_a_client_may_send_the_whole_rate_at_once(amount, span):
    rate = Rate(Limits(rate=f"{amount}/{span}", texts=amount), clock=lambda: 50_000.0)
    rate.take("a", amount)
    problem, _ = refused(lambda: rate.take("a", 1))
    seconds = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}[span]
    assert str(math.ceil(seconds / amount)) == problem.headers["Retry-After"]
