"""Formulas as MathML, which browsers and e-books' readers show without a script."""

import re

from bs4 import BeautifulSoup, Tag
from latex2mathml.converter import convert

ABOVE_AND_BELOW = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
LARGE = {"∑", "∏", "max", "min"}


def formula(tex: str, display: bool = False) -> Tag:
    """One formula; its TeX remains as the text for readers that know no MathML."""
    markup = convert(_known(tex), display="block" if display else "inline")
    math = BeautifulSoup(markup, "html.parser").math
    left = [leaf.get_text() for leaf in math.find_all(["mi", "mo", "mtext", "mn"])]
    if unknown := [text for text in left if re.search(r"\\[a-zA-Z]|[&$]", text)]:
        raise ValueError(f"latex2mathml does not know {unknown[0]!r}, in the formula {tex!r}")
    for script in math.find_all(list(ABOVE_AND_BELOW)):
        base = script.find(True, recursive=False)
        if base is not None and base.name == "mo" and base.get_text() in LARGE:
            script.name = ABOVE_AND_BELOW[script.name]
    math["alttext"] = " ".join(tex.split())
    return math


def _known(tex: str) -> str:
    """As latex2mathml reads it: it aligns in `split`, and MyST puts one around `aligned`."""
    if tex.startswith(r"\begin{split}") and tex.endswith(r"\end{split}"):
        tex = tex.removeprefix(r"\begin{split}").removesuffix(r"\end{split}").strip()
        if not re.search(r"\\begin\{aligned?\}", tex):
            tex = rf"\begin{{split}}{tex}\end{{split}}"
    return re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", tex)
