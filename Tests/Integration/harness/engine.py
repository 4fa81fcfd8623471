"""An engine of the tests' own, and a platform on it."""

import io
import os
import shutil
import subprocess
import tarfile
import unittest

from .case import ROOT, ApolloTestCase

ENGINE = os.path.join(ROOT, "scripts", "docker-engine")
APPLETS = ("sh", "echo", "cat", "sleep", "seq", "env", "id", "pwd", "nc", "wget", "true", "touch", "ls", "nproc")


class EngineTestCase(ApolloTestCase):
    """Each class has an engine; `variables` are its environment's, beside the tests'."""

    weight = 50
    engine = None
    variables = {}

    @classmethod
    def setUpClass(cls):
        for program in ("dockerd", "docker", "busybox"):
            if not shutil.which(program):
                raise unittest.SkipTest(f"{program} is not installed")
        cls.make_directory()
        cls.engine = os.path.join(cls.directory, "e")
        started = subprocess.run(
            [ENGINE, "start", cls.engine],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, **cls.variables},
        )
        if started.returncode != 0:
            raise unittest.SkipTest(f"no engine can be started here: {started.stderr.strip()[-300:]}")
        cls.socket = started.stdout.strip()
        cls.import_image("busybox:latest")
        cls.platform = cls.make_own_platform()

    @classmethod
    def make_own_platform(cls):
        return cls.make_platform(engine=cls.socket).start()

    @classmethod
    def clean_up(cls):
        if cls.engine:
            for pid in list(cls.docker("ps", "-aq").split()):
                # The platform may be removing it at this moment.
                try:
                    cls.docker("rm", "-f", pid)
                except AssertionError as error:
                    if "already in progress" not in str(error) and "No such container" not in str(error):
                        raise
            subprocess.run([ENGINE, "stop", cls.engine], capture_output=True, timeout=120)
            cls.engine = None
        super().clean_up()

    @classmethod
    def docker(cls, *words, stdin=None):
        outcome = subprocess.run(
            ["docker", "-H", f"unix://{cls.socket}", *words], input=stdin, capture_output=True, timeout=120
        )
        if outcome.returncode != 0:
            raise AssertionError(f"docker {words}: {outcome.stderr.decode()}")
        return outcome.stdout.decode()

    @classmethod
    def import_image(cls, name):
        """An image of Debian's busybox, which needs no library."""
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as archive:
            archive.add(os.path.realpath(shutil.which("busybox")), "bin/busybox")
            for applet in APPLETS:
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(link)
            for directory in ("tmp", "etc", "data"):
                entry = tarfile.TarInfo(directory)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o777
                archive.addfile(entry)
        cls.docker("import", "--change", 'CMD ["sh"]', "-", name, stdin=layer.getvalue())
