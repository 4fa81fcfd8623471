"""`apollo task run` in the foreground and detached."""

import hashlib
import os
import random
import signal
import socket
import time

from harness import ApolloTestCase, eventually, needs
from harness import processes


class Foreground(ApolloTestCase):
    def test_the_first_command_of_getting_started_says_hello(self):
        outcome = self.apollo.shell("apollo task run --exec /bin/echo -- hello")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (0, "hello\n", ""))

    def test_the_sort_of_the_tasks_page_sorts(self):
        outcome = self.apollo.shell("apollo task run --exec /usr/bin/sort -- --reverse /etc/hostname")
        with open("/etc/hostname") as file:
            lines = sorted(file.read().splitlines(), reverse=True)
        self.assertCode(outcome, 0)
        self.assertEqual(outcome.out.splitlines(), lines)

    def test_without_exec_the_first_word_is_found_on_the_path(self):
        outcome = self.apollo("task", "run", "--", "printf", "%s|", "a", "b c", "")
        self.assertEqual((outcome.code, outcome.out), (0, "a|b c||"))

    def test_standard_output_and_standard_error_stay_apart(self):
        outcome = self.apollo("task", "run", "--", "sh", "-c", "echo out; echo err >&2; echo out again")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (0, "out\nout again\n", "err\n"))

    def test_every_exit_code_is_passed_on(self):
        for code in (1, 2, 7, 65, 126, 127, 128, 200, 255):
            with self.subTest(code=code):
                outcome = self.apollo("task", "run", "--", "sh", "-c", f"exit {code}")
                self.assertEqual((outcome.code, outcome.out, outcome.err), (code, "", ""))

    def test_a_signal_is_128_and_its_number_and_is_told(self):
        for number, name in ((9, "SIGKILL"), (15, "SIGTERM"), (11, "SIGSEGV"), (6, "SIGABRT")):
            with self.subTest(signal=name):
                outcome = self.apollo("task", "run", "--", "sh", "-c", f"kill -{number} $$")
                self.assertCode(outcome, 128 + number)
                self.assertIn(f"killed by {name}", outcome.err)

    def test_what_is_written_without_a_newline_comes_as_it_is(self):
        outcome = self.apollo("task", "run", "--", "printf", "no newline")
        self.assertEqual((outcome.code, outcome.out), (0, "no newline"))

    def test_five_megabytes_come_complete_and_in_order(self):
        outcome = self.apollo("task", "run", "--", "sh", "-c", "seq 1 720000")
        wanted = "".join(f"{n}\n" for n in range(1, 720001)).encode()
        self.assertCode(outcome, 0)
        self.assertGreater(len(wanted), 4_900_000)
        self.assertEqual(len(outcome.raw_out), len(wanted))
        self.assertEqual(hashlib.sha256(outcome.raw_out).digest(), hashlib.sha256(wanted).digest())

    def test_bytes_that_are_no_text_come_unchanged(self):
        data = bytes(range(256)) * 40 + b"\xff\xfe\x00" + "\N{SNOWMAN}".encode()[:2]
        path = self.scratch("bytes")
        with open(path, "wb") as file:
            file.write(data)
        outcome = self.apollo("task", "run", "--", "cat", path)
        self.assertCode(outcome, 0)
        self.assertEqual(outcome.raw_out, data)

    def test_output_comes_while_the_task_runs(self):
        gate = self.scratch("gate")
        process = self.apollo.start(
            "task", "run", "--", "sh", "-c", f"echo first; while [ ! -e {gate} ]; do sleep 0.05; done; echo last"
        )
        self.assertEqual(process.stdout.readline(), b"first\n")
        open(gate, "w").close()
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err), (0, b"last\n", b""))

    def test_interrupting_it_stops_the_task(self):
        name = self.unique("interrupted")
        process = self.apollo.start("task", "run", "--name", name, "--", "sh", "-c", "echo up; exec sleep 1000")
        self.assertEqual(process.stdout.readline(), b"up\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        record = self.api.task(name)
        self.assertEqual((record["state"], record["attempts"][0]["outcome"]), ("stopped", "stopped"))
        self.assertEqual(process.returncode, 143, err)
        self.assertIn(f"stopping {name}; again to kill it", err.decode())

    def test_interrupting_it_twice_kills_a_task_that_does_not_listen(self):
        name = self.unique("stubborn")
        process = self.apollo.start(
            "task",
            "run",
            "--name",
            name,
            "--stop-grace",
            "10m",
            "--",
            "sh",
            "-c",
            "trap 'echo no' TERM; echo up; while :; do sleep 0.05; done",
        )
        self.assertEqual(process.stdout.readline(), b"up\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stdout.readline(), b"no\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 137, err)
        self.assertEqual(self.api.task(name)["state"], "stopped")

    def test_an_interrupt_at_any_moment_leaves_no_task_running(self):
        label = self.unique("moment")
        started = [
            self.apollo.start("task", "run", "--label", f"of={label}", "--", "sleep", "1000") for _ in range(12)
        ]
        for process in started:
            time.sleep(random.uniform(0, 0.03))  # The random moment, not a wait for anything.
            process.send_signal(signal.SIGINT)
        for process in started:
            process.communicate(timeout=60)
            # Ended before it had asked for anything, or with its task.
            self.assertIn(process.returncode, (-2, 1, 143))
        tasks = [task for task in self.api.tasks() if task["spec"]["labels"].get("of") == label]
        self.assertEqual([task["name"] for task in tasks if task["state"] != "stopped"], [])

    def test_a_task_that_ends_well_when_interrupted_is_still_no_success(self):
        name = self.unique("polite")
        process = self.apollo.start(
            "task",
            "run",
            "--name",
            name,
            "--",
            "sh",
            "-c",
            "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done",
        )
        self.assertEqual(process.stdout.readline(), b"up\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (1, b"bye\n"))
        self.assertIn(f"{name}: stopped", err.decode())

    def test_a_reader_that_goes_away_ends_the_command_and_not_the_task(self):
        name = self.unique("widowed")
        outcome = self.apollo.shell(
            f"apollo task run --name {name} -- sh -c 'seq 1 100000; sleep 1000' | head -n 1; exit ${{PIPESTATUS[0]}}"
        )
        self.assertEqual(outcome.out, "1\n")
        self.assertCode(outcome, 141)
        self.assertEqual(self.api.task(name)["state"], "running")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", name), 0)

    def test_an_executable_that_is_not_there_is_named_and_the_code_is_1(self):
        name = self.unique("missing")
        outcome = self.apollo("task", "run", "--name", name, "--exec", "/no/such/program")
        self.assertEqual((outcome.code, outcome.out), (1, ""))
        self.assertSays(outcome.err, "/no/such/program", "is not on this host")
        record = self.api.task(name)
        self.assertEqual((record["state"], record["attemptCount"]), ("failed", 1))
        self.assertIn("/no/such/program", record["reason"])
        self.assertNothingRunsOf(record)

    def test_a_name_that_is_not_on_the_path_is_named(self):
        outcome = self.apollo("task", "run", "--", "no-such-program-anywhere")
        self.assertCode(outcome, 1)
        self.assertSays(outcome.err, "no-such-program-anywhere", "PATH")

    def test_a_file_that_may_not_be_executed_says_what_to_try(self):
        path = self.scratch("plain")
        with open(path, "w") as file:
            file.write("#!/bin/sh\n")
        outcome = self.apollo("task", "run", "--exec", path)
        self.assertCode(outcome, 1)
        self.assertSays(outcome.err, path, "chmod +x")

    def test_a_script_whose_interpreter_is_missing_says_so(self):
        path = self.scratch("script")
        with open(path, "w") as file:
            file.write("#!/no/such/interpreter\n")
        os.chmod(path, 0o755)
        outcome = self.apollo("task", "run", "--exec", path)
        self.assertCode(outcome, 1)
        self.assertSays(outcome.err, path, "interpreter")

    def test_nothing_of_a_task_stays_when_its_first_process_ends(self):
        outcome = self.apollo("task", "run", "--", "sh", "-c", "setsid sleep 1000 & echo $!")
        self.assertCode(outcome, 0)
        child = int(outcome.out)
        eventually(lambda: not processes.is_alive(child), "what the task left behind is gone")

    def test_the_manual_says_nothing_runs_without_anything_to_run(self):
        outcome = self.apollo("task", "run")
        self.assertCode(outcome, 2)
        self.assertSays(outcome.err, "nothing to run", "--image", "--exec")

    def test_an_option_that_does_not_exist_is_wrong_usage_with_the_nearest(self):
        outcome = self.apollo("task", "run", "--memroy", "64Mi", "--", "true")
        self.assertCode(outcome, 2)
        self.assertSays(outcome.err, "--memroy", "--memory")

    def test_values_that_make_no_sense_are_wrong_usage_that_names_the_option(self):
        for option, value in (
            ("--memory", "lots"),
            ("--cpu", "0"),
            ("--cpu", "many"),
            ("--port", "99999"),
            ("--port", "x"),
            ("--restart", "sometimes"),
            ("--timeout", "soon"),
            ("--mount", "relative:/x"),
            ("--priority", "5000"),
            ("--processes", "0"),
            ("--stop-grace", "-1s"),
            ("--pull", "perhaps"),
            ("--env", "=x"),
        ):
            with self.subTest(option=option, value=value):
                outcome = self.apollo("task", "run", option, value, "--", "true")
                self.assertCode(outcome, 2)
                self.assertIn(option, outcome.err)

    def test_image_and_exec_exclude_each_other(self):
        outcome = self.apollo("task", "run", "--image", "busybox", "--exec", "/bin/true")
        self.assertCode(outcome, 2)
        self.assertSays(outcome.err, "--image", "--exec")

    def test_a_name_that_is_no_name_is_refused_with_its_field(self):
        for name in ("Upper", "-dash", "under_score", "a" * 64):
            with self.subTest(name=name):
                outcome = self.apollo("task", "run", f"--name={name}", "--", "true")
                self.assertCode(outcome, 65)
                self.assertIn("name", outcome.err)

    def test_a_name_that_is_taken_is_code_67_and_says_what_to_try(self):
        name = self.unique("taken")
        self.assertCode(self.apollo("task", "run", "--name", name, "--", "true"), 0)
        outcome = self.apollo("task", "run", "--name", name, "--", "true")
        self.assertCode(outcome, 67)
        self.assertSays(outcome.err, name, "exists already", f"apollo task rm {name}")

    def assertNothingRunsOf(self, record):
        for pid in processes.descendants(os.getpid()):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    self.assertNotIn(record["id"].encode(), file.read())
            except OSError:
                pass  # It has ended meanwhile.


class Surroundings(ApolloTestCase):
    def run_shell(self, script, *options, env=None):
        return self.apollo("task", "run", *options, "--", "sh", "-c", script, env=env)

    def test_variables_are_given_and_taken_from_the_callers_environment(self):
        outcome = self.run_shell(
            'echo "$A|$B|$C"', "--env", "A=x=y z", "--env", "B", "--env", "C=", env={"B": "mine"}
        )
        self.assertEqual((outcome.code, outcome.out), (0, "x=y z|mine|\n"))

    def test_a_variable_that_is_not_set_here_is_wrong_usage(self):
        outcome = self.run_shell("true", "--env", "NOT_SET_ANYWHERE")
        self.assertCode(outcome, 2)
        self.assertSays(outcome.err, "NOT_SET_ANYWHERE")

    def test_nothing_of_apollos_own_environment_reaches_a_task(self):
        outcome = self.run_shell("env", env={"SECRET_OF_THE_CALLER": "1"})
        names = {line.partition("=")[0] for line in outcome.out.splitlines()}
        self.assertLessEqual(
            names,
            {
                "PATH",
                "LANG",
                "HOME",
                "USER",
                "LOGNAME",
                "PWD",
                "SHLVL",
                "_",
                "OLDPWD",
                "APOLLO_TASK_ID",
                "APOLLO_TASK_NAME",
                "APOLLO_PROJECT",
                "APOLLO_ATTEMPT",
            },
        )

    def test_it_starts_where_workdir_says_and_otherwise_at_the_root(self):
        directory = os.path.dirname(self.scratch("x"))
        self.assertEqual(self.run_shell("pwd", "--workdir", directory).out, directory + "\n")
        self.assertEqual(self.run_shell("pwd").out, "/\n")

    def test_a_workdir_that_is_not_there_is_named(self):
        outcome = self.run_shell("pwd", "--workdir", "/no/such/place")
        self.assertCode(outcome, 1)
        self.assertSays(outcome.err, "workingDirectory", "/no/such/place")

    @needs.root
    def test_it_runs_as_the_user_that_is_asked_for(self):
        outcome = self.run_shell("id -u; id -g; echo $USER", "--user", "nobody")
        self.assertEqual(outcome.out.split(), ["65534", "65534", "nobody"])
        outcome = self.run_shell("id -u; id -g; id -G", "--user", "1234:4321")
        self.assertEqual(outcome.out.split(), ["1234", "4321", "4321"])

    def test_a_user_that_does_not_exist_is_named(self):
        outcome = self.run_shell("id", "--user", "no-such-user")
        self.assertCode(outcome, 1)
        self.assertSays(outcome.err, "no-such-user")

    @needs.root
    def test_a_mount_shows_and_protects_what_it_mounts(self):
        source, target = os.path.dirname(self.scratch("x")), os.path.dirname(self.scratch("x"))
        with open(os.path.join(source, "file"), "w") as file:
            file.write("there\n")
        outcome = self.run_shell(
            f"cat {target}/file; echo more >> {target}/file || echo refused", "--mount", f"{source}:{target}:ro"
        )
        self.assertCode(outcome, 0)
        self.assertEqual(outcome.out, "there\nrefused\n")
        outcome = self.run_shell(f"echo more >> {target}/file", "--mount", f"{source}:{target}")
        self.assertCode(outcome, 0)
        with open(os.path.join(source, "file")) as file:
            self.assertEqual(file.read(), "there\nmore\n")
        self.assertEqual(os.listdir(target), [])

    @needs.root
    def test_a_mount_of_what_is_not_there_is_named(self):
        outcome = self.run_shell("true", "--mount", "/no/such/source:/mnt")
        self.assertCode(outcome, 1)
        self.assertSays(outcome.err, "mounts[0].source", "/no/such/source")

    def test_a_port_is_given_as_PORT_and_shown(self):
        name = self.unique("web")
        script = (
            "import os, socket; server = socket.create_server(('127.0.0.1', int(os.environ['PORT'])));"
            "client, _ = server.accept(); client.sendall(os.environ['PORT_8080'].encode()); client.close()"
        )
        outcome = self.apollo(
            "task", "run", "--detach", "--name", name, "--port", "8080", "--", "python3", "-c", script
        )
        self.assertCode(outcome, 0)
        record = self.platform.await_state(name, "running", "completed", "failed")
        port = record["attempts"][0]["ports"][0]
        self.assertEqual((port["container"], port["address"], port["transport"]), (8080, "127.0.0.1", "tcp"))
        self.assertIn(f"127.0.0.1:{port['host']}->8080", self.apollo("task", "ps").out)

        def ask():
            try:
                with socket.create_connection(("127.0.0.1", port["host"]), timeout=10) as connection:
                    return connection.recv(100)
            except ConnectionRefusedError:
                return None

        self.assertEqual(eventually(ask, "the task's port answers"), str(port["host"]).encode())
        self.assertEqual(self.platform.await_end(name)["state"], "completed")

    def test_a_port_of_the_host_that_is_taken_is_a_reason_to_wait(self):
        name = self.unique("late")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.apollo("task", "run", "--detach", "--name", name, "--port", f"{port}:80", "--", "true")
            record = self.platform.await_state(name, "pending")
            self.assertSays(record["reason"], f"port {port} of 127.0.0.1 is in use", "trying again")
        self.assertEqual(self.platform.await_end(name)["state"], "completed")

    def test_labels_are_kept(self):
        name = self.unique("labelled")
        self.apollo("task", "run", "--name", name, "--label", "team=a", "--label", "empty=", "--", "true")
        self.assertEqual(self.api.task(name)["spec"]["labels"], {"team": "a", "empty": ""})


class Detached(ApolloTestCase):
    def test_detach_prints_the_name_and_returns_while_it_runs(self):
        name = self.unique("background")
        outcome = self.apollo("task", "run", "--detach", "--name", name, "--", "sleep", "1000")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (0, f"{name}\n", ""))
        self.platform.await_state(name, "running")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", name), 0)

    def test_without_a_name_one_is_made_of_the_program(self):
        outcome = self.apollo("task", "run", "-d", "--exec", "/bin/true")
        self.assertRegex(outcome.out, r"\Atrue-[0-9a-z]{5}\n\Z")
        self.assertEqual(self.platform.await_end(outcome.out.strip())["state"], "completed")

    def test_json_is_the_record_of_the_api(self):
        record = self.apollo("task", "run", "-d", "--output", "json", "--", "sleep", "1000").json()
        self.assertEqual(self.api.task(record["id"])["name"], record["name"])
        self.apollo("task", "stop", "--grace", "0", record["name"])

    def test_wait_ends_with_the_tasks_code(self):
        name = self.apollo("task", "run", "-d", "--", "sh", "-c", "sleep 0.2; exit 9").out.strip()
        self.assertCode(self.apollo("task", "wait", name), 9)
        self.assertCode(self.apollo("task", "wait", name), 9)

    def test_wait_for_several_ends_with_the_first_failure_in_their_order(self):
        good = self.apollo("task", "run", "-d", "--", "true").out.strip()
        late = self.apollo("task", "run", "-d", "--", "sh", "-c", "sleep 0.3; exit 9").out.strip()
        soon = self.apollo("task", "run", "-d", "--", "sh", "-c", "exit 7").out.strip()
        self.assertCode(self.apollo("task", "wait", good, late, soon), 9)
        self.assertCode(self.apollo("task", "wait", good, good), 0)

    def test_wait_for_any_says_which_it_was(self):
        never = self.apollo("task", "run", "-d", "--", "sleep", "1000").out.strip()
        ends = self.apollo("task", "run", "-d", "--", "sh", "-c", "exit 7").out.strip()
        outcome = self.apollo("task", "wait", "--any", never, ends)
        self.assertCode(outcome, 7)
        self.assertEqual(outcome.out, ends + "\n")
        self.apollo("task", "stop", "--grace", "0", never)

    def test_restarts_are_tuned_and_shown(self):
        words = ["--restart", "on-failure:2", "--restart-wait", "10ms", "--restart-factor", "1.5"]
        words += ["--restart-max-wait", "20ms", "--restart-window", "1h"]
        name = self.apollo("task", "run", "-d", *words, "--", "sh", "-c", "exit 3").out.strip()
        self.assertCode(self.apollo("task", "wait", name), 3)
        record = self.api.task(name)
        self.assertEqual(record["attemptCount"], 3)
        self.assertEqual(record["spec"]["restart"]["window"], 3600)
        said = self.apollo("task", "status", name).out
        self.assertSays(said, "first after 10ms", "each next 1.5 times that", "at most 20ms", "a run of 60m")
        refused = self.apollo("task", "run", "--restart-wait", "1s", "--", "true")
        self.assertCode(refused, 2)
        self.assertSays(refused.err, "--restart policy", "--restart on-failure")

    def test_wait_gives_up_when_told_to(self):
        name = self.apollo("task", "run", "-d", "--", "sleep", "1000").out.strip()
        outcome = self.apollo("task", "wait", "--timeout", "300ms", name)
        self.assertCode(outcome, 75)
        self.assertIn(name, outcome.err)
        self.assertEqual(self.api.task(name)["state"], "running")
        self.apollo("task", "stop", "--grace", "0", name)

    def test_the_example_of_wait_runs_what_follows(self):
        name = self.unique("sort")
        run = f"apollo task run -d --name {name} --exec /usr/bin/sort -- /etc/passwd"
        line = f"{run} && apollo task wait {name} && echo sorted"
        outcome = self.apollo.shell(line)
        self.assertEqual((outcome.code, outcome.out), (0, f"{name}\nsorted\n"))

    def test_a_hundred_at_once_all_complete(self):
        names = [self.api.submit("/bin/true")["name"] for _ in range(100)]
        for name in names:
            self.assertEqual(self.platform.await_end(name)["state"], "completed")
