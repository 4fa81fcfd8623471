"""The reference pages of the manual say what the program says."""

import os
import subprocess

from harness import ApolloTestCase
from harness.case import BINARY, ROOT


class Reference(ApolloTestCase):
    own_platform = True

    def check_page(self, page, *words):
        said = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=30, check=True).stdout
        with open(os.path.join(ROOT, "docs", "reference", page)) as file:
            written = file.read()
        line = " ".join(words)
        self.assertEqual(written, said, f"docs/reference/{page} is old: 'apollo {line}' prints it anew")

    def test_the_page_of_commands_is_what_the_program_prints(self):
        self.check_page("cli.md", "reference")

    def test_the_page_of_settings_is_what_the_program_prints(self):
        self.check_page("settings.md", "config", "reference")
