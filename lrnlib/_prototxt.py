"""Read protobuf's text format without its schema, as Caffe's networks are written."""

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

DEEPEST = 100  # messages inside each other, as protobuf's own readers allow
TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v]+|\#[^\n]*|\n)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>-?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[fF]?)(?![\w.]))
    |(?P<word>-?[A-Za-z_]\w*)
    |(?P<symbol>[{}<>:,;\[\]])""",
    re.VERBOSE,
)


class Field(NamedTuple):
    """One field of a message: a string, word or number, or a message as the list of its fields."""

    name: str
    value: "Value"
    line: int


Value: TypeAlias = str | int | float | list[Field]


class Token(NamedTuple):
    """A piece of the text; its kind is that of `TOKEN`, or "end"."""

    kind: str
    text: str
    line: int


class PrototxtError(ValueError):
    """The text is not in protobuf's text format."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")


def parse(text: str) -> list[Field]:
    """Return the fields of the text; raise if it is not in protobuf's text format."""
    tokens = list(_tokens(text))[::-1]  # the next one is the last of the list
    return _message(tokens, "end", 0)


def _tokens(text: str) -> Iterator[Token]:
    position, line = 0, 1
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise PrototxtError(line, f"cannot read {text[position : position + 20]!r}")
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match[0], line)
        line += match[0].count("\n")
        position = match.end()
    yield Token("end", "the end of the file", line)


def _message(tokens: list[Token], closing: str, depth: int) -> list[Field]:
    """Return the fields up to a closing token, which is taken as well."""
    if depth > DEEPEST:
        raise PrototxtError(tokens[-1].line, f"messages are nested deeper than {DEEPEST}")
    fields: list[Field] = []
    while True:
        token = tokens.pop()
        if closing in (token.kind, token.text):
            return fields
        if token.text in (",", ";") and fields:
            continue
        name = _extension(tokens) if token.text == "[" else token.text
        if token.kind != "word" and token.text != "[":
            expected = "a field's name" if closing == "end" else f"a field's name or {closing!r}"
            raise PrototxtError(token.line, f"expected {expected}, got {token.text}")
        fields += [Field(name, value, token.line) for value in _values(tokens, name, depth)]


def _extension(tokens: list[Token]) -> str:
    """Return the name of an extension, after its opening bracket."""
    name = tokens.pop()
    if name.kind != "word" or tokens.pop().text != "]":
        raise PrototxtError(name.line, f"expected the name of an extension, got {name.text}")
    return name.text


def _values(tokens: list[Token], name: str, depth: int) -> list[Value]:
    """Return the value of a field, or all of a list's."""
    colon = tokens[-1].text == ":"
    if colon:
        tokens.pop()
    if tokens[-1].text == "[" and colon:
        return _list(tokens, name, depth)
    return [_value(tokens, name, depth, colon)]


def _list(tokens: list[Token], name: str, depth: int) -> list[Value]:
    tokens.pop()
    values: list[Value] = []
    if tokens[-1].text == "]":
        tokens.pop()
        return values
    while True:
        values.append(_value(tokens, name, depth, colon=True))
        token = tokens.pop()
        if token.text == "]":
            return values
        if token.text != ",":
            raise PrototxtError(token.line, f"expected ',' or ']', got {token.text}")


def _value(tokens: list[Token], name: str, depth: int, colon: bool) -> Value:
    token = tokens.pop()
    if token.text in ("{", "<"):
        return _message(tokens, {"{": "}", "<": ">"}[token.text], depth + 1)
    if not colon:
        raise PrototxtError(token.line, f"expected ':' or '{{' after {name}, got {token.text}")
    if token.kind == "number":
        return _number(token)
    if token.kind == "word":
        return token.text
    if token.kind != "string":
        raise PrototxtError(token.line, f"expected a value of {name}, got {token.text}")
    text = token.text[1:-1]
    while tokens[-1].kind == "string":  # adjacent strings are one
        text += tokens.pop().text[1:-1]
    return text


def _number(token: Token) -> int | float:
    """Return an int, be it decimal, octal or hexadecimal, or a float."""
    text = token.text
    try:
        if "x" in text.lower():
            return int(text, 16)
        if re.fullmatch(r"-?\d+", text):
            return int(text, 8 if re.match(r"-?0\d", text) else 10)
        return float(text.rstrip("fF"))
    except ValueError:  # 09, or thousands of digits
        raise PrototxtError(token.line, f"cannot read the number {text[:20]}") from None
