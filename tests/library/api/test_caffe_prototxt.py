"""Parameters from the LRN layers of a Caffe prototxt."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrnlib import Parameters
from lrnlib._prototxt import Field, parse

DEPLOY = """
name: "CaffeNet"  # deploy
input: "data" input_shape { dim: [10, 3, 227, 227] }
layer {
  name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 96 kernel_size: 11 weight_filler { type: "gaussian" std: 0.01 } }
}
layer {
  name: "norm1"
  type: "LRN"  # "}" of a comment
  bottom: "pool1"; top: "norm1",
  lrn_param: < local_size: 5, alpha: 0.0001f beta: .75 norm_region: ACROSS_CHANNELS engine: CAFFE >
}
layers { type: LRN name: 'nor' 'm2' top: "norm2" lrn_param { k: 2 alpha: 1E-4 } }
layers { type: 15 top: "x\\"y" }
layers { type: RELU name: "relu" lrn_param { local_size: 3 } }
"""
ALEXNET = Parameters.from_caffe(local_size=5, alpha=1e-4, beta=0.75)


@pytest.fixture
def prototxt(tmp_path):
    """Write a text to a file, and return its path."""

    def write(text):
        path = tmp_path / "net.prototxt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_layers_of_both_formats_are_found(prototxt):
    """By name, or by the top; comments, both brackets and Caffe's defaults as in Caffe."""
    assert Parameters.from_caffe_prototxt(prototxt(DEPLOY)) == {
        "norm1": ALEXNET,
        "norm2": Parameters.from_caffe(k=2, alpha=1e-4),
        'x\\"y': Parameters.from_caffe(),
    }
    assert Parameters.from_caffe_prototxt(str(prototxt(""))) == {}


def test_a_solvers_network_and_layers_of_one_name(prototxt):
    """The same layer for both phases is one entry; another of that name gets a number."""
    layer = 'layer { name: "n" type: "LRN" include { phase: %s } lrn_param { local_size: %d } }'
    text = f"base_lr: 0.01 net_param {{ {layer % ('TRAIN', 3)} {layer % ('TEST', 3)} }}"
    assert Parameters.from_caffe_prototxt(prototxt(text)) == {
        "n": Parameters.from_caffe(local_size=3)
    }
    text = f"{layer % ('TRAIN', 3)} {layer % ('TEST', 5)} {layer % ('TEST', 7)}"
    found = Parameters.from_caffe_prototxt(prototxt(text))
    assert {name: p.depth_radius for name, p in found.items()} == {"n": 1, "n (2)": 2, "n (3)": 3}


LRN = 'layer {\n  name: "n"\n  type: "LRN"\n  lrn_param {\n    local_size: 5\n    %s\n  }\n}\n'
WRONG = [
    ("layer { ", 1, "expected a field's name or '}', got the end of the file"),
    ("layer {\n}\n}\n", 3, "expected a field's name, got }"),
    ("layer {\n  name 'n'\n}", 2, "expected ':' or '{' after name, got 'n'"),
    ("layer {\n  name:\n}", 3, "expected a value of name, got }"),
    ("a: 1\n\nb: 2a", 3, "cannot read '2a'"),
    ("a: 'b\n'", 1, "cannot read \"'b\\n'\""),
    ("a: 1\nb: [1, 2", 2, "expected ',' or ']', got the end of the file"),
    ("a: 09", 1, "cannot read the number 09"),
    ("a: " + 5000 * "1", 1, f"cannot read the number {20 * '1'}"),
    ("[a: 1", 1, "expected the name of an extension, got a"),
    ("a {" * 200, 1, "messages are nested deeper than 100"),
    ("\nlayers {\n layer { type: 'lrn' } }", 2, "a layer inside layers is Caffe's format of 2013"),
    ("layer { type: 'LRN'\nlrn_param: 5 }", 2, "lrn_param must be a message, got 5"),
    (LRN % "local_size: 5", 6, "local_size is set more than once"),
    (LRN % "size: 5", 6, "Caffe's lrn_param takes local_size=5, "),
    (LRN % "alpha: 'a'", 6, "Caffe's alpha must be a finite int or float >= 0, got 'a' of type"),
    (LRN % "alpha: -1", 6, "Caffe's alpha must be a finite int or float >= 0, got -1"),
    (LRN % "beta: nan", 6, "Caffe's beta must be a finite int or float, got 'nan'"),
    (LRN.replace("5", "4") % "", 5, "Caffe's local_size must be odd, got 4: "),
    (LRN.replace("5", "5.0") % "", 5, "Caffe's local_size must be an integer from 1 to "),
    (LRN % "norm_region: WITHIN_CHANNEL", 6, "Caffe's norm_region must be 'ACROSS_CHANNELS', got"),
    (LRN % "engine: MKL", 6, "Caffe's engine must be 'DEFAULT' or 'CAFFE' or 'CUDNN', got 'MKL'"),
]


@pytest.mark.parametrize(("text", "line", "message"), WRONG)
def test_an_error_names_the_line(prototxt, text, line, message):
    path = prototxt(text)
    with pytest.raises(ValueError, match=f"^{re.escape(f'{path}, line {line}: {message}')}"):
        Parameters.from_caffe_prototxt(path)


def test_what_is_no_text_file_is_refused(prototxt, tmp_path):
    """A binary file, no file, and no path: each error names the argument."""
    path = prototxt(b"\x80\xff")
    with pytest.raises(ValueError, match=r"^path must name a prototxt, got .*, which is no text$"):
        Parameters.from_caffe_prototxt(path)
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(FileNotFoundError, match=r"^path must name a file, got '"):
            Parameters.from_caffe_prototxt(missing)
    with pytest.raises(TypeError, match=r"^path must be a str or an os\.PathLike, got 5 of type"):
        Parameters.from_caffe_prototxt(5)


NAMES = st.from_regex(r"[A-Za-z_]\w{0,5}", fullmatch=True).filter(str.isascii)
SCALARS = (
    NAMES
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="ascii", exclude_characters="\\\"'\n\r\x00")).map(repr)
)
MESSAGES = st.recursive(
    st.lists(st.tuples(NAMES, SCALARS), max_size=4),
    lambda inner: st.lists(st.tuples(NAMES, SCALARS | inner), max_size=4),
    max_leaves=12,
)
SPACES = st.sampled_from([" ", "\n", '  # a comment: { "\n', "\t"])


