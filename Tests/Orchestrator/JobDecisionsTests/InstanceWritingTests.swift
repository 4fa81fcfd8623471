import ClusterModel
import Core
import Documents
import JobModel
import Testing

struct InstanceWritingTests {
    private let time = Timestamp(microseconds: 1_790_000_000_123_000)

    private func written(_ instance: JobInstance) -> String {
        var writer = JSONWriter()
        instance.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func encoded(_ instance: JobInstance) throws -> String {
        String(decoding: try JSONWriter.bytes(encodingInOrder: instance), as: UTF8.self)
    }

    private var full: JobInstance {
        var instance = JobInstance(
            task: TaskID(time: time, random: 9), name: "web-\"1\"", group: "web", index: 3, node: "one",
            version: 4,
            attempt: 5, createdAt: time)
        instance.run = 6
        instance.phase = .failed
        instance.runningSince = time
        instance.readySince = time
        instance.endedAt = time
        instance.exitCode = -1
        instance.reason = "exit code 255\n"
        instance.notBefore = time
        return instance
    }

    @Test func `an instance with all there can be is written as its encoding has it, and reads back`() throws
    {
        #expect(written(full) == (try encoded(full)))
        #expect(try JSONReader.decode(JobInstance.self, from: Array(written(full).utf8)) == full)
        // What is nil is in neither, so that a member that was forgotten would not be missed.
        for child in Mirror(reflecting: full).children {
            let mirror = Mirror(reflecting: child.value)
            #expect(
                mirror.displayStyle != .optional || !mirror.children.isEmpty, "\(child.label ?? "") is nil")
        }
    }

    @Test func `an instance of the least there can be is written as its encoding has it`() throws {
        let instance = JobInstance(
            task: TaskID(time: time, random: 9), name: "", group: "", index: 0, version: 1, createdAt: time)
        #expect(written(instance) == (try encoded(instance)))
    }
}
