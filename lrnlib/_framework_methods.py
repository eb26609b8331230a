"""The methods of `Parameters` that convert from and to other frameworks."""

from collections.abc import Callable
from os import PathLike
from typing import Any, Self, TypeVar

Made = TypeVar("Made")


class _FromFramework:
    """A descriptor for `from_<framework>`; it imports the table of frameworks on first use."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._framework = name.removeprefix("from_")

    def __get__(self, instance: object, owner: type[Made]) -> Callable[..., Made]:
        from lrnlib._conversions import make_from_method

        return make_from_method(self._framework, owner)


class _ToFramework:
    """A descriptor for `to_<framework>`."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._framework = name.removeprefix("to_")

    def __get__(self, instance: object, owner: type) -> Callable[..., dict[str, Any]]:
        from lrnlib._conversions import make_to_method

        return make_to_method(self._framework, owner, instance)


class FrameworkMethods:
    """What `Parameters` inherits; one pair of methods for each row of `lrnlib.conventions`."""

    @classmethod
    def from_framework(cls, framework: str, /, **arguments: Any) -> Self:
        """Return the parameters for the arguments of another framework.

        The same as the class method named after the framework, such as ``from_pytorch``.

        Parameters
        ----------
        framework : str
            A key of ``lrnlib.conventions.CONVENTIONS``, or the framework's name or alias in any
            spelling, as 'PyTorch', 'tf' or 'cuda-convnet'. The keys are 'tensorflow', 'pytorch',
            'onnx', 'caffe', 'cudnn', 'onednn', 'mxnet', 'chainer', 'tensorrt', 'coreml',
            'paper', 'cuda_convnet', 'tflite', 'nnapi', 'tfjs', 'dl4j', 'nd4j', 'mindspore',
            'paddle', 'paddle_fluid', 'torch7', 'matconvnet', 'lasagne', 'lrn2d', 'openvino',
            'armnn', 'migraphx', 'tiny_dnn', 'neon', 'tvm', 'nncase', 'darknet', 'matlab',
            'cntk', 'nnef', 'caffe2', 'ncnn' and 'mnn'.
        **arguments
            The framework's own arguments; one that is left out takes the framework's default.

        Returns
        -------
        Parameters
            An even size gives the pair of the channels that this framework sums. If the framework
            divides alpha by the size of the window, alpha is the quotient.

        Raises
        ------
        TypeError
            If an argument is unknown, missing or not a number of its type; a bool is not.
        ValueError
            If the framework is unknown, a number is out of the framework's range, or it refuses
            an even size; and if the sum is over pixels instead of channels. That message holds
            the lines of NumPy that compute it.

        Examples
        --------
        >>> from lrnlib import Parameters
        >>> Parameters.from_framework("caffe", local_size=5, alpha=1e-4, beta=0.75)
        Parameters(depth_radius=2, bias=1.0, alpha=2e-05, beta=0.75)

        PyTorch's window of 4 begins two channels before its own, ONNX's one:

        >>> Parameters.from_pytorch(size=4)
        Parameters(depth_radius=(2, 1), bias=1.0, alpha=2.5e-05, beta=0.75)
        >>> Parameters.from_onnx(size=4)
        Parameters(depth_radius=(1, 2), bias=1.0, alpha=2.5e-05, beta=0.75)
        """
        from lrnlib._conversions import from_arguments

        return cls(**from_arguments(framework, arguments))

    def to_framework(self, framework: str, /, *, channels: int | None = None) -> dict[str, Any]:
        """Return a framework's arguments for these parameters, in its order.

        The same as the method named after the framework, such as ``to_pytorch``.

        Parameters
        ----------
        framework : str
            As for `from_framework`.
        channels : int, optional
            How many channels the input has. A window that reaches beyond them is converted as
            one that ends there, which is the same LRN; so where it holds all channels, no
            framework refuses it for being wide or asymmetric.

        Returns
        -------
        dict
            All numeric arguments of the framework. If it divides alpha by the size of the
            window, alpha is multiplied by the size here. `from_framework` then gives the same
            alpha again, or its neighbour in float64 where no quotient is nearer.

        Raises
        ------
        ValueError
            If the framework is unknown, has no such window, or does not accept the numbers; the
            message names the nearest that it accepts.

        Examples
        --------
        >>> from lrnlib import Parameters
        >>> Parameters(2, 2.0, 2e-5, 0.75).to_framework("cudnn")
        {'lrnN': 5, 'lrnAlpha': 0.0001, 'lrnBeta': 0.75, 'lrnK': 2.0}
        >>> Parameters((8, 7), 1.0, 0.25, 0.75).to_tensorflow(channels=8)
        {'depth_radius': 7, 'bias': 1.0, 'alpha': 0.25, 'beta': 0.75}
        """
        from lrnlib._conversions import to_arguments

        return to_arguments(framework, vars(self), channels)

    @classmethod
    def from_onnx_model(cls, path: str | PathLike[str], /) -> dict[str, Self]:
        """Return the parameters of every LRN node of an ONNX model.

        It reads the file with the package `onnx`, which need not be installed for anything else.

        Parameters
        ----------
        path : str or os.PathLike
            The model's file. Weights in other files are not needed.

        Returns
        -------
        dict
            The parameters by the node's name, or by its first output where it has none; nodes of
            subgraphs and functions included, in the model's order. A number is the shortest
            decimal that the stored float32 stands for: 0.0001, not 9.999999747378752e-05.

        Raises
        ------
        ImportError
            If `onnx` is not installed.
        OSError
            If there is no such file.
        TypeError
            If `path` is not a path.
        ValueError
            If the file is no ONNX model or is cut off, or a node's numbers are not ONNX's.

        Examples
        --------
        >>> Parameters.from_onnx_model("alexnet.onnx")  # doctest: +SKIP
        {'norm1': Parameters(depth_radius=2, bias=1.0, alpha=2e-05, beta=0.75), ...}
        """
        from lrnlib._model_files import read_onnx_model

        return read_onnx_model(path, cls.from_framework)

    @classmethod
    def from_caffe_prototxt(cls, path: str | PathLike[str], /) -> dict[str, Self]:
        """Return the parameters of every LRN layer of a Caffe prototxt.

        Neither Caffe nor protobuf is needed.

        Parameters
        ----------
        path : str or os.PathLike
            The file: of a network or of a solver that holds one, with ``layer { type: "LRN" }``
            or the older ``layers { type: LRN }``.

        Returns
        -------
        dict
            The parameters by the layer's name, or by its top where it has none, in the file's
            order. What ``lrn_param`` leaves out has Caffe's default.

        Raises
        ------
        OSError
            If there is no such file.
        TypeError
            If `path` is not a path.
        ValueError
            If the file is not in protobuf's text format, or a layer's numbers are not Caffe's;
            the message names the line.

        Examples
        --------
        >>> Parameters.from_caffe_prototxt("deploy.prototxt")  # doctest: +SKIP
        {'norm1': Parameters(depth_radius=2, bias=1.0, alpha=2e-05, beta=0.75), ...}
        """
        from lrnlib._model_files import read_caffe_prototxt

        return read_caffe_prototxt(path, cls.from_framework)

    from_tensorflow, to_tensorflow = _FromFramework(), _ToFramework()
    from_pytorch, to_pytorch = _FromFramework(), _ToFramework()
    from_onnx, to_onnx = _FromFramework(), _ToFramework()
    from_caffe, to_caffe = _FromFramework(), _ToFramework()
    from_cudnn, to_cudnn = _FromFramework(), _ToFramework()
    from_onednn, to_onednn = _FromFramework(), _ToFramework()
    from_mxnet, to_mxnet = _FromFramework(), _ToFramework()
    from_chainer, to_chainer = _FromFramework(), _ToFramework()
    from_tensorrt, to_tensorrt = _FromFramework(), _ToFramework()
    from_coreml, to_coreml = _FromFramework(), _ToFramework()
    from_paper, to_paper = _FromFramework(), _ToFramework()
    from_cuda_convnet, to_cuda_convnet = _FromFramework(), _ToFramework()
    from_tflite, to_tflite = _FromFramework(), _ToFramework()
    from_nnapi, to_nnapi = _FromFramework(), _ToFramework()
    from_tfjs, to_tfjs = _FromFramework(), _ToFramework()
    from_dl4j, to_dl4j = _FromFramework(), _ToFramework()
    from_nd4j, to_nd4j = _FromFramework(), _ToFramework()
    from_mindspore, to_mindspore = _FromFramework(), _ToFramework()
    from_paddle, to_paddle = _FromFramework(), _ToFramework()
    from_paddle_fluid, to_paddle_fluid = _FromFramework(), _ToFramework()
    from_torch7, to_torch7 = _FromFramework(), _ToFramework()
    from_matconvnet, to_matconvnet = _FromFramework(), _ToFramework()
    from_lasagne, to_lasagne = _FromFramework(), _ToFramework()
    from_lrn2d, to_lrn2d = _FromFramework(), _ToFramework()
    from_openvino, to_openvino = _FromFramework(), _ToFramework()
    from_armnn, to_armnn = _FromFramework(), _ToFramework()
    from_migraphx, to_migraphx = _FromFramework(), _ToFramework()
    from_tiny_dnn, to_tiny_dnn = _FromFramework(), _ToFramework()
    from_neon, to_neon = _FromFramework(), _ToFramework()
    from_tvm, to_tvm = _FromFramework(), _ToFramework()
    from_nncase, to_nncase = _FromFramework(), _ToFramework()
    from_darknet, to_darknet = _FromFramework(), _ToFramework()
    from_matlab, to_matlab = _FromFramework(), _ToFramework()
    from_cntk, to_cntk = _FromFramework(), _ToFramework()
    from_nnef, to_nnef = _FromFramework(), _ToFramework()
    from_caffe2, to_caffe2 = _FromFramework(), _ToFramework()
    from_ncnn, to_ncnn = _FromFramework(), _ToFramework()
    from_mnn, to_mnn = _FromFramework(), _ToFramework()
