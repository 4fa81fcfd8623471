"""Programs beside a task's own: by the command line, on a terminal, and over a WebSocket."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time
import urllib.parse

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.machines import Manager
from harness.websocket import BINARY as BYTES
from harness.websocket import CLOSE, Refused, WebSocket

IDLE = "echo ready; while :; do sleep 0.2; done"


def exec_path(task, *words, **options):
    query = [("command", word) for word in words] + list(options.items())
    return f"/api/v1/tasks/{task}/exec?{urllib.parse.urlencode(query)}"


def runs(marker):
    """Whether a process of the machine has the marker as an argument."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if marker.encode() in file.read().split(b"\0")[1:]:
                    return True
        except OSError:
            pass  # It has ended.
    return False


class Screen:
    """A command on a terminal of the test's own."""

    def __init__(self, cli, *words, columns=91, rows=17):
        self.master, end = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(end)
        self.end = end
        self.text = ""
        self.process = subprocess.Popen(
            [BINARY, *words],
            env={**cli.environment, "TERM": "xterm-256color"},
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, text):
        deadline = time.monotonic() + 60
        while text not in self.text:
            if time.monotonic() > deadline:
                raise AssertionError(f"'{text}' is not on the screen: {self.text!r}")
            if select.select([self.master], [], [], 0.2)[0]:
                self.text += os.read(self.master, 65536).decode(errors="replace")

    def finish(self):
        deadline = time.monotonic() + 60
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"it does not end: {self.text!r}")
            if select.select([self.master], [], [], 0.05)[0]:
                self.text += os.read(self.master, 65536).decode(errors="replace")
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.end)


