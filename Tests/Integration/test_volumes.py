"""Volumes: kept on a machine beyond the tasks that use them; and what of the machine's own files tasks may see."""

import json
import os
import tempfile

from harness import ApolloTestCase, needs
from harness.case import BINARY
from harness.machines import Manager


class Volumes(ApolloTestCase):
    def sh(self, script, *options):
        outcome = self.apollo("task", "run", *options, "--", "sh", "-c", script)
        self.assertCode(outcome, 0)
        return outcome.out

    def test_what_one_task_keeps_the_next_one_finds(self):
        name = self.unique("data-of")
        variable = "APOLLO_VOLUME_" + name.replace("-", "_")
        self.sh(f"echo kept > ${variable}/file", "--volume", name)
        self.assertEqual(self.sh(f"cat ${variable}/file", "--volume", name), "kept\n")
        self.assertSays(self.apollo("volume", "ls").out, name, "NODE", "user://local/admin")
        self.assertCode(self.apollo("volume", "rm", name), 0)
        self.assertEqual(self.sh(f"ls ${variable}", "--volume", name), "")

    @needs.root
    def test_a_process_sees_it_at_the_path_it_asks_for(self):
        name, target = self.unique("data"), os.path.dirname(self.scratch("x"))
        self.sh(f"echo kept > {target}/file", "--volume", f"{name}:{target}")
        script = f"cat {target}/file; echo more >> {target}/file || echo refused"
        said = self.sh(script, "--volume", f"{name}:{target}:ro")
        self.assertEqual(said, "kept\nrefused\n")
        self.assertEqual(os.listdir(target), [])

    @needs.root
    def test_another_user_can_use_it(self):
        # A path that any user may reach; the mount is the task's own.
        name, target = self.unique("data"), "/mnt"
        script = f"id -u > {target}/file && cat {target}/file"
        self.assertEqual(self.sh(script, "--volume", f"{name}:{target}", "--user", "nobody"), "65534\n")

    def test_it_is_made_looked_at_and_removed(self):
        name = self.unique("made")
        node = self.api.get("/api/v1/nodes").json()["items"][0]["name"]
        self.assertEqual(self.apollo("volume", "create", name, "--node", node).out, f"{name}\n")
        self.assertCode(self.apollo("volume", "create", name), 67)
        self.assertSays(self.apollo("volume", "inspect", name).out, name, node)
        told = json.loads(self.apollo("volume", "inspect", name, "-o", "json").out)
        self.assertEqual((told["node"], told["tasks"], told["project"]), (node, [], "default"))
        self.assertCode(self.apollo("volume", "rm", name), 0)
        gone = self.apollo("volume", "inspect", name)
        self.assertCode(gone, 66)
        self.assertSays(gone.err, "apollo volume ls")
        unused = self.unique("unused")
        self.apollo("volume", "create", unused)
        self.assertSays(self.apollo("volume", "inspect", unused).out, "none yet")
        self.assertCode(self.apollo("volume", "rm", unused), 0)

    def test_it_is_not_removed_while_a_task_uses_it(self):
        name, task = self.unique("used"), self.unique("user")
        self.apollo("task", "run", "-d", "--name", task, "--volume", name, "--", "sleep", "1000")
        self.platform.await_state(task, "running")
        refused = self.apollo("volume", "rm", name)
        self.assertCode(refused, 67)
        self.assertSays(refused.err, "used by 1 task", task)
        self.assertSays(self.apollo("volume", "ls").out, task)
        self.assertSays(self.apollo("task", "status", task).out, "Volumes", name)
        self.apollo("task", "stop", "--grace", "0", task)
        self.assertCode(self.apollo("volume", "rm", name), 0)

    def test_a_project_has_its_own_and_is_not_removed_with_them(self):
        project, name = self.api.project(self.unique("team")), self.unique("data")
        for place in (project, "default"):
            answer = self.api.post(f"/api/v1/volumes?project={place}", json={"name": name})
            self.assertEqual(answer.status, 201, answer)
        self.assertProblem(self.api.delete(f"/api/v1/projects/{project}"), 409, "conflict", "volumes")
        self.assertEqual(self.api.delete(f"/api/v1/volumes/{name}?project={project}").status, 204)
        self.assertEqual(self.api.get(f"/api/v1/volumes/{name}").json()["project"], "default")
        self.assertEqual(self.api.delete(f"/api/v1/projects/{project}").status, 204)

    def test_what_makes_no_sense_is_refused_with_its_field(self):
        for words, path in (
            (["--volume", "a", "--volume", "a:/x"], "volumes[1].name"),
            (["--volume", "a:/x", "--volume", "b:/x"], "volumes[1].target"),
            (["--image", "busybox", "--volume", "a"], "volumes[0].target"),
        ):
            with self.subTest(words=words):
                refused = self.apollo("task", "run", *words, "--", "true")
                self.assertCode(refused, 65)
                self.assertSays(refused.err, path)
        self.assertCode(self.apollo("task", "run", "--volume", "a:b", "--", "true"), 2)
        self.assertCode(self.apollo("volume", "create", "no/name"), 65)

    def test_files_of_the_machine_are_shut_unless_it_says_otherwise(self):
        outcome = self.apollo("task", "run", "--mount", "/usr:/mnt", "--", "true")
        self.assertCode(outcome, 1)
        self.assertSays(outcome.err, "/usr is not open to tasks on this machine", "mounts.allowed")


class VolumesOfMachines(ApolloTestCase):
    own_platform = True

    def test_tasks_run_where_their_volume_is_also_after_the_manager_was_killed(self):
        platform = Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=self.directory)).start()
        workers = {name: platform.worker(name).start() for name in ("one", "two")}
        put = platform.apollo("task", "run", "--volume", "data", "--", "sh", "-c", "echo kept > $APOLLO_VOLUME_data/f")
        self.assertCode(put, 0)
        place = platform.api.get("/api/v1/volumes/data").json()["node"]
        other = next(name for name in workers if name != place)
        port = platform.address.rsplit(":", 1)[1]
        platform.kill9()
        platform.start("--port", port)
        for worker in workers.values():
            worker.ready()
        for _ in range(3):
            get = platform.apollo("task", "run", "--volume", "data", "--", "sh", "-c", "cat $APOLLO_VOLUME_data/f")
            self.assertEqual(get.out, "kept\n", repr(get))
        words = ["--volume", "data", "--constraint", f"node.name={other}", "--", "true"]
        platform.apollo("task", "run", "-d", "--name", "stuck", *words)
        self.assertSays(platform.apollo("task", "explain", "stuck").out, "is not where its volumes are")
        platform.apollo("task", "stop", "stuck")
        workers[place].kill9()
        workers[place].await_state("lost")
        refused = platform.apollo("volume", "rm", "data")
        self.assertCode(refused, 69)
        self.assertSays(refused.err, place, "--force")
        workers[place].start()
        directory = os.path.join(workers[place].data, "worker", "volumes", "default", "data")
        self.assertTrue(os.path.isdir(directory))
        self.assertCode(platform.apollo("volume", "rm", "data"), 0)
        self.assertFalse(os.path.exists(directory))
