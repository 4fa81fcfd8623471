"""A NATS server of the tests' own: a real one, on a free port of loopback.

As a program it serves tests in other languages: it prints the address of the server when that can be used, then does
what it reads, a line each, and answers `ok` or `error: …`; at the end of its input the server ends.

    kill           kill -9
    stop           an orderly end
    start          starts it again, at the same address
    pause, resume  SIGSTOP and SIGCONT

    --token TOKEN            clients have to say it
    --tls CERTIFICATE KEY    it speaks TLS
    --verify AUTHORITIES     clients have to show a certificate
"""

import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM = "/usr/sbin/nats-server"


def missing():
    """Why no server can run here, or None."""
    return None if os.access(PROGRAM, os.X_OK) else "nats-server is not installed"


class NATS:
    """Starts when it is made."""

    def __init__(self, token=None, tls=None, verify=None, configuration=None):
        self.directory = tempfile.mkdtemp(prefix="apollo-nats-", dir="/tmp")
        self.scheme, self.host = ("tls", "localhost") if tls else ("nats", "127.0.0.1")
        self.options = ["--auth", token] if token else []
        if tls:
            self.options += ["--tls", "--tlscert", tls[0], "--tlskey", tls[1]]
        if verify:
            self.options += ["--tlsverify", "--tlscacert", verify]
        if configuration:
            path = os.path.join(self.directory, "server.conf")
            with open(path, "w") as file:
                file.write(configuration)
            self.options += ["-c", path]
        # The first time it takes a port that is free.
        self.port = -1
        self.process = None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def url(self):
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def log(self):
        with open(os.path.join(self.directory, "log"), errors="replace") as file:
            return file.read()

    def start(self):
        ports = os.path.join(self.directory, "ports")
        os.makedirs(ports, exist_ok=True)
        for path in glob.glob(os.path.join(ports, "*")):
            os.unlink(path)
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "-a", "127.0.0.1", "-p", str(self.port), "--ports_file_dir", ports, *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server does not start: {self.log[-2000:]}")
            for path in glob.glob(os.path.join(ports, "*.ports")):
                with open(path) as file:
                    text = file.read()
                if text.strip():
                    self.port = int(json.loads(text)["nats"][0].rpartition(":")[2])
                    return self.answering(deadline)
            time.sleep(0.01)
        raise RuntimeError(f"the server does not start: {self.log[-2000:]}")

    def answering(self, deadline):
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
                    if probe.recv(4) == b"INFO":
                        return
            except OSError:
                pass
            time.sleep(0.01)
        raise RuntimeError("the server does not answer")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


def options(words):
    found, words = {}, list(words)
    while words:
        word = words.pop(0)
        if word == "--token":
            found["token"] = words.pop(0)
        elif word == "--tls":
            found["tls"] = (words.pop(0), words.pop(0))
        elif word == "--verify":
            found["verify"] = words.pop(0)
        else:
            raise ValueError(f"no such option: {word}")
    return found


def serve():
    reason = missing()
    if reason:
        print(f"skip: {reason}", flush=True)
        return
    # Its end is the end of its input, which comes whatever happens to who started it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    server = NATS(**options(sys.argv[1:]))
    try:
        print(server.url, flush=True)
        for line in sys.stdin:
            try:
                if line.strip() not in ("kill", "stop", "start", "pause", "resume"):
                    raise ValueError(f"no such command: {line.strip()}")
                getattr(server, line.strip())()
                print("ok", flush=True)
            except Exception as error:  # the other side decides what it means
                print(f"error: {error}".replace("\n", " "), flush=True)
    except BrokenPipeError:
        pass
    finally:
        server.close()


if __name__ == "__main__":
    serve()
