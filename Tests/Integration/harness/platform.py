"""A platform of the test's own."""

import os
import signal
import subprocess

from . import postgresql, processes
from .api import API
from .cli import CommandLine
from .waiting import eventually

FINAL = ("completed", "failed", "stopped")


class Platform:
    """`apollo up` on a data directory of its own and a free port, with a command line and an API that talk to it."""

    def __init__(self, binary, scratch, *options, env=None, data=None, verb="up"):
        self.binary, self.scratch, self.options = binary, scratch, list(options)
        self.verb = [verb] if isinstance(verb, str) else list(verb)
        self.data = data or os.path.join(scratch, "data")
        self.apollo = CommandLine(binary, scratch, self.data)
        # Of a platform that comes back on its port, the ports beside it may have gone to others meanwhile.
        # Nor are containers made without an engine, unless a test is about that.
        usual = {"APOLLO_OBJECTS_PORT": "0", "APOLLO_OCI_ENABLED": "false"}
        self.environment = {**self.apollo.environment, **usual, **(env or {})}
        self.process = None
        self.said = os.path.join(scratch, "up.out")
        self.logged = os.path.join(scratch, "up.err")

    # Life

    def begin(self, *options):
        """Starts the program without waiting for anything."""
        try:
            os.unlink(os.path.join(self.data, "address"))
        except OSError:
            pass
        port = [] if "--port" in options else ["--port", "0"]
        if "--database" not in self.options and (url := postgresql.Borrowed.url(self.data)):
            port += ["--database", url]
        with open(self.said, "ab") as said, open(self.logged, "ab") as logged:
            self.process = subprocess.Popen(
                [self.binary, *self.verb, "--data", self.data, *port, *self.options, *options],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=logged,
                start_new_session=True,
                cwd=self.scratch,
            )
        return self

    def start(self, *options):
        """Starts it and returns when it can be used."""
        self.begin(*options)
        eventually(lambda: self.address or self.process.poll() is not None, "the platform says its address")
        if not self.address:
            raise AssertionError(f"the platform ended with {self.process.returncode}: {self.log}")
        return self

    def kill9(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self, within=60):
        """Ends it politely and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def restart(self):
        """Starts it again after it ended."""
        return self.start()

    def wait(self, within=60):
        return self.process.wait(within)

    @property
    def launcher(self):
        """The process that is the parent of this platform's tasks; None when there is none."""
        return processes.launcher_of(self.data)

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    # What it says

    @property
    def address(self):
        try:
            with open(os.path.join(self.data, "address")) as file:
                return file.read().strip()
        except OSError:
            return None

    @property
    def token(self):
        with open(os.path.join(self.data, "admin.token")) as file:
            return file.read().strip()

    @property
    def authorities(self):
        """Whom to trust for it, where it has its own certificate."""
        return os.path.join(self.data, "tls", "ca.crt")

    @property
    def api(self):
        return API(self.address, self.token, self.authorities)

    @property
    def output(self):
        with open(self.said, errors="replace") as file:
            return file.read()

    @property
    def log(self):
        with open(self.logged, errors="replace") as file:
            return file.read()

    # Waiting

    def await_state(self, handle, *states, **options):
        """Waits until the task is in one of the states, and returns its record."""
        api = self.api

        def look():
            record = api.task(handle)
            return record if record["state"] in states else None

        try:
            return eventually(look, f"{handle} is {' or '.join(states)}", **options)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {api.task(handle)}") from None

    def await_end(self, handle, **options):
        return self.await_state(handle, *FINAL, **options)

    def await_output(self, handle, text, **options):
        """Waits until the task has written `text`, and returns all it has written to its standard output."""

        def look():
            written = self.apollo("task", "logs", handle).out
            return written if text in written else None

        return eventually(look, f"{handle} writes {text!r}", **options)
