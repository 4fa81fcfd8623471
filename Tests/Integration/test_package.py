"""The package for Debian: what is in it, and whether systemd understands its units."""

import os
import shutil
import subprocess
import tempfile
import unittest

from harness import ApolloTestCase
from harness.case import BINARY, ROOT

UNITS = os.path.join(ROOT, "deploy", "systemd")


class Package(ApolloTestCase):
    own_platform = True

    @unittest.skipUnless(shutil.which("dpkg-shlibdeps"), "there is no dpkg-shlibdeps: scripts/dependencies deb")
    def test_it_holds_the_program_its_units_and_its_settings_and_depends_on_its_libraries(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [os.path.join(ROOT, "scripts", "deb"), "--from", os.path.dirname(BINARY), "--output", folder,
                 "--compression", "none"],
                check=True, capture_output=True, timeout=300,
            )
            (name,) = os.listdir(folder)
            self.assertRegex(name, r"^apollo_[0-9.]+_[a-z0-9]+\.deb$")
            path = os.path.join(folder, name)

            def said(*words):
                return subprocess.run(
                    ["dpkg-deb", *words], check=True, capture_output=True, text=True, timeout=60
                ).stdout

            listing = said("--contents", path)
            for file in (
                "./usr/bin/apollo", "./etc/apollo/apollo.yaml", "./lib/systemd/system/apollo.service",
                "./lib/systemd/system/apollo-launcher.service", "./usr/share/man/man1/apollo.1.gz",
                "./usr/share/doc/apollo/copyright",
            ):
                self.assertIn(f" {file}\n", listing)
            self.assertNotIn(" ./var", listing, "the data are not the package's")
            depends = said("--field", path, "Depends")
            for library in ("libsqlite3-0", "libssl3", "libcurl4", "libyaml-0-2", "libarchive13", "adduser"):
                self.assertIn(library, depends)
            self.assertNotIn("swift", depends)
            self.assertIn("/etc/apollo/apollo.yaml", said("--info", path, "conffiles"))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze")
    def test_systemd_understands_the_units(self):
        # The program is where the tests have it, and there is no manual installed to point to.
        with tempfile.TemporaryDirectory() as folder:
            for unit in os.listdir(UNITS):
                with open(os.path.join(UNITS, unit)) as file:
                    text = file.read().replace("/usr/bin/apollo", BINARY).replace("man:apollo(1) ", "")
                with open(os.path.join(folder, unit), "w") as file:
                    file.write(text)
            outcome = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", *(os.path.join(folder, unit) for unit in os.listdir(UNITS))],
                capture_output=True, text=True, timeout=60,
            )
            ours = [line for line in outcome.stderr.splitlines() if "apollo" in line]
            self.assertEqual(ours, [])

    def test_the_scripts_of_the_package_are_sound_shell(self):
        folder = os.path.join(ROOT, "deploy", "debian")
        for script in ("postinst", "prerm", "postrm"):
            subprocess.run(["sh", "-n", os.path.join(folder, script)], check=True, timeout=10)
