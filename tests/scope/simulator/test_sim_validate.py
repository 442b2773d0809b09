"""The validation of parameters against pydantic, which the real server uses, where it is there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.scope.simulator.bodies import PARAMETERS
from nodegraph.scope.simulator.validate import InvalidError, checked


def test_defaults_are_put_in_nulls_left_out_and_unknown_keys_kept() -> None:
    body = {"noise_scale": None, "acme": 3, "denoising_step_list": [500.0, "250"]}
    assert checked(PARAMETERS, body) == {
        "prompt_interpolation_method": "linear",
        "denoising_step_list": [500, 250],
        "vace_context_scale": 1.0,
        "acme": 3,
    }


@pytest.mark.parametrize("key", ["vace_context_scale", "prompt_interpolation_method"])
def test_what_has_a_default_may_not_be_null(key: str) -> None:
    with pytest.raises(InvalidError):
        checked(PARAMETERS, {key: None})


def test_a_transition_gets_four_steps() -> None:
    body = {"transition": {"target_prompts": [{"text": "x"}]}}
    assert checked(PARAMETERS, body)["transition"] == {
        "target_prompts": [{"text": "x", "weight": 1.0}],
        "num_steps": 4,
        "temporal_interpolation_method": "linear",
    }


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 1500)
    | st.floats(-2, 12, allow_nan=False)
    | st.sampled_from(["text", "video", "linear", "slerp", "yes", "0.5", "7", "", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "weight", "target_prompts", "num_steps", "path", "scale"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def reference() -> Any:
    """Build the documented schema with pydantic."""
    pydantic = pytest.importorskip("pydantic", reason="the oracle of this test")
    from typing import Annotated, Literal

    method = Literal["linear", "slerp"]

    class Item(pydantic.BaseModel):
        text: str
        weight: Annotated[float, pydantic.Field(ge=0.0)] = 1.0

    class Transition(pydantic.BaseModel):
        target_prompts: list[Item]
        num_steps: Annotated[int, pydantic.Field(ge=0)] = 4
        temporal_interpolation_method: method = "linear"

    class Lora(pydantic.BaseModel):
        path: str
        scale: Annotated[float, pydantic.Field(ge=-10.0, le=10.0)]

    class Parameters(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")
        input_mode: Literal["text", "video"] | None = None
        prompts: list[Item] | None = None
        prompt_interpolation_method: method = "linear"
        transition: Transition | None = None
        noise_scale: Annotated[float, pydantic.Field(ge=0.0, le=1.0)] | None = None
        denoising_step_list: list[int] | None = None
        manage_cache: bool | None = None
        lora_scales: list[Lora] | None = None
        vace_ref_images: list[str] | None = None
        vace_context_scale: Annotated[float, pydantic.Field(ge=0.0, le=2.0)] = 1.0
        node_id: str | None = None

    # Resolve the names of this function's scope.
    for each in (Item, Transition, Lora, Parameters):
        each.model_rebuild(_types_namespace={**globals(), **locals()})
    return Parameters


@settings(max_examples=many(150, 1500), deadline=None)
@given(data=st.data())
def test_it_agrees_with_pydantic(data: st.DataObject) -> None:
    model = _MODEL or _build()
    keys = st.sampled_from(sorted(model.model_fields))
    body = data.draw(st.dictionaries(keys, VALUES, max_size=3))
    errors: list[dict[str, Any]] = []
    expected: Any = None
    try:
        expected = model.model_validate(body, from_attributes=True).model_dump(exclude_none=True)
    except ValueError as error:
        errors = [
            {**{k: e[k] for k in ("type", "msg", "input")}, "loc": ["body", *e["loc"]]}
            for e in error.errors()  # type: ignore[attr-defined]  # pydantic's own error
        ]
    if not errors:
        assert checked(PARAMETERS, body) == expected
        return
    with pytest.raises(InvalidError) as caught:
        checked(PARAMETERS, body)
    mine = [{k: e[k] for k in ("type", "msg", "input", "loc")} for e in caught.value.errors]
    assert mine == errors


_MODEL: Any = None


def _build() -> Any:
    global _MODEL
    _MODEL = reference()
    return _MODEL
