"""Swift source with its strings and comments taken apart, which is all the parsing the rules need."""

import re


class SwiftSource:
    """A Swift file. `code` is the text with the contents of comments and strings blanked out, line for line and column
    for column; what is interpolated into a string stays code. `comments` maps a line's number to its comment."""

    def __init__(self, text):
        self.text = text
        self.lines = text.split("\n")
        self.comments = {}
        self._code = list(text)
        self._scan(0, closing=None)
        self.code = "".join(self._code)
        self.code_lines = self.code.split("\n")

    def line_of(self, offset):
        return self.code.count("\n", 0, offset) + 1

    def is_explained(self, line):
        """Whether the line or the one before it has a comment."""
        return line in self.comments or line - 1 in self.comments

    def _blank(self, start, end):
        for index in range(start, min(end, len(self._code))):
            if self._code[index] != "\n":
                self._code[index] = " "

    def _comment(self, start, end):
        first = self.text.count("\n", 0, start) + 1
        for number, part in enumerate(self.text[start:end].split("\n"), first):
            self.comments[number] = self.comments.get(number, "") + part
        self._blank(start, end)

    def _scan(self, at, closing):
        """Reads code from `at` up to the parenthesis that ends an interpolation, or to the end; returns where."""
        depth, text = 0, self.text
        while at < len(text):
            character = text[at]
            if text.startswith("//", at):
                end = text.find("\n", at)
                end = len(text) if end < 0 else end
                self._comment(at, end)
                at = end
            elif text.startswith("/*", at):
                end = self._block_comment_end(at)
                self._comment(at, end)
                at = end
            elif character == '"' or (character == "#" and re.match(r'#+"', text[at:])):
                at = self._string(at)
            elif closing and character == "(":
                depth, at = depth + 1, at + 1
            elif closing and character == ")":
                if depth == 0:
                    return at
                depth, at = depth - 1, at + 1
            else:
                at += 1
        return at

    def _block_comment_end(self, at):
        depth = 0
        for match in re.compile(r"/\*|\*/").finditer(self.text, at):
            depth += 1 if match.group() == "/*" else -1
            if depth == 0:
                return match.end()
        return len(self.text)

    def _string(self, at):
        hashes = re.match(r"#*", self.text[at:]).group()
        start = at + len(hashes)
        quote = '"""' if self.text.startswith('"""', start) else '"'
        end, escape = quote + hashes, "\\" + hashes
        at = start + len(quote)
        while at < len(self.text):
            if self.text.startswith(end, at):
                return at + len(end)
            if self.text.startswith(escape, at):
                after = at + len(escape)
                if self.text.startswith("(", after):
                    self._blank(at, after)
                    at = self._scan(after + 1, closing=")") + 1
                else:
                    self._blank(at, after + 1)
                    at = after + 1
            elif quote == '"' and self.text[at] == "\n":
                return at  # not terminated: the compiler will say so
            else:
                self._blank(at, at + 1)
                at += 1
        return at
