"""What the rules look at, and what they say."""

import collections
import json
import os
import re
import subprocess

from linting.source import SwiftSource

ALLOW = re.compile(r"(?:(?://|#|<!--|/\*)\s*)lint:allow\s+([a-z-]+)[ \t]*(.*?)\s*(?:-->|\*/)?\s*$")
TEXT_ENDINGS = (".swift", ".md", ".c", ".h", ".py", ".sh", ".yaml", ".yml", ".json", ".modulemap", ".txt", ".proto")


class Finding(collections.namedtuple("Finding", "path line rule message is_warning")):
    def __str__(self):
        kind = " (warning)" if self.is_warning else ""
        return f"{self.path}:{self.line}: {self.rule}{kind}: {self.message}"


class Tree:
    """The files of a repository, and its targets as `swift package dump-package` has them."""

    def __init__(self, files, targets):
        self.paths = sorted(files)
        self.targets = targets
        self._files = files
        self._swift = {}

    def exists(self, path):
        return path == "" or path in self._files or any(other.startswith(path + "/") for other in self.paths)

    def text(self, path):
        return self._files[path]

    def swift(self, path):
        if path not in self._swift:
            self._swift[path] = SwiftSource(self.text(path))
        return self._swift[path]

    def ending(self, *endings):
        return [path for path in self.paths if path.endswith(endings)]

    def texts(self):
        """Every file that people write and that is not for the compiler alone."""
        return [p for p in self.paths if p.endswith(TEXT_ENDINGS) or "." not in os.path.basename(p)]

    def swift_files(self, *folders):
        return [path for path in self.ending(".swift") if not folders or path.split("/")[0] in folders]

    def files_of(self, target):
        """The Swift files of one target."""
        prefix = target["path"].rstrip("/") + "/"
        return [path for path in self.ending(".swift") if path.startswith(prefix)]

    def module_of(self, path):
        """The name of the target that a file belongs to, or None."""
        for target in self.targets:
            if path.startswith(target["path"].rstrip("/") + "/"):
                return target["name"]
        return None


class Disk(Tree):
    """A checkout: what git knows of it or would add."""

    def __init__(self, root):
        self.root = root
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, check=False)
        names = os.fsdecode(listed.stdout).split("\0") if listed.returncode == 0 else self._walk()
        files = {}
        for name in filter(None, names):
            path = os.path.join(root, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    data = file.read()
                if b"\0" not in data[:8000]:
                    files[name] = data.decode("utf-8", errors="replace")
        super().__init__(files, self._targets())

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in (".git", ".build", "__pycache__")]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def _targets(self):
        dumped = subprocess.run(
            [os.path.join(self.root, "scripts", "swift"), "package", "--package-path", self.root, "dump-package"],
            capture_output=True, text=True, check=False)
        if dumped.returncode != 0:
            raise SystemExit(f"error: Package.swift cannot be read\n{dumped.stderr}")
        return json.loads(dumped.stdout)["targets"]


def check(tree, rules):
    """Runs every rule; returns the findings that stand, in order."""
    findings = set()
    for name, rule in rules.items():
        for found in rule(tree):
            path, line, message, *warning = found
            findings.add(Finding(path, line, name, message, bool(warning)))
    return sorted(without_allowed(tree, findings, rules))


def without_allowed(tree, findings, rules):
    """Takes out what a `lint:allow` covers; a `lint:allow` without a reason, or that covers nothing, is a finding."""
    allowed = {}
    for path in tree.texts():
        if "lint:allow" not in tree.text(path):
            continue
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            match = ALLOW.search(line)
            # In Markdown, code is an example and only a comment counts.
            if not match or (path.endswith(".md") and "<!--" not in line):
                continue
            rule, reason = match.groups()
            if rule not in rules:
                yield Finding(path, number, "allow", f"there is no rule '{rule}'", False)
            elif not reason:
                yield Finding(path, number, "allow", f"say why '{rule}' is wrong here", False)
            else:
                allowed[(path, number, rule)] = False
    for finding in findings:
        covers = [(finding.path, line, finding.rule) for line in (finding.line, finding.line - 1)]
        if finding.rule == "file-length":  # about the whole file: said in its first line
            covers.append((finding.path, 1, finding.rule))
        covered = [key for key in covers if key in allowed]
        for key in covered:
            allowed[key] = True
        if not covered:
            yield finding
    for (path, number, rule), used in allowed.items():
        if not used:
            yield Finding(path, number, "allow", f"nothing here breaks '{rule}': take the lint:allow out", False)


def summary(tree, findings):
    warnings = sum(finding.is_warning for finding in findings)
    errors = len(findings) - warnings
    return f"lint: {len(tree.paths)} files, {errors} errors, {warnings} warnings"
