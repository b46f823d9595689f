from prometheus_client.parser import text_string_to_metric_families

from emoconv.service.measures import Measures


def samples(measures):
    text = measures.exposition().decode()
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_and_timed():
    measures = Measures(["joy"])
    for seconds in (0.002, 0.2):
        measures.request("POST", "/v1/detect", 200, seconds)
    measures.request("GET", "other", 404, 0.001)
    found = samples(measures)
    assert 2 == found["emoconv_http_requests_total", "POST", "/v1/detect", "200"]
    assert 1 == found["emoconv_http_requests_total", "GET", "other", "404"]
    assert 1 == found["emoconv_http_request_duration_seconds_bucket", "0.0025", "/v1/detect"]
    assert 0.202 == found["emoconv_http_request_duration_seconds_sum", "/v1/detect"]


def test_what_is_computed_together_is_counted():
    measures = Measures(["joy"])
    measures.batch(3, 40)
    measures.problem("invalid")
    found = samples(measures)
    assert (1, 3) == (found["emoconv_batch_requests_count",], found["emoconv_batch_requests_sum",])
    assert (1, 40) == (found["emoconv_batch_texts_count",], found["emoconv_batch_texts_sum",])
    assert 1 == found["emoconv_problems_total", "invalid"]


def result(*labels):
    return {"labels": [{"label": name, "probability": 1.0} for name in labels]}


def test_labels_of_the_model_are_counted_from_nought_and_groups_are_not():
    measures = Measures(["joy", "fear"])
    assert 0 == samples(measures)["emoconv_labels_total", "fear"]
    measures.results([result("joy", "fear"), result("joy"), result(), result("positive")])
    found = samples(measures)
    assert (4, 2, 1) == (
        found["emoconv_texts_total",],
        found["emoconv_labels_total", "joy"],
        found["emoconv_labels_total", "fear"],
    )
    assert ("emoconv_labels_total", "positive") not in found


def test_who_waits_is_asked_when_it_is_told():
    measures, waiting = Measures([]), []
    measures.waiting.set_function(lambda: len(waiting))
    waiting += [1, 2]
    assert 2 == samples(measures)["emoconv_requests_waiting",]


def test_the_process_is_measured_too():
    found = samples(Measures([]))
    assert 0 < found["process_open_fds",]
    assert 0 < found["process_resident_memory_bytes",]
