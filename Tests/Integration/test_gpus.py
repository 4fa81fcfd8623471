"""GPUs of machines, told by a program in the place of nvidia-smi: found, and given to one task at a time."""

import os
import stat

from harness import ApolloTestCase, eventually

UUIDS = [f"GPU-5a0c8f1e-0000-1111-2222-33334444555{number}" for number in range(2)]
ROWS = [f"{number}, {uuid}, 40536, 1024, {35 + number}, NVIDIA A100" for number, uuid in enumerate(UUIDS)]
LINES = "".join(f"{row}\\n" for row in ROWS)


class GPUs(ApolloTestCase):
    own_platform = True

    def start(self, script):
        """A platform on a machine whose nvidia-smi does what `script` says."""
        path = self.scratch("nvidia-smi")
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, stat.S_IRWXU)
        search = f"{os.path.dirname(path)}:{os.environ['PATH']}"
        return self.make_platform(env={"PATH": search, "APOLLO_NODE_GPUS_POLL": "200ms"}).start()

    def start_telling(self, rows):
        """A platform whose nvidia-smi writes these rows, and what makes it write others."""
        path = self.scratch("rows")

        def tell(rows):
            with open(f"{path}.new", "w") as file:
                file.write("".join(f"{row}\n" for row in rows))
            os.replace(f"{path}.new", path)

        tell(rows)
        return self.start(f"cat {path}"), tell

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

    def test_what_they_are_busy_with_is_told_everywhere(self):
        platform, tell = self.start_telling(ROWS)
        node = self.node(platform)
        metrics = f"/api/v1/nodes/{node['name']}/metrics"
        told = platform.api.get(metrics).json()["gpus"]
        self.assertEqual([(gpu["uuid"], gpu["busy"]) for gpu in told], [(UUIDS[0], 0.35), (UUIDS[1], 0.36)])
        self.assertEqual({gpu["memoryUsed"] for gpu in told}, {1 << 30})
        tell([ROWS[0].replace("35", "90"), ROWS[1].replace(" 36,", " [N/A],")])

        def renewed():
            told = platform.api.get(metrics).json()["gpus"]
            return told if told[0]["busy"] == 0.9 else None

        self.assertNotIn("busy", eventually(renewed, "the machine says what it is busy with now")[1])
        top = platform.apollo("node", "top", "--once", "--interval", "200ms").out
        self.assertSays(top, "GPUS", "2: 90 %, 2.0Gi of 79.2Gi")
        status = platform.apollo("node", "status", node["name"]).out
        self.assertSays(status, f"{UUIDS[0]}: 90 %, 1.0Gi in use", f"{UUIDS[1]}: -, 1.0Gi")
        families = platform.api.get("/metrics").body.decode()
        labels = f'node="{node["name"]}",gpu="0"'
        self.assertSays(families, f"apollo_node_gpu_busy_ratio{{{labels}}} 0.9")
        self.assertSays(families, f"apollo_node_gpu_memory_used_bytes{{{labels}}} {1 << 30}")

    def test_one_that_vanishes_is_given_to_nobody_and_one_that_comes_is(self):
        platform, tell = self.start_telling(ROWS)
        self.run_held(platform, "one", "1")
        self.assertEqual(self.given(platform, "one"), UUIDS[:1])
        tell(ROWS[1:])

        def told():
            (gpu,) = platform.api.task("one")["attempts"][-1]["gpus"]
            return gpu.get("isMissing")

        eventually(told, "the task says that its GPU is gone")
        self.assertSays(platform.apollo("task", "status", "one").out, f"0 ({UUIDS[0]}, not there any more)")
        status = platform.apollo("node", "status", self.node(platform)["name"]).out
        self.assertSays(status, "not there any more, and a task still has it")
        self.assertSays(platform.log, "not there any more")
        # The other one can be had all the same.
        self.run_held(platform, "two", "1")
        self.assertEqual(self.given(platform, "two"), UUIDS[1:])
        platform.apollo("task", "stop", "--grace", "0", "one")
        platform.await_state("one", "stopped")
        self.assertEqual(self.node(platform)["capacity"]["gpus"], 1)
        waits = self.run_held(platform, "three", "1")
        self.assertSays(waits["reason"], "has 0 of 1 GPUs free")
        tell(ROWS)
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
