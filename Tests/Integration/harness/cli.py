"""The command line, run as a user would."""

import json
import os
import signal
import subprocess

PATIENCE = 60.0


class Outcome:
    """How a command ended: its exit code (-N for a signal), and what it wrote."""

    def __init__(self, words, code, out, err):
        self.words, self.code, self.raw_out, self.raw_err = words, code, out, err

    @property
    def out(self):
        return self.raw_out.decode(errors="replace")

    @property
    def err(self):
        return self.raw_err.decode(errors="replace")

    def json(self):
        return json.loads(self.raw_out)

    def __repr__(self):
        return f"{self.words} -> {self.code}\nstdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}"


class CommandLine:
    """Runs `apollo` in a small environment of its own, which points to one data directory."""

    def __init__(self, binary, scratch, data=None):
        self.binary, self.scratch = binary, scratch
        home = os.path.join(scratch, "home")
        tools = os.path.join(scratch, "bin")
        os.makedirs(home, exist_ok=True)
        os.makedirs(tools, exist_ok=True)
        link = os.path.join(tools, "apollo")
        if not os.path.lexists(link):
            os.symlink(binary, link)
        self.environment = {
            "PATH": f"{tools}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": home,
            "LANG": "C.UTF-8",
            "TERM": "dumb",
        }
        if data:
            self.environment["APOLLO_DATA_DIRECTORY"] = data

    def start(self, *words, env=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE):
        """Starts a command in a process group of its own and returns at once."""
        return subprocess.Popen(
            [self.binary, *words],
            env={**self.environment, **(env or {})},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            cwd=self.scratch,
        )

    def __call__(self, *words, env=None, within=PATIENCE):
        return self._finish(words, self.start(*words, env=env), within)

    def shell(self, line, env=None, within=PATIENCE):
        """Runs a line of the manual as it stands there, by bash."""
        process = subprocess.Popen(
            ["bash", "-c", line],
            env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=self.scratch,
        )
        return self._finish(line, process, within)

    def _finish(self, words, process, within):
        try:
            out, err = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            # With all that it started: whoever holds the pipes would keep us waiting.
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(
                f"{words} did not end within {within:g} s\nstdout: {out[-2000:]!r}\nstderr: {err[-2000:]!r}"
            ) from None
        return Outcome(words, process.returncode, out, err)
