"""ONNX models with one LRN node, run by onnxruntime and by onnx's reference evaluator."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lrnlib.conformance.adapters.base import Adapter, Array, channels_first, channels_last
from lrnlib.parameters import Parameters


class Onnx(Adapter):
    """An ONNX model of one LRN, run by onnx.reference.ReferenceEvaluator."""

    package = "onnx"
    convention = "onnx"
    needs: Sequence[str] = ("onnx",)
    dtypes: Sequence[str] = ("float16", "float32", "float64")

    def __init__(self) -> None:
        import onnx.helper
        import onnx.reference

        self.onnx = onnx

    def model(self, p: Parameters, dtype: Any) -> Any:
        """Return a model with one LRN node, for any sizes."""
        helper = self.onnx.helper
        node = helper.make_node("LRN", ["x"], ["y"], **p.to_onnx())
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        x, y = (helper.make_tensor_value_info(name, kind, [None] * 4) for name in "xy")
        graph = helper.make_graph([node], "lrn", [x], [y])
        opset = helper.make_opsetid("", 13)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8)

    def run(self, model: Any, x: Array) -> Array:
        """Run the model on `x`, channels first."""
        y: Array = self.onnx.reference.ReferenceEvaluator(model).run(None, {"x": x})[0]
        return y

    def forward(self, x: Array, p: Parameters) -> Array:
        return channels_last(self.run(self.model(p, x.dtype), channels_first(x)))


class Onnxruntime(Onnx):
    """An ONNX model of one LRN, run by onnxruntime's CPU provider."""

    package = "onnxruntime"
    convention = ""  # it refuses even sizes
    needs: Sequence[str] = ("onnx", "onnxruntime")
    dtypes: Sequence[str] = ("float16", "float32")

    def __init__(self) -> None:
        super().__init__()
        import onnxruntime

        self.onnxruntime = onnxruntime

    def session(self, model: Any) -> Any:
        """Return a session on the CPU that can be run many times."""
        return self.onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )

    def run(self, model: Any, x: Array) -> Array:
        y: Array = self.session(model).run(None, {"x": x})[0]
        return y
