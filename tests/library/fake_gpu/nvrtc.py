"""NVIDIA's compiler for CUDA at run time: its library alone, no GPU and no driver."""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path

OPTIONS = ("-std=c++17", "--device-as-default-execution-space")  # as CuPy has them


@cache
def library():
    """The library of the wheel nvidia-cuda-nvrtc-cu12, or None."""
    try:
        found = importlib.util.find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        return None
    paths = [
        path
        for folder in (found.submodule_search_locations if found else ())
        for path in Path(folder, "lib").glob("libnvrtc.so.*")
    ]
    return ctypes.CDLL(str(paths[0])) if paths else None


class CompileError(Exception):
    """What the compiler has to say."""


def compiled(source, names, architecture, options=()):
    """PTX of the kernels with these names; for an architecture sm_… machine code is made too."""
    program = ctypes.c_void_p()
    nvrtc = library()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"lrn.cu", 0, None, None)
    for name in names:
        nvrtc.nvrtcAddNameExpression(program, name.encode())
    options = [f"--gpu-architecture={architecture}", *OPTIONS, *options]
    words = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    try:
        if nvrtc.nvrtcCompileProgram(program, len(options), words):
            raise CompileError(_text(program, "ProgramLog"))
        if architecture.startswith("sm_"):
            assert _size(program, "CUBIN") > 0
        return _text(program, "PTX")
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _size(program, what):
    size = ctypes.c_size_t()
    getattr(library(), f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    return size.value


def _text(program, what):
    buffer = ctypes.create_string_buffer(_size(program, what))
    getattr(library(), f"nvrtcGet{what}")(program, buffer)
    return buffer.value.decode()
