"""docs/operate/failover.md, "Try it on one machine": line by line, as it stands there, with Debian's PostgreSQL."""

import os
import re
import select
import subprocess
import time
import unittest

from harness import ApolloTestCase, needs
from harness.case import BINARY, ROOT
from test_machines import can_make_namespaces

# A machine for the reader alone: its own /tmp, network and PostgreSQL, as Debian sets that up.
SURROUNDINGS = """
set -e
ip link set lo up
mount -t tmpfs own /mnt
touch /mnt/apollo
mount --bind {binary} /mnt/apollo
for place in /tmp /etc/postgresql /var/lib/postgresql /var/log/postgresql /run/postgresql; do
    mount -t tmpfs own $place
done
chown postgres: /var/lib/postgresql /var/log/postgresql /run/postgresql
chmod 1777 /tmp
cd /tmp
pg_createcluster --start {version} main >/dev/null
set +e
"""


def page():
    """The lines to type, and the file to save, of the section."""
    with open(os.path.join(ROOT, "docs", "operate", "failover.md"), encoding="utf-8") as file:
        section = file.read().split("## Try it on one machine\n")[1].split("\n## ")[0]
    saved = re.search(r"in `(\S+)`:\n\n```yaml\n(.*?)```", section, re.S)
    typed = re.sub(r"```.*?```", "", section, flags=re.S)
    lines = [line[4:] for line in typed.splitlines() if line.startswith("    ")]
    return lines, saved.group(1), saved.group(2)


class Terminal:
    """A shell that lines are typed into."""

    def __init__(self, environment, directory):
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--net", "bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=environment, cwd=directory, start_new_session=True,
        )
        self.mark = f"done-{os.urandom(6).hex()}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def type(self, line, within=60):
        """Types it, and returns its exit code and what was printed until it ended."""
        self.process.stdin.write(f"{line}\necho {self.mark} $?\n".encode())
        self.process.stdin.flush()
        said, deadline = b"", time.monotonic() + within
        while not (found := re.search(rb"%s (\d+)\n" % self.mark.encode(), said)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise AssertionError(f"'{line}' does not end: {said.decode(errors='replace')[-4000:]}")
            said += piece
        return int(found.group(1)), said[: found.start()].decode(errors="replace")


@needs.program("pg_createcluster")
@needs.program("openssl")
@unittest.skipUnless(can_make_namespaces(), "needs root and network namespaces")
class FailoverManual(ApolloTestCase):
    own_platform = True
    weight = 6

    def test_three_workers_and_two_managers_on_one_machine(self):
        lines, saved, text = page()
        version = max(os.listdir("/usr/lib/postgresql"), key=lambda name: float(name))
        path = "/mnt:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        terminal = Terminal({"PATH": path, "HOME": "/root", "LANG": "C.UTF-8"}, self.directory)
        self.addCleanup(terminal.close)
        self.addCleanup(terminal.type, f"pg_ctlcluster --mode immediate {version} main stop")
        code, said = terminal.type(SURROUNDINGS.format(binary=BINARY, version=version))
        self.assertEqual(code, 0, said)
        code, said = terminal.type(f"cat > {saved} <<'END'\n{text}END")
        self.assertEqual(code, 0, said)
        self.killed, self.listed = [], 0
        for line in lines:
            with self.subTest(line=line):
                code, said = terminal.type(line)
                self.assertEqual(code, 0, said)
                self.look(line, said)
                for condition in self.awaited(line):
                    code, said = terminal.type(f"until {condition}; do sleep 0.1; done")
        self.assertGreater(len(lines), 30)
        self.assertEqual((self.killed, self.listed), (["m1", "w1"], 3))

    def awaited(self, line):
        """What the reader waits to see before the next line."""
        ready = "apollo node ls --data /tmp/m1 | grep -qE '^{} +ready'"
        processes = "[ $(pgrep --count --exact sleep --nslist mnt --ns $$) {} ]"
        job = "apollo job status web --output json | grep -q '\"ready\" : {}'"
        if found := re.match(r"apollo manager --data (\S+)", line):
            yield f"[ -s {found.group(1)}/address ]"
        elif found := re.match(r"apollo worker --data \S+ --name (\S+)", line):
            yield ready.format(found.group(1))
            if self.killed[-1:] == ["w1"]:
                # Once the worker is back, one copy is left: there are as many processes as instances.
                yield processes.format("-eq 4")
        elif line == "kill -9 $w1":
            yield "apollo node ls | awk '/^w[23] +ready/ { n += $3 } END { exit n != 4 }'"
            yield job.format(4)
            yield processes.format("-gt 4")
        elif line.startswith("apollo job scale"):
            yield job.format(4)

    def look(self, line, said):
        """What a command shows."""
        if found := re.match(r"kill -9 \$(\S+)", line):
            self.killed.append(found.group(1))
        elif line == "apollo node ls --managers":
            roles = dict(re.findall(r"^(m\d) +(leader|standby|absent)", said, re.M))
            self.assertEqual(roles["m2"], "leader" if self.killed else "standby", said)
            self.assertEqual(roles["m1"] == "leader", not self.killed, said)
        elif line == "apollo node ls":
            self.listed += 1
            states = dict(re.findall(r"^(w\d) +(ready|lost) +\d", said, re.M))
            one = {1: "ready", 2: "lost", 3: "ready"}[self.listed]
            self.assertEqual(states, {"w1": one, "w2": "ready", "w3": "ready"}, said)
        elif line == "apollo job status web":
            self.assertSays(said, "3 of 3 are ready" if not self.killed else " of 4")
