"""Convert formulas to MathML, which browsers and e-readers show without a script."""

import re

from bs4 import BeautifulSoup, Tag
from latex2mathml.converter import convert

LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
WITH_LIMITS = {"∑", "∏", "max", "min"}


def formula(tex: str, display: bool = False) -> Tag:
    """Convert one formula, with its TeX as alternative text; raise if a part is unknown."""
    markup = convert(_adapted(tex), display="block" if display else "inline")
    math = BeautifulSoup(markup, "html.parser").math
    left = [leaf.get_text() for leaf in math.find_all(["mi", "mo", "mtext", "mn"])]
    if unknown := [text for text in left if re.search(r"\\[a-zA-Z]|[&$]", text)]:
        raise ValueError(f"latex2mathml does not know {unknown[0]!r}, in the formula {tex!r}")
    for script in math.find_all(list(LIMITS)):
        base = script.find(True, recursive=False)
        if base is not None and base.name == "mo" and base.get_text() in WITH_LIMITS:
            script.name = LIMITS[script.name]
    math["alttext"] = " ".join(tex.split())
    return math


def _adapted(tex: str) -> str:
    """With one `split` around aligned lines, which MyST adds and latex2mathml reads alone."""
    if tex.startswith(r"\begin{split}") and tex.endswith(r"\end{split}"):
        tex = tex.removeprefix(r"\begin{split}").removesuffix(r"\end{split}").strip()
        if not re.search(r"\\begin\{aligned?\}", tex):
            tex = rf"\begin{{split}}{tex}\end{{split}}"
    return re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", tex)