class Exec(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.platform.api.shell(
            IDLE, name="web", environment={"COLOUR": "blue"}, workingDirectory="/tmp"
        )
        cls.platform.await_output("web", "ready")

    def exec(self, *words, stdin=subprocess.DEVNULL):
        process = self.apollo.start("task", "exec", *words, stdin=stdin)
        return process

    def open(self, *words, task="web", **options):
        socket = WebSocket(self.api, exec_path(task, *words, **options))
        self.addCleanup(socket.cut)
        return socket

    def test_it_has_the_variables_directory_streams_and_exit_code_of_the_program(self):
        outcome = self.apollo("task", "exec", "web", "--", "sh", "-c", "echo $COLOUR; pwd; echo bad >&2; exit 7")
        self.assertCode(outcome, 7)
        self.assertEqual((outcome.out, outcome.err), ("blue\n/tmp\n", "bad\n"))
        self.assertCode(self.apollo("task", "exec", "web", "--", "sh", "-c", "kill -9 $$"), 137)

    def test_input_and_output_of_any_size_come_through_as_they_are(self):
        given = os.urandom(3_000_000)
        path = self.scratch("given")
        with open(path, "wb") as file:
            file.write(given)
        with open(path, "rb") as file:
            process = self.exec("-i", "web", "--", "cat", stdin=file)
            out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, err), (0, b""))
        self.assertTrue(out == given)
        process = self.exec("-i", "web", "--", "sh", "-c", "cat; echo end", stdin=subprocess.PIPE)
        out, _ = process.communicate(b"piped\n", timeout=60)
        self.assertEqual(out, b"piped\nend\n")

    def test_without_input_it_finds_the_end_at_once(self):
        self.assertEqual(self.apollo("task", "exec", "web", "--", "sh", "-c", "cat; echo end").out, "end\n")

    def test_a_terminal_has_a_size_learns_of_another_and_is_as_before_afterwards(self):
        screen = Screen(self.apollo, "task", "exec", "-t", "web", "--", "sh")
        self.addCleanup(screen.close)
        screen.type("PS1=; stty size; echo $TERM; echo be''gun\n")
        screen.until("begun\r\n")
        self.assertSays(screen.text, "17 91\r\n", "xterm-256color\r\n")
        screen.resize(120, 40)
        screen.type("while [ \"$(stty size)\" != '40 120' ]; do sleep 0.05; done; echo re''sized\n")
        screen.until("resized\r\n")
        screen.type("sh -c \"echo sle''eping; exec sleep 1000\"\n")
        screen.until("sleeping\r\n")
        screen.type("\x03")
        screen.type("echo inter''rupted\n")
        screen.until("interrupted\r\n")
        screen.type("exit 5\n")
        self.assertEqual(screen.finish(), 5, screen.text)
        self.assertEqual(termios.tcgetattr(screen.end), screen.before)

    def test_the_terminal_is_as_before_after_a_failure_too(self):
        platform = self.make_platform().start()
        platform.api.shell(IDLE, name="web")
        platform.await_output("web", "ready")
        screen = Screen(platform.apollo, "task", "exec", "-t", "web", "--", "sh", "-c", "echo be''gun; sleep 1000")
        self.addCleanup(screen.close)
        screen.until("begun")
        self.assertNotEqual(termios.tcgetattr(screen.end), screen.before)
        platform.kill9()
        self.assertEqual(screen.finish(), 69, screen.text)
        self.assertEqual(termios.tcgetattr(screen.end), screen.before)
        other = Screen(self.apollo, "task", "exec", "-t", "web", "--", "sh", "-c", "echo be''gun; sleep 1000")
        self.addCleanup(other.close)
        other.until("begun")
        other.process.send_signal(signal.SIGTERM)
        self.assertNotEqual(other.finish(), 0)
        self.assertEqual(termios.tcgetattr(other.end), other.before)

    def test_what_cannot_be_run_says_why(self):
        for code, words, said in (
            (65, ("web", "--", "no-such-program"), "'no-such-program' is not on this host"),
            (65, ("-t", "web", "--", "sh"), "-t needs a terminal"),
            (66, ("nobody", "--", "true"), "no task 'nobody'"),
            (2, ("web",), "what to run is missing"),
        ):
            outcome = self.apollo("task", "exec", *words)
            self.assertCode(outcome, code)
            self.assertSays(outcome.err, said)
        done = self.api.shell("true")["name"]
        self.platform.await_end(done)
        outcome = self.apollo("task", "exec", done, "--", "true")
        self.assertCode(outcome, 67)
        self.assertSays(outcome.err, "does not run: completed")

    def test_it_ends_with_the_task(self):
        record = self.api.shell(IDLE)
        self.platform.await_output(record["name"], "ready")
        process = self.exec(record["name"], "--", "sh", "-c", "echo begun; exec sleep 1000")
        self.assertEqual(process.stdout.readline(), b"begun\n")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", record["name"]), 0)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 137)

    def test_it_ends_with_who_asked_for_it(self):
        marker = f"9{time.monotonic_ns() % 10**8}"
        process = self.exec("web", "--", "sh", "-c", f"echo begun; exec sleep {marker}")
        self.assertEqual(process.stdout.readline(), b"begun\n")
        # The shell says so before it becomes the program.
        eventually(lambda: runs(marker), "the program runs")
        process.kill()
        process.communicate(timeout=60)
        eventually(lambda: not runs(marker), "the program has ended")
        self.assertEqual(self.api.task("web")["state"], "running")

    def test_it_ends_with_the_platform_that_is_killed_and_the_task_goes_on(self):
        platform = self.make_platform().start()
        platform.api.shell(IDLE, name="web")
        platform.await_output("web", "ready")
        marker = f"8{time.monotonic_ns() % 10**8}"
        process = platform.apollo.start("task", "exec", "web", "--", "sh", "-c", f"echo begun; exec sleep {marker}")
        self.assertEqual(process.stdout.readline(), b"begun\n")
        platform.kill9()
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 69, err)
        eventually(lambda: not runs(marker), "the program has ended")
        platform.start()
        self.assertCode(platform.apollo("task", "exec", "web", "--", "true"), 0)

    # By a WebSocket

    def test_the_protocol_is_as_the_manual_has_it(self):
        socket = self.open("sh", "-c", "cat; echo err >&2; exit 3", stdin="true")
        self.assertEqual(socket.event(), {"event": "started"})
        socket.give(b"abc")
        self.assertEqual(socket.receive(), (BYTES, b"\x01abc"))
        socket.say(event="end")
        self.assertEqual(socket.receive(), (BYTES, b"\x02err\n"))
        self.assertEqual(socket.event(), {"event": "exit", "code": 3, "reason": "exit code 3"})
        self.assertEqual(socket.receive(), (CLOSE, b"\x03\xe8"))

    def test_a_terminal_over_a_websocket_takes_ctrl_c_and_sizes(self):
        socket = self.open("sh", tty="true", stdin="true", columns=100, rows=30)
        self.assertEqual(socket.event(), {"event": "started"})
        socket.say(event="resize", columns=111, rows=22)
        socket.give(b"trap 'stty size; exit 9' INT; echo be''gun; while :; do sleep 0.1; done\n")
        text = b""
        while b"begun\r\n" not in text:
            text += socket.receive()[1][1:]
        socket.give(b"\x03")
        while (message := socket.receive())[0] == BYTES:
            text += message[1][1:]
        self.assertIn(b"22 111", text)
        self.assertIn(b'"code":9', message[1])

    def test_what_makes_no_sense_is_refused_and_said(self):
        for status, path in (
            (400, "/api/v1/tasks/web/exec"),
            (400, exec_path("web", "")),
            (400, exec_path("web", "sh", columns=0)),
            (400, exec_path("web", "sh", tty="maybe")),
            (404, exec_path("nobody", "sh")),
        ):
            with self.assertRaises(Refused, msg=path) as refused:
                WebSocket(self.api, path)
            self.assertEqual(refused.exception.status, status, refused.exception)
        self.assertProblem(self.api.get(exec_path("web", "sh")), 400, "invalid", "over a WebSocket")
        for text in ("nonsense", '{"event":"dance"}', '{"event":"resize","columns":0,"rows":5}', '{"event":"resize"}'):
            socket = self.open("cat", stdin="true")
            self.assertEqual(socket.event(), {"event": "started"})
            socket.send(1, text.encode())
            self.assertEqual(socket.event()["kind"], "invalid", text)
        socket = self.open("no-such-program")
        event = socket.event()
        self.assertEqual((event["event"], event["kind"]), ("error", "invalid"))

    def test_it_takes_the_right_to_write_and_beside_executables_that_to_manage_nodes(self):
        user = self.unique("u")
        self.assertCode(self.apollo("user", "create", "--service", user), 0)
        answer = self.api.post("/api/v1/tokens", json={"user": user, "note": "exec"})
        token = answer.json()["token"]
        for grant, said in ((None, "404"), ("read", "403"), ("write", "administrators")):
            if grant:
                self.assertCode(self.apollo("grant", "add", user, grant, "task://local/default/default"), 0)
            with self.assertRaises(Refused) as refused:
                WebSocket(self.api, exec_path("web", "id"), token=token)
            self.assertIn(said, f"{refused.exception.status} {refused.exception.body}")
        with self.assertRaises(Refused) as refused:
            WebSocket(self.api, exec_path("web", "id"), token=None)
        self.assertEqual(refused.exception.status, 401)

    def test_the_command_is_in_the_audit_record_and_what_was_typed_is_not(self):
        socket = self.open("sh", "-c", "cat # audited here", stdin="true")
        self.assertEqual(socket.event(), {"event": "started"})
        socket.give(b"hunter2")
        socket.say(event="end")
        while socket.receive()[0] != CLOSE:
            pass
        records = self.api.get("/api/v1/audit?action=execTask&limit=100").json()["items"]
        (record,) = [record for record in records if "audited here" in record["reason"]]
        self.assertEqual(record["resource"], "task://local/default/default/web")
        self.assertEqual(record["reason"], "command: sh -c 'cat # audited here'")
        self.assertNotIn("hunter2", str(records))


