import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from emoconv.service.batching import BATCH_TEXTS, Batcher


@pytest.fixture(autouse=True)
def _nothing_is_little(monkeypatch):
    monkeypatch.setattr("emoconv.service.batching._FEW_TEXTS", 0)


class Engine:
    """Computes the lengths of texts, on another thread, when it is let."""

    def __init__(self):
        self.batches, self.measured, self.threads = [], [], set()
        self.goes_on = threading.Event()
        self.goes_on.set()

    def compute(self, texts):
        self.threads.add(threading.current_thread().name.partition("_")[0])
        self.goes_on.wait(30)
        self.batches.append(texts)
        if "fault" in texts:
            raise ValueError("a fault")
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    def measure(self, requests, texts):
        self.measured.append((requests, texts))


def run(scenario):
    """Run a scenario, given an engine and a batcher."""
    engine = Engine()

    async def whole():
        with ThreadPoolExecutor(1, "engine") as executor:
            batcher = Batcher(engine.compute, executor=executor, measure=engine.measure)
            try:
                return await scenario(engine, batcher)
            finally:
                engine.goes_on.set()

    return engine, asyncio.run(whole())


def ask(batcher, *texts):
    return asyncio.create_task(batcher.probabilities(list(texts)))


async def until(condition):
    while not condition():  # noqa: ASYNC110 - what it waits for is on another thread
        await asyncio.sleep(0.001)


def lengths(rows):
    return rows[:, 0].tolist()


def test_a_request_alone_is_a_batch():
    async def scenario(_engine, batcher):
        return [lengths(await batcher.probabilities(["a", "bb"])) for _ in range(3)]

    engine, found = run(scenario)
    assert [[1, 2]] * 3 == found
    assert [["a", "bb"]] * 3 == engine.batches


def test_what_comes_meanwhile_is_computed_together_and_each_gets_its_own():
    async def scenario(engine, batcher):
        engine.goes_on.clear()
        first = ask(batcher, "a")
        await until(lambda: engine.measured)
        others = [ask(batcher, "bb", "ccc"), ask(batcher, "dddd"), ask(batcher, "", "e")]
        await asyncio.sleep(0)
        engine.goes_on.set()
        return [lengths(await one) for one in (first, *others)]

    engine, found = run(scenario)
    assert [[1], [2, 3], [4], [0, 1]] == found
    assert [["a"], ["bb", "ccc", "dddd", "", "e"]] == engine.batches
    assert [(1, 1), (3, 5)] == engine.measured


def test_a_batch_is_closed_when_it_is_full_and_requests_stay_whole():
    sizes = [1, BATCH_TEXTS - 1, 1, 1, BATCH_TEXTS + 5, 2]

    async def scenario(engine, batcher):
        engine.goes_on.clear()
        first = ask(batcher, "first")
        await until(lambda: engine.measured)
        asked = [ask(batcher, *["x" * n] * size) for n, size in enumerate(sizes)]
        await asyncio.sleep(0)
        engine.goes_on.set()
        await first
        return [lengths(await one) for one in asked]

    engine, found = run(scenario)
    assert [[n] * size for n, size in enumerate(sizes)] == found
    assert [(1, 1), (2, BATCH_TEXTS), (2, 2), (1, BATCH_TEXTS + 5), (1, 2)] == engine.measured


def test_an_error_reaches_those_whose_batch_it_was_and_the_next_go_on():
    async def scenario(engine, batcher):
        engine.goes_on.clear()
        tasks = [ask(batcher, "fault")]
        await until(lambda: engine.measured)
        tasks += [ask(batcher, "a"), ask(batcher, "fault"), ask(batcher, "b")]
        tasks[3].cancel()
        await asyncio.sleep(0)
        engine.goes_on.set()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        return ends, lengths(await batcher.probabilities(["next"]))

    _, (ends, after) = run(scenario)
    expected = [ValueError, ValueError, ValueError, asyncio.CancelledError]
    assert expected == [type(end) for end in ends]
    assert [4] == after


@pytest.mark.parametrize("text", ["a", "fault"])
def test_who_goes_while_the_engine_computes_is_missed_by_nobody(text):
    async def scenario(engine, batcher):
        engine.goes_on.clear()
        gone, stays = ask(batcher, text), None
        await until(lambda: engine.measured)
        stays = ask(batcher, "stays")
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        engine.goes_on.set()
        return lengths(await stays)

    _, found = run(scenario)
    assert [5] == found


def test_nothing_is_computed_for_those_who_have_gone():
    async def scenario(engine, batcher):
        engine.goes_on.clear()
        first = ask(batcher, "first")
        await until(lambda: engine.measured)
        gone = [ask(batcher, "gone") for _ in range(3)]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        engine.goes_on.set()
        await first
        return lengths(await batcher.probabilities(["last"]))

    engine, _ = run(scenario)
    assert [["first"], ["last"]] == engine.batches


def test_the_loop_goes_on_while_the_engine_computes():
    async def scenario(engine, batcher):
        engine.goes_on.clear()
        task = ask(batcher, "a")
        turns = 0
        while not engine.measured or turns < 10:
            await asyncio.sleep(0.001)
            turns += 1
        assert not task.done()
        engine.goes_on.set()
        return lengths(await task)

    assert [1] == run(scenario)[1]


@pytest.mark.parametrize(
    ("texts", "thread"),
    [
        (["a"], "MainThread"),
        (["a"] * 16, "MainThread"),
        (["a"] * 17, "engine"),
        (["a" * 4_096], "MainThread"),
        (["a" * 4_096, "a"], "engine"),
        (["fault"], "MainThread"),
        (["fault"] * 17, "engine"),
    ],
)
def test_what_is_little_is_computed_by_the_loop_itself(monkeypatch, texts, thread):
    async def scenario(_engine, batcher):
        first = [ask(batcher, *texts), ask(batcher, *texts[:0])]
        return await asyncio.gather(*first, return_exceptions=True)

    monkeypatch.undo()
    engine, (found, _) = run(scenario)
    assert {thread} == engine.threads
    if texts[0] == "fault":
        assert "a fault" == str(found)
    else:
        assert [len(text) for text in texts] == lengths(found)
