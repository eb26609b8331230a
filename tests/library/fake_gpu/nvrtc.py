"""NVRTC, NVIDIA's compiler library for CUDA, which needs no GPU and no driver."""

import ctypes
import hashlib
import importlib
import os
from functools import cache
from pathlib import Path

from tools.repository import ROOT

BUILD = ROOT / "_build" / "nvrtc"

OPTIONS = ("-std=c++17", "--device-as-default-execution-space")  # those that CuPy passes


@cache
def library():
    """Return the library of the wheel nvidia-cuda-nvrtc-cu12, or None."""
    try:
        folders = importlib.import_module("nvidia.cuda_nvrtc").__path__
    except ImportError:
        return None
    paths = [path for folder in folders for path in Path(folder, "lib").glob("libnvrtc.so.*")]
    return ctypes.CDLL(str(paths[0])) if paths else None


class CompileError(Exception):
    """The compiler's messages."""


def compile_ptx(source, names, architecture, options=()):
    """Return PTX of these kernels; for an architecture sm_…, compile machine code as well.

    The same compiler does the same again, so what it has compiled is kept.
    """
    asked = repr((library()._name, source, names, architecture, OPTIONS, options))
    stored = BUILD / f"{hashlib.sha256(asked.encode()).hexdigest()}.ptx"
    if not stored.exists():
        ptx = _compiled(source, names, architecture, options)
        BUILD.mkdir(parents=True, exist_ok=True)
        part = stored.with_suffix(f".{os.getpid()}")
        part.write_text(ptx, encoding="ascii")
        part.replace(stored)  # at once: another worker may read it
    return stored.read_text(encoding="ascii")


def compile_cubin(source, name, architecture):
    """Return what ptxas says of one kernel, and its machine code."""
    verbose = ("--ptxas-options=-v",)
    return _compile(source, [name], architecture, verbose, lambda program: (
        _text(program, "ProgramLog"), _bytes(program, "CUBIN")
    ))  # fmt: skip


def version():
    """Return the compiler's version, as "12.9"."""
    major, minor = ctypes.c_int(), ctypes.c_int()
    library().nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    return f"{major.value}.{minor.value}"


def _compiled(source, names, architecture, options):
    def read(program):
        if architecture.startswith("sm_"):
            assert _size(program, "CUBIN") > 0
        return _text(program, "PTX")

    return _compile(source, names, architecture, options, read)


def _compile(source, names, architecture, options, read):
    program = ctypes.c_void_p()
    nvrtc = library()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"lrn.cu", 0, None, None)
    for name in names:
        nvrtc.nvrtcAddNameExpression(program, name.encode())
    options = [f"--gpu-architecture={architecture}", *OPTIONS, *options]
    arguments = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    try:
        if nvrtc.nvrtcCompileProgram(program, len(options), arguments):
            raise CompileError(_text(program, "ProgramLog"))
        return read(program)
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _size(program, what):
    size = ctypes.c_size_t()
    getattr(library(), f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    return size.value


def _bytes(program, what):
    buffer = ctypes.create_string_buffer(_size(program, what))
    getattr(library(), f"nvrtcGet{what}")(program, buffer)
    return buffer.raw


def _text(program, what):
    return _bytes(program, what).rstrip(b"\0").decode()
