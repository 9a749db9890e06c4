"""How `make docs` makes a site of these pages, which stay Markdown that a forge shows as well."""  # noqa: INP001 - no package

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "ledger_async"
html_title = project
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
highlight_language = "none"  # but where a block says otherwise
smartquotes = False  # what is written as code stays as it is
myst_heading_anchors = 4  # the anchors that a forge gives headings, too
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sourcelink = False
html_use_index = False  # of names, which the pages of the reference do better

# A page that leads to others in lists or tables is the menu of these, too: by its headings.
MENUS = ("index", "models")

# Pages that show a file beside this folder, to which other pages can lead as a forge needs it.
BESIDE = {
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "security": "SECURITY.md",
}

_LINK = re.compile(r"\]\((?!https?:|#)")
_LISTED = re.compile(r"^(?:- |\| )\[[^\]]*\]\(([\w/-]+)\.md\)", re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Have each page adapted as it is read."""
    app.connect("source-read", adapt)


def adapt(app: Sphinx, page: str, source: list[str]) -> None:
    """Put in what stands beside this folder, and the menu that a page is."""
    if page in BESIDE:
        beside = Path(app.srcdir).parent / BESIDE[page]
        text = _LINK.sub("](../", beside.read_text(encoding="utf-8"))
        source[0] = text.replace("](../docs/", "](")
    for name, file in BESIDE.items():
        source[0] = source[0].replace(f"](../{file}", f"]({name}.md")
    if page in MENUS:
        source[0] += "".join(menus(source[0]))


def menus(text: str) -> list[str]:
    """The directive that a menu is to Sphinx, for each section that leads to pages."""
    _, *parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
    sections = zip(parts[::2], map(_LISTED.findall, parts[1::2]), strict=True)
    return [
        f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n" + "\n".join(pages) + "\n```\n"
        for heading, pages in sections
        if pages
    ]
