"""What tests of the Keras layer need from Keras's backend: derivatives, as NumPy arrays."""

import importlib
import os

import numpy as np
import pytest

BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")


def import_layer():
    """Return lrnlib.keras, on that backend and a CPU, without log messages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", BACKEND)
        patch.setenv("JAX_PLATFORMS", "cpu")
        patch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
        patch.setenv("CUDA_VISIBLE_DEVICES", "-1")
        module = importlib.import_module("lrnlib.keras")
    assert module.keras.backend.backend() == BACKEND
    return module


def gradient(layer, x, dy):
    """Return the layer's result and its gradient by `x`, given the one by the result."""
    return DERIVATIVES[BACKEND](layer, x, dy)


def second_derivative(layer, x, dy, v):
    """Return the gradient by `x` of the gradient's product with `v`."""
    return DERIVATIVES[BACKEND](layer, x, dy, v)[1]


def _tensorflow(layer, x, dy, v=None):
    import tensorflow as tf

    x, dy = tf.constant(x), tf.constant(dy)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        dx = tape.gradient(y, x, dy)
    return y.numpy(), (dx if v is None else outer.gradient(dx, x, tf.constant(v))).numpy()


def _jax(layer, x, dy, v=None):
    import jax

    def vjp(t, dt):
        return jax.vjp(layer, t)[1](dt)[0]

    def second(t, dt):
        return jax.vjp(lambda u: vjp(u, dt), t)[1](v)[0]

    y, dx = jax.jit(lambda t, dt: (layer(t), (vjp if v is None else second)(t, dt)))(x, dy)
    return np.asarray(y), np.asarray(dx)


def _torch(layer, x, dy, v=None):
    import torch

    x, dy = _to_torch(x).requires_grad_(), _to_torch(dy)
    y = layer(x)
    (dx,) = torch.autograd.grad(y, x, dy, create_graph=v is not None)
    if v is not None:
        (dx,) = torch.autograd.grad(dx, x, _to_torch(v))
    return _from_torch(y), _from_torch(dx)


def _to_torch(a):
    import torch

    if a.dtype.name == "bfloat16":  # from_numpy does not know it
        return torch.from_numpy(a.astype(np.float32)).to(torch.bfloat16)
    return torch.from_numpy(a)


def _from_torch(t):
    import ml_dtypes

    bfloat16 = t.dtype.itemsize == 2 and "bfloat16" in str(t.dtype)
    a = t.detach()
    return a.float().numpy().astype(ml_dtypes.bfloat16) if bfloat16 else a.numpy()


DERIVATIVES = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
