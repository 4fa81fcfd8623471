"""A PostgreSQL server of the tests' own: a real one, in a temporary directory, by a user without rights, on a socket.

As a program it serves tests in other languages: it prints the address of the server when that can be used, then does
what it reads, a line each, and answers `ok` or `error: …`; at the end of its input the server ends and its directory
is gone.

    create NAME    an empty database
    kill           kill -9 of the whole server
    stop           an orderly end, without waiting for clients
    start          starts it again
    pause, resume  SIGSTOP and SIGCONT to the whole server
    sql NAME TEXT  what psql answers
"""

import glob
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def programs():
    """The directory of the newest server's programs that is installed; None where there is none."""
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    found.sort(key=lambda path: int(path.split("/")[4]) if path.split("/")[4].isdigit() else 0)
    return os.path.dirname(found[-1]) if found else None


def missing():
    """Why no server can run here, or None."""
    if programs() is None:
        return "PostgreSQL is not installed"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "PostgreSQL refuses to run as root, and setpriv is not installed"
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgreSQL:
    """Starts when it is made. `tcp` has it listen on loopback, too; `durable` has it wait for the disk, as it does by
    itself."""

    USER = "apollo"

    def __init__(self, tcp=False, durable=False, settings=()):
        self.bin = programs()
        self.directory = tempfile.mkdtemp(prefix="apollo-pg-", dir="/tmp")
        self.data = os.path.join(self.directory, "data")
        self.tcp_port = free_port() if tcp else None
        self.port = self.tcp_port or 5432
        self.settings = list(settings) + ([] if durable else ["fsync=off"])
        self.process = None
        self.prefix = []
        os.chmod(self.directory, 0o711)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)
            self.prefix = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        # Text in another order than by its bytes: what Apollo stores must not depend on it.
        self.run(
            "initdb", "-D", self.data, "-U", self.USER, "-A", "trust", "-E", "UTF8", "--no-sync",
            "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en",
        )
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def run(self, name, *arguments, check=True):
        done = subprocess.run(
            [*self.prefix, os.path.join(self.bin, name), *arguments],
            capture_output=True, text=True, timeout=120, check=False, cwd=self.directory, stdin=subprocess.DEVNULL,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"{name} failed: {done.stderr.strip()}")
        return done

    def url(self, name):
        return f"postgres://{self.USER}@/{name}?host={self.directory}&port={self.port}"

    def tcp_url(self, name, host="127.0.0.1", port=None):
        return f"postgres://{self.USER}@{host}:{port or self.tcp_port}/{name}"

    def start(self):
        options = ["-c", f"unix_socket_directories={self.directory}", "-c", f"port={self.port}"]
        options += ["-c", f"listen_addresses={'127.0.0.1' if self.tcp_port else ''}"]
        for setting in ["max_connections=400", *self.settings]:
            options += ["-c", setting]
        deadline = time.monotonic() + 60
        while True:
            with open(os.path.join(self.directory, "log"), "ab") as log:
                self.process = subprocess.Popen(
                    [*self.prefix, os.path.join(self.bin, "postgres"), "-D", self.data, *options],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                )
            while self.process.poll() is None and time.monotonic() < deadline:
                ready = self.run("pg_isready", "-q", "-h", self.directory, "-p", str(self.port), check=False)
                if ready.returncode == 0:
                    return
                time.sleep(0.02)
            # After a kill its memory may be in use for a moment by what has not noticed yet.
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server does not start: {self.log[-2000:]}")
            time.sleep(0.1)

    @property
    def log(self):
        with open(os.path.join(self.directory, "log"), errors="replace") as file:
            return file.read()

    def create(self, name):
        self.sql("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def sql(self, name, text):
        done = self.run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-p", str(self.port),
            "-U", self.USER, "-d", name, "-c", text,
        )
        return done.stdout.strip()

    def everyone(self):
        """The server's processes."""
        found, parents = [], {self.process.pid}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    with open(f"/proc/{name}/stat", "rb") as file:
                        parent = int(file.read().rpartition(b")")[2].split()[1])
                except OSError:
                    continue
                if parent in parents:
                    found.append(int(name))
        return [self.process.pid, *found]

    def signal(self, number):
        for pid in self.everyone():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.resume()
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class Borrowed:
    """The server that the whole run has for its platforms, as `directory:port` says."""

    VARIABLE = "APOLLO_TEST_SERVER"

    @classmethod
    def url(cls, directory):
        """The address of the database for the platform on `directory`; None where the run has no server."""
        place = os.environ.get(cls.VARIABLE)
        if not place:
            return None
        socket_directory, port = place.split(":")
        name = "p" + hashlib.sha256(os.path.abspath(directory).encode()).hexdigest()[:20]
        options = ["-h", socket_directory, "-p", port, "-U", PostgreSQL.USER]
        psql = [os.path.join(programs(), "psql"), "-X", "-q", "-A", "-t", *options, "-d", "postgres", "-c"]
        found = subprocess.run([*psql, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"], capture_output=True)
        if found.stdout.strip() != b"1":
            subprocess.run([*psql, f"CREATE DATABASE {name}"], check=True, timeout=60)
        return f"postgres://{PostgreSQL.USER}@/{name}?host={socket_directory}&port={port}"


def serve():
    reason = missing()
    if reason:
        print(f"skip: {reason}", flush=True)
        return
    # Its end is the end of its input, which comes whatever happens to who started it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    server = PostgreSQL(durable="--durable" in sys.argv)
    try:
        print(server.url("NAME"), flush=True)
        for line in sys.stdin:
            verb, _, rest = line.strip().partition(" ")
            try:
                if verb == "sql":
                    name, _, text = rest.partition(" ")
                    server.sql(name, text)
                elif verb == "create":
                    server.create(rest)
                elif verb in ("kill", "stop", "start", "pause", "resume"):
                    getattr(server, verb)()
                else:
                    raise ValueError(f"no such command: {verb}")
                print("ok", flush=True)
            except Exception as error:  # the other side decides what it means
                print(f"error: {error}".replace("\n", " "), flush=True)
    except BrokenPipeError:
        pass
    finally:
        server.close()


if __name__ == "__main__":
    serve()
