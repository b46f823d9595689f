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

    label: str = Field(description="Its name, or that of a group.")
    probability: float = Field(ge=0, le=1, description="That it holds, of four digits.")


class FoundPhrase(_Answer):
    """A part of a text, in code points, and what it gives to a label's logit."""

    start: int = Field(description="Offset of its first character in the text.")
    end: int = Field(description="Offset after its last character.")
    text: str = Field(description="The characters between.")
    share: float = Field(description="Above 0 it speaks for the label, below 0 against.")


class FoundExplanation(_Answer):
    """The logit is the sum of bias, the phrases' shares and what the others give."""

    label: str = Field(description="The model's own label that is explained.")
    probability: float = Field(description="The logit's sigmoid.")
    holds: bool = Field(description="Whether the probability reaches the label's threshold.")
    logit: float = Field(description="The calibrated logit.")
    bias: float = Field(description="What no phrase gives.")
    exact: bool = Field(description="Whether the shares are the model's own, not an approximation.")
    phrases: list[FoundPhrase] = Field(description="The strongest phrases first; they overlap.")
    others: float = Field(description="What the phrases that are not listed give together.")
    words: list[FoundPhrase] = Field(
        description="Every word in its order, with its part of all phrases that it is in."
    )


class _Judged(_Answer):
    labels: list[FoundLabel] = Field(description="Those that hold, strongest first.")
    confidence: float = Field(description="The highest probability of all labels.")
    sure: bool = Field(description="Whether it reaches the least confidence asked for.")
    probabilities: dict[str, float] | None = Field(
        default=None, description="Of every label that was asked about, by its name."
    )


class FoundSentence(_Judged):
    """What holds in a sentence."""

    start: int = Field(description="Offset of its first character in the text, in code points.")
    end: int = Field(description="Offset after its last character.")
    text: str = Field(description="The sentence.")


class FoundShare(_Answer):
    """In how many sentences a label holds."""

    label: str = Field(description="Its name, or that of a group.")
    sentences: int = Field(description="In how many sentences it holds, at least one.")
    share: float = Field(description="The same as a share of all sentences of the text.")
    max_probability: float = Field(description="Its highest probability in a sentence.")


class FoundText(_Judged):
    """What holds in a text. Keys that were not asked for are absent."""

    explanations: list[FoundExplanation] | None = Field(
        default=None, description="One for each label that is explained."
    )
    sentences: list[FoundSentence] | None = Field(
        default=None, description="Its sentences in their order."
    )
    summary: list[FoundShare] | None = Field(
        default=None, description="The labels that hold in a sentence, those of most first."
    )


class DetectResponse(_Answer):
    """The answers, in the order of the texts."""

    model: str = Field(description="The start of the model's fingerprint.")
    results: list[FoundText] = Field(description="One for each text.")


class DescribedLabel(_Answer):
    """A label of the model."""

    name: str = Field(description="As requests and answers have it.")
    threshold: float = Field(description="The probability from which on it holds.")
    sentiment: str | None = Field(
        description="positive, negative, ambiguous or neutral; null for a label of one's own."
    )


class DescribedGroup(_Answer):
    """A group of labels."""

    name: str = Field(description="As requests and answers have it.")
    threshold: float = Field(description="The probability from which on it holds.")
    members: list[str] = Field(description="Labels of the model.")


class DescribedLimits(_Answer):
    """How much a request may ask."""

    texts: int = Field(description="Texts in a request.")
    characters: int = Field(description="Characters in a text.")
    sentences: int = Field(description="Sentences in a request that asks for them.")
    explained: int = Field(
        description="Characters in a request for explanations, once for each label that it names."
    )
    body_bytes: int = Field(description="Bytes in a request's body.")


class ModelDescription(_Answer):
    """The model that answers."""

    emoconv: str = Field(description="The version of emoconv.")
    fingerprint: str = Field(description="A SHA-256 of all that an answer depends on.")
    engine: str = Field(description="What computes.")
    labels: list[DescribedLabel] = Field(description="In the order of the model.")
    groupings: dict[str, list[DescribedGroup]] = Field(
        description="The groups of each grouping that a request may name."
    )
    min_confidence: float = Field(description="Of requests that name none.")
    limits: DescribedLimits = Field(description="How much one request may ask.")


class Health(_Answer):
    """That the service lives, or is ready."""

    status: Literal["live", "ready"] = Field(
        description="live at /health/live, ready at /health/ready."
    )


class ProblemFault(_Answer):
    """One thing that is wrong in a request."""

    pointer: str = Field(description="Where, as a JSON pointer (RFC 6901).")
    detail: str = Field(description="What was found there, and what was expected.")


class ProblemDetails(_Answer):
    """Why there is no answer (RFC 9457)."""

    type: str = Field(description="A URN that ends with the kind of problem.")
    title: str = Field(description="What the status is called.")
    status: int = Field(description="The HTTP status, once more.")
    detail: str = Field(description="What was found, what was expected, what to do.")
    request_id: str = Field(description="What to look for in the service's log.")
    errors: list[ProblemFault] | None = Field(
        default=None, description="Each fault in the request, where it has any."
    )
