#!/usr/bin/env python3
"""Puts the files of `parts` into `PageFiles.swift`, so that the page is in the program. Run it after changing one."""

import pathlib

FOLDER = pathlib.Path(__file__).parent
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
MARK = "####"

names = sorted(path.name for path in (FOLDER / "parts").iterdir())
lines = [
    "// Made by embed.py from the files in `parts`: change those, and run it.",
    "// swift-format-ignore-file",
    "",
    "enum PageFiles {",
    "    static let all: [PageFile] = [",
]
for name in names:
    text = (FOLDER / "parts" / name).read_text(encoding="utf-8")
    assert f'"""{MARK}' not in text and f"\\{MARK}" not in text and "\r" not in text, name
    lines.append(f'        PageFile(name: "{name}", type: "{TYPES[pathlib.Path(name).suffix]}", content: {MARK}"""')
    lines.append(text)
    lines.append(f'"""{MARK}),')
lines += ["    ]", "}", ""]
(FOLDER / "PageFiles.swift").write_text("\n".join(lines), encoding="utf-8")
