"""Questions to a name server, by dig and as bytes."""

import re
import socket
import struct
import subprocess


def address_of(directory):
    """Where it answers DNS, as its file says; None while there is none."""
    try:
        with open(f"{directory}/dns-address") as file:
            return file.read().split()[0]
    except (OSError, IndexError):
        return None


class Answer:
    """What dig printed."""

    def __init__(self, text):
        self.text = text
        found = re.search(r"status: (\w+)", text)
        self.status = found and found.group(1)
        self.flags = re.search(r"flags: ([\w ]*);", text).group(1).split() if found else []
        self.records = [line.split(None, 4) for line in text.splitlines() if line and not line.startswith(";")]

    def data(self, kind):
        return [record[4] for record in self.records if record[3] == kind]


def dig(server, name, kind="A", *options):
    host, port = server.rsplit(":", 1)
    words = ["dig", f"@{host.strip('[]')}", "-p", port, "+tries=1", "+timeout=10", "+noignore", *options, name, kind]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return Answer(done.stdout)


def question(name, kind=1, identifier=0x1234):
    header = struct.pack(">HHHHHH", identifier, 0x0100, 1, 0, 0, 0)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return header + labels + b"\0" + struct.pack(">HH", kind, 1)


def udp(server):
    """A socket that is connected to the server."""
    host, port = server.rsplit(":", 1)
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(20)
    made.connect((host, int(port)))
    return made
