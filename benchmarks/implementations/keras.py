"""lrnlib's Keras layer and one that calls tf.nn.lrn: their parts of a training step on a CPU."""

import os

from benchmarks.implementations import Implementation


class Layer(Implementation):
    """lrnlib.keras.LocalResponseNormalization on TensorFlow: the forward and the backward pass
    in one graph, which XLA does not compile."""

    ops = ("gradient",)

    def __init__(self):
        os.environ["KERAS_BACKEND"] = "tensorflow"
        import tensorflow

        import lrnlib.keras

        self.tf, self.lrnlib = tensorflow, lrnlib.keras

    def layer(self, arguments):
        return self.lrnlib.LocalResponseNormalization(**arguments)

    def prepare(self, case, x, dy=None):
        layer = self.layer(case.lrn_parameters.to_tensorflow())

        @self.tf.function(autograph=False)
        def step(t, dt):
            with self.tf.GradientTape() as tape:
                tape.watch(t)
                y = layer(t)
            return tape.gradient(y, t, dt)

        t, dt = self.tf.constant(x), self.tf.constant(dy)
        return lambda: step(t, dt)


class TensorflowLayer(Layer):
    """The same of a Keras layer that calls tf.nn.lrn."""

    def layer(self, arguments):
        tf = self.tf

        class Lrn(self.lrnlib.keras.layers.Layer):
            def call(self, inputs):
                return tf.nn.lrn(inputs, **arguments)

        return Lrn()


IMPLEMENTATIONS = {"layer": Layer, "tensorflow_layer": TensorflowLayer}
