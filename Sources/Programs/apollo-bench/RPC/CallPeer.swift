import Benchmarks
import Core
import Glibc
import Protobuf

/// Debian's gRPC for C++ over the same core: asynchronous calls on one completion queue and one thread, on both sides, which
/// is its quickest way of one thread.
struct CallPeer: Sendable {
    static let peer = Peer(
        "libgrpc++", installation: "apt-get install g++ protobuf-compiler-grpc libgrpc++-dev libprotobuf-dev"
    ) { workshop in
        let needed = ["/usr/bin/grpc_cpp_plugin", "/usr/bin/g++", "/usr/include/grpcpp/grpcpp.h"]
        guard needed.allSatisfy({ access($0, R_OK) == 0 }) else { return nil }
        return try await workshop.run("pkg-config", ["--modversion", "grpc++"]).output
            .split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    private let program: String
    private let port: String
    private let workshop: Workshop

    static func start(in workshop: Workshop) async throws -> CallPeer {
        let program = try await build(in: workshop)
        let child = try workshop.start(program, ["serve"], log: "peer-server")
        let port = try await workshop.waiting(for: "the start of the peer") {
            guard child.isRunning else { throw ApolloError(.unavailable, "the peer ended") }
            let text = try TextFile.read(workshop.path("peer-server")) ?? ""
            return text.hasSuffix("\n") ? String(text.dropLast()) : nil
        }
        return CallPeer(program: program, port: port, workshop: workshop)
    }

    /// Compiles the peer; its messages are those that our code was made of.
    private static func build(in workshop: Workshop) async throws -> String {
        let file = ProtobufFile.rpcEcho
        let descriptors = try workshop.write(file.descriptorSet, to: "echo.bin")
        let directory = workshop.directory
        _ = try await workshop.run(
            "protoc",
            [
                "--descriptor_set_in=\(descriptors)", "--cpp_out=\(directory)", "--grpc_out=\(directory)",
                "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin", file.name,
            ])
        let program = workshop.path("call-peer")
        _ = try await workshop.run(
            "g++",
            [
                "-O2", "-std=c++17", "-I\(directory)", "-o", program,
                try workshop.write(source, to: "call-peer.cc"), workshop.path("RPC/echo.pb.cc"),
                workshop.path("RPC/echo.grpc.pb.cc"), "-lgrpc++", "-lgrpc", "-lgpr", "-lprotobuf",
                "-labsl_synchronization", "-lpthread",
            ], within: .seconds(300))
        return program
    }

    func sample(_ words: [String]) async throws -> Double {
        let said = try await workshop.run(program, [words[0], port] + words.dropFirst()).output
        guard let rate = Double(said.prefix { !$0.isWhitespace }) else {
            throw ApolloError(.internal, "the peer says '\(said.prefix(100))' where its rate should be")
        }
        return rate
    }

    private static let source = """
        #include "RPC/echo.grpc.pb.h"
        #include <grpcpp/grpcpp.h>
        #include <chrono>
        #include <cstdlib>
        #include <iostream>
        #include <memory>

        using apollo::bench::Amount;
        using apollo::bench::Echo;
        using apollo::bench::Payload;
        using Clock = std::chrono::steady_clock;

        struct Step { virtual ~Step() = default; virtual void go(bool ok) = 0; };

        struct Say : Step {
            Say(Echo::AsyncService &service, grpc::ServerCompletionQueue &queue)
                : service(service), queue(queue), writer(&context) {
                service.RequestSay(&context, &request, &writer, &queue, &queue, this);
            }
            void go(bool ok) override {
                if (done || !ok) { delete this; return; }
                new Say(service, queue);
                done = true;
                writer.Finish(request, grpc::Status::OK, this);
            }
            Echo::AsyncService &service;
            grpc::ServerCompletionQueue &queue;
            grpc::ServerContext context;
            grpc::ServerAsyncResponseWriter<Payload> writer;
            Payload request;
            bool done = false;
        };

        struct Count : Step {
            Count(Echo::AsyncService &service, grpc::ServerCompletionQueue &queue)
                : service(service), queue(queue), writer(&context) {
                payload.set_data(std::string(64, 7));
                service.RequestCount(&context, &request, &writer, &queue, &queue, this);
            }
            void go(bool ok) override {
                if (done || !ok) { delete this; return; }
                if (!begun) { begun = true; new Count(service, queue); }
                if (sent < request.count()) { sent++; writer.Write(payload, this); return; }
                done = true;
                writer.Finish(grpc::Status::OK, this);
            }
            Echo::AsyncService &service;
            grpc::ServerCompletionQueue &queue;
            grpc::ServerContext context;
            grpc::ServerAsyncWriter<Payload> writer;
            Amount request;
            Payload payload;
            long sent = 0;
            bool begun = false, done = false;
        };

        int serve() {
            Echo::AsyncService service;
            grpc::ServerBuilder builder;
            int port = 0;
            builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
            builder.RegisterService(&service);
            auto queue = builder.AddCompletionQueue();
            auto server = builder.BuildAndStart();
            for (int i = 0; i < 64; i++) new Say(service, *queue);
            new Count(service, *queue);
            std::cout << port << std::endl;
            void *tag; bool ok;
            while (queue->Next(&tag, &ok)) static_cast<Step *>(tag)->go(ok);
            return 0;
        }

        struct Call {
            std::unique_ptr<grpc::ClientContext> context;
            std::unique_ptr<grpc::ClientAsyncResponseReader<Payload>> reader;
            Payload response;
            grpc::Status status;
        };

        int unary(Echo::Stub &stub, int concurrency, std::chrono::microseconds time) {
            grpc::CompletionQueue queue;
            Payload request;
            std::string data;
            for (int i = 0; i < 64; i++) data.push_back(char(i));
            request.set_data(data);
            auto start = Clock::now();
            auto begin = [&](Call *call) {
                call->context = std::make_unique<grpc::ClientContext>();
                call->response.Clear();
                call->reader = stub.AsyncSay(call->context.get(), request, &queue);
                call->reader->Finish(&call->response, &call->status, call);
            };
            for (int i = 0; i < concurrency; i++) begin(new Call);
            long count = 0; int running = concurrency;
            void *tag; bool ok;
            while (running > 0 && queue.Next(&tag, &ok)) {
                auto call = static_cast<Call *>(tag);
                if (!ok || !call->status.ok() || call->response.data() != data) return 2;
                count++;
                if (Clock::now() - start < time) begin(call); else running--;
            }
            std::cout << count / std::chrono::duration<double>(Clock::now() - start).count() << std::endl;
            return 0;
        }

        int stream(Echo::Stub &stub, long messages) {
            grpc::CompletionQueue queue;
            auto start = Clock::now();
            grpc::ClientContext context;
            Amount amount;
            amount.set_count(messages);
            int step = 1;
            auto reader = stub.AsyncCount(&context, amount, &queue, &step);
            Payload payload;
            void *tag; bool ok;
            queue.Next(&tag, &ok);
            long count = 0;
            while (true) {
                reader->Read(&payload, &step);
                queue.Next(&tag, &ok);
                if (!ok) break;
                if (payload.data().size() == 64) count++;
            }
            grpc::Status status;
            reader->Finish(&status, &step);
            queue.Next(&tag, &ok);
            if (!status.ok() || count != messages) return 3;
            std::cout << count / std::chrono::duration<double>(Clock::now() - start).count() << std::endl;
            return 0;
        }

        int main(int, char **arguments) {
            std::string verb = arguments[1];
            if (verb == "serve") return serve();
            auto channel = grpc::CreateChannel(std::string("127.0.0.1:") + arguments[2], grpc::InsecureChannelCredentials());
            auto stub = Echo::NewStub(channel);
            if (verb == "unary") return unary(*stub, std::atoi(arguments[3]), std::chrono::microseconds(std::atoll(arguments[4])));
            return stream(*stub, std::atol(arguments[3]));
        }
        """
}

extension ProtobufFile {
    /// A `FileDescriptorSet` of this file alone, as `protoc --descriptor_set_in` reads it.
    var descriptorSet: [UInt8] {
        var set: [UInt8] = [0x0a]
        var length = descriptor.count
        while length >= 0x80 {
            set.append(UInt8(length & 0x7f | 0x80))
            length >>= 7
        }
        return set + [UInt8(length)] + descriptor
    }
}
