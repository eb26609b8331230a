"""The cover of the EPUB."""

import io
import textwrap

import matplotlib.pyplot as plt

from lrnlib.book import figures


def cover(title: str, subtitle: str) -> bytes:
    """The title above the book's first figure, as a PNG."""
    tall = {"figure.figsize": (6, 9), "figure.constrained_layout.use": False}
    drawn = io.BytesIO()
    with plt.style.context([figures.STYLE, tall]):
        figure = figures.window(range(1, 9), channel=3, depth_radius=2, bias=0, alpha=1, beta=1)
        figure.subplots_adjust(left=0.1, right=0.95, top=0.58, bottom=0.12)
        figure.text(0.1, 0.8, textwrap.fill(title, 16), fontsize=27, weight="bold")
        figure.text(0.1, 0.74, subtitle, fontsize=16)
        figure.savefig(drawn, format="png", metadata={"Software": None})
        plt.close(figure)
    return drawn.getvalue()
