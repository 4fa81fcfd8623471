"""A gRPC server that is not ours, of text as bytes: prints its port, then what it notices of its callers."""

import itertools
from concurrent import futures

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status


def say(request, context):
    words = [value for key, value in context.invocation_metadata() if key == "x-word"]
    return request + b" " + " ".join(words).encode() + (b" in time" if context.time_remaining() < 61 else b" never")


def fail(request, context):
    details = []
    for detail in (
        error_details_pb2.ErrorInfo(domain="apollo", reason="conflict", metadata={"hint": "try another"}),
        error_details_pb2.BadRequest(
            field_violations=[error_details_pb2.BadRequest.FieldViolation(field="text", description="is taken")]
        ),
    ):
        packed = any_pb2.Any()
        packed.Pack(detail)
        details.append(packed)
    context.abort_with_status(
        rpc_status.to_status(status_pb2.Status(code=code_pb2.ABORTED, message="not now", details=details))
    )


def hang(request, context):
    done = futures.Future()
    context.add_callback(lambda: done.set_result(None))
    done.result(60)
    return b""


def count(request, context):
    for index in range(int(request)):
        yield str(index).encode()


def total(requests, context):
    return str(sum(int(request) for request in requests)).encode()


def chat(requests, context):
    for request in requests:
        yield request + b"!"


def endless(request, context):
    if request == b"x":
        context.add_callback(lambda: print("a caller left", flush=True))
    for index in itertools.count():
        yield str(index).encode()
        if not context.is_active():
            return


handlers = {
    "Say": grpc.unary_unary_rpc_method_handler(say),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "Hang": grpc.unary_unary_rpc_method_handler(hang),
    "Count": grpc.unary_stream_rpc_method_handler(count),
    "Sum": grpc.stream_unary_rpc_method_handler(total),
    "Chat": grpc.stream_stream_rpc_method_handler(chat),
    "Endless": grpc.unary_stream_rpc_method_handler(endless),
}
server = grpc.server(futures.ThreadPoolExecutor(8))
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Peer", handlers)])
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination(120)
