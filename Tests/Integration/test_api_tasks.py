"""States, versions, keys, pages and streams of the HTTP interface."""

import json
import random
import re
import socket
import threading

from harness import ApolloTestCase, eventually


class States(ApolloTestCase):
    def test_a_running_task_cannot_be_deleted(self):
        record = self.api.submit("/bin/sleep", "1000")
        self.platform.await_state(record["id"], "running")
        self.assertProblem(self.api.delete(f"/api/v1/tasks/{record['id']}"), 409, "conflict", "the task is running")
        self.assertEqual(self.api.post(f"/api/v1/tasks/{record['id']}/stop").json()["state"], "stopping")
        self.platform.await_end(record["id"])
        answer = self.api.delete(f"/api/v1/tasks/{record['id']}")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertProblem(self.api.delete(f"/api/v1/tasks/{record['id']}"), 404, "not_found")

    def test_a_name_that_is_taken_is_409_with_its_field(self):
        name = self.unique("taken")
        first = self.api.submit("/bin/true", name=name)
        problem = self.assertProblem(
            self.api.post("/api/v1/tasks", json={"executable": "/bin/true", "name": name}), 409, "exists", first["id"]
        )
        self.assertEqual([error["path"] for error in problem["errors"]], ["name"])

    def test_a_created_task_says_where_it_is(self):
        answer = self.api.post("/api/v1/tasks", json={"executable": "/bin/true"})
        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.headers["Location"], f"/api/v1/tasks/{answer.json()['id']}")
        self.assertEqual(answer.headers["ETag"], f'"{answer.json()["revision"]}"')
        self.assertEqual(self.api.get(answer.headers["Location"]).status, 200)

    def test_what_has_not_changed_is_304(self):
        record = self.platform.await_end(self.api.submit("/bin/true")["id"])
        answer = self.api.get(f"/api/v1/tasks/{record['id']}")
        tag = answer.headers["ETag"]
        for value in (tag, f'"0", {tag}', "*", f"W/{tag}"):
            with self.subTest(value=value):
                again = self.api.get(f"/api/v1/tasks/{record['id']}", headers={"If-None-Match": value})
                self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag))
        self.assertEqual(self.api.get(f"/api/v1/tasks/{record['id']}", headers={"If-None-Match": '"0"'}).status, 200)

    def test_a_change_to_another_version_is_412(self):
        record = self.api.submit("/bin/sleep", "1000")
        record = self.platform.await_state(record["id"], "running")
        stale = f'"{record["revision"] - 1}"'
        for method, path in (("POST", "/stop"), ("DELETE", "")):
            answer = self.api.call(method, f"/api/v1/tasks/{record['id']}{path}", headers={"If-Match": stale})
            self.assertProblem(answer, 412, "conflict")
        self.assertEqual(self.api.task(record["id"])["state"], "running")
        answer = self.api.post(f"/api/v1/tasks/{record['id']}/stop", headers={"If-Match": f'"{record["revision"]}"'})
        self.assertEqual(answer.status, 200)
        for value in ("nonsense", '"', "W/"):
            answer = self.api.post(f"/api/v1/tasks/{record['id']}/stop", headers={"If-Match": value})
            self.assertIn(answer.status, (400, 412))

    def test_a_key_that_is_sent_again_gives_the_same_task(self):
        key = self.unique("key")
        first = self.api.submit("/bin/true", key=key)
        self.platform.await_end(first["id"])
        again = self.api.submit("/bin/false", key=key, name="other")
        self.assertEqual(again["id"], first["id"])
        self.assertEqual(again["state"], "completed")

    def test_a_key_sent_by_many_at_once_makes_one_task(self):
        key, found = self.unique("key"), []
        threads = [
            threading.Thread(target=lambda: found.append(self.api.submit("/bin/true", key=key)["id"]))
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual((len(found), len(set(found))), (16, 1))

    def test_keys_that_cannot_be_used_are_refused(self):
        for key in ("", "x" * 129, "with space", "tab\there"):
            with self.subTest(key=key[:10]):
                answer = self.api.post("/api/v1/tasks", json={"executable": "true"}, headers={"Idempotency-Key": key})
                self.assertProblem(answer, 400, "invalid", "Idempotency-Key")

    def test_a_trailing_slash_leads_to_the_route(self):
        answer = self.api.get("/api/v1/tasks/?limit=1")
        self.assertEqual((answer.status, answer.headers["Location"]), (308, "/api/v1/tasks?limit=1"))


class Lists(ApolloTestCase):
    weight = 3

    def test_250_tasks_are_paged_without_one_missing_or_twice(self):
        made = [self.api.submit("/bin/true", labels={"n": str(n)})["id"] for n in range(250)]
        for limit in (1000, 100, 37):
            with self.subTest(limit=limit):
                found, pages, cursor = [], 0, ""
                while True:
                    page = self.api.get(f"/api/v1/tasks?limit={limit}{cursor}").json()
                    self.assertLessEqual(len(page["items"]), limit)
                    found += [task["id"] for task in page["items"]]
                    pages += 1
                    if "nextCursor" not in page:
                        break
                    cursor = f"&cursor={page['nextCursor']}"
                self.assertEqual(found, made)
                self.assertEqual(pages, -(-250 // limit))

    def test_what_is_added_and_removed_meanwhile_moves_nothing(self):
        label = self.api.project(self.unique("project"))
        made = [
            self.api.post(f"/api/v1/tasks?project={label}", json={"executable": "/bin/true"}).json()["id"]
            for _ in range(30)
        ]
        for id in made:
            eventually(
                lambda: self.api.get(f"/api/v1/tasks/{id}?project={label}").json()["state"] == "completed", "it ends"
            )
        first = self.api.get(f"/api/v1/tasks?project={label}&limit=10").json()
        for id in made[5:15]:
            self.assertEqual(self.api.delete(f"/api/v1/tasks/{id}?project={label}").status, 204)
        new = self.api.post(f"/api/v1/tasks?project={label}", json={"executable": "/bin/true"}).json()["id"]
        rest = self.api.get(f"/api/v1/tasks?project={label}&limit=1000&cursor={first['nextCursor']}").json()
        self.assertEqual([task["id"] for task in rest["items"]], made[15:] + [new])

    def test_filters_filter(self):
        done = self.platform.await_end(self.api.submit("/bin/true")["id"])["id"]
        failed = self.platform.await_end(self.api.submit("/bin/false")["id"])["id"]
        running = self.api.submit("/bin/sleep", "1000")["id"]
        self.platform.await_state(running, "running")
        ids = lambda query: {task["id"] for task in self.api.tasks(query + "&limit=1000")}
        self.assertEqual(ids("finished=false"), {running})
        self.assertLessEqual({done, failed}, ids("finished=true"))
        self.assertNotIn(running, ids("finished=true"))
        self.assertEqual(ids("state=running"), {running})
        self.assertEqual(ids("state=failed"), {failed})
        self.assertIn(done, ids("state=completed&finished=true"))
        self.assertEqual(ids("state=completed&finished=false"), set())
        self.assertEqual(ids("project=" + self.api.project("nowhere")), set())
        self.api.post(f"/api/v1/tasks/{running}/stop", json={"grace": 0})


class Streams(ApolloTestCase):
    def events(self, handle):
        """The events of a watch until it ends."""
        connection = self.api.connect()
        connection.request("GET", f"/api/v1/tasks/{handle}/watch", headers=self.api.headers())
        response = connection.getresponse()
        self.assertEqual((response.status, response.headers["Content-Type"]), (200, "text/event-stream"))
        text = response.read().decode()
        connection.close()
        found = []
        for block in text.split("\n\n"):
            fields = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
            if fields:
                found.append((fields["event"], json.loads(fields["data"]), fields.get("id")))
        return found

    def test_a_watch_tells_every_state_until_the_end(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"while [ ! -e {gate} ]; do sleep 0.02; done; exit 3")
        self.platform.await_state(record["id"], "running")
        threading.Timer(0.2, lambda: open(gate, "w").close()).start()
        events = self.events(record["id"])
        self.assertEqual({kind for kind, _, _ in events}, {"state"})
        self.assertEqual([data["state"] for _, data, _ in events], ["running", "failed"])
        revisions = [data["revision"] for _, data, _ in events]
        self.assertEqual(revisions, sorted(set(revisions)))
        self.assertEqual([id for _, _, id in events], [str(revision) for revision in revisions])
        self.assertEqual(events[-1][1], self.api.task(record["id"]))

    def test_a_watch_of_what_has_finished_tells_that_and_ends(self):
        record = self.platform.await_end(self.api.submit("/bin/true")["id"])
        self.assertEqual([data for _, data, _ in self.events(record["id"])], [record])

    def test_a_watch_of_what_waits_ends_when_it_is_stopped(self):
        record = self.api.submit("/bin/true", resources={"cpu": 4000})
        threading.Timer(0.2, lambda: self.api.post(f"/api/v1/tasks/{record['id']}/stop")).start()
        states = [data["state"] for _, data, _ in self.events(record["id"])]
        self.assertEqual((states[0], states[-1]), ("pending", "stopped"))

    def test_watchers_that_do_not_read_hold_nobody_up(self):
        record = self.api.shell("seq 1 300000; exec sleep 1000")
        deaf = []
        for _ in range(20):
            connection = socket.create_connection((self.api.host, self.api.port))
            path = random.choice(("watch", "logs?follow=true"))
            connection.sendall(
                f"GET /api/v1/tasks/{record['id']}/{path} HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {self.platform.token}\r\n\r\n".encode()
            )
            deaf.append(connection)
        for _ in range(20):
            self.assertEqual(self.apollo("task", "run", "--", "echo", "hi").out, "hi\n")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", record["name"]), 0)
        for connection in deaf:
            connection.close()

    def test_metrics_are_prometheus_text_and_count_requests(self):
        def count():
            answer = self.api.get("/metrics")
            self.assertEqual(answer.status, 200)
            self.assertRegex(answer.headers["Content-Type"], r"^text/plain; version=0\.0\.4")
            samples = parse_metrics(self, answer.text)
            found = [
                value
                for (name, labels), value in samples.items()
                if name == "apollo_http_requests_total" and dict(labels).get("route") == "/api/v1/version"
            ]
            return sum(found)

        before = count()
        for _ in range(7):
            self.api.get("/api/v1/version")
        self.assertEqual(count() - before, 7)

    def test_health_needs_no_token(self):
        answer = self.api.get("/healthz", token=None)
        self.assertEqual((answer.status, answer.text), (200, "ok\n"))

    def test_a_hundred_connections_at_once_are_answered(self):
        answers, connections = [], []
        for _ in range(100):
            connection = self.api.connect()
            connection.request("GET", "/api/v1/version", headers=self.api.headers())
            connections.append(connection)
        for connection in connections:
            answers.append(connection.getresponse().status)
            connection.close()
        self.assertEqual(answers, [200] * 100)


def parse_metrics(test, text):
    """The samples of Prometheus' text format 0.0.4: (name, labels) -> value. Fails on what is not of it."""
    samples, typed, helped = {}, {}, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            test.assertNotIn(name, helped)
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            test.assertIn(kind, ("counter", "gauge", "histogram", "summary", "untyped"))
            test.assertNotIn(name, typed)
            typed[name] = kind
        elif line and not line.startswith("#"):
            match = re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)", line)
            test.assertIsNotNone(match, line)
            name, labels, value = match.groups()
            pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', labels or "")
            test.assertEqual(",".join(f'{k}="{v}"' for k, v in pairs), (labels or "").rstrip(","), line)
            family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in typed else name
            test.assertIn(family, typed, line)
            key = (name, tuple(pairs))
            test.assertNotIn(key, samples, f"{line} is there twice")
            samples[key] = float(value)
    test.assertTrue(text.endswith("\n"))
    return samples
