"""What every test class stands on."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from . import processes
from .platform import Platform

BINARY = os.environ.get("APOLLO_BINARY", "")
SCRATCH = os.environ.get("APOLLO_TEST_SCRATCH", "/tmp")
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


class ApolloTestCase(unittest.TestCase):
    """A test class. `cls.platform` is one platform for all its tests unless `own_platform` says each makes its own."""

    maxDiff = None
    # Classes with more of it start earlier.
    weight = 1
    own_platform = False
    platform = None

    @classmethod
    def make_directory(cls):
        """The scratch directory of the class; its end takes it away."""
        cls.directory = tempfile.mkdtemp(prefix="c", dir=SCRATCH)

    @classmethod
    def setUpClass(cls):
        cls.make_directory()
        if not cls.own_platform:
            cls.platform = cls.make_platform().start()

    @classmethod
    def tearDownClass(cls):
        cls.clean_up()

    @classmethod
    def clean_up(cls):
        """Ends all that the class started and removes what it made."""
        processes.end_descendants()
        unmount_below(cls.directory)
        shutil.rmtree(cls.directory, ignore_errors=True)

    @classmethod
    def make_platform(cls, *options, **settings):
        """A platform that is not started yet, in a scratch directory of its own."""
        scratch = tempfile.mkdtemp(prefix="p", dir=cls.directory)
        # Of this machine tasks may see what tests make for them.
        settings["env"] = {"APOLLO_MOUNTS_ALLOWED": SCRATCH, **settings.get("env", {})}
        # No engine, unless a test brings one: what runs on this machine besides is not the tests' business.
        if "engine" in settings:
            engine = settings.pop("engine")
            options = (*options, "--docker-socket", engine)
        else:
            options = (*options, "--docker-socket", os.path.join(scratch, "no-engine.sock"))
        return Platform(BINARY, scratch, *options, **settings)

    @property
    def apollo(self):
        return self.platform.apollo

    @property
    def api(self):
        return self.platform.api

    def scratch(self, name):
        """A path in a directory that is this test's own."""
        return os.path.join(tempfile.mkdtemp(prefix="t", dir=self.directory), name)

    def unique(self, stem):
        """A name that no other test of the class uses."""
        return f"{stem}-{os.urandom(4).hex()}"

    # Assertions

    def assertCode(self, outcome, code):
        self.assertEqual(outcome.code, code, repr(outcome))

    def assertSays(self, text, *parts):
        """All parts are in the text."""
        for part in parts:
            self.assertIn(part, text)

    def assertProblem(self, answer, status, kind, *parts):
        """The answer is problem details (RFC 9457) of this status and kind, and says all parts."""
        self.assertEqual(answer.status, status, repr(answer))
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["type"], f"urn:apollo:error:{kind}")
        for field in ("title", "detail", "instance"):
            self.assertTrue(problem[field], f"{field} is empty in {problem}")
        self.assertEqual(problem["instance"], answer.headers["X-Request-Id"])
        text = answer.text
        for part in parts:
            self.assertIn(part, text)
        return problem


def unmount_below(directory):
    """Takes away what tests mounted there, and what containers have elsewhere that write there."""
    with open("/proc/self/mounts") as file:
        rows = [line.split() for line in file]
    points = [row[1].encode().decode("unicode_escape") for row in rows]
    places = {os.path.dirname(row[1]) for row in rows if f"upperdir={directory}/" in row[3]}
    for point in reversed(points):
        if point.startswith(directory + "/") or os.path.dirname(point) in places:
            subprocess.run(["umount", "--lazy", point], check=False)
    for place in places:
        # What is in it is a place to mount at, and empty.
        if place.startswith("/run/"):
            subprocess.run(["find", place, "-xdev", "-depth", "-empty", "-delete"], check=False)


def sentence(name):
    """`test_a_busy_port_is_named` as people read it."""
    return re.sub(r"^test_", "", name).replace("_", " ")


class needs:
    """Conditions of tests: each skips with a reason where the machine cannot do it."""

    root = staticmethod(unittest.skipUnless(os.geteuid() == 0, "only root can do this"))

    file_database = staticmethod(
        unittest.skipIf(
            os.environ.get("APOLLO_TEST_DATABASE") == "postgresql", "this looks into the file of the database"
        )
    )

    @staticmethod
    def program(name):
        return unittest.skipUnless(shutil.which(name), f"{name} is not installed")
