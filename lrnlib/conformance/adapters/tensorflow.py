"""TensorFlow: eager, in a graph, with XLA, and the two kernels of TensorFlow Lite."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrnlib.conformance.adapters.base import Adapter, Array, Unavailable
from lrnlib.parameters import Parameters


class Tensorflow(Adapter):
    """tf.nn.local_response_normalization, eager; the gradient by tf.GradientTape."""

    package = "tensorflow"
    needs = ("tensorflow",)
    dtypes: Sequence[str] = ("float16", "bfloat16", "float32")
    options: Mapping[str, Any] | None = None  # of tf.function; None means eager

    def __init__(self) -> None:
        import tensorflow as tf

        self.tf = tf

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if self.options is None:
            return function
        compiled: Callable[..., Any] = self.tf.function(function, **self.options)
        return compiled

    def forward(self, x: Array, p: Parameters) -> Array:
        lrn = self.tf.nn.local_response_normalization
        function = self._compiled(lambda t: lrn(t, **p.to_tensorflow()))
        y: Array = function(self.tf.constant(x)).numpy()
        return y

    def gradient(self, dy: Array, x: Array, p: Parameters) -> Array:
        def vjp(dt: Any, t: Any) -> Any:
            with self.tf.GradientTape() as tape:
                tape.watch(t)
                y = self.tf.nn.local_response_normalization(t, **p.to_tensorflow())
            return tape.gradient(y, t, output_gradients=dt)

        dx: Array = self._compiled(vjp)(self.tf.constant(dy), self.tf.constant(x)).numpy()
        return dx


class TensorflowGraph(Tensorflow):
    """tf.nn.local_response_normalization in a tf.function."""

    options: Mapping[str, Any] = {}


class TensorflowXla(Tensorflow):
    """tf.nn.local_response_normalization in a tf.function with jit_compile=True."""

    options: Mapping[str, Any] = {"jit_compile": True}


class Tflite(Adapter):
    """A TensorFlow Lite model of one LRN, by its optimized kernel."""

    package = "tensorflow"
    needs = ("tensorflow",)
    resolver = "BUILTIN"

    def __init__(self) -> None:
        import tensorflow as tf

        if not hasattr(tf, "lite"):  # TensorFlow has announced its removal
            raise Unavailable("this TensorFlow has no tf.lite")
        self.tf = tf

    def forward(self, x: Array, p: Parameters) -> Array:
        tf = self.tf
        lrn = tf.nn.local_response_normalization
        graph = tf.function(lambda t: lrn(t, **p.to_tensorflow()))
        concrete = graph.get_concrete_function(tf.TensorSpec(x.shape, tf.float32))
        model = tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()
        interpreter = tf.lite.Interpreter(
            model_content=model,
            experimental_op_resolver_type=tf.lite.experimental.OpResolverType[self.resolver],
        )
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        interpreter.invoke()
        y: Array = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        return y


class TfliteReference(Tflite):
    """A TensorFlow Lite model of one LRN, by its reference kernel."""

    resolver = "BUILTIN_REF"