class ExecLimits(ApolloTestCase):
    own_platform = True

    def test_there_are_so_many_at_once_and_a_silent_one_is_ended(self):
        platform = self.make_platform(
            env={"APOLLO_TASKS_EXEC_SESSIONS": "1", "APOLLO_TASKS_EXEC_IDLE": "2s"}
        ).start()
        platform.api.shell(IDLE, name="web")
        platform.await_output("web", "ready")
        first = WebSocket(platform.api, exec_path("web", "sleep", "1000"))
        self.assertEqual(first.event(), {"event": "started"})
        second = WebSocket(platform.api, exec_path("web", "true"))
        self.assertEqual(second.event()["kind"], "exhausted")
        event = first.event()
        self.assertEqual(event["kind"], "deadline")
        self.assertSays(event["message"], "2s")
        self.assertEqual(first.receive()[0], CLOSE)
        third = WebSocket(platform.api, exec_path("web", "true"))
        self.assertEqual(third.event(), {"event": "started"})


class ExecElsewhere(ApolloTestCase):
    """On a worker that is a process of its own."""

    own_platform = True
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=cls.directory), lease="3s").start()
        cls.worker = cls.platform.worker("one").start()
        cls.platform.api.shell(IDLE, name="web", environment={"COLOUR": "blue"})
        cls.platform.await_output("web", "ready")

    def test_it_goes_to_the_tasks_node(self):
        outcome = self.apollo("task", "exec", "web", "--", "sh", "-c", "echo $COLOUR; echo bad >&2; exit 7")
        self.assertCode(outcome, 7)
        self.assertEqual((outcome.out, outcome.err), ("blue\n", "bad\n"))
        outcome = self.apollo("task", "exec", "web", "--", "no-such-program")
        self.assertCode(outcome, 65)
        self.assertSays(outcome.err, "is not on this host")
        process = self.apollo.start("task", "exec", "-i", "web", "--", "cat", stdin=subprocess.PIPE)
        given = os.urandom(2_000_000)
        out, _ = process.communicate(given, timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertTrue(out == given)

    def test_output_without_end_and_without_a_reader_costs_no_heartbeats(self):
        socket = WebSocket(self.api, exec_path("web", "cat", "/dev/zero"))
        self.addCleanup(socket.cut)
        self.assertEqual(socket.event(), {"event": "started"})
        process = self.apollo.start("task", "exec", "web", "--", "cat", "/dev/zero", stdout=subprocess.DEVNULL)
        before = self.worker.node
        # Over several leases, one reader takes all there is and another takes nothing.
        end = time.monotonic() + 8
        while time.monotonic() < end:
            self.assertEqual(self.worker.state, "ready")
            time.sleep(0.1)
        self.assertIsNone(process.poll())
        process.kill()
        process.communicate(timeout=60)
        self.assertEqual(self.worker.node["id"], before["id"])
        self.assertEqual(self.api.task("web")["attempts"][-1]["number"], 1)

    def test_it_ends_with_who_asked_for_it_and_with_the_worker(self):
        for end in ("client", "worker"):
            marker = f"7{time.monotonic_ns() % 10**8}"
            process = self.apollo.start("task", "exec", "web", "--", "sh", "-c", f"echo begun; exec sleep {marker}")
            self.assertEqual(process.stdout.readline(), b"begun\n")
            if end == "client":
                process.kill()
                process.communicate(timeout=60)
            else:
                self.worker.kill9()
                _, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 69, err)
                self.worker.start()
            eventually(lambda: not runs(marker), f"the program has ended with the {end}")
        eventually(
            lambda: self.apollo("task", "exec", "web", "--", "true").code == 0, "the worker runs programs again"
        )
