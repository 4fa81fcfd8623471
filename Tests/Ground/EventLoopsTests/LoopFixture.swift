import Concurrency
import Core
import EventLoops
import Glibc
import Synchronization

/// Runs `body` with loops of its own, which are stopped whatever happens, and all of it within a minute.
func withLoops(
    _ count: Int = 1, _ body: @escaping @Sendable (EventLoopGroup) async throws -> Void
) async throws {
    let group = try EventLoopGroup(count: count, name: "test")
    do {
        try await withDeadline(.seconds(60), clock: LiveClock(), of: "the test") { try await body(group) }
    } catch {
        await group.stop()
        throw error
    }
    await group.stop()
}

/// A directory of its own under the temporary one, removed after `body`.
func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/apollo-loops-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ApolloError(.unavailable, "mkdtemp failed") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for name in ["socket", "plain"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }
    try await body(path)
}

/// A value that tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }
    func set(_ value: Value) { state.withLock { $0 = value } }
    func update(_ change: @Sendable (inout Value) -> Void) { state.withLock { change(&$0) } }
}
