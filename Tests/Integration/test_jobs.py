"""Jobs: services, batches and system jobs, as docs/jobs.md says."""

import json
import os
import re

from harness import ApolloTestCase, eventually

MANUAL = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "jobs.md")


class Jobs(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(MANUAL, encoding="utf-8") as page:
            cls.files = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", page.read(), re.S))

    def file(self, text):
        path = self.scratch("job.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def example(self, name, job):
        """An example of the manual under a name of the test's own."""
        return re.sub(r"^name: .*$", f"name: {job}", self.files[name], count=1, flags=re.M)

    def ran(self, *arguments):
        outcome = self.apollo("job", *arguments)
        self.assertCode(outcome, 0)
        return outcome

    def status(self, job):
        return self.ran("status", job, "-o", "json").json()

    def test_every_example_of_the_manual_is_well_formed(self):
        names = ["agent.yaml", "nightly.yaml", "ports.yaml", "shop.yaml", "spread.yaml", "sums.yaml", "web.yaml"]
        self.assertEqual(sorted(self.files), names)
        for name, text in self.files.items():
            with self.subTest(example=name):
                self.ran("validate", "-f", self.file(text))

    def test_a_service_is_kept_up_scaled_updated_reverted_and_removed(self):
        job = self.unique("web")
        text = self.example("web.yaml", job)
        self.ran("run", "-f", self.file(text), "--wait")
        first = self.status(job)
        self.assertEqual(first["job"]["groups"][0]["ready"], 3)
        # The same file again changes nothing.
        self.ran("run", "-f", self.file(text), "--wait")
        self.assertEqual(self.status(job)["job"]["revision"], first["job"]["revision"])
        # One that ends is replaced.
        gone = first["instances"][0]["name"]
        self.assertCode(self.apollo("task", "stop", "--grace", "0", gone), 0)

        def replaced():
            now = self.status(job)
            names = [instance["name"] for instance in now["instances"]]
            return gone not in names and now["job"]["groups"][0]["ready"] == 3

        eventually(replaced, "another takes its place")
        self.ran("scale", job, "1")
        eventually(lambda: len(self.status(job)["instances"]) == 1, "there is one")
        other = text.replace("instances: 3", "instances: 1").replace('"1000"', '"2000"')
        self.ran("run", "-f", self.file(other), "--wait")
        eventually(lambda: self.status(job)["job"]["state"] == "running", "it is updated")
        self.assertEqual(self.status(job)["job"]["spec"]["tasks"][0]["command"], ["2000"])
        self.assertIn("/bin/sleep", self.ran("history", job).out)
        self.ran("revert", job, "--to", "1")
        eventually(lambda: self.status(job)["job"]["reason"] == "3 of 3 are ready", "it is as it was")
        self.assertEqual(self.status(job)["job"]["spec"]["tasks"][0]["command"], ["1000"])
        refused = self.apollo("job", "rm", job)
        self.assertCode(refused, 67)
        self.assertSays(refused.err, "apollo job stop")
        self.ran("stop", job)
        self.ran("rm", job)
        self.assertCode(self.apollo("job", "status", job), 66)

    def test_services_start_in_order_and_say_what_they_wait_for(self):
        job = self.unique("shop")
        ready = self.scratch("ready")
        text = self.example("shop.yaml", job).replace("/tmp/shop.ready", ready)
        planned = self.apollo("job", "plan", "-f", self.file(text))
        self.assertSays(planned.out, "web starts when db is healthy")
        self.ran("run", "-f", self.file(text))

        def group(name):
            return next(group for group in self.status(job)["job"]["groups"] if group["name"] == name)

        eventually(lambda: group("db")["running"] == 1, "the database runs")
        self.assertEqual(group("web")["waitsFor"], "db to be healthy (0 of 1)")
        self.assertEqual(group("web")["pending"] + group("web")["running"], 0)
        self.assertSays(self.ran("status", job).out, "web waits for db to be healthy (0 of 1)")
        with open(ready, "w", encoding="utf-8"):
            pass
        eventually(lambda: group("web")["ready"] == 2, "then the others start")
        self.assertNotIn("waitsFor", group("web"))
        self.ran("stop", job)

    def test_an_order_that_cannot_be_is_named_with_its_place(self):
        tasks = "  - {name: a, executable: x, after: ['b:started']}\n  - {name: b, executable: x, after: [a]}\n"
        text = f"name: a\ntasks:\n{tasks}"
        outcome = self.apollo("job", "validate", "-f", self.file(text))
        self.assertCode(outcome, 65)
        self.assertSays(outcome.err, "a after b after a", "job.yaml:3:")
        wrong = self.file("name: a\ntasks:\n  - name: a\n    executable: x\n    after: ['z:healthy']\n")
        self.assertSays(self.apollo("job", "validate", "-f", wrong).err, "'z' is no task of this job", "job.yaml:5:13")

    def test_a_service_is_restarted_without_a_change(self):
        job = self.unique("again")
        file = self.file(self.example("web.yaml", job).replace("instances: 3", "instances: 2"))
        self.ran("run", "-f", file, "--wait")
        before = {instance["task"] for instance in self.status(job)["instances"]}
        self.assertEqual(self.ran("restart", job, "--wait").out, f"{job}\n")
        now = self.status(job)
        live = {instance["task"] for instance in now["instances"] if instance["phase"] == "active"}
        self.assertEqual(len(live), 2)
        self.assertFalse(live & before)
        self.assertSays(self.ran("plan", "-f", file).out, "would stay as it is")
        self.ran("stop", job)
        refused = self.apollo("job", "restart", job)
        self.assertCode(refused, 67)
        self.assertSays(refused.err, "is stopped")
        self.ran("rm", job)

    def test_logs_of_a_job_are_those_of_its_instances(self):
        job = self.unique("talk")
        program = "echo of $APOLLO_TASK; printf 'no end'; echo oops >&2; exec sleep 1000"
        tasks = "".join(
            f"  - {{name: {name}, instances: {count}, executable: /bin/sh, command: [-c, \"{program}\"]}}\n"
            for name, count in (("one", 1), ("two", 2))
        )
        self.ran("run", "-f", self.file(f"name: {job}\ntasks:\n{tasks}"), "--wait")
        names = [instance["name"] for instance in self.status(job)["instances"]]
        eventually(lambda: self.ran("logs", job).out.count("no end") == 3, "all have written")
        told = self.ran("logs", job)
        lines = [line.split(" | ") for line in told.out.splitlines()]
        self.assertEqual({name.strip() for name, _ in lines}, set(names))
        self.assertEqual([text for _, text in lines], ["of one", "no end"] + ["of two", "no end"] * 2)
        self.assertEqual(told.err.count(" | oops\n"), 3)
        self.assertEqual(self.ran("logs", "--task", "one", "--no-prefix", job).out, "of one\nno end\n")
        told = [json.loads(line)["task"] for line in self.ran("logs", "-o", "json", job).out.splitlines()]
        self.assertEqual(set(told), set(names))
        refused = self.apollo("job", "logs", "--task", "three", job)
        self.assertCode(refused, 66)
        self.assertSays(refused.err, "has no task 'three'", "it has 'one', 'two'")
        # One that comes while it is followed is read from its beginning, and the end of the job is the end of it.
        following = self.apollo.start("job", "logs", "-f", "--tail", "1", "--task", "one", "--no-prefix", job)
        self.assertEqual(following.stderr.readline(), b"oops\n")
        self.ran("scale", "--task", "one", job, "2")
        self.assertEqual(following.stdout.readline(), b"of one\n")
        self.ran("stop", job)
        self.assertIn(b"no end\n", following.communicate(timeout=60)[0])
        self.assertEqual(following.returncode, 0)
        self.assertSays(self.ran("logs", job).err, "has no instances now")
        self.assertEqual(self.ran("logs", "--all", "--no-prefix", job).out.count("of two"), 2)
        self.ran("rm", job)

    def test_a_batch_runs_every_index_once_and_what_comes_after_last(self):
        job = self.unique("sums")
        self.ran("run", "-f", self.file(self.example("sums.yaml", job)), "--wait")
        found = self.status(job)
        self.assertEqual(found["job"]["state"], "completed")
        parts = [instance for instance in found["instances"] if instance["group"] == "part"]
        said = sorted(self.apollo("task", "logs", part["name"]).out for part in parts)
        self.assertEqual(said, [f"part {index} of 5\n" for index in range(5)])
        self.ran("rm", job)
        self.assertNotIn(parts[0]["name"], self.apollo("task", "ps", "--all").out)

    def test_a_batch_that_fails_says_which_and_why(self):
        job = self.unique("fails")
        text = f"name: {job}\ntype: batch\ntasks:\n  - {{name: part, executable: /bin/false, retries: 1}}\n"
        outcome = self.apollo("job", "run", "-f", self.file(text), "--wait")
        self.assertCode(outcome, 67)
        self.assertSays(outcome.err, "exit code 1")
        self.assertEqual(len(self.status(job)["instances"]), 2)

    def test_a_system_job_has_one_on_this_node(self):
        job = self.unique("agent")
        self.ran("run", "-f", self.file(self.example("agent.yaml", job)), "--wait")
        self.assertEqual(len(self.status(job)["instances"]), 1)
        self.ran("stop", job)
        self.ran("rm", job)

    def test_the_instances_of_a_task_are_one_group(self):
        job = self.unique("store")
        text = self.example("spread.yaml", job).replace("instances: 1", "instances: 2")
        self.ran("run", "-f", self.file(text))
        eventually(lambda: "already" in self.status(job)["job"]["reason"], "one waits")
        self.assertSays(self.status(job)["job"]["reason"], f"has one of {job}/server already")
        self.ran("scale", job, "1")
        eventually(lambda: self.status(job)["job"]["state"] == "running", "one is enough")
        self.ran("stop", job)
        self.ran("rm", job)

    def test_a_plan_tells_what_would_come_of_a_job_and_changes_nothing(self):
        job = self.unique("planned")
        text = self.example("web.yaml", job).replace("instances: 3", "instances: 2")
        path = self.file(text)
        new = self.apollo("job", "plan", "-f", path)
        self.assertCode(new, 1)
        self.assertSays(new.out, f"job '{job}' would be new", "server")
        self.assertCode(self.apollo("job", "status", job), 66)
        self.ran("run", "-f", path, "--wait")
        same = self.apollo("job", "plan", "-f", path)
        self.assertCode(same, 0)
        self.assertSays(same.out, "would stay as it is")
        other = text.replace('"1000"', '"2000"').replace("instances: 2", "instances: 3")
        change = self.apollo("job", "plan", "-f", self.file(other), "-o", "json")
        self.assertCode(change, 1)
        plan = change.json()
        self.assertEqual((plan["action"], plan["version"], plan["nextVersion"]), ("update", 1, 2))
        self.assertEqual(
            {change["path"] for change in plan["differences"]}, {"tasks[server].command", "tasks[server].instances"}
        )
        self.assertEqual((plan["groups"][0]["replaced"], plan["groups"][0]["created"]), (2, 1))
        here = self.api.get("/api/v1/nodes").json()["items"][0]["name"]
        self.assertEqual({place["node"] for place in plan["placements"]}, {here})
        self.assertEqual(self.status(job)["job"]["version"], 1)
        huge = other.replace("command:", "resources: {memory: 100Ti}\n    command:")
        self.assertSays(self.apollo("job", "plan", "-f", self.file(huge)).out, "waits", "memory")
        self.assertCode(self.apollo("job", "plan", "-f", self.file("name: x")), 65)
        self.ran("stop", job)
        self.ran("rm", job)

    def test_a_cron_job_runs_when_asked_and_is_suspended_and_resumed(self):
        job = self.unique("nightly")
        self.ran("run", "-f", self.file(self.example("nightly.yaml", job)))
        shown = self.ran("status", job).out
        self.assertSays(shown, "30 2 * * mon-fri (Europe/Berlin)", "Next runs")
        self.assertEqual(len(self.status(job)["nextRuns"]), 5)
        self.assertSays(self.ran("trigger", job, "--wait").out, f"{job} run 1")
        found = self.status(job)
        self.assertEqual(found["job"]["cron"]["runs"][0]["state"], "completed")
        self.assertEqual(self.apollo("task", "logs", found["instances"][0]["name"]).out, "run of the night\n")
        self.ran("suspend", job)
        self.assertEqual(self.status(job)["job"]["state"], "suspended")
        self.assertEqual(self.status(job)["nextRuns"], [])
        self.ran("resume", job)
        eventually(lambda: self.status(job)["job"]["state"] == "scheduled", "it is resumed")
        self.ran("stop", job)
        self.assertCode(self.apollo("job", "trigger", job), 67)
        self.ran("rm", job)

    def test_a_schedule_or_zone_that_is_none_is_named_with_its_place(self):
        text = self.files["nightly.yaml"]
        wrong = self.apollo("job", "validate", "-f", self.file(text.replace("30 2", "99 2")))
        self.assertCode(wrong, 65)
        self.assertSays(wrong.err, "'99' for the minute", "job.yaml:4:13")
        zone = self.apollo("job", "run", "-f", self.file(text.replace("Berlin", "Bärlin")))
        self.assertCode(zone, 65)
        self.assertSays(zone.err, "cron.timeZone", "job.yaml:5:13")
        refused = self.api.post(
            "/api/v1/jobs",
            json={
                "name": "x", "type": "cron", "cron": {"schedule": "@daily", "timeZone": "Nowhere/Town"},
                "tasks": [{"name": "a", "executable": "/bin/true"}],
            },
        )
        self.assertEqual(refused.status, 400)
        self.assertIn("Nowhere/Town", refused.text)

    def test_what_is_wrong_in_a_file_is_named_with_its_place(self):
        path = self.file("name: web\ntasks:\n  - name: web\n    imagee: nginx\n")
        outcome = self.apollo("job", "validate", "-f", path)
        self.assertCode(outcome, 65)
        self.assertSays(outcome.err, "did you mean 'image'?", ":4:5")
        circle = (
            "name: web\ntype: batch\ntasks:\n"
            "  - {name: a, image: x, after: [b]}\n  - {name: b, image: x, after: [a]}\n"
        )
        self.assertSays(self.apollo("job", "run", "-f", self.file(circle)).err, "circle", ":4:")
        self.assertEqual(self.ran("schema").json()["type"], "object")

    def test_changes_that_race_are_refused_and_a_key_makes_one_job(self):
        job = self.unique("raced")
        body = {"name": job, "tasks": [{"name": "t", "executable": "/bin/sleep", "command": ["1000"]}]}
        made = self.api.post("/api/v1/jobs", json=body, headers={"Idempotency-Key": job})
        self.assertEqual(made.status, 201)
        again = self.api.post("/api/v1/jobs", json=body, headers={"Idempotency-Key": job})
        self.assertEqual(again.json()["id"], made.json()["id"])
        seen = made.headers["ETag"]
        path = f"/api/v1/jobs/{job}"
        scaled = self.api.post(f"{path}/scale", json={"instances": 2}, headers={"If-Match": seen})
        self.assertEqual(scaled.status, 200)
        self.assertEqual(self.api.post(f"{path}/scale", json={"instances": 3}, headers={"If-Match": seen}).status, 412)
        self.assertEqual(self.api.post(f"{path}/scale", json={"instances": 20000}).status, 400)
        self.ran("stop", job)
        self.ran("rm", job)


class JobsThroughCrashes(ApolloTestCase):
    def test_a_batch_goes_on_after_the_platform_was_killed(self):
        platform = self.make_platform().start()
        job = "long"
        body = {
            "name": job,
            "type": "batch",
            "tasks": [
                {"name": "part", "instances": 12, "parallelism": 3, "executable": "/bin/sleep", "command": ["0.2"]}
            ],
        }
        self.assertEqual(platform.api.post("/api/v1/jobs", json=body).status, 201)
        for _ in range(2):
            before = self.done(platform, job)
            eventually(lambda: self.done(platform, job) > before or self.done(platform, job) == 12, "some are done")
            platform.kill9()
            platform.start()
        eventually(lambda: self.done(platform, job) == 12, "all are done")
        found = platform.api.get(f"/api/v1/jobs/{job}").json()
        eventually(
            lambda: platform.api.get(f"/api/v1/jobs/{job}").json()["job"]["state"] == "completed", "it is completed"
        )
        indices = [one["index"] for one in found["instances"] if one["phase"] == "completed"]
        self.assertEqual(sorted(indices), list(range(12)))

    def done(self, platform, job):
        return platform.api.get(f"/api/v1/jobs/{job}").json()["job"]["groups"][0]["completed"]
