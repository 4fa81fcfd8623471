"""Rules about every file that people write."""

import os
import re
import subprocess
import urllib.parse

FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(
    r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
INLINE_CODE = re.compile(r"`[^`\n]*`")


def blanked(pattern, text):
    """The text with every match of the pattern blanked out, line for line."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def anchors(text):
    """The anchors that GitHub makes of a page's headings."""
    found = {}
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", blanked(FENCE, text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = found.get(anchor, 0)
        found[anchor] = count + 1
        yield f"{anchor}-{count}" if count else anchor


def links(tree):
    """A link in a Markdown file leads to a file, and a heading, that is there."""
    for path in tree.ending(".md"):
        text = blanked(INLINE_CODE, blanked(FENCE, tree.text(path)))
        for match in LINK.finditer(text):
            target = match.group(1) or match.group(2)
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            line = text.count("\n", 0, match.start()) + 1
            name, _, anchor = target.partition("#")
            name = urllib.parse.unquote(name)
            base = "" if name.startswith("/") else os.path.dirname(path)
            file = os.path.normpath(os.path.join(base, name.lstrip("/"))) if name else path
            file = "" if file == "." else file
            if not tree.exists(file):
                yield path, line, f"the link leads to {target}, which is not there"
            elif anchor and file.endswith(".md") and anchor not in anchors(tree.text(file)):
                yield path, line, f"{file} has no heading for #{anchor}"


def whitespace(tree):
    """No tabs, no trailing blanks, no carriage returns; a file ends with one newline."""
    for path in tree.texts():
        if path in ("LICENSE",) or "/Corpus/" in f"/{path}" or "/Fixtures/" in f"/{path}":
            continue
        text = tree.text(path)
        tabs = os.path.basename(path) == "Makefile"
        for number, line in enumerate(text.split("\n"), 1):
            if "\r" in line:
                yield path, number, "a carriage return"
            elif line != line.rstrip():
                yield path, number, "blanks at the end of the line"
            elif "\t" in line and not tabs:
                yield path, number, "a tab"
        if text and not text.endswith("\n"):
            yield path, text.count("\n") + 1, "the file does not end with a newline"
        elif text.endswith("\n\n"):
            yield path, text.count("\n"), "empty lines at the end of the file"


def line_length(tree):
    """Scripts keep within 120 columns; Swift has its formatter, and prose wraps as it likes."""
    for path in tree.texts():
        if path.endswith(".py") or tree.text(path).startswith("#!"):
            for number, line in enumerate(tree.text(path).split("\n"), 1):
                if len(line) > 120:
                    yield path, number, f"{len(line)} columns (at most 120)"


def personal_path(tree):
    """No path of one person's machine: what is written down works everywhere."""
    pattern = re.compile(r"(?<![\w.$}/])/(?:home/(?!<)[a-z_][\w.-]*|Users/\w+|work/[\w.]+)(?=[/\s\"'`)]|$)")
    for path in tree.texts():
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if match := pattern.search(line):
                yield path, number, f"'{match.group()}' is on one machine only"


def syntax(tree):
    """A script is at least readable to its interpreter."""
    for path in tree.texts():
        first = tree.text(path).split("\n", 1)[0]
        if not first.startswith("#!"):
            continue
        if "python" in first:
            try:
                compile(tree.text(path), path, "exec")
            except SyntaxError as error:
                yield path, error.lineno or 1, f"python: {error.msg}"
        elif re.search(r"\b(ba|da)?sh\b", first):
            shell = "bash" if "bash" in first else "sh"
            parsed = subprocess.run([shell, "-n"], input=tree.text(path), capture_output=True, text=True, check=False)
            if parsed.returncode != 0:
                line = re.search(r"line (\d+)", parsed.stderr) or re.search(r": (\d+):", parsed.stderr)
                yield path, int(line.group(1)) if line else 1, f"{shell}: {parsed.stderr.strip().splitlines()[0]}"


RULES = {
    "links": links,
    "whitespace": whitespace,
    "line-length": line_length,
    "personal-path": personal_path,
    "syntax": syntax,
}
