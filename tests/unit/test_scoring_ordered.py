"""Claims about emoconv.scoring.ordered: work in threads, results in order."""

import threading
import time

import pytest

from emoconv.scoring.ordered import ordered_map


def test_results_come_in_the_order_of_the_items():
    def slow_if_even(item):
        time.sleep(0.01 * (item % 2 == 0))
        return item * item

    assert [n * n for n in range(9)] == list(ordered_map(slow_if_even, range(9), workers=3))


def test_of_nothing_comes_nothing():
    assert [] == list(ordered_map(str, []))


def test_calls_run_at_once():
    both = threading.Barrier(2, timeout=10)
    assert [0, 0] == sorted(ordered_map(lambda _: both.wait() * 0, range(2), workers=2))


def test_items_are_taken_on_the_callers_thread_and_few_ahead():
    taken = []

    def items():
        for item in range(20):
            taken.append(threading.current_thread())
            yield item

    results = ordered_map(str, items(), workers=2)
    most = 0
    for given, _ in enumerate(results, start=1):
        most = max(most, len(taken) - given)
    assert {threading.current_thread()} == set(taken)
    assert 3 == most


def test_an_error_in_a_call_comes_in_its_items_place():
    def inverse(item):
        return 6 // item

    results = ordered_map(inverse, [1, 2, 0, 3])
    assert [6, 3] == [next(results), next(results)]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_an_error_in_the_items_is_raised():
    def items():
        yield 1
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        list(ordered_map(str, items()))


def test_who_stops_asking_leaves_no_call_behind():
    started, before = [], threading.active_count()

    def call(item):
        started.append(item)
        time.sleep(0.01)
        return item

    results = ordered_map(call, range(100), workers=1)
    assert 0 == next(results)
    results.close()
    assert before == threading.active_count()
    assert len(started) <= 3
