#!/usr/bin/env python3
"""docs/locking.md and the code agree: every name and number on the page is in the code, and every lock of the code is on the page.

A name in backquotes is a file, a setting, or names of the code joined by `::`. `name` (4,096) is also checked for its value where a line of the
code gives the name a number, and `Class::member_` for the class.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "locking.md"
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "ms": 1, "s": 1000}
EXPLAINED = {"type::member"}  # the page's own explanation of its names


def numbers_given(name, texts):
    """The numbers that lines of the code give this name as its value; durations in milliseconds."""
    out = set()
    for text in texts:
        for line in re.findall(rf"(?m)^.*\b{name}\b\s*(?:=|\{{)\s*[^=].*$", text):
            value = re.search(rf"\b{name}\b\s*(?:=|\{{)\s*(\d[\d']*)(?:U?L*)?(?: << (\d+)U?)?\s*[;}},]", line)
            if value:
                number = int(value.group(1).replace("'", "")) << int(value.group(2) or 0)
                out.add(number * (1000 if "::seconds" in line else 1))
    return out


def main():
    page = PAGE.read_text(encoding="utf-8")
    sources = {path: path.read_text(encoding="utf-8") for kind in ("hpp", "cpp") for path in (ROOT / "src").rglob(f"*.{kind}")}
    code = "\n".join(sources.values())
    words = set(re.findall(r"[A-Za-z_]\w*", code))
    settings = set(re.findall(r"`([a-z-]+)`", (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")))
    found = []

    for name in sorted(set(re.findall(r"`([^`]+)`", page)) - EXPLAINED - settings):
        if name.startswith(("src/", "docs/")):
            if not (ROOT / name).exists():
                found.append(f"there is no file {name}")
            continue
        for word in re.findall(r"[A-Za-z_]\w*", name):
            if word not in words:
                found.append(f"{name}: no name of the code is {word}")
        pair = re.fullmatch(r"(?:\w+::)*(\w+)::(\w+_)", name)
        if pair and not any(re.search(rf"\b(?:class|struct) {pair[1]}\b", text) and re.search(rf"\b{pair[2]}\b", text) for text in sources.values()):
            found.append(f"{name}: no class {pair[1]} has a {pair[2]}")
    for file, name in re.findall(r"`(src/[^`]+)`: `([^`]+)`", page):
        text = "".join(sources.get((ROOT / file).with_suffix(suffix), "") for suffix in (".hpp", ".cpp"))
        for word in re.findall(r"\w+", name):
            if not re.search(rf"\b{word}\b", text):
                found.append(f"{file} does not name {word}")
    for name, number, unit in re.findall(r"`(?:\w+::)*(\w+)` \(([\d,]+)(?: (KiB|MiB|ms|s))?\)", page):
        given = numbers_given(name, sources.values())
        if given and int(number.replace(",", "")) * UNITS[unit] not in given:
            found.append(f"{name} is not {number} {unit}".rstrip())

    for path, text in sources.items():
        for kind, name in re.findall(r"(?m)^\s*(?:mutable )?std::(?:shared_|recursive_|timed_)?(mutex|condition_variable) (\w+)[;{]", text):
            owners = re.findall(r"(?m)^\s*(?:class|struct) (\w+)(?: final)?(?: :.*)? \{", text[: text.index(f"{kind} {name}")])
            if not any(f"{owner}::{name}" in page for owner in owners):
                found.append(f"{path.relative_to(ROOT)}: the {kind.replace('_', ' ')} {name} is not on the page")

    print("\n".join(f"docs/locking.md: {what}" for what in found), end="\n" if found else "")
    return 1 if found else 0


sys.exit(main())
