"""Google's own protobuf for Python against ours: run by test_protobuf.py, with the interpreter of scripts/python-tools.

    protobuf_peer.py DESCRIPTORS ECHO SEED COUNT

DESCRIPTORS is what `protoc --descriptor_set_out` wrote of samples.proto, ECHO the program protobuf-echo. Prints a line
for each thing that is not as it should be; the last line says how many messages were compared.
"""

import random
import struct
import subprocess
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

MAPS = range(61, 67)
LETTERS = ["a", "Z", "0", " ", "\0", "ß", "雲", "🛰", "\U0010ffff"]


def load(path):
    with open(path, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("apollo.samples.Everything"))


class Source:
    """Random messages of any type."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self, bits, signed):
        value = self.random.getrandbits(self.random.randint(1, bits))
        return value - (1 << bits) if signed and value >= 1 << (bits - 1) else value

    def value(self, field):
        kind = field.type
        if kind in (field.TYPE_DOUBLE, field.TYPE_FLOAT):
            special = [0.0, -0.0, 1.5, float("inf"), float("-inf"), 1e30, -2.25]
            return self.random.choice(special)
        if kind in (field.TYPE_INT32, field.TYPE_SINT32, field.TYPE_SFIXED32, field.TYPE_ENUM):
            return self.number(32, True)
        if kind in (field.TYPE_INT64, field.TYPE_SINT64, field.TYPE_SFIXED64):
            return self.number(64, True)
        if kind in (field.TYPE_UINT32, field.TYPE_FIXED32):
            return self.number(32, False)
        if kind in (field.TYPE_UINT64, field.TYPE_FIXED64):
            return self.number(64, False)
        if kind == field.TYPE_BOOL:
            return self.random.random() < 0.5
        if kind == field.TYPE_STRING:
            return "".join(self.random.choice(LETTERS) for _ in range(self.random.randint(0, 24)))
        return self.random.randbytes(self.random.randint(0, 40))

    def fill(self, message, depth=4):
        for field in message.DESCRIPTOR.fields:
            if self.random.random() < 0.6:
                continue
            repeated = field.label == field.LABEL_REPEATED
            of_messages = field.type == field.TYPE_MESSAGE
            if of_messages and field.message_type.GetOptions().map_entry:
                self.fill_map(getattr(message, field.name), field.message_type, depth)
            elif repeated:
                for _ in range(self.random.randint(0, 4)):
                    if not of_messages:
                        getattr(message, field.name).append(self.value(field))
                    elif depth:
                        self.fill(getattr(message, field.name).add(), depth - 1)
            elif not of_messages:
                setattr(message, field.name, self.value(field))
            elif depth:
                getattr(message, field.name).SetInParent()
                self.fill(getattr(message, field.name), depth - 1)
        return message

    def fill_map(self, entries, entry, depth):
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        for _ in range(self.random.randint(0, 4)):
            if value.type == value.TYPE_MESSAGE:
                self.fill(entries[self.value(key)], max(0, depth - 1))
            else:
                entries[self.value(key)] = self.value(value)

    def damaged(self, data):
        """The bytes cut short, or with some of them changed."""
        data = bytearray(data)
        if self.random.random() < 0.3:
            return bytes(data[: self.random.randint(0, len(data))])
        for _ in range(self.random.randint(1, 3)):
            if data:
                data[self.random.randrange(len(data))] = self.random.randrange(256)
        return bytes(data)


def pack(messages):
    return b"".join(struct.pack("<I", len(message)) + message for message in messages)


def unpack(data):
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def run(*command, given=b""):
    done = subprocess.run(command, input=given, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}")
    return list(unpack(done.stdout))


def canonical(message):
    return message.SerializeToString(deterministic=True)


def compare(everything, echo, source, count):
    """Theirs read and written by ours, whether it knows the fields or not."""
    sent = [source.fill(everything()) for _ in range(count)]
    for type_name in ("Everything", "Something", "Nothing"):
        answers = run(echo, "echo", type_name, given=pack(m.SerializeToString() for m in sent))
        for index, (message, answer) in enumerate(zip(sent, answers, strict=True)):
            if answer[0] != 0:
                print(f"message {index}, as {type_name}, is refused: {answer[1:].decode()}")
            elif canonical(everything.FromString(answer[1:])) != canonical(message):
                print(f"message {index}, as {type_name}, comes back as another")
    return sent


def compare_ours(everything, echo, seed, count):
    """Ours read and written by theirs."""
    made = run(echo, "make", seed, str(count))
    again = []
    for index, data in enumerate(made):
        message = everything.FromString(data)
        if len(UnknownFieldSet(message)):
            print(f"our message {index} has fields that they do not know")
        again.append(canonical(message))
    run(echo, "check", seed, str(count), given=pack(again))


def compare_damaged(everything, echo, source, sent):
    """Both read or refuse what is damaged, and read the same."""
    damaged = [source.damaged(message.SerializeToString()) for message in sent for _ in range(4)]
    answers = run(echo, "echo", "Everything", given=pack(damaged))
    read = 0
    for data, answer in zip(damaged, answers, strict=True):
        try:
            theirs = everything.FromString(data)
        except DecodeError:
            theirs = None
        ours = answer[0] == 0
        if ours != (theirs is not None):
            print(f"{data.hex()}: ours {'reads it' if ours else answer[1:].decode()}, theirs does otherwise")
        elif ours:
            read += 1
            # Theirs takes a map's entry that has fields of no entry for an unknown field; C++ and ours pass these over.
            if any(field.field_number in MAPS for field in UnknownFieldSet(theirs)):
                continue
            if canonical(everything.FromString(answer[1:])) != canonical(theirs):
                print(f"{data.hex()}: read as another")
    return len(damaged), read


def main():
    descriptors, echo, seed, count = sys.argv[1:]
    everything, source = load(descriptors), Source(int(seed))
    sent = compare(everything, echo, source, int(count))
    compare_ours(everything, echo, seed, int(count))
    damaged, read = compare_damaged(everything, echo, source, sent)
    print(f"compared {3 * len(sent)} of theirs, {count} of ours, {damaged} damaged ({read} read all the same)")


if __name__ == "__main__":
    main()
