"""Tensors of other libraries: the message names the library, and its advice works."""

import importlib
import os

import numpy as np
import pytest

import lrnlib
from tests.library.oracles.advice import followed

ROW = [3.0, 0.0, 1.0, 2.0]


def library(name):
    """Import a framework, or skip the test where it may be missing."""
    if os.environ.get("LRNLIB_REQUIRE_PEERS"):
        return importlib.import_module(name)
    return pytest.importorskip(name)


def assert_advice_works(x, message, dtype="float32", row=ROW, **modules):
    """Fail unless `x` is refused as x and as dy, and what the advice makes of it is taken."""
    gradient = lrnlib.local_response_normalization_grad
    for name, call in {
        "x": lrnlib.lrn,
        "x ": lambda x: lrnlib.explain(x, 0),
        "x  ": lambda x: gradient(np.zeros_like(x) if isinstance(x, np.ndarray) else ROW, x),
        "dy": lambda dy: gradient(dy, np.zeros_like(dy) if isinstance(dy, np.ndarray) else ROW),
    }.items():
        (made,) = followed(call, x, f"got a {message}", name.strip(), **modules)
        assert (type(made), made.dtype.name) == (np.ndarray, dtype)
        np.testing.assert_array_equal(made.astype(float), row)
        call(made)


TORCH = {
    "float32": ("x", "float32"),
    "float16": ("x.half()", "float16"),
    "int64": ("x.long()", "int64"),
    "bfloat16": ("x.bfloat16()", "float32"),
    "float8_e5m2": ("x.to(torch.float8_e5m2)", "float32"),
    "complex64": ("x + 0j", "float32"),
    "float32, which is a view of an imaginary part": ("(1j * x).conj().imag.neg()", "float32"),
    "float32, which is sparse": ("x.to_sparse()", "float32"),
    "float32, which requires a gradient": ("x.requires_grad_()", "float32"),
    "bfloat16, which requires a gradient": ("x.requires_grad_().bfloat16()", "float32"),
    "float32, which is a parameter": ("torch.nn.Parameter(x)", "float32"),
}


@pytest.mark.parametrize("kind", TORCH)
def test_pytorch(kind):
    torch = library("torch")
    code, dtype = TORCH[kind]
    x = eval(code, {"x": torch.tensor(ROW), "torch": torch})
    assert_advice_works(x, f"torch.Tensor of {kind.partition(',')[0]}; ", dtype)


def test_pytorch_s_layer_takes_what_the_advice_says_that_it_does():
    """A tensor that need not become an array; the message names the function for no other."""
    torch = library("torch")
    import lrnlib.torch

    x = torch.tensor(ROW)
    named = "lrnlib.torch.local_response_norm takes tensors"
    for each in (x, x.half(), x.bfloat16(), x.double(), x.clone().requires_grad_()):
        with pytest.raises(TypeError, match=named):
            lrnlib.lrn(each)
        y = lrnlib.torch.local_response_norm(each.reshape(1, 4, 1), 3)
        assert y.dtype == each.dtype
    for other in (x.long(), x + 0j, x.to_sparse()):
        with pytest.raises(TypeError) as caught:
            lrnlib.lrn(other)
        assert named not in str(caught.value)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "int32", "bool"])
@pytest.mark.parametrize("kind", ["Tensor", "Variable"])
def test_tensorflow(kind, dtype):
    tf = library("tensorflow")
    x = tf.cast(ROW, dtype)
    row = np.array(ROW).astype(dtype if dtype == "bool" else float)
    x = tf.Variable(x) if kind == "Variable" else x
    assert_advice_works(x, f"tensorflow.{kind} of {dtype}; ", dtype, row)


