// Calls a gRPC server that is not ours, for tests: rpc-caller PORT. Each line of its output is one call and what came of it.
import Concurrency
import Core
import Glibc
import RPC
import RPCModel

let text = RPCCodec<String>(encode: { Array($0.utf8) }, decode: { String(decoding: $0, as: UTF8.self) })

enum Peer {
    static let say = method("Say", .unary)
    static let fail = method("Fail", .unary)
    static let missing = method("Missing", .unary)
    static let hang = method("Hang", .unary)
    static let count = method("Count", .serverStreaming)
    static let sum = method("Sum", .clientStreaming)
    static let chat = method("Chat", .bidirectional)
    static let endless = method("Endless", .serverStreaming)

    static func method(_ name: String, _ kind: RPCKind) -> RPCMethod<String, String> {
        RPCMethod(service: "test.Peer", name: name, kind: kind, request: text, response: text)
    }
}

struct Caller {
    let channel: RPCChannel

    func tell(_ name: String, _ call: () async throws -> String) async {
        do { print("\(name): \(try await call())") } catch let error as RPCError {
            let details = [error.hint.map { "hint \($0)" }] + error.fields.map { "\($0.path) \($0.message)" }
            print(
                "\(name): \(error.code), \(([error.message] + details.compactMap(\.self)).joined(separator: ", "))"
            )
        } catch { print("\(name): \(error)") }
        fflush(nil)
    }

    func run() async throws {
        var metadata = RPCMetadata()
        try metadata.add("x-word", "here")
        let patient = RPCCallOptions(timeout: .seconds(60), metadata: metadata, waitsForConnection: true)
        await tell("unary") { try await channel.call(Peer.say, "hello", options: patient) }
        await tell("failure") { try await channel.call(Peer.fail, "x") }
        await tell("no such method") { try await channel.call(Peer.missing, "x").description }
        await tell("deadline") {
            do {
                return try await channel.call(
                    Peer.hang, "x", options: RPCCallOptions(timeout: .milliseconds(300)))
            } catch let error as RPCError where error.code == .deadlineExceeded {
                return "exceeded"
            }
        }
        await tell("answers") {
            try await channel.call(Peer.count, "1000") { answers in
                var count = 0
                for try await answer in answers where answer == "\(count)" { count += 1 }
                return "\(count)"
            }
        }
        await tell("requests") {
            try await channel.call(Peer.sum) { requests, answers in
                for index in 1...1000 { try await requests.write("\(index)") }
                try await requests.finish()
                return try await answers.next() ?? "none"
            }
        }
        let beating = RPCCallOptions(heartbeat: RPCHeartbeat(every: .milliseconds(100)))
        await tell("both, to a server without heartbeats") {
            try await channel.call(Peer.chat, options: beating) { requests, answers in
                try await requests.write("a")
                let first = try await answers.next() ?? "none"
                try await requests.finish()
                return try await answers.next() == nil ? first : "more"
            }
        }
        await tell("left in the middle") {
            try await channel.call(Peer.endless, "x") { try await $0.next() ?? "none" }
        }
        await tell("a server that is killed") {
            do {
                return try await channel.call(Peer.endless, "to the end") { answers in
                    var count = 0
                    while try await answers.next() != nil {
                        count += 1
                        if count == 1 {
                            print("reading")
                            fflush(nil)
                        }
                    }
                    return "ended well"
                }
            } catch let error as RPCError where error.code == .unavailable {
                return "unavailable"
            }
        }
    }
}

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else { exit(2) }
let poller = RPCPoller(name: "rpc-caller")
let channel = try RPCChannel(
    .tcp("127.0.0.1", port), configuration: RPCChannelConfiguration(environment: .live), poller: poller)
try await Caller(channel: channel).run()
