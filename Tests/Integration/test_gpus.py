"""GPUs of machines, told by a program in the place of nvidia-smi: found, and given to one task at a time."""

import os
import stat

from harness import ApolloTestCase

UUIDS = [f"GPU-5a0c8f1e-0000-1111-2222-33334444555{number}" for number in range(2)]
LINES = "".join(f"{number}, {uuid}, 40536, NVIDIA A100\\n" for number, uuid in enumerate(UUIDS))


class GPUs(ApolloTestCase):
    own_platform = True

    def start(self, script):
        """A platform on a machine whose nvidia-smi does what `script` says."""
        path = self.scratch("nvidia-smi")
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, stat.S_IRWXU)
        search = f"{os.path.dirname(path)}:{os.environ['PATH']}"
        return self.make_platform(env={"PATH": search}).start()

    def node(self, platform):
        return platform.api.get("/api/v1/nodes").json()["items"][0]

    def run_held(self, platform, name, count):
        words = ["task", "run", "-d", "--name", name, "--gpus", count, "--", "sleep", "1000"]
        self.assertCode(platform.apollo(*words), 0)
        return platform.api.task(name)

    def given(self, platform, name):
        return [gpu["uuid"] for gpu in platform.await_state(name, "running")["attempts"][-1]["gpus"]]

    def test_they_are_found_shown_and_told_to_the_task_that_has_them(self):
        platform = self.start(f"printf '{LINES}'")
        node = self.node(platform)
        self.assertEqual([gpu["uuid"] for gpu in node["gpus"]], UUIDS)
        self.assertEqual(node["capacity"]["gpus"], 2)
        self.assertSays(platform.apollo("node", "status", node["name"]).out, "0 of 2", "NVIDIA A100", *UUIDS)
        self.assertSays(platform.apollo("node", "ls").out, "GPUS", "0 of 2")
        script = "echo $CUDA_VISIBLE_DEVICES $NVIDIA_VISIBLE_DEVICES"
        run = platform.apollo("task", "run", "--name", "both", "--gpus", "2", "--", "sh", "-c", script)
        self.assertEqual(run.out.split(), [",".join(UUIDS)] * 2)
        status = platform.apollo("task", "status", "both").out
        self.assertSays(status, "gpus 2", f"0 ({UUIDS[0]}), 1 ({UUIDS[1]})")

    def test_none_is_given_twice_also_after_a_restart(self):
        platform = self.start(f"printf '{LINES}'")
        self.run_held(platform, "one", "1")
        self.assertEqual(self.given(platform, "one"), UUIDS[:1])
        platform.kill9()
        platform.restart()
        self.run_held(platform, "two", "1")
        self.assertEqual(self.given(platform, "two"), UUIDS[1:])
        waits = self.run_held(platform, "three", "1")
        self.assertSays(waits["reason"], "has 0 of 2 GPUs free, asked are 1")
        self.assertSays(platform.apollo("task", "explain", "three").out, "too little GPUs free")
        platform.apollo("task", "stop", "one")
        self.assertEqual(self.given(platform, "three"), UUIDS[:1])

    def test_a_program_that_says_nothing_of_use_leaves_a_machine_without(self):
        for script, said in (
            ("exit 9", "failed with exit code 9"),
            ("yes 0", "wrote more than it should"),
            ("echo 'No devices were found'", "1 lines that say nothing of a GPU"),
        ):
            with self.subTest(script=script):
                platform = self.start(script)
                self.assertEqual(self.node(platform)["gpus"], [])
                self.assertSays(platform.log, "nvidia-smi", said)
                platform.terminate()

    def test_a_task_that_asks_for_more_than_there_are_says_so(self):
        platform = self.start(f"printf '{LINES}'")
        self.assertSays(self.run_held(platform, "many", "3")["reason"], "has 2 of 2 GPUs free, asked are 3")
        self.assertCode(platform.apollo("task", "run", "--gpus", "0", "--", "true"), 2)
