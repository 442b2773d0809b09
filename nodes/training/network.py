"""The network as it is fitted: a dense layer, two gated recurrent layers, three outputs.

Gated recurrent units after Cho et al., "Learning phrase representations using RNN encoder-decoder",
EMNLP 2014, with the reset gate behind the product, as in cuDNN. `nodes/_beat_net.py` runs the same.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

Weights = dict[str, Array]


def initial(inputs: int, dense: int, hidden: int, outputs: int, seed: int) -> Weights:
    """Random weights, scaled by the fan-in; the outputs begin as rare as beats are."""
    keys = iter(jax.random.split(jax.random.key(seed), 6))

    def matrix(rows: int, columns: int, gain: float = 1.0) -> Array:
        return jax.random.normal(next(keys), (rows, columns)) * gain / jnp.sqrt(rows)

    return {
        "dense": matrix(inputs, dense),
        "dense_bias": jnp.zeros(dense),
        "first_in": matrix(dense, 3 * hidden),
        "first_back": matrix(hidden, 3 * hidden, 0.8),
        "first_bias": jnp.zeros(3 * hidden),
        "second_in": matrix(hidden, 3 * hidden),
        "second_back": matrix(hidden, 3 * hidden, 0.8),
        "second_bias": jnp.zeros(3 * hidden),
        "out": matrix(2 * hidden, outputs, 0.5),
        "out_bias": jnp.full(outputs, -3.0),
    }


def _layer(weights: Weights, name: str, given: Array) -> Array:
    """One recurrent layer over [steps, batch, …]; what comes from below is one large product."""
    ahead = given @ weights[f"{name}_in"] + weights[f"{name}_bias"]
    back = weights[f"{name}_back"]
    size = back.shape[0]

    def step(hidden: Array, ahead: Array) -> tuple[Array, Array]:
        own = hidden @ back
        gates = jax.nn.sigmoid(ahead[:, : 2 * size] + own[:, : 2 * size])
        fresh = jnp.tanh(ahead[:, 2 * size :] + gates[:, :size] * own[:, 2 * size :])
        hidden = fresh + gates[:, size:] * (hidden - fresh)
        return hidden, hidden

    return jax.lax.scan(step, jnp.zeros((given.shape[1], size)), ahead, unroll=2)[1]


def logits(weights: Weights, features: Array) -> Array:
    """[batch, steps, inputs] to [batch, steps, outputs], from silence on."""
    heard = jnp.tanh(jnp.swapaxes(features, 0, 1) @ weights["dense"] + weights["dense_bias"])
    first = _layer(weights, "first", heard)
    second = _layer(weights, "second", first)
    said = jnp.concatenate((first, second), axis=2) @ weights["out"] + weights["out_bias"]
    return jnp.swapaxes(said, 0, 1)


_RARITY = jnp.array([4.0, 8.0, 2.0])
"""How much heavier a beat, a downbeat, an onset weighs than a step without one."""
_WORTH = jnp.array([1.0, 0.6, 0.3])
"""How much each output counts."""


def loss(weights: Weights, features: Array, wanted: Array, worth: Array) -> Array:
    """Mean cross-entropy over the steps that are to be learnt from; `worth` is [batch, steps]."""
    said = logits(weights, features)
    each = _RARITY * wanted * jax.nn.softplus(-said) + (1.0 - wanted) * jax.nn.softplus(said)
    return jnp.sum(each * _WORTH * worth[:, :, None]) / (jnp.sum(worth) + 1.0)
