"""How tasks find each other, as docs/services.md says: DNS on the machine that runs them, and over HTTP."""

import contextlib
import json
import os
import random
import socket
import struct
import tempfile

from harness import ApolloTestCase, eventually, needs
from harness.case import BINARY
from harness.dns import address_of, dig, question, udp
from harness.machines import Manager

JOB = """
name: {name}
tasks:
  - name: server
    instances: {instances}
    executable: /bin/sleep
    command: ["1000"]
    ports: [{{name: http, container: 80, address: "{address}"}}]
  - name: quiet
    instances: 1
    executable: /bin/sleep
    command: ["1000"]
"""


class ServiceTestCase(ApolloTestCase):
    def run_job(self, name, *options, instances=2, address="127.0.0.1"):
        path = self.scratch("job.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(JOB.format(name=name, instances=instances, address=address))
        self.assertCode(self.apollo("job", "run", "-f", path, "--wait", *options), 0)
        return name

    def endpoints(self, job, project="default"):
        return self.api.get(f"/api/v1/services/{job}?project={project}").json()["endpoints"]

    def ports(self, job, project="default"):
        return sorted(port["port"] for endpoint in self.endpoints(job, project) for port in endpoint["ports"])


@needs.program("dig")
class Services(ServiceTestCase):
    weight = 2

    @classmethod
    def make_platform(cls, *options, **settings):
        env = {"APOLLO_DNS_FORWARD": "off"}
        return super().make_platform("--dns", "127.0.0.1:0", *options, env=env, **settings)

    @property
    def server(self):
        return address_of(self.platform.data)

    def test_a_job_is_found_by_its_name_and_its_ports_by_theirs(self):
        job = self.run_job(self.unique("web"))
        eventually(lambda: len(self.endpoints(job)) == 3, "all of it answers")
        answer = dig(self.server, f"{job}.apollo.internal")
        self.assertEqual((answer.status, answer.data("A")), ("NOERROR", ["127.0.0.1"]))
        self.assertIn("aa", answer.flags)
        self.assertLessEqual(int(answer.records[0][1]), 2)
        for name in (f"_http._tcp.{job}", f"_80._tcp.server.{job}", f"_http._tcp.{job}.default.project"):
            found = dig(self.server, f"{name}.apollo.internal", "SRV", "+noall", "+answer")
            self.assertEqual(sorted(int(data.split()[2]) for data in found.data("SRV")), self.ports(job), name)
        target = found.data("SRV")[0].split()[3]
        self.assertEqual(dig(self.server, target).data("A"), ["127.0.0.1"])
        self.assertEqual(dig(self.server, f"quiet.{job}.apollo.internal", "AAAA").status, "NOERROR")
        self.assertEqual(dig(self.server, f"other.{job}.apollo.internal").status, "NXDOMAIN")
        # What ends is told no more.
        self.assertCode(self.apollo("job", "scale", job, "1", "--task", "server"), 0)
        eventually(lambda: len(self.ports(job)) == 1, "one is left")
        found = dig(self.server, f"_http._tcp.{job}.apollo.internal", "SRV")
        self.assertEqual([int(data.split()[2]) for data in found.data("SRV")], self.ports(job))
        self.assertCode(self.apollo("job", "stop", job), 0)
        eventually(lambda: dig(self.server, f"{job}.apollo.internal").status == "NXDOMAIN", "it is gone")

    def test_two_projects_do_not_meet(self):
        job, project = self.unique("web"), self.unique("team")
        self.assertCode(self.apollo("project", "create", project), 0)
        self.run_job(job, instances=1)
        self.run_job(job, "--project", project, instances=2)
        eventually(lambda: len(self.ports(job)) == 1 and len(self.ports(job, project)) == 2, "both answer")
        for name, wanted in ((job, self.ports(job)), (f"{job}.{project}.project", self.ports(job, project))):
            found = dig(self.server, f"_http._tcp.{name}.apollo.internal", "SRV")
            self.assertEqual(sorted(int(data.split()[2]) for data in found.data("SRV")), wanted)
        said = self.apollo("service", "ls", "--project", project)
        self.assertSays(said.out, f"{job}.{project}.project.apollo.internal", "3/3")

    def test_the_command_line_resolves_and_says_what_is_not_there(self):
        job = self.run_job(self.unique("web"))
        eventually(lambda: len(self.endpoints(job)) == 3, "all of it answers")
        self.assertSays(self.apollo("service", "ls").out, job, f"{job}.apollo.internal", "3/3")
        said = self.apollo("service", "resolve", job)
        self.assertCode(said, 0)
        self.assertSays(said.out, f"{job}-server", *(f"http 127.0.0.1:{port}" for port in self.ports(job)))
        one = self.apollo("service", "resolve", f"quiet.{job}.apollo.internal", "-o", "json")
        self.assertEqual([endpoint["task"] for endpoint in one.json()["endpoints"]], ["quiet"])
        self.assertCode(self.apollo("service", "resolve", "nothing"), 66)
        self.assertCode(self.apollo("service", "resolve", "a b"), 2)
        self.assertCode(self.apollo("service", "resolve", f"other.{job}"), 69)
        self.assertProblem(self.api.get("/api/v1/services/nothing"), 404, "not_found", "apollo service ls")

    def test_a_process_is_told_where_to_ask(self):
        said = self.apollo(
            "task", "run", "--exec", "/bin/sh", "--", "-c", "echo $APOLLO_DNS $APOLLO_DNS_DOMAIN"
        )
        self.assertEqual(said.out, f"{self.server} default.project.apollo.internal\n")

    def test_changes_are_followed(self):
        job = self.run_job(self.unique("web"), instances=1)
        with contextlib.closing(self.api.connect(60)) as connection:
            connection.request("GET", f"/api/v1/services/{job}/watch", headers=self.api.headers())
            response = connection.getresponse()

            def await_endpoints(count):
                while line := response.readline():
                    if line.startswith(b"data: "):
                        if len(json.loads(line.removeprefix(b"data: "))["endpoints"]) == count:
                            return
                raise AssertionError(f"it ended before there were {count}")

            await_endpoints(2)
            self.assertCode(self.apollo("job", "scale", job, "2", "--task", "server"), 0)
            await_endpoints(3)

    def test_long_answers_are_cut_and_asked_for_again_by_tcp(self):
        job = self.run_job(self.unique("web"), instances=40)
        eventually(lambda: len(self.ports(job)) == 40, "all answer")
        name = f"_http._tcp.{job}.apollo.internal"
        cut = dig(self.server, name, "SRV", "+ignore", "+noedns")
        self.assertIn("tc", cut.flags)
        self.assertLess(len(cut.data("SRV")), 40)
        for option in ("+notcp", "+tcp"):
            self.assertEqual(len(dig(self.server, name, "SRV", option).data("SRV")), 40)

    def test_other_names_are_refused_where_that_is_set(self):
        self.assertEqual(dig(self.server, "example.org").status, "REFUSED")
        self.assertEqual(dig(self.server, "apollo.internal", "SOA").status, "NOERROR")
        self.assertEqual(dig(self.server, "apollo.internal", "AXFR", "+noall", "+answer").records, [])
        self.assertEqual(dig(self.server, "apollo.internal", "A", "+edns=1", "+noednsneg").status, "BADVERS")
        self.assertEqual(dig(self.server, "apollo.internal", "A", "-c", "CH").status, "REFUSED")

    def test_hostile_bytes_stop_nothing(self):
        chance = random.Random(20)
        good = question("x.apollo.internal")
        with udp(self.server) as talk:
            for _ in range(2000):
                bad = bytearray(good)
                for _ in range(chance.randrange(1, 6)):
                    bad[chance.randrange(len(bad))] = chance.randrange(256)
                talk.send(bytes(bad[: chance.randrange(len(bad) + 1)]))
            # A name that points to itself.
            talk.send(struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1")
            # The queue of a socket is bounded: the question itself may be lost, or its answer.
            talk.settimeout(1)

            def answered():
                talk.send(question("y.apollo.internal", identifier=0xABCD))
                with contextlib.suppress(TimeoutError):
                    while answer := talk.recv(4096):
                        if answer[:2] == b"\xab\xcd" and b"\1y\6apollo" in answer:
                            return answer
                return None

            answer = eventually(answered, "the next question is answered")
        self.assertEqual(answer[3] & 0xF, 3)
        host, port = self.server.rsplit(":", 1)
        # More connections than it takes at once, each with half a question.
        held = [socket.create_connection((host, int(port)), timeout=20) for _ in range(200)]
        for each in held:
            try:
                each.sendall(b"\0\xff\0")
            except OSError:
                pass  # One too many: it is closed on.
        self.assertEqual(dig(self.server, "apollo.internal", "SOA").status, "NOERROR")
        for each in held:
            each.close()
        self.assertTrue(self.platform.is_running)
        eventually(
            lambda: dig(self.server, "apollo.internal", "SOA", "+tcp").status == "NOERROR", "connections are free again"
        )


class Forwarding(ServiceTestCase):
    """A name server of the test's own as the one that knows everything else."""

    @classmethod
    def setUpClass(cls):
        cls.upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        cls.upstream.bind(("127.0.0.1", 0))
        cls.upstream.settimeout(20)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        cls.upstream.close()
        super().tearDownClass()

    @classmethod
    def make_platform(cls, *options, **settings):
        env = {"APOLLO_DNS_FORWARD": f"127.0.0.1:{cls.upstream.getsockname()[1]}"}
        return super().make_platform("--dns", "127.0.0.1:0", *options, env=env, **settings)

    def test_other_names_are_asked_elsewhere_and_ours_never(self):
        server = address_of(self.platform.data)
        with udp(server) as talk:
            talk.send(question("a.apollo.internal", identifier=1))
            self.assertEqual(talk.recv(4096)[3] & 0xF, 3)
            talk.send(question("example.org", identifier=0x7777))
            asked, sender = self.upstream.recvfrom(4096)
            self.assertIn(b"\7example\3org\0", asked)
            self.upstream.sendto(asked[:2] + b"\x81\x83" + asked[4:], sender)
            answer = talk.recv(4096)
        self.assertEqual((answer[:2], answer[3] & 0xF), (b"\x77\x77", 3))


class WrongSettings(ApolloTestCase):
    own_platform = True

    def test_what_cannot_be_is_said(self):
        for name, value, words in (
            ("APOLLO_DNS_LISTEN", "0.0.0.0:53", ("dns.listen", "one by one")),
            ("APOLLO_DNS_LISTEN", "localhost", ("dns.listen", "127.0.0.1:7075")),
            ("APOLLO_DNS_LISTEN", "192.0.2.1:5353", ("192.0.2.1:5353", "address of this machine")),
            ("APOLLO_DNS_FORWARD", "nobody", ("dns.forward", "system, off")),
            ("APOLLO_DNS_TTL", "2h", ("dns.ttl", "an hour")),
            ("APOLLO_DOCKER_DNS", "172.17.0.1:53", ("docker.dns", "always 53")),
            ("APOLLO_NODE_ADDRESS", "worker-1", ("node.address", "10.0.0.2")),
        ):
            with self.subTest(setting=name, value=value):
                env = {"APOLLO_DNS_LISTEN": "127.0.0.1:0", name: value}
                platform = self.make_platform(env=env).begin()
                self.assertNotEqual(platform.wait(), 0)
                self.assertSays(platform.log, *words)


@needs.program("dig")
class ServicesOfMachines(ServiceTestCase):
    """Two workers: each answers for what runs on the other."""

    own_platform = True
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=cls.directory), lease="6s").start()
        cls.workers = [cls.platform.worker(name, "--dns", "127.0.0.1:0").start() for name in ("one", "two")]

    def server(self, worker):
        return address_of(os.path.join(worker.data, "worker"))

    def found(self, worker, job):
        answer = dig(self.server(worker), f"_http._tcp.{job}.apollo.internal", "SRV")
        return sorted(int(data.split()[2]) for data in answer.data("SRV"))

    def test_every_worker_knows_all_and_what_changes_and_keeps_it_while_the_manager_is_away(self):
        job = self.run_job(self.unique("web"), instances=4, address="0.0.0.0")
        eventually(lambda: len(self.ports(job)) == 4, "all answer")
        for worker in self.workers:
            eventually(lambda: self.found(worker, job) == self.ports(job), f"{worker.name} knows them")
        self.assertCode(self.apollo("job", "scale", job, "2", "--task", "server"), 0)
        eventually(lambda: len(self.ports(job)) == 2, "two are left")
        left = self.ports(job)
        for worker in self.workers:
            eventually(lambda: self.found(worker, job) == left, f"{worker.name} knows what is left")
        port = self.platform.address.rsplit(":", 1)[1]
        self.platform.kill9()
        self.assertEqual([self.found(worker, job) for worker in self.workers], [left, left])
        self.platform.start("--port", port)
        for worker in self.workers:
            worker.ready()
            eventually(lambda: self.found(worker, job) == left, f"{worker.name} knows them still")

    def test_a_worker_that_was_never_told_says_so_rather_than_that_there_is_nothing(self):
        alone = self.platform.worker("three", "--dns", "127.0.0.1:0").start()
        alone.terminate()
        port = self.platform.address.rsplit(":", 1)[1]
        self.platform.kill9()
        alone.begin()
        eventually(lambda: self.server(alone), "it answers")
        self.assertEqual(dig(self.server(alone), "web.apollo.internal").status, "SERVFAIL")
        self.platform.start("--port", port)
        alone.ready()
        eventually(lambda: dig(self.server(alone), "web.apollo.internal").status == "NXDOMAIN", "it was told")
