"""The platform called by gRPC, by Python's `grpcio`."""

import json
import os
import signal
import subprocess

from harness import eventually
from harness.tools import python_tools
from test_identity import IdentityCase
from test_tracing import PARENT, Collector

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rpc_peer.py")
TASKS = "apollo.v1.Tasks"


class Peer:
    """A client in a process of its own."""

    def __init__(self, python, address, *words):
        self.process = subprocess.Popen(
            [python, PEER, address, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the peer ended with {self.process.wait(60)}")
        return json.loads(line)

    def begin(self, method, request=None, tokens=(), service=TASKS, **order):
        order = {"service": service, "method": method, "request": request or {}, "tokens": list(tokens), **order}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self

    def call(self, method, request=None, tokens=(), **order):
        return self.begin(method, request, tokens, **order).read()

    def events(self):
        """What a stream tells, and its end."""
        events = []
        while "event" in (line := self.read()):
            events.append(line["event"])
        return events, line

    def close(self):
        self.process.kill()
        self.process.wait(60)
        self.process.stdin.close()
        self.process.stdout.close()


class RPCCase(IdentityCase):
    @classmethod
    def setUpClass(cls):
        cls.python = python_tools()
        super().setUpClass()

    def peer(self, platform=None, *words):
        platform = platform or self.platform
        file = os.path.join(platform.data, "rpc.address")
        eventually(lambda: os.path.exists(file) and open(file).read().strip(), "the platform says where it is called")
        peer = Peer(self.python, open(file).read().strip(), *words)
        self.addCleanup(peer.close)
        return peer

    def running(self, method="apollo.v1.Tasks/Watch"):
        """The calls of a method that the platform says it answers."""
        calls = self.api.get("/api/v1/debug").json()["calls"]
        return [call for call in calls if call["method"] == method]

    def assertRefused(self, answer, code, *parts):
        self.assertEqual(answer.get("code"), code, answer)
        self.assertSays(answer["message"], *parts)


class Calls(RPCCase):
    def setUp(self):
        self.rpc = self.peer()
        self.token = [self.platform.token]

    def call(self, method, request=None, **order):
        return self.rpc.call(method, request, self.token, **order)

    def test_a_task_is_made_looked_at_watched_stopped_and_forgotten(self):
        name = self.unique("task")
        spec = {
            "executable": "/bin/sh", "command": ["-c", "sleep 600"], "environment": {"A": "b"}, "labels": {"c": "d"},
            "resources": {"cpu": 0.5, "memory": 1 << 26},
            "restart": {"mode": "on-failure", "attempts": 2, "window": 30, "same_node": 5},
            "start_within": 600, "finish_within": 6000,
            "group": name, "apart": True, "spread": {"over": "zone", "maximum_skew": 2},
            "stop_grace": 1,
        }
        made = self.call("Create", {"name": name, "spec": spec, "idempotency_key": name})
        self.assertEqual(made["code"], "OK", made)
        self.assertEqual(made["answer"]["created_by"], "user://local/admin")
        again = self.call("Create", {"name": name, "spec": spec, "idempotency_key": name})
        self.assertEqual(again["answer"]["id"], made["answer"]["id"])
        self.platform.await_state(name, "running")
        got = self.call("Get", {"task": made["answer"]["id"]})["answer"]
        self.assertEqual((got["name"], got["state"], got["attempt_count"]), (name, "running", "1"))
        self.assertEqual(got["spec"]["resources"], {"cpu": 0.5, "memory": str(1 << 26)})
        # The same task as HTTP tells it.
        task = self.api.task(name)
        self.assertEqual(int(got["revision"]), task["revision"])
        self.assertEqual(got["spec"]["restart"]["maximum_wait"], task["spec"]["restart"]["maximumWait"])
        self.assertEqual((task["spec"]["restart"]["window"], got["spec"]["restart"]["window"]), (30, 30))
        self.assertEqual((task["spec"]["restart"]["sameNode"], got["spec"]["restart"]["same_node"]), (5, 5))
        self.assertEqual((task["spec"]["startWithin"], task["spec"]["finishWithin"]), (600, 6000))
        self.assertEqual((got["spec"]["start_within"], got["spec"]["finish_within"]), (600, 6000))
        self.assertEqual(task["spec"]["spread"], {"over": "zone", "maximumSkew": 2})
        self.assertEqual((got["spec"]["group"], got["spec"]["apart"]), (name, True))
        self.assertEqual(got["spec"]["spread"], spec["spread"])
        watcher = self.peer().begin("Watch", {"task": name}, self.token)
        self.assertEqual(watcher.read()["event"]["state"]["state"], "running")
        self.assertRefused(self.call("Remove", {"task": name}), "FAILED_PRECONDITION", "the task is running")
        self.assertRefused(self.call("Stop", {"task": name, "revision": 1}), "FAILED_PRECONDITION", "has changed")
        self.assertEqual(self.call("Stop", {"task": name})["code"], "OK")
        events, end = watcher.events()
        self.assertEqual((events[-1]["state"]["state"], end["code"]), ("stopped", "OK"))
        self.assertEqual(self.call("Remove", {"task": name})["code"], "OK")
        self.assertRefused(self.call("Get", {"task": name}), "NOT_FOUND", name)

    def test_health_checks_are_said_and_told_as_over_http(self):
        name = self.unique("task")
        check = {"exec": {"command": ["true"]}, "interval": 1, "timeout": 2, "retries": 4, "start_period": 8}
        spec = {"executable": "/bin/sleep", "command": ["600"], "health": check, "stop_grace": 1}
        self.assertEqual(self.call("Create", {"name": name, "spec": spec})["code"], "OK")

        def told():
            return self.call("Get", {"task": name})["answer"]

        eventually(lambda: told()["attempts"][-1].get("health", {}).get("state") == "healthy", "it is healthy")
        task, got = self.api.task(name), told()
        self.assertEqual(got["spec"]["health"], check)
        self.assertEqual(task["spec"]["health"]["startPeriod"], 8)
        self.assertEqual(got["attempts"][-1]["health"]["reason"], task["attempts"][-1]["health"]["reason"])
        self.call("Stop", {"task": name})
        page = {"http": {"path": "/x", "port": 80, "status": [204], "headers": {"Host": "a"}}}
        self.assertEqual(
            self.call("Create", {"name": name + "p", "spec": {**spec, "health": page}})["answer"]["spec"]["health"],
            {**page, "interval": 10, "timeout": 5, "retries": 3, "start_period": 10},
        )
        self.call("Stop", {"task": name + "p"})
        wrong = {"http": {"path": "x"}, "start_period": -1}
        answer = self.call("Create", {"spec": {"executable": "x", "health": wrong}})
        self.assertIn("spec.health.start_period", answer["fields"])

    def test_lists_come_in_pages(self):
        project = self.api.project(self.unique("pages"))
        names = [f"t{number}" for number in range(5)]
        for name in names:
            self.call("Create", {"project": project, "name": name, "spec": {"executable": "/bin/true"}})
        found, cursor, pages = [], "", 0
        while pages == 0 or cursor:
            page = self.call("List", {"project": project, "limit": 2, "cursor": cursor})["answer"]
            found += [task["name"] for task in page["tasks"]]
            cursor, pages = page.get("next_cursor", ""), pages + 1
        self.assertEqual((found, pages), (names, 3))
        for name in names:
            eventually(
                lambda: self.call("Get", {"project": project, "task": name})["answer"]["state"] == "completed",
                "it ends",
            )
        self.assertEqual(self.call("List", {"project": project, "finished": False})["answer"], {})
        self.assertEqual(len(self.call("List", {"project": project, "state": "completed"})["answer"]["tasks"]), 5)
        self.assertRefused(self.call("List", {"limit": 1001}), "INVALID_ARGUMENT", "limit", "1000")
        self.assertRefused(self.call("List", {"cursor": "x"}), "INVALID_ARGUMENT", "cursor")
        self.assertRefused(self.call("List", {"state": "done"}), "INVALID_ARGUMENT", "state", "completed")

    def test_what_is_wrong_is_told_by_its_field(self):
        answer = self.call(
            "Create",
            {"name": "Not A Name", "spec": {"executable": "x", "working_directory": "here", "stop_grace": -1}},
        )
        self.assertRefused(answer, "INVALID_ARGUMENT", "3 things are wrong")
        self.assertEqual((answer["domain"], answer["reason"]), ("apollo", "INVALID"))
        self.assertEqual(set(answer["fields"]), {"name", "spec.working_directory", "spec.stop_grace"})
        self.assertIn("spec", self.call("Create", {"name": "x"})["fields"])
        spread = {"over": "b", "maximum_skew": 0}
        answer = self.call("Create", {"spec": {"executable": "x", "group": "a", "spread": spread}})
        self.assertIn("spec.spread.maximum_skew", answer["fields"])
        answer = self.call("Create", {"spec": {"executable": "x", "timeout": "NaN"}})
        self.assertIn("spec.timeout", answer["fields"])
        self.assertRefused(self.call("Get", {}), "INVALID_ARGUMENT", "task")
        self.assertRefused(self.call("Get", {"task": "x", "project": "a/b"}), "INVALID_ARGUMENT", "project")
        self.assertRefused(self.call("Get", {"task": "../x"}), "NOT_FOUND", "../x")

    def test_malformed_and_oversized_messages_are_refused_and_the_next_call_works(self):
        for data in ("ff", "0a05ab", "08", "0a02c328", "ffffffffffffffffffff01"):
            answer = self.call("Get", bytes=[data, 0])
            self.assertRefused(answer, "INVALID_ARGUMENT", "cannot be read")
        # Without a token nothing is read.
        self.assertRefused(self.rpc.call("Get", bytes=["ff", 0]), "UNAUTHENTICATED")
        self.assertRefused(self.call("Create", bytes=["0a", 5 << 20]), "RESOURCE_EXHAUSTED", "larger than max")
        self.assertRefused(self.call("Watch", bytes=["0a", 5 << 20]), "RESOURCE_EXHAUSTED", "larger than max")
        self.assertRefused(self.call("Nope", bytes=["", 0]), "UNIMPLEMENTED", "/apollo.v1.Tasks/Nope")
        self.assertEqual(self.call("List")["code"], "OK")

    def test_health_and_reflection_need_no_token_and_are_as_published(self):
        for service in ("", TASKS):
            answer = self.rpc.call("Check", {"service": service}, service="grpc.health.v1.Health")
            self.assertEqual(answer, {"code": "OK", "answer": {"status": "SERVING"}})
        self.assertRefused(
            self.rpc.call("Check", {"service": "no.Such"}, service="grpc.health.v1.Health"), "NOT_FOUND", "no.Such")
        watcher = self.peer()
        for service, status in (("", "SERVING"), ("no.Such", "SERVICE_UNKNOWN")):
            watcher.begin("Watch", {"service": service}, service="grpc.health.v1.Health", cancel_after=1)
            events, end = watcher.events()
            self.assertEqual((events, end["code"]), ([{"status": status}], "CANCELLED"))
        found = self.rpc.call("", reflect=True)
        self.assertEqual(found["wrong"], [])
        self.assertEqual(
            found["services"], [TASKS, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"])

    def test_a_deadline_and_a_cancellation_end_what_the_platform_does(self):
        name = self.api.shell("sleep 600", name=self.unique("long"))["name"]
        events, end = self.peer().begin("Watch", {"task": name}, self.token, timeout=2).events()
        self.assertEqual(end["code"], "DEADLINE_EXCEEDED")
        self.assertGreaterEqual(len(events), 1)
        events, end = self.peer().begin("Watch", {"task": name}, self.token, cancel_after=1).events()
        self.assertEqual(end["code"], "CANCELLED")
        eventually(lambda: not self.running(), "both are let go")

    def test_calls_are_counted(self):
        self.call("Get", {"task": "nothing"})
        metrics = self.api.get("/metrics").text
        self.assertRegex(metrics, r'apollo_rpc_calls_total\{method="apollo.v1.Tasks/Get",code="NOT_FOUND"\} \d+')
        self.assertIn('apollo_rpc_call_seconds_count{method="apollo.v1.Tasks/Get"}', metrics)
        for _ in range(3):
            self.call(self.unique("Unknown"), bytes=["", 0])
        self.assertNotIn("Unknown", self.api.get("/metrics").text)

    def test_a_call_is_a_span_of_the_trace_that_the_client_began(self):
        collector = Collector()
        self.addCleanup(collector.close)
        settings = {"APOLLO_TRACING_ENDPOINT": collector.address, "APOLLO_TRACING_SAMPLE": "0"}
        platform = self.make_platform(env=settings).start()
        self.addCleanup(platform.terminate)
        peer = self.peer(platform)
        for parent in ("00-nonsense", PARENT):
            answer = peer.call("List", {}, [platform.token], metadata=[["traceparent", parent]])
            self.assertEqual(answer["code"], "OK", answer)
        _, trace, span, _ = PARENT.split("-")
        found = eventually(lambda: [s for s in collector.spans if s["traceId"] == trace], "the collector has the span")
        self.assertEqual((found[0]["parentSpanId"], found[0]["kind"]), (span, 2))
        self.assertIn("apollo.v1.Tasks/List", found[0]["name"])


class WhoCalls(RPCCase):
    def setUp(self):
        self.rpc = self.peer()

    def token_of(self, api, **limits):
        return api.post("/api/v1/tokens", json={"note": self.unique("t"), **limits}).json()["token"]

    def test_without_a_token_that_is_good_nothing_is_answered(self):
        _, as_ann = self.user("ann", ("write", "task://local/default/default"))
        good, revoked, expiring = as_ann.token, self.as_user(_), self.token_of(as_ann, age=1)
        self.assertEqual(revoked.post("/api/v1/logout").status, 204)
        eventually(
            lambda: self.rpc.call("List", {}, [expiring])["code"] == "UNAUTHENTICATED", "the token expires")
        for tokens, part in (
            ([], "no token"), (["x"], "no token of Apollo"), ([revoked.token], "not known"), ([expiring], "expired at"),
            ([good, good], "2 entries"), ([good[:-1]], "token"),
        ):
            for method in ("Get", "List", "Create", "Stop", "Remove"):
                answer = self.rpc.call(method, {}, tokens)
                self.assertRefused(answer, "UNAUTHENTICATED", part)
                self.assertTrue(answer["hint"])
            _, end = self.rpc.begin("Watch", {}, tokens).events()
            self.assertRefused(end, "UNAUTHENTICATED", part)
        self.assertEqual(self.rpc.call("List", {}, [good])["code"], "OK")

    def test_a_limited_token_does_no_more(self):
        shop = self.api.project(self.unique("shop"))
        task = f"task://local/default/{shop}"
        _, as_ann = self.user("ann", ("manage", task))
        limited = [self.token_of(as_ann, permission="read", resources=[task])]
        self.assertEqual(self.rpc.call("List", {"project": shop}, limited)["code"], "OK")
        answer = self.rpc.call("Create", {"project": shop, "spec": {"image": "busybox"}}, limited)
        self.assertRefused(answer, "PERMISSION_DENIED", "this token is not good for 'write'")
        answer = self.rpc.call("Create", {"project": shop, "spec": {"executable": "/bin/true"}}, [as_ann.token])
        self.assertRefused(answer, "PERMISSION_DENIED", "administrators")
        self.assertIn("spec.executable", answer["fields"])

    def test_a_user_sees_nothing_of_anothers_project(self):
        shop, bank = self.api.project(self.unique("shop")), self.api.project(self.unique("bank"))
        _, as_ann = self.user("ann", ("manage", f"task://local/default/{shop}"))
        made = self.rpc.call(
            "Create", {"project": bank, "name": "hidden", "spec": {"executable": "/bin/true"}}, [self.platform.token])
        hidden = made["answer"]["id"]
        for method, fields in (
            ("Get", {"task": "hidden"}), ("Get", {"task": hidden}), ("List", {}), ("Watch", {"task": hidden}),
            ("Create", {"name": "x", "spec": {"image": "busybox"}}), ("Stop", {"task": hidden}),
            ("Remove", {"task": hidden}),
        ):
            answers = [
                self.rpc.call(method, {"project": p, **fields}, [as_ann.token]) for p in (bank, "nowhere-at-all")
            ]
            self.assertRefused(answers[0], "NOT_FOUND", f"no project '{bank}'")
            # A project that is not there looks the same.
            missing = answers[0]["message"].replace(bank, "nowhere-at-all")
            self.assertEqual(answers[1], {**answers[0], "message": missing})
        # Nor by the way of a project that is hers.
        for method in ("Get", "Watch", "Stop", "Remove"):
            answer = self.rpc.call(method, {"project": shop, "task": hidden}, [as_ann.token])
            self.assertRefused(answer, "NOT_FOUND", "no task")
        self.assertEqual(self.rpc.call("List", {"project": shop}, [as_ann.token]), {"code": "OK", "answer": {}})

    def test_each_change_and_each_refusal_is_recorded(self):
        shop = self.api.project(self.unique("shop"))
        ann, as_ann = self.user("ann", ("read", f"task://local/default/{shop}"))
        admin = [self.platform.token]
        name = self.unique("told")
        self.rpc.call("Create", {"project": shop, "name": name, "spec": {"executable": "/bin/true"}}, admin)
        self.rpc.call("Create", {"project": shop, "name": name, "spec": {"executable": "/bin/true"}}, admin)
        self.rpc.call("Stop", {"project": shop, "task": name}, [as_ann.token])
        self.rpc.call("Stop", {"project": shop, "task": name}, admin)
        self.rpc.call("Get", {"project": shop, "task": name}, admin)
        self.rpc.call("Get", {"task": name}, ["apl_" + "x" * 43], metadata=[["x-request-id", name]])
        uri = f"task://local/default/{shop}"
        found = [
            (r["principal"], r["action"], r["outcome"])
            for r in self.records("limit=1000")
            if r["action"].endswith("Task") and (r["resource"].startswith(uri) or r["requestID"] == name)
        ]
        self.assertEqual(
            sorted(found),
            sorted([
                ("user://local/admin", "createTask", "succeeded"), ("user://local/admin", "createTask", "failed"),
                (f"user://local/{ann}", "stopTask", "denied"), ("user://local/admin", "stopTask", "succeeded"),
                ("anonymous", "getTask", "denied"),
            ]))

    def test_a_watch_ends_when_its_token_is_revoked(self):
        _, as_ann = self.user("ann", ("read", "task://local/default/default"))
        name = self.api.shell("sleep 600", name=self.unique("long"))["name"]
        watcher = self.peer().begin("Watch", {"task": name}, [as_ann.token])
        self.assertIn("state", watcher.read()["event"])
        self.assertEqual(as_ann.post("/api/v1/logout").status, 204)
        _, end = watcher.events()
        self.assertRefused(end, "UNAUTHENTICATED", "not good any more")


class Faults(RPCCase):
    own_platform = True

    def begin_watch(self, **settings):
        self.platform = self.make_platform(**settings).start()
        name = self.api.shell("sleep 600")["name"]
        watcher = self.peer().begin("Watch", {"task": name}, [self.platform.token])
        self.assertIn("state", watcher.read()["event"])
        self.assertEqual([call["principal"] for call in self.running()], ["user://local/admin"])
        return watcher

    def test_a_peer_that_is_killed_is_let_go(self):
        watcher = self.begin_watch()
        watcher.process.kill()
        eventually(lambda: not self.running(), "its stream is gone")

    def test_a_peer_that_falls_silent_is_let_go(self):
        watcher = self.begin_watch(env={"APOLLO_RPC_KEEPALIVE": "1s"})
        watcher.process.send_signal(signal.SIGSTOP)
        eventually(lambda: not self.running(), "its stream is gone")

    def test_a_platform_that_is_killed_or_ends_is_unavailable(self):
        watcher = self.begin_watch()
        self.platform.kill9()
        _, end = watcher.events()
        self.assertEqual(end["code"], "UNAVAILABLE")
        self.assertEqual(watcher.call("List", {}, [self.platform.token])["code"], "UNAVAILABLE")
        os.unlink(os.path.join(self.platform.data, "rpc.address"))
        self.platform.restart()
        health = self.peer().begin("Watch", {}, service="grpc.health.v1.Health")
        while health.read()["event"] != {"status": "SERVING"}:
            pass
        self.assertEqual(self.platform.terminate(), 0)
        events, _ = health.events()
        self.assertEqual(events[:1], [{"status": "NOT_SERVING"}])
        self.assertFalse(os.path.exists(os.path.join(self.platform.data, "rpc.address")))


class Settings(RPCCase):
    own_platform = True

    def test_tls_is_that_of_http(self):
        platform = self.make_platform("--tls", "own").start()
        peer = self.peer(platform, os.path.join(platform.data, "tls", "ca.crt"))
        self.assertEqual(peer.call("List", {}, [platform.token])["code"], "OK")
        plain = self.peer(platform)
        self.assertEqual(plain.call("List", bytes=["", 0])["code"], "UNAVAILABLE")

    def test_what_cannot_be_is_refused_and_it_can_be_switched_off(self):
        for env, part in (
            ({"APOLLO_RPC_ADDRESS": "0.0.0.0"}, "clear"), ({"APOLLO_RPC_ADDRESS": "nowhere"}, "rpc.address"),
            ({"APOLLO_RPC_KEEPALIVE": "10ms"}, "rpc.keepalive"), ({"APOLLO_RPC_PORT": "70000"}, "rpc.port"),
        ):
            platform = self.make_platform()
            outcome = platform.apollo("up", "--data", platform.data, "--port", "0", env=env)
            self.assertNotEqual(outcome.code, 0)
            self.assertSays(outcome.err, part)
        platform = self.make_platform(env={"APOLLO_RPC_ENABLED": "false"}).start()
        self.assertEqual(platform.terminate(), 0)
        self.assertNotIn("RPC:", platform.output)
