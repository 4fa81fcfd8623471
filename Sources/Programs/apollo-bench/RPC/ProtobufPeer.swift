import Benchmarks
import Core
import Glibc
import Protobuf

/// Debian's libprotobuf, under a program of a few lines that is compiled for the run.
struct ProtobufPeer: Sendable {
    static let peer = Peer(
        "libprotobuf", installation: "apt-get install g++ protobuf-compiler libprotobuf-dev"
    ) { workshop in
        let needed = ["/usr/bin/protoc", "/usr/bin/g++", "/usr/include/google/protobuf/message.h"]
        guard needed.allSatisfy({ access($0, R_OK) == 0 }) else { return nil }
        // "libprotoc 3.21.12"
        let said = try await workshop.run("protoc", ["--version"]).output
        return said.split(separator: " ").last.map { String($0.prefix { !$0.isWhitespace }) }
    }

    private let program: String
    private let message: String
    private let workshop: Workshop

    static func build(in workshop: Workshop, message: [UInt8]) async throws -> ProtobufPeer {
        // What protoc made our code of goes back to it, so that both sides have the same messages.
        let file = ProtobufFile.rpcReport
        let descriptors = try workshop.write(file.descriptorSet, to: "descriptors.bin")
        let bytes = try workshop.write(message, to: "message.bin")
        let source = try workshop.write(text, to: "peer.cc")
        let directory = workshop.directory
        _ = try await workshop.run(
            "protoc", ["--descriptor_set_in=\(descriptors)", "--cpp_out=\(directory)", file.name])
        let program = workshop.path("peer")
        _ = try await workshop.run(
            "g++",
            [
                "-O2", "-std=c++17", "-I\(directory)", "-o", program, source,
                workshop.path("RPC/report.pb.cc"), "-lprotobuf", "-lpthread",
            ], within: .seconds(180))
        return ProtobufPeer(program: program, message: bytes, workshop: workshop)
    }

    /// MB/s of one run.
    func sample(_ verb: String, _ time: Duration) async throws -> Double {
        let said = try await workshop.run(program, [verb, message, "\(time.inMicroseconds)"]).output
        guard let rate = Double(said.prefix { !$0.isWhitespace }) else {
            throw ApolloError(.internal, "the peer says '\(said.prefix(100))' where its rate should be")
        }
        return rate
    }

    private static let text = """
        #include "RPC/report.pb.h"
        #include <chrono>
        #include <cstdlib>
        #include <fstream>
        #include <iostream>
        #include <iterator>
        #include <memory>

        int main(int, char **arguments) {
            bool encodes = std::string(arguments[1]) == "encode";
            std::ifstream file(arguments[2], std::ios::binary);
            std::string bytes{std::istreambuf_iterator<char>(file), {}};
            auto limit = std::chrono::microseconds(std::atoll(arguments[3]));
            apollo::bench::Report report;
            if (!report.ParseFromString(bytes)) return 1;
            auto start = std::chrono::steady_clock::now();
            long rounds = 0;
            while (true) {
                for (int i = 0; i < 50; i++) {
                    if (encodes) {
                        std::string written;
                        if (!report.SerializeToString(&written) || written.size() != bytes.size()) return 2;
                    } else {
                        auto read = std::make_unique<apollo::bench::Report>();
                        if (!read->ParseFromString(bytes) || read->tasks_size() != report.tasks_size()) return 3;
                    }
                }
                rounds += 50;
                auto spent = std::chrono::steady_clock::now() - start;
                if (spent < limit) continue;
                double micros = std::chrono::duration<double, std::micro>(spent).count();
                std::cout << rounds * double(bytes.size()) / micros << std::endl;
                return 0;
            }
        }
        """
}
