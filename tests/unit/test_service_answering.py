import asyncio
import json
import threading

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.service.admission import Rate
from emoconv.service.answering import Answerer
from emoconv.service.measures import Measures
from emoconv.service.problems import Problem
from emoconv.service.settings import Limits
from untrained import untrained_bundle


class Detector(EmotionDetector):
    """Notes on which threads it computes and explains."""

    def __init__(self):
        super().__init__(untrained_bundle(), engine="reference")

    def predict_proba(self, texts):
        self.computed_on = threading.current_thread().name
        return super().predict_proba(texts)

    def explain(self, text, label=None):
        self.explained_on = threading.current_thread().name
        return super().explain(text, label)


def run(scenario, detector=None, *, when_ready=None, **limits):
    async def whole():
        allowed = Limits(**limits)
        answerer = Answerer(
            detector or Detector(),
            groupings=None,
            limits=allowed,
            rate=Rate(allowed),
            measures=Measures(["joy"]),
            when_ready=when_ready,
        )
        try:
            await answerer.start()
            return await scenario(answerer)
        finally:
            answerer.stop()
            assert not answerer.ready

    return asyncio.run(whole())


async def ask(answerer, fields=None, **body):
    text = bytearray(json.dumps(body).encode())
    answer = await answerer.answer(text, client="ann", fields={} if fields is None else fields)
    return json.loads(answer)


def test_a_request_is_answered_and_its_texts_are_counted():
    async def scenario(answerer):
        fields = {}
        return fields, await ask(answerer, fields, texts=["so happy", "do"])

    fields, answer = run(scenario)
    detector = EmotionDetector(untrained_bundle())
    assert {"texts": 2} == fields
    assert detector.bundle.fingerprint()[:16] == answer["model"]
    assert [[label for label, _ in detector.detect(text)] for text in ("so happy", "do")] == [
        [one["label"] for one in result["labels"]] for result in answer["results"]
    ]


def test_the_engine_computes_on_a_thread_of_its_own_and_what_takes_long_on_others():
    detector = Detector()

    async def scenario(answerer):
        await ask(answerer, texts=["so happy"] * 17, explain=True)

    run(scenario, detector)
    assert detector.computed_on.startswith("emoconv-engine")
    assert detector.explained_on.startswith("emoconv-helper")


@pytest.mark.parametrize(
    ("body", "elsewhere"),
    [
        ({"text": "a"}, 0),
        ({"texts": ["a"] * 32}, 0),
        ({"texts": ["a"] * 33}, 1),
        ({"text": "a", "explain": True}, 1),
        ({"text": "a" * 5_000}, 1),
        ({"texts": ["a" * 100] * 50}, 2),
        ({"text": "a. " * 40, "by": "sentence"}, 1),
    ],
)
def test_only_what_is_small_is_done_by_the_loop(body, elsewhere):
    async def scenario(answerer):
        handed = []
        submit = answerer._helpers.submit
        answerer._helpers.submit = lambda *work: handed.append(work) or submit(*work)
        await ask(answerer, **body)
        return len(handed)

    assert elsewhere == run(scenario)


def test_the_loop_goes_on_while_much_is_parsed_and_written():
    async def scenario(answerer):
        task = asyncio.create_task(
            ask(answerer, texts=["so happy " * 40] * 200, explain=True, by="sentence")
        )
        turns = 0
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        return turns, len((await task)["results"])

    turns, results = run(scenario)
    assert 100 < turns
    assert 200 == results


def test_an_answer_is_the_same_alone_and_among_others():
    texts = ["so happy", "do not", "thanks 👍 :)", "", "!!! <3 😂"]

    async def scenario(answerer):
        alone = [await ask(answerer, text=text, probabilities=True) for text in texts]
        among = [ask(answerer, text=text, probabilities=True) for text in texts * 20]
        return alone, await asyncio.gather(*among)

    alone, among = run(scenario)
    assert alone * 20 == among


def test_the_rate_is_counted_in_texts_of_what_is_valid():
    async def scenario(answerer):
        with pytest.raises(Problem):
            await ask(answerer, texts=["a"] * 4, top=0)
        await ask(answerer, texts=["a"] * 4)
        with pytest.raises(Problem) as caught:
            await ask(answerer, text="a")
        return caught.value.kind

    assert "rate-limit" == run(scenario, texts=4, rate="4/day")


def test_before_the_start_it_is_not_ready():
    answerer = Answerer(
        EmotionDetector(untrained_bundle()),
        groupings=None,
        limits=Limits(),
        rate=Rate(Limits()),
        measures=Measures([]),
    )
    with pytest.raises(Problem) as caught:
        answerer.check_ready()
    assert ("starting", "1") == (caught.value.kind, caught.value.headers["Retry-After"])
    answerer.stop()


def test_an_engine_that_does_not_start_is_logged_and_is_not_ready(caplog):
    class Broken(Detector):
        def warm(self):
            raise RuntimeError("SECRET")

    async def scenario(answerer):
        return answerer.ready

    assert run(scenario, Broken()) is False
    (record,) = caplog.records
    assert "not started" == record.getMessage()
    assert "RuntimeError" == record.emoconv["error"]
    assert "SECRET" not in str(record.emoconv)


def test_a_fault_of_the_engine_reaches_who_asked():
    class Broken(Detector):
        def predict_proba(self, texts):
            if "bad" in texts:
                raise RuntimeError("a fault")
            return super().predict_proba(texts)

    async def scenario(answerer):
        with pytest.raises(RuntimeError, match="a fault"):
            await ask(answerer, text="bad")
        return await ask(answerer, text="good")

    assert 1 == len(run(scenario, Broken())["results"])


def test_it_is_told_when_the_engine_has_started():
    async def scenario(answerer):
        return answerer.ready, list(called)

    called = []
    assert (True, ["engine"]) == run(scenario, when_ready=lambda: called.append("engine"))


def test_what_is_told_of_the_model_is_that_of_the_engine_that_started():
    async def scenario(answerer):
        return json.loads(answerer.model)

    found = run(scenario, EmotionDetector(untrained_bundle(), engine="reference"), texts=9)
    assert ("reference", 9) == (found["engine"], found["limits"]["texts"])


def test_probabilities_are_given_to_four_digits():
    async def scenario(answerer):
        return await ask(answerer, text="so happy", probabilities=True)

    (result,) = run(scenario)["results"]
    row = EmotionDetector(untrained_bundle()).predict_proba(["so happy"])[0]
    np.testing.assert_allclose(list(result["probabilities"].values()), row, atol=5.1e-5)
    assert all(round(p, 4) == p for p in result["probabilities"].values())