def test_tensorflow_s_other_tensors():
    tf = library("tensorflow")
    assert_advice_works(
        tf.complex([3.0, 0, 0, 2], [0.0, 0, 1, 0]), "tensorflow.Tensor of complex64"
    )
    rows = [[3, 0], [1, 0]]
    ragged = tf.ragged.constant([[3.0], [1.0, 0.0]])
    message = "tensorflow.{}Tensor; convert it with"
    (made,) = followed(lrnlib.lrn, ragged, message.format("Ragged"))
    np.testing.assert_array_equal(made, rows)
    sparse = tf.sparse.from_dense(rows)
    (made,) = followed(lrnlib.lrn, sparse, message.format("Sparse"), tensorflow=tf)
    np.testing.assert_array_equal(made, rows)
    with pytest.raises(TypeError, match=r"tensorflow\.Tensor of string; strings have no LRN"):
        lrnlib.lrn(tf.constant(["a"]))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int32", "bool"])
def test_jax(dtype):
    numpy = library("jax").numpy
    row = np.array(ROW).astype(dtype if dtype == "bool" else float)
    assert_advice_works(numpy.asarray(ROW, dtype), f"jax.Array of {dtype}; ", dtype, row)


def test_jax_s_complex_arrays():
    numpy = library("jax").numpy
    assert_advice_works(numpy.asarray(ROW) + 0j, "jax.Array of complex64; ")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's own
def test_what_has_no_numbers_yet_is_shown_the_layer():
    """In a tf.function, in jax.jit and in a Keras model; the layer works there."""
    keras, tf = library("keras"), library("tensorflow")
    import lrnlib.keras

    layer = "call lrnlib.keras.LocalResponseNormalization("
    x = keras.Input((4,))
    with pytest.raises(TypeError, match="got a KerasTensor; in a model, ") as caught:
        lrnlib.lrn(x)
    assert layer in str(caught.value)
    with pytest.raises(TypeError, match="got a symbolic tensorflow") as caught:
        tf.function(lrnlib.lrn, autograph=False)(tf.constant([ROW]))
    assert layer in str(caught.value)
    of_keras = lrnlib.keras.LocalResponseNormalization(1)
    assert of_keras(x).shape == (None, 4)
    if keras.backend.backend() == "tensorflow":
        y = tf.function(of_keras)(tf.constant([ROW]))
        np.testing.assert_allclose(y, lrnlib.lrn(np.float32([ROW]), 1), rtol=1e-6)
    variable = keras.Variable(ROW)
    (made,) = followed(lrnlib.lrn, variable, "got a keras.Variable", keras=keras)
    np.testing.assert_array_equal(made, ROW)


def test_jax_under_jit():
    jax = library("jax")
    with pytest.raises(TypeError, match=r"got a traced jax\.Array; in jax\.jit or jax\.grad, call"):
        jax.jit(lrnlib.lrn)(jax.numpy.asarray(ROW))


def test_a_sparse_array_is_shown_how_to_become_dense():
    """SciPy's, of which numpy.asarray makes one object."""
    sparse = library("scipy.sparse")
    (made,) = followed(lrnlib.lrn, sparse.csr_array(np.diag(ROW)), "real numbers, got csr_array; ")
    np.testing.assert_array_equal(made, np.diag(ROW))


def test_the_explorer_takes_tensors_of_a_cpu():
    """It has no result whose library could surprise; what it cannot take, it explains."""
    torch, tf = library("torch"), library("tensorflow")
    for x in (torch.tensor(ROW), tf.constant(ROW), tf.constant(ROW, tf.bfloat16)):
        np.testing.assert_array_equal(lrnlib.explorer(x).x, [ROW])
    wanted = torch.tensor(ROW, requires_grad=True)
    (made,) = followed(lrnlib.explorer, wanted, "got a torch.Tensor of float32")
    np.testing.assert_array_equal(lrnlib.explorer(made).x, [ROW])


def test_explain_computes_no_dask_array():
    """LRN and its gradient take one; one value of it is for the caller to compute."""
    dask = library("dask.array")
    (made,) = followed(lambda x: lrnlib.explain(x, 0), dask.asarray(ROW), "got a Dask Array")
    np.testing.assert_array_equal(made, ROW)
