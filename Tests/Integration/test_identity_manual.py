"""The commands of docs/identity.md and docs/operate/audit.md, one after the other as they stand there."""

import os

from harness import ApolloTestCase
from harness.case import ROOT

PASSWORD = "four words in a row"


def lines_of(page):
    """The heading and the command of each indented line."""
    heading = ""
    with open(os.path.join(ROOT, "docs", page)) as file:
        for line in file:
            if line.startswith("#"):
                heading = line.lstrip("# ").strip()
            elif line.startswith("    "):
                yield heading, line.strip()


class IdentityManual(ApolloTestCase):
    def test_every_command_works_as_it_is_written(self):
        as_ann = {
            "APOLLO_DATA_DIRECTORY": "",
            "APOLLO_CONTEXTS": os.path.join(self.directory, "ann", "contexts.yaml"),
        }
        ran = 0
        for heading, line in lines_of("identity.md"):
            asks = line in ("apollo user create ann", "apollo login --address http://127.0.0.1:7070 --user ann")
            command = line.replace("http://127.0.0.1:7070", self.platform.address)
            # What a person would type when asked.
            command = f"printf '%s' '{PASSWORD}' | {command}" if asks else command
            with self.subTest(line=line):
                outcome = self.apollo.shell(command, env=as_ann if heading == "Logging in" else None)
                self.assertCode(outcome, 0)
                ran += 1
                if line == "apollo project ls":
                    self.assertIn("shop", outcome.out)
                    self.assertNotIn("default ", outcome.out)
        self.assertGreater(ran, 20)
        for _, line in lines_of("operate/audit.md"):
            if "--follow" not in line:
                with self.subTest(line=line):
                    self.assertCode(self.apollo.shell(line), 0)
