"""What goes in and out over HTTP, as types that check it and as a schema that tells of it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "DescribedGroup",
    "DescribedLabel",
    "DescribedLimits",
    "DetectRequest",
    "DetectResponse",
    "FoundExplanation",
    "FoundLabel",
    "FoundPhrase",
    "FoundSentence",
    "FoundShare",
    "FoundText",
    "Health",
    "ModelDescription",
    "ProblemDetails",
    "ProblemFault",
]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _whole(value: object) -> object:
    """Return 5 for 5.0: they are one number in JSON, which some write so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class DetectRequest(BaseModel):
    """Texts, and what is asked about them."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "oneOf": [
                {
                    "required": [one],
                    "properties": {one: {"type": kind}, other: {"type": "null"}},
                }
                for one, kind, other in (("text", "string", "texts"), ("texts", "array", "text"))
            ],
            "examples": [
                {"text": "Thank you so much, I love it!"},
                {
                    "texts": ["Why would anyone do that?", "Sorry, my fault."],
                    "grouping": "sentiment",
                    "probabilities": True,
                },
                {"text": "I can't wait!!!", "explain": True, "top": 3},
            ],
        },
    )

    text: str | None = Field(default=None, description="One text.")
    texts: list[str] | None = Field(
        default=None, min_length=1, fail_fast=True, description="Or several."
    )
    labels: list[str] | None = Field(
        default=None,
        min_length=1,
        fail_fast=True,
        description="Answer of these labels only; of these groups where there is a grouping.",
    )
    grouping: str | None = Field(
        default=None, description="Groups in the place of the labels; GET /v1/model lists them."
    )
    probabilities: bool = Field(
        default=False,
        description="Give the probability of every label, also of those that do not hold.",
    )
    explain: bool = Field(
        default=False,
        description="Say what each phrase gives to labels that hold, or to the most probable one.",
    )
    top: Annotated[int, BeforeValidator(_whole)] = Field(
        default=5, ge=1, le=100, description="Phrases in an explanation, at most."
    )
    by: Literal["text", "sentence"] = Field(
        default="text", description="With 'sentence', answer each sentence too."
    )
    min_confidence: float | None = Field(
        default=None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Give no label to a text whose highest probability is below this.",
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise PydanticCustomError("one_of_two", "expected either text or texts")
        return self

    def all_texts(self) -> list[str]:
        """Return the N texts, one or several."""
        return self.texts or [self.text or ""]


class FoundLabel(_Answer):
    """A label and its probability."""

    label: str
    probability: float = Field(ge=0, le=1)


class FoundPhrase(_Answer):
    """A part of a text, in code points, and what it gives to a label's logit."""

    start: int
    end: int
    text: str
    share: float


class FoundExplanation(_Answer):
    """The logit is the sum of bias, the phrases' shares and what the others give."""

    label: str
    probability: float
    holds: bool
    logit: float
    bias: float
    exact: bool
    phrases: list[FoundPhrase]
    others: float
    words: list[FoundPhrase]


class _Judged(_Answer):
    labels: list[FoundLabel] = Field(description="Those that hold, strongest first.")
    confidence: float = Field(description="The highest probability of all labels.")
    sure: bool = Field(description="Whether it reaches the least confidence asked for.")
    probabilities: dict[str, float] | None = None


class FoundSentence(_Judged):
    """What holds in a sentence."""

    start: int
    end: int
    text: str


class FoundShare(_Answer):
    """In how many sentences a label holds."""

    label: str
    sentences: int
    share: float
    max_probability: float


class FoundText(_Judged):
    """What holds in a text. Keys that were not asked for are absent."""

    explanations: list[FoundExplanation] | None = None
    sentences: list[FoundSentence] | None = None
    summary: list[FoundShare] | None = None


class DetectResponse(_Answer):
    """The answers, in the order of the texts."""

    model: str = Field(description="The start of the model's fingerprint.")
    results: list[FoundText]


class DescribedLabel(_Answer):
    """A label of the model."""

    name: str
    threshold: float
    sentiment: str | None


class DescribedGroup(_Answer):
    """A group of labels."""

    name: str
    threshold: float
    members: list[str]


class DescribedLimits(_Answer):
    """How much a request may ask."""

    texts: int
    characters: int
    sentences: int
    explained: int
    body_bytes: int


class ModelDescription(_Answer):
    """The model that answers."""

    emoconv: str
    fingerprint: str
    engine: str
    labels: list[DescribedLabel]
    groupings: dict[str, list[DescribedGroup]]
    min_confidence: float
    limits: DescribedLimits


class Health(_Answer):
    """That the service lives, or is ready."""

    status: Literal["live", "ready"]


class ProblemFault(_Answer):
    """One thing that is wrong in a request."""

    pointer: str = Field(description="Where, as a JSON pointer (RFC 6901).")
    detail: str


class ProblemDetails(_Answer):
    """Why there is no answer (RFC 9457)."""

    type: str = Field(description="A URN that ends with the kind of problem.")
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemFault] | None = None
