import pytest

from emoconv import EmotionDetector
from emoconv.labels import GOEMOTIONS
from emoconv.service import Limits, Settings, create_app
from emoconv.service.problems import STATUS
from untrained import LABELS, untrained_bundle


def document(detector=None, **settings):
    detector = detector or EmotionDetector(untrained_bundle(), engine="reference")
    return create_app(detector, Settings(page=False, **settings)).openapi()


@pytest.fixture(scope="module")
def found():
    return document(EmotionDetector.load(engine="reference"))


def asked(found):
    return found["components"]["schemas"]["DetectRequest"]["properties"]


def references(value):
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_address_but_that_of_the_page_is_described(found):
    operations = {path: list(operations) for path, operations in found["paths"].items()}
    assert {
        "/v1/detect": ["post"],
        "/v1/model": ["get"],
        "/health/live": ["get"],
        "/health/ready": ["get"],
        "/metrics": ["get"],
    } == operations


def test_everything_that_is_named_is_there(found):
    names = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}
    assert names >= set(references(found))


def test_every_property_of_everything_that_is_named_is_described(found):
    schemas = found["components"]["schemas"]
    silent = [
        f"{name}.{key}"
        for name, schema in schemas.items()
        for key, value in schema["properties"].items()
        if not value.get("description", "").endswith(".")
    ]
    assert [] == silent
    assert len(schemas) > 10


def test_an_answer_is_called_as_the_title_of_its_problem(found):
    answers = found["paths"]["/v1/detect"]["post"]["responses"]
    assert "Content Too Large." == answers["413"]["description"]
    assert "Unprocessable Content." == answers["422"]["description"]


def test_every_answer_has_a_request_id_and_every_problem_its_type(found):
    for operations in found["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                assert {"X-Request-ID"} == set(answer["headers"])
                if status != "200":
                    assert ["application/problem+json"] == list(answer["content"])


def test_a_request_is_refused_by_every_status_of_a_problem_that_is_its_fault_or_ours(found):
    statuses = set(found["paths"]["/v1/detect"]["post"]["responses"])
    elsewhere = {"401", "404", "405"}  # of keys, and of other addresses
    assert {str(status.value) for status in STATUS.values()} | {"200"} == statuses | elsewhere


def test_keys_are_described_where_they_are_asked_for():
    found = document(api_keys=("one",))
    assert {"key": {"type": "http", "scheme": "bearer"}} == found["components"]["securitySchemes"]
    secured = {
        path
        for path, operations in found["paths"].items()
        for operation in operations.values()
        if operation.get("security") == [{"key": []}] and "401" in operation["responses"]
    }
    assert {"/v1/detect", "/v1/model", "/metrics"} == secured
    assert "security" not in str(document())


def test_the_limits_are_those_of_the_service():
    found = document(limits=Limits(texts=7, characters=8))
    texts = asked(found)["texts"]["anyOf"][0]
    assert (1, 7, 8) == (texts["minItems"], texts["maxItems"], texts["items"]["maxLength"])
    assert 8 == asked(found)["text"]["anyOf"][0]["maxLength"]


def test_labels_and_groupings_are_those_of_the_model(found):
    labels = asked(found)["labels"]["anyOf"][0]["items"]["enum"]
    assert set(GOEMOTIONS.names) < set(labels)
    assert {"positive", "surprise"} < set(labels)
    assert ["ekman", "sentiment"] == asked(found)["grouping"]["anyOf"][0]["enum"]


def test_a_model_without_groupings_has_none_to_name():
    found = document()
    assert list(LABELS) == asked(found)["labels"]["anyOf"][0]["items"]["enum"]
    assert [{"type": "null"}] == asked(found)["grouping"]["anyOf"]


def test_the_document_is_made_once():
    app = create_app(EmotionDetector(untrained_bundle(), engine="reference"))
    assert app.openapi() is app.openapi()


def test_labels_are_those_of_the_grouping_that_is_asked_for(found):
    whole = found["components"]["schemas"]["DetectRequest"]
    by_grouping = {
        case["if"]["properties"]["grouping"]["enum"][0]: (
            case["if"]["required"],
            case["then"]["properties"]["labels"]["items"]["enum"],
        )
        for case in whole["allOf"]
    }
    assert [None, "ekman", "sentiment"] == list(by_grouping)
    assert ([], list(GOEMOTIONS.names)) == by_grouping[None]
    sentiments = ["positive", "negative", "ambiguous", "neutral"]
    assert (["grouping"], sentiments) == by_grouping["sentiment"]