@st.composite
def written(draw, fields):
    """The fields as text, with any of the spaces, separators and brackets that are allowed."""
    text = ""
    for name, value in fields:
        space = draw(SPACES)
        if isinstance(value, list):
            left, right = draw(st.sampled_from(["{}", "<>"]))
            colon = draw(st.sampled_from(["", ":"]))
            text += f"{name}{colon}{space}{left}{draw(written(value))}{space}{right}"
        else:
            text += f"{name}{draw(SPACES)}:{space}{value}"
        text += draw(st.sampled_from(["", ",", ";"])) + draw(SPACES)
    return text


def plain(fields):
    """The fields without their lines, and strings in quotes without the quotes."""
    if not isinstance(fields, list):
        quoted = isinstance(fields, str) and fields[:1] in ("'", '"')
        return fields[1:-1] if quoted else fields
    return [(f[0], plain(f[1])) for f in fields]


@given(MESSAGES.flatmap(lambda fields: st.tuples(st.just(fields), written(fields))))
def test_whatever_is_written_is_read(case):
    """Names, numbers, strings and messages come back, however they are set out."""
    fields, text = case
    assert plain(parse(text)) == plain(fields)


@given(st.integers(0, len(DEPLOY)), st.integers(0, 30), st.text(max_size=5))
def test_damaged_text_is_read_or_refused(start, length, new):
    """A ValueError with a line, or the fields; nothing else."""
    text = DEPLOY[:start] + new + DEPLOY[start + length :]
    try:
        outcome = parse(text)
    except ValueError as error:
        outcome = str(error)
    read = isinstance(outcome, list) and all(isinstance(field, Field) for field in outcome)
    assert read or re.match(r"line \d+: ", outcome)


def test_protobuf_reads_the_same():
    """Google's own reader, with as much of caffe.proto as this needs, agrees."""
    pytest.importorskip("google.protobuf")
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe")
    kind = descriptor_pb2.FieldDescriptorProto
    rows = [("Lrn", [("local_size", kind.TYPE_UINT32), ("alpha", kind.TYPE_FLOAT),
                     ("beta", kind.TYPE_FLOAT), ("k", kind.TYPE_FLOAT)]),
            ("Layer", [("name", kind.TYPE_STRING), ("type", kind.TYPE_STRING)]),
            ("Net", [])]  # fmt: skip
    for name, fields in rows:
        message = file.message_type.add(name=name)
        for number, (field, type_) in enumerate(fields, 1):
            message.field.add(name=field, number=number, type=type_, label=kind.LABEL_OPTIONAL)
    file.message_type[1].field.add(name="lrn_param", number=9, type=kind.TYPE_MESSAGE,
                                   type_name=".caffe.Lrn", label=kind.LABEL_OPTIONAL)  # fmt: skip
    file.message_type[2].field.add(name="layer", number=9, type=kind.TYPE_MESSAGE,
                                   type_name=".caffe.Layer", label=kind.LABEL_REPEATED)  # fmt: skip
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    net = message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.Net"))()
    text_format.Parse(DEPLOY[: DEPLOY.index("layers")], net, allow_unknown_field=True)
    ours = [dict(plain(f.value)) for f in parse(DEPLOY) if f.name == "layer"]
    assert [layer.name for layer in net.layer] == [layer["name"] for layer in ours]
    theirs, mine = net.layer[1].lrn_param, dict(ours[1]["lrn_param"])
    assert theirs.local_size == mine["local_size"]
    assert (theirs.alpha, theirs.beta) == pytest.approx((mine["alpha"], mine["beta"]), rel=1e-7)
