"""Containers without an engine: images of a registry, run by runc."""

import json
import os
import shutil
import signal
import struct
import subprocess
import unittest

from harness import ApolloTestCase, eventually, images


class OCI(ApolloTestCase):
    """A platform without an engine, and a registry of busybox."""

    weight = 20
    registry = None

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("needs root")
        if reason := images.missing():
            raise unittest.SkipTest(reason)
        if not shutil.which("runc", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"):
            raise unittest.SkipTest("runc is not installed")
        cls.make_directory()
        cls.registry = images.Registry()
        cls.system = images.busybox()
        cls.image, cls.descriptor = cls.registry.push("base/busybox", [cls.system])
        if not cls.own_platform:
            cls.platform = cls.start_platform()
            node = cls.platform.api.get("/api/v1/nodes").json()["items"][0]
            status = {each["kind"]: each for each in node["runtimes"]}
            if not status["oci"]["isAvailable"]:
                raise unittest.SkipTest(status["oci"]["detail"])

    @classmethod
    def start_platform(cls, **environment):
        return cls.make_platform(env={"APOLLO_OCI_ENABLED": "true", **environment}).start()

    @classmethod
    def clean_up(cls):
        if cls.registry:
            cls.registry.close()
            cls.registry = None
        super().clean_up()

    def oci(self, *words, image=None, options=()):
        return self.apollo("task", "run", "--runtime", "oci", "--image", image or self.image, *options, "--", *words)


class OCIRunning(OCI):
    def test_the_first_command_of_the_page_says_hello(self):
        outcome = self.oci("echo", "hello")
        self.assertEqual((outcome.code, outcome.out), (0, "hello\n"))

    def test_without_an_engine_an_image_is_run_by_runc(self):
        outcome = self.apollo("task", "run", "--name", "chosen", "--image", self.image, "--", "sh", "-c", "exit 3")
        self.assertCode(outcome, 3)
        self.assertEqual(self.api.task("chosen")["spec"]["runtime"], "oci")

    def test_exit_codes_signals_and_both_streams_come_back(self):
        outcome = self.oci("sh", "-c", "echo out; echo err >&2; exit 41")
        self.assertEqual((outcome.code, outcome.out, outcome.err), (41, "out\n", "err\n"))
        outcome = self.oci("sh", "-c", "kill -9 $$")
        self.assertCode(outcome, 137)

    def test_a_container_sees_itself_alone(self):
        outcome = self.oci(
            "sh", "-c",
            "ls /proc | grep -c '^[0-9]*$'; id -u; grep -E 'NoNewPrivs|Seccomp:|CapBnd' /proc/self/status",
        )
        self.assertCode(outcome, 0)
        count, user, *rest = outcome.out.split("\n")
        self.assertLessEqual(int(count), 6)
        self.assertEqual(user, "0")
        text = "\n".join(rest)
        self.assertRegex(text, r"NoNewPrivs:\s+1")
        self.assertRegex(text, r"Seccomp:\s+2")
        self.assertRegex(text, r"CapBnd:\s+00000000000004fb")

    def test_users_are_those_of_the_image(self):
        outcome = self.oci("id", options=("--user", "worker"))
        self.assertIn("uid=1234(worker) gid=1235(worker)", outcome.out)
        self.assertIn("29(audio)", outcome.out)
        outcome = self.oci("id", options=("--user", "nobody-here"))
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("nobody-here", outcome.err)

    def test_limits_are_kept_and_told(self):
        outcome = self.oci("dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1", options=("--memory", "32Mi"))
        self.assertCode(outcome, 137)
        self.assertIn("out of memory (limit 32Mi)", outcome.err)
        outcome = self.oci(
            "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; wait", options=("--processes", "5")
        )
        self.assertIn("fork", outcome.err)

    def test_a_command_that_is_not_there_and_an_image_that_is_not_there_are_named(self):
        outcome = self.oci("no-such-command")
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("command 'no-such-command' was not found", outcome.err)
        outcome = self.oci("true", image=f"{self.registry.host}/no/such:1")
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("no/such:1", outcome.err)

    def test_secrets_volumes_and_mounts_are_seen(self):
        file = self.scratch("word")
        with open(file, "w") as out:
            out.write("sesame")
        self.assertCode(self.apollo("secret", "set", "word", "--file", file), 0)
        outcome = self.oci(
            "sh", "-c", "cat /run/secrets/word; echo kept > /data/file; cat /data/file",
            options=("--secret", "word", "--volume", "oci-data:/data"),
        )
        self.assertEqual((outcome.code, outcome.out), (0, "sesamekept\n"))
        outcome = self.oci("cat", "/data/file", options=("--volume", "oci-data:/data:ro"))
        self.assertEqual(outcome.out, "kept\n")

    def test_a_service_is_looked_into_and_stopped(self):
        name = self.unique("service")
        outcome = self.oci(
            "sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done",
            options=("-d", "--name", name),
        )
        self.assertCode(outcome, 0)
        self.platform.await_output(name, "up\n")
        outcome = self.apollo("task", "exec", name, "--", "sh", "-c", "hostname; echo there; exit 7")
        self.assertCode(outcome, 7)
        self.assertIn("there\n", outcome.out)
        outcome = self.apollo("task", "exec", name, "--", "no-such-command")
        self.assertIn("no-such-command", outcome.err)
        source = self.scratch("file")
        with open(source, "w") as file:
            file.write("carried\n")
        self.assertCode(self.apollo("task", "cp", source, f"{name}:/tmp/file"), 0)
        self.assertEqual(self.apollo("task", "exec", name, "--", "cat", "/tmp/file").out, "carried\n")
        self.assertCode(self.apollo("task", "stop", name), 0)
        self.assertIn("bye", self.apollo("task", "logs", name).out)

    def test_a_port_is_told_to_the_task(self):
        outcome = self.oci("sh", "-c", "echo $PORT $PORT_8080 $APOLLO_PORT_http", options=("--port", "http=8080"))
        self.assertCode(outcome, 0)
        ports = outcome.out.split()
        self.assertEqual(len(set(ports)), 1, outcome.out)
        self.assertGreater(int(ports[0]), 1024)

    def test_nothing_is_left_of_what_has_ended(self):
        self.assertCode(self.oci("true"), 0)
        folder = os.path.join(self.platform.data, "oci")
        # The end is told before it is all cleaned up.
        running = [each for each in self.api.tasks() if each["state"] == "running"]
        eventually(lambda: len(os.listdir(os.path.join(folder, "containers"))) <= len(running), "containers are gone")
        eventually(lambda: len(os.listdir(os.path.join(folder, "runc"))) <= len(running), "records are gone")


#: System calls of x86-64 that nobody in a container may make, and what they answer (seccomp(2), capabilities(7)).
FORBIDDEN = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(
    mount=165, umount2=166, pivot_root=155, chroot=161, reboot=169, swapon=167, swapoff=168, sethostname=170,
    settimeofday=164, syslog=103, init_module=175, finit_module=313, delete_module=176, kexec_load=246,
    add_key=248, request_key=249, keyctl=250, bpf=321, perf_event_open=298, userfaultfd=323, io_uring_setup=425,
    unshare=272, setns=308, open_by_handle_at=304, quotactl=179, acct=163, lookup_dcookie=212, kcmp=312,
    open_tree=428, move_mount=429, fsopen=430, mount_setattr=442, iopl=172, ioperm=173, clone3=435,
)
for name, number in calls.items():
    ctypes.set_errno(0)
    answer = libc.syscall(number, 0, 0, 0, 0, 0, 0)
    print(name, answer, errno.errorcode.get(ctypes.get_errno()))
for name, arguments in dict(vsock=(40, 1, 0), packet=(17, 3, 0), raw=(2, 3, 1)).items():
    ctypes.set_errno(0)
    print(name, libc.socket(*arguments), errno.errorcode.get(ctypes.get_errno()))
print("namespace", libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0), errno.errorcode.get(ctypes.get_errno()))
"""

#: A program of 32 bits that ends with 42: an ELF header, a program header, and three instructions (elf(5)).
SMALL32 = (
    b"\x7fELF\x01\x01\x01" + bytes(9)
    + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    + struct.pack("<IIIIIIII", 1, 0, 0x8048000, 0x8048000, 96, 96, 5, 4096)
    + bytes.fromhex("b801000000bb2a000000cd80")
)


class OCIForbidden(OCI):
    @classmethod
    def start_platform(cls, **environment):
        # A Python of this machine is lent to a container.
        return super().start_platform(APOLLO_MOUNTS_ALLOWED="/usr", **environment)

    @unittest.skipUnless(images.ARCHITECTURE == "amd64", "numbers of system calls are those of x86-64")
    def test_system_calls_that_reach_beyond_a_container_are_refused(self):
        loader = "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
        if not os.path.exists(f"/usr{loader}") or not os.path.exists("/usr/bin/python3"):
            self.skipTest("there is no Python of this machine to lend")
        outcome = self.oci(
            f"/host{loader}", "--library-path", "/host/lib/x86_64-linux-gnu",
            "/host/bin/python3", "-S", "-c", FORBIDDEN,
            options=("--mount", "/usr:/host:ro", "--env", "PYTHONHOME=/host"),
        )
        self.assertCode(outcome, 0)
        answers = {line.split()[0]: line.split()[1:] for line in outcome.out.splitlines()}
        self.assertEqual(len(answers), 39, outcome.out)
        # Libraries take that for an old kernel, and call what a filter can look into.
        self.assertEqual(answers.pop("clone3"), ["-1", "ENOSYS"])
        self.assertEqual({name: each for name, each in answers.items() if each != ["-1", "EPERM"]}, {})

    def test_what_belongs_to_the_machine_is_neither_written_nor_read(self):
        script = """
            for file in /proc/sys/kernel/hostname /proc/sys/vm/drop_caches /proc/sysrq-trigger /proc/bus/none \
                /proc/irq/default_smp_affinity /sys/kernel/profiling /etc/hosts; do
                (echo 1 > $file) 2>/dev/null && echo "written: $file"
            done
            for group in /sys/fs/cgroup /sys/fs/cgroup/*; do
                # With version 1 they lie on a file system of the container's own.
                [ ! -e $group/cgroup.procs ] || { mkdir $group/own && echo "a cgroup: $group"; } 2>/dev/null
                [ ! -e $group/cgroup.procs ] || { echo 1 > $group/cgroup.procs && echo "entered: $group"; } 2>/dev/null
            done
            for file in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts /proc/sched_debug; do
                [ ! -e $file ] || [ "$(head -c 1 $file | wc -c)" = 0 ] || echo "read: $file"
            done
            ls /sys/firmware /proc/scsi /proc/acpi 2>/dev/null | grep -v : | grep .
            [ -e /dev/vda ] || [ -e /dev/mem ] || [ -e /dev/kmsg ] && echo "a device"
            echo done
        """
        outcome = self.oci("sh", "-c", script)
        self.assertEqual((outcome.code, outcome.out), (0, "done\n"))

    @unittest.skipUnless(images.ARCHITECTURE == "amd64", "it is a program for x86")
    def test_programs_of_32_bits_run_where_they_are_the_command(self):
        own = self.scratch("small32")
        with open(own, "wb") as file:
            file.write(SMALL32)
        os.chmod(own, 0o755)
        try:
            if subprocess.run([own]).returncode != 42:
                self.skipTest("this kernel runs no programs of 32 bits")
        except OSError:
            self.skipTest("this kernel runs no programs of 32 bits")
        image, _ = self.registry.push(
            "test/small32", [self.system, images.tar(("opt/", None, 0o755), ("opt/small32", SMALL32, 0o755))]
        )
        self.assertCode(self.oci("/opt/small32", image=image), 42)
        # Nobody could see that it is there: its first system call ends it.
        self.assertCode(self.oci("sh", "-c", "/opt/small32; exit $?", image=image), 128 + signal.SIGSYS)


class OCIImages(OCI):
    def test_layers_hide_what_is_below_them(self):
        first = images.tar(
            ("srv/", None, 0o755), ("srv/one", b"1", 0o644), ("srv/two", b"2", 0o644),
            ("opt/", None, 0o755), ("opt/old", b"", 0o644),
        )
        second = images.tar(
            ("srv/.wh.one", b"", 0o644), ("srv/three", b"3", 0o644),
            ("opt/", None, 0o755), ("opt/.wh..wh..opq", b"", 0o644), ("opt/new", b"", 0o644),
        )
        image, _ = self.registry.push("test/layers", [self.system, first, second], WorkingDir="/srv")
        outcome = self.oci("sh", "-c", "ls; ls /opt", image=image)
        self.assertEqual((outcome.code, outcome.out), (0, "three\ntwo\nnew\n"))

    def test_the_image_says_how_it_is_run(self):
        image, _ = self.registry.push(
            "test/defaults", [self.system], Entrypoint=["sh", "-c"], Cmd=["echo $GREETING from $(pwd) as $(id -u)"],
            Env=["PATH=/bin", "GREETING=hello"], WorkingDir="/srv", User="worker",
        )
        outcome = self.apollo("task", "run", "--runtime", "oci", "--image", image)
        self.assertEqual((outcome.code, outcome.out), (0, "hello from /srv as 1234\n"))

    def test_the_image_says_by_which_signal_it_is_stopped(self):
        # As nginx, Apache and PostgreSQL do, each another.
        script = "trap 'echo one; exit 9' USR1; trap 'echo term; exit 8' TERM; echo up; while :; do sleep 0.05; done"
        for name, number, text in (("SIGUSR1", 9, "up\none\n"), ("SIGNONE", 8, "up\nterm\n")):
            image, _ = self.registry.push("test/stopped", [self.system], tag=name.lower(), StopSignal=name)
            task = self.unique("stopped")
            self.assertCode(self.oci("sh", "-c", script, image=image, options=("-d", "--name", task)), 0)
            self.platform.await_output(task, "up\n")
            if name == "SIGNONE":
                self.assertIn("SIGNONE", json.dumps(self.api.task(task)))
            self.assertCode(self.apollo("task", "stop", task), 0)
            ended = self.platform.await_end(task)
            self.assertEqual(ended["attempts"][0]["exitCode"], number, ended)
            self.assertEqual(self.apollo("task", "logs", task).out, text)

    def test_an_index_gives_the_image_of_this_machine(self):
        name, other = self.registry.push(
            "test/multi", [images.tar(("x", b"", 0o644))], tag="other", architecture="s390x"
        )
        _, own = self.registry.push("test/multi", [self.system], tag="own")
        self.registry.put_manifest("test/multi", "both", {
            "schemaVersion": 2, "mediaType": images.INDEX,
            "manifests": [
                {**other, "platform": {"os": "linux", "architecture": "s390x"}},
                {**own, "platform": {"os": "linux", "architecture": images.ARCHITECTURE}},
            ],
        }, images.INDEX)
        self.assertEqual(self.oci("echo", "mine", image=f"{self.registry.host}/test/multi:both").out, "mine\n")
        outcome = self.oci("true", image=name)
        self.assertIn("s390x", outcome.err)
        self.assertNotEqual(outcome.code, 0)

    def test_a_digest_names_one_image_and_tags_move(self):
        image, first = self.registry.push("test/moving", [self.system], Env=["PATH=/bin", "N=1"])
        self.assertEqual(self.oci("sh", "-c", "echo $N", image=image).out, "1\n")
        self.registry.push("test/moving", [self.system], Env=["PATH=/bin", "N=2"])
        self.assertEqual(self.oci("sh", "-c", "echo $N", image=image).out, "1\n")
        self.assertEqual(self.oci("sh", "-c", "echo $N", image=image, options=("--pull", "always")).out, "2\n")
        by_digest = f"{self.registry.host}/test/moving@{first['digest']}"
        self.assertEqual(self.oci("sh", "-c", "echo $N", image=by_digest).out, "1\n")
        never = self.oci("true", image=f"{self.registry.host}/test/layers:none", options=("--pull", "never"))
        self.assertIn("'never'", never.err)

    def test_hostile_images_are_refused_and_leave_nothing(self):
        hostile = {
            "up": images.tar(("../../outside", b"x", 0o644)),
            "through": images.tar(("a/../../../outside", b"x", 0o644)),
        }
        for name, layer in hostile.items():
            with self.subTest(layer=name):
                image, _ = self.registry.push(f"hostile/{name}", [layer])
                outcome = self.oci("true", image=image)
                self.assertNotEqual(outcome.code, 0)
                self.assertIn("leads out of the layer", outcome.err)
        image, _ = self.registry.push("hostile/lying", [self.system], diff_ids=[images.digest(b"other")])
        outcome = self.oci("true", image=image)
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("unpacked bytes", outcome.err)
        folder = os.path.join(self.platform.data, "oci", "images")
        self.assertEqual([name for name in os.listdir(os.path.join(folder, "layers")) if "staging" in name], [])
        self.assertEqual(os.listdir(os.path.join(folder, "downloads")), [])

    def test_one_layer_of_several_images_is_there_once(self):
        layer = images.tar(("only-here", os.urandom(64), 0o644))
        for tag in ("one", "two"):
            image, _ = self.registry.push("test/shared", [self.system, layer], tag=tag, Env=["PATH=/bin", f"T={tag}"])
            self.assertCode(self.oci("cat", "/only-here", image=image), 0)
        name = images.digest(layer).replace(":", "-")
        self.assertIn(name, os.listdir(os.path.join(self.platform.data, "oci", "images", "layers")))


class OCIBombs(OCI):
    own_platform = True

    def test_an_image_that_unpacks_to_more_than_it_may_is_refused_and_leaves_nothing(self):
        self.platform = self.start_platform(APOLLO_OCI_IMAGE_SIZE="64Mi", APOLLO_OCI_IMAGE_FILES="5000")
        zeros = images.tar(("zeros", bytes(80 << 20), 0o644))
        crowd = images.tar(*((f"{number}/a/b/c", b"", 0o644) for number in range(1700)))
        for name, layer, setting in (("large", zeros, "oci.image.size"), ("crowded", crowd, "oci.image.files")):
            with self.subTest(image=name):
                image, _ = self.registry.push(f"bombs/{name}", [self.system, layer])
                outcome = self.oci("true", image=image)
                self.assertNotEqual(outcome.code, 0)
                self.assertIn("too large", outcome.err)
                self.assertIn(f"raise {setting}", outcome.err)
                folder = os.path.join(self.platform.data, "oci", "images")
                names = os.listdir(os.path.join(folder, "layers"))
                self.assertEqual([each for each in names if "staging" in each], [])
                self.assertNotIn(images.digest(layer).replace(":", "-"), names)
                self.assertEqual(os.listdir(os.path.join(folder, "downloads")), [])
        self.assertEqual(self.oci("echo", "small").out, "small\n")


class OCIUsers(OCI):
    """Users of containers: root in one is nobody outside."""

    FIRST, EACH = 1879048192, 65536

    @classmethod
    def start_platform(cls, **environment):
        return super().start_platform(APOLLO_MOUNTS_ALLOWED="/sys/kernel", **environment)

    def service(self, script="echo up; exec sleep 1000", *options, **named):
        """A container that runs; its name, its attempt, and the number of its first process."""
        name = self.unique("users")
        self.assertCode(self.oci("sh", "-c", script, options=("-d", "--name", name, *options), **named), 0)
        self.platform.await_output(name, "up\n")
        attempt = self.api.task(name)["attempts"][-1]["id"]
        with open(os.path.join(self.platform.data, "oci", "containers", attempt, "pid")) as file:
            return name, attempt, int(file.read())

    def first(self, pid):
        """The user behind root of a container."""
        with open(f"/proc/{pid}/uid_map") as file:
            inside, outside, count = map(int, file.read().split())
        self.assertEqual((inside, count), (0, self.EACH))
        with open(f"/proc/{pid}/gid_map") as file:
            self.assertEqual(file.read().split(), ["0", str(outside), str(self.EACH)])
        return outside

    def test_root_in_a_container_is_nobody_outside_and_no_other_containers_root(self):
        (one, attempt, pid), (other, _, second) = self.service(), self.service()
        first = self.first(pid)
        self.assertGreaterEqual(first, self.FIRST)
        self.assertEqual((first - self.FIRST) % self.EACH, 0)
        with open(f"/proc/{pid}/status") as file:
            self.assertIn("Uid:\t" + "\t".join([str(first)] * 4), file.read())
        self.assertNotEqual(self.first(second), first)
        outcome = self.apollo("task", "exec", one, "--", "sh", "-c", "id -u; cat /proc/self/uid_map")
        self.assertEqual(outcome.out.split(), ["0", "0", str(first), str(self.EACH)])
        self.assertEqual(self.api.task(one)["reason"], "running")
        # Nothing of it is left, and its users are free again.
        place = f"/run/apollo-oci/{attempt}"
        self.assertTrue(os.path.ismount(f"{place}/root"))
        self.assertEqual(os.listdir(place), ["root"])
        for name in (one, other):
            self.assertCode(self.apollo("task", "stop", "--grace", "0", name), 0)
        eventually(lambda: not os.path.exists(place), "the container's place is gone")
        with open("/proc/mounts") as file:
            self.assertNotIn(attempt, file.read())

    def test_files_of_an_image_and_of_volumes_belong_to_whom_they_say(self):
        owned = images.tar(
            ("srv/", None, 0o755), ("srv/root", b"r", 0o600), ("srv/worker", b"w", 0o640, 1234, 1235),
            ("srv/top", b"t", 0o644, 65535, 65535), ("srv/beyond", b"b", 0o644, 70000, 70000),
            ("srv/own/", None, 0o700, 1234, 1235),
        )
        image, _ = self.registry.push("test/owned", [self.system, owned])
        names = [f"/srv/{name}" for name in ("root", "worker", "top", "own", "beyond")]
        listing = self.oci("stat", "-c", "%n %u:%g %a", *names, image=image)
        self.assertEqual(listing.out.splitlines(), [
            "/srv/root 0:0 600", "/srv/worker 1234:1235 640", "/srv/top 65535:65535 644", "/srv/own 1234:1235 700",
            "/srv/beyond 65534:65534 644"])
        volume = self.unique("shared")
        mounted = ("--volume", f"{volume}:/data")
        outcome = self.oci(
            "sh", "-c",
            "echo more >> /srv/worker; busybox chown 1234 /data; echo 1 > /data/root; stat -c %u:%g /srv/worker",
            image=image, options=mounted)
        self.assertEqual((outcome.code, outcome.out), (0, "1234:1235\n"), outcome.err)
        outcome = self.oci(
            "sh", "-c", "cat /srv/worker; echo x > /srv/own/x; echo 2 > /data/worker; cat /srv/root; cat /data/root",
            image=image, options=(*mounted, "--user", "1234:1235"))
        self.assertEqual(outcome.out, "w1\n", outcome.err)
        self.assertIn("Permission denied", outcome.err)
        folder = os.path.join(self.platform.data, "volumes", "default", volume)
        found = {name: (status.st_uid, status.st_gid) for name in ("", "root", "worker")
                 for status in [os.stat(os.path.join(folder, name))]}
        self.assertEqual(found, {"": (1234, 0), "root": (0, 0), "worker": (1234, 1235)})

    def test_output_secrets_and_shared_memory_are_the_containers_own(self):
        file = self.scratch("word")
        with open(file, "w") as out:
            out.write("sesame")
        self.assertCode(self.apollo("secret", "set", "users-word", "--file", file), 0)
        script = (
            "cat /run/secrets/users-word; echo out > /dev/stdout; echo err > /dev/stderr; "
            "echo m > /dev/shm/m; cat /dev/shm/m")
        for options in ((), ("--user", "worker")):
            outcome = self.oci("sh", "-c", script, options=("--secret", "users-word", *options))
            self.assertEqual((outcome.code, outcome.out, outcome.err), (0, "sesameout\nm\n", "err\n"))
        name, _, _ = self.service()
        outcome = self.apollo("task", "exec", name, "--", "sh", "-c", "echo there > /dev/stdout")
        self.assertEqual((outcome.code, outcome.out), (0, "there\n"), outcome.err)
        outcome = self.apollo("task", "top", name)
        self.assertCode(outcome, 0)
        self.assertIn(name, outcome.out)

    def test_what_cannot_be_with_users_of_its_own_is_told(self):
        outcome = self.oci("true", options=("--port", "80:80"))
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("ip_unprivileged_port_start", outcome.err)
        outcome = self.oci("true", options=("--user", "70000"))
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("user or group 70000", outcome.err)
        # A file system that knows no other owners: the machine's users then, and the task says so.
        name, _, pid = self.service("echo up; exec sleep 1000", "--mount", "/sys/kernel:/kernel:ro")
        self.assertIn("its users are the machine's: /sys/kernel cannot be", self.api.task(name)["reason"])
        with open(f"/proc/{pid}/uid_map") as file:
            self.assertEqual(file.read().split(), ["0", "0", "4294967295"])


class OCIUsersChosen(OCI):
    own_platform = True

    def test_the_settings_say_whose_users_they_are(self):
        command = ("cat", "/proc/self/uid_map")
        self.platform = self.start_platform(APOLLO_OCI_USERNS="host")
        self.assertEqual(self.oci(*command).out.split(), ["0", "0", "4294967295"])
        self.platform.terminate()
        self.platform = self.start_platform(APOLLO_OCI_USERNS="always", APOLLO_OCI_SUBIDS="700000:131072",
                                            APOLLO_MOUNTS_ALLOWED="/sys/kernel")
        self.assertEqual(self.oci(*command).out.split(), ["0", "700000", "65536"])
        outcome = self.oci("true", options=("--mount", "/sys/kernel:/kernel:ro"))
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("cannot have users of its own", outcome.err)
        # There are users for two.
        names = [self.unique("share") for _ in range(2)]
        for name in names:
            self.assertCode(self.oci("sh", "-c", "echo up; exec sleep 1000", options=("-d", "--name", name)), 0)
            self.platform.await_output(name, "up\n")
        outcome = self.oci("true", options=("--restart", "never"))
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("oci.subids", outcome.err)
        self.platform.terminate()
        outcome = self.apollo("doctor", "--check", "oci", env={
            "APOLLO_OCI_ENABLED": "true", "APOLLO_OCI_SUBIDS": "no-such-user"})
        self.assertIn("/etc/subuid", outcome.out + outcome.err)


class OCISecured(OCI):
    own_platform = True

    def test_a_registry_is_told_who_asks(self):
        if not shutil.which("htpasswd"):
            self.skipTest("htpasswd is not installed")
        secured = images.Registry(credentials=("reader", "sesame"))
        self.addCleanup(secured.close)
        image, _ = secured.push("private/app", [self.system])
        file = self.scratch("registries.json")
        # It need not be there at the start, and is read whenever it is needed.
        self.platform = self.start_platform(APOLLO_OCI_CREDENTIALS=file)
        self.assertIn("oci.credentials", self.oci("true", image=image).err)
        with open(file, "w") as out:
            out.write("none")
        self.assertIn(file, self.oci("true", image=image).err)
        with open(file, "w") as out:
            json.dump({"auths": {secured.host: {"username": "reader", "password": "sesame"}}}, out)
        self.assertEqual(self.oci("echo", "in", image=image).out, "in\n")
        self.platform.terminate()
        self.platform = self.start_platform()
        outcome = self.oci("true", image=image)
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("who asks", outcome.err)

    def test_images_of_the_platforms_own_registry_are_run_after_a_login(self):
        file, root = self.scratch("registries.json"), self.scratch("root")
        os.makedirs(os.path.join(root, "bin"))
        shutil.copy(images.BUSYBOX, os.path.join(root, "bin", "echo"))
        self.platform = self.start_platform(APOLLO_OCI_CREDENTIALS=file)
        self.assertCode(self.apollo("image", "build", root, "app:1", "--entrypoint", "/bin/echo"), 0)
        image = f"{self.platform.address.split('//')[1]}/app:1"
        self.assertIn("apollo image login", self.oci("in", image=image).err)
        login = ("image", "login", "--file", file, "--permission", "read", "--on", "image://local/default/default")
        self.assertCode(self.apollo(*login), 0)
        self.assertEqual(self.oci("in", image=image).out, "in\n")

    def test_without_a_network_there_is_only_the_loopback(self):
        self.platform = self.start_platform(APOLLO_OCI_NETWORK="none")
        outcome = self.oci("sh", "-c", "cat /proc/net/dev | grep -c :")
        self.assertEqual(outcome.out, "1\n")
        # Its loopback is up: a program of the container may speak to another.
        outcome = self.oci("sh", "-c", "cat /sys/class/net/lo/carrier")
        self.assertEqual(outcome.out, "1\n", outcome.err)
        outcome = self.oci("sh", "-c", "grep -w localhost /etc/hosts | wc -l; grep -c $(hostname) /etc/hosts")
        self.assertEqual(outcome.out, "2\n1\n", outcome.err)
        outcome = self.oci("true", options=("--port", "8080"))
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("oci.network: none", outcome.err)


class OCIKilled(OCI):
    own_platform = True

    def test_a_launcher_that_sees_other_mounts_is_named(self):
        self.platform = self.start_platform()
        name = self.unique("stays")
        self.assertCode(self.oci("sleep", "1000", options=("-d", "--name", name)), 0)
        self.platform.await_state(name, "running")
        self.platform.kill9()
        # As a service manager may start it again.
        wrapper = self.scratch("apollo")
        with open(wrapper, "w") as file:
            file.write(f'#!/bin/sh\nexec unshare -m --propagation private {self.platform.binary} "$@"\n')
        os.chmod(wrapper, 0o755)
        self.platform.binary, binary = wrapper, self.platform.binary
        self.platform.restart()
        outcome = self.oci("true")
        self.assertNotEqual(outcome.code, 0)
        self.assertSays(outcome.err, "the launcher of containers", "other mounts", "systemd")
        # With the machine's mounts all is well again.
        self.platform.terminate()
        self.platform.binary = binary
        self.platform.restart()
        self.assertEqual(self.oci("echo", "well").out, "well\n")
        self.assertCode(self.apollo("task", "stop", name), 0)

    def test_what_runs_is_adopted_and_what_ended_is_known(self):
        self.platform = self.start_platform()
        gate = self.scratch("gate")
        os.mkdir(gate)
        options = ("--mount", f"{gate}:/gate")
        running, ended = self.unique("running"), self.unique("ended")
        wait = "echo up; while [ ! -e /gate/%s ]; do sleep 0.05; done; "
        for name, script in ((running, wait % "go" + "exit 5"), (ended, wait % "end" + "touch /gate/ended; exit 6")):
            self.assertCode(self.oci("sh", "-c", script, options=("-d", "--name", name, *options)), 0)
        self.platform.await_output(running, "up\n")
        self.platform.await_output(ended, "up\n")
        self.platform.kill9()
        open(os.path.join(gate, "end"), "w").close()
        eventually(lambda: os.path.exists(os.path.join(gate, "ended")), "the task has ended without a platform")
        self.platform.restart()
        after = self.platform.await_end(ended)
        self.assertEqual((after["attemptCount"], after["attempts"][0]["exitCode"]), (1, 6))
        self.assertEqual(self.api.task(running)["state"], "running")
        open(os.path.join(gate, "go"), "w").close()
        after = self.platform.await_end(running)
        self.assertEqual((after["attemptCount"], after["attempts"][0]["exitCode"]), (1, 5))
        containers = os.path.join(self.platform.data, "oci", "containers")
        eventually(lambda: os.listdir(containers) == [], "containers are gone")
