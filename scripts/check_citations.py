#!/usr/bin/env python3
"""What is cited exists: sections of docs/reference in comments and texts, and the links of all Markdown pages.

A citation names a page and sections: docs/reference/ledger.md 3.2 #14 is row or item 14 of section 3.2. Lists (3, 5 and 8) and ranges (1 to 10) are checked
number by number; in differences.md a number is a row. The abbreviations that once stood for the pages are refused.
"""
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
SKIPPED = {".git", "build", "node_modules", "data", "corpus", "__pycache__"}

GAP = r"(?:[ \t]+|[ \t]*\n[ \t]*(?:///?<?|\*|#)?[ \t]*)"  # white space, or the break of a comment into two lines
NUMBER = r"\d+(?:\.\d+)*(?![\d'%]|[.,]\d)"
ITEMS = rf"(?:{GAP}#\d+(?:(?:,|{GAP}and|{GAP}to){GAP}#\d+)*)?"
ROWS = rf"(?:,?{GAP}D\d+(?:(?:,|{GAP}and|{GAP}to){GAP}D\d+)*)?"
SECTIONS = rf"{NUMBER}{ITEMS}{ROWS}(?:(?:,|-|,?{GAP}and|{GAP}to){GAP}?{NUMBER}{ITEMS}{ROWS})*"
CITATION = re.compile(rf"docs/reference/([\w.-]*\w)(?:\)?{GAP}({SECTIONS}))?")
OLD = re.compile(rf"(?<![\w/.-])(?:RP|LM|GQ|PP|VM|D|rusk-1\.7){GAP}\d+(?![\dxX])|\bdecisions?{GAP}\d\d?(?!\d)|\bvectors README\b")
LINK = re.compile(r"\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
HEADING = re.compile(r"(?m)^(#{1,6}) (.*)$")


def files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for name in sorted(names):
            path = Path(folder) / name
            try:
                yield path, path.read_text(encoding="utf-8")
            except (UnicodeDecodeError, OSError):
                pass


def without_code(text):
    """Markdown with its code blanked out, line by line as long as before."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r"`[^`\n]+`", blank, re.sub(r"(?ms)^[ ]*```.*?^[ ]*```", blank, text))


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    out = set()
    for match in HEADING.finditer(re.sub(r"(?ms)^```.*?^```", "", text)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match.group(2)).strip().lower()
        anchor = "".join(c for c in title if c.isalnum() or c in " -_").replace(" ", "-")
        count = 0
        while (numbered := f"{anchor}-{count}" if count else anchor) in out:
            count += 1
        out.add(numbered)
    return out


def sections(text):
    """Number of each section of a reference page, with its text, subsections included."""
    headings = list(HEADING.finditer(text))
    out = {}
    for i, heading in enumerate(headings):
        number = re.match(r"\d+(?:\.\d+)*", heading.group(2))
        if number:
            after = (h.start() for h in headings[i + 1 :] if len(h.group(1)) <= len(heading.group(1)))
            out[number.group(0)] = text[heading.end() : next(after, len(text))]
    return out


def row(label, text):
    """Whether a table or a list has this row or item."""
    return re.search(rf"(?m)^(?:\| {label} \||{label}\. )", text) is not None


def missing(page, cited, text):
    """What of the cited sections is not in the page."""
    known = {} if page == "differences.md" else sections(text)
    section = ""
    for kind, label in re.findall(r"(#|D|)(\d+(?:\.\d+)*)", cited):
        if kind:
            if not row(label if kind == "#" else kind + label, section):
                yield f"{kind}{label} of that section"
        elif page == "differences.md":
            if not row(label, text):
                yield f"row {label}"
        elif label in known:
            section = known[label]
        else:
            yield f"section {label}"


def main():
    pages = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    found = []
    for path, text in files():
        line_of = lambda at: text.count("\n", 0, at) + 1
        complain = lambda at, what: found.append(f"{path.relative_to(ROOT)}:{line_of(at)}: {what}")
        for match in CITATION.finditer(text):
            page, cited = match.groups()
            if page not in pages:
                complain(match.start(), f"there is no page docs/reference/{page}")
            elif cited:
                for what in missing(page, cited, pages[page]):
                    complain(match.start(), f"docs/reference/{page} has no {what}")
        for match in OLD.finditer(text):
            complain(match.start(), f"'{' '.join(match.group(0).split())}': name the page of docs/reference and its section")
        if path.suffix != ".md":
            continue
        for match in LINK.finditer(without_code(text)):
            target, _, anchor = match.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            file = path.parent / target if target else path
            if not file.exists():
                complain(match.start(), f"the link {match.group(1)} leads nowhere")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
                complain(match.start(), f"the link {match.group(1)} names no heading of that page")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


sys.exit(main())
