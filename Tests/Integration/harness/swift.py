"""A store of S3 that is not ours, on disk: OpenStack Swift with its s3api, four servers on free ports of loopback."""

import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

from .tools import python_tools
from .waiting import eventually

KINDS = ("account", "container", "object")

COMMON = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
mount_check = false
devices = {root}/srv
swift_dir = {root}
recon_cache_path = {root}/cache
"""

SERVER = """[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

PROXY = """[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
""" + "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in (
    "catch_errors", "listing_formats", "copy", "slo", "dlo"))


class Swift:
    """Starts when it is made."""

    creds = ("test:tester", "testing")

    def __init__(self):
        self.tools = os.path.dirname(python_tools())
        self.root = tempfile.mkdtemp(prefix="apollo-swift-", dir="/tmp")
        self.processes = []
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self):
        for name in ("srv/d1", "cache"):
            os.makedirs(os.path.join(self.root, name))
        self.write("swift.conf", "[swift-hash]\nswift_hash_path_suffix = test\n")
        ports = self.free_ports(4)
        for kind, port in zip(KINDS, ports):
            builder = os.path.join(self.root, f"{kind}.builder")
            for words in (["create", "2", "1", "0"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
                subprocess.run([self.tool("ring-builder"), builder, *words], check=True, stdout=subprocess.DEVNULL)
            self.serve(kind, port, SERVER.format(kind=kind))
        self.serve("proxy", ports[3], PROXY)
        self.address = f"http://127.0.0.1:{ports[3]}"
        eventually(self.answers, "Swift answers")

    def tool(self, name):
        return os.path.join(self.tools, f"swift-{name}")

    @staticmethod
    def free_ports(count):
        held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        ports = [one.getsockname()[1] for one in held]
        for one in held:
            one.close()
        return ports

    def write(self, name, text):
        path = os.path.join(self.root, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def serve(self, kind, port, text):
        path = self.write(f"{kind}.conf", COMMON.format(port=port, root=self.root) + text)
        with open(os.path.join(self.root, f"{kind}.log"), "w") as log:
            self.processes.append(
                subprocess.Popen(
                    [self.tool(f"{kind}-server"), path], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env={**os.environ, "SWIFT_DIR": self.root}))

    def answers(self):
        for process in self.processes:
            if process.poll() is not None:
                raise AssertionError(f"a server of Swift ended: {self.log()}")
        try:
            urllib.request.urlopen(self.address, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def log(self):
        text = ""
        for kind in (*KINDS, "proxy"):
            path = os.path.join(self.root, f"{kind}.log")
            if os.path.exists(path):
                with open(path) as file:
                    text += file.read()[-1000:]
        return text

    def close(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(60)
        shutil.rmtree(self.root, ignore_errors=True)
