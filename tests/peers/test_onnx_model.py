"""Parameters from the LRN nodes of an ONNX model."""

import os
import re
import sys

import numpy as np
import pytest

if not os.environ.get("LRNLIB_REQUIRE_PEERS"):
    for name in ("onnx", "onnxruntime"):
        pytest.importorskip(name)

import onnx
import onnxruntime
from onnx import TensorProto, helper

from lrnlib import Parameters

X = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 1, 1])
Y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8, 1, 1])


def model(*nodes, functions=()):
    """A model with these nodes, and a relu that is none of them."""
    relu = helper.make_node("Relu", ["x"], ["r"], name="relu")
    graph = helper.make_graph([relu, *nodes], "graph", [X], [Y])
    imports = [helper.make_opsetid("", 13)]
    imports += [helper.make_opsetid("own", 1)] if functions else []
    return helper.make_model(graph, opset_imports=imports, functions=list(functions))


def lrn(name="", output="y", **attributes):
    """An LRN node."""
    return helper.make_node("LRN", ["x"], [output], name=name, **attributes)


@pytest.fixture
def read(tmp_path):
    """Write a model, or bytes, to a file and read its LRN nodes."""

    def read(content):
        path = tmp_path / "model.onnx"
        path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())
        return Parameters.from_onnx_model(path)

    return read


def test_every_node_is_found_by_name_or_by_its_output(read):
    """In subgraphs and functions too; defaults and float32 numbers are ONNX's, in decimals."""
    branches = {
        f"{way}_branch": helper.make_graph([lrn("", f"{way}_out", size=size)], way, [], [Y])
        for way, size in (("then", 3), ("else", 4))
    }
    choice = helper.make_node("If", ["x"], ["z"], name="if", **branches)
    function = helper.make_function(
        "own", "F", ["x"], ["y"], [lrn("inner", size=2)], [helper.make_opsetid("", 13)]
    )
    other = helper.make_node("LRN", ["x"], ["o"], domain="own", name="not ONNX's")
    first = lrn("norm1", size=5, alpha=0.001, beta=0.5, bias=2.0)
    found = read(model(first, lrn(size=1), other, choice, functions=[function]))
    assert found == {
        "norm1": Parameters(2, 2.0, 0.001 / 5, 0.5),
        "y": Parameters.from_onnx(size=1),
        "inner": Parameters.from_onnx(size=2),
        "then_out": Parameters.from_onnx(size=3),
        "else_out": Parameters.from_onnx(size=4),
    }
    assert read(model(lrn("a", size=1), lrn("a", "z", size=3))).keys() == {"a", "a (2)"}
    assert read(model()) == {}


def test_the_numbers_are_what_the_model_computes(read):
    """onnxruntime's output is LRN with the parameters that were read."""
    saved = model(lrn("n", size=5, alpha=0.9, beta=0.75, bias=1.5))
    saved.ir_version = 8
    p = read(saved)["n"]
    x = np.random.default_rng(1).normal(size=(1, 8, 1, 1)).astype(np.float32)
    session = onnxruntime.InferenceSession(saved.SerializeToString())
    squares = np.pad(x.ravel().astype(float) ** 2, 2)
    sums = np.lib.stride_tricks.sliding_window_view(squares, 5).sum(-1)
    expected = x.ravel() / (p.bias + p.alpha * sums) ** p.beta
    np.testing.assert_allclose(session.run(None, {"x": x})[0].ravel(), expected, rtol=1e-6)


def test_a_file_that_is_cut_off_anywhere_is_refused(read):
    whole = model(lrn("n", size=5)).SerializeToString()
    assert read(whole)
    for end in range(len(whole)):
        with pytest.raises(ValueError, match=r"^path must name an ONNX model, got .* cut off$"):
            read(whole[:end])


def test_a_file_that_is_cut_off_between_its_imports_is_refused(read):
    """What is left is a file of its own, but it does not import what its nodes need."""
    own = helper.make_function("own", "F", ["x"], ["y"], [lrn("n", size=5)],
                               [helper.make_opsetid("", 13)])  # fmt: skip
    whole = model(helper.make_node("F", ["x"], ["z"], domain="own"), functions=[own])
    assert read(whole)
    del whole.functions[:], whole.opset_import[1:]
    with pytest.raises(ValueError, match=r"which is none or is cut off: it imports no .* 'own'$"):
        read(whole)


@pytest.mark.parametrize("content", [b"", b"layer { name: 'n' }", b"\x89PNG\r\n", bytes(100)])
def test_a_file_of_another_kind_is_refused(read, content):
    with pytest.raises(ValueError, match=r"^path must name an ONNX model, got .* cut off$"):
        read(content)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (lrn("n", size=0), "ONNX's size must be an integer from 1 to 9223372036854775807, got 0"),
        (lrn("n"), "ONNX's LRN-13 takes size, alpha=0.0001, beta=0.75, bias=1.0; size is missing"),
        (lrn("n", size=1, alpha=-1.0), "ONNX's alpha must be a finite int or float >= 0, got -1.0"),
        (lrn("n", size=1.0), "ONNX's size must be an integer from 1 to 9223372036854775807, got "),
        (lrn("n", size=1, axis=3), "ONNX's LRN-13 takes size, "),
    ],
)
def test_an_error_names_the_node(read, node, message):
    with pytest.raises(ValueError, match=rf"model\.onnx, node 'n': {re.escape(message)}"):
        read(model(node))


def test_an_attribute_of_a_functions_caller_is_named(read):
    node = lrn("n", size=1)
    node.attribute.add(name="alpha", ref_attr_name="a", type=onnx.AttributeProto.FLOAT)
    with pytest.raises(ValueError, match=r"node 'n': alpha is set where the function is called$"):
        read(model(node))


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^path must name a file, got '.*none'$"):
        Parameters.from_onnx_model(tmp_path / "none")
    with pytest.raises(TypeError, match=r"^path must be a str or an os\.PathLike, got None of"):
        Parameters.from_onnx_model(None)


def test_without_onnx_the_error_says_what_to_install(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"^from_onnx_model needs onnx: pip install onnx$"):
        read(b"")
