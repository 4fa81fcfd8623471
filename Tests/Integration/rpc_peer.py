"""A gRPC client that is not ours: reads one call per line of its input, and writes what came of it as a line of JSON.

    rpc_peer.py ADDRESS [AUTHORITIES]

The messages' classes come from the server, by reflection.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pb2, json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

PATIENCE = 60


def say(**fields):
    print(json.dumps(fields), flush=True)


def as_fields(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def failure(error):
    """The status and its details, as a client of gRPC reads them."""
    found = {"code": error.code().name, "message": error.details()}
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            found.update(domain=info.domain, reason=info.reason, hint=info.metadata.get("hint"))
        elif detail.Unpack(request):
            found["fields"] = {one.field: one.description for one in request.field_violations}
    return found


class Peer:
    def __init__(self, address, authorities):
        self.channel = (
            grpc.secure_channel(address, grpc.ssl_channel_credentials(open(authorities, "rb").read()))
            if authorities
            else grpc.insecure_channel(address)
        )
        self.database = self.pool = None

    def described(self, service):
        if self.pool is None:
            self.database = ProtoReflectionDescriptorDatabase(self.channel)
            self.pool = DescriptorPool(self.database)
        return self.pool.FindServiceByName(service)

    def metadata(self, order):
        pairs = [("authorization", f"Bearer {token}") for token in order.get("tokens", [])]
        return pairs + [tuple(pair) for pair in order.get("metadata", [])]

    def call(self, order):
        path = "/{service}/{method}".format(**order)
        if "bytes" in order:
            # A prefix of a message, and how often its last byte follows.
            start, count = order["bytes"]
            data = bytes.fromhex(start) + bytes(count)
            answer = self.channel.unary_unary(path)(data, metadata=self.metadata(order), timeout=PATIENCE)
            return say(code="OK", size=len(answer))
        method = self.described(order["service"]).methods_by_name[order["method"]]
        request = json_format.ParseDict(order.get("request", {}), message_factory.GetMessageClass(method.input_type)())
        stub = (self.channel.unary_stream if method.server_streaming else self.channel.unary_unary)(
            path,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        answer = stub(request, metadata=self.metadata(order), timeout=order.get("timeout", PATIENCE))
        if not method.server_streaming:
            return say(code="OK", answer=as_fields(answer))
        for count, event in enumerate(answer, 1):
            say(event=as_fields(event))
            if count == order.get("cancel_after"):
                answer.cancel()
        return say(code="OK")

    def reflect(self, order):
        """What of published messages is not as the server describes it."""
        wrong = []
        for published, prefix in ((health_pb2, "grpc.health.v1"), (reflection_pb2, "grpc.reflection.v1")):
            found = self.described("grpc.health.v1.Health" if published is health_pb2 else prefix + ".ServerReflection")
            ours, theirs = descriptor_pb2.FileDescriptorProto(), descriptor_pb2.FileDescriptorProto()
            found.file.CopyToProto(ours)
            published.DESCRIPTOR.CopyToProto(theirs)
            wrong += differences(ours, theirs)
        say(code="OK", services=self.database.get_services(), wrong=wrong)


def differences(ours, theirs):
    def shape(file):
        shapes = set()
        for message in file.message_type:
            for field in message.field:
                kind = field.type_name.rsplit(".", 1)[-1]
                group = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""
                shapes.add((message.name, field.name, field.number, field.type, field.label, kind, group))
            for enum in message.enum_type:
                shapes |= {(message.name, enum.name, value.name, value.number) for value in enum.value}
        for service in file.service:
            shapes |= {
                (service.name, m.name, m.input_type.rsplit(".", 1)[-1], m.output_type.rsplit(".", 1)[-1],
                 m.client_streaming, m.server_streaming)
                for m in service.method
                # Came later than what is published here.
                if m.name != "List"
            }
        return shapes

    return sorted(map(str, shape(ours) ^ shape(theirs)))


def main():
    peer = Peer(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    say(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            peer.reflect(order) if order.get("reflect") else peer.call(order)
        except grpc.RpcError as error:
            say(**failure(error))


main()
