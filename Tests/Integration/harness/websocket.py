"""A WebSocket of the tests' own (RFC 6455), frame by frame."""

import base64
import json
import os
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The server answered with another status than 101."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:500]!r}")
        self.status, self.body = status, body

    def json(self):
        return json.loads(self.body)


class WebSocket:
    def __init__(self, api, path, token=True, headers=None):
        connection = api.connect()
        fields = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **api.headers(headers, token),
        }
        connection.putrequest("GET", path)
        for name, value in fields.items():
            connection.putheader(name, value)
        connection.endheaders()
        self.socket = connection.sock
        self.stream = self.socket.makefile("rb")
        status = int(self.stream.readline().split()[1])
        length = 0
        while line := self.stream.readline().strip():
            name, _, value = line.decode().partition(":")
            if name.lower() == "content-length":
                length = int(value)
        if status != 101:
            body = self.stream.read(length)
            self.cut()
            raise Refused(status, body)

    def send(self, opcode, data):
        mask = os.urandom(4)
        if len(data) < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(data))
        elif len(data) < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(data))
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, len(data))
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def say(self, **event):
        self.send(TEXT, json.dumps(event).encode())

    def give(self, data):
        self.send(BINARY, data)

    def receive(self):
        """The next message as (opcode, bytes); a close frame too, None when the connection ends without one."""
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                return None
            length = head[1] & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", self.stream.read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.stream.read(8))
            data = self.stream.read(length)
            if head[0] & 0x0F == PING:
                self.send(PONG, data)
            elif head[0] & 0x0F != PONG:
                return head[0] & 0x0F, data

    def event(self):
        """The next text message, read; binary ones before it are an error."""
        opcode, data = self.receive()
        if opcode != TEXT:
            raise AssertionError(f"no text: {opcode} {data[:200]!r}")
        return json.loads(data)

    def close(self):
        self.send(CLOSE, struct.pack("!H", 1000))

    def cut(self):
        self.stream.close()
        self.socket.close()
