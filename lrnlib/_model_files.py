"""Find the LRN layers in model files: ONNX's, and Caffe's prototxt."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lrnlib._prototxt import Field, PrototxtError, Value, parse
from lrnlib._validation import describe, describe_with_type

Made = TypeVar("Made")
Make = Callable[..., Made]  # Parameters.from_framework
CAFFE_V1_LRN = (15, "LRN")  # the type of a layer in `layers`, by number or name
NETS = ("net_param", "train_net_param", "test_net_param")  # what a solver may hold


def read_onnx_model(path: object, make: Make[Made]) -> dict[str, Made]:
    """Return what `make` gives for the attributes of each LRN node, by the node's name."""
    found: dict[str, Made] = {}
    file = _file(path)
    for node in _lrn_nodes(_onnx_model(file)):
        name = node.name or node.output[0]
        try:
            _add(found, name, make("onnx", **dict(map(_attribute, node.attribute))))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{file}, node {name!r}: {error}") from None
    return found


def read_caffe_prototxt(path: object, make: Make[Made]) -> dict[str, Made]:
    """Return what `make` gives for the fields of each LRN layer, by the layer's name."""
    file = _file(path)
    found: dict[str, Made] = {}
    try:
        for layer in _lrn_layers(parse(file.read_text(encoding="utf-8"))):
            name = str(_one(layer, "name") or _one(layer, "top") or f"line {layer.line}")
            _add(found, name, _from_layer(layer, make))
    except UnicodeDecodeError:
        raise ValueError(f"path must name a prototxt, got {file}, which is no text") from None
    except PrototxtError as error:
        raise ValueError(f"{file}, {error}") from None
    return found


def _file(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a str or an os.PathLike, {describe_with_type(path)}")
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"path must name a file, {describe(os.fspath(path))}")
    return file


def _add(found: dict[str, Made], name: str, made: Made) -> None:
    """Add an entry; another one of the same name gets a number."""
    if found.get(name, made) == made:  # as Caffe's layers for training and for testing
        found[name] = made
        return
    number = 2
    while f"{name} ({number})" in found:
        number += 1
    found[f"{name} ({number})"] = made


def _onnx_model(file: Path) -> Any:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise ImportError("from_onnx_model needs onnx: pip install onnx") from None
    wrong = f"path must name an ONNX model, got {file}, which is none or is cut off"
    try:
        model = onnx.load_model_from_string(file.read_bytes())
    except DecodeError:
        raise ValueError(wrong) from None
    # An empty file, or one cut off between two fields, can be decoded.
    imported = {operators.domain or "ai.onnx" for operators in model.opset_import}
    if not (model.ir_version and model.HasField("graph") and imported):
        raise ValueError(wrong)
    lacking = {node.domain or "ai.onnx" for node in _nodes([model.graph])} - imported
    if lacking:
        raise ValueError(f"{wrong}: it imports no operators of {min(lacking)!r}")
    return model


def _lrn_nodes(model: Any) -> Iterator[Any]:
    """Yield the LRN nodes of the graph, of its subgraphs and of the model's functions."""
    for node in _nodes([model.graph, *model.functions]):
        if node.op_type == "LRN" and node.domain in ("", "ai.onnx"):
            yield node


def _nodes(graphs: list[Any]) -> Iterator[Any]:
    """Yield the nodes of graphs and of their subgraphs."""
    for graph in graphs:  # it grows
        for node in graph.node:
            yield node
            for attribute in node.attribute:
                graphs += [attribute.g] if attribute.HasField("g") else attribute.graphs


def _attribute(attribute: Any) -> tuple[str, int | float]:
    """Return an attribute's name and its number, as the shortest decimal of its float32."""
    if attribute.ref_attr_name:
        raise ValueError(f"{attribute.name} is set where the function is called")
    if attribute.type == attribute.INT:
        return attribute.name, attribute.i
    return attribute.name, float(str(np.float32(attribute.f)))


def _lrn_layers(fields: list[Field]) -> Iterator[Field]:
    """Yield the LRN layers of a network, or of the networks that a solver holds."""
    for field in fields:
        if field.name in NETS and isinstance(field.value, list):
            yield from _lrn_layers(field.value)
        if field.name not in ("layer", "layers") or not isinstance(field.value, list):
            continue
        if field.name == "layers" and any(f.name == "layer" for f in field.value):
            raise PrototxtError(
                field.line, "a layer inside layers is Caffe's format of 2013; convert the file "
                "with Caffe's upgrade_net_proto_text",
            )  # fmt: skip
        if _one(field, "type") in (CAFFE_V1_LRN if field.name == "layers" else ("LRN",)):
            yield field


def _one(message: Field, name: str) -> Value | None:
    """Return the first value of a field in a message."""
    fields = message.value if isinstance(message.value, list) else []
    return next((f.value for f in fields if f.name == name), None)


def _from_layer(layer: Field, make: Make[Made]) -> Made:
    """Return what `make` gives for a layer's lrn_param; an error names its line."""
    fields = layer.value if isinstance(layer.value, list) else []
    parts = [part for part in fields if part.name == "lrn_param"]
    arguments: dict[str, Value] = {}
    lines = {}
    for part in parts:
        if not isinstance(part.value, list):
            raise PrototxtError(part.line, f"lrn_param must be a message, {describe(part.value)}")
        for field in part.value:
            if field.name in arguments:
                raise PrototxtError(field.line, f"{field.name} is set more than once")
            arguments[field.name], lines[field.name] = field.value, field.line
    try:
        return make("caffe", **arguments)
    except (TypeError, ValueError) as error:
        named = (n for name, n in lines.items() if f"'s {name} " in str(error))
        unknown = (n for name, n in lines.items() if repr(name) in str(error))
        line = next(named, next(unknown, parts[0].line if parts else layer.line))
        raise PrototxtError(line, str(error)) from None
